"""Sign in with another address, once a link has shown that it is one's own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.services.accounts.accept_invitation import AddressHeldError
from api.services.accounts.change_password import WrongPasswordError
from api.services.accounts.link_texts import write_change_notice
from api.services.accounts.mailed_links import LinkDesk, send_link, take_link, was_sent_enough
from api.services.accounts.passwords import PasswordCheck
from api.services.accounts.resend_invitation import SentEnoughError
from api.services.accounts.sign_in import count_attempt, fold_address
from api.services.audit.keep_trail import note_refusal
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from models.repositories.one_time_links import use_up_links
from models.repositories.promoters import get_promoter
from models.repositories.user_accounts import get_account
from models.tables import LinkPurpose, OneTimeLink, UserAccount
from models.values.email_address import check_email
from models.values.errors import InvalidArgumentError
from models.values.language import Language


class NoOutboxError(InvalidArgumentError):
    """An operator belongs to no promoter whose e-mails could carry a link."""

    def __init__(self) -> None:
        super().__init__("operators get no e-mails: another one makes the account anew")


def change_email(
    session: Session,
    *,
    account_id: UUID,
    email: str,
    check: PasswordCheck,
    desk: LinkDesk,
    now: datetime,
) -> bool:
    """Send a link to another address of an account, which changes once the link is followed.

    Parameters
    ----------
    session : Session
        Open transaction; it is to be committed on failure too.
    account_id : UUID
        Whose.
    email : str
        The other address; whether somebody else has it is told to its reader alone.
    check : PasswordCheck
        What came of checking the present password.
    desk : LinkDesk
        Where the link is written.
    now : datetime
        The present instant.

    Returns
    -------
    bool
        Whether the link is on its way; a wrong password counts as at the door.

    Raises
    ------
    UnfitEmailError
        If it is no address.
    NoOutboxError
        If the account is an operator's.
    SentEnoughError
        If three were sent within the hour.
    """
    address = fold_address(email)
    check_email(address)
    if not count_attempt(session, account_id=account_id, check=check, now=now):
        note_refusal(session, WrongPasswordError.code)
        return False
    account = get_account(session, account_id=account_id)
    if account.promoter_id is None:
        raise NoOutboxError
    purpose = LinkPurpose.EMAIL_CONFIRMATION
    if was_sent_enough(session, account=account, purpose=purpose, now=now):
        raise SentEnoughError
    use_up_links(session, account_id=account_id, used_at=now, purpose=purpose)
    send_link(session, account=account, purpose=purpose, desk=desk, now=now, email=address)
    return True


def confirm_email(
    session: Session, *, secret: str, language: Language, now: datetime
) -> UserAccount:
    """Let an account have the address that a link confirms, and tell the one that it had.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    secret : str
        What the link holds.
    language : Language
        What people read who have chosen nothing.
    now : datetime
        The present instant.

    Returns
    -------
    UserAccount
        The account; links to the address that it had open nothing any more.

    Raises
    ------
    DeadLinkError
        If the link opens nothing.
    AddressHeldError
        If somebody else signs in with the address.
    """
    link, account = take_link(
        session, secret=secret, purpose=LinkPurpose.EMAIL_CONFIRMATION, now=now
    )
    assert link.email is not None, "the database holds it to that"
    former, account.email = account.email, link.email
    try:
        session.flush()
    except IntegrityError as error:
        raise AddressHeldError from error
    use_up_links(session, account_id=account.id, used_at=now)
    _tell_former(session, account, former, link, account.language or language, now)
    return account


def _tell_former(
    session: Session,
    account: UserAccount,
    former: str,
    link: OneTimeLink,
    language: Language,
    now: datetime,
) -> None:
    """Tell who may not have wanted it."""
    assert account.promoter_id is not None, "an operator gets no link"
    promoter = get_promoter(session, promoter_id=account.promoter_id)
    subject, text = write_change_notice(language, account=account, promoter_name=promoter.name)
    queue_message(
        session,
        promoter_id=promoter.id,
        draft=MessageDraft(MessageKind.EMAIL_CHANGED, former, language, subject, text),
        idempotency_key=f"{MessageKind.EMAIL_CHANGED}:{link.id}",
        now=now,
    )
