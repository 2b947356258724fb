"""Who may do what: pure answers, without a database and without a clock."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from models.tables import ApiToken, LinkPurpose, UserAccount, UserSession
from models.values.access import Capability, Role

_MANAGES = frozenset(
    {
        Capability.READ,
        Capability.PERSONAL,
        Capability.RECORD,
        Capability.PLAN,
        Capability.AGREE,
        Capability.READ_MONEY,
        Capability.INVITE,
    }
)
_WORKS = _MANAGES | {Capability.BILL, Capability.COLLECT}

CAPABILITIES: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.OPERATOR: frozenset({Capability.OPERATE, Capability.INVITE, Capability.ACCOUNT}),
        Role.PROMOTER_ADMIN: _WORKS | {Capability.ADMINISTER, Capability.ACCOUNT},
        Role.PROMOTER_STAFF: _WORKS | {Capability.ACCOUNT},
        Role.COMMUNITY_MANAGER: _MANAGES | {Capability.ACCOUNT},
        Role.MEMBER: frozenset({Capability.OWN, Capability.ACCOUNT}),
        Role.CANDIDATE: frozenset({Capability.OWN, Capability.ACCOUNT}),
        Role.INTEGRATOR: _WORKS | {Capability.ADMINISTER},
        Role.PUBLIC: frozenset(),
    }
)
"""The most that each role may do; a token may do what its scopes name of its role's.

``OWN`` opens the fields of whatever lies within reach: only who reaches nothing but their own has
it.
"""

TAKES_PART = frozenset({Role.MEMBER, Role.CANDIDATE})
"""Whoever is granted members."""

GIVES: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.OPERATOR: frozenset({Role.PROMOTER_ADMIN}),
        Role.PROMOTER_ADMIN: TAKES_PART
        | {Role.PROMOTER_ADMIN, Role.PROMOTER_STAFF, Role.COMMUNITY_MANAGER},
        Role.PROMOTER_STAFF: TAKES_PART | {Role.COMMUNITY_MANAGER},
        Role.COMMUNITY_MANAGER: TAKES_PART,
        Role.INTEGRATOR: TAKES_PART,
        Role.MEMBER: frozenset(),
        Role.CANDIDATE: frozenset(),
        Role.PUBLIC: frozenset(),
    }
)
"""Whom each role may invite, and look after: those who may do less, and an admin other admins.

A program makes nobody who could do more with a mailbox than it can with its token.
"""

LINK_LASTS: Mapping[LinkPurpose, timedelta] = MappingProxyType(
    {
        LinkPurpose.INVITATION: timedelta(days=7),
        LinkPurpose.PASSWORD_RESET: timedelta(hours=1),
        LinkPurpose.EMAIL_CONFIRMATION: timedelta(hours=24),
    }
)
"""How long a link that was sent by e-mail opens what it is for."""

MOST_LINKS_AN_HOUR = 3
"""How many of a kind one account is sent: a mailbox is not to be filled by strangers."""

SESSION_IDLE = timedelta(hours=12)
"""How long a session lives on without being used."""

SESSION_LASTS = timedelta(days=14)
"""How long it lives at the most."""

_FAILURES_ALLOWED = 5
_FIRST_LOCK, _LONGEST_LOCK = timedelta(minutes=1), timedelta(hours=1)
_MOST_DOUBLINGS = 10


def may_use_token(token: ApiToken, *, at: datetime) -> bool:
    """Tell whether a token opens the API at an instant: not revoked, and not expired."""
    expired = token.expires_at is not None and token.expires_at <= at
    revoked = token.revoked_at is not None and token.revoked_at <= at
    return not expired and not revoked


def may_sign_in(account: UserAccount, *, at: datetime) -> bool:
    """Tell whether an account opens anything at an instant: not disabled, and not locked."""
    is_disabled = account.disabled_at is not None and account.disabled_at <= at
    is_locked = account.locked_until is not None and at < account.locked_until
    return not is_disabled and not is_locked


def may_use_session(session: UserSession, account: UserAccount, *, at: datetime) -> bool:
    """Tell whether a session opens the API at an instant; a lock keeps out only who comes anew."""
    is_disabled = account.disabled_at is not None and account.disabled_at <= at
    has_ended = session.ended_at is not None and session.ended_at <= at
    is_over = session.expires_at <= at or session.last_seen_at + SESSION_IDLE <= at
    return not is_disabled and not has_ended and not is_over


def find_capabilities(
    account: UserAccount, *, promoters_need_second_factor: bool
) -> frozenset[Capability]:
    """Tell what somebody who signed in may do; who owes a second factor sets it up.

    Admins and staff owe one alike: both read all that a promoter has of anybody.
    """
    if (
        promoters_need_second_factor
        and account.role in (Role.PROMOTER_ADMIN, Role.PROMOTER_STAFF)
        and account.totp_confirmed_at is None
    ):
        return frozenset({Capability.ACCOUNT})
    return CAPABILITIES[account.role]


def lock_after(failures: int, *, at: datetime) -> datetime | None:
    """Tell until when an account is locked after failures in a row: for growing times."""
    if failures < _FAILURES_ALLOWED:
        return None
    doublings = min(failures - _FAILURES_ALLOWED, _MOST_DOUBLINGS)
    return at + min(_FIRST_LOCK * (1 << doublings), _LONGEST_LOCK)


FEWEST_TOGETHER = 5
"""Of fewer, a sum tells each of them about the others."""


def choose_fewest(held: Collection[Capability]) -> int:
    """Tell how many a sum must hold to be told: one to whoever may see each of them anyway."""
    return 1 if Capability.PERSONAL in held else FEWEST_TOGETHER


def narrow_to_scopes(role: Role, scopes: str | None) -> frozenset[Capability]:
    """Tell what a token of a role may do: what it names of what the role may, or all of it."""
    most = CAPABILITIES[role]
    return most if scopes is None else most & frozenset(scopes.split())


def may_import_from(folder: Path, *, root: Path | None) -> bool:
    """Tell whether a folder, its links followed, lies below the one that the operator allowed."""
    return root is not None and folder != root and folder.is_relative_to(root)


def tells_reasons(held: Collection[Capability]) -> bool:
    """Tell whether a caller may read sentences that may name anybody, such as why a job failed.

    Parameters
    ----------
    held : collection of Capability
        What the caller may do.

    Returns
    -------
    bool
        Whether it sees single members or their bills anyway, or nothing but what is its own.
    """
    return not {Capability.PERSONAL, Capability.READ_MONEY, Capability.OWN}.isdisjoint(held)
