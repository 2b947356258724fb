"""Take up an invitation: choose a password and sign in."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.services.accounts.mailed_links import take_link
from api.services.accounts.sessions import OpenedSession, open_session
from models.repositories.one_time_links import use_up_links
from models.tables import LinkPurpose
from models.values.errors import ConflictError


class AddressHeldError(ConflictError):
    """An address signs in to another account; told to whoever reads what is sent there alone."""

    def __init__(self) -> None:
        super().__init__(
            "this address opens another account already: ask to be invited by another address"
        )


def accept_invitation(
    session: Session, *, secret: str, new_hash: str, now: datetime
) -> OpenedSession:
    """Give an account its password, and begin its first session.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    secret : str
        What the link holds.
    new_hash : str
        Hash of the password.
    now : datetime
        The present instant.

    Returns
    -------
    OpenedSession
        The session.

    Raises
    ------
    DeadLinkError
        If the link opens nothing.
    AddressHeldError
        If somebody else signs in with the address, who may be the same person elsewhere; the link
        opens the account once that address is another.
    """
    _, account = take_link(session, secret=secret, purpose=LinkPurpose.INVITATION, now=now)
    account.password_hash = new_hash
    account.awaits_acceptance = False
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressHeldError from error
    use_up_links(session, account_id=account.id, used_at=now)
    return open_session(session, account=account, now=now)
