"""What goes to the tax agency next of one chain, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.stored_invoice import describe_party, read_party
from loaders.number_text import excerpt_of
from loaders.verifactu.records import InvoiceIdentity
from loaders.verifactu.submission import MOST_RECORDS, RecordAction, write_submission
from models.repositories.agency import (
    find_last_position,
    find_last_sent,
    list_unstored_records,
    list_waiting_records,
)
from models.repositories.payment_plans import find_issuer, lock_issuers
from models.tables import (
    AgencySubmission,
    FiscalRecord,
    FiscalRecordKind,
    Invoice,
    InvoiceIssuer,
    SubmissionState,
)
from models.values.errors import NotFoundError
from models.values.nif import Nif

FIRST_WAIT = timedelta(seconds=60)
"""Between messages, until the agency asks for another time (Orden HAC/1177/2024, article 16)."""

LONGEST_WAIT = timedelta(hours=1)
"""Between attempts, while the agency does not answer."""

LEASE = timedelta(minutes=5)
"""After which nobody waits any more for an answer: an attempt takes two minutes at most."""

ON_TIME = timedelta(seconds=240)
"""How old a record may be when it arrives without an incident."""

RecordKey = tuple[InvoiceIdentity, RecordAction]
"""What tells a record of an answer from all others."""

_ACTIONS = {
    FiscalRecordKind.REGISTRATION: RecordAction.REGISTRATION,
    FiscalRecordKind.CANCELLATION: RecordAction.CANCELLATION,
}


class UnknownIssuerNumberError(NotFoundError):
    """The caller issues nothing under a tax number.

    Attributes
    ----------
    tax_number : str
        The number.
    """

    def __init__(self, tax_number: str) -> None:
        super().__init__(f"there is no issuer with the tax number {excerpt_of(tax_number)}")
        self.tax_number = tax_number


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that this process alone is going to send.

    Attributes
    ----------
    submission : AgencySubmission
        The message as it is stored.
    records : dict of RecordKey to FiscalRecord
        What is in it, in the order of the chain.
    sent_until : int
        Last place of the chain that somebody tried to send before.
    """

    submission: AgencySubmission
    records: dict[RecordKey, FiscalRecord]
    sent_until: int


@dataclass(frozen=True, slots=True)
class NotNow:
    """Why nothing of a chain is sent at this moment.

    Attributes
    ----------
    due_at : datetime or None
        When something will be; None when no record waits.
    is_being_sent : bool
        Whether somebody else sends at this moment.
    """

    due_at: datetime | None = None
    is_being_sent: bool = False


def take_message(
    session: Session, *, promoter_id: UUID, tax_number: str, now: datetime
) -> WaitingMessage | NotNow:
    """Take the next message of a chain, marked as on its way once this is committed.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    tax_number : str
        NIF of the issuer, whose chain it is.
    now : datetime
        The present instant.

    Returns
    -------
    WaitingMessage or NotNow
        Records whose answer was lost go again, all and no other; else the first 1,000 that wait.

    Raises
    ------
    UnknownIssuerNumberError
        If the caller issues nothing under that number.
    UnfitRecordError
        If the tax agency's schema refuses the message.
    """
    issuer = _lock_issuer(session, promoter_id, tax_number)
    last = find_last_sent(session, promoter_id=promoter_id, tax_number=tax_number)
    if last is not None and _is_on_its_way(last, now):
        return NotNow(_sent_at(last) + LEASE, is_being_sent=True)
    is_lost = last is not None and last.state in (
        SubmissionState.SENDING,
        SubmissionState.UNCERTAIN,
    )
    waiting = list_waiting_records(
        session,
        promoter_id=promoter_id,
        tax_number=tax_number,
        until_position=last.last_position if last is not None and is_lost else None,
        most=MOST_RECORDS,
    )
    if not waiting:
        return NotNow()
    due_at = find_due_at(last, is_full=len(waiting) == MOST_RECORDS)
    if due_at is not None and now < due_at:
        return NotNow(due_at)
    sent_until = find_last_position(
        session, promoter_id=promoter_id, tax_number=tax_number, sent_only=True
    )
    submission = _prepare(issuer, [record for record, _ in waiting], last, now)
    session.add(submission)
    session.flush()
    return WaitingMessage(submission, {_key_of(*each): each[0] for each in waiting}, sent_until)


