"""A new password for somebody who knows the old one."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.accounts.passwords import PasswordCheck
from api.services.accounts.sign_in import count_attempt
from api.services.audit.keep_trail import note_refusal
from models.repositories.one_time_links import use_up_links
from models.repositories.user_accounts import end_sessions, get_account
from models.values.errors import InvalidArgumentError


class WrongPasswordError(InvalidArgumentError):
    """The present password is another one, or was wrong too often."""

    def __init__(self) -> None:
        super().__init__("this is not the present password, or it was wrong too often: wait a bit")


def read_password(session: Session, *, account_id: UUID) -> str | None:
    """Read what is kept of the password of an account.

    Parameters
    ----------
    session : Session
        Open transaction.
    account_id : UUID
        Whose.

    Returns
    -------
    str or None
        The hash; None where there is none.
    """
    return get_account(session, account_id=account_id).password_hash


def change_password(
    session: Session,
    *,
    account_id: UUID,
    session_id: UUID | None,
    check: PasswordCheck,
    new_hash: str,
    now: datetime,
) -> bool:
    """Keep another password, and end all other sessions and every link; a wrong one counts.

    Whoever knew the password before may have asked for a link to an address of their own.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose password.
    session_id : UUID or None
        The session that stays.
    check : PasswordCheck
        What came of checking the present password.
    new_hash : str
        Hash of the new one.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether it was changed.
    """
    if not count_attempt(session, account_id=account_id, check=check, now=now):
        note_refusal(session, WrongPasswordError.code)
        return False
    get_account(session, account_id=account_id).password_hash = new_hash
    use_up_links(session, account_id=account_id, used_at=now)
    end_sessions(session, account_id=account_id, ended_at=now, but_id=session_id)
    return True
