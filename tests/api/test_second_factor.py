"""The second factor through the API: set up, asked for, used once, locked, taken away."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from api import clock
from api.app import create_app
from api.services.accounts.passwords import hash_new_password
from models.session import read_session
from models.tables import UserAccount, UserSession
from models.values.access import Role
from tests.support.accounts_of_roles import (
    PASSWORD,
    PEOPLE,
    Caller,
    add_account,
    call_as,
    carry,
    quick_hashing,
    sign_in_as,
)
from tests.support.api import Api, connect
from tests.support.authenticator import App
from tests.support.databases import on_sqlite

__all__ = ["quick_hashing"]

# No database can change what is said here.
pytestmark = [on_sqlite, pytest.mark.usefixtures("quick_hashing")]

SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  viewer { role } awaitsSecondFactor userErrors { code }
} }"""
BEGIN = "mutation { beginSecondFactor { secret otpauthUri userErrors { code } } }"
USE = """mutation ($input: CodeInput!) { %s(input: $input) {
  viewer { role hasSecondFactor } userErrors { code path }
} }"""
CONFIRM, REMOVE, CONFIRM_SIGN_IN = (
    USE % name for name in ("confirmSecondFactor", "removeSecondFactor", "confirmSignIn")
)
VIEWER = "{ viewer { role needsSecondFactor capabilities { totalCount } } }"
WRONG = {"viewer": None, "userErrors": [{"code": "INVALID_ARGUMENT", "path": ["input", "code"]}]}


def use(caller: Caller, query: str, code: str):
    [answer] = caller.ask(query, input={"code": code}).values()
    return answer


def sign_in(api) -> Caller:
    """Sign in with the password, and hold what the cookie then is."""
    given = {"email": "promoter-admin@vila.example", "password": PASSWORD}
    answer = call_as(api, Role.PUBLIC).post(SIGN_IN, input=given)
    return answer.json()["data"]["signIn"], hold_cookie(api, answer)


def hold_cookie(api, answer) -> Caller:
    secret = answer.headers.get("set-cookie", "").partition(";")[0].partition("=")[2]
    return Caller(api, Role.PUBLIC, carry(secret))


def read_account(api) -> UserAccount:
    with read_session(api.engine) as session:
        return session.exec(select(UserAccount)).one()


@pytest.fixture
def admin(api) -> Caller:
    kept = hash_new_password(PASSWORD)
    return sign_in_as(api, add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=kept))


@pytest.fixture
def app(admin) -> App:
    """Set the second factor up."""
    app = App(admin.ask(BEGIN)["beginSecondFactor"]["secret"])
    assert use(admin, CONFIRM, app.show())["userErrors"] == []
    return app


