"""Find the results that rest on months of readings or prices which changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.file_imports.file_report import AllocatedMonth, Touched
from models.repositories.touched_results import (
    TouchedMonth,
    list_allocations_of_plants,
    list_allocations_of_points,
    list_proposals_of_plants,
    list_proposals_of_points,
)
from models.tables import Channel, SelfConsumptionInstallation
from models.values.local_month import LocalMonth

_SHARED_OUT = (Channel.CONSUMPTION, Channel.GENERATION)


@dataclass(frozen=True, slots=True)
class ChangedMonth:
    """A month of one channel of one meter that got a new version."""

    meter_id: UUID
    channel: Channel
    month: LocalMonth


def find_touched(
    session: Session,
    *,
    promoter_id: UUID,
    plants: Collection[SelfConsumptionInstallation],
    changed: Iterable[ChangedMonth],
) -> Touched:
    """Find proposals and shared-out months that were made from months which changed.

    What a distributor states of allocated energy is an input of neither.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    plants : collection of SelfConsumptionInstallation
        Those of the community.
    changed : iterable of ChangedMonth
        What changed.

    Returns
    -------
    Touched
        The results, in a stable order.
    """
    months: defaultdict[LocalMonth, dict[Channel, set[UUID]]] = defaultdict(
        lambda: {channel: set() for channel in _SHARED_OUT}
    )
    for each in changed:
        if each.channel in _SHARED_OUT:
            months[each.month][each.channel].add(each.meter_id)
    proposals: set[UUID] = set()
    for year, meters in _join_years(months).items():
        proposals |= _find_proposals(session, promoter_id, year, meters)
    allocated: set[TouchedMonth] = set()
    for month, meters in months.items():
        allocated |= _find_allocations(session, promoter_id, month, meters)
    names = {plant.id: plant.cau for plant in plants}
    labels = {month.starts_at: month.name for month in months}
    return Touched(
        proposal_ids=tuple(sorted(proposals)),
        allocated_months=tuple(
            AllocatedMonth(cau, month)
            for cau, month in sorted(
                (names[each.installation_id], labels[each.starts_at]) for each in allocated
            )
        ),
    )


def find_priced(
    session: Session,
    *,
    promoter_id: UUID,
    plants: Collection[SelfConsumptionInstallation],
    months: Iterable[LocalMonth],
) -> Touched:
    """Find the proposals of a community that were made with a year whose prices changed.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    plants : collection of SelfConsumptionInstallation
        Those of the community.
    months : iterable of LocalMonth
        Months whose prices changed.

    Returns
    -------
    Touched
        The proposals; energy is shared out without prices.
    """
    plant_ids = [plant.id for plant in plants]
    proposals: set[UUID] = set()
    for year in {month.year for month in months}:
        proposals.update(
            list_proposals_of_plants(
                session, promoter_id=promoter_id, installation_ids=plant_ids, year=year
            )
        )
    return Touched(proposal_ids=tuple(sorted(proposals)))


_Meters = Mapping[Channel, set[UUID]]


def _join_years(months: Mapping[LocalMonth, _Meters]) -> dict[int, _Meters]:
    years: dict[int, dict[Channel, set[UUID]]] = {}
    for month, meters in months.items():
        year = years.setdefault(month.year, {channel: set() for channel in _SHARED_OUT})
        for channel, ids in meters.items():
            year[channel] |= ids
    return dict(years)


def _find_proposals(session: Session, promoter_id: UUID, year: int, meters: _Meters) -> set[UUID]:
    of_points = list_proposals_of_points(
        session,
        promoter_id=promoter_id,
        supply_point_ids=meters[Channel.CONSUMPTION],
        year=year,
    )
    of_plants = list_proposals_of_plants(
        session,
        promoter_id=promoter_id,
        installation_ids=meters[Channel.GENERATION],
        year=year,
    )
    return {*of_points, *of_plants}


def _find_allocations(
    session: Session, promoter_id: UUID, month: LocalMonth, meters: _Meters
) -> set[TouchedMonth]:
    of_points = list_allocations_of_points(
        session,
        promoter_id=promoter_id,
        supply_point_ids=meters[Channel.CONSUMPTION],
        starts_at=month.starts_at,
    )
    of_plants = list_allocations_of_plants(
        session,
        promoter_id=promoter_id,
        installation_ids=meters[Channel.GENERATION],
        starts_at=month.starts_at,
    )
    return {*of_points, *of_plants}
