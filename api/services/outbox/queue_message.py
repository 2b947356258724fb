"""Queue an e-mail: once for each key, whoever asks how often."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.invoice_history import UnknownInvoiceError
from models.repositories.invoice_lists import map_issued
from models.repositories.outbox import add_message, list_attached_invoices
from models.tables import OutboxMessage
from models.tables.ordered_ids import make_ordered_id
from models.values.email_address import check_email
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.language import Language

_LONGEST_KEY, _LONGEST_SUBJECT, _LONGEST_TEXT = 200, 200, 10_000
_MOST_ATTACHMENTS = 20


class MessageKind(StrEnum):
    """What an e-mail is about."""

    INVOICE = "invoice"
    DEBIT_NOTICE = "debit-notice"
    REMINDER = "reminder"
    SIGN_UP = "sign-up"
    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"  # noqa: S105  the name of a kind
    EMAIL_CONFIRMATION = "email-confirmation"
    EMAIL_CHANGED = "email-changed"


LINKED_KINDS = frozenset(
    {
        MessageKind.SIGN_UP,
        MessageKind.INVITATION,
        MessageKind.PASSWORD_RESET,
        MessageKind.EMAIL_CONFIRMATION,
    }
)
"""Kinds whose text carries a secret, put in when the e-mail leaves."""


class UnfitMessageError(InvalidArgumentError):
    """An e-mail cannot be written so.

    Attributes
    ----------
    field : str
        Which part of it.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"the {field} of an e-mail {reason}")
        self.field = field


class MessageKeyReusedError(ConflictError):
    """A key stands for another e-mail already.

    Attributes
    ----------
    key : str
        The key.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"key {key!r} stands for another e-mail: choose a new one")
        self.key = key


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """An e-mail to be queued.

    Attributes
    ----------
    kind : MessageKind
        What it is about.
    recipient : str
        Address of one person.
    language : Language
        Of subject and text.
    subject : str
        One line of 1 to 200 printable characters.
    text : str
        1 to 10,000 characters, lines ended by a line feed.
    invoice_ids : tuple of UUID
        Issued invoices whose PDFs go with it, at most 20.
    account_id : UUID or None
        Account of an issuer that the text shows masked, and that is told when it leaves.

    Raises
    ------
    UnfitEmailError
        If the recipient is no address.
    UnfitMessageError
        If subject, text or attachments have another form.
    """

    kind: MessageKind
    recipient: str
    language: Language
    subject: str
    text: str
    invoice_ids: tuple[UUID, ...] = ()
    account_id: UUID | None = None

    def __post_init__(self) -> None:
        check_email(self.recipient)
        _check_line("subject", self.subject, _LONGEST_SUBJECT)
        _check_text(self.text)
        if len(set(self.invoice_ids)) != len(self.invoice_ids):
            raise UnfitMessageError("attachments", "name an invoice twice")
        if len(self.invoice_ids) > _MOST_ATTACHMENTS:
            raise UnfitMessageError("attachments", f"are more than {_MOST_ATTACHMENTS}")


def queue_message(
    session: Session,
    *,
    promoter_id: UUID,
    draft: MessageDraft,
    idempotency_key: str,
    now: datetime,
    due_at: datetime | None = None,
) -> OutboxMessage:
    """Queue an e-mail to be sent in a moment, or find the one that the key stands for.

    Parameters
    ----------
    session : Session
        Open writing transaction; the e-mail is queued if it is committed.
    promoter_id : UUID
        The tenant.
    draft : MessageDraft
        The e-mail.
    idempotency_key : str
        The caller's own name for it, 1 to 200 printable characters.
    now : datetime
        The present instant.
    due_at : datetime, optional
        Before which it does not go; it goes at once by default.

    Returns
    -------
    OutboxMessage
        The stored e-mail, in whatever state it is by now; its address may have been corrected and
        its text written otherwise since, which makes no second one.

    Raises
    ------
    UnfitMessageError
        If the key has another form.
    UnknownInvoiceError
        If the promoter has no such invoice.
    MessageKeyReusedError
        If the key stands for an e-mail of another kind, or with other invoices.
    """
    _check_line("key", idempotency_key, _LONGEST_KEY)
    known = map_issued(session, promoter_id=promoter_id, invoice_ids=draft.invoice_ids)
    if missing := [key for key in draft.invoice_ids if key not in known]:
        raise UnknownInvoiceError(missing[0])
    key = make_ordered_id()
    wanted = OutboxMessage(
        id=key,
        promoter_id=promoter_id,
        kind=draft.kind,
        idempotency_key=idempotency_key,
        recipient=draft.recipient,
        language=draft.language,
        subject=draft.subject,
        body=draft.text,
        account_id=draft.account_id,
        # Of random digits alone: it tells a stranger nothing.
        message_id=f"<{key.hex}@outbox.reparto>",
        created_at=now,
        requested_at=now,
        due_at=due_at or now,
    )
    message = add_message(session, wanted, invoice_ids=draft.invoice_ids)
    if message is not wanted:
        _hold_against(session, draft, message)
    return message


def _hold_against(session: Session, draft: MessageDraft, message: OutboxMessage) -> None:
    """Make sure that the e-mail of a key is the one that is asked for."""
    attached = list_attached_invoices(
        session, promoter_id=message.promoter_id, message_id=message.id
    )
    if message.kind != draft.kind or tuple(attached) != draft.invoice_ids:
        raise MessageKeyReusedError(message.idempotency_key)


def _check_line(field: str, text: str, most: int) -> None:
    if not text.strip() or len(text) > most or not text.isprintable():
        raise UnfitMessageError(field, f"needs 1 to {most} printable characters on one line")


def _check_text(text: str) -> None:
    is_plain = all(line.isprintable() for line in text.split("\n"))
    if not text.strip() or len(text) > _LONGEST_TEXT or not is_plain:
        raise UnfitMessageError("text", f"needs 1 to {_LONGEST_TEXT} printable characters")
