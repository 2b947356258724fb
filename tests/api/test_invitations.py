"""Invitations through the API, by real e-mails: taken up once, by those who read them alone."""

from collections.abc import Iterator

import pytest
from sqlmodel import col, select

from api.clock import now
from api.services.accounts.create_token import digest_token
from api.services.accounts.passwords import hash_new_password
from models.session import read_session, write_session
from models.tables import AccountGrant, OneTimeLink, OutboxMessage, Promoter, UserAccount
from models.values.access import Role
from tests.support.accounts_of_roles import OWNER, add_account, call_as, quick_hashing, sign_in_as
from tests.support.databases import on_sqlite
from tests.support.invitations import (
    ACCEPT,
    INVITE,
    PASSWORD,
    Post,
    name_community,
    name_member,
    posting,
)
from tests.support.stored_records import add_community
from tests.support.whole_databases import everything_in

__all__ = ["quick_hashing"]
pytestmark = pytest.mark.usefixtures("quick_hashing")

OTHER = "Cooperativa del Ebro"
RESEND = """mutation ($id: ID!) { resendInvitation(input: {accountId: $id}) {
  account { id } userErrors { code message path }
} }"""
RESET = """mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) {
  userErrors { code message path }
} }"""
SEEN = (
    """{ communities { totalCount edges { node { name members { edges { node { code } } } } } } }"""
)


@pytest.fixture
def post(api) -> Iterator[Post]:
    with posting(api) as post:
        yield post


@pytest.fixture
def admin(post):
    return call_as(post.api, Role.PROMOTER_ADMIN)


def change_link(api, **columns):
    with write_session(api.engine) as session:
        link = session.exec(select(OneTimeLink)).one()
        for name, value in columns.items():
            setattr(link, name, value)


def test_who_was_invited_signs_in_and_sees_what_was_granted(post, admin):
    api = post.api
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        add_community(session, owner.id, number=5)
    for wish in (
        {"email": "Gestora@vila.example", "role": "COMMUNITY_MANAGER", "language": "ES"}
        | {"communityIds": [name_community(api)]},
        {"email": "veina@vila.example", "role": "MEMBER", "language": "CA"}
        | {"memberIds": [name_member(api, "M2")]},
    ):
        told = post.invite(admin, **wish)
        assert told["userErrors"] == []
        assert told["account"]["awaitsAcceptance"] is True
    assert told["account"]["grants"] == {"totalCount": 1}

    links = post.deliver()
    assert [link[:2] for link in links] == [
        ("gestora@vila.example", "invitation"),
        ("veina@vila.example", "invitation"),
    ]
    assert [mail["Subject"] for mail in post.mailbox.read()] == [
        f"{OWNER} le invita a reparto",
        f"{OWNER} us convida a reparto",
    ]
    stored = str(everything_in(api.engine))
    assert [secret in stored for *_, secret in links] == [False, False]

    told, manager = post.accept(links[0][2])
    assert (told["viewer"]["role"], told["userErrors"]) == ("COMMUNITY_MANAGER", [])
    [seen] = manager.ask(SEEN)["communities"]["edges"]
    assert len(seen["node"]["members"]["edges"]) == 4

    told, member = post.accept(links[1][2])
    assert (told["viewer"]["role"], told["userErrors"]) == ("MEMBER", [])
    assert member.ask(SEEN)["communities"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {
                    "name": "Comunidad de la Peña",
                    "members": {"edges": [{"node": {"code": "M2"}}]},
                }
            }
        ],
    }
    assert post.sign_in("gestora@vila.example")["viewer"] == {"email": "gestora@vila.example"}