def store_message(
    session: Session, *, promoter_id: UUID, tax_number: str, now: datetime
) -> AgencySubmission | None:
    """Store what would be sent of a chain: the first 1,000 records that are in no message yet.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    tax_number : str
        NIF of the issuer, whose chain it is.
    now : datetime
        The present instant.

    Returns
    -------
    AgencySubmission or None
        None when every record is in a message.

    Raises
    ------
    UnknownIssuerNumberError
        If the caller issues nothing under that number.
    UnfitRecordError
        If the tax agency's schema refuses the message.
    """
    issuer = _lock_issuer(session, promoter_id, tax_number)
    records = list_unstored_records(
        session, promoter_id=promoter_id, tax_number=tax_number, most=MOST_RECORDS
    )
    if not records:
        return None
    submission = _write(issuer, records, now)
    session.add(submission)
    session.flush()
    return submission


def find_due_at(last: AgencySubmission | None, *, is_full: bool) -> datetime | None:
    """Find when the next message of a chain may go.

    Parameters
    ----------
    last : AgencySubmission or None
        The one that was sent last.
    is_full : bool
        Whether 1,000 records wait.

    Returns
    -------
    datetime or None
        None for at once.

    Notes
    -----
    Orden HAC/1177/2024, article 16: a message goes when the time has passed that the agency asked
    for, or as soon as 1,000 records wait. After a failure the time doubles, up to an hour.
    """
    if last is None or last.sent_at is None:
        return None
    if last.wait_seconds is not None:
        return None if is_full else last.sent_at + timedelta(seconds=last.wait_seconds)
    doublings = min(last.attempts - 1, 10)
    wait = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return last.sent_at + wait


def _lock_issuer(session: Session, promoter_id: UUID, tax_number: str) -> InvoiceIssuer:
    """Hold the issuer: whoever issues or sends in its name waits."""
    issuer = find_issuer(session, promoter_id=promoter_id, tax_number=tax_number)
    if issuer is None:
        raise UnknownIssuerNumberError(tax_number)
    return lock_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer.id])[issuer.id]


def _is_on_its_way(last: AgencySubmission, now: datetime) -> bool:
    return last.state is SubmissionState.SENDING and now < _sent_at(last) + LEASE


def _sent_at(submission: AgencySubmission) -> datetime:
    assert submission.sent_at is not None, "the database keeps it"
    return submission.sent_at


def _prepare(
    issuer: InvoiceIssuer, records: list[FiscalRecord], last: AgencySubmission | None, now: datetime
) -> AgencySubmission:
    """Write the message, or take the last one when it says the very same."""
    submission = _write(issuer, records, now)
    attempts = 1
    if last is not None and last.state is not SubmissionState.ANSWERED:
        attempts = last.attempts + 1
        if last.content == submission.content:
            submission = last
        elif last.state is SubmissionState.SENDING:
            last.state = SubmissionState.UNCERTAIN
            last.reason = "whoever sent it stopped before an answer came"
    submission.state = SubmissionState.SENDING
    submission.attempts = attempts
    submission.sent_at = now
    submission.reason = None
    return submission


def _write(issuer: InvoiceIssuer, records: list[FiscalRecord], now: datetime) -> AgencySubmission:
    is_late = now - datetime.fromisoformat(records[0].generated_at) > ON_TIME
    content = write_submission(
        [record.content for record in records],
        issuer=read_party(describe_party(issuer)),
        has_incident=is_late,
    )
    return AgencySubmission(
        promoter_id=issuer.promoter_id,
        tax_number=issuer.tax_number,
        created_at=now,
        first_position=records[0].position,
        last_position=records[-1].position,
        has_incident=is_late,
        content=content,
        state=SubmissionState.STORED,
    )


def _key_of(record: FiscalRecord, invoice: Invoice) -> RecordKey:
    identity = InvoiceIdentity(Nif(record.tax_number), invoice.full_number, invoice.issued_on)
    return identity, _ACTIONS[record.kind]
