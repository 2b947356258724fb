"""E-mails of a promoter, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import col, select

from api.clients.smtp import MailServer
from api.services.outbox.queue_message import MessageDraft, MessageKind, queue_message
from api.services.outbox.send_due_messages import MailRoute, send_due_messages
from models.session import read_session, write_session
from models.tables import (
    AttemptOutcome,
    MessageState,
    Notification,
    OutboxAttempt,
    OutboxMessage,
)
from models.values.language import Language
from tests.support.databases import RECORDED_AT
from tests.support.keyrings import KEYRING


@dataclass
class Outbox:
    """The e-mails of one promoter."""

    engine: Engine
    owner: UUID
    now: datetime = field(default=RECORDED_AT)

    def pass_time(self, **span: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(**span)

    def queue(self, key: str = "k", **more: Any) -> OutboxMessage:
        """Queue an e-mail of which only some things matter."""
        with write_session(self.engine) as session:
            return queue_message(
                session,
                promoter_id=self.owner,
                draft=draft(**more),
                idempotency_key=key,
                now=self.now,
            )

    def send(self, server: MailServer, **more: Any) -> dict[AttemptOutcome, int]:
        """Send what is due, and tell what there was."""
        counts = send_due_messages(
            engine=self.engine,
            promoter_id=self.owner,
            route=MailRoute(server, KEYRING),
            clock=lambda: self.now,
            **more,
        )
        return {outcome: count for outcome, count in counts.items() if count}

    @property
    def messages(self) -> list[OutboxMessage]:
        """All e-mails, by key."""
        return self._read(OutboxMessage, OutboxMessage.idempotency_key)

    @property
    def states(self) -> list[MessageState]:
        """Where they stand."""
        return [message.state for message in self.messages]

    @property
    def attempts(self) -> list[tuple[int, AttemptOutcome, int | None, str]]:
        """What was answered, in order."""
        rows = self._read(OutboxAttempt, OutboxAttempt.ended_at)
        return [(row.number, row.outcome, row.reply_code, row.answer) for row in rows]

    @property
    def news(self) -> list[tuple[str, UUID]]:
        """What was told, and of which e-mail."""
        told = self._read(Notification, Notification.position)
        return [(each.kind.value, each.subject_id) for each in told]

    def _read(self, table: Any, order: Any) -> list[Any]:
        with read_session(self.engine) as session:
            return list(session.exec(select(table).order_by(col(order))))


def draft(**more: Any) -> MessageDraft:
    """Write an e-mail of which only some things matter."""
    values: dict[str, Any] = {
        "kind": MessageKind.REMINDER,
        "recipient": "ana@vila.example",
        "language": Language.CATALAN,
        "subject": "Rebut pendent",
        "text": "Hola, Ana:\n\nEl rebut continua pendent.\n",
    }
    return MessageDraft(**(values | more))
