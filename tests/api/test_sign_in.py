"""Signing in with a password: the cookie, what is told of failures, lock-out, sign-out."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from time import monotonic, sleep

import pytest
from sqlmodel import select

from api.app import create_app
from api.clock import now
from api.graphql import mutate_sign_ins
from api.policies import SESSION_LASTS
from api.services.accounts import passwords
from api.services.accounts.create_token import digest_token
from api.services.accounts.passwords import check_password, hash_new_password
from models.session import read_session, write_session
from models.tables import UserAccount, UserSession
from models.values.access import Role
from tests.support.accounts_of_roles import (
    PASSWORD,
    Caller,
    add_account,
    call_as,
    carry,
    quick_hashing,
)
from tests.support.api import connect
from tests.support.audit_trail import list_entries
from tests.support.databases import on_sqlite

__all__ = ["quick_hashing"]

# No database can change what is said here.
pytestmark = [on_sqlite, pytest.mark.usefixtures("quick_hashing")]

EMAIL = "promoter-admin@vila.example"
OTHER = "otra clave bien larga"
SIGN_IN = """mutation ($input: SignInInput!) { signIn(input: $input) {
  viewer { role name } awaitsSecondFactor userErrors { __typename code message path }
} }"""
SIGN_OUT = """mutation ($input: SignOutInput) { signOut(input: $input) { userErrors { code } } }"""
CHANGE = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
  viewer { name } userErrors { code path }
} }"""
VIEWER = "{ viewer { role } }"
NOBODY = {"data": {"viewer": None}}
REFUSED = {
    "viewer": None,
    "awaitsSecondFactor": False,
    "userErrors": [
        {
            "__typename": "UnauthenticatedUserError",
            "code": "UNAUTHENTICATED",
            "message": "address and password do not fit, or were wrong too often: try again in "
            "some minutes",
            "path": ["input"],
        }
    ],
}


@pytest.fixture
def account(api) -> UserAccount:
    return add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=hash_new_password(PASSWORD))


@pytest.fixture
def public(api) -> Caller:
    return call_as(api, Role.PUBLIC)


def sign_in(public, *, email=EMAIL, password=PASSWORD):
    return public.post(SIGN_IN, input={"email": email, "password": password})


def told(answer):
    return answer.json()["data"]["signIn"]


def enter(public) -> Caller:
    """Sign in as a browser would."""
    cookie = sign_in(public).headers["set-cookie"]
    secret = cookie.partition(";")[0].partition("=")[2]
    return Caller(public.api, Role.PROMOTER_ADMIN, carry(secret))


def read(api, kind):
    with read_session(api.engine) as session:
        return session.exec(select(kind)).all()


def test_a_right_password_sets_a_cookie_that_opens(api, account, public):
    answer = sign_in(public, email=" Promoter-Admin@VILA.example ")
    assert told(answer) == {
        "viewer": {"role": "PROMOTER_ADMIN", "name": "Promoter-Admin"},
        "awaitsSecondFactor": False,
        "userErrors": [],
    }
    pair, *manners = answer.headers["set-cookie"].split("; ")
    name, _, secret = pair.partition("=")
    expires, *manners = manners
    assert name == "__Host-reparto"
    assert len(secret) == 43
    assert expires.startswith("Expires=")
    assert expires.endswith(" GMT")
    assert set(manners) == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}

    [stored] = read(api, UserSession)
    assert stored.sha256 == digest_token(secret)
    assert secret not in str(stored.model_dump())
    assert (stored.account_id, stored.promoter_id) == (account.id, account.promoter_id)
    assert stored.expires_at - stored.created_at == SESSION_LASTS
    caller = Caller(api, Role.PROMOTER_ADMIN, carry(secret))
    assert caller.ask(VIEWER) == {"viewer": {"role": "PROMOTER_ADMIN"}}
    assert "set-cookie" not in caller.post(VIEWER).headers


