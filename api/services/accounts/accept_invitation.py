"""Take up an invitation: choose a password and sign in."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.policies import TAKES_PART
from api.services.accounts.access_subjects import AccessSubjects, add_grants
from api.services.accounts.mailed_links import take_link
from api.services.accounts.sessions import OpenedSession, open_session
from models.repositories.one_time_links import use_up_links
from models.repositories.user_accounts import (
    find_account,
    hold_account,
    list_grants,
    remove_invited,
)
from models.tables import LinkPurpose, UserAccount
from models.values.errors import ConflictError


class AddressHeldError(ConflictError):
    """An address signs in to another account; told to whoever reads what is sent there alone."""

    def __init__(self) -> None:
        super().__init__(
            "this address opens another account already: ask to be invited by another address"
        )


def accept_invitation(
    session: Session, *, secret: str, new_hash: str, now: datetime
) -> OpenedSession | None:
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
    OpenedSession or None
        The session; None where the address signs in to a member's account of the same promoter:
        that one is granted what the invitation was for, and stays as it is otherwise.

    Raises
    ------
    DeadLinkError
        If the link opens nothing.
    AddressHeldError
        If somebody else signs in with the address, who may be the same person elsewhere; the link
        opens the account once that address is another.
    """
    _, account = take_link(session, secret=secret, purpose=LinkPurpose.INVITATION, now=now)
    holder = find_account(session, email=account.email)
    if holder is not None:
        _hand_over(session, account, hold_account(session, account_id=holder.id), now)
        return None
    account.password_hash = new_hash
    account.awaits_acceptance = False
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressHeldError from error
    use_up_links(session, account_id=account.id, used_at=now)
    return open_session(session, account=account, now=now)


def _hand_over(session: Session, invited: UserAccount, holder: UserAccount, now: datetime) -> None:
    """Grant an account what another one of the same person was invited for, and remove that."""
    is_elsewhere = invited.promoter_id != holder.promoter_id
    if is_elsewhere or holder.disabled_at or not {invited.role, holder.role} <= TAKES_PART:
        raise AddressHeldError
    granted = list_grants(session, account_id=invited.id)
    members = tuple(grant.member_id for grant in granted if grant.member_id is not None)
    add_grants(session, account=holder, subjects=AccessSubjects(member_ids=members), now=now)
    remove_invited(session, account_id=invited.id)
