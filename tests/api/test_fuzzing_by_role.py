"""Whatever a caller of each role may ask is answered without a fault, and tells of nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from zlib import crc32

import pytest
import schemathesis
from graphql import (
    GraphQLID,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    introspection_from_schema,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings

from models.values.access import Role
from tests.api import schemathesis_strategies  # noqa: F401  registers what is sent for scalars
from tests.support.accounts_of_roles import OWNER, Caller, add_account, call_as, sign_in_as
from tests.support.api import Api, FilledDatabase, serving
from tests.support.belongings import Belongings
from tests.support.databases import DatabaseKind, Server, on_sqlite
from tests.support.opened_schemas import open_schema
from tests.support.stored_records import add_place

pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

DOCUMENTS = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Place:
    """A served database in which the owner has one of everything, and what its neighbours hide."""

    api: Api
    ids: list[str]
    secrets: frozenset[str]


@pytest.fixture(scope="module")
def place(owned, belongings: Belongings, server: Server, tmp_path_factory) -> Iterator[Place]:
    """Serve one copy to all documents."""
    filled: FilledDatabase = owned(DatabaseKind.SQLITE)
    url = server.copy(filled.url)
    with serving(filled, url, tmp_path_factory.mktemp("fuzzing")) as api:
        add_place(api.engine, OWNER)
        yield Place(api, sorted(belongings.ids.values()), list_secrets(api))
    server.drop(url)


def list_secrets(api: Api) -> frozenset[str]:
    """List what tells who the members are, but for the first of them."""
    query = """{ communities { edges { node { members(first: 20) { edges { node {
      code supplyPoints { edges { node { cups } } } payer { taxNumber email } } } } } } } }"""
    found = api.ask(query)["communities"]["edges"][0]["node"]["members"]["edges"]
    others = [edge["node"] for edge in found if edge["node"]["code"] != "M1"]
    points = [edge["node"] for member in others for edge in member["supplyPoints"]["edges"]]
    meters = {point["cups"] for point in points}
    payers = [member["payer"] for member in others if member["payer"]]
    return frozenset(meters | {text for payer in payers for text in payer.values() if text})


class _Named(Visitor):
    """Name rows that there are in three of four places where a document names any."""

    def __init__(self, types: TypeInfo, ids: list[str]) -> None:
        super().__init__()
        self.types = types
        self.ids = ids

    def enter_string_value(self, node: StringValueNode, *_: object) -> StringValueNode | None:
        """Choose by what stood there, so that a document is always the same."""
        place = crc32(node.value.encode())
        is_id = get_named_type(self.types.get_input_type()) is GraphQLID
        return (
            StringValueNode(value=self.ids[place % len(self.ids)]) if is_id and place % 4 else None
        )


def call_as_manager_of_another(api: Api) -> Caller:
    account = add_account(api.engine, Role.COMMUNITY_MANAGER, community="c7")
    return sign_in_as(api, account)


CALLERS = {
    Role.PUBLIC: partial(call_as, role=Role.PUBLIC),
    Role.MEMBER: partial(call_as, role=Role.MEMBER),
    Role.COMMUNITY_MANAGER: call_as_manager_of_another,
}


@pytest.mark.parametrize("role", CALLERS)
def test_documents_of_a_role_are_answered_and_tell_of_nobody_else(place: Place, role: Role):
    caller = CALLERS[role](place.api)
    opened = open_schema(role)
    types = TypeInfo(opened)
    told = introspection_from_schema(opened, descriptions=False)
    asked = []

    @given(case=schemathesis.graphql.from_dict(told).as_strategy())
    @DOCUMENTS
    def ask(case):
        document = visit(parse(case.body), TypeInfoVisitor(types, _Named(types, place.ids)))
        answer = caller.post(print_ast(document))
        errors = answer.json().get("errors", [])
        codes = {error["extensions"]["code"] for error in errors}
        assert answer.status_code < 500
        assert "UNEXPECTED" not in codes, errors
        assert [text for text in place.secrets if text in answer.text] == []
        asked.append(answer.json().get("data"))

    ask()
    assert sum(map(bool, asked)) > len(asked) / 4
