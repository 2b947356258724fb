"""What lies beyond a caller's reach: of another promoter, another community, another member."""

import re
from collections.abc import Callable
from string import Template
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from models.values.access import Role
from tests.support.accounts_of_roles import OWNER, Caller, add_account, sign_in_as
from tests.support.api import Api, FilledDatabase, bearer
from tests.support.guarded_calls import GUARDED_CALLS, GUARDED_QUERIES, name_ids, write_call
from tests.support.least_calls import SCHEMA
from tests.support.stored_records import add_place
from tests.support.whole_databases import everything_in

OTHER = "Cooperativa del Ebro"
KEYS = {"ID", "Cups", "Cau"}
"""Scalars that name a row."""

KEYLESS = {"sendFiscalRecords", "updateIssuer"}
"""Calls that name a row by something else."""

STRANGERS = {"signUp"}
"""Calls of whoever comes along, which name a meter of their own."""

OF_ALL = {
    Role.COMMUNITY_MANAGER: {"InvoiceIssuer"},
    Role.MEMBER: {"InvoiceIssuer"},
}
"""What a promoter shows to all who manage one of its communities, or are in one."""

SHARED = {
    "Community",
    "SelfConsumptionInstallation",
    "CoefficientProposal",
    "DistributionAgreement",
    "InvoiceIssuer",
}
"""What a community's members have in common; of coefficients each sees the own."""

NOTHING = (None, 0, "0.00", False, [], {})
USED = {"api_token", "user_session", "audit_entry"}
"""Rows that tell when they were last used, and who was refused."""

REFUSED = (["NotFoundUserError"], ["ForbiddenUserError"])
NOTHING_SHOWN = {"NOT_FOUND", "FORBIDDEN"}
FILES = """proposals/{0.proposal}/report.xlsx agreements/{0.agreement}/distributor.txt
  vacancy-fillings/{0.studies[0]}/admission.json capacity-sharings/{0.studies[2]}/distributor.txt
  member-assignments/{0.studies[3]}/proposal.json"""


@pytest.fixture(scope="session")
def filled_database(owned, database_kind) -> FilledDatabase:
    """Begin with what the owner has, on either database."""
    return owned(database_kind)


def call_as_other_promoter(api: Api) -> Caller:
    add_place(api.engine, OTHER)
    return Caller(api, Role.INTEGRATOR, bearer(api.other))


def call_as_other_manager(api: Api) -> Caller:
    add_place(api.engine, OWNER)
    account = add_account(api.engine, Role.COMMUNITY_MANAGER, community="c7")
    return sign_in_as(api, account)


def call_as_other_member(api: Api) -> Caller:
    add_place(api.engine, OWNER)
    return sign_in_as(api, add_account(api.engine, Role.MEMBER, community="c7", members=["M1"]))


CALLERS = [call_as_other_promoter, call_as_other_manager, call_as_other_member]
stranger = pytest.mark.parametrize("call", CALLERS, ids=lambda call: call.__name__[8:])


def is_nothing(shown: Any) -> bool:
    """Tell whether an answer shows no row, nor how many there are."""
    values = shown.values() if isinstance(shown, dict) else shown if isinstance(shown, list) else ()
    return shown in NOTHING or (bool(values) and all(is_nothing(value) for value in values))


def names_rows(kind: Any) -> bool:
    """Tell whether an argument can name a row."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        return any(names_rows(each.type) for each in named.fields.values())
    return named.name in KEYS


def list_naming(root: str) -> set[str]:
    """List the fields of a root whose arguments can name a row."""
    fields = SCHEMA.type_map[root].fields
    return {
        name
        for name, field in fields.items()
        if any(names_rows(each.type) for each in field.args.values())
    }


def test_everything_that_names_a_row_is_asked_for_anothers():
    assert list_naming("Query") - {"nodes"} == GUARDED_QUERIES.keys()
    guarded = {name for name, _ in GUARDED_CALLS} - KEYLESS
    assert list_naming("Mutation") - STRANGERS == guarded


def test_the_owner_is_shown_what_others_are_not(api: Api, belongings):
    for name, call in GUARDED_QUERIES.items():
        answer = api.post(write_query(name, call, belongings)).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes or not is_nothing(answer["data"]), name
        assert not codes & NOTHING_SHOWN, (name, answer)


@stranger
def test_nothing_of_others_is_shown(api: Api, belongings, call: Callable[[Api], Caller]):
    caller = call(api)
    for name, written in GUARDED_QUERIES.items():
        if sees_all_of(caller, written):
            continue
        answer = caller.post(write_query(name, written, belongings)).json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes <= NOTHING_SHOWN, (name, answer)
        assert codes or is_nothing(answer["data"]), (name, answer)
    ids = list(belongings.ids.values())
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found = caller.post(query, ids=ids).json()["data"]
    shown = zip(belongings.ids, found["nodes"] if found else [None] * len(ids), strict=True)
    assert [kind for kind, node in shown if node and not sees_all_of(caller, f"${kind}")] == []
    for path in FILES.format(belongings).split():
        assert caller.get(f"/{path}").status_code in (403, 404), path


def test_a_neighbour_is_shown_what_all_share_and_nothing_of_the_others(api: Api, belongings):
    ids = belongings.ids
    whose = """query ($member: ID!, $point: ID!) {
      member: node(id: $member) { ... on Member { code } }
      point: node(id: $point) { ... on SupplyPoint { member { code } } } }"""
    found = api.ask(whose, member=ids["Member"], point=ids["SupplyPoint"])
    owners = {found["member"]["code"], found["point"]["member"]["code"], "M1"}
    neighbour = min({"M2", "M3", "R1"} - owners)
    caller = sign_in_as(api, add_account(api.engine, Role.MEMBER, members=[neighbour]))
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    shown = zip(ids, caller.ask(query, ids=list(ids.values()))["nodes"], strict=True)
    assert {kind for kind, node in shown if node} <= SHARED


@stranger
def test_nothing_of_others_is_changed(api: Api, belongings, call: Callable[[Api], Caller]):
    caller = call(api)
    ids = belongings.ids | {"Upload": belongings.upload}
    before = everything_in(api.engine)
    for mutation, wish in GUARDED_CALLS:
        if sees_all_of(caller, " ".join(f"${kind}" for kind in ids if kind in repr(wish))):
            continue
        answer = caller.post(write_call(mutation), input=name_ids(wish, ids)).json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
        found = answer["data"] and answer["data"][mutation]["userErrors"]
        kinds = [error["__typename"] for error in found or []]
        assert codes == ["FORBIDDEN"] or kinds in REFUSED, (mutation, wish, answer)
    after = everything_in(api.engine)
    assert [name for name in before if before[name] != after[name] and name not in USED] == []


def sees_all_of(caller: Caller, written: str) -> bool:
    """Tell whether a call is only about what a promoter shows to all of a role."""
    named = set(re.findall(r"\$(\w+)", written))
    return bool(named) and named <= OF_ALL.get(caller.role, set())


def write_query(name: str, written: str, belongings) -> str:
    ids = belongings.ids | {"Upload": belongings.upload}
    return f"{{ {name}{Template(written).substitute(ids)} }}"
