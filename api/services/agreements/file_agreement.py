"""Check an agreement against the rules of filing, and note that it is at the distributor's."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.agreements.filing_rules.clocks import find_first_day
from api.services.agreements.filing_rules.findings import (
    AppliedAgreement,
    FiledAgreement,
    FiledPlant,
    FilingCase,
    Finding,
    Severity,
    Sharer,
)
from api.services.agreements.filing_rules.judge import judge_filing
from api.services.agreements.find_agreement import find_agreement
from models.repositories.agreements import group_coefficients, map_agreements
from models.repositories.applied_coefficients import group_applied
from models.repositories.communities import map_communities
from models.repositories.filings import map_filings_in_flight
from models.repositories.hourly_coefficients import group_hourly_coefficients
from models.repositories.installations import lock_installation, map_installations
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import map_supply_points
from models.tables import (
    AppliedCoefficient,
    CoefficientMode,
    DistributionAgreement,
    Filing,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import local_day
from models.values.coefficient import MILLIONTHS
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.period import Period
from planner.places import Place


class FilingRefusedError(ConflictError):
    """The rules forbid to file an agreement.

    Attributes
    ----------
    findings : tuple of Finding
        Everything that the rules found, errors and others.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [each for each in findings if each.severity is Severity.ERROR]
        said = "; ".join(f"{each.message} ({each.article})" for each in errors)
        super().__init__(f"the agreement cannot be filed: {said}")
        self.findings = tuple(findings)


class FutureDayError(InvalidArgumentError):
    """Something is noted of a day that has not come.

    Attributes
    ----------
    day, today : date
        That day, and the present one.
    """

    def __init__(self, day: date, today: date) -> None:
        super().__init__(f"{day} has not come yet, today is {today}: note it when it has happened")
        self.day = day
        self.today = today


@dataclass(frozen=True, slots=True)
class FilingCheck:
    """What the rules say of filing an agreement on a day.

    Attributes
    ----------
    first_day_on : date
        First day on which it can hold.
    findings : tuple of Finding
        Errors, warnings, and what could not be checked.
    """

    first_day_on: date
    findings: tuple[Finding, ...]

    @property
    def can_be_filed(self) -> bool:
        """Whether nothing forbids it."""
        return not any(each.severity is Severity.ERROR for each in self.findings)