@on_sqlite
@pytest.mark.parametrize("fault", ["used", "expired", "forged", "of another purpose", "disabled"])
def test_a_link_that_opens_nothing_changes_nothing(post, admin, fault):
    post.invite(admin)
    [(_, _, secret)] = post.deliver()
    query, key = ACCEPT, "acceptInvitation"
    if fault == "used":
        post.accept(secret)
    elif fault == "expired":
        change_link(post.api, expires_at=now())
    elif fault == "forged":
        secret = secret[::-1]
    elif fault == "of another purpose":
        query, key = RESET, "resetPassword"
    else:
        with write_session(post.api.engine) as session:
            found = select(UserAccount).where(UserAccount.email == "nova@vila.example")
            session.exec(found).one().disabled_at = now()
    before = everything_in(post.api.engine)
    told = post.nobody().ask(query, input={"secret": secret, "password": PASSWORD + "!"})[key]
    assert told["userErrors"] == [
        {
            "code": "UNAUTHENTICATED",
            "message": "this link opens nothing any more: ask for a new one",
            "path": ["input", "secret"],
        }
    ]
    assert everything_in(post.api.engine) == before


@on_sqlite
def test_an_unfit_password_leaves_the_link_as_it_was(post, admin):
    post.invite(admin)
    [(_, _, secret)] = post.deliver()
    given = {"secret": secret, "password": "corta"}
    told = post.nobody().ask(ACCEPT, input=given)["acceptInvitation"]
    assert [error["path"] for error in told["userErrors"]] == [["input", "password"]]
    assert post.accept(secret)[0]["userErrors"] == []


@on_sqlite
def test_nobody_hears_of_an_account_with_another_promoter(post, admin):
    stranger = add_account(
        post.api.engine,
        Role.PROMOTER_STAFF,
        promoter=OTHER,
        email="ana@ebre.example",
        password_hash=hash_new_password(PASSWORD),
    )
    known = post.invite(admin, email="ana@ebre.example")
    new = post.invite(admin, email="eva@ebre.example")
    for told in (known, new):
        for name in ("id", "email"):
            del told["account"][name]
    assert known == new
    [(to, _, secret), _] = post.deliver()
    assert to == "ana@ebre.example"

    told, _ = post.accept(secret)
    assert told["viewer"] is None
    assert [(error["code"], error["path"]) for error in told["userErrors"]] == [
        ("CONFLICT", ["input", "secret"])
    ]
    assert post.sign_in("ana@ebre.example")["viewer"] == {"email": "ana@ebre.example"}
    with read_session(post.api.engine) as session:
        assert session.get_one(UserAccount, stranger.id) == stranger
    with write_session(post.api.engine) as session:
        session.get_one(UserAccount, stranger.id).email = "ana@altra.example"
    assert post.accept(secret)[0]["userErrors"] == []


@on_sqlite
def test_a_promoter_has_one_account_an_address(post, admin):
    assert post.invite(admin)["userErrors"] == []
    [error] = post.invite(admin, email="NOVA@vila.example")["userErrors"]
    assert (error["code"], error["path"]) == ("CONFLICT", ["input", "email"])
    assert len(post.deliver()) == 1


def invite_as_manager(post, number: int, **wish):
    """Invite the first member of a new community as its manager, who sees nothing else."""
    api = post.api
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        beyond = add_community(session, owner.id, number=number)
    code = beyond.community.code
    grant = {"community": code, "email": f"gestora@{code}.example"}
    manager = sign_in_as(api, add_account(api.engine, Role.COMMUNITY_MANAGER, **grant))
    members = [name_member(api, beyond.members[0].code, code)]
    return manager, post.invite(manager, role="MEMBER", memberIds=members, **wish)


