"""Share out installations' local months by what the distributor applied, to the last millionth.

The law shares hour by hour; nothing is rounded here. A month is stored again, as another version,
only when the readings or coefficients that it was made from have changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.communities.find_plant import find_plant
from api.services.energy.month_inputs import MonthInputs, gather_month
from api.services.energy.unchanged_months import find_unchanged_months
from models.repositories.allocations import (
    add_allocation,
    group_allocated_energy,
    list_latest_allocations,
)
from models.repositories.installations import group_installations, lock_installation
from models.repositories.readings import count_meters
from models.tables import AllocatedEnergy, MonthAllocation, SelfConsumptionInstallation
from models.values.calendar import local_day
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError, ConflictError, InvalidArgumentError
from models.values.metering import Channel
from planner.exact_allocation import MicroWh, allocate_exactly, use_exactly

_YEARS = range(2000, 2100)


class AllocatedMonthError(InvalidArgumentError):
    """A day that begins no month which a meter can have recorded.

    Attributes
    ----------
    month : date
        What was offered.
    first_year, last_year : int
        Years whose months are shared out.
    """

    def __init__(self, month: date) -> None:
        super().__init__(
            f"month {month} is not the first day of a month of {_YEARS.start} to {_YEARS.stop - 1}"
        )
        self.month = month
        self.first_year = _YEARS.start
        self.last_year = _YEARS.stop - 1


class OverallocatedError(ConflictError):
    """What is recorded as applied sums to more than one.

    Attributes
    ----------
    cau : str
        The plant.
    day : date
        First local day on which it does.
    total : int
        What the coefficients sum to then [millionths].
    """

    def __init__(self, cau: str, day: date, total: int) -> None:
        super().__init__(
            f"what is recorded as applied in {cau} sums to {total / MILLIONTHS:.6f} on {day}, more "
            "than 1: correct the days on which each coefficient was applied"
        )
        self.cau = cau
        self.day = day
        self.total = total


@dataclass(frozen=True, slots=True)
class AllocatedMonth:
    """A month as it is shared out now.

    Attributes
    ----------
    allocation : MonthAllocation
        The newest version.
    parts : tuple of AllocatedEnergy
        Everybody's part of it, by supply point.
    is_new : bool
        Whether it was stored just now.
    """

    allocation: MonthAllocation
    parts: tuple[AllocatedEnergy, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class MonthOutcome:
    """What became of one plant's month.

    Attributes
    ----------
    cau : str
        The plant.
    month : date
        First day of the month.
    result : MonthAllocation or CommunityError
        The newest version, or why the month cannot be shared out.
    is_new : bool
        Whether it was stored just now.
    """

    cau: str
    month: date
    result: MonthAllocation | CommunityError
    is_new: bool = False


def allocate_month(
    session: Session, *, promoter_id: UUID, installation: UUID | str, month: date, now: datetime
) -> AllocatedMonth:
    """Share out one local month of one plant, and store it if it is not stored already.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    installation : UUID or str
        Id or CAU of the plant.
    month : date
        First day of the local month.
    now : datetime
        The present instant.

    Returns
    -------
    AllocatedMonth
        Its parts and what was not allocated sum to the generation exactly.

    Raises
    ------
    AllocatedMonthError
        If the day begins no month that a meter can have recorded.
    UnknownInstallationError
        If the promoter has no such plant.
    NothingAppliedError
        If nothing is recorded as applied to anybody in that month.
    OverallocatedError
        If what is recorded sums to more than one.
    MissingMonthsError
        If a meter was not read, or not whenever it has a coefficient.
    UnlikeStepsError
        If meters are read by different steps.
    DamagedMonthError
        If a stored month differs from its check value.

    Notes
    -----
    RD 244/2019, Annex I: self-consumed is the lesser of share and consumption in every interval.
    Who shares in several plants uses of each in proportion to its share; the law is silent there.
    """
    _check_month(month)
    plant = find_plant(session, promoter_id=promoter_id, installation=installation)
    lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)
    inputs = gather_month(session, plant=plant, first=month)
    since, until = inputs.month.starts_at, inputs.month.ends_at
    stored = list_latest_allocations(
        session,
        promoter_id=promoter_id,
        installation_ids=[plant.id],
        since=since,
        until=until,
    )
    if stored and stored[0].inputs_sha256 == inputs.sha256:
        return _with_parts(session, promoter_id, stored)[0]
    allocation = MonthAllocation(
        promoter_id=promoter_id,
        installation_id=plant.id,
        starts_at=since,
        version=stored[0].version + 1 if stored else 1,
        generation_wh=0,
        unallocated_micro_wh=0,
        inputs_sha256=inputs.sha256,
        recorded_at=now,
    )
    parts = _share_out(plant, inputs, allocation)
    add_allocation(session, allocation, parts)
    return AllocatedMonth(allocation, tuple(parts), is_new=True)


def allocate_community(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    now: datetime,
    months: Collection[date] | None = None,
) -> list[MonthOutcome]:
    """Share out months of all plants of a community; what cannot be does not keep the others.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    now : datetime
        The present instant.
    months : collection of date, optional
        First days of the local months; every month of which a plant's generation is stored whole
        when None.

    Returns
    -------
    list of MonthOutcome
        By plant and month; months whose inputs are the same as before are not stored again, and
        their energy is not even read.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    AllocatedMonthError
        If a day begins no month that a meter can have recorded.
    """
    for month in months or ():
        _check_month(month)
    community = require_community(session, promoter_id=promoter_id, community_id=community_id)
    plants = group_installations(session, promoter_id=promoter_id, community_ids=[community_id])
    wanted = {}
    for plant in plants[community_id]:
        lock_installation(session, promoter_id=promoter_id, installation_id=plant.id)
        wanted[plant.id] = (
            _list_months(session, plant, community.timezone) if months is None else months
        )
    unchanged = find_unchanged_months(session, community=community, months=wanted)
    outcomes = []
    for plant in plants[community_id]:
        for month in sorted(wanted[plant.id]):
            standing = unchanged.get((plant.id, month))
            outcomes.append(
                _try_month(session, plant, month, now)
                if standing is None
                else MonthOutcome(plant.cau, month, standing)
            )
    return outcomes


def read_allocations(
    session: Session,
    *,
    promoter_id: UUID,
    installation_ids: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[AllocatedMonth]:
    """Read the newest version of months that were shared out.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation_ids : collection of UUID
        The plants.
    since, until : datetime
        Months that start in [since, until).

    Returns
    -------
    list of AllocatedMonth
        By start, then by plant.
    """
    stored = list_latest_allocations(
        session,
        promoter_id=promoter_id,
        installation_ids=installation_ids,
        since=since,
        until=until,
    )
    return _with_parts(session, promoter_id, stored)


def _with_parts(
    session: Session, promoter_id: UUID, stored: Collection[MonthAllocation]
) -> list[AllocatedMonth]:
    parts = group_allocated_energy(
        session, promoter_id=promoter_id, allocation_ids=[row.id for row in stored]
    )
    return [AllocatedMonth(row, tuple(parts[row.id])) for row in stored]


def _list_months(session: Session, plant: SelfConsumptionInstallation, timezone: str) -> list[date]:
    """List the months of which a plant's generation is stored whole."""
    counts = count_meters(
        session,
        promoter_id=plant.promoter_id,
        channel=Channel.GENERATION,
        meter_ids=[plant.id],
    )
    return [local_day(starts_at, timezone) for starts_at, count in counts.items() if count]


