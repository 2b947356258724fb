"""Record on which days the distributor applied an agreement, and correct that record.

Every act is kept with its instant: replaying them in order gives the record as it stands.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agreements.applied_record import AppliedRecord
from api.services.agreements.find_agreement import check_reason, take_agreement
from models.repositories.agreements import group_coefficients, map_agreements
from models.repositories.applied_coefficients import group_applied, map_applied
from models.repositories.communities import map_communities
from models.repositories.filings import group_filings, map_filings_in_flight
from models.repositories.installations import lock_installation, map_installations
from models.tables import (
    AgreementState,
    ApplicationAct,
    AppliedCoefficient,
    DistributionAgreement,
    FilingState,
)
from models.values.calendar import local_day
from models.values.errors import InvalidArgumentError, NotFoundError
from models.values.period import Period

_CAN_BE_APPLIED = (AgreementState.PUBLISHED, AgreementState.SUPERSEDED)


class NotInAgreementError(InvalidArgumentError):
    """An agreement holds no coefficient of a supply point.

    Attributes
    ----------
    supply_point_ids : tuple of UUID
        Those that it does not know.
    """

    def __init__(self, supply_point_ids: Collection[UUID]) -> None:
        super().__init__(
            f"{len(supply_point_ids)} of the supply points have no coefficient in the agreement: "
            "name only those that it holds"
        )
        self.supply_point_ids = tuple(supply_point_ids)


class PeriodError(InvalidArgumentError):
    """The days of an application end before they begin.

    Attributes
    ----------
    valid_from, valid_until : date
        What was offered.
    """

    def __init__(self, valid_from: date, valid_until: date) -> None:
        super().__init__(
            f"validUntil {valid_until} is not after validFrom {valid_from}; the period is up to, "
            "not including, its end"
        )
        self.valid_from = valid_from
        self.valid_until = valid_until


class UnknownApplicationError(NotFoundError):
    """There is no such record of an application for this caller.

    Attributes
    ----------
    applied_ids : tuple of UUID
        Those that are unknown.
    """

    def __init__(self, applied_ids: Collection[UUID]) -> None:
        super().__init__("there is no such record of what was applied")
        self.applied_ids = tuple(applied_ids)


def record_application(
    session: Session,
    *,
    promoter_id: UUID,
    agreement_id: UUID,
    valid_from: date,
    now: datetime,
    valid_until: date | None = None,
    supply_point_ids: Collection[UUID] | None = None,
    reason: str | None = None,
) -> list[AppliedCoefficient]:
    """Record that the distributor applied an agreement, to all of its members or to some.

    What was applied before without an end is ended on that day. Once every member has dates, what
    is applied to supply points that the agreement leaves out ends too, and the filing counts as
    applied. Recording the same again changes nothing.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        A published or superseded agreement.
    valid_from : date
        First local day.
    now : datetime
        The present instant.
    valid_until : date, optional
        First local day after it; None while it is applied.
    supply_point_ids : collection of UUID, optional
        To whom; all of the agreement's members when None.
    reason : str, optional
        What to keep beside it, 1 to 500 characters.

    Returns
    -------
    list of AppliedCoefficient
        What is new.

    Raises
    ------
    PeriodError
        If it would end before it begins.
    ReasonError
        If the reason says nothing or too much.
    UnknownAgreementError
        If the caller has no such agreement.
    AgreementStateError
        If it was never published.
    NotInAgreementError
        If it holds no coefficient of a supply point.
    AppliedOverlapError
        If a supply point would have two coefficients on a day.
    """
    period = _check_period(valid_from, valid_until)
    said = None if reason is None else check_reason(reason)
    agreement = take_agreement(
        session,
        promoter_id=promoter_id,
        agreement_id=agreement_id,
        act="applied",
        allowed=_CAN_BE_APPLIED,
    )
    holders = _list_holders(session, agreement)
    chosen = holders if supply_point_ids is None else list(dict.fromkeys(supply_point_ids))
    if unknown := set(chosen) - set(holders):
        raise NotInAgreementError(unknown)
    record = AppliedRecord(
        session, promoter_id=promoter_id, installation_id=agreement.installation_id, now=now
    )
    for point_id in chosen:
        record.add(point_id, agreement_id, period, said)
    if set(holders) == {*chosen, *_list_dated(session, agreement)}:
        record.end_others(holders, valid_from, said)
    added = record.store()
    _note_applied(session, agreement, now)
    return added


def correct_applications(
    session: Session,
    *,
    promoter_id: UUID,
    applied_ids: Collection[UUID],
    valid_from: date,
    valid_until: date | None,
    reason: str,
    now: datetime,
) -> None:
    """Give recorded applications other days.

    What was applied before each of them, up to the day on which it began, follows its new start.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    applied_ids : collection of UUID
        Which records.
    valid_from : date
        First local day of all of them.
    valid_until : date or None
        First local day after; None while applied.
    reason : str
        Why, 1 to 500 characters.
    now : datetime
        The present instant.

    Raises
    ------
    PeriodError
        If it would end before it begins.
    ReasonError
        If the reason says nothing or too much.
    UnknownApplicationError
        If there is no such record.
    AppliedOverlapError
        If a supply point would have two coefficients on a day.
    """
    period, said = _check_period(valid_from, valid_until), check_reason(reason)
    for record, rows in _take_rows(session, promoter_id, applied_ids, now):
        for row in rows:
            record.change(row, period, ApplicationAct.CORRECTED, said)
        record.store()


def end_applications(
    session: Session,
    *,
    promoter_id: UUID,
    applied_ids: Collection[UUID],
    valid_until: date,
    reason: str,
    now: datetime,
) -> None:
    """End recorded applications, as when a member leaves.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    applied_ids : collection of UUID
        Which records.
    valid_until : date
        First local day on which nothing is applied any more.
    reason : str
        Why, 1 to 500 characters.
    now : datetime
        The present instant.

    Raises
    ------
    PeriodError
        If one would end before it begins.
    ReasonError
        If the reason says nothing or too much.
    UnknownApplicationError
        If there is no such record.
    AppliedOverlapError
        If a supply point would have two coefficients on a day.
    """
    said = check_reason(reason)
    for record, rows in _take_rows(session, promoter_id, applied_ids, now):
        for row in rows:
            period = _check_period(row.valid_from, valid_until)
            record.change(row, period, ApplicationAct.ENDED, said)
        record.store()


def remove_applications(
    session: Session,
    *,
    promoter_id: UUID,
    applied_ids: Collection[UUID],
    reason: str,
    now: datetime,
) -> None:
    """Take back what was recorded by mistake; the history keeps it.

    What was applied before each of them, up to the day on which it began, goes on to its end. Where
    nothing of a published agreement is applied any more, its filing waits for an answer again.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    applied_ids : collection of UUID
        Which records.
    reason : str
        Why, 1 to 500 characters.
    now : datetime
        The present instant.

    Raises
    ------
    ReasonError
        If the reason says nothing or too much.
    UnknownApplicationError
        If there is no such record.
    AppliedOverlapError
        If a supply point would have two coefficients on a day.
    """
    said = check_reason(reason)
    for record, rows in _take_rows(session, promoter_id, applied_ids, now):
        agreement_ids = {row.agreement_id for row in rows}
        for row in rows:
            record.remove(row, said)
        record.store()
        agreements = map_agreements(session, promoter_id=promoter_id, agreement_ids=agreement_ids)
        for agreement in agreements.values():
            _note_removed(session, agreement)


def list_without_dates(session: Session, agreement: DistributionAgreement) -> list[UUID]:
    """List the members of an agreement to whom it was never applied.

    Parameters
    ----------
    session : Session
        Open transaction.
    agreement : DistributionAgreement
        The agreement.

    Returns
    -------
    list of UUID
        Their supply points, in the order of the file.
    """
    dated = _list_dated(session, agreement)
    return [point_id for point_id in _list_holders(session, agreement) if point_id not in dated]


def _check_period(valid_from: date, valid_until: date | None) -> Period:
    if valid_until is not None and valid_until <= valid_from:
        raise PeriodError(valid_from, valid_until)
    return Period(valid_from, valid_until)


def _take_rows(
    session: Session, promoter_id: UUID, applied_ids: Collection[UUID], now: datetime
) -> list[tuple[AppliedRecord, list[AppliedCoefficient]]]:
    """Find records to change, plant by plant, while nobody else changes those of the plant."""
    found = _find_rows(session, promoter_id, applied_ids)
    taken = []
    for plant_id in sorted({row.installation_id for row in found.values()}):
        lock_installation(session, promoter_id=promoter_id, installation_id=plant_id)
        record = AppliedRecord(session, promoter_id=promoter_id, installation_id=plant_id, now=now)
        rows = [row for row in record.list_rows() if row.id in found]
        taken.append((record, rows))
    return taken


def _find_rows(
    session: Session, promoter_id: UUID, applied_ids: Collection[UUID]
) -> Mapping[UUID, AppliedCoefficient]:
    found = map_applied(session, promoter_id=promoter_id, applied_ids=applied_ids)
    if unknown := set(applied_ids) - found.keys():
        raise UnknownApplicationError(unknown)
    return found


def _list_holders(session: Session, agreement: DistributionAgreement) -> list[UUID]:
    """List who has a coefficient, in the order of the file."""
    rows = group_coefficients(
        session, promoter_id=agreement.promoter_id, agreement_ids=[agreement.id]
    )
    return [row.supply_point_id for row in rows[agreement.id]]


def _list_dated(session: Session, agreement: DistributionAgreement) -> set[UUID]:
    """List to whom an agreement was ever applied."""
    owner, plant_id = agreement.promoter_id, agreement.installation_id
    rows = group_applied(session, promoter_id=owner, installation_ids=[plant_id])[plant_id]
    return {row.supply_point_id for row in rows if row.agreement_id == agreement.id}


def _note_applied(session: Session, agreement: DistributionAgreement, now: datetime) -> None:
    """Let a filing count as applied once every member has dates."""
    filing = map_filings_in_flight(
        session,
        promoter_id=agreement.promoter_id,
        installation_ids=[agreement.installation_id],
    ).get(agreement.installation_id)
    if filing is None or filing.agreement_id != agreement.id:
        return
    if not list_without_dates(session, agreement):
        filing.answered_on = _today(session, agreement, now)
        filing.state = FilingState.APPLIED
        session.flush()


def _note_removed(session: Session, agreement: DistributionAgreement) -> None:
    """Let a filing wait again where nothing of its agreement is applied any more."""
    owner, plant_id = agreement.promoter_id, agreement.installation_id
    filings = group_filings(session, promoter_id=owner, agreement_ids=[agreement.id])[agreement.id]
    applied = [filing for filing in filings if filing.state is FilingState.APPLIED]
    is_gone = not _list_dated(session, agreement)
    flying = map_filings_in_flight(session, promoter_id=owner, installation_ids=[plant_id])
    if applied and is_gone and not flying and agreement.state is AgreementState.PUBLISHED:
        applied[0].state = FilingState.IN_FLIGHT
        applied[0].answered_on = None
        session.flush()


def _today(session: Session, agreement: DistributionAgreement, now: datetime) -> date:
    """Tell which day it is on the clock of the agreement's community."""
    owner, key = agreement.promoter_id, agreement.installation_id
    plant = map_installations(session, promoter_id=owner, installation_ids=[key])[key]
    community_id = plant.community_id
    found = map_communities(session, promoter_id=owner, community_ids=[community_id])
    return local_day(now, found[community_id].timezone)
