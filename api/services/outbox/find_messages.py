"""Look at queued e-mails, and have those sent again of which a person says so."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.outbox.queue_message import LINKED_KINDS
from models.repositories import outbox
from models.repositories.outbox import TROUBLED
from models.repositories.page import Page, PageRequest, SortKey
from models.tables import MessageState, OutboxMessage
from models.values.email_address import check_email
from models.values.errors import ConflictError, InvalidArgumentError, NotFoundError

__all__ = [
    "TROUBLED",
    "MessageStateError",
    "UnknownMessageError",
    "page_messages",
    "resend_message",
]


class UnknownMessageError(NotFoundError):
    """The caller has queued no such e-mail."""

    def __init__(self, message_id: UUID | None) -> None:
        super().__init__("there is no such e-mail")
        self.message_id = message_id


class MessageStateError(ConflictError):
    """An e-mail is on its way or has arrived: to send it again would make it two.

    Attributes
    ----------
    state : MessageState
        Where it stands.
    """

    def __init__(self, state: MessageState) -> None:
        super().__init__(f"the e-mail is {state}: only failed and uncertain ones are sent again")
        self.state = state


class FixedRecipientError(InvalidArgumentError):
    """An e-mail opens something to whoever reads it: it goes to the address that asked alone."""

    def __init__(self) -> None:
        super().__init__("an e-mail with a link goes to no other address: leave the recipient out")


def page_messages(
    session: Session,
    *,
    promoter_id: UUID,
    states: Collection[MessageState] = tuple(MessageState),
    first: int,
    after: SortKey | None = None,
) -> Page[OutboxMessage]:
    """Read a page of e-mails, newest first.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    states : collection of MessageState
        Only those in one of these.
    first : int
        Most e-mails of the page.
    after : (datetime, UUID), optional
        Instant and id of the e-mail after which the page begins.

    Returns
    -------
    Page of OutboxMessage
        The page.
    """
    pages = outbox.page_messages(
        session,
        promoter_id=promoter_id,
        promoter_ids=[promoter_id],
        states=states,
        request=PageRequest(first, after),
    )
    return pages[promoter_id]


def resend_message(
    session: Session,
    *,
    promoter_id: UUID,
    message_id: UUID,
    now: datetime,
    recipient: str | None = None,
) -> OutboxMessage:
    """Let an e-mail be sent again that failed, or of which nobody knows whether it arrived.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    message_id : UUID
        Which.
    now : datetime
        The present instant.
    recipient : str, optional
        Another address, where the first one was wrong.

    Returns
    -------
    OutboxMessage
        It waits, with the Message-ID that it had: programs know a repetition by it.

    Raises
    ------
    UnknownMessageError
        If the caller has queued no such e-mail.
    MessageStateError
        If it waits, is being sent, or was sent.
    UnfitEmailError
        If the address is none.
    FixedRecipientError
        If another address is given to what carries a link.
    """
    message = outbox.lock_message(session, promoter_id=promoter_id, message_id=message_id)
    if message is None:
        raise UnknownMessageError(message_id)
    if message.state not in TROUBLED:
        raise MessageStateError(message.state)
    if recipient is not None:
        if message.kind in LINKED_KINDS and recipient != message.recipient:
            raise FixedRecipientError
        check_email(recipient)
        message.recipient = recipient
    message.state = MessageState.WAITING
    message.failed_because = None
    message.requested_at = message.due_at = now
    session.add(message)
    session.flush()
    return message
