"""Accounts through the API: who sees them, what they are granted, and how they are shut."""

import pytest
from sqlmodel import select

from api.clock import now
from api.graphql.node import write_global_id
from models.session import read_session, write_session
from models.tables import AccountGrant, Promoter, UserAccount, UserSession
from models.values.access import Role
from tests.support.accounts_of_roles import OWNER, add_account, call_as, sign_in_as
from tests.support.databases import on_sqlite
from tests.support.invitations import name_community, name_member
from tests.support.stored_records import add_community

# No database can change what is said here.
pytestmark = on_sqlite

OTHER = "Cooperativa del Ebro"
LIST = """query ($filter: AccountFilter) { accounts(filter: $filter) { totalCount edges { node {
  email role disabledAt
  grants { edges { node { community { name } member { code } } } }
} } } }"""
ACT = """mutation ($input: %s!) { %s(input: $input) {
  account { email role disabledAt grants { edges { node {
    community { name } member { code } } } } }
  userErrors { code path }
} }"""
INPUTS = {
    "grantAccess": "AccessInput",
    "withdrawAccess": "AccessInput",
    "changeAccountRole": "ChangeAccountRoleInput",
    "disableAccount": "AccountInput",
    "enableAccount": "AccountInput",
}
NODE = "query ($id: ID!) { node(id: $id) { id ... on Account { email } } }"


def global_id(account):
    return write_global_id(UserAccount, account.id)


def act(caller, name, account, **wish):
    told = caller.ask(ACT % (INPUTS[name], name), input={"accountId": global_id(account), **wish})
    return told[name]


def refused(told):
    assert told["account"] is None
    [error] = told["userErrors"]
    return error["code"], error["path"][-1]


def granted(told):
    nodes = [edge["node"] for edge in told["grants"]["edges"]]
    return sorted((node["community"] or {"name": node["member"]["code"]})["name"] for node in nodes)


def sessions_of(api, account):
    with read_session(api.engine) as session:
        rows = select(UserSession).where(UserSession.account_id == account.id)
        return [row.ended_at is None for row in session.exec(rows)]


@pytest.fixture
def admin(api):
    return call_as(api, Role.PROMOTER_ADMIN)


@pytest.fixture
def beyond(api):
    """Give the owner a second community."""
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        return add_community(session, owner.id, number=5)


@pytest.mark.parametrize(
    ("wish", "emails"),
    [
        (None, ["community-manager", "member", "promoter-admin", "promoter-staff"]),
        ({"role": "MEMBER"}, ["member"]),
        ({"isDisabled": True}, ["promoter-staff"]),
        ({"isDisabled": False}, ["community-manager", "member", "promoter-admin"]),
        ({"search": "MAN"}, ["community-manager"]),
    ],
)
def test_a_promoters_accounts_are_listed(api, admin, wish, emails):
    add_account(api.engine, Role.COMMUNITY_MANAGER)
    add_account(api.engine, Role.MEMBER, members=["M1", "M2"])
    add_account(api.engine, Role.PROMOTER_STAFF, disabled_at=now())
    add_account(api.engine, Role.PROMOTER_STAFF, promoter=OTHER, email="staff@ebre.example")
    told = admin.ask(LIST, filter=wish)["accounts"]
    assert [edge["node"]["email"] for edge in told["edges"]] == [
        f"{name}@vila.example" for name in emails
    ]
    assert told["totalCount"] == len(emails)
    grants = {edge["node"]["role"]: granted(edge["node"]) for edge in told["edges"]}
    expected = {"MEMBER": ["M1", "M2"], "COMMUNITY_MANAGER": ["Comunidad de la Peña"]}
    assert grants == {role: expected.get(role, []) for role in grants}


def test_a_manager_sees_the_accounts_of_its_members_alone(api, beyond):
    own = add_account(api.engine, Role.MEMBER, members=["M1"])
    other = add_account(
        api.engine, Role.MEMBER, members=["M1"], community="c5", email="lluny@vila.example"
    )
    manager = call_as(api, Role.COMMUNITY_MANAGER)
    [edge] = manager.ask(LIST)["accounts"]["edges"]
    assert edge["node"]["email"] == "member@vila.example"
    assert manager.ask(NODE, id=global_id(own))["node"]["email"] == "member@vila.example"
    for hidden in (other.id, manager.account_id):
        assert manager.ask(NODE, id=write_global_id(UserAccount, hidden)) == {"node": None}


def test_access_is_granted_once_and_withdrawn(api, admin, beyond):
    account = add_account(api.engine, Role.COMMUNITY_MANAGER)
    manager = sign_in_as(api, account)
    fifth = name_community(api, "c5")
    query = "{ communities { edges { node { name } } } }"
    for _ in range(2):
        told = act(admin, "grantAccess", account, communityIds=[fifth, fifth])
        assert granted(told["account"]) == ["Community 5", "Comunidad de la Peña"]
    assert len(manager.ask(query)["communities"]["edges"]) == 2
    for _ in range(2):
        told = act(admin, "withdrawAccess", account, communityIds=[fifth])
        assert granted(told["account"]) == ["Comunidad de la Peña"]
    assert len(manager.ask(query)["communities"]["edges"]) == 1


