"""Tokens that open the API for a promoter: made, shown once, and taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.ensure_promoter import ensure_promoter
from models.repositories.promoters import find_token_by_prefix
from models.tables import ApiToken
from models.values.errors import NotFoundError

TOKEN_START = "rp_"  # noqa: S105  the beginning of every token opens nothing
"""How every token begins, so that a leaked one is found by those who search for it."""

_PREFIX_LENGTH = 11


class UnknownTokenError(NotFoundError):
    """No token begins so.

    Attributes
    ----------
    prefix : str
        The beginning that was given.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__(
            f"no token begins with {prefix!r}; give its first {_PREFIX_LENGTH} characters"
        )
        self.prefix = prefix


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
    """

    text: str
    prefix: str
    promoter_id: UUID


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
    session: Session, *, promoter: str, name: str, now: datetime, expires_at: datetime | None = None
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

    Returns
    -------
    NewToken
        The text that opens the API; it cannot be read again.
    """
    text = TOKEN_START + secrets.token_urlsafe(32)
    owner = ensure_promoter(session, name=promoter, now=now)
    token = ApiToken(
        promoter_id=owner.id,
        name=name,
        prefix=text[:_PREFIX_LENGTH],
        sha256=digest_token(text),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    return NewToken(text=text, prefix=token.prefix, promoter_id=owner.id)


def revoke_token(session: Session, *, prefix: str, now: datetime) -> None:
    """Take a token back for good.

    Parameters
    ----------
    session : Session
        Open transaction.
    prefix : str
        How the token begins.
    now : datetime
        The present instant; an earlier revocation stands.

    Raises
    ------
    UnknownTokenError
        If no token begins so.
    """
    token = find_token_by_prefix(session, prefix=prefix)
    if token is None:
        raise UnknownTokenError(prefix)
    token.revoked_at = token.revoked_at or now
