"""The outbox: e-mails queued once, taken by one worker at a time, and what became of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, and_, col, func, or_, select, update

from models.repositories.by_key import group_by_key, map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.invoices import Invoice
from models.tables.outbox import (
    MessageState,
    OutboxAttachment,
    OutboxAttempt,
    OutboxMessage,
)
from models.values.listing import EVERYTHING, ListWish

_MESSAGES = Listing(OutboxMessage, parent="promoter_id", order="created_at", newest_first=True)


TROUBLED = (MessageState.FAILED, MessageState.UNCERTAIN)
"""States of which a person has to say what follows."""


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """What a worker shows to prove that an e-mail is still its own."""

    promoter_id: UUID
    message_id: UUID
    worker: str
    attempt: int


def add_message(
    session: Session, message: OutboxMessage, *, invoice_ids: Collection[UUID]
) -> OutboxMessage:
    """Queue an e-mail, or return the one that its key already stands for."""
    find = partial(
        find_message,
        session,
        promoter_id=message.promoter_id,
        idempotency_key=message.idempotency_key,
    )
    if (standing := find()) is not None:
        return standing
    try:
        with session.begin_nested():
            session.add(message)
            session.flush()
            session.add_all(
                OutboxAttachment(
                    message_id=message.id,
                    position=position,
                    promoter_id=message.promoter_id,
                    invoice_id=invoice_id,
                )
                for position, invoice_id in enumerate(invoice_ids)
            )
    except IntegrityError:
        # Somebody else queued the same in this very moment.
        if (standing := find()) is None:
            raise
        return standing
    return message


def find_message(
    session: Session, *, promoter_id: UUID, idempotency_key: str
) -> OutboxMessage | None:
    """Read the e-mail that a key stands for."""
    rows = select(OutboxMessage).where(
        OutboxMessage.promoter_id == promoter_id, OutboxMessage.idempotency_key == idempotency_key
    )
    return session.exec(rows).one_or_none()


def map_messages(
    session: Session, *, promoter_id: UUID, message_ids: Collection[UUID]
) -> dict[UUID, OutboxMessage]:
    """Read e-mails by id."""
    return map_by_key(session, OutboxMessage, message_ids, promoter_id=promoter_id)


def lock_message(session: Session, *, promoter_id: UUID, message_id: UUID) -> OutboxMessage | None:
    """Read an e-mail that nobody else changes before the transaction has ended."""
    rows = (
        select(OutboxMessage)
        .where(OutboxMessage.promoter_id == promoter_id, OutboxMessage.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def page_messages(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    request: PageRequest,
    states: Collection[MessageState] = tuple(MessageState),
) -> dict[UUID, Page[OutboxMessage]]:
    """Read the same page of promoters' e-mails in some states, newest first."""
    return _MESSAGES.read_pages(
        session, *_which(promoter_id, states), parent_ids=promoter_ids, request=request
    )