def test_what_no_account_of_a_role_is_granted_is_told(api, admin):
    account = add_account(api.engine, Role.COMMUNITY_MANAGER)
    member = [name_member(api, "M1")]
    assert refused(act(admin, "grantAccess", account, memberIds=member)) == (
        "INVALID_ARGUMENT",
        "memberIds",
    )
    assert refused(act(admin, "grantAccess", account)) == ("INVALID_ARGUMENT", "communityIds")
    stranger = add_account(api.engine, Role.MEMBER, promoter=OTHER, email="x@ebre.example")
    for name in INPUTS:
        more = {"role": "MEMBER"} if name == "changeAccountRole" else {}
        assert refused(act(admin, name, stranger, **more)) == ("NOT_FOUND", "accountId")


def test_a_manager_gives_and_takes_within_its_reach(api, beyond):
    account = add_account(api.engine, Role.MEMBER, members=["M1"])
    far = name_member(api, "M1", "c5")
    with write_session(api.engine) as session:
        session.add(
            AccountGrant(
                promoter_id=account.promoter_id,
                account_id=account.id,
                member_id=beyond.members[0].id,
                created_at=now(),
            )
        )
    manager = call_as(api, Role.COMMUNITY_MANAGER)
    told = act(manager, "grantAccess", account, memberIds=[name_member(api, "M2")])
    assert granted(told["account"]) == ["M1", "M2"]
    assert refused(act(manager, "grantAccess", account, memberIds=[far])) == (
        "NOT_FOUND",
        "memberIds",
    )
    act(manager, "withdrawAccess", account, memberIds=[far])
    with read_session(api.engine) as session:
        assert len(session.exec(select(AccountGrant)).all()) == 4


def test_a_disabled_account_opens_nothing_until_it_is_enabled(api, admin):
    account = add_account(api.engine, Role.PROMOTER_STAFF)
    staff = sign_in_as(api, account)
    told = act(admin, "disableAccount", account)["account"]
    assert told["disabledAt"] is not None
    assert act(admin, "disableAccount", account)["account"] == told
    assert staff.ask("{ viewer { name } }") == {"viewer": None}
    assert sessions_of(api, account) == [False]
    assert act(admin, "enableAccount", account)["account"]["disabledAt"] is None
    assert staff.ask("{ viewer { name } }") == {"viewer": None}


def test_a_promoter_keeps_an_admin(api, admin):
    own = add_account(api.engine, Role.PROMOTER_STAFF)
    with read_session(api.engine) as session:
        last = session.get_one(UserAccount, admin.account_id)
    add_account(api.engine, Role.PROMOTER_ADMIN, email="nova@vila.example", awaits_acceptance=True)
    add_account(api.engine, Role.PROMOTER_ADMIN, email="shut@vila.example", disabled_at=now())
    add_account(api.engine, Role.PROMOTER_ADMIN, promoter=OTHER, email="x@ebre.example")
    assert refused(act(admin, "disableAccount", last))[0] == "CONFLICT"
    told = act(admin, "changeAccountRole", last, role="PROMOTER_STAFF")
    assert refused(told)[0] == "CONFLICT"
    assert act(admin, "changeAccountRole", own, role="PROMOTER_ADMIN")["userErrors"] == []
    assert act(admin, "disableAccount", last)["userErrors"] == []
    assert admin.ask("{ viewer { name } }") == {"viewer": None}


def test_another_role_brings_what_goes_with_it(api, admin):
    account = add_account(api.engine, Role.CANDIDATE, members=["R1"])
    sign_in_as(api, account)
    told = act(admin, "changeAccountRole", account, role="CANDIDATE")
    assert sessions_of(api, account) == [True]
    told = act(admin, "changeAccountRole", account, role="MEMBER")
    assert (told["account"]["role"], granted(told["account"])) == ("MEMBER", ["R1"])
    assert sessions_of(api, account) == [False]
    assert refused(act(admin, "changeAccountRole", account, role="COMMUNITY_MANAGER")) == (
        "INVALID_ARGUMENT",
        "communityIds",
    )
    told = act(
        admin,
        "changeAccountRole",
        account,
        role="COMMUNITY_MANAGER",
        communityIds=[name_community(api)],
    )
    assert granted(told["account"]) == ["Comunidad de la Peña"]
    told = act(admin, "changeAccountRole", account, role="PROMOTER_STAFF")
    assert granted(told["account"]) == []


def test_a_program_looks_after_members_alone(api):
    staff = add_account(api.engine, Role.PROMOTER_STAFF)
    member = add_account(api.engine, Role.MEMBER, members=["M1"])
    program = call_as(api, Role.INTEGRATOR)
    assert refused(act(program, "disableAccount", staff)) == ("FORBIDDEN", "role")
    told = act(program, "changeAccountRole", member, role="PROMOTER_ADMIN")
    assert refused(told) == ("FORBIDDEN", "role")
    assert act(program, "disableAccount", member)["userErrors"] == []
