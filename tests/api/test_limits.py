"""How large a document may be, and that measuring it is quick whatever it looks like."""

import time

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from api.graphql.limits import DEFAULT_LIMITS, Meter, refuse_excess
from api.graphql.schema import build_schema
from tests.support.databases import on_sqlite

pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]


def refused(api, document, what):
    """Tell the value that a limit was measured at."""
    error = api.error(document)
    assert error["extensions"]["code"] == "TOO_LARGE"
    assert error["message"].startswith(f"the {what} of the document is ")
    return int(error["message"].removeprefix(f"the {what} of the document is ").split(",")[0])


def nested(levels: int) -> str:
    """Go from member to community and back: each turn is seven levels deep."""
    inner = "id"
    for _ in range(levels):
        inner = f"community {{ members(first: 1) {{ edges {{ node {{ {inner} }} }} }} }}"
    members = f"members(first: 1) {{ edges {{ node {{ {inner} }} }} }}"
    return f"{{ communities(first: 1) {{ edges {{ node {{ {members} }} }} }} }}"


def test_depth_is_bounded(api):
    assert api.ask(nested(2))
    assert refused(api, nested(3), "depth") == 6 + 4 * 3 + 1 == DEFAULT_LIMITS.depth + 1


@pytest.mark.parametrize("digits", [41, 4_301, 90_000])
def test_numbers_are_bounded_before_they_are_read(api, digits):
    error = api.error(f"{{ communities(first: {'9' * digits}) {{ totalCount }} }}")
    assert error["message"] == f"a number of {digits} digits is longer than 40"
    assert error["extensions"] == {"code": "TOO_LARGE"}


def test_aliases_are_bounded(api):
    aliases = [f"a{i}: __typename" for i in range(31)]
    assert api.ask(f"{{ {' '.join(aliases[:30])} }}")
    assert refused(api, f"{{ {' '.join(aliases)} }}", "aliases") == 31


def test_directives_are_bounded(api):
    field = "__typename @include(if: true) @skip(if: false) "
    assert api.ask(f"{{ {field * 25} }}")
    assert refused(api, f"{{ {field * 26} }}", "directives") == 52


@pytest.mark.parametrize(
    ("selection", "cost"),
    [
        # 1 + 25 pages of (1 edge + 1 node + ...)
        ("communities { edges { node { id } } }", 1 + 25 * 2),
        ("communities(first: 100) { edges { node { id } } }", 1 + 100 * 2),
        ("communities(first: 0) { edges { node { id } } }", 1),
        ("communities(first: $n) { edges { node { id } } }", 1 + 100 * 2),
        ("communities(first: 99999999999) { edges { node { id } } }", 1 + 100 * 2),
        ("communities { totalCount pageInfo { endCursor } }", 1 + 25 * 1),
        ('installation(cau: "x") { energy(measure: SURPLUS, year: 2023) { values } }', 101),
    ],
)
def test_cost_counts_the_objects_of_full_pages(selection, cost):
    assert measure(selection).cost == cost


def measure(selection):
    """Measure a query's selection as the rule does."""
    schema = build_schema()
    document = parse(f"query ($n: Int) {{ {selection} }}")
    return Meter(schema, document).measure_definition(document.definitions[0])


def test_cost_is_bounded(api):
    page = "edges { node { id } }"
    query = (
        "{ communities(first: 100) { edges { node { members(first: 100) { edges { node { "
        f"supplyPoints(first: 100) {{ {page} }} }} }} }} }} }} }} }}"
    )
    own = 1 + 100 * (2 + 1 + 100 * (2 + 1 + 100 * 2))
    assert own == 2_030_301 < DEFAULT_LIMITS.cost
    assert api.ask(query)
    assert (
        refused(api, f"{{ {' '.join(f'a{i}: {query[2:-1]}' for i in range(5))} }}", "cost")
        == 5 * own
    )


def test_tokens_are_bounded(api):
    error = api.error("{ " + "__typename " * DEFAULT_LIMITS.tokens + "}")
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"
    assert "2000 tokens" in error["message"]


def bomb(n_fragments: int) -> str:
    """Spread each fragment twice in the one before it: 2 ** n fields in a short text."""
    fragments = [
        f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(n_fragments)
    ]
    last = f"fragment F{n_fragments} on Query {{ communities {{ totalCount }} }}"
    return "{ ...F0 } " + " ".join(fragments) + " " + last


def test_fragments_are_measured_once(api):
    started = time.perf_counter()
    assert refused(api, bomb(24), "cost") == 2**24
    assert time.perf_counter() - started < 5.0


