"""Who calls: from a token or a session to a principal, the same for every interface."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import (
    CAPABILITIES,
    find_capabilities,
    may_use_session,
    may_use_token,
    narrow_to_scopes,
)
from api.services.accounts.create_token import digest_token
from api.services.accounts.find_reach import find_reach
from api.services.accounts.note_use import (
    SESSION_NOTED_EVERY,
    TOKEN_NOTED_EVERY,
    is_note_due,
)
from models.repositories.promoters import find_token
from models.repositories.user_accounts import find_session
from models.values.access import NOBODY, Capability, Reach, Role
from models.values.errors import CommunityError, ErrorCode

_LONGEST_HEADER = 200
_SCHEME = "bearer"


class UnauthenticatedError(CommunityError):
    """The caller showed no token or session that opens the API; why is not told."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__("sign in, or send a valid token: Authorization: Bearer rp_...")


class ForbiddenError(CommunityError):
    """The caller is known, and may not do this.

    Attributes
    ----------
    openers : list of str
        The capabilities of which any one would open it, by name.
    """

    code = ErrorCode.FORBIDDEN

    def __init__(self, openers: frozenset[Capability]) -> None:
        self.openers = sorted(openers)
        super().__init__(f"this is not for this caller: it needs {' or '.join(self.openers)}")


class NarrowReachError(CommunityError):
    """The caller sees some of a promoter's communities, and this concerns all of them."""

    code = ErrorCode.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("this is for callers who see every community of the promoter")


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a request acts, what it may do, and how far it reaches.

    Attributes
    ----------
    role : Role
        What kind of caller it is.
    capabilities : frozenset of Capability
        What it may do: what its role may, or what of that its token names.
    reach : Reach
        The rows that exist for it.
    token_id, account_id, session_id : UUID, optional
        By which token it came; or who signed in, and in which session. A session that awaits its
        second factor has them too, and opens nothing.
    is_use_due : bool
        Whether it is time to write down that the token or session is in use.
    """

    role: Role
    capabilities: frozenset[Capability]
    reach: Reach
    token_id: UUID | None = None
    account_id: UUID | None = None
    session_id: UUID | None = None
    is_use_due: bool = field(default=False, compare=False)

    @property
    def promoter_id(self) -> UUID:
        """The tenant; ``NOBODY`` for a caller of none."""
        return self.reach.promoter_id


PUBLIC = Principal(Role.PUBLIC, CAPABILITIES[Role.PUBLIC], Reach(NOBODY))
"""A caller who has not said who it is."""


def authenticate(session: Session, *, authorization: str | None, at: datetime) -> Principal:
    """Find out who calls, with the same work whether or not the token exists.

    Parameters
    ----------
    session : Session
        Open transaction.
    authorization : str or None
        The header as it came.
    at : datetime
        The present instant.

    Returns
    -------
    Principal
        The promoter on whose behalf the request acts.

    Raises
    ------
    UnauthenticatedError
        If there is no token, or it is unknown, expired or revoked.
    """
    scheme, _, text = (authorization or "")[:_LONGEST_HEADER].partition(" ")
    digest = digest_token(text.strip())
    token = find_token(session, sha256=digest)
    known = token is not None and hmac.compare_digest(token.sha256, digest)
    if token is None or not known or scheme.lower() != _SCHEME or not may_use_token(token, at=at):
        raise UnauthenticatedError
    capabilities = narrow_to_scopes(Role.INTEGRATOR, token.scopes)
    reach = Reach(token.promoter_id)
    is_due = is_note_due(token.last_used_at, every=TOKEN_NOTED_EVERY, now=at)
    return Principal(Role.INTEGRATOR, capabilities, reach, token_id=token.id, is_use_due=is_due)


def authenticate_session(
    session: Session, *, secret: str, promoters_need_second_factor: bool, at: datetime
) -> Principal:
    """Find out who signed in.

    Parameters
    ----------
    session : Session
        Open transaction.
    secret : str
        What the cookie holds.
    promoters_need_second_factor : bool
        Whether admins and staff without one may do nothing but set it up.
    at : datetime
        The present instant.

    Returns
    -------
    Principal
        Whose session it is, reaching what it was granted; ``PUBLIC`` if it opens nothing any more.
    """
    found = find_session(session, sha256=digest_token(secret[:_LONGEST_HEADER]))
    if found is None or not may_use_session(*found, at=at):
        return PUBLIC
    signed_in, account = found
    if signed_in.awaits_second_factor:
        return replace(PUBLIC, account_id=account.id, session_id=signed_in.id)
    return Principal(
        account.role,
        find_capabilities(account, promoters_need_second_factor=promoters_need_second_factor),
        find_reach(session, account=account),
        account_id=account.id,
        session_id=signed_in.id,
        is_use_due=is_note_due(signed_in.last_seen_at, every=SESSION_NOTED_EVERY, now=at),
    )
