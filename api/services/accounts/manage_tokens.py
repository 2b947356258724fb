"""A promoter's tokens: listed, and taken back by those who administer."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.repositories import promoters
from models.tables import ApiToken
from models.values.errors import NotFoundError


class MissingTokenError(NotFoundError):
    """The caller's promoter has no such token.

    Attributes
    ----------
    token_id : UUID or None
        The id that was given; None for a text that is none.
    """

    def __init__(self, token_id: UUID | None) -> None:
        super().__init__("there is no such token")
        self.token_id = token_id


def list_tokens(session: Session, *, promoter_id: UUID) -> list[ApiToken]:
    """Read a promoter's tokens, newest first; what opens the API is not among what is kept.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of ApiToken
        Revoked and expired ones too.
    """
    return promoters.list_tokens(session, promoter_id=promoter_id)


def take_back_token(
    session: Session, *, promoter_id: UUID, token_id: UUID, now: datetime
) -> ApiToken:
    """Take one of a promoter's tokens back for good.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    token_id : UUID
        Which.
    now : datetime
        The present instant; an earlier revocation stands.

    Returns
    -------
    ApiToken
        As it stands now.

    Raises
    ------
    MissingTokenError
        If the promoter has no such token.
    """
    token = promoters.hold_token(session, promoter_id=promoter_id, token_id=token_id)
    if token is None:
        raise MissingTokenError(token_id)
    token.revoked_at = token.revoked_at or now
    return token
