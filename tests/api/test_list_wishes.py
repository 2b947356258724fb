"""Lists narrowed and ordered: against the same done to the whole list by hand."""

from datetime import timedelta
from operator import itemgetter

import pytest
from sqlmodel import select

from models.repositories.promoters import find_promoter
from models.session import write_session
from models.tables import Community, Member
from models.values.calendar import Zone
from tests.support.api import ACCEPT, CAU
from tests.support.databases import RECORDED_AT

NAMES = ["Sol de Riba", "El Sol", "Ebro 100%", "zeta_1"]
COMMUNITIES = """query ($filter: CommunityFilter, $order: CommunityOrder, $first: Int,
    $after: String) {
  communities(filter: $filter, order: $order, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { name code zone createdAt } } } }"""
PLANT = """query ($cau: Cau!, $p: ProposalFilter, $po: ProposalOrder, $a: AgreementFilter,
    $ao: AgreementOrder) { installation(cau: $cau) {
  proposals(filter: $p, order: $po) { totalCount edges { node { id state year } } }
  agreements(filter: $a, order: $ao) { totalCount edges { node { state fileYear } } } } }"""


@pytest.fixture
def many(api):
    """Give the owner four more communities, two of them in the Canaries."""
    with write_session(api.engine) as session:
        promoter = find_promoter(session, name="Ajuntament de la Peña")
        for number, name in enumerate(NAMES):
            zone = Zone.CANARIAS if number % 2 else Zone.PENINSULA
            session.add(
                Community(
                    promoter_id=promoter.id,
                    code=f"C{9 - number}",
                    name=name,
                    timezone=zone.timezone,
                    zone=zone,
                    created_at=RECORDED_AT + timedelta(days=number),
                )
            )
    return api


def list_communities(api, **wanted):
    """Read the list page by page, two at a time."""
    found, after = [], None
    while True:
        page = api.ask(COMMUNITIES, first=2, after=after, **wanted)["communities"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("sol", {"Sol de Riba", "El Sol"}),
        ("SOL", {"Sol de Riba", "El Sol"}),
        ("100%", {"Ebro 100%"}),
        ("%", {"Ebro 100%"}),
        ("a_1", {"zeta_1"}),
        ("c7", {"Ebro 100%"}),
        ("nothing like it", set()),
    ],
)
def test_a_search_looks_for_the_very_text(many, search, names):
    assert {each["name"] for each in list_communities(many, filter={"search": search})} == names


def test_filters_hold_together(many):
    found = list_communities(many, filter={"search": "ol", "zone": "CANARIAS"})
    assert [each["name"] for each in found] == ["El Sol"]


@pytest.mark.parametrize("by", ["NAME", "CODE", "CREATED_AT"])
@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
def test_an_order_holds_over_all_pages(many, by, direction):
    key = {"NAME": "name", "CODE": "code", "CREATED_AT": "createdAt"}[by]
    wanted = {"zone": "PENINSULA"}
    plain = list_communities(many, filter=wanted)
    found = list_communities(many, filter=wanted, order={"by": by, "direction": direction})
    values = [each[key] for each in found]
    expected = sorted(map(itemgetter(key), plain), reverse=direction == "DESCENDING")
    assert len(values) == 3
    assert sorted(values) == sorted(expected)
    if by == "CREATED_AT":
        assert values == expected
    else:
        folded = [value.lower() for value in values]
        assert folded == sorted(folded, reverse=direction == "DESCENDING")


def test_a_cursor_belongs_to_one_order(many):
    page = many.ask(COMMUNITIES, first=1, order={"by": "CODE"})["communities"]
    after = page["pageInfo"]["endCursor"]
    for order in (None, {"by": "NAME"}, {"by": "CODE", "direction": "DESCENDING"}):
        error = many.error(COMMUNITIES, first=1, after=after, order=order)
        assert error["message"].startswith("after: not a cursor of this list")


@pytest.mark.parametrize("search", ["", "x" * 201])
def test_a_search_has_a_length(api, search):
    error = api.error(COMMUNITIES, filter={"search": search})
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"
    assert f"the search has {len(search)} characters, not 1 to 200" in error["message"]


def test_members_by_key_and_sort(api):
    with write_session(api.engine) as session:
        [first, *_] = session.exec(select(Member).order_by(Member.code)).all()
        first.kind = "school"
        code = first.code
    query = """query ($filter: MemberFilter, $order: MemberOrder) { communities { edges { node {
      members(filter: $filter, order: $order) { totalCount edges { node { code kind } } } } } } }"""

    def members(**wanted):
        found = api.ask(query, **wanted)["communities"]["edges"][0]["node"]["members"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"]["code"] for edge in found["edges"]]

    every = members()
    assert members(order={"by": "CODE", "direction": "DESCENDING"}) == every[::-1]
    assert members(filter={"kind": "school"}) == [code]
    assert members(filter={"search": code.lower()}) == [each for each in every if code in each]


def test_proposals_and_agreements_by_state_and_year(api):
    accepted, other = api.propose(), api.propose(minBeta="0.3")
    api.ask(ACCEPT, input={"proposalId": accepted, "fileYear": 2024})

    def ask(**wanted):
        plant = api.ask(PLANT, cau=CAU, **wanted)["installation"]
        for listed in plant.values():
            assert listed["totalCount"] == len(listed["edges"])
        return [[edge["node"] for edge in listed["edges"]] for listed in plant.values()]

    proposals, agreements = ask(p={"state": "ACCEPTED"}, a={"fileYear": 2024})
    assert [each["id"] for each in proposals] == [accepted]
    assert agreements == [{"state": "PUBLISHED", "fileYear": 2024}]
    oldest_first = {"by": "CREATED_AT", "direction": "ASCENDING"}
    proposals, agreements = ask(p={"year": 2023}, po=oldest_first, a={"state": "DRAFT"})
    assert [each["id"] for each in proposals] == [accepted, other]
    assert agreements == []
