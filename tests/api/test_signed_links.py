"""Signed links: one file for a while, without a token, and nothing more."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from api.authentication import PUBLIC, authenticate
from api.clock import now
from api.download_links import LinkSigner
from api.graphql.node import write_global_id
from api.secret_keys import load_keyring
from models.keyring import Keyring
from models.session import read_session
from models.tables import CoefficientProposal
from models.values.access import Capability, Role
from tests.support.accounts_of_roles import call_as
from tests.support.api import CAU, add_token
from tests.support.databases import on_sqlite

pytestmark = on_sqlite

FILES = """query ($id: ID!) { node(id: $id) { ... on CoefficientProposal { downloads {
  report(language: CA) distributorFile(year: 2031) members(dialect: PLAIN) proposal } } } }"""


@pytest.fixture
def files(api, proposal):
    """Give the links of a proposal's files."""
    return api.ask(FILES, id=proposal)["node"]["downloads"]


def knock(api, path, method="GET"):
    """Ask for an address without saying who asks."""
    return api.client.request(method, path)


def test_a_link_opens_its_file_as_it_was_asked_for(api, files):
    answer = knock(api, files["distributorFile"])
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="{CAU}_2031.txt"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert knock(api, files["members"]).content.startswith(b"member_id,")
    assert api.get(files["members"].partition("&")[0]).content.startswith(b"member_id,")
    assert knock(api, files["report"]).content[:2] == b"PK"


def test_without_its_signature_an_address_asks_who_calls(api, files):
    path, _, _ = files["proposal"].partition("?")
    assert knock(api, path).status_code == 401
    assert api.get(path).status_code == 200
    assert api.get(files["proposal"]).status_code == 200
    assert api.get(files["proposal"], token=api.other).status_code == 404
    assert api.get(files["proposal"], token="rp_none").status_code == 401


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/proposals/", "/agreements/"),
        ("year=2031", "year=2032"),
        ("year=2031&", ""),
        ("?year", "?language=es&year"),
        ("?", "?signature=x&"),
        ("expires=", "expires=9"),
        ("expires=", "expires=1&expires="),
        ("signature=", "signature=A"),
        ("signature=", "signature=&signature="),
        ("END", "&year=2032"),
        ("END", "A"),
        ("END", "A" * 20_000),
    ],
)
def test_a_link_cannot_be_changed(api, files, old, new):
    answer = knock(api, (files["distributorFile"] + "END").replace(old, new, 1).removesuffix("END"))
    assert (answer.status_code, answer.json()["errors"]) == (
        401,
        [
            {
                "message": "this link has ended or was changed: ask for a new one",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ],
    )


def test_a_link_dies_at_its_instant(api, files, monkeypatch):
    link = files["proposal"]
    ends_at = int(link.partition("expires=")[2].partition("&")[0])
    life = api.settings.download_link_life
    assert life == timedelta(minutes=15)
    assert 0 <= (now() + life).timestamp() - ends_at < 60
    for moment, status in ((ends_at - 0.001, 200), (ends_at, 401)):
        clock = partial(datetime.fromtimestamp, moment, UTC)
        monkeypatch.setattr("api.http.caller_guard.now", clock)
        assert knock(api, link).status_code == status


def test_only_reading_takes_a_link(api, files):
    assert knock(api, files["proposal"], "HEAD").status_code == 200
    assert knock(api, files["proposal"], "POST").status_code == 401


def sign(api, path, *, promoter, scopes=None):
    """Sign a link for a token of a promoter, wherever it leads."""
    token = add_token(api.engine, promoter, scopes=scopes)
    with read_session(api.engine) as session:
        caller = authenticate(session, authorization=f"Bearer {token.text}", at=now())
    ends_at = now() + timedelta(minutes=1)
    return LinkSigner(load_keyring(api.settings), caller, ends_at).sign(path)


def test_a_link_reaches_as_far_as_who_asked_for_it(api, files):
    path, _, _ = files["proposal"].partition("?")
    own, other = "Ajuntament de la Peña", "Cooperativa del Ebro"
    assert knock(api, sign(api, path, promoter=own)).status_code == 200
    assert knock(api, sign(api, path, promoter=other)).status_code == 404
    narrow = sign(api, path, promoter=own, scopes=[Capability.READ])
    assert knock(api, narrow).status_code == 403


def test_a_link_of_another_installation_opens_nothing(api, files):
    path, _, _ = files["proposal"].partition("?")
    foreign = Keyring({1: bytes(32)})
    link = LinkSigner(foreign, PUBLIC, now() + timedelta(minutes=1)).sign(path)
    assert knock(api, link).status_code == 401


def test_who_signed_in_needs_no_link_that_lives(api, files):
    caller = call_as(api, Role.PROMOTER_STAFF)
    stale = files["distributorFile"].replace("year=2031", "year=2032")
    assert knock(api, stale).status_code == 401
    answer = caller.get(stale)
    assert f"{CAU}_2032.txt" in answer.headers["content-disposition"]


def test_a_link_of_a_session_opens_without_its_cookie(api, files):
    caller = call_as(api, Role.PROMOTER_STAFF)
    path, _, _ = files["proposal"].partition("?")
    key = write_global_id(CoefficientProposal, UUID(path.split("/")[2]))
    link = caller.ask(FILES, id=key)["node"]["downloads"]["proposal"]
    assert link != path
    assert knock(api, link).status_code == 200