def count_messages(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    states: Collection[MessageState] = tuple(MessageState),
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count promoters' e-mails in some states."""
    return _MESSAGES.count_rows(
        session, *_which(promoter_id, states), parent_ids=promoter_ids, wish=wish
    )


def list_attached_invoices(session: Session, *, promoter_id: UUID, message_id: UUID) -> list[UUID]:
    """List the invoices whose PDFs go with an e-mail, in their order."""
    rows = (
        select(OutboxAttachment.invoice_id)
        .where(
            OutboxAttachment.promoter_id == promoter_id, OutboxAttachment.message_id == message_id
        )
        .order_by(col(OutboxAttachment.position))
    )
    return list(session.exec(rows))


def group_attached_invoices(
    session: Session, *, promoter_id: UUID, message_ids: Collection[UUID]
) -> dict[UUID, list[Invoice]]:
    """Read the invoices whose PDFs go with e-mails, in their order, an empty list for none."""
    rows = (
        select(OutboxAttachment.message_id, Invoice)
        .join(Invoice, col(Invoice.id) == OutboxAttachment.invoice_id)
        .where(
            OutboxAttachment.promoter_id == promoter_id,
            col(OutboxAttachment.message_id).in_(message_ids),
        )
        .order_by(col(OutboxAttachment.position))
    )
    groups: dict[UUID, list[Invoice]] = {key: [] for key in message_ids}
    for message_id, invoice in session.exec(rows):
        groups[message_id].append(invoice)
    return groups


def group_attempts(
    session: Session, *, promoter_id: UUID, message_ids: Collection[UUID]
) -> dict[UUID, list[OutboxAttempt]]:
    """Read what was answered to e-mails, oldest first, an empty list for nothing."""
    return group_by_key(
        session,
        OutboxAttempt,
        message_ids,
        promoter_id=promoter_id,
        key="message_id",
        order=("ended_at", "id"),
    )


def list_oldest_due(session: Session, *, now: datetime) -> list[OutboxMessage]:
    """List the e-mail of each promoter that has waited longest of those to see to now."""
    place = (
        func.row_number()
        .over(
            partition_by=col(OutboxMessage.promoter_id),
            order_by=(col(OutboxMessage.due_at), col(OutboxMessage.id)),
        )
        .label("place")
    )
    places = select(OutboxMessage.id, place).where(or_(_claimable(now), _lost(now))).subquery()
    rows = (
        select(OutboxMessage)
        .join(places, places.c.id == OutboxMessage.id)
        .where(places.c.place == 1)
    )
    return list(session.exec(rows))


def claim_next_message(
    session: Session, *, promoter_id: UUID, worker: str, now: datetime, lease_until: datetime
) -> tuple[MessageClaim, OutboxMessage] | None:
    """Take the e-mail that has waited longest; it still waits, but nobody else takes it."""
    oldest = (
        select(OutboxMessage.id)
        .where(OutboxMessage.promoter_id == promoter_id, _claimable(now))
        .order_by(col(OutboxMessage.due_at), col(OutboxMessage.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == oldest)
        .values(
            worker=worker,
            lease_until=lease_until,
            due_at=lease_until,
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(OutboxMessage)
        .execution_options(populate_existing=True)
    )
    message = session.scalars(taken).one_or_none()
    if message is None:
        return None
    return MessageClaim(promoter_id, message.id, worker, message.attempts), message


def begin_sending(session: Session, claim: MessageClaim, *, lease_until: datetime) -> bool:
    """Note that an e-mail goes out from now on; False when another worker has taken it."""
    waits = _held(claim, MessageState.WAITING)
    return _change(session, waits, state=MessageState.SENDING, lease_until=lease_until)


def postpone_message(session: Session, claim: MessageClaim, *, due_at: datetime) -> bool:
    """Give an e-mail back to be tried again later; False when another worker has taken it."""
    waits = {"state": MessageState.WAITING, "lease_until": None, "worker": None}
    return _change(session, _ours_still(claim), due_at=due_at, **waits)


def postpone_others(
    session: Session, *, promoter_id: UUID, now: datetime, due_at: datetime
) -> None:
    """Let a promoter's e-mails that are due wait too: the server would refuse them alike."""
    _change(
        session, and_(col(OutboxMessage.promoter_id) == promoter_id, _claimable(now)), due_at=due_at
    )


def settle_message(
    session: Session,
    claim: MessageClaim,
    *,
    state: MessageState,
    sent_at: datetime | None = None,
    failed_because: str | None = None,
) -> bool:
    """End an e-mail; False when another worker has taken it, or somebody asked for it anew."""
    is_known = state is not MessageState.UNCERTAIN
    return _change(
        session,
        _ours_still(claim) if is_known else _held(claim, MessageState.SENDING),
        state=state,
        sent_at=sent_at,
        failed_because=failed_because,
        lease_until=None,
        worker=None,
    )


def give_up_lost_messages(
    session: Session, *, promoter_id: UUID, now: datetime
) -> list[OutboxMessage]:
    """Make the e-mails uncertain whose worker fell silent while they went out."""
    lost = (
        update(OutboxMessage)
        .where(col(OutboxMessage.promoter_id) == promoter_id, _lost(now))
        .values(state=MessageState.UNCERTAIN, lease_until=None, worker=None)
        .returning(OutboxMessage)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(lost))


def _which(
    promoter_id: UUID, states: Collection[MessageState]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(OutboxMessage.promoter_id) == promoter_id, col(OutboxMessage.state).in_(states)


def _claimable(now: datetime) -> ColumnElement[bool]:
    # One that a worker has claimed is due again when its lease ends.
    return and_(col(OutboxMessage.state) == MessageState.WAITING, col(OutboxMessage.due_at) <= now)


def _lost(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(OutboxMessage.state) == MessageState.SENDING, col(OutboxMessage.lease_until) < now
    )


def _is(claim: MessageClaim) -> ColumnElement[bool]:
    return and_(
        col(OutboxMessage.promoter_id) == claim.promoter_id,
        col(OutboxMessage.id) == claim.message_id,
        col(OutboxMessage.attempts) == claim.attempt,
    )


def _ours_still(claim: MessageClaim) -> ColumnElement[bool]:
    """Find what a worker holds; a late answer tells of what was given up as uncertain, too."""
    given_up = and_(_is(claim), col(OutboxMessage.state) == MessageState.UNCERTAIN)
    return or_(_held(claim, MessageState.WAITING, MessageState.SENDING), given_up)


def _held(claim: MessageClaim, *states: MessageState) -> ColumnElement[bool]:
    return and_(
        _is(claim),
        col(OutboxMessage.state).in_(states),
        col(OutboxMessage.worker) == claim.worker,
    )


def _change(session: Session, which: ColumnElement[bool], **values: object) -> bool:
    return session.exec(update(OutboxMessage).where(which).values(**values)).rowcount == 1
