"""Who may do what."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from api.policies import (
    CAPABILITIES,
    GIVES,
    SESSION_IDLE,
    SESSION_LASTS,
    lock_after,
    may_import_from,
    may_sign_in,
    may_use_session,
    may_use_token,
    narrow_to_scopes,
)
from models.tables import ApiToken, UserAccount, UserSession
from models.values.access import Capability, Role

NOW = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def token(**instants: datetime) -> ApiToken:
    """Make a token."""
    return ApiToken(
        promoter_id=uuid4(), name="t", prefix="rp_", sha256="0", created_at=NOW, **instants
    )


@pytest.mark.parametrize(
    ("instants", "is_open"),
    [
        ({}, True),
        ({"expires_at": NOW + SECOND}, True),
        ({"expires_at": NOW}, False),
        ({"revoked_at": NOW}, False),
        ({"revoked_at": NOW + SECOND}, True),
        ({"expires_at": NOW + SECOND, "revoked_at": NOW - SECOND}, False),
    ],
)
def test_a_token_opens_until_it_expires_or_is_revoked(instants, is_open):
    assert may_use_token(token(**instants), at=NOW) is is_open


@pytest.mark.parametrize(
    ("folder", "root", "is_allowed"),
    [
        ("/data/in/c1", "/data/in", True),
        ("/data/in", "/data/in", False),
        ("/data/inside", "/data/in", False),
        ("/data", "/data/in", False),
        ("/data/in/c1", None, False),
    ],
)
def test_imports_come_from_below_the_root_alone(folder, root, is_allowed):
    assert may_import_from(Path(folder), root=Path(root) if root else None) is is_allowed


def test_only_those_who_reach_their_own_alone_have_it_open():
    holders = {role for role, held in CAPABILITIES.items() if Capability.OWN in held}
    assert holders == {Role.MEMBER, Role.CANDIDATE}


def test_the_public_may_do_nothing_and_every_role_is_known():
    assert CAPABILITIES.keys() == set(Role)
    assert CAPABILITIES[Role.PUBLIC] == frozenset()


@pytest.mark.parametrize(
    ("scopes", "capabilities"),
    [
        (None, CAPABILITIES[Role.INTEGRATOR]),
        ("read", {Capability.READ}),
        ("plan read", {Capability.READ, Capability.PLAN}),
        ("operate own read", {Capability.READ}),
        ("nonsense", set()),
    ],
)
def test_a_token_may_do_what_it_names_of_what_its_role_may(scopes, capabilities):
    assert narrow_to_scopes(Role.INTEGRATOR, scopes) == capabilities


def account(**columns: object) -> UserAccount:
    """Make an account."""
    return UserAccount(email="a@c.es", name="a", role=Role.OPERATOR, created_at=NOW, **columns)


@pytest.mark.parametrize(
    ("instants", "is_open"),
    [
        ({}, True),
        ({"disabled_at": NOW}, False),
        ({"disabled_at": NOW + SECOND}, True),
        ({"locked_until": NOW}, True),
        ({"locked_until": NOW + SECOND}, False),
    ],
)
def test_an_account_opens_unless_it_is_disabled_or_locked(instants, is_open):
    assert may_sign_in(account(**instants), at=NOW) is is_open


@pytest.mark.parametrize(
    ("instants", "disabled_at", "is_open"),
    [
        ({}, None, True),
        ({"expires_at": NOW}, None, False),
        ({"expires_at": NOW + SECOND}, None, True),
        ({"last_seen_at": NOW - SESSION_IDLE}, None, False),
        ({"last_seen_at": NOW - SESSION_IDLE + SECOND}, None, True),
        ({"ended_at": NOW}, None, False),
        ({"ended_at": NOW + SECOND}, None, True),
        ({}, NOW, False),
        ({}, NOW + SECOND, True),
    ],
)
def test_a_session_opens_until_it_expires_idles_or_is_ended(instants, disabled_at, is_open):
    row = {"created_at": NOW, "last_seen_at": NOW, "expires_at": NOW + SESSION_LASTS} | instants
    session = UserSession(account_id=uuid4(), sha256="0", **row)
    assert may_use_session(session, account(disabled_at=disabled_at), at=NOW) is is_open


@pytest.mark.parametrize(
    ("failures", "minutes"), [(5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (16, 60), (9_999, 60)]
)
def test_locks_grow_up_to_an_hour(failures, minutes):
    assert lock_after(failures, at=NOW) == NOW + timedelta(minutes=minutes)


def test_four_failures_lock_nothing():
    assert [lock_after(failures, at=NOW) for failures in range(5)] == [None] * 5


GIVEN = """
                   admin staff manager member candidate
    operator         yes    no      no     no        no
    promoter-admin   yes   yes     yes    yes       yes
    promoter-staff    no    no     yes    yes       yes
    community-manager no    no      no    yes       yes
    member            no    no      no     no        no
    candidate         no    no      no     no        no
    integrator        no    no      no    yes       yes
    public            no    no      no     no        no
"""
TAKERS = (
    Role.PROMOTER_ADMIN,
    Role.PROMOTER_STAFF,
    Role.COMMUNITY_MANAGER,
    Role.MEMBER,
    Role.CANDIDATE,
)


def test_who_may_invite_whom():
    rows = [line.split() for line in GIVEN.strip().splitlines()[1:]]
    expected = {
        Role(name): {
            taker for taker, answer in zip(TAKERS, answers, strict=True) if answer == "yes"
        }
        for name, *answers in rows
    }
    assert expected == GIVES


def test_nobody_gives_a_role_that_may_do_more_than_theirs():
    for giver, given in GIVES.items():
        if giver is not Role.OPERATOR:
            gained = {held for role in given for held in CAPABILITIES[role]}
            assert gained - {Capability.OWN, Capability.ACCOUNT} <= CAPABILITIES[giver]
        assert not given or Capability.INVITE in CAPABILITIES[giver]
