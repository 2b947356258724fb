"""Which role may ask for which field: the whole schema against one table that people wrote."""

import csv
from pathlib import Path
from uuid import UUID

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, parse

from api.graphql import permissions
from api.graphql.permissions import judge_document, list_openers
from api.graphql.schema import build_schema
from api.policies import CAPABILITIES
from models.values.access import Capability, Role
from models.values.errors import ErrorCode
from tests.support.api import CAU, add_token
from tests.support.databases import on_sqlite

SCHEMA = build_schema()
TABLE_FILE = Path(__file__).parents[1] / "data" / "who_may_what.csv"
with TABLE_FILE.open(newline="") as text:
    TABLE = {row.pop("field"): row for row in csv.DictReader(text)}


def guarded_kinds() -> list[GraphQLObjectType]:
    """List the types by which everything else is reached: the roots, and what has an id."""
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    assert SCHEMA.subscription_type is not None
    roots = [SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type]
    return [*roots, *SCHEMA.get_possible_types(node)]


def may_ask(role: Role, field: str) -> bool:
    openers = list_openers(*field.split("."))
    return openers is None or bool(openers & CAPABILITIES[role])


def test_every_field_has_its_row():
    fields = {f"{kind.name}.{name}" for kind in guarded_kinds() for name in kind.fields}
    judged = {
        f"{kind.name}.{name}"
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name in kind.fields
        if list_openers(kind.name, name) is not None
    }
    assert fields | judged == TABLE.keys()


@pytest.mark.parametrize("role", Role)
def test_a_role_may_ask_what_the_table_says(role):
    allowed = {field: row[role] == "yes" for field, row in TABLE.items()}
    assert {field: may_ask(role, field) for field in TABLE} == allowed


def is_known(name: str) -> bool:
    """Tell whether a row stands for a type of the schema, or a field of one."""
    kind, _, field = name.partition(".")
    found = SCHEMA.get_type(kind)
    return found is not None and (not field or field in found.fields)


def test_no_row_stands_for_nothing():
    rows = [*permissions._CAPABILITY_OF, *permissions._OWN, *permissions._PUBLIC]
    assert [name for name in rows if not is_known(name)] == []


def test_nothing_with_an_id_is_open_to_everybody():
    assert [kind.name for kind in guarded_kinds() if list_openers(kind.name, "id") is None] == []


@pytest.mark.parametrize(
    "document",
    [
        "{ communities { edges { node { code } } } }",
        "{ communities { edges { node { ...of } } } } fragment of on Community { code }",
        "{ communities { edges { node { ... on Node { ... on Community { x: code } } } } } }",
        '{ node(id: "x") { ... on Community { ... { code } } } }',
    ],
)
def test_a_field_is_refused_wherever_it_stands(document):
    own = frozenset({Capability.OWN})
    [error] = judge_document(SCHEMA, parse(document), own)
    assert error.message == "Community.code is not for this caller: it needs read"
    assert error.original_error.code is ErrorCode.FORBIDDEN
    assert judge_document(SCHEMA, parse(document), own | {Capability.READ}) == ()


def test_a_root_field_without_a_row_is_closed():
    assert list_openers("Mutation", "notYetWritten") == frozenset()


@on_sqlite
def test_the_unknown_are_asked_who_they_are(api):
    answer = api.client.request(
        "POST", "/graphql", json={"query": "{ communities { totalCount } }"}
    )
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert error["message"] == "Query.communities is for callers who sign in or send a token"
    assert answer.json()["data"] is None


@on_sqlite
def test_a_token_reads_what_its_scopes_open(api):
    token = add_token(api.engine, "Ajuntament de la Peña", scopes=[Capability.READ])
    assert api.ask("{ communities { totalCount } }", token=token.text)
    error = api.error("{ invoices { totalCount } }", token=token.text)
    assert error["extensions"] == {"code": "FORBIDDEN"}
    answer = api.get(f"/proposals/{UUID(int=1)}/report.xlsx", token=token.text)
    assert answer.status_code == 403
    assert "this is not for this caller: it needs personal" in answer.text


