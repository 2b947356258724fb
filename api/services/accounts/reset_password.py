"""A new password for somebody who has lost theirs, by a link to their address."""

from datetime import datetime

from sqlmodel import Session

from api.services.accounts.mailed_links import (
    LinkDesk,
    SentLink,
    send_link,
    take_link,
    was_sent_enough,
)
from api.services.accounts.sign_in import fold_address
from models.repositories.one_time_links import use_up_links
from models.repositories.user_accounts import end_sessions, find_account, hold_account
from models.tables import LinkPurpose


def request_password_reset(
    session: Session, *, email: str, desk: LinkDesk, now: datetime
) -> SentLink | None:
    """Send a link to a new password, if there is an account for it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    email : str
        The address of the account.
    desk : LinkDesk
        Where the link is written.
    now : datetime
        The present instant.

    Returns
    -------
    SentLink or None
        The link. None where nobody signs in with that address by a password, the account is
        disabled or an operator's, who belongs to no promoter whose outbox it could go by, or three
        were sent within the hour; whoever asked is not to hear which.
    """
    found = find_account(session, email=fold_address(email))
    if found is None:
        return None
    account = hold_account(session, account_id=found.id)
    purpose = LinkPurpose.PASSWORD_RESET
    if account.password_hash is None or account.disabled_at is not None:
        return None
    if account.promoter_id is None or was_sent_enough(
        session, account=account, purpose=purpose, now=now
    ):
        return None
    return send_link(session, account=account, purpose=purpose, desk=desk, now=now)


def reset_password(session: Session, *, secret: str, new_hash: str, now: datetime) -> None:
    """Give an account another password, by a link; its sessions, links and any lock end.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    secret : str
        What the link holds.
    new_hash : str
        Hash of the new password.
    now : datetime
        The present instant.

    Raises
    ------
    DeadLinkError
        If the link opens nothing.

    Notes
    -----
    A second factor stays, and its code is asked for at the next sign-in. What was guessed of it
    stays counted, so each of three links an hour is worth one more guess, not five.
    """
    _, account = take_link(session, secret=secret, purpose=LinkPurpose.PASSWORD_RESET, now=now)
    account.password_hash = new_hash
    account.locked_until = None
    if account.totp_confirmed_at is None:
        # Else a mailbox would forget wrong codes; the right code will do it.
        account.failed_sign_ins = 0
    use_up_links(session, account_id=account.id, used_at=now)
    end_sessions(session, account_id=account.id, ended_at=now)
