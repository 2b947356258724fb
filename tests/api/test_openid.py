"""Signing in at an OpenID provider: who gets in, and every way in which they do not."""

import dataclasses
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlmodel import select

from api.app import create_app
from api.clients import openid_provider
from api.clients.remote_errors import UnsafeAddressError
from api.clock import now
from api.openid_flow import FLOW_COOKIE, FLOW_LASTS
from api.services.accounts.passwords import hash_new_password
from api.session_cookie import COOKIE
from api.settings import InvalidSettingError, LogFormat
from models.session import read_session, write_session
from models.tables import AuditEntry, ExternalIdentity, UserAccount, UserSession
from models.values.access import Role
from tests.support.accounts_of_roles import (
    PASSWORD,
    Caller,
    add_account,
    call_as,
    carry,
    quick_hashing,
    sign_in_as,
)
from tests.support.api import connect
from tests.support.databases import on_sqlite
from tests.support.logs import written_log
from tests.support.openid_provider import CLIENT_ID, CLIENT_SECRET, run_provider, visit

__all__ = ["quick_hashing"]

# No database can change what is said here.
pytestmark = on_sqlite

START = "/sign-in/openid"
HOME = "/communities?year=2025"
VIEWER = "{ viewer { role email identities { totalCount edges { node { issuer } } } } }"
UNLINK = """mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) {
  viewer { identities { totalCount } } userErrors { code path }
} }"""


@pytest.fixture(scope="module")
def running():
    with run_provider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    running.begin_anew()
    return running


@pytest.fixture
def own(api, provider):
    """Serve the same where people sign in at the provider."""
    settings = api.settings.model_copy(
        update={
            "openid_issuer": provider.url,
            "openid_client_id": CLIENT_ID,
            "openid_client_secret": SecretStr(CLIENT_SECRET),
            "openid_allows_loopback": True,
            "public_url": "https://reparto.test/",
        }
    )
    with connect(create_app(settings)) as client:
        yield dataclasses.replace(api, client=client)


@pytest.fixture
def account(api, quick_hashing) -> UserAccount:
    password_hash = hash_new_password(PASSWORD)
    return add_account(api.engine, Role.PROMOTER_ADMIN, password_hash=password_hash)


def begin(own, path=HOME) -> tuple[str, dict[str, str]]:
    """Begin to sign in; give the provider's address, and the cookie that was set."""
    answer = own.client.request("GET", START, params={"returnTo": path})
    assert answer.status_code == 303, answer.text
    pair, *manners = answer.headers["set-cookie"].split("; ")
    assert set(manners) == {"Max-Age=600", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    assert pair.startswith(f"{FLOW_COOKIE}=")
    return answer.headers["location"], {"cookie": pair}


def come_back(own, address: str, cookie: dict[str, str]) -> httpx.Response:
    """Go to the provider, and come back as it says."""
    back = urlsplit(visit(address))
    assert (back.scheme, back.netloc) == ("https", "reparto.test")
    return own.client.request("GET", f"{back.path}?{back.query}", headers=cookie)


def sign_in(own, path=HOME) -> httpx.Response:
    return come_back(own, *begin(own, path))


def find_caller(own, answer) -> Caller:
    """Go on with the cookie of the session."""
    cookies = dict(
        header.partition(";")[0].split("=", 1) for header in answer.headers.get_list("set-cookie")
    )
    assert cookies[FLOW_COOKIE] == ""
    return Caller(own, Role.PROMOTER_ADMIN, carry(cookies[COOKIE]))


def tell(answer) -> str | None:
    """Tell what the page is told."""
    assert answer.status_code == 303, answer.text
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc) == ("", "")
    return parse_qs(target.query).get("signIn", [None])[0]


def read(api, kind):
    with read_session(api.engine) as session:
        return session.exec(select(kind)).all()


def assert_refused(own, answer, news) -> None:
    """Hold that nobody has come in, and nothing was stored."""
    assert tell(answer) == news
    assert f"{FLOW_COOKIE}=; Max-Age=0" in answer.headers["set-cookie"]
    assert COOKIE not in {each.partition("=")[0] for each in answer.headers.get_list("set-cookie")}
    assert read(own, UserSession) == []
    assert read(own, ExternalIdentity) == []