@on_sqlite
def test_a_sum_of_few_is_told_only_to_those_who_may_see_each(api):
    query = f"""{{ installation(cau: "{CAU}") {{
      generation: energy(measure: GENERATION, year: 2023) {{ unit }}
      energy(measure: CONSUMPTION, year: 2023) {{ unit }} community {{
      energy(measure: CONSUMPTION, year: 2023) {{ unit }} }} }} }}"""
    scopes = [Capability.READ]
    reader = add_token(api.engine, "Ajuntament de la Peña", scopes=scopes).text
    personal = add_token(
        api.engine, "Ajuntament de la Peña", scopes=[*scopes, Capability.PERSONAL]
    ).text
    told = {"unit": "kWh"}
    assert api.ask(query, token=personal)["installation"] == {
        "generation": told,
        "energy": told,
        "community": {"energy": told},
    }
    answer = api.post(query, token=reader).json()
    assert answer["data"]["installation"] == {
        "generation": told,
        "energy": None,
        "community": {"energy": None},
    }
    words = "fewer than 5 members share here: their sum is not told"
    assert [error["message"] for error in answer["errors"]] == [words, words]


@on_sqlite
def test_sums_under_documents_of_ones_choice_are_told_to_those_who_may_see_each(api):
    query = f"""query ($id: ID!) {{ installation(cau: "{CAU}") {{
      energy(measure: ALLOCATED, year: 2023, proposalId: $id) {{ basis }} }} }}"""
    owner, scopes = "Ajuntament de la Peña", [Capability.READ]
    reader = add_token(api.engine, owner, scopes=scopes).text
    personal = add_token(api.engine, owner, scopes=[*scopes, Capability.PERSONAL]).text
    proposal = api.propose()
    told = api.ask(query, id=proposal, token=personal)["installation"]
    assert told == {"energy": {"basis": "PROPOSED"}}
    error = api.error(query, id=proposal, token=reader)
    assert error["message"] == "this is not for this caller: it needs personal"
    assert error["extensions"] == {"code": "FORBIDDEN"}


@on_sqlite
@pytest.mark.parametrize(
    "asked",
    [
        "consumptionKwh",
        "savingsEur",
        "upperBoundKwh",
        "totalSettlement { selfConsumedKwh }",
        "comparisons { edges { node { rule } } }",
    ],
)
def test_sums_of_a_proposal_are_told_to_those_who_may_see_each(api, asked):
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on CoefficientProposal {{ {asked} }} }} }}"
    owner, scopes = "Ajuntament de la Peña", [Capability.READ]
    reader = add_token(api.engine, owner, scopes=scopes).text
    personal = add_token(api.engine, owner, scopes=[*scopes, Capability.PERSONAL]).text
    proposal = api.propose()
    assert api.ask(query, id=proposal, token=personal)["node"] is not None
    error = api.error(query, id=proposal, token=reader)
    field = f"CoefficientProposal.{asked.split()[0]}"
    assert error["message"] == f"{field} is not for this caller: it needs personal"


@on_sqlite
def test_what_names_persons_in_sentences_is_not_for_who_reads_sums(api):
    token = add_token(api.engine, "Ajuntament de la Peña", scopes=[Capability.READ]).text
    for query, field in (
        ("{ jobs { edges { node { leftOut { totalCount } } } } }", "JobRun.leftOut"),
        (
            """{ community(id: "x") { installations { edges { node { publishedAgreement {
              ruleCheck(onDay: "2026-01-01") {
                findings { edges { node { code message } } } } } } } } } }""",
            "Finding.message",
        ),
    ):
        error = api.error(query, token=token)
        assert error["message"].startswith(f"{field} is not for this caller: it needs ")
