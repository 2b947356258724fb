"""What the audit trail tells of callers: every mutation, every file, every way in; ids alone."""

from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from anyio.from_thread import start_blocking_portal
from sqlmodel import Session, select

from api.authentication import Principal
from api.graphql import audited_mutations
from api.graphql.context import Context
from api.graphql.node import write_global_id
from api.graphql.schema import build_schema
from api.http.same_origin import MARK
from api.services.accounts.passwords import hash_new_password
from models import tables
from models.session import read_session
from models.values.access import Reach, Role
from models.values.audit import AuditChannel, AuditOutcome
from models.values.errors import ErrorCode
from tests.support.accounts_of_roles import PASSWORD, add_account, call_as, quick_hashing
from tests.support.api import CAU, bearer
from tests.support.audit_trail import is_sound, list_all_entries, list_entries
from tests.support.databases import on_sqlite
from tests.support.queries import count_queries
from tests.support.source_code import ROOT

__all__ = ["quick_hashing"]

pytestmark = [pytest.mark.usefixtures("database_kind"), on_sqlite]

MUTATIONS = build_schema().mutation_type.fields
SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  awaitsSecondFactor userErrors { code } } }"""
CHANGE_EMAIL = """mutation ($input: ChangeEmailInput!) {
  changeEmail(input: $input) { userErrors { code } } }"""
SIGN_OUT = "mutation { signOut { userErrors { code } } }"
CHANGE_PASSWORD = """mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { userErrors { code } } }"""
SET_DETAILS = """mutation ($input: SetInstallationDetailsInput!) {
  setInstallationDetails(input: $input) { installation { id } userErrors { code } } }"""
CREATE_TOKEN = """mutation ($input: CreateApiTokenInput!) {
  createApiToken(input: $input) { token { id } userErrors { code } } }"""
LIST = """query ($filter: AuditFilter, $first: Int, $after: String) {
  auditEntries(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node {
      id position at channel actorRole accountId tokenId action outcome errorCode subjectCount
      correlationId previousHash hash subjects { edges { node { table key nodeId } } } } } } }"""


def told(api, promoter_id=None) -> list[tuple[str, str]]:
    """Read action and outcome of a chain."""
    return [
        (each.action, each.error_code or "done") for each in list_entries(api.engine, promoter_id)
    ]


def find_owner(api) -> UUID:
    with read_session(api.engine) as session:
        own = tables.ApiToken.prefix == api.own[:11]
        return session.exec(select(tables.ApiToken.promoter_id).where(own)).one()


@pytest.fixture
def owner(api) -> UUID:
    return find_owner(api)


def make_context(api, principal: Principal) -> Context:
    state = api.app.state
    return Context(
        principal=principal,
        engine=api.engine,
        settings=api.settings,
        readers=state.readers,
        threads=state.threads,
        hashing=state.hashing,
        metrics=state.metrics,
        charge=lambda _: None,
        changes=state.changes,
        kept=state.kept,
        count_sign_up=lambda: "192.0.2.0/24",
        count_sign_in=lambda: "192.0.2.0/24",
        request_id="r" * 32,
    )


def test_each_mutation_is_told_when_it_writes(api, owner):
    """Each root field is watched, and a watched one says itself what it writes."""
    principal = Principal(Role.INTEGRATOR, frozenset(), Reach(owner), token_id=uuid4())
    context = make_context(api, principal)

    def store(session: Session, *, promoter_id: UUID) -> None:
        session.get_one(tables.Promoter, promoter_id)

    async def resolve(_root: object, info: SimpleNamespace) -> None:
        await info.context.write(store)

    async def call_each() -> None:
        for name in MUTATIONS:
            await audited_mutations._watch(name, resolve)(None, SimpleNamespace(context=context))

    with start_blocking_portal() as portal:
        portal.call(call_each)
    watched = {name for name, field in MUTATIONS.items() if is_watched(field.resolve)}
    assert watched == MUTATIONS.keys()
    by_events = {"signIn", "confirmSignIn", "signOut"}
    assert told(api, owner) == [(name, "done") for name in MUTATIONS if name not in by_events]
    entries = list_entries(api.engine, owner)
    assert is_sound(entries)
    assert {each.correlation_id for each in entries} == {"r" * 32}
    assert {each.token_id for each in entries} == {principal.token_id}


def is_watched(resolve) -> bool:
    return resolve.__qualname__ == "_watch.<locals>.resolve_watched"


def test_nothing_else_of_the_interfaces_writes_unwatched():
    writers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("graphql", "http")
        for path in (ROOT / "api" / folder).glob("*.py")
        if "write_session(" in path.read_text() and "watched(" not in path.read_text()
    }
    # That a token or session was used is told by itself.
    assert writers == {"api/http/use_notes.py"}


def test_a_mutation_names_who_did_it_and_what_it_changed(api, owner):
    admin = call_as(api, Role.PROMOTER_ADMIN)
    answer = admin.post(
        SET_DETAILS, input={"cau": CAU, "isInternal": True}, more={"x-request-id": "mine-12345"}
    )
    assert answer.json()["data"]["setInstallationDetails"]["userErrors"] == []
    [entry] = list_entries(api.engine, owner)
    with read_session(api.engine) as session:
        plant = session.exec(select(tables.SelfConsumptionInstallation.id)).one()
    assert (entry.channel, entry.action) == (AuditChannel.GRAPHQL, "setInstallationDetails")
    assert (entry.actor_role, entry.account_id) == (Role.PROMOTER_ADMIN, admin.account_id)
    assert (entry.outcome, entry.error_code) == (AuditOutcome.DONE, None)
    assert entry.subjects == f"self_consumption_installation:{plant}"
    assert entry.correlation_id == "mine-12345"
    wrong = admin.ask(SET_DETAILS, input={"isInternal": True})
    assert wrong["setInstallationDetails"]["userErrors"]
    assert len(list_entries(api.engine, owner)) == 1


def test_what_the_caller_may_not_do_is_told(api, owner):
    member = call_as(api, Role.MEMBER)
    member.post(SET_DETAILS, input={"cau": CAU, "isInternal": True})
    manager = call_as(api, Role.COMMUNITY_MANAGER)
    wide = """mutation { createCommunity(input: {code: "x", name: "x", zone: PENINSULA}) {
      userErrors { code } } }"""
    assert manager.error(wide)["extensions"]["code"] == "FORBIDDEN"
    call_as(api, Role.PUBLIC).post(SET_DETAILS, input={"cau": CAU, "isInternal": True})
    entries = list_entries(api.engine, owner)
    assert [(each.action, each.error_code, each.account_id) for each in entries] == [
        ("setInstallationDetails", ErrorCode.FORBIDDEN, member.account_id),
        ("createCommunity", ErrorCode.FORBIDDEN, manager.account_id),
    ]
    assert list_entries(api.engine) == []


@pytest.mark.usefixtures("quick_hashing")
def test_ways_in_and_out_are_told_and_no_address_is(api, owner):
    account = add_account(
        api.engine, Role.PROMOTER_ADMIN, password_hash=hash_new_password(password=PASSWORD)
    )
    door = call_as(api, Role.PUBLIC)
    for email, password in [
        ("nobody@vila.example", "x"),
        *[(account.email, "wrong")] * 5,
        (account.email, PASSWORD),
    ]:
        door.ask(SIGN_IN, input={"email": email, "password": password})
    assert told(api) == [("sign-in-refused", "unauthenticated")]
    own = list_entries(api.engine, owner)
    refused = ("sign-in-refused", "unauthenticated")
    assert told(api, owner) == [*[refused] * 4, ("lock-out", "done"), refused, refused]
    assert {each.account_id for each in own} == {account.id}
    assert {each.channel for each in own} == {AuditChannel.SIGN_IN}
    assert list_entries(api.engine)[0].account_id is None
    everything = str([each.model_dump() for each in list_all_entries(api.engine)])
    assert "vila.example" not in everything


@pytest.mark.usefixtures("quick_hashing")
def test_sessions_and_wrong_proofs_are_told(api, owner):
    kept = hash_new_password(password=PASSWORD)
    account = add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=kept)
    answer = call_as(api, Role.PUBLIC).post(
        SIGN_IN, input={"email": account.email, "password": PASSWORD}
    )
    secret = answer.headers["set-cookie"].partition(";")[0]
    caller = call_as(api, Role.PUBLIC)
    caller.headers.update({"cookie": secret, MARK: "1"})
    change = {"currentPassword": "wrong", "newPassword": "otra clave bien larga"}
    caller.ask(CHANGE_PASSWORD, input=change)
    caller.ask(CHANGE_PASSWORD, input=change | {"currentPassword": PASSWORD})
    caller.ask(CHANGE_EMAIL, input={"email": "a@b.example", "currentPassword": "wrong"})
    caller.ask(SIGN_OUT)
    assert told(api, owner) == [
        ("sign-in", "done"),
        ("changePassword", "invalid_argument"),
        ("changePassword", "done"),
        ("changeEmail", "invalid_argument"),
        ("sign-out", "done"),
    ]
    entries = list_entries(api.engine, owner)
    assert "user_session:" in entries[0].subjects
    assert is_sound(entries)


def test_files_that_come_and_go_are_told(api, owner):
    sent = api.client.request(
        "POST",
        "/uploads?fileName=secret.csv",
        content=b"PK",
        headers=bearer(api.own) | {"content-type": "application/zip"},
    ).json()["id"]
    proposal = api.propose()
    query = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal {
      downloads { report } } } }"""
    link = api.ask(query, id=proposal)["node"]["downloads"]["report"]
    assert api.client.request("GET", link).status_code == 200
    assert api.client.request("HEAD", link).status_code == 200
    assert api.get(f"/proposals/{uuid4()}/report.xlsx").status_code == 404
    entries = list_entries(api.engine, owner)
    assert [(each.channel, each.action) for each in entries] == [
        (AuditChannel.FILE, "POST /uploads"),
        (AuditChannel.GRAPHQL, "proposeCoefficients"),
        (AuditChannel.JOB, "propose_coefficients"),
        (AuditChannel.FILE, "GET /proposals/{proposal_id}/report.xlsx"),
    ]
    assert entries[0].subjects == f"upload:{sent}"
    assert entries[2].subjects.split()[0].startswith("job_run:")
    assert entries[2].actor_role is None
    assert entries[3].subjects.startswith("coefficient_proposal:")
    assert entries[3].token_id == entries[1].token_id is not None
    assert "secret" not in str([each.model_dump() for each in entries])


