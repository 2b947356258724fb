"""Signing in with a password: what is told of a failure is always the same."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import object_session
from sqlmodel import Session

from api.policies import lock_after, may_sign_in
from api.services.accounts.passwords import PasswordCheck
from api.services.accounts.sessions import OpenedSession, open_session
from api.services.audit.keep_trail import note_event
from models.repositories.user_accounts import end_sessions, find_account, hold_account
from models.tables import UserAccount
from models.values.audit import AuditEvent
from models.values.errors import CommunityError, ErrorCode


class WrongSignInError(CommunityError):
    """Address and password do not open anything now; why is not told."""

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self) -> None:
        super().__init__(
            "address and password do not fit, or were wrong too often: try again in some minutes"
        )


def find_password(session: Session, *, email: str) -> str | None:
    """Read what is kept of the password of an address.

    Parameters
    ----------
    session : Session
        Open transaction.
    email : str
        The address; small and capital letters are the same.

    Returns
    -------
    str or None
        The hash; None if nobody signs in with that address and a password.
    """
    account = find_account(session, email=fold_address(email))
    return None if account is None else account.password_hash


def sign_in(
    session: Session,
    *,
    email: str,
    check: PasswordCheck,
    now: datetime,
    replaced_id: UUID | None = None,
) -> OpenedSession | None:
    """Begin a session after a password was checked, or count the failure.

    The password is checked before, outside the transaction: that takes long. Failures are counted
    and judged here, one after another, so that many guesses at once gain nothing.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    email : str
        The address.
    check : PasswordCheck
        What came of checking the password that ``find_password`` gave.
    now : datetime
        The present instant.
    replaced_id : UUID, optional
        A session of the same account which the new one takes the place of.

    Returns
    -------
    OpenedSession or None
        The session; None if the password is wrong, the account locked or disabled, or not there.
    """
    account = find_account(session, email=fold_address(email))
    if account is None or not count_attempt(session, account_id=account.id, check=check, now=now):
        code = WrongSignInError.code
        note_event(session, AuditEvent.SIGN_IN_REFUSED, account=account, refused=code)
        return None
    if replaced_id is not None:
        end_sessions(session, account_id=account.id, ended_at=now, only_id=replaced_id)
    return open_session(session, account=account, now=now)


def count_attempt(
    session: Session, *, account_id: UUID, check: PasswordCheck, now: datetime
) -> bool:
    """Tell whether a checked password opens an account now; count it if it was wrong.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose password.
    check : PasswordCheck
        What came of checking it.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether it was right, and the account neither locked nor disabled. While it is locked
        nothing is counted, and nothing opens it.
    """
    account = hold_account(session, account_id=account_id)
    if not may_sign_in(account, at=now):
        return False
    if not check.is_right:
        count_failure(account, now=now)
        return False
    if check.kept_hash != account.password_hash:
        return False
    account.password_hash = check.new_hash or account.password_hash
    if account.totp_confirmed_at is None:
        # Else a known password would forget wrong codes; the right code will do it.
        account.failed_sign_ins, account.locked_until = 0, None
    return True


def count_failure(account: UserAccount, *, now: datetime) -> None:
    """Count that somebody failed to show who they are.

    Parameters
    ----------
    account : UserAccount
        Of a transaction that holds it.
    now : datetime
        The present instant; after five failures in a row the account is locked for a minute, and
        for twice as long after each further one, up to an hour.
    """
    account.failed_sign_ins += 1
    account.locked_until = lock_after(account.failed_sign_ins, at=now)
    session = object_session(account)
    if account.locked_until is not None and session is not None:
        note_event(session, AuditEvent.LOCK_OUT, account=account)


def fold_address(email: str) -> str:
    """Write an address as it is stored.

    Parameters
    ----------
    email : str
        As somebody typed it.

    Returns
    -------
    str
        In small letters, without blanks around it; what no address has is left out.

    Examples
    --------
    >>> fold_address(" Ana@Vila.example ")
    'ana@vila.example'
    """
    return email.replace("\0", "").strip().lower()
