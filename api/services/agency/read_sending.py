"""Tell what the tax agency has, and what still waits."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from models.repositories.agency import (
    AnsweredRecord,
    count_states,
    find_last_sent,
    get_submission,
    list_answered,
    list_faulty_records,
)
from models.repositories.payment_plans import list_issuers
from models.tables import AgencyStatus, AgencySubmission, FiscalRecordKind
from models.values.errors import NotFoundError


class UnknownSubmissionError(NotFoundError):
    """The caller has no such message.

    Attributes
    ----------
    submission_id : UUID
        Its id.
    """

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(f"there is no message {submission_id} to the tax agency")
        self.submission_id = submission_id


class RecordState(StrEnum):
    """What the agency made of a record, or that it has not answered."""

    WAITING = "waiting"
    ACCEPTED = AgencyStatus.ACCEPTED.value
    ACCEPTED_WITH_ERRORS = AgencyStatus.ACCEPTED_WITH_ERRORS.value
    REFUSED = AgencyStatus.REFUSED.value


@dataclass(frozen=True, slots=True)
class RecordStanding:
    """What the agency made of a record.

    Attributes
    ----------
    kind : FiscalRecordKind
        Registration or cancellation.
    attempt : int
        From 1; a later one mends the one before.
    position : int
        Place in the issuer's chain.
    state : RecordState
        In a word.
    is_duplicate : bool
        Whether the agency said that it had such a record already.
    error_code : int or None
        The agency's code of what is wrong.
    error_text : str or None
        The same in its words.
    receipt : str or None
        The agency's verification code (CSV) of the message.
    answered_at : datetime or None
        When it answered.
    """

    kind: FiscalRecordKind
    attempt: int
    position: int
    state: RecordState
    is_duplicate: bool
    error_code: int | None
    error_text: str | None
    receipt: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class FaultyRecord:
    """A record that waits to be mended.

    Attributes
    ----------
    number : str
        Series and number of its invoice.
    kind : FiscalRecordKind
        Registration or cancellation.
    state : RecordState
        What the agency made of it.
    error_code : int or None
        The agency's code of what is wrong.
    error_text : str or None
        The same in its words.
    """

    number: str
    kind: FiscalRecordKind
    state: RecordState
    error_code: int | None
    error_text: str | None


@dataclass(frozen=True, slots=True)
class ChainStanding:
    """What the agency has of an issuer.

    Attributes
    ----------
    tax_number : str
        NIF of the issuer.
    name : str
        Its name.
    waiting_count : int
        Records without an answer.
    counts : dict of AgencyStatus to int
        Records with one, those apart that a later one mends.
    last : AgencySubmission or None
        The message that was sent last.
    """

    tax_number: str
    name: str
    waiting_count: int
    counts: dict[AgencyStatus, int]
    last: AgencySubmission | None


def group_standings(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> dict[UUID, list[RecordStanding]]:
    """Tell what the agency made of the records of invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    invoice_ids : collection of UUID
        The invoices.

    Returns
    -------
    dict of UUID to list of RecordStanding
        By invoice, in the order of the chain; an empty list for one that is unknown.
    """
    found: dict[UUID, list[RecordStanding]] = {key: [] for key in invoice_ids}
    for row in list_answered(session, promoter_id=promoter_id, invoice_ids=invoice_ids):
        found[row.record.invoice_id].append(_read_standing(row))
    return found


def can_mend(kind: FiscalRecordKind, state: RecordState) -> bool:
    """Tell whether another record can mend the newest one of an invoice.

    Parameters
    ----------
    kind : FiscalRecordKind
        What the record tells.
    state : RecordState
        What the agency made of it.

    Returns
    -------
    bool
        True for one that was refused, and for a registration with errors.
    """
    if kind is FiscalRecordKind.REGISTRATION and state is RecordState.ACCEPTED_WITH_ERRORS:
        return True
    return state is RecordState.REFUSED


def list_faulty(session: Session, *, promoter_id: UUID) -> list[FaultyRecord]:
    """List what another record can mend, and none has yet.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of FaultyRecord
        By NIF, in the order of the chain.
    """
    found = [
        FaultyRecord(
            number=invoice.full_number,
            kind=record.kind,
            state=RecordState(answer.status.value),
            error_code=answer.error_code,
            error_text=answer.error_text,
        )
        for record, answer, invoice in list_faulty_records(session, promoter_id=promoter_id)
    ]
    return [each for each in found if can_mend(each.kind, each.state)]


def lacks_invoice(standings: Iterable[RecordStanding]) -> bool:
    """Tell whether the agency certainly keeps no record that registers an invoice.

    Parameters
    ----------
    standings : iterable of RecordStanding
        Of all records of the invoice.

    Returns
    -------
    bool
        False while an answer is due.
    """
    return all(
        each.state is RecordState.REFUSED and not each.is_duplicate
        for each in standings
        if each.kind is FiscalRecordKind.REGISTRATION
    )


def list_chain_standings(session: Session, *, promoter_id: UUID) -> list[ChainStanding]:
    """Tell what the agency has of every issuer.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of ChainStanding
        By NIF.
    """
    counts = count_states(session, promoter_id=promoter_id)
    return [
        ChainStanding(
            issuer.tax_number,
            issuer.name,
            waiting_count=counts.get((issuer.tax_number, None), 0),
            counts={status: counts.get((issuer.tax_number, status), 0) for status in AgencyStatus},
            last=find_last_sent(session, promoter_id=promoter_id, tax_number=issuer.tax_number),
        )
        for issuer in list_issuers(session, promoter_id=promoter_id)
    ]


def require_submission(
    session: Session, *, promoter_id: UUID, submission_id: UUID
) -> AgencySubmission:
    """Read a message to the tax agency, with all that it holds.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    submission_id : UUID
        The message.

    Returns
    -------
    AgencySubmission
        As it was sent, or would be, and what came back.

    Raises
    ------
    UnknownSubmissionError
        If the caller has no such message.
    """
    found = get_submission(session, promoter_id=promoter_id, submission_id=submission_id)
    if found is None:
        raise UnknownSubmissionError(submission_id)
    return found


def _read_standing(row: AnsweredRecord) -> RecordStanding:
    record, answer, submission = row
    return RecordStanding(
        kind=record.kind,
        attempt=record.attempt,
        position=record.position,
        state=RecordState.WAITING if answer is None else RecordState(answer.status.value),
        is_duplicate=answer is not None and answer.is_duplicate,
        error_code=None if answer is None else answer.error_code,
        error_text=None if answer is None else answer.error_text,
        receipt=None if submission is None else submission.receipt,
        answered_at=None if answer is None else answer.answered_at,
    )