def test_the_first_sign_in_links_the_account_and_the_next_knows_it(own, provider, account):
    address, _ = begin(own)
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{provider.url}/authorize?")
    assert asked["scope"] == ["openid email"]
    assert asked["redirect_uri"] == ["https://reparto.test/sign-in/openid/callback"]
    assert {name: len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {
        "state": 43,
        "nonce": 43,
        "code_challenge": 43,
    }

    answer = sign_in(own)
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    [linked] = read(own, ExternalIdentity)
    [entry] = read(own, AuditEntry)
    assert (entry.action, entry.outcome, entry.account_id) == ("sign-in", "done", account.id)
    assert f"external_identity:{linked.id}" in entry.subjects.split()
    assert (linked.issuer, linked.subject, linked.account_id, linked.promoter_id) == (
        provider.url,
        "subject-1",
        account.id,
        account.promoter_id,
    )
    # Whoever is known is known by the subject, whatever becomes of the address.
    provider.claims = {"email": "other@vila.example", "email_verified": False}
    caller = find_caller(own, sign_in(own))
    assert caller.ask(VIEWER)["viewer"] == {
        "role": "PROMOTER_ADMIN",
        "email": "promoter-admin@vila.example",
        "identities": {"totalCount": 1, "edges": [{"node": {"issuer": provider.url}}]},
    }
    assert len(read(own, ExternalIdentity)) == 1
    # What is published was fetched once.
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/keys") == 1


def test_a_provider_may_want_the_secret_in_the_form(own, provider, account):
    provider.way = "client_secret_post"
    assert tell(sign_in(own)) is None


def test_signing_in_anew_takes_the_place_of_the_session(own, provider, account):
    before = sign_in_as(own, account)
    address, cookie = begin(own)
    cookie["cookie"] += f"; {before.headers['cookie']}"
    after = find_caller(own, come_back(own, address, cookie))
    assert before.post(VIEWER).json() == {"data": {"viewer": None}}
    assert after.ask(VIEWER)["viewer"]


def test_a_second_factor_is_asked_for_all_the_same(own, provider, api):
    add_account(api.engine, Role.PROMOTER_ADMIN, totp_secret=b"sealed", totp_confirmed_at=now())
    answer = sign_in(own)
    assert answer.headers["location"] == "/communities?year=2025&signIn=SECOND_FACTOR"
    assert find_caller(own, answer).post(VIEWER).json() == {"data": {"viewer": None}}


def test_a_token_that_is_not_for_here_and_now_is_refused(own, provider, account):
    # tests/unit/api/clients/test_id_tokens.py has all the others.
    for claims in ({"nonce": "x" * 43}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}):
        provider.claims = claims
        assert_refused(own, sign_in(own), "REFUSED")


def test_a_token_without_a_signature_of_the_provider_is_refused(own, provider, account):
    for algorithm in ("none", "HS256"):
        provider.header = {"alg": algorithm}
        assert_refused(own, sign_in(own), "REFUSED")


def test_a_token_signed_by_somebody_else_is_refused(own, provider, account):
    published, known = provider.key, provider.key.kid
    provider.header = {"kid": known}
    assert tell(sign_in(own)) is None
    provider.key = ECKey.generate_key("P-256", auto_kid=True)
    assert tell(sign_in(own)) == "REFUSED"
    provider.key = published


def test_a_new_key_is_looked_for_when_it_is_used(own, provider, account, monkeypatch):
    assert tell(sign_in(own)) is None
    provider.rotate()
    # Not more often than every half minute.
    assert tell(sign_in(own)) == "REFUSED"
    assert provider.asked.count("/keys") == 1
    monkeypatch.setattr(openid_provider, "SECONDS_BETWEEN_LOOKS", 0.0)
    assert tell(sign_in(own)) is None
    assert provider.asked.count("/keys") == 2


UNCERTAIN = [
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "true"},
    {"email": None},
    {"email": ["promoter-admin@vila.example"]},
    {"email": "nobody@vila.example"},
]


def test_nobody_is_let_in_who_has_no_account_for_certain(own, provider, account):
    for claims in UNCERTAIN:
        provider.claims = claims
        assert_refused(own, sign_in(own), "NO_ACCOUNT")
    assert len(read(own, UserAccount)) == 1
    told = [(each.action, each.error_code, each.account_id) for each in read(own, AuditEntry)]
    assert told == [("sign-in-refused", "unauthenticated", None)] * len(UNCERTAIN)


