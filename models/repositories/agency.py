"""Messages to the tax agency, its answers, and the records that wait for one."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from models.repositories.page import Listing, Page, PageRequest
from models.repositories.shown_rows import leave_unread
from models.tables.agency import AgencyAnswer, AgencyStatus, AgencySubmission, SubmissionState
from models.tables.invoices import FiscalRecord, Invoice
from models.values.listing import EVERYTHING, ListWish

_CONTENT = ("content", "answer")
_SUBMISSIONS = Listing(
    AgencySubmission,
    "promoter_id",
    "created_at",
    newest_first=True,
    unread=_CONTENT,
)


class AnsweredRecord(NamedTuple):
    """A record, and what the agency said to it, if anything yet."""

    record: FiscalRecord
    answer: AgencyAnswer | None
    submission: AgencySubmission | None


def list_waiting_records(
    session: Session,
    *,
    promoter_id: UUID,
    tax_number: str,
    until_position: int | None = None,
    most: int,
) -> list[tuple[FiscalRecord, Invoice]]:
    """Read the first records of a chain that the agency has not answered, and their invoices."""
    row = FiscalRecord
    rows = (
        select(row, Invoice)
        .join(Invoice, col(Invoice.id) == row.invoice_id)
        .where(row.promoter_id == promoter_id, row.tax_number == tax_number, _is_unanswered())
        .order_by(col(row.position))
        .limit(most)
    )
    if until_position is not None:
        rows = rows.where(row.position <= until_position)
    return list(session.exec(rows))


def list_unstored_records(
    session: Session, *, promoter_id: UUID, tax_number: str, most: int
) -> list[FiscalRecord]:
    """Read the first records of a chain that are in no message yet."""
    row = FiscalRecord
    last = find_last_position(session, promoter_id=promoter_id, tax_number=tax_number)
    rows = (
        select(row)
        .where(row.promoter_id == promoter_id, row.tax_number == tax_number, row.position > last)
        .order_by(col(row.position))
        .limit(most)
    )
    return list(session.exec(rows))


def find_last_position(
    session: Session, *, promoter_id: UUID, tax_number: str, sent_only: bool = False
) -> int:
    """Find the last place of a chain that is in a message; 0 when there is none."""
    row = AgencySubmission
    rows = select(func.coalesce(func.max(row.last_position), 0)).where(
        row.promoter_id == promoter_id, row.tax_number == tax_number
    )
    if sent_only:
        rows = rows.where(row.state != SubmissionState.STORED)
    return session.exec(rows).one()


def find_last_sent(
    session: Session, *, promoter_id: UUID, tax_number: str
) -> AgencySubmission | None:
    """Read the message of a chain that was sent last."""
    row = AgencySubmission
    rows = (
        select(row)
        .where(
            row.promoter_id == promoter_id,
            row.tax_number == tax_number,
            row.state != SubmissionState.STORED,
        )
        .order_by(col(row.sent_at).desc(), col(row.created_at).desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def hold_sent(session: Session, *, like: AgencySubmission) -> AgencySubmission | None:
    """Hold a message that is still on its way by the same attempt; None when it is not."""
    row = AgencySubmission
    rows = (
        select(row)
        .where(
            row.promoter_id == like.promoter_id,
            row.id == like.id,
            row.state == SubmissionState.SENDING,
            row.attempts == like.attempts,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def get_submission(
    session: Session, *, promoter_id: UUID, submission_id: UUID
) -> AgencySubmission | None:
    """Read one message whole."""
    rows = select(AgencySubmission).where(
        AgencySubmission.promoter_id == promoter_id, AgencySubmission.id == submission_id
    )
    return session.exec(rows).one_or_none()


def list_submission_ids(session: Session, *, promoter_id: UUID, tax_number: str) -> list[UUID]:
    """Read the ids of the messages of a chain, oldest first."""
    row = AgencySubmission
    rows = (
        select(row.id)
        .where(row.promoter_id == promoter_id, row.tax_number == tax_number)
        .order_by(col(row.created_at), col(row.id))
    )
    return list(session.exec(rows))


def map_records_within(
    session: Session, *, promoter_id: UUID, tax_number: str, first: int, last: int
) -> dict[str, FiscalRecord]:
    """Read the records of a chain from one place to another, by their fingerprints."""
    row = FiscalRecord
    rows = select(row).where(
        row.promoter_id == promoter_id,
        row.tax_number == tax_number,
        col(row.position).between(first, last),
    )
    return {record.sha256: record for record in session.exec(rows)}


def list_answered_ids(
    session: Session, *, promoter_id: UUID, record_ids: Collection[UUID]
) -> set[UUID]:
    """Tell which of some records the agency answered."""
    rows = select(AgencyAnswer.record_id).where(
        AgencyAnswer.promoter_id == promoter_id, col(AgencyAnswer.record_id).in_(record_ids)
    )
    return set(session.exec(rows))


def map_submissions(
    session: Session, *, promoter_id: UUID, submission_ids: Collection[UUID]
) -> dict[UUID, AgencySubmission]:
    """Read messages by id, without what they hold."""
    rows = (
        select(AgencySubmission)
        .where(
            AgencySubmission.promoter_id == promoter_id,
            col(AgencySubmission.id).in_(submission_ids),
        )
        .options(*leave_unread(AgencySubmission, _CONTENT))
    )
    return {submission.id: submission for submission in session.exec(rows)}


def page_submissions(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[AgencySubmission]]:
    """Read the same page of promoters' messages, newest first, without what they hold."""
    tenant = col(AgencySubmission.promoter_id) == promoter_id
    return _SUBMISSIONS.read_pages(session, tenant, parent_ids=promoter_ids, request=request)


