"""The second factor: codes of six digits that an app shows, each good for half a minute and once.

RFC 6238 with SHA-1 and steps of 30 s, which every authenticator app knows.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlmodel import Session

from api.policies import may_sign_in
from api.services.accounts.sessions import OpenedSession, open_session
from api.services.accounts.sign_in import WrongSignInError, count_failure, fold_address
from api.services.audit.keep_trail import note_event, note_refusal
from models.keyring import KeyPurpose, Keyring
from models.repositories.user_accounts import end_sessions, find_account, hold_account
from models.sealed_ibans import name_place
from models.tables import UserAccount
from models.values.audit import AuditEvent
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError

_SECRET_BYTES = 20
_DIGITS, _STEP_SECONDS = 6, 30
_STEPS_OFF = (0, -1, 1)
_ISSUER = "reparto"


class WrongCodeError(InvalidArgumentError):
    """A code is not the one of these seconds, was used already, or was wrong too often."""

    def __init__(self) -> None:
        super().__init__(
            "this is not the code of this moment, or it was used, or codes were wrong too often:"
            " wait for the next one"
        )


class SecondFactorStandsError(ConflictError):
    """There is a second factor already."""

    def __init__(self) -> None:
        super().__init__("there is a second factor already: remove it first")


class UnknownAccountError(NotFoundError):
    """Nobody signs in with an address.

    Attributes
    ----------
    email : str
        The address.
    """

    def __init__(self, email: str) -> None:
        super().__init__(f"nobody signs in with {email}")
        self.email = email


@dataclass(frozen=True, slots=True)
class SecondFactorSetup:
    """What an app needs in order to show codes; it is shown once.

    Attributes
    ----------
    secret : str
        The secret in base 32, to be typed in.
    uri : str
        The same as an ``otpauth:`` address, to be shown as a QR.
    """

    secret: str
    uri: str


def begin_second_factor(
    session: Session, *, account_id: UUID, keyring: Keyring
) -> SecondFactorSetup:
    """Draw a new secret, which asks for nothing until a first code confirms it.

    Parameters
    ----------
    session : Session
        Open transaction.
    account_id : UUID
        Whose second factor.
    keyring : Keyring
        What seals the secret.

    Returns
    -------
    SecondFactorSetup
        What the app needs.

    Raises
    ------
    SecondFactorStandsError
        If there is a confirmed one.
    """
    account = hold_account(session, account_id=account_id)
    if account.totp_confirmed_at is not None:
        raise SecondFactorStandsError
    secret = secrets.token_bytes(_SECRET_BYTES)
    account.totp_secret = keyring.seal(
        KeyPurpose.SECOND_FACTOR, secret, bound_to=_place_of(account)
    )
    account.totp_step = None
    uri = _read_clock(secret).get_provisioning_uri(account.email, _ISSUER)
    return SecondFactorSetup(base64.b32encode(secret).decode(), uri)


def confirm_second_factor(
    session: Session, *, account_id: UUID, code: str, keyring: Keyring, now: datetime
) -> bool:
    """Ask for codes from now on, if the app shows the right one.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose second factor.
    code : str
        What the app shows.
    keyring : Keyring
        What opens the secret.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether the code was right.
    """
    account = _prove(session, account_id, code, keyring, now)
    if account is not None:
        account.totp_confirmed_at = account.totp_confirmed_at or now
    return account is not None


def remove_second_factor(
    session: Session, *, account_id: UUID, code: str, keyring: Keyring, now: datetime
) -> bool:
    """Ask for codes no more, if the last one is right.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose second factor.
    code : str
        What the app shows.
    keyring : Keyring
        What opens the secret.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether the code was right.
    """
    account = _prove(session, account_id, code, keyring, now)
    if account is not None:
        _forget(account)
    return account is not None


def reset_second_factor(session: Session, *, email: str, now: datetime) -> None:
    """Take the second factor of somebody away who has lost it, end their sessions and any lock.

    Parameters
    ----------
    session : Session
        Open transaction.
    email : str
        With which they sign in.
    now : datetime
        The present instant.

    Raises
    ------
    UnknownAccountError
        If nobody signs in with that address.
    """
    found = find_account(session, email=fold_address(email))
    if found is None:
        raise UnknownAccountError(email)
    account = hold_account(session, account_id=found.id)
    _forget(account)
    account.failed_sign_ins, account.locked_until = 0, None
    end_sessions(session, account_id=account.id, ended_at=now)


def confirm_sign_in(
    session: Session,
    *,
    account_id: UUID,
    session_id: UUID,
    code: str,
    keyring: Keyring,
    now: datetime,
) -> OpenedSession | None:
    """Put a session that opens everything in the place of one that awaits a code.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Who signs in.
    session_id : UUID
        The session that awaits the code.
    code : str
        What the app shows.
    keyring : Keyring
        What opens the secret.
    now : datetime
        The present instant.

    Returns
    -------
    OpenedSession or None
        The session; None if the code is wrong.
    """
    account = hold_account(session, account_id=account_id)
    if not _take_code(account, code, keyring, now):
        refused = WrongSignInError.code
        note_event(session, AuditEvent.SIGN_IN_REFUSED, account=account, refused=refused)
        return None
    end_sessions(session, account_id=account_id, ended_at=now, only_id=session_id)
    return open_session(session, account=account, now=now, has_shown_code=True)


def find_step(secret: bytes, code: str, *, at: datetime) -> int | None:
    """Tell of which half minute a code is: the present one, or one beside it.

    Parameters
    ----------
    secret : bytes
        What the app was given.
    code : str
        What it shows; blanks do not count.
    at : datetime
        The present instant.

    Returns
    -------
    int or None
        Number of the step since 1970; None if the code is of none of the three.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> find_step(b"12345678901234567890", "287 082", at=datetime(1970, 1, 1, 0, 0, 59, tzinfo=UTC))
    1
    """
    given = "".join(code.split()).encode()
    present = int(at.timestamp()) // _STEP_SECONDS
    clock = _read_clock(secret)
    near = [present + off for off in _STEPS_OFF if present + off >= 0]
    shown = {step: clock.generate(step * _STEP_SECONDS) for step in near}
    return next((step for step in near if hmac.compare_digest(shown[step], given)), None)


def _prove(
    session: Session, account_id: UUID, code: str, keyring: Keyring, now: datetime
) -> UserAccount | None:
    """Hold the account of somebody whose app shows the right code; note a wrong one."""
    account = hold_account(session, account_id=account_id)
    if _take_code(account, code, keyring, now):
        return account
    note_refusal(session, WrongCodeError.code)
    return None


def _take_code(account: UserAccount, code: str, keyring: Keyring, now: datetime) -> bool:
    """Use a code up; a wrong one counts as a failure to sign in."""
    if account.totp_secret is None or not may_sign_in(account, at=now):
        return False
    secret = keyring.open(
        KeyPurpose.SECOND_FACTOR, account.totp_secret, bound_to=_place_of(account)
    )
    step = find_step(secret, code, at=now)
    is_spent = step is not None and account.totp_step is not None and step <= account.totp_step
    if step is None or is_spent:
        count_failure(account, now=now)
        return False
    account.totp_step = step
    account.failed_sign_ins, account.locked_until = 0, None
    return True


def _forget(account: UserAccount) -> None:
    account.totp_secret = account.totp_confirmed_at = account.totp_step = None


def _read_clock(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP_SECONDS)  # noqa: S303  what apps know


def _place_of(account: UserAccount) -> str:
    return name_place("user_account", "totp_secret", account.id)