def test_sums_stop_growing(api):
    assert refused(api, bomb(60), "cost") == 10**9


def spread_side_by_side(n_fragments: int) -> str:
    """Spread many fragments in one selection set; every two of them are compared."""
    names = [f"F{i}" for i in range(n_fragments)]
    fragments = [f"fragment {name} on Query {{ __typename }}" for name in names]
    return "{ ..." + " ...".join(names) + " } " + " ".join(fragments)


REPETITIVE = {
    "beside each other": ("communities { totalCount } " * 480, 2 * (480 * 479 // 2)),
    "within each other": (
        ("communities { " + ("edges { " + "cursor " * 10 + "} ") * 10 + "} ") * 10,
        sum(n * (n - 1) // 2 for n in (10, 100, 1000)),
    ),
    "in inline fragments": ("... { communities { totalCount } } " * 200, 2 * (200 * 199 // 2)),
}


@pytest.mark.parametrize("shape", REPETITIVE)
def test_overlaps_are_bounded_before_anything_is_compared(api, shape):
    selections, overlaps = REPETITIVE[shape]
    started = time.perf_counter()
    assert refused(api, f"{{ {selections} }}", "overlaps") == overlaps
    assert time.perf_counter() - started < 5.0


def test_spreads_overlap_with_each_other(api):
    n_pairs = 50 * 49 // 2
    assert refused(api, spread_side_by_side(50), "overlaps") == n_pairs + n_pairs


def test_a_fragment_that_is_not_spread_is_measured_too(api):
    unused = "fragment F on Query { " + "__typename " * 46 + "}"
    assert refused(api, "{ __typename } " + unused, "overlaps") == 46 * 45 // 2


def test_a_fragment_defined_twice_is_measured_twice(api):
    twice = "fragment F on Query { " + "__typename " * 46 + "} fragment F on Query { __typename }"
    assert refused(api, "{ ...F } " + twice, "overlaps") == 46 * 45 // 2


def test_selections_are_bounded_over_all_definitions():
    fields = "fragment F on Query { " + " ".join(f"f{i}" for i in range(400)) + " } "
    operations = " ".join(f"query q{i} {{ ...F }}" for i in range(9))
    with pytest.raises(GraphQLError) as caught:
        refuse_excess(build_schema(), parse(fields + operations), DEFAULT_LIMITS)
    value, most = 400 + 9 * 401, DEFAULT_LIMITS.selections
    expected = f"the selections of the document is {value}, above the limit of {most}"
    assert caught.value.message == expected


def test_fragments_that_colocate_what_they_need_are_merged(api):
    page = "communities { edges { node { id name } } }"
    names = [f"Part{i}" for i in range(12)]
    fragments = [f"fragment {name} on Query {{ {page} }}" for name in names]
    assert api.ask("{ ..." + " ...".join(names) + " } " + " ".join(fragments))


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Nowhere }",
        "{ ...A } fragment A on Nothing { id }",
        "{ ... on Nothing { id } }",
        "{ nothing { deep } }",
    ],
)
def test_faulty_documents_are_measured_too(api, document):
    answer = api.post(document).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"INVALID_ARGUMENT"}


@pytest.mark.parametrize(
    "document",
    ["{ a" * 300 + "}" * 300, "{ installation(cau: " + "[" * 300 + "]" * 300 + ") { id } }"],
    ids=["selections", "lists"],
)
def test_nesting_deeper_than_the_parser_goes_is_refused(api, document):
    assert "nested too deeply" in api.error(document)["message"]


@pytest.mark.parametrize("inside", ["...F{}", "... {{ ...F{} }}", "... {{ ... {{ ...F{} }} }}"])
def test_chains_of_fragments_are_followed_only_so_far(api, inside):
    chain = [f"fragment F{i} on Query {{ {inside.format(i + 1)} }}" for i in range(130)]
    answer = api.post("{ ...F0 } fragment F130 on Query { __typename } " + " ".join(chain)).json()
    assert "TOO_LARGE" in {error["extensions"]["code"] for error in answer["errors"]}


def test_introspection_is_answered_within_bounds(api):
    schema = api.ask(get_introspection_query())["__schema"]
    assert schema["mutationType"]["name"] == "Mutation"
    deep = "fields { type { " * 4 + "name" + " } }" * 4
    error = api.error(f'{{ __type(name: "Query") {{ {deep} }} }}')
    assert error["message"] == "Maximum introspection depth exceeded"
