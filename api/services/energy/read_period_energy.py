"""Read a year of supply points' energy by month and tariff period."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.energy_question import EnergyQuestion
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_energy import EnergySeries, read_energy
from api.services.readings.meter_homes import find_meter_homes
from models.regulation.tariff_periods import count_periods, year_periods
from models.repositories.supply_points import map_supply_points
from models.tables import Community, SupplyPoint
from models.values.calendar import Step, month_starts
from models.values.errors import CommunityError
from models.values.resolution import Resolution


@dataclass(frozen=True, slots=True, eq=False)
class PeriodEnergy:
    """Energy of the months of a local year, by period of the supply point's tariff.

    Attributes
    ----------
    start : datetime
        First instant of the year, on the community's clock.
    values_kwh : ndarray of float, shape (n_periods, 12)
        Energy of P1 and on [kWh].
    """

    start: datetime
    values_kwh: NDArray[np.float64]


def read_period_energy(
    session: Session, *, promoter_id: UUID, ids: Collection[UUID], question: EnergyQuestion
) -> dict[UUID, PeriodEnergy | CommunityError]:
    """Answer one question about energy for many supply points, by month and tariff period.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    ids : collection of UUID
        Supply points.
    question : EnergyQuestion
        Which energy of which year; its resolution does not matter.

    Returns
    -------
    dict of UUID to PeriodEnergy or CommunityError
        Of every supply point that the promoter has: its energy, or why there is none.

    Raises
    ------
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.

    Notes
    -----
    Circular 3/2020, article 7: three periods of 2.0TD, six of the other tariffs, each made of whole
    hours.
    """
    hourly = read_energy(
        session,
        promoter_id=promoter_id,
        kind=SubjectKind.SUPPLY_POINT,
        ids=ids,
        question=replace(question, resolution=Resolution.HOUR),
    )
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=hourly)
    homes = find_meter_homes(
        session, promoter_id=promoter_id, kind=SubjectKind.SUPPLY_POINT, ids=hourly
    )
    return {
        key: series
        if isinstance(series, CommunityError)
        else _sum_periods(series, question.year, points[key], homes[key].community)
        for key, series in hourly.items()
    }


def _sum_periods(
    series: EnergySeries, year: int, point: SupplyPoint, community: Community
) -> PeriodEnergy:
    periods = year_periods(year, community.zone, point.tariff, Step.HOUR, community.timezone)
    months = month_starts(year, community.timezone, Step.HOUR)
    sums = [
        np.add.reduceat(np.where(periods == period, series.values_kwh, 0.0), months)
        for period in range(1, count_periods(point.tariff) + 1)
    ]
    return PeriodEnergy(series.start, np.stack(sums).round(9))
