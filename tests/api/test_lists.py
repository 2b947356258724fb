"""Lists: pages, cursors and counts, and what is refused about them."""

import base64

import orjson
import pytest
from sqlmodel import Session

from models.repositories.promoters import find_promoter
from models.session import write_session
from tests.support.queries import count_queries
from tests.support.stored_records import add_community

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
MEMBERS = f"""query ($first: Int, $after: String) {{
  communities(first: 1) {{ edges {{ node {{
    members(first: $first, after: $after) {{ totalCount {PAGE} edges {{ cursor node {{ code }} }} }}
  }} }} }}
}}"""
SUPPLY = f"""query ($first: Int, $after: String) {{
  communities(first: 1) {{ edges {{ node {{ installations {{ edges {{ node {{
    memberships(first: $first, after: $after) {{
      totalCount {PAGE} edges {{ cursor node {{ position }} }}
    }}
  }} }} }} }} }} }}
}}"""


def seal(*content: object) -> str:
    """Forge a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode()


def members_page(api, **page):
    (edge,) = api.ask(MEMBERS, **page)["communities"]["edges"]
    return edge["node"]["members"]


def memberships_page(api, **page):
    (edge,) = api.ask(SUPPLY, **page)["communities"]["edges"]
    return edge["node"]["installations"]["edges"][0]["node"]["memberships"]


def own_promoter(session: Session):
    return find_promoter(session, name="Ajuntament de la Peña").id


@pytest.mark.parametrize(
    ("read", "field", "expected"),
    [(members_page, "code", ["M1", "M2", "M3", "R1"]), (memberships_page, "position", [0, 1, 2])],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_follow_each_other_without_gap_or_repetition(api, read, field, expected, size):
    seen, after, pages = [], None, 0
    while True:
        page = read(api, first=size, after=after)
        assert page["totalCount"] == len(expected)
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        seen += [edge["node"][field] for edge in page["edges"]]
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == expected
    assert pages == -(-len(expected) // size)


@pytest.mark.parametrize("read", [members_page, memberships_page])
def test_an_empty_page_tells_the_size(api, read):
    page = read(api, first=0)
    assert page["edges"] == []
    assert page["totalCount"] == len(read(api)["edges"])
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("query", [MEMBERS, SUPPLY])
@pytest.mark.parametrize("first", [-1, 101, 2**31 - 1])
def test_page_sizes_out_of_range_are_refused(api, query, first):
    error = api.error(query, first=first)
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert error["message"] == f"first: {first} is not between 0 and 100"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "ñ",
        "bm8=",
        seal(),
        seal("members"),
        seal("members", "str", "M1"),
        seal("members", "str", "M1", "not a key"),
        seal("members", "int", 1, "00000000-0000-0000-0000-000000000001"),
        seal("members", "str", 1, "00000000-0000-0000-0000-000000000001"),
        seal("communities", "str", "M1", "00000000-0000-0000-0000-000000000001"),
        seal(1, 2, 3, 4),
        seal(True),
        seal(0.5),
        seal(-1),
        seal(3),
        seal("0"),
    ],
)
@pytest.mark.parametrize("query", [MEMBERS, SUPPLY])
def test_forged_cursors_are_refused(api, query, cursor):
    error = api.error(query, after=cursor)
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert error["message"].startswith("after: not a cursor of this list")


@pytest.mark.parametrize(
    ("listing", "forged"),
    [
        ("agreements", ["datetime", 2**53 + 1]),
        ("agreements", ["datetime", -1]),
        ("agreements", ["datetime", True]),
        ("agreements", ["datetime", "2024"]),
        ("proposals", ["str", "x"]),
    ],
)
def test_forged_instants_are_refused(api, listing, forged):
    cursor = seal(listing, *forged, "00000000-0000-0000-0000-000000000001")
    query = f"""query ($after: String) {{ communities {{ edges {{ node {{ installations {{ edges {{
      node {{ {listing}(after: $after) {{ totalCount }} }} }} }} }} }} }} }}"""
    assert api.error(query, after=cursor)["extensions"] == {"code": "INVALID_ARGUMENT"}


def test_newest_proposals_come_first_page_by_page(api):
    ids = [api.propose(minBeta=f"0.0{place}") for place in range(3)]
    query = """query ($after: String) { communities { edges { node { installations { edges {
      node { proposals(first: 2, after: $after) { totalCount edges { cursor node { id } } } }
    } } } } } }"""

    def read(after):
        (edge,) = api.ask(query, after=after)["communities"]["edges"]
        return edge["node"]["installations"]["edges"][0]["node"]["proposals"]

    first = read(None)
    second = read(first["edges"][-1]["cursor"])
    found = [edge["node"]["id"] for edge in first["edges"] + second["edges"]]
    assert found == ids[::-1]
    assert (first["totalCount"], len(second["edges"])) == (3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%%%",
        "Q29tbXVuaXR5",
        "Q29tbXVuaXR5OngxMjM=",
        "ñ",
        "Tm90aGluZzowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDE=",
    ],
)
def test_ids_of_nothing_find_nothing(api, text):
    query = """query ($id: ID!) {
      node(id: $id) { id } community(id: $id) { id } nodes(ids: [$id]) { id }
    }"""
    assert api.ask(query, id=text) == {"node": None, "community": None, "nodes": [None]}


def test_too_many_nodes_are_refused(api):
    error = api.error("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101)
    assert error["extensions"] == {"code": "INVALID_ARGUMENT"}
    assert error["message"].startswith("ids: 101 are more than 100")


EVERYTHING = """{
  communities(first: 100) { totalCount edges { node { id
    installations { totalCount edges { node { cau community { name }
      memberships(first: 1) { edges { node { supplyPoint { cups member { code } } } } }
      publishedAgreement { id }
      agreements(first: 1) { totalCount edges { node { id } } }
      proposals(first: 1) { totalCount edges { node { id } } }
    } } }
    members(first: 5) { totalCount edges { node { code
      supplyPoints { edges { node { cups } } } } } }
    reservePool(first: 1) { totalCount edges { node { position } } }
  } } }
}"""


@pytest.mark.parametrize("n_communities", [1, 50])
def test_queries_do_not_grow_with_rows(api, n_communities):
    with write_session(api.engine) as session:
        for number in range(2, n_communities + 1):
            add_community(session, own_promoter(session), number=number, n_members=3)
    with count_queries(api.engine) as queries:
        found = api.ask(EVERYTHING)
    assert found["communities"]["totalCount"] == n_communities
    assert len(found["communities"]["edges"]) == n_communities
    # Communities, installations, members, reserve pool, agreements and proposals, none of which
    # is counted, for all end on their pages; memberships, supply points by id and by member,
    # members, the agreement in force.
    assert len(queries) == 12, queries


def test_a_count_is_only_made_when_it_is_asked_for(api):
    with count_queries(api.engine) as queries:
        api.ask("{ communities { edges { node { name } } } }")
    assert len(queries) == 1, queries


@pytest.mark.parametrize(
    ("selection", "rows"),
    [
        ("members { edges { node { code } } }", 1 + 4),
        ("members(first: 2) { edges { node { supplyPoints { edges { node { cups } } } } } }", 5),
        (
            "installations { edges { node { energy(measure: GENERATION, year: 2023) { unit } } } }",
            1 + 1 + 100,
        ),
    ],
)
def test_rows_are_counted_as_they_are_read(api, monkeypatch, selection, rows):
    query = f"{{ communities {{ edges {{ node {{ {selection} }} }} }} }}"
    monkeypatch.setattr("api.graphql.dataloaders.MOST_ROWS", rows)
    assert api.ask(query)
    monkeypatch.setattr("api.graphql.dataloaders.MOST_ROWS", rows - 1)
    (error,) = {
        (error["extensions"]["code"], error["message"])
        for error in api.post(query).json()["errors"]
    }
    assert error == (
        "TOO_LARGE",
        f"the request reads more than {rows - 1} rows: ask for smaller pages",
    )


def test_proposals_lists_cost_a_query_each(api):
    api.propose()
    query = """{ communities { edges { node { installations { edges { node { proposals { edges {
      node { job { state } installation { cau }
      coefficients { totalCount edges { node { coefficient supplyPoint { cups } } } }
      totalSettlement { savingsEur }
      settlements { edges { node { supplyPoint { cups } settlement { savingsEur } } } }
    } } } } } } } } } }"""
    with count_queries(api.engine) as queries:
        api.ask(query)
    # Communities, installations, proposals, then job, installation, coefficients,
    # years and supply points.
    assert len(queries) == 8, queries