def test_whatever_is_wrong_is_told_alike_and_sets_nothing(api, account, public, monkeypatch):
    add_account(api.engine, Role.MEMBER, community="none")
    change(api, email="member@vila.example", password_hash=None)
    add_account(
        api.engine,
        Role.PROMOTER_STAFF,
        password_hash=hash_new_password(PASSWORD),
        disabled_at=now(),
    )
    verified = []
    verify = passwords._HASHER.verify

    def count(*arguments):
        verified.append(arguments)
        return verify(*arguments)

    monkeypatch.setattr(type(passwords._HASHER), "verify", staticmethod(count))
    wrong = [
        {"password": OTHER},
        {"password": ""},
        {"email": "nobody@vila.example"},
        {"email": "member@vila.example"},
        {"email": "promoter-staff@vila.example"},
        {"email": "not an\0address"},
    ]
    for given in wrong:
        answer = sign_in(public, **given)
        assert told(answer) == REFUSED
        assert "set-cookie" not in answer.headers
    # The same work for everybody: one hash of the same cost.
    assert len(verified) == len(wrong)
    costs = {kept.split("$")[1:4][2] for kept, _ in verified}
    assert costs == {"m=8,t=1,p=1"}
    assert read(api, UserSession) == []


def change(api, *, email=EMAIL, **columns):
    with write_session(api.engine) as session:
        row = session.exec(select(UserAccount).where(UserAccount.email == email)).one()
        for name, value in columns.items():
            setattr(row, name, value)


def test_a_network_does_not_try_for_ever(api):
    """Each failure leaves an entry in the audit trail, for good."""
    app = create_app(api.settings.model_copy(update={"sign_ins_per_hour": 2}))
    with connect(app) as client:
        public = call_as(replace(api, app=app, client=client), Role.PUBLIC)
        answers = [sign_in(public, email=f"{name}@vila.example") for name in ("a", "b", "c")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert [each.action for each in list_entries(api.engine)] == ["sign-in-refused"] * 2


def test_five_failures_lock_for_a_minute_and_more_for_longer(api, account, public):
    for failures in range(1, 5):
        assert told(sign_in(public, password=OTHER)) == REFUSED
        [stored] = read(api, UserAccount)
        assert (stored.failed_sign_ins, stored.locked_until) == (failures, None)
    for failures, minutes in ((5, 1), (6, 2), (7, 4), (11, 60), (60, 60)):
        change(api, failed_sign_ins=failures - 1, locked_until=None)
        before = now()
        assert told(sign_in(public, password=OTHER)) == REFUSED
        [stored] = read(api, UserAccount)
        assert stored.failed_sign_ins == failures
        assert before <= stored.locked_until - timedelta(minutes=minutes) <= now()
    # Nothing opens it now, and nothing is counted.
    assert told(sign_in(public)) == REFUSED
    assert read(api, UserAccount)[0].failed_sign_ins == 60
    change(api, locked_until=now())
    assert told(sign_in(public))["userErrors"] == []
    [stored] = read(api, UserAccount)
    assert (stored.failed_sign_ins, stored.locked_until) == (0, None)


def test_a_session_goes_on_while_others_are_locked_out(api, account, public):
    caller = enter(public)
    change(api, failed_sign_ins=5, locked_until=now() + timedelta(hours=1))
    assert caller.ask(VIEWER) == {"viewer": {"role": "PROMOTER_ADMIN"}}


def test_a_dated_hash_is_replaced(api, account, public, monkeypatch):
    assert told(sign_in(public))["userErrors"] == []
    assert read(api, UserAccount)[0].password_hash == account.password_hash
    newer = type(passwords._HASHER)(time_cost=2, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", newer)
    assert told(sign_in(public))["userErrors"] == []
    assert "t=2" in read(api, UserAccount)[0].password_hash
    assert told(sign_in(public))["userErrors"] == []


def test_signing_in_again_takes_the_place_of_the_session(api, account, public):
    first = enter(public)
    answer = first.post(SIGN_IN, input={"email": EMAIL, "password": PASSWORD})
    assert told(answer)["userErrors"] == []
    assert first.post(VIEWER).json() == NOBODY


def test_signing_out_ends_this_session_or_all(api, account, public):
    first, second, third = enter(public), enter(public), enter(public)
    answer = first.post(SIGN_OUT)
    assert answer.json() == {"data": {"signOut": {"userErrors": []}}}
    assert answer.headers["set-cookie"] == (
        "__Host-reparto=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    )
    assert first.post(VIEWER).json() == NOBODY
    assert second.ask(VIEWER)["viewer"]
    second.ask(SIGN_OUT, input={"everywhere": True})
    assert third.post(VIEWER).json() == NOBODY
    assert public.ask(SIGN_OUT) == {"signOut": {"userErrors": []}}


def test_a_new_password_ends_other_sessions(api, account, public):
    here, there = enter(public), enter(public)
    changed = here.ask(CHANGE, input={"currentPassword": PASSWORD, "newPassword": OTHER})
    assert changed["changePassword"] == {"viewer": {"name": "Promoter-Admin"}, "userErrors": []}
    assert here.ask(VIEWER)["viewer"]
    assert there.post(VIEWER).json() == NOBODY
    assert told(sign_in(public)) == REFUSED
    assert told(sign_in(public, password=OTHER))["userErrors"] == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"currentPassword": OTHER, "newPassword": OTHER}, ["input", "currentPassword"]),
        ({"currentPassword": PASSWORD, "newPassword": "short"}, ["input", "newPassword"]),
    ],
)
def test_a_password_is_not_changed_by_strangers_or_to_a_short_one(
    api, account, public, given, path
):
    caller = enter(public)
    answer = caller.ask(CHANGE, input=given)["changePassword"]
    assert answer == {
        "viewer": None,
        "userErrors": [{"code": "INVALID_ARGUMENT", "path": path}],
    }
    [stored] = read(api, UserAccount)
    assert stored.password_hash == account.password_hash
    assert stored.failed_sign_ins == (path[1] == "currentPassword")