def count_submissions(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count promoters' messages."""
    tenant = col(AgencySubmission.promoter_id) == promoter_id
    return _SUBMISSIONS.count_rows(session, tenant, parent_ids=promoter_ids, wish=wish)


def list_answered(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> list[AnsweredRecord]:
    """Read the records of invoices in the order of their chains, and their answers."""
    rows = (
        select(FiscalRecord, AgencyAnswer, AgencySubmission)
        .outerjoin(AgencyAnswer, col(AgencyAnswer.record_id) == FiscalRecord.id)
        .outerjoin(AgencySubmission, col(AgencySubmission.id) == AgencyAnswer.submission_id)
        .options(*leave_unread(FiscalRecord, ("content",)))
        .options(*leave_unread(AgencySubmission, _CONTENT))
        .where(
            FiscalRecord.promoter_id == promoter_id, col(FiscalRecord.invoice_id).in_(invoice_ids)
        )
        .order_by(col(FiscalRecord.tax_number), col(FiscalRecord.position))
    )
    return [AnsweredRecord(*found) for found in session.exec(rows)]


def list_faulty_records(
    session: Session, *, promoter_id: UUID
) -> list[tuple[FiscalRecord, AgencyAnswer, Invoice]]:
    """Read what the agency refused or took with errors, where the invoice has no later record."""
    later = aliased(FiscalRecord)
    is_followed = exists().where(
        col(later.invoice_id) == FiscalRecord.invoice_id,
        col(later.position) > FiscalRecord.position,
    )
    rows = (
        select(FiscalRecord, AgencyAnswer, Invoice)
        .join(AgencyAnswer, col(AgencyAnswer.record_id) == FiscalRecord.id)
        .join(Invoice, col(Invoice.id) == FiscalRecord.invoice_id)
        .options(*leave_unread(FiscalRecord, ("content",)))
        .where(
            FiscalRecord.promoter_id == promoter_id,
            AgencyAnswer.status != AgencyStatus.ACCEPTED,
            ~is_followed,
        )
        .order_by(col(FiscalRecord.tax_number), col(FiscalRecord.position))
    )
    return list(session.exec(rows))


def list_unanswered_chains(session: Session) -> list[tuple[UUID, str]]:
    """Read of which chains of any promoter records wait for an answer: its id, and the NIF."""
    row = FiscalRecord
    rows = (
        select(row.promoter_id, row.tax_number)
        .where(_is_unanswered())
        .distinct()
        .order_by(col(row.promoter_id), col(row.tax_number))
    )
    return list(session.exec(rows))


def list_unstored_chains(session: Session) -> list[tuple[UUID, str]]:
    """Read of which chains of any promoter records are in no message: its id, and the NIF."""
    row, message = FiscalRecord, AgencySubmission
    in_message = exists().where(
        col(message.promoter_id) == row.promoter_id,
        col(message.tax_number) == row.tax_number,
        col(message.last_position) >= row.position,
    )
    rows = (
        select(row.promoter_id, row.tax_number)
        .where(~in_message)
        .distinct()
        .order_by(col(row.promoter_id), col(row.tax_number))
    )
    return list(session.exec(rows))


def count_states(
    session: Session, *, promoter_id: UUID
) -> dict[tuple[str, AgencyStatus | None], int]:
    """Count the records of each chain by the agency's answer; None while they wait for it.

    Those that a later one mends are left out.
    """
    later = aliased(FiscalRecord)
    is_mended = exists().where(
        col(later.invoice_id) == FiscalRecord.invoice_id,
        col(later.kind) == FiscalRecord.kind,
        col(later.attempt) > FiscalRecord.attempt,
    )
    rows = (
        select(FiscalRecord.tax_number, AgencyAnswer.status, func.count())
        .select_from(FiscalRecord)
        .outerjoin(AgencyAnswer, col(AgencyAnswer.record_id) == FiscalRecord.id)
        .where(FiscalRecord.promoter_id == promoter_id, ~is_mended)
        .group_by(col(FiscalRecord.tax_number), col(AgencyAnswer.status))
    )
    found: Iterable[Any] = session.exec(rows)
    return {(number, status): count for number, status, count in found}


def _is_unanswered() -> ColumnElement[bool]:
    return ~exists().where(col(AgencyAnswer.record_id) == FiscalRecord.id)