def test_an_account_that_is_closed_stays_closed(own, provider, account):
    day = timedelta(days=1)
    for columns in (
        {"disabled_at": now() - day},
        {"disabled_at": None, "locked_until": now() + day},
    ):
        with write_session(own.engine) as session:
            session.get(UserAccount, account.id).sqlmodel_update(columns)
        assert_refused(own, sign_in(own), "NO_ACCOUNT")


def test_an_address_that_was_given_to_a_successor_opens_nothing(own, provider, account):
    assert tell(sign_in(own)) is None
    provider.claims = {"sub": "subject-2"}
    assert tell(sign_in(own)) == "NO_ACCOUNT"
    assert [each.subject for each in read(own, ExternalIdentity)] == ["subject-1"]


def test_a_state_of_another_browser_is_refused(own, provider, account):
    address, _ = begin(own)
    _, other = begin(own)
    assert_refused(own, come_back(own, address, other), "REFUSED")
    # The code was not even shown to the provider.
    assert "/token" not in provider.asked


def test_a_code_works_once(own, provider, account):
    address, cookie = begin(own)
    back = urlsplit(visit(address))
    first, second = (
        own.client.request("GET", f"{back.path}?{back.query}", headers=cookie) for _ in range(2)
    )
    assert (tell(first), tell(second)) == (None, "REFUSED")
    assert len(read(own, UserSession)) == 1


def test_what_comes_back_by_itself_is_refused(own, provider, account):
    address, cookie = begin(own)
    state = parse_qs(urlsplit(address).query)["state"][0]
    forged = [
        {"cookie": f"{FLOW_COOKIE}={text}".encode("latin-1")}
        for text in ("AAEAAAAAAAAAAAAAAAAAAAAAAAAA", "A", "*", "é", "", "A" * 4_001)
    ]
    answers = [
        *(("EXPIRED", {"code": "x", "state": state}, each) for each in ({}, *forged)),
        ("REFUSED", {"code": "x", "state": state, "iss": "https://id.example"}, cookie),
        ("CANCELLED", {"error": "access_denied", "state": state}, cookie),
        ("CANCELLED", {"code": "x" * 2_001, "state": state}, cookie),
    ]
    for news, told, carried in answers:
        back = own.client.request("GET", f"{START}/callback", params=told, headers=carried)
        assert_refused(own, back, news)
    assert "/token" not in provider.asked


def test_a_sign_in_that_took_too_long_begins_anew(own, provider, account, monkeypatch):
    monkeypatch.setattr("api.openid_flow.FLOW_LASTS", -FLOW_LASTS)
    answer = own.client.request("GET", START)
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert_refused(own, come_back(own, answer.headers["location"], cookie), "EXPIRED")


FOREIGN_PATHS = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/a b",
    "/ñ",
    "",
    "/" + "a" * 500,
]


def test_nobody_is_sent_on_to_another_site(own):
    for path in FOREIGN_PATHS:
        answer = own.client.request("GET", START, params={"returnTo": path})
        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
        assert "set-cookie" not in answer.headers


UNFIT_FACTS = [
    {"issuer": "https://id.example"},
    {"token_endpoint": None},
    {"token_endpoint": "http://169.254.169.254/latest"},
    {"jwks_uri": "http://id.example/keys"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "https://a:b@id.example"},
    {"jwks_uri": "https://[half"},
]


def test_a_provider_that_cannot_be_trusted_is_not_asked(own, provider, monkeypatch):
    monkeypatch.setattr(openid_provider, "SECONDS_AFTER_FAILURE", 0.0)
    for told in UNFIT_FACTS:
        provider.told = told
        answer = own.client.request("GET", START, params={"returnTo": HOME})
        assert tell(answer) == "UNAVAILABLE"
    assert set(provider.asked) == {"/.well-known/openid-configuration"}


def test_a_provider_that_gives_no_tokens_lets_nobody_in(own, provider, account):
    answers = [
        ([], 200),
        ({"error": "server_error"}, 200),
        ({"access_token": "a", "token_type": "Bearer"}, 200),
        ({"id_token": "a.b.c", "token_type": "Bearer"}, 200),
        ({"error": "invalid_client"}, 401),
        ({"error": "temporarily_unavailable"}, 503),
    ]
    for answer in answers:
        provider.token_answer = answer
        assert_refused(own, sign_in(own), "UNAVAILABLE")