def _try_month(
    session: Session, plant: SelfConsumptionInstallation, month: date, now: datetime
) -> MonthOutcome:
    """Share out a month, or tell why it cannot be."""
    try:
        made = allocate_month(
            session,
            promoter_id=plant.promoter_id,
            installation=plant.id,
            month=month,
            now=now,
        )
    except CommunityError as error:
        return MonthOutcome(plant.cau, month, error)
    return MonthOutcome(plant.cau, month, made.allocation, made.is_new)


def _check_month(month: date) -> None:
    if month.day != 1 or month.year not in _YEARS:
        raise AllocatedMonthError(month)


def _share_out(
    plant: SelfConsumptionInstallation, inputs: MonthInputs, allocation: MonthAllocation
) -> list[AllocatedEnergy]:
    """Compute everybody's part, and what of the generation is nobody's."""
    own = list(inputs.plants).index(plant.id)
    _check_sums(plant, inputs, inputs.millionths[own].sum(axis=0))
    allocated = np.stack(
        [
            allocate_exactly(millionths, generation_wh)
            for millionths, generation_wh in zip(
                inputs.millionths, inputs.generation_wh, strict=True
            )
        ]
    )
    used = use_exactly(allocated, inputs.consumption_wh)
    given, taken = _sum(allocated[own]), _sum(used[own])
    allocation.generation_wh = int(inputs.generation_wh[own].sum(dtype=np.int64))
    allocation.unallocated_micro_wh = allocation.generation_wh * MILLIONTHS - sum(given)
    consumed = inputs.consumption_wh.sum(axis=1, dtype=np.int64).tolist()
    return [
        AllocatedEnergy(
            allocation_id=allocation.id,
            supply_point_id=point_id,
            promoter_id=plant.promoter_id,
            consumption_wh=consumption_wh,
            allocated_micro_wh=allocated_micro_wh,
            self_consumed_micro_wh=used_micro_wh,
        )
        for point_id, consumption_wh, allocated_micro_wh, used_micro_wh in zip(
            inputs.points, consumed, given, taken, strict=True
        )
    ]


def _sum(energy_micro_wh: MicroWh) -> list[int]:
    """Sum each supply point's month."""
    sums: list[int] = energy_micro_wh.sum(axis=1).tolist()
    return sums


def _check_sums(plant: SelfConsumptionInstallation, inputs: MonthInputs, totals: MicroWh) -> None:
    """Let no interval be shared out more than once."""
    if (totals > MILLIONTHS).any():
        first = int(np.argmax(totals > MILLIONTHS))
        day = inputs.list_days()[first].item()
        raise OverallocatedError(plant.cau, day, int(totals[first]))