def test_what_an_app_needs_is_told_once_and_kept_sealed(api, admin):
    begun = admin.ask(BEGIN)["beginSecondFactor"]
    address = urlsplit(begun["otpauthUri"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/reparto:promoter-admin%40vila.example"
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert asked == {
        "secret": begun["secret"],
        "issuer": "reparto",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    stored = read_account(api)
    plain = base64.b32decode(begun["secret"])
    assert len(plain) == 20
    assert plain not in stored.totp_secret
    # Nothing is asked for yet, and another try draws another one.
    assert sign_in(api)[0]["awaitsSecondFactor"] is False
    assert admin.ask(BEGIN)["beginSecondFactor"]["secret"] != begun["secret"]


def test_a_code_is_asked_for_after_the_password(api, admin, app):
    told, waiting = sign_in(api)
    assert told == {"viewer": None, "awaitsSecondFactor": True, "userErrors": []}
    # What awaits a code opens nothing.
    assert waiting.ask(VIEWER) == {"viewer": None}
    error = waiting.error("{ communities { totalCount } }")
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert waiting.error(BEGIN)["extensions"] == {"code": "UNAUTHENTICATED"}
    assert waiting.get("/files/x").status_code == 401
    with read_session(api.engine) as session:
        stored = session.exec(select(UserSession).where(UserSession.awaits_second_factor)).one()
    assert stored.expires_at - stored.created_at == timedelta(minutes=10)

    answer = waiting.post(CONFIRM_SIGN_IN, input={"code": app.show()})
    assert answer.json()["data"]["confirmSignIn"] == {
        "viewer": {"role": "PROMOTER_ADMIN", "hasSecondFactor": True},
        "userErrors": [],
    }
    inside = hold_cookie(api, answer)
    assert inside.ask(VIEWER)["viewer"]["role"] == "PROMOTER_ADMIN"
    # Whoever does not wait for it, any more or at all, has no use for a code.
    for caller in (waiting, inside, call_as(api, Role.PUBLIC)):
        answer = use(caller, CONFIRM_SIGN_IN, app.show())
        assert [error["code"] for error in answer["userErrors"]] == ["UNAUTHENTICATED"]


def test_a_code_is_used_once(api, admin):
    app = App(admin.ask(BEGIN)["beginSecondFactor"]["secret"])
    code = app.show()
    assert use(admin, CONFIRM, code)["userErrors"] == []
    _, waiting = sign_in(api)
    assert use(waiting, CONFIRM_SIGN_IN, code) == WRONG
    assert use(waiting, CONFIRM_SIGN_IN, app.show())["userErrors"] == []


def test_wrong_codes_lock_and_a_right_password_forgets_none(api, admin, app):
    _, waiting = sign_in(api)
    for failures in range(1, 6):
        assert use(waiting, CONFIRM_SIGN_IN, "000000") == WRONG
        if failures < 5:
            assert sign_in(api)[0]["awaitsSecondFactor"] is True
        assert read_account(api).failed_sign_ins == failures
    assert read_account(api).locked_until > clock.now()
    assert use(waiting, CONFIRM_SIGN_IN, app.show()) == WRONG
    assert sign_in(api)[0]["userErrors"] == [{"code": "UNAUTHENTICATED"}]


def test_it_is_taken_away_by_a_last_code(api, admin, app):
    assert admin.ask(BEGIN)["beginSecondFactor"]["userErrors"] == [{"code": "CONFLICT"}]
    assert use(admin, REMOVE, "000000") == WRONG
    told = {"role": "PROMOTER_ADMIN", "hasSecondFactor": False}
    assert use(admin, REMOVE, app.show()) == {"viewer": told, "userErrors": []}
    stored = read_account(api)
    assert (stored.totp_secret, stored.totp_confirmed_at, stored.totp_step) == (None, None, None)
    assert sign_in(api)[0]["awaitsSecondFactor"] is False
    assert use(admin, CONFIRM, app.show()) == WRONG


@pytest.fixture
def strict(api) -> Iterator[Api]:
    """Serve the same database where admins need a second factor."""
    settings = api.settings.model_copy(update={"promoters_need_second_factor": True})
    with connect(create_app(settings)) as client:
        yield replace(api, client=client)


@pytest.mark.parametrize("role", PEOPLE)
def test_admins_and_staff_may_have_to_set_one_up_first(strict, role):
    caller = call_as(strict, role)
    viewer = caller.ask(VIEWER)["viewer"]
    owes = role in (Role.PROMOTER_ADMIN, Role.PROMOTER_STAFF)
    assert viewer["needsSecondFactor"] is owes
    assert (viewer["capabilities"] == {"totalCount": 1}) is owes


def test_an_admin_who_has_set_it_up_may_do_all(strict):
    caller = call_as(strict, Role.PROMOTER_ADMIN)
    error = caller.error("{ communities { totalCount } }")
    assert error["extensions"] == {"code": "FORBIDDEN"}
    app = App(caller.ask(BEGIN)["beginSecondFactor"]["secret"])
    assert use(caller, CONFIRM, app.show())["userErrors"] == []
    assert caller.ask("{ communities { totalCount } }")["communities"]["totalCount"] == 1


def test_signing_in_opens_no_more_to_an_admin_who_owes_it(strict):
    kept = hash_new_password(PASSWORD)
    add_account(strict.engine, Role.PROMOTER_ADMIN, password_hash=kept)
    query = SIGN_IN.replace("viewer { role }", "viewer { needsSecondFactor }")
    given = {"email": "promoter-admin@vila.example", "password": PASSWORD}
    told = call_as(strict, Role.PUBLIC).ask(query, input=given)["signIn"]
    assert told["viewer"] == {"needsSecondFactor": True}
