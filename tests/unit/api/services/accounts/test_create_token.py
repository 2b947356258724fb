"""Tokens: made, shown once, taken back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from api.authentication import UnauthenticatedError, authenticate
from api.services.accounts.create_token import (
    ForeignScopeError,
    UnknownTokenError,
    create_token,
    digest_token,
    revoke_token,
)
from models.session import read_session, write_session
from models.tables import ApiToken, Promoter
from models.values.access import Capability
from models.values.errors import ErrorCode
from models.values.names import InvalidNameError
from tests.support.databases import RECORDED_AT, on_sqlite

# No database can change what is said here.
pytestmark = on_sqlite

KINDS = {"promoter": "promoter", "token": "name"}


def make(engine, promoter="Peña", **more):
    """Make a token in a transaction of its own."""
    with write_session(engine) as session:
        return create_token(session, promoter=promoter, name="laptop", now=RECORDED_AT, **more)


def call(engine, text, at=RECORDED_AT):
    """Authenticate with a token."""
    with read_session(engine) as session:
        return authenticate(session, authorization=f"Bearer {text}", at=at)


def test_a_promoter_is_made_on_demand_and_once(engine):
    first, second = make(engine), make(engine)
    with read_session(engine) as session:
        promoters = session.exec(select(Promoter)).all()
    assert [promoter.name for promoter in promoters] == ["Peña"]
    assert first.promoter_id == second.promoter_id == promoters[0].id
    assert first.text != second.text


def test_only_the_digest_is_stored(engine):
    made = make(engine)
    assert made.text.startswith("rp_")
    assert len(made.text) == 3 + 43
    with read_session(engine) as session:
        stored = session.exec(select(ApiToken)).one()
    assert (stored.sha256, stored.prefix) == (digest_token(made.text), made.text[:11])
    assert made.text not in str(stored.model_dump())
    assert stored.expires_at is None


def test_a_token_opens_for_its_promoter(engine):
    own, other = make(engine), make(engine, promoter="Ebro")
    assert call(engine, own.text).promoter_id == own.promoter_id
    assert call(engine, other.text).promoter_id == other.promoter_id


def test_an_expired_token_opens_no_more(engine):
    made = make(engine, expires_at=RECORDED_AT + timedelta(hours=1))
    assert call(engine, made.text)
    with pytest.raises(UnauthenticatedError):
        call(engine, made.text, at=RECORDED_AT + timedelta(hours=1))


def test_a_revoked_token_opens_no_more_and_stays_revoked(engine):
    made, other = make(engine), make(engine)
    for hours in (0, 1):
        with write_session(engine) as session:
            revoke_token(session, token=made.prefix, now=RECORDED_AT + timedelta(hours=hours))
    with pytest.raises(UnauthenticatedError):
        call(engine, made.text)
    assert call(engine, other.text)
    with read_session(engine) as session:
        rows = session.exec(select(ApiToken).where(ApiToken.prefix == made.prefix)).one()
    assert rows.revoked_at == RECORDED_AT


def test_a_whole_token_can_be_given_back(engine):
    made, other = make(engine), make(engine)
    with write_session(engine) as session:
        assert revoke_token(session, token=made.text, now=RECORDED_AT) == made.prefix
    with pytest.raises(UnauthenticatedError):
        call(engine, made.text)
    assert call(engine, other.text)


def test_an_unknown_token_cannot_be_revoked_and_is_not_repeated(engine):
    made = make(engine)
    for given in ("rp_nothing", made.text[:-1], made.text[:12], made.text + "x", "\udcff" * 20):
        with write_session(engine) as session, pytest.raises(UnknownTokenError) as caught:
            revoke_token(session, token=given, now=RECORDED_AT)
        assert caught.value.prefix == given[:11]
        assert repr(given[:11]) in str(caught.value)
        assert made.text[11:] not in str(caught.value)
    assert call(engine, made.text)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "Pe\u0000na", "Pe\nna", "a\u202eb"])
def test_names_are_short_and_printable(engine, name):
    for given in ({"promoter": name, "name": "laptop"}, {"promoter": "Ebro", "name": name}):
        with write_session(engine) as session, pytest.raises(InvalidNameError) as caught:
            create_token(session, now=RECORDED_AT, **given)
        assert caught.value.text == name[:40]
        assert caught.value.code is ErrorCode.INVALID_ARGUMENT
        assert caught.value.kind == next(
            kind for kind, text in KINDS.items() if given[text] == name
        )
    with read_session(engine) as session:
        assert session.exec(select(ApiToken)).all() == []


def test_the_longest_name_is_taken(engine):
    assert make(engine, promoter="ñ" * 200)


def test_a_token_does_what_it_names_and_no_more(engine):
    token = make(engine, scopes=[Capability.READ, Capability.PLAN])
    assert call(engine, token.text).capabilities == {Capability.READ, Capability.PLAN}
    with read_session(engine) as session:
        assert session.exec(select(ApiToken.scopes)).one() == "plan read"


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        ([], "no scope is named: choose of administer, agree,"),
        ([Capability.READ, Capability.OWN, Capability.OPERATE], "no token may do operate, own: "),
    ],
)
def test_a_token_names_what_a_token_may_do(engine, scopes, told):
    with pytest.raises(ForeignScopeError, match=told):
        make(engine, scopes=scopes)
    with read_session(engine) as session:
        assert session.exec(select(ApiToken)).all() == []