def test_a_manager_does_not_hear_of_accounts_that_it_does_not_see(post, admin):
    own = {"role": "MEMBER", "memberIds": [name_member(post.api, "M2")]}
    assert post.invite(admin, email="veina@vila.example", **own)["userErrors"] == []
    [(*_, secret)] = post.deliver()
    assert post.accept(secret)[0]["viewer"]["email"] == "veina@vila.example"

    manager, known = invite_as_manager(post, 5, email="Veina@vila.example")
    _, new = invite_as_manager(post, 6, email="eva@vila.example")
    again = manager.ask(RESEND, id=known["account"]["id"])["resendInvitation"]
    assert again["userErrors"] == []
    for told in (known, new):
        for name in ("id", "email"):
            del told["account"][name]
    assert known == new

    [_, *secrets] = [secret for *_, secret in post.deliver()]
    before = post.sign_in("veina@vila.example")
    told = [post.accept(secret)[0] for secret in secrets]
    assert sorted(each["userErrors"] == [] for each in told) == [False, True]
    assert [each["viewer"] for each in told] == [None, None]
    assert (
        post.sign_in("veina@vila.example")
        == before
        == {
            "viewer": {"email": "veina@vila.example"},
            "userErrors": [],
        }
    )
    with read_session(post.api.engine) as session:
        [account] = session.exec(
            select(UserAccount).where(UserAccount.email == "veina@vila.example")
        )
        granted = session.exec(
            select(AccountGrant).where(AccountGrant.account_id == account.id)
        ).all()
    assert len(granted) == 2
    seen = sign_in_as(post.api, account).ask(SEEN)["communities"]
    assert seen["totalCount"] == 2


@on_sqlite
def test_what_a_member_does_not_take_part_in_is_not_granted_to_another_account(post, admin):
    assert post.invite(admin, email="nova@vila.example")["userErrors"] == []
    [(*_, secret)] = post.deliver()
    post.accept(secret)
    _, told = invite_as_manager(post, 5)
    assert told["userErrors"] == []
    [secret] = [secret for *_, secret in post.deliver()]
    before = everything_in(post.api.engine)
    told, _ = post.accept(secret)
    assert [error["code"] for error in told["userErrors"]] == ["CONFLICT"]
    assert everything_in(post.api.engine) == before


@on_sqlite
def test_another_invitation_ends_the_one_before(post, admin):
    account = post.invite(admin)["account"]
    resend = [admin.ask(RESEND, id=account["id"])["resendInvitation"] for _ in range(3)]
    assert [told["userErrors"] == [] for told in resend] == [True, True, False]
    [error] = resend[2]["userErrors"]
    assert error["code"] == "CONFLICT"
    secrets = {secret for *_, secret in post.deliver()}
    with read_session(post.api.engine) as session:
        newest = session.exec(select(OneTimeLink).where(col(OneTimeLink.used_at).is_(None))).one()
    [last] = [secret for secret in secrets if digest_token(secret) == newest.sha256]
    former = [post.accept(secret)[0]["userErrors"] == [] for secret in secrets - {last}]
    assert former == [False, False]
    assert post.accept(last)[0]["userErrors"] == []
    [error] = admin.ask(RESEND, id=account["id"])["resendInvitation"]["userErrors"]
    assert error["message"].startswith("this account does not wait")


@on_sqlite
@pytest.mark.parametrize(
    ("inviter", "role", "opens"),
    [
        (Role.PROMOTER_ADMIN, "OPERATOR", False),
        (Role.PROMOTER_ADMIN, "INTEGRATOR", False),
        (Role.PROMOTER_STAFF, "PROMOTER_ADMIN", False),
        (Role.PROMOTER_STAFF, "PROMOTER_STAFF", False),
        (Role.PROMOTER_STAFF, "COMMUNITY_MANAGER", True),
        (Role.COMMUNITY_MANAGER, "COMMUNITY_MANAGER", False),
        (Role.COMMUNITY_MANAGER, "MEMBER", True),
        (Role.INTEGRATOR, "PROMOTER_STAFF", False),
        (Role.INTEGRATOR, "CANDIDATE", True),
        (Role.OPERATOR, "PROMOTER_STAFF", False),
    ],
)
def test_nobody_gives_more_than_is_theirs(post, inviter, role, opens):
    caller = call_as(post.api, inviter)
    wish = {"COMMUNITY_MANAGER": {"communityIds": [name_community(post.api)]}}
    taking = {"memberIds": [name_member(post.api, "M3")]}
    more = wish.get(role, taking if role in ("MEMBER", "CANDIDATE") else {})
    if inviter is Role.OPERATOR:
        more = {"promoter": OWNER}
    told = post.invite(caller, role=role, **more)
    codes = [(error["code"], error["path"]) for error in told["userErrors"]]
    assert codes == ([] if opens else [("FORBIDDEN", ["input", "role"])])
    assert len(post.deliver()) == opens


