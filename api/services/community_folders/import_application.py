"""Record as applied what the members' list of a year states to be in force."""

from datetime import date, datetime

from sqlmodel import Session

from api.services.agreements.applied_record import AppliedRecord
from models.repositories.agreements import group_coefficients, map_agreements
from models.tables import AppliedCoefficient, DistributionAgreement
from models.values.period import Period


def record_stated_application(
    session: Session, *, agreement: DistributionAgreement, year: int, imported_at: datetime
) -> None:
    """Record an agreement of the members' list as applied from the first day of a year.

    It holds up to what is recorded as applied later. What an earlier list stated from that day on
    gives way; what began before and was ended by somebody stays, and so does a proposal's
    agreement from that day on.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    agreement : DistributionAgreement
        What the list states, published.
    year : int
        The folder's year.
    imported_at : datetime
        Instant of the import.
    """
    owner, key = agreement.promoter_id, agreement.id
    rows = group_coefficients(session, promoter_id=owner, agreement_ids=[key])[key]
    holders = [row.supply_point_id for row in rows]
    record = AppliedRecord(
        session,
        promoter_id=owner,
        installation_id=agreement.installation_id,
        now=imported_at,
    )
    since, reason = date(year, 1, 1), f"stated by the members' list of {year}"
    running = [row for row in record.list_rows() if _runs_after(row, since)]
    covering = [row for row in running if row.valid_from <= since]
    later = [row.valid_from for row in running if row.valid_from > since]
    period = Period(since, min(later, default=None))
    if all(row.agreement_id == key for row in covering) and covering:
        return
    if any(row.valid_from == since for row in covering):
        if not _are_stated(session, covering):
            return
        for row in covering:
            record.take_out(row, reason)
    elif any(row.valid_until is not None for row in covering):
        return
    for point_id in holders:
        record.add(point_id, key, period, reason)
    record.end_others(holders, since, reason)
    record.store()


def _runs_after(row: AppliedCoefficient, day: date) -> bool:
    return row.valid_until is None or row.valid_until > day


def _are_stated(session: Session, rows: list[AppliedCoefficient]) -> bool:
    """Tell whether all of these came from lists, not from proposals."""
    owner, keys = rows[0].promoter_id, {row.agreement_id for row in rows}
    found = map_agreements(session, promoter_id=owner, agreement_ids=keys)
    return all(agreement.proposal_id is None for agreement in found.values())