def check_filing(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, filed_on: date
) -> FilingCheck:
    """Hold an agreement against the rules, whether or not it is going to be filed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The agreement, in any state.
    filed_on : date
        Local day on which it would be complete and correct at the distributor's.

    Returns
    -------
    FilingCheck
        Every finding, and the first day on which it could hold.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    UnknownFigureError
        If the law of that day is not known.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    findings = judge_filing(_read_case(session, agreement, filed_on))
    return FilingCheck(find_first_day(filed_on), findings)


def file_agreement(
    session: Session, *, promoter_id: UUID, agreement_id: UUID, filed_on: date, now: datetime
) -> tuple[Filing, FilingCheck]:
    """Note that an agreement is complete and correct at the distributor's.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    agreement_id : UUID
        The published agreement.
    filed_on : date
        Local day on which it was, today at the latest.
    now : datetime
        The present instant.

    Returns
    -------
    Filing
        In flight until the distributor answers.
    FilingCheck
        First day on which it can hold, warnings, and what could not be checked.

    Raises
    ------
    UnknownAgreementError
        If the caller has no such agreement.
    FutureDayError
        If the day has not come.
    FilingRefusedError
        If the rules forbid it; nothing is stored.
    UnknownFigureError
        If the law of that day is not known.
    """
    agreement = find_agreement(session, promoter_id=promoter_id, agreement_id=agreement_id)
    lock_installation(session, promoter_id=promoter_id, installation_id=agreement.installation_id)
    session.refresh(agreement)
    check_past(session, agreement, filed_on, now)
    check = check_filing(
        session, promoter_id=promoter_id, agreement_id=agreement_id, filed_on=filed_on
    )
    if not check.can_be_filed:
        raise FilingRefusedError(check.findings)
    filing = Filing(
        promoter_id=promoter_id,
        installation_id=agreement.installation_id,
        agreement_id=agreement_id,
        filed_on=filed_on,
        created_at=now,
    )
    session.add(filing)
    session.flush()
    return filing, check


def check_past(
    session: Session, agreement: DistributionAgreement, day: date, now: datetime
) -> None:
    """Make sure that a day has come on the clock of an agreement's community.

    Parameters
    ----------
    session : Session
        Open transaction.
    agreement : DistributionAgreement
        Of a plant of that community.
    day : date
        Local day.
    now : datetime
        The present instant.

    Raises
    ------
    FutureDayError
        If it has not.
    """
    plant = _find_plant(session, agreement)
    communities = map_communities(
        session, promoter_id=plant.promoter_id, community_ids=[plant.community_id]
    )
    today = local_day(now, communities[plant.community_id].timezone)
    if day > today:
        raise FutureDayError(day, today)


def _read_case(session: Session, agreement: DistributionAgreement, filed_on: date) -> FilingCase:
    """Gather what the rules look at."""
    owner, plant_id = agreement.promoter_id, agreement.installation_id
    flying = map_filings_in_flight(session, promoter_id=owner, installation_ids=[plant_id])
    rows = group_coefficients(session, promoter_id=owner, agreement_ids=[agreement.id])
    shares = {row.supply_point_id: row.millionths for row in rows[agreement.id]}
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=shares)
    return FilingCase(
        filed_on=filed_on,
        plant=_read_plant(session, _find_plant(session, agreement)),
        agreement=FiledAgreement(
            state=agreement.state,
            mode=agreement.mode,
            file_year=agreement.file_year,
            cups=frozenset(point.cups for point in points.values()),
            wrong_sums=_list_wrong_sums(session, agreement, sum(shares.values())),
        ),
        applied=_list_applied(session, agreement),
        in_flight_since=flying[plant_id].filed_on if plant_id in flying else None,
    )


def _find_plant(session: Session, agreement: DistributionAgreement) -> SelfConsumptionInstallation:
    owner, key = agreement.promoter_id, agreement.installation_id
    return map_installations(session, promoter_id=owner, installation_ids=[key])[key]


def _read_plant(session: Session, plant: SelfConsumptionInstallation) -> FiledPlant:
    owner = plant.promoter_id
    sharing = group_open_memberships(session, promoter_id=owner, installation_ids=[plant.id])
    ids = [row.supply_point_id for row in sharing[plant.id]]
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=ids)
    return FiledPlant(
        power_w=plant.inverter_power_w,
        modality=plant.modality,
        is_internal=plant.is_internal,
        place=_locate(plant),
        sharers=tuple(
            Sharer(
                points[row.supply_point_id].cups, row.modality, _locate(points[row.supply_point_id])
            )
            for row in sharing[plant.id]
        ),
    )


def _locate(record: SelfConsumptionInstallation | SupplyPoint) -> Place | None:
    if record.lat is None or record.lon is None:
        return None
    return Place(record.lat, record.lon)


def _list_wrong_sums(
    session: Session, agreement: DistributionAgreement, total: int
) -> tuple[tuple[int, int], ...]:
    """List the hours whose coefficients do not sum to one; hour 0 stands for constant ones."""
    if agreement.mode is CoefficientMode.CONSTANT:
        return () if total == MILLIONTHS else ((0, total),)
    owner, key = agreement.promoter_id, agreement.id
    hours = group_hourly_coefficients(session, promoter_id=owner, agreement_ids=[key])[key]
    sums = np.sum(list(hours.values()), axis=0)
    return tuple((int(hour) + 1, int(sums[hour])) for hour in np.flatnonzero(sums != MILLIONTHS))


def _list_applied(
    session: Session, agreement: DistributionAgreement
) -> tuple[AppliedAgreement, ...]:
    """Tell when each agreement was applied to anybody, by its first day."""
    owner, plant_id = agreement.promoter_id, agreement.installation_id
    rows = group_applied(session, promoter_id=owner, installation_ids=[plant_id])[plant_id]
    periods: defaultdict[UUID, list[AppliedCoefficient]] = defaultdict(list)
    for row in rows:
        periods[row.agreement_id].append(row)
    known = map_agreements(session, promoter_id=owner, agreement_ids=periods)
    applied = [
        AppliedAgreement(key == agreement.id, known[key].mode, _join(held))
        for key, held in periods.items()
    ]
    return tuple(sorted(applied, key=lambda each: each.period.start))


def _join(rows: Sequence[AppliedCoefficient]) -> Period:
    """Span from the first day of several periods to the last."""
    ends = [row.valid_until for row in rows if row.valid_until is not None]
    end = max(ends) if len(ends) == len(rows) else None
    return Period(min(row.valid_from for row in rows), end)