@pytest.fixture
def administered(api, owner):
    admin = call_as(api, Role.PROMOTER_ADMIN)
    for name in "abc":
        admin.ask(CREATE_TOKEN, input={"name": name, "scopes": ["READ"]})
    admin.ask(SET_DETAILS, input={"cau": CAU, "isInternal": True})
    return admin


def test_who_administers_reads_the_trail_newest_first(api, administered, owner):
    found = administered.ask(LIST, first=1)["auditEntries"]
    [edge] = found["edges"]
    [kept] = list_entries(api.engine, owner)[3:]
    account = write_global_id(tables.UserAccount, administered.account_id)
    plant = kept.subjects.partition(":")[2]
    shown = edge["node"]
    assert found["totalCount"] == 4
    assert shown["hash"] == kept.hash
    assert (shown["position"], shown["action"], shown["outcome"]) == (
        4,
        "setInstallationDetails",
        "DONE",
    )
    assert (shown["accountId"], shown["tokenId"], shown["actorRole"]) == (
        account,
        None,
        "PROMOTER_ADMIN",
    )
    [subject] = [each["node"] for each in shown["subjects"]["edges"]]
    assert subject == {
        "table": "self_consumption_installation",
        "key": plant,
        "nodeId": write_global_id(tables.SelfConsumptionInstallation, UUID(plant)),
    }
    places, after = [], None
    for _ in range(2):
        page = administered.ask(LIST, first=2, after=after)["auditEntries"]
        places += [each["node"]["position"] for each in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert (places, page["pageInfo"]["hasNextPage"]) == ([4, 3, 2, 1], False)
    node = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { position tokenId } } }"
    assert administered.ask(node, id=shown["id"])["node"] == {"position": 4, "tokenId": None}
    assert api.ask(node, id=shown["id"], token=api.other)["node"] is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 4),
        ({"action": "createApiToken"}, 3),
        ({"outcome": "REFUSED"}, 0),
        ({"accountId": "none"}, 0),
        ({"since": "2100-01-01T00:00:00Z"}, 0),
        ({"until": "2100-01-01T00:00:00Z"}, 4),
    ],
)
def test_the_trail_is_narrowed(administered, wanted, count):
    found = administered.ask(LIST, filter=wanted)["auditEntries"]
    assert (found["totalCount"], len(found["edges"])) == (count, count)


def test_the_trail_costs_two_queries_whatever_it_holds(api, administered):
    for first in (1, 50):
        with count_queries(api.engine) as asked:
            administered.ask(LIST, first=first)
        assert sum("audit_entry" in each for each in asked) == 2
