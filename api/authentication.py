"""Who calls: from the Authorization header to a principal, the same for every interface."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.policies import CAPABILITIES, may_use_token, narrow_to_scopes
from api.services.accounts.create_token import digest_token
from models.repositories.promoters import find_token
from models.values.access import NOBODY, Capability, Reach, Role
from models.values.errors import CommunityError, ErrorCode

_LONGEST_HEADER = 200
_SCHEME = "bearer"


class UnauthenticatedError(CommunityError):
    """The caller showed no token that opens the API; why is not told."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__("a valid token is needed: Authorization: Bearer rp_...")


class ForbiddenError(CommunityError):
    """The caller is known, and may not do this.

    Attributes
    ----------
    openers : frozenset of Capability
        Any one of these would open it.
    """

    code = ErrorCode.FORBIDDEN

    def __init__(self, openers: frozenset[Capability]) -> None:
        super().__init__(f"this is not for this caller: it needs {' or '.join(sorted(openers))}")
        self.openers = openers


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
        By which token it came; or who signed in, and in which session.
    """

    role: Role
    capabilities: frozenset[Capability]
    reach: Reach
    token_id: UUID | None = None
    account_id: UUID | None = None
    session_id: UUID | None = None

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
    return Principal(Role.INTEGRATOR, capabilities, reach, token_id=token.id)