def test_accents_may_be_typed_in_two_ways(api, public):
    kept = hash_new_password("contrasen\u0303a larga")
    add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=kept)
    assert told(sign_in(public, password="contrase\u00f1a larga"))["userErrors"] == []


def test_nothing_personal_is_logged(api, account, public, capfd):
    caller = enter(public)
    sign_in(public, password=OTHER)
    caller.ask(VIEWER)
    caller.ask(SIGN_OUT)
    logged = "".join(capfd.readouterr())
    assert "/graphql" in logged
    for secret in (EMAIL, "vila.example", PASSWORD, OTHER, "Promoter-Admin", "argon2"):
        assert secret not in logged
    assert caller.headers["cookie"].partition("=")[2] not in logged


def test_few_passwords_are_checked_at_a_time(api, account, public, monkeypatch):
    lock, running, most = Lock(), [], []

    def watch(**given):
        with lock:
            running.append(given)
            most.append(len(running))
        sleep(0.02)
        with lock:
            running.pop()
        return check_password(**given)

    monkeypatch.setattr(mutate_sign_ins, "check_password", watch)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: told(sign_in(public)), range(6)))
    assert [answer["userErrors"] for answer in answers] == [[]] * 6
    assert max(most) == 2


@pytest.mark.parametrize("email", [EMAIL, "nobody@vila.example"])
def test_failures_are_told_no_sooner_for_being_less_work(api, account, public, monkeypatch, email):
    monkeypatch.setattr(mutate_sign_ins, "_FAILURE_SECONDS", 0.3)
    began_at = monotonic()
    assert told(sign_in(public, email=email, password=OTHER)) == REFUSED
    assert monotonic() - began_at >= 0.3