def test_a_setting_that_is_missing_or_unsafe_is_said(api):
    issuer = {"openid_issuer": "https://id.example"}
    client = {"openid_client_id": CLIENT_ID, "public_url": "https://reparto.test/"}
    for unset in client:
        given = issuer | client | {unset: None}
        with pytest.raises(InvalidSettingError, match="needs REPARTO_OPENID_CLIENT_ID"):
            create_app(api.settings.model_copy(update=given))
    for unsafe in ("http://id.example", "https://localhost", "http://127.0.0.1:9", "https://"):
        with pytest.raises(UnsafeAddressError):
            create_app(api.settings.model_copy(update=client | {"openid_issuer": unsafe}))


def test_a_provider_that_is_down_is_not_asked_at_once_again(own, provider, account, monkeypatch):
    provider.is_down = True
    for _ in range(3):
        answer = own.client.request("GET", START, params={"returnTo": HOME})
        assert answer.headers["location"] == "/communities?year=2025&signIn=UNAVAILABLE"
    assert len(provider.asked) == 1
    monkeypatch.setattr(openid_provider, "SECONDS_AFTER_FAILURE", 0.0)
    provider.is_down = False
    assert tell(sign_in(own)) is None


def test_whoever_is_linked_sees_it_and_may_take_it_back(own, provider, account):
    caller = find_caller(own, sign_in(own))
    unlink = partial(unlink_as, caller)
    assert unlink("https://id.example")["userErrors"][0]["code"] == "NOT_FOUND"
    assert unlink(provider.url, password="otra clave del todo")["userErrors"] == [
        {"code": "INVALID_ARGUMENT", "path": ["input", "currentPassword"]}
    ]
    assert len(read(own, ExternalIdentity)) == 1
    assert unlink(provider.url) == {"viewer": {"identities": {"totalCount": 0}}, "userErrors": []}
    assert read(own, ExternalIdentity) == []
    assert unlink(provider.url) == {
        "viewer": None,
        "userErrors": [{"code": "NOT_FOUND", "path": ["input", "issuer"]}],
    }


def unlink_as(caller, issuer, password=PASSWORD):
    told = caller.ask(UNLINK, input={"issuer": issuer, "currentPassword": password})
    return told["unlinkIdentity"]


def test_nobody_takes_back_what_is_somebody_elses(own, provider, account, api):
    find_caller(own, sign_in(own))
    password_hash = hash_new_password(PASSWORD)
    staff = add_account(api.engine, Role.PROMOTER_STAFF, password_hash=password_hash)
    other = sign_in_as(own, staff)
    assert other.ask(VIEWER)["viewer"]["identities"]["totalCount"] == 0
    program = call_as(own, Role.INTEGRATOR)
    assert program.ask("{ viewer { identities { totalCount } } }")["viewer"]["identities"] == {
        "totalCount": 0
    }
    refused = unlink_as(other, provider.url)
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    assert len(read(own, ExternalIdentity)) == 1


def test_the_page_is_told_whether_there_is_a_provider(api, own):
    ask = "{ signInMethods { openidPath } }"
    assert Caller(own, Role.PUBLIC).ask(ask) == {"signInMethods": {"openidPath": START}}
    assert Caller(api, Role.PUBLIC).ask(ask) == {"signInMethods": {"openidPath": None}}
    for path in (START, f"{START}/callback?code=a&state=b"):
        assert api.client.request("GET", path).status_code == 404


def test_the_log_says_why_and_names_nobody(own, provider, account):
    with written_log(LogFormat.JSON) as log:
        provider.claims = {"nonce": "stolen-nonce"}
        tell(sign_in(own))
        provider.claims = {"email": "somebody@vila.example"}
        tell(sign_in(own))
    # Of the least level are the words of this test's own client.
    text = "\n".join(line for line in log.getvalue().splitlines() if '"debug"' not in line)
    assert "invalid_claim nonce" in text
    assert "no account is open to them" in text
    for secret in ("stolen-nonce", "somebody@", "subject-1", "code=", CLIENT_SECRET):
        assert secret not in text
