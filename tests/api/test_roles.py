"""Each role through the API, in real sessions: who it is, what it may do, how far it reaches."""

from datetime import timedelta

import pytest
from sqlmodel import select

from api.clock import now
from api.http import use_notes
from api.policies import CAPABILITIES, SESSION_IDLE, SESSION_LASTS
from models.session import DatabaseBusyError, read_session, write_session
from models.tables import Promoter, UserAccount, UserSession
from models.values.access import Role
from tests.support.accounts_of_roles import (
    OWNER,
    PEOPLE,
    add_account,
    call_as,
    call_as_each,
    sign_in_as,
)
from tests.support.databases import on_sqlite
from tests.support.stored_records import add_community

# The reach of a session is a condition of every query, whichever database answers it.
pytestmark = on_sqlite

VIEWER = """{ viewer {
  role name email language promoter { name }
  capabilities { edges { node } }
  communities { totalCount }
  members { totalCount }
} }"""
SHORT = "{ viewer { role } }"
COMMUNITIES = "{ communities { edges { node { name } } } }"


def test_everybody_learns_who_they_are(api):
    found = {role: caller.ask(VIEWER)["viewer"] for role, caller in call_as_each(api).items()}
    assert found.pop(Role.PUBLIC) is None
    for role, viewer in found.items():
        held = {edge["node"].lower().replace("_", "-") for edge in viewer["capabilities"]["edges"]}
        assert held == CAPABILITIES[role]
        assert viewer["role"] == role.name
    program = found[Role.INTEGRATOR]
    assert (program["name"], program["email"]) == ("test", None)
    assert {viewer["communities"]["totalCount"] for viewer in found.values()} == {0, 1}
    assert found[Role.OPERATOR]["communities"]["totalCount"] == 0
    assert found[Role.OPERATOR]["promoter"] is None
    member = found[Role.MEMBER]
    assert (member["name"], member["email"]) == ("Member", "member@vila.example")
    assert member["promoter"] == {"name": OWNER}
    owned = {role for role, viewer in found.items() if viewer["members"]["totalCount"]}
    assert owned == {Role.MEMBER, Role.CANDIDATE}


def test_managers_reach_their_communities_and_staff_all(api):
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        add_community(session, owner.id, number=5)
    both = {"Community 5", "Comunidad de la Peña"}
    expected = {
        Role.PROMOTER_ADMIN: both,
        Role.PROMOTER_STAFF: both,
        Role.COMMUNITY_MANAGER: {"Comunidad de la Peña"},
        Role.MEMBER: {"Comunidad de la Peña"},
        Role.CANDIDATE: {"Comunidad de la Peña"},
    }
    for role, names in expected.items():
        edges = call_as(api, role).ask(COMMUNITIES)["communities"]["edges"]
        assert {edge["node"]["name"] for edge in edges} == names


@pytest.mark.parametrize(("role", "code"), [(Role.MEMBER, "M1"), (Role.CANDIDATE, "R1")])
def test_members_find_themselves(api, role, code):
    query = """{ viewer {
      members { edges { node { code community { name } } } }
      kinds: members { edges { node { kind } } } } }"""
    viewer = call_as(api, role).ask(query)["viewer"]
    [edge] = viewer["members"]["edges"]
    assert edge["node"] == {"code": code, "community": {"name": "Comunidad de la Peña"}}
    assert len(viewer["kinds"]["edges"]) == 1


def test_members_see_themselves_among_the_members(api):
    query = "{ communities { edges { node { members { totalCount edges { node { code }}}}}}}"
    [edge] = call_as(api, Role.MEMBER).ask(query)["communities"]["edges"]
    assert edge["node"]["members"] == {"totalCount": 1, "edges": [{"node": {"code": "M1"}}]}


def test_whoever_was_granted_nothing_reaches_nothing(api):
    for role in (Role.COMMUNITY_MANAGER, Role.MEMBER, Role.CANDIDATE):
        caller = sign_in_as(api, add_account(api.engine, role, community="none"))
        assert caller.ask(COMMUNITIES) == {"communities": {"edges": []}}


@pytest.mark.parametrize("role", PEOPLE)
def test_what_a_role_may_not_do_is_refused(api, role):
    caller = call_as(api, role)
    mutation = """mutation { updateIssuer(input: { party: { taxNumber: "x", name: "x", address: "x",
      postalCode: "x", town: "x", province: "x" } }) { userErrors { code } } }"""
    if role is Role.PROMOTER_ADMIN:
        assert caller.ask(mutation)["updateIssuer"]["userErrors"]
    else:
        assert caller.error(mutation)["extensions"] == {"code": "FORBIDDEN"}


def change(api, kind, **columns):
    with write_session(api.engine) as session:
        row = session.exec(select(kind)).one()
        for name, value in columns.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        (UserAccount, {"disabled_at": now()}),
        (UserSession, {"ended_at": now()}),
        (UserSession, {"expires_at": now()}),
        (UserSession, {"last_seen_at": now() - SESSION_IDLE}),
    ],
    ids=["disabled", "ended", "expired", "idle"],
)
def test_what_has_ended_opens_nothing(api, kind, columns):
    caller = call_as(api, Role.PROMOTER_ADMIN)
    assert caller.ask(SHORT) == {"viewer": {"role": "PROMOTER_ADMIN"}}
    change(api, UserSession, created_at=now() - timedelta(days=2))
    change(api, kind, **columns)
    assert caller.ask(SHORT) == {"viewer": None}
    error = caller.error("{ communities { totalCount } }")
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert caller.get("/files/x").status_code == 401


def test_a_guessed_cookie_opens_nothing(api):
    caller = call_as(api, Role.PROMOTER_ADMIN)
    for cookie in ("__Host-reparto=x", "__Host-reparto=", "x", "__Host-reparto=" + "x" * 5_000):
        assert caller.post(SHORT, more={"cookie": cookie}).json() == {"data": {"viewer": None}}


def test_a_token_goes_before_a_cookie(api):
    caller = call_as(api, Role.MEMBER)
    answer = caller.post(SHORT, more={"authorization": f"Bearer {api.own}"})
    assert answer.json() == {"data": {"viewer": {"role": "INTEGRATOR"}}}
    assert caller.post(SHORT, more={"authorization": "Bearer x"}).status_code == 401


def test_use_is_written_down_every_quarter_of_an_hour(api):
    caller = call_as(api, Role.MEMBER)
    late, fresh = now() - timedelta(minutes=15), now() - timedelta(minutes=14)
    for seen_at, is_noted in ((fresh, False), (late, True)):
        change(api, UserSession, last_seen_at=seen_at)
        caller.ask(SHORT)
        with read_session(api.engine) as session:
            stored = session.exec(select(UserSession)).one()
        assert (stored.last_seen_at > fresh) is is_noted
        assert stored.expires_at - stored.created_at == SESSION_LASTS


def test_where_the_database_is_held_the_use_is_noted_another_time(api, monkeypatch):
    def hold(*_arguments):
        raise DatabaseBusyError

    caller = call_as(api, Role.MEMBER)
    late = now() - timedelta(minutes=15)
    change(api, UserSession, last_seen_at=late)
    with monkeypatch.context() as patched:
        patched.setattr(use_notes, "write_session", hold)
        assert caller.ask(SHORT)["viewer"]
    with read_session(api.engine) as session:
        assert session.exec(select(UserSession.last_seen_at)).one() == late
    caller.ask(SHORT)
    with read_session(api.engine) as session:
        assert session.exec(select(UserSession.last_seen_at)).one() > late
