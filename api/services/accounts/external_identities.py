"""Signing in by the word of an OpenID provider: to accounts that are there, and to no others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.clients.id_tokens import VouchedIdentity
from api.policies import may_sign_in
from api.services.accounts.change_password import WrongPasswordError
from api.services.accounts.passwords import PasswordCheck
from api.services.accounts.sessions import OpenedSession, open_session
from api.services.accounts.sign_in import count_attempt, fold_address
from api.services.audit.keep_trail import note_event, note_refusal
from models.repositories.user_accounts import (
    end_sessions,
    find_account,
    find_identity,
    hold_account,
    list_identities,
)
from models.tables import ExternalIdentity, UserAccount
from models.values.audit import AuditEvent
from models.values.errors import ErrorCode, NotFoundError


class UnknownIdentityError(NotFoundError):
    """An account is nobody to a provider.

    Attributes
    ----------
    issuer : str
        The provider.
    """

    def __init__(self, issuer: str) -> None:
        super().__init__(f"nobody at {issuer[:80]!r} is linked to this account")
        self.issuer = issuer


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """Who an account is to a provider.

    Attributes
    ----------
    issuer : str
        The provider.
    linked_at : datetime
        Since when.
    """

    issuer: str
    linked_at: datetime


def sign_in_by_identity(
    session: Session,
    *,
    identity: VouchedIdentity,
    now: datetime,
    replaced_id: UUID | None = None,
) -> OpenedSession | None:
    """Begin a session of somebody whom a provider vouches for.

    Whom it does not know yet is linked to the account of the same address, if the provider has
    verified that, and the account is nobody else there: an address may be given to a successor.
    A second factor is asked for as after a password, for the provider's word replaces that alone.

    Parameters
    ----------
    session : Session
        Open transaction.
    identity : VouchedIdentity
        Who it is.
    now : datetime
        The present instant.
    replaced_id : UUID, optional
        A session of the same account which the new one takes the place of.

    Returns
    -------
    OpenedSession or None
        The session; None if there is no account for them, or it is locked or disabled.
    """
    account = _find_account(session, identity)
    if account is None or not _may_enter(session, account, identity, now):
        code = ErrorCode.UNAUTHENTICATED
        note_event(session, AuditEvent.SIGN_IN_REFUSED, account=account, refused=code)
        return None
    if find_identity(session, issuer=identity.issuer, subject=identity.subject) is None:
        session.add(
            ExternalIdentity(
                promoter_id=account.promoter_id,
                account_id=account.id,
                issuer=identity.issuer,
                subject=identity.subject,
                created_at=now,
            )
        )
    if replaced_id is not None:
        end_sessions(session, account_id=account.id, ended_at=now, only_id=replaced_id)
    return open_session(session, account=account, now=now)


def _find_account(session: Session, identity: VouchedIdentity) -> UserAccount | None:
    """Find whose account it is, and hold it: two first sign-ins must not both link."""
    known = find_identity(session, issuer=identity.issuer, subject=identity.subject)
    if known is not None:
        return hold_account(session, account_id=known.account_id)
    if identity.verified_email is None:
        return None
    found = find_account(session, email=fold_address(identity.verified_email))
    return None if found is None else hold_account(session, account_id=found.id)


def _may_enter(
    session: Session, account: UserAccount, identity: VouchedIdentity, now: datetime
) -> bool:
    """Tell whether an account is open, and nobody else's at the provider."""
    linked = list_identities(session, account_id=account.id)
    others = {each.subject for each in linked if each.issuer == identity.issuer}
    return may_sign_in(account, at=now) and others <= {identity.subject}


def read_identities(session: Session, *, account_id: UUID | None) -> list[IdentityFacts]:
    """Read who an account is to OpenID providers.

    Parameters
    ----------
    session : Session
        Open transaction.
    account_id : UUID or None
        Whose; nobody's for a token.

    Returns
    -------
    list of IdentityFacts
        One for each provider.
    """
    if account_id is None:
        return []
    found = list_identities(session, account_id=account_id)
    return [IdentityFacts(each.issuer, each.created_at) for each in found]


def unlink_identity(
    session: Session, *, account_id: UUID, issuer: str, check: PasswordCheck, now: datetime
) -> bool:
    """Forget who an account is to a provider; signing in there may link it anew.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose.
    issuer : str
        The provider.
    check : PasswordCheck
        What came of checking the present password.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether it is forgotten; a wrong password counts as at the door.

    Raises
    ------
    UnknownIdentityError
        If nobody there is linked.
    """
    if not count_attempt(session, account_id=account_id, check=check, now=now):
        note_refusal(session, WrongPasswordError.code)
        return False
    found = list_identities(session, account_id=account_id)
    linked = [each for each in found if each.issuer == issuer]
    if not linked:
        raise UnknownIdentityError(issuer)
    for each in linked:
        session.delete(each)
    return True
