"""Lost passwords and other addresses through the API: by links, and told to nobody else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from api.clock import now
from api.graphql import mutate_lost_passwords
from api.services.accounts.passwords import hash_new_password
from models.session import read_session, write_session
from models.tables import OneTimeLink, OutboxMessage, UserAccount
from models.values.access import Role
from tests.support.accounts_of_roles import PASSWORD as OLD
from tests.support.accounts_of_roles import add_account, call_as, quick_hashing, sign_in_as
from tests.support.databases import on_sqlite
from tests.support.invitations import PASSWORD, Post, posting
from tests.support.whole_databases import everything_in

__all__ = ["quick_hashing"]
# No database can change what is said here.
pytestmark = [pytest.mark.usefixtures("quick_hashing"), on_sqlite]

REQUEST = """mutation ($email: String!) { requestPasswordReset(input: {email: $email}) {
  userErrors { code message path }
} }"""
RESET = """mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) {
  userErrors { code path }
} }"""
CHANGE = """mutation ($input: ChangeEmailInput!) { changeEmail(input: $input) {
  userErrors { code path }
} }"""
CONFIRM = """mutation ($secret: String!) { confirmEmail(input: {secret: $secret}) {
  email userErrors { code path }
} }"""
MEMBER = "member@vila.example"


@pytest.fixture
def post(api, monkeypatch) -> Iterator[Post]:
    monkeypatch.setattr(mutate_lost_passwords, "_ANSWER_SECONDS", 0.0)
    with posting(api) as post:
        yield post


@pytest.fixture
def account(post):
    return add_account(
        post.api.engine, Role.MEMBER, members=["M1"], password_hash=hash_new_password(OLD)
    )


def read_account(api, account):
    with read_session(api.engine) as session:
        return session.get_one(UserAccount, account.id)


def reset(post, secret, password=PASSWORD):
    given = {"secret": secret, "password": password}
    return post.nobody().ask(RESET, input=given)["resetPassword"]["userErrors"]


def test_a_lost_password_is_replaced_by_a_link(post, account):
    caller = sign_in_as(post.api, account)
    with write_session(post.api.engine) as session:
        locked = session.get_one(UserAccount, account.id)
        locked.failed_sign_ins, locked.locked_until = 9, now() + timedelta(hours=1)
    assert post.nobody().ask(REQUEST, email=" Member@Vila.example ")["requestPasswordReset"] == {
        "userErrors": []
    }
    assert post.nobody().ask(REQUEST, email=MEMBER)
    [(to, purpose, first), (*_, second)] = post.deliver()
    assert (to, purpose) == (MEMBER, "password-reset")

    assert reset(post, first, "corta") == [
        {"code": "INVALID_ARGUMENT", "path": ["input", "password"]}
    ]
    assert reset(post, first) == []
    assert reset(post, first) == reset(post, second)
    assert reset(post, second) == [{"code": "UNAUTHENTICATED", "path": ["input", "secret"]}]
    assert caller.ask("{ viewer { name } }") == {"viewer": None}
    assert post.sign_in(MEMBER)["viewer"] == {"email": MEMBER}
    assert post.sign_in(MEMBER, OLD)["viewer"] is None


def test_nobody_hears_whether_an_address_has_an_account(post, account):
    add_account(
        post.api.engine,
        Role.PROMOTER_STAFF,
        email="shut@vila.example",
        disabled_at=now(),
        password_hash="kept",
    )
    add_account(post.api.engine, Role.OPERATOR, password_hash="kept")
    add_account(
        post.api.engine, Role.PROMOTER_STAFF, email="new@vila.example", awaits_acceptance=True
    )
    known = [f"{name}@vila.example" for name in ("member", "no", "shut", "new", "operator")]
    told = [post.nobody().ask(REQUEST, email=email) for email in [*known, "\0", "x" * 5_000]]
    assert told == [{"requestPasswordReset": {"userErrors": []}}] * 7
    assert [to for to, *_ in post.deliver()] == [MEMBER]


def test_a_mailbox_is_not_filled_by_strangers(post, account):
    for _ in range(5):
        assert post.nobody().ask(REQUEST, email=MEMBER)
    assert len(post.deliver()) == 3
    with write_session(post.api.engine) as session:
        for link in session.exec(select(OneTimeLink)):
            link.created_at -= timedelta(hours=1)
    post.nobody().ask(REQUEST, email=MEMBER)
    assert len(post.deliver()) == 1
    caller = sign_in_as(post.api, account)
    wish = {"email": "nova@altra.example", "currentPassword": OLD}
    told = [caller.ask(CHANGE, input=wish)["changeEmail"]["userErrors"] for _ in range(4)]
    assert told == [[], [], [], [{"code": "CONFLICT", "path": ["input"]}]]


def test_an_address_changes_once_its_reader_says_so(post, account):
    caller = sign_in_as(post.api, account)
    wish = {"email": "Nova@altra.example", "currentPassword": OLD}
    told = caller.ask(CHANGE, input=wish | {"currentPassword": "otra cosa"})["changeEmail"]
    assert told == {
        "userErrors": [{"code": "INVALID_ARGUMENT", "path": ["input", "currentPassword"]}]
    }
    told = caller.ask(CHANGE, input=wish | {"email": "nova"})["changeEmail"]
    assert told == {"userErrors": [{"code": "INVALID_ARGUMENT", "path": ["input", "email"]}]}
    assert caller.ask(CHANGE, input=wish)["changeEmail"] == {"userErrors": []}
    [(to, purpose, secret)] = post.deliver()
    assert (to, purpose) == ("nova@altra.example", "email-confirmation")
    assert post.sign_in(MEMBER, OLD)["viewer"] == {"email": MEMBER}

    post.nobody().ask(REQUEST, email=MEMBER)
    [(*_, lost)] = post.deliver()
    told = post.nobody().ask(CONFIRM, secret=secret)["confirmEmail"]
    assert told == {"email": "nova@altra.example", "userErrors": []}
    assert post.deliver() == [(MEMBER, "", "")]
    assert "nova" not in post.mailbox.read()[-1].get_content()
    assert reset(post, lost)[0]["code"] == "UNAUTHENTICATED"
    assert post.sign_in(MEMBER, OLD)["viewer"] is None
    assert post.sign_in("nova@altra.example", OLD)["viewer"]
    assert caller.ask("{ viewer { email } }") == {"viewer": {"email": "nova@altra.example"}}


def test_an_address_of_somebody_else_is_told_to_its_reader_alone(post, account):
    add_account(
        post.api.engine,
        Role.MEMBER,
        promoter="Cooperativa del Ebro",
        email="ana@ebre.example",
        password_hash="kept",
    )
    wish = {"email": "ana@ebre.example", "currentPassword": OLD}
    told = sign_in_as(post.api, account).ask(CHANGE, input=wish)["changeEmail"]
    assert told == {"userErrors": []}
    [(_, _, secret)] = post.deliver()
    before = everything_in(post.api.engine)
    told = post.nobody().ask(CONFIRM, secret=secret)["confirmEmail"]
    assert told == {
        "email": None,
        "userErrors": [{"code": "CONFLICT", "path": ["input", "secret"]}],
    }
    assert everything_in(post.api.engine) == before


def test_operators_get_no_e_mails(post):
    kept = hash_new_password(OLD)
    operator = sign_in_as(post.api, add_account(post.api.engine, Role.OPERATOR, password_hash=kept))
    wish = {"email": "ops@altra.example", "currentPassword": OLD}
    told = operator.ask(CHANGE, input=wish)["changeEmail"]
    assert told == {"userErrors": [{"code": "INVALID_ARGUMENT", "path": ["input"]}]}


def test_an_e_mail_with_a_link_goes_to_no_other_address(post, account):
    post.nobody().ask(REQUEST, email=MEMBER)
    post.mailbox.replies["RCPT"] = ["550 unknown"]
    assert post.deliver() == []
    admin = call_as(post.api, Role.PROMOTER_ADMIN)
    listed = admin.ask("{ outboxMessages { edges { node { id kind text } } } }")
    [edge] = listed["outboxMessages"]["edges"]
    assert edge["node"]["kind"] == "PASSWORD_RESET"
    assert "https://reparto.example/password-reset#[secret]" in edge["node"]["text"]
    query = """mutation ($input: ResendMessageInput!) { resendMessage(input: $input) {
      message { state } userErrors { code path } } }"""
    wish = {"messageId": edge["node"]["id"]}
    told = admin.ask(query, input=wish | {"recipient": "promoter-admin@vila.example"})
    assert told["resendMessage"] == {
        "message": None,
        "userErrors": [{"code": "INVALID_ARGUMENT", "path": ["input", "recipient"]}],
    }
    told = admin.ask(query, input=wish | {"recipient": MEMBER})["resendMessage"]
    assert told["userErrors"] == []
    assert len(post.deliver()) == 1


def test_wrong_passwords_count_when_an_address_is_changed(post, account):
    caller = sign_in_as(post.api, account)
    for _ in range(5):
        caller.ask(CHANGE, input={"email": "a@b.example", "currentPassword": "otra cosa"})
    assert read_account(post.api, account).locked_until is not None
    told = caller.ask(CHANGE, input={"email": "a@b.example", "currentPassword": OLD})
    assert told["changeEmail"]["userErrors"][0]["path"] == ["input", "currentPassword"]
    with read_session(post.api.engine) as session:
        assert session.exec(select(OutboxMessage)).all() == []


def test_another_password_ends_the_links_that_its_forerunner_asked_for(post, account):
    caller = sign_in_as(post.api, account)
    wish = {"email": "stranger@altra.example", "currentPassword": OLD}
    assert caller.ask(CHANGE, input=wish)["changeEmail"] == {"userErrors": []}
    assert post.nobody().ask(REQUEST, email=MEMBER)
    [(*_, lost), (*_, other)] = post.deliver()
    query = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
      userErrors { code } } }"""
    given = {"currentPassword": OLD, "newPassword": PASSWORD}
    assert caller.ask(query, input=given)["changePassword"] == {"userErrors": []}
    told = post.nobody().ask(CONFIRM, secret=other)["confirmEmail"]
    assert told["userErrors"] == [{"code": "UNAUTHENTICATED", "path": ["input", "secret"]}]
    assert reset(post, lost)[0]["code"] == "UNAUTHENTICATED"


def test_a_mailbox_forgets_no_wrong_codes(post, account):
    with write_session(post.api.engine) as session:
        locked = session.get_one(UserAccount, account.id)
        locked.failed_sign_ins, locked.locked_until = 9, now() + timedelta(hours=1)
        locked.totp_secret, locked.totp_confirmed_at = b"sealed", now()
    post.nobody().ask(REQUEST, email=MEMBER)
    [(*_, secret)] = post.deliver()
    assert reset(post, secret) == []
    stored = read_account(post.api, account)
    assert (stored.failed_sign_ins, stored.locked_until) == (9, None)
