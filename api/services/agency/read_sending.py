"""Tell what the tax agency has, and what still waits."""

from collections.abc import Collection
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
    position : int
        Place in the issuer's chain.
    state : RecordState
        In a word.
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
    position: int
    state: RecordState
    error_code: int | None
    error_text: str | None
    receipt: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChainStanding:
    """What the agency has of an issuer.

    Attributes
    ----------
    tax_number : str
        NIF of the issuer.
    waiting_count : int
        Records without an answer.
    counts : dict of AgencyStatus to int
        Records with one.
    last : AgencySubmission or None
        The message that was sent last.
    """

    tax_number: str
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
            number,
            waiting_count=counts.get((number, None), 0),
            counts={status: counts.get((number, status), 0) for status in AgencyStatus},
            last=find_last_sent(session, promoter_id=promoter_id, tax_number=number),
        )
        for number in (
            issuer.tax_number for issuer in list_issuers(session, promoter_id=promoter_id)
        )
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
        position=record.position,
        state=RecordState.WAITING if answer is None else RecordState(answer.status.value),
        error_code=None if answer is None else answer.error_code,
        error_text=None if answer is None else answer.error_text,
        receipt=None if submission is None else submission.receipt,
        answered_at=None if answer is None else answer.answered_at,
    )
