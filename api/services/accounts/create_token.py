"""Tokens that open the API for a promoter: made, shown once, and taken back."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import CAPABILITIES
from api.services.accounts.ensure_promoter import ensure_promoter
from models.repositories.promoters import find_token, find_token_by_prefix
from models.tables import ApiToken
from models.values.access import Capability, Role
from models.values.errors import InvalidArgumentError, NotFoundError
from models.values.names import check_name

TOKEN_START = "rp_"  # noqa: S105  the beginning of every token opens nothing
"""How every token begins, so that a leaked one is found by those who search for it."""

_PREFIX_LENGTH = 11


class UnknownTokenError(NotFoundError):
    """No token is, or begins, so.

    Attributes
    ----------
    prefix : str
        The beginning of what was given; the rest may be a secret.
    """

    def __init__(self, token: str) -> None:
        prefix = token[:_PREFIX_LENGTH]
        super().__init__(
            f"there is no such token as {prefix!r}...; "
            f"give its first {_PREFIX_LENGTH} characters, or all of it"
        )
        self.prefix = prefix


class ForeignScopeError(InvalidArgumentError):
    """A token was asked for what no token of those who ask may do, or for nothing at all.

    Attributes
    ----------
    scopes : tuple of str
        The scopes that it cannot have.
    """

    def __init__(self, scopes: Collection[Capability], grantable: Collection[Capability]) -> None:
        self.scopes = tuple(sorted(scopes))
        known = ", ".join(sorted(grantable))
        told = f"no token may do {', '.join(self.scopes)}" if scopes else "no scope is named"
        super().__init__(f"{told}: choose of {known}")


class PastExpiryError(InvalidArgumentError):
    """A token would have expired before it was made.

    Attributes
    ----------
    expires_at : datetime
        When it would have.
    """

    def __init__(self, expires_at: datetime) -> None:
        super().__init__(f"{expires_at:%Y-%m-%d %H:%M} UTC is past: choose a later instant")
        self.expires_at = expires_at


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token as it is shown once.

    Attributes
    ----------
    text : str
        What the caller sends; only its digest is stored.
    prefix : str
        The beginning by which the token is known afterwards.
    promoter_id : UUID
        Whom it opens the API for.
    token_id : UUID
        Its id.
    """

    text: str
    prefix: str
    promoter_id: UUID
    token_id: UUID


def digest_token(text: str) -> str:
    """Compute what is stored of a token.

    Parameters
    ----------
    text : str
        The whole token.

    Returns
    -------
    str
        SHA-256 in hexadecimal. The token is 256 random bits, so a slow hash would add nothing.

    Examples
    --------
    >>> digest_token("rp_")[:8]
    '491f1d74'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def create_token(
    session: Session,
    *,
    promoter: str,
    name: str,
    now: datetime,
    expires_at: datetime | None = None,
    scopes: Collection[Capability] | None = None,
) -> NewToken:
    """Make a token for a promoter, and the promoter with it if it is new.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter : str
        Name of the promoter.
    name : str
        What the token is for.
    now : datetime
        The present instant.
    expires_at : datetime, optional
        When it stops opening the API; never by default.
    scopes : collection of Capability, optional
        What it may do; all that an integrator may by default.

    Returns
    -------
    NewToken
        The text that opens the API; it cannot be read again.

    Raises
    ------
    InvalidNameError
        If a name is blank, has more than 200 characters, or one that cannot be printed.
    ForeignScopeError
        If no token may do what a scope names.
    """
    owner = ensure_promoter(session, name=promoter, now=now)
    return issue_token(
        session, promoter_id=owner.id, name=name, now=now, expires_at=expires_at, scopes=scopes
    )


def issue_token(
    session: Session,
    *,
    promoter_id: UUID,
    name: str,
    now: datetime,
    expires_at: datetime | None = None,
    scopes: Collection[Capability] | None = None,
    granted: Collection[Capability] = CAPABILITIES[Role.INTEGRATOR],
) -> NewToken:
    """Make a token for a promoter that is there.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    name : str
        What the token is for.
    now : datetime
        The present instant.
    expires_at : datetime, optional
        When it stops opening the API, later than now; never by default.
    scopes : collection of Capability, optional
        What it may do; all that an integrator may by default.
    granted : collection of Capability, optional
        What whoever asks for it may do themselves; all that an integrator may by default.

    Returns
    -------
    NewToken
        The text that opens the API; it cannot be read again.

    Raises
    ------
    InvalidNameError
        If the name is blank, has more than 200 characters, or one that cannot be printed.
    ForeignScopeError
        If no token may do what a scope names, or those who ask may not.
    PastExpiryError
        If it would have expired already.
    """
    if expires_at is not None and expires_at <= now:
        raise PastExpiryError(expires_at)
    text = TOKEN_START + secrets.token_urlsafe(32)
    token = ApiToken(
        promoter_id=promoter_id,
        name=check_name("token", name),
        prefix=text[:_PREFIX_LENGTH],
        sha256=digest_token(text),
        scopes=None if scopes is None else _write_scopes(scopes, granted),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return NewToken(text=text, prefix=token.prefix, promoter_id=promoter_id, token_id=token.id)


def _write_scopes(scopes: Collection[Capability], granted: Collection[Capability]) -> str:
    grantable = CAPABILITIES[Role.INTEGRATOR] & set(granted)
    foreign = set(scopes) - grantable
    if foreign or not scopes:
        raise ForeignScopeError(foreign, grantable)
    return " ".join(sorted(scopes))


def revoke_token(session: Session, *, token: str, now: datetime) -> str:
    """Take a token back for good.

    Parameters
    ----------
    session : Session
        Open transaction.
    token : str
        The whole token, or its first 11 characters.
    now : datetime
        The present instant; an earlier revocation stands.

    Returns
    -------
    str
        The beginning of the token, which can be shown.

    Raises
    ------
    UnknownTokenError
        If there is no such token.
    """
    if not token.isascii():
        raise UnknownTokenError(token)
    if len(token) > _PREFIX_LENGTH:
        found = find_token(session, sha256=digest_token(token))
    else:
        found = find_token_by_prefix(session, prefix=token)
    if found is None:
        raise UnknownTokenError(token)
    found.revoked_at = found.revoked_at or now
    return found.prefix