@on_sqlite
def test_an_operator_invites_the_first_admin_of_a_promoter(post):
    operator = call_as(post.api, Role.OPERATOR)
    told = post.invite(operator, role="PROMOTER_ADMIN", promoter="Energia Nova")
    assert told["userErrors"] == []
    [(_, _, secret)] = post.deliver()
    told, first = post.accept(secret)
    assert told["viewer"]["role"] == "PROMOTER_ADMIN"
    assert first.ask("{ viewer { promoter { name } } }") == {
        "viewer": {"promoter": {"name": "Energia Nova"}}
    }
    [error] = post.invite(operator, role="PROMOTER_ADMIN")["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_ARGUMENT", ["input", "promoter"])


@on_sqlite
@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"email": "nobody"}, "INVALID_ARGUMENT", "email"),
        ({"name": " "}, "INVALID_ARGUMENT", "name"),
        ({"promoter": OTHER}, "INVALID_ARGUMENT", "promoter"),
        ({"communityIds": ["community"]}, "INVALID_ARGUMENT", "communityIds"),
        ({"memberIds": ["member"]}, "INVALID_ARGUMENT", "memberIds"),
        ({"role": "COMMUNITY_MANAGER"}, "INVALID_ARGUMENT", "communityIds"),
        ({"role": "MEMBER"}, "INVALID_ARGUMENT", "memberIds"),
        ({"role": "MEMBER", "memberIds": ["x"]}, "NOT_FOUND", "memberIds"),
        ({"role": "COMMUNITY_MANAGER", "communityIds": ["x"]}, "NOT_FOUND", "communityIds"),
    ],
)
def test_what_makes_no_invitation_is_told(post, admin, wish, code, path):
    ids = {"community": name_community(post.api), "member": name_member(post.api, "M1")}
    for name in ("communityIds", "memberIds"):
        if name in wish:
            wish = wish | {name: [ids.get(text, text) for text in wish[name]]}
    told = post.invite(admin, **wish)
    assert told["account"] is None
    assert [(error["code"], error["path"]) for error in told["userErrors"]] == [
        (code, ["input", path])
    ]
    assert post.deliver() == []


@on_sqlite
def test_a_manager_invites_members_of_its_own_communities_alone(post):
    api = post.api
    with write_session(api.engine) as session:
        owner = session.exec(select(Promoter).where(Promoter.name == OWNER)).one()
        beyond = add_community(session, owner.id, number=5)
    manager = call_as(api, Role.COMMUNITY_MANAGER)
    own, other = name_member(api, "M1"), name_member(api, beyond.members[0].code, "c5")
    told = post.invite(manager, role="MEMBER", memberIds=[own, other])
    assert [(error["code"], error["path"]) for error in told["userErrors"]] == [
        ("NOT_FOUND", ["input", "memberIds"])
    ]
    told = post.invite(manager, role="MEMBER", memberIds=[own])
    assert told["userErrors"] == []
    told = manager.ask(RESEND, id=told["account"]["id"])["resendInvitation"]
    assert told["userErrors"] == []
    secrets = [secret for *_, secret in post.deliver()]
    assert sorted(post.accept(secret)[0]["userErrors"] == [] for secret in secrets) == [False, True]


@on_sqlite
def test_no_link_is_sent_without_an_address_to_lead_to(api):
    settings = api.settings.model_copy(update={"public_url": None})
    api.app.state.settings = settings
    admin = sign_in_as(api, add_account(api.engine, Role.PROMOTER_ADMIN))
    given = {"email": "nova@vila.example", "name": "Nova", "role": "PROMOTER_STAFF"}
    [error] = admin.ask(INVITE, input=given)["inviteAccount"]["userErrors"]
    assert error["code"] == "UNAVAILABLE"
    assert error["message"] == "links need an address to lead to: set REPARTO_PUBLIC_URL"
    with read_session(api.engine) as session:
        assert session.exec(select(OutboxMessage)).all() == []
