"""What a caller is told of itself."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models.repositories.promoters import get_promoter, get_token
from models.repositories.user_accounts import get_account
from models.values.language import Language


@dataclass(frozen=True, slots=True)
class ViewerFacts:
    """Who somebody is.

    Attributes
    ----------
    name : str
        Of the person, or of the token.
    promoter_name : str or None
        Whom they work for, or belong to; None for an operator.
    email : str or None
        With which they sign in; None for a token.
    language : Language or None
        Which they read; None for that of the installation.
    has_second_factor : bool
        Whether a code is asked for when they sign in.
    """

    name: str
    promoter_name: str | None
    email: str | None = None
    language: Language | None = None
    has_second_factor: bool = False


def read_viewer(session: Session, *, account_id: UUID | None, token_id: UUID | None) -> ViewerFacts:
    """Read who a caller is.

    Parameters
    ----------
    session : Session
        Open transaction.
    account_id : UUID or None
        Who signed in.
    token_id : UUID or None
        Else, by which token they came.

    Returns
    -------
    ViewerFacts
        What they may know of themselves.
    """
    if account_id is None:
        token = get_token(session, token_id=token_id)
        return ViewerFacts(token.name, _read_promoter(session, token.promoter_id))
    account = get_account(session, account_id=account_id)
    return ViewerFacts(
        account.name,
        _read_promoter(session, account.promoter_id),
        account.email,
        account.language,
        account.totp_confirmed_at is not None,
    )


def _read_promoter(session: Session, promoter_id: UUID | None) -> str | None:
    return None if promoter_id is None else get_promoter(session, promoter_id=promoter_id).name
