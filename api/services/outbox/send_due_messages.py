"""Send the e-mails that are due, each by one worker and each once, whatever breaks in between.

An e-mail is marked, and the mark is committed, before its text leaves: from then until the
server's answer is stored, a crash leaves it uncertain, and an uncertain one is not sent again but
by a person. Before that mark a crash costs nothing: the e-mail waits again. A server that takes an
e-mail and does not say so gets no other for a while, lest all of them become uncertain.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from hashlib import sha256
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from sqlalchemy import Engine

from api.clients.smtp import (
    BrokenConnectionError,
    MailConnection,
    MailRefusedError,
    MailServer,
    MailServerError,
    NoAnswerError,
    connect_mail,
)
from api.services.collection.open_account import open_account
from api.services.invoices.generate_invoice_files import QrTarget, generate_invoice_pdf
from api.services.jobs.progress import Progress, tell_nobody
from api.services.jobs.run_jobs import Clock
from api.services.outbox.compose_message import compose_message
from api.services.outbox.mailed_secrets import draw_secret
from api.services.outbox.queue_message import LINKED_KINDS
from api.services.outbox.settle_attempt import (
    give_up_lost,
    note_accepted,
    note_refused,
    note_server_fault,
    note_unanswered,
)
from models.keyring import Keyring
from models.repositories.mandates import get_creditor_account
from models.repositories.outbox import (
    MessageClaim,
    begin_sending,
    claim_next_message,
    list_attached_invoices,
)
from models.session import write_session
from models.tables import AttemptOutcome, OutboxMessage

LEASE = timedelta(minutes=15)
"""How long an e-mail stays with a worker that is not heard of."""

MOST_AT_ONCE = 500
"""E-mails of one pass; the next begins within a minute."""


@dataclass(frozen=True, slots=True)
class MailRoute:
    """By which way e-mails go out.

    Attributes
    ----------
    server : MailServer
        Where they are handed in.
    keyring : Keyring
        What opens the accounts that they tell.
    qr : QrTarget
        Where the QR of the invoices attached leads.
    """

    server: MailServer
    keyring: Keyring
    qr: QrTarget = field(default_factory=QrTarget)


def send_due_messages(
    *,
    engine: Engine,
    promoter_id: UUID,
    route: MailRoute,
    clock: Clock,
    lease: timedelta = LEASE,
    tell: Progress = tell_nobody,
) -> dict[AttemptOutcome, int]:
    """Send a promoter's e-mails that are due, 500 at most, those first that have waited longest.

    Parameters
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        The tenant.
    route : MailRoute
        By which way.
    clock : callable
        Tells the present instant.
    lease : timedelta
        How long an e-mail stays with this worker; longer than the server may take for it.
    tell : Progress
        Takes the share that is done.

    Returns
    -------
    dict of AttemptOutcome to int
        How many were accepted, deferred, refused, or left uncertain, lost ones among these.

    Raises
    ------
    MailServerError, BrokenConnectionError
        If the server takes nothing at all: cannot be reached or trusted, or refuses the login or
        the sender. What is due then waits for a while.
    """
    counts: Counter[AttemptOutcome] = Counter(dict.fromkeys(AttemptOutcome, 0))
    counts[AttemptOutcome.UNCERTAIN] += give_up_lost(engine, promoter_id=promoter_id, now=clock())
    with _Sender(engine, promoter_id, route, clock, lease) as sender:
        for number in range(MOST_AT_ONCE):
            tell(number / MOST_AT_ONCE, f"e-mail {number + 1}")
            taken = sender.take_next()
            if taken is None:
                break
            outcome = sender.send(*taken)
            if outcome is not None:
                counts[outcome] += 1
            if outcome is AttemptOutcome.UNCERTAIN:
                break
    return dict(counts)


@dataclass(slots=True)
class _Sender:
    """One worker's way through the e-mails of a promoter, over as few connections as it takes."""

    engine: Engine
    promoter_id: UUID
    route: MailRoute
    clock: Clock
    lease: timedelta
    _worker: str = field(default_factory=lambda: uuid4().hex)
    _conversation: ExitStack = field(default_factory=ExitStack)
    _connection: MailConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._hang_up()

    def take_next(self) -> tuple[MessageClaim, OutboxMessage] | None:
        """Claim the e-mail that has waited longest."""
        now = self.clock()
        with write_session(self.engine) as session:
            return claim_next_message(
                session,
                promoter_id=self.promoter_id,
                worker=self._worker,
                now=now,
                lease_until=now + self.lease,
            )

    def send(self, claim: MessageClaim, message: OutboxMessage) -> AttemptOutcome | None:
        """Bring an e-mail as far as it goes, and note how far; None if another worker has it."""
        content = self._compose(message)
        digest = sha256(content).hexdigest()
        try:
            connection = self._offer(message, len(content))
            if not self._begin(claim):
                self._hang_up()
                return None
            reply = connection.deliver(content)
        except MailRefusedError as refusal:
            return note_refused(self.engine, claim, message, refusal.reply, self.clock())
        except NoAnswerError as error:
            self._hang_up()
            reason = str(error)
            return note_unanswered(self.engine, claim, message, reason, digest, self.clock())
        except (MailServerError, BrokenConnectionError) as error:
            note_server_fault(self.engine, claim, message, str(error), self.clock())
            raise
        return note_accepted(self.engine, claim, reply, digest, self.clock())

    def _compose(self, message: OutboxMessage) -> bytes:
        """Write the e-mail; each PDF is kept as it goes out."""
        owner, server = self.promoter_id, self.route.server
        with write_session(self.engine) as session:
            attached = list_attached_invoices(session, promoter_id=owner, message_id=message.id)
            pdfs = [
                generate_invoice_pdf(
                    session,
                    promoter_id=owner,
                    invoice_id=key,
                    qr=self.route.qr,
                    keyring=self.route.keyring,
                    now=self.clock(),
                )
                for key in attached
            ]
            account = None
            if message.account_id is not None:
                told = get_creditor_account(
                    session, promoter_id=owner, account_id=message.account_id
                )
                account = open_account(self.route.keyring, told)
        sender = Address(display_name=server.sender_name, addr_spec=server.sender)
        return compose_message(message, pdfs, sender, account, self._find_secret(message))

    def _find_secret(self, message: OutboxMessage) -> str | None:
        """Draw what opens the link of an e-mail, if it has one."""
        if message.kind not in LINKED_KINDS:
            return None
        key = message.idempotency_key
        return draw_secret(self.route.keyring, promoter_id=self.promoter_id, idempotency_key=key)

    def _offer(self, message: OutboxMessage, size_bytes: int) -> MailConnection:
        """Ask the server; one that hung up since the last e-mail is called again."""
        if self._connection is not None:
            try:
                self._connection.offer(message.recipient, size_bytes)
            except BrokenConnectionError:
                self._hang_up()
            else:
                return self._connection
        self._connection = self._conversation.enter_context(connect_mail(self.route.server))
        self._connection.offer(message.recipient, size_bytes)
        return self._connection

    def _begin(self, claim: MessageClaim) -> bool:
        """Commit that the text leaves from now on."""
        with write_session(self.engine) as session:
            return begin_sending(session, claim, lease_until=self.clock() + self.lease)

    def _hang_up(self) -> None:
        self._connection = None
        self._conversation.close()
