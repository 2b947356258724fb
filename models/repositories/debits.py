"""Files of debits for the bank, their debits, and what became of them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, insert
from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.mandates import Debit, DebitRun, DebitStatus
from models.values.direct_debits import DebitOutcome

_NEWEST = Listing(DebitRun, parent="issuer_id", order="created_at", newest_first=True)
_WEIGHT = {outcome: place for place, outcome in enumerate(DebitOutcome)}


class KnownDebit(NamedTuple):
    """A debit, what has become of it, and the code and the day that its bank gave."""

    debit: Debit
    outcome: DebitOutcome
    code: str | None
    said_on: date | None


def find_debit_run(session: Session, *, promoter_id: UUID, idempotency_key: str) -> DebitRun | None:
    """Read the run that was asked for by a key."""
    rows = select(DebitRun).where(
        DebitRun.promoter_id == promoter_id, DebitRun.idempotency_key == idempotency_key
    )
    return session.exec(rows).one_or_none()


def get_debit_run(session: Session, *, promoter_id: UUID, run_id: UUID) -> DebitRun | None:
    """Read one run."""
    return map_debit_runs(session, promoter_id=promoter_id, run_ids=[run_id]).get(run_id)


def map_debit_runs(
    session: Session, *, promoter_id: UUID, run_ids: Collection[UUID]
) -> dict[UUID, DebitRun]:
    """Read runs by id."""
    return map_by_key(session, DebitRun, run_ids, promoter_id=promoter_id)


def list_runs_of_message(session: Session, *, promoter_id: UUID, message_id: str) -> list[DebitRun]:
    """Read the runs whose file bears a reference: one an issuer at most."""
    rows = select(DebitRun).where(
        DebitRun.promoter_id == promoter_id, DebitRun.message_id == message_id
    )
    return list(session.exec(rows))


def list_run_debits(session: Session, *, promoter_id: UUID, run_id: UUID) -> list[KnownDebit]:
    """Read the debits of a run, by day and reference."""
    return group_run_debits(session, promoter_id=promoter_id, run_ids=[run_id])[run_id]


def group_run_debits(
    session: Session, *, promoter_id: UUID, run_ids: Collection[UUID]
) -> dict[UUID, list[KnownDebit]]:
    """Read the debits of many runs, by day and reference."""
    groups: dict[UUID, list[KnownDebit]] = {key: [] for key in run_ids}
    for each in _list_known(session, promoter_id, col(Debit.run_id).in_(run_ids)):
        groups[each.debit.run_id].append(each)
    return groups


def list_debits_of_invoices(
    session: Session, *, promoter_id: UUID, invoice_ids: Collection[UUID]
) -> list[KnownDebit]:
    """Read every debit that collected, or was to collect, invoices; by day and reference."""
    return _list_known(session, promoter_id, col(Debit.invoice_id).in_(invoice_ids))


def list_debits_of_mandates(
    session: Session, *, promoter_id: UUID, mandate_ids: Collection[UUID]
) -> list[KnownDebit]:
    """Read every debit of mandates, by day and reference."""
    return _list_known(session, promoter_id, col(Debit.mandate_id).in_(mandate_ids))


def map_debits(
    session: Session, *, promoter_id: UUID, debit_ids: Collection[UUID]
) -> dict[UUID, Debit]:
    """Read debits by id."""
    return map_by_key(session, Debit, debit_ids, promoter_id=promoter_id)


def add_debits(session: Session, debits: Sequence[dict[str, Any]]) -> None:
    """Store the debits of a run."""
    session.execute(insert(Debit), list(debits))


def find_status(
    session: Session, *, promoter_id: UUID, debit_id: UUID, outcome: DebitOutcome, source_key: str
) -> DebitStatus | None:
    """Read what one source said of a debit."""
    rows = select(DebitStatus).where(
        DebitStatus.promoter_id == promoter_id,
        DebitStatus.debit_id == debit_id,
        DebitStatus.outcome == outcome,
        DebitStatus.source_key == source_key,
    )
    return session.exec(rows).one_or_none()


def page_debit_runs(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[DebitRun]]:
    """Read the same page of many issuers' runs, newest first."""
    return _NEWEST.read_pages(
        session,
        col(DebitRun.promoter_id) == promoter_id,
        parent_ids=issuer_ids,
        request=request,
    )


def count_debit_runs(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the runs of many issuers."""
    tenant = col(DebitRun.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=issuer_ids)


def _list_known(
    session: Session, promoter_id: UUID, condition: ColumnElement[bool]
) -> list[KnownDebit]:
    """Read debits and the weightiest of what was said of each, in one query."""
    rows = (
        select(Debit, DebitStatus)
        .outerjoin(DebitStatus, col(DebitStatus.debit_id) == Debit.id)
        .where(Debit.promoter_id == promoter_id, condition)
        .order_by(col(Debit.collect_on), col(Debit.end_to_end_id))
    )
    known: dict[UUID, KnownDebit] = {}
    for debit, status in session.exec(rows):
        found = known.setdefault(debit.id, KnownDebit(debit, DebitOutcome.PENDING, None, None))
        if status is not None and _WEIGHT[status.outcome] >= _WEIGHT[found.outcome]:
            known[debit.id] = KnownDebit(debit, status.outcome, status.code, status.said_on)
    return list(known.values())
