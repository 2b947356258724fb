"""A community's month, interval by interval: what was generated, consumed and shared out.

Everything is whole millionths of a watt-hour, so sums over members and intervals are exact; what
is not known is marked, and so is every sum that it is part of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.find_shares import PlantShares, find_shares
from api.services.energy.month_inputs import UnlikeStepsError
from models.repositories.installations import group_installations
from models.repositories.memberships import group_open_memberships
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import list_latest_readings
from models.repositories.supply_points import map_supply_points
from models.tables import Community, SelfConsumptionInstallation, SupplyPoint
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from planner.dated_shares import lay_out_shares
from planner.exact_allocation import MicroWh, allocate_exactly, use_exactly

_MICRO_WH_PER_KWH = 1e9

Known = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class KnownEnergy:
    """Energy by intervals, and which of it is known.

    Attributes
    ----------
    micro_wh : ndarray of int64, shape (..., n_steps)
        Energy [1e-6 Wh]; zero where it is not known.
    is_known : ndarray of bool, the same shape
        Where it is.
    """

    micro_wh: MicroWh
    is_known: Known

    def __sub__(self, other: "KnownEnergy") -> "KnownEnergy":
        """Take energy away; what is left of the unknown is unknown."""
        return KnownEnergy(self.micro_wh - other.micro_wh, self.is_known & other.is_known)

    def sum_rows(self) -> "KnownEnergy":
        """Sum over the first axis."""
        return KnownEnergy(self.micro_wh.sum(axis=0), np.logical_and.reduce(self.is_known, axis=0))

    def sum_intervals(self, places: Sequence[int]) -> "KnownEnergy":
        """Sum from each of these places to the next."""
        return KnownEnergy(
            np.add.reduceat(self.micro_wh, places, axis=-1),
            np.logical_and.reduceat(self.is_known, places, axis=-1),
        )

    def cut(self, span: slice) -> "KnownEnergy":
        """Keep some intervals."""
        return KnownEnergy(self.micro_wh[..., span], self.is_known[..., span])

    def to_kwh(self) -> NDArray[np.float64]:
        """Express it in kWh, not a number where it is not known."""
        return np.where(self.is_known, self.micro_wh / _MICRO_WH_PER_KWH, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class MonthEnergy:
    """A community's month, or the part of it that lies within the days that are wanted.

    Attributes
    ----------
    community : Community
        Whose.
    month : LocalMonth
        Which.
    step : Step
        Interval of its meters.
    span : slice
        Which of the month's intervals.
    points : sequence of SupplyPoint
        Those who share, by CUPS.
    generation : KnownEnergy, shape (n_steps,)
        Of all plants.
    consumption, allocated, self_consumed : KnownEnergy, shape (n_points, n_steps)
        Of each supply point, in all plants together.
    """

    community: Community
    month: LocalMonth
    step: Step
    span: slice
    points: Sequence[SupplyPoint]
    generation: KnownEnergy
    consumption: KnownEnergy
    allocated: KnownEnergy
    self_consumed: KnownEnergy

    @property
    def member_count(self) -> int:
        """How many members share."""
        return len({point.member_id for point in self.points})


def iterate_months(
    session: Session, *, community: Community, days: Period
) -> Iterator[MonthEnergy]:
    """Read a community's energy month by month, as little at a time.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose.
    days : Period
        Local days; it has an end.

    Yields
    ------
    MonthEnergy
        Every month of which anything is stored.

    Raises
    ------
    UnlikeStepsError
        If meters of a month are read by different steps.
    DamagedMonthError
        If a stored month differs from its check value.

    Notes
    -----
    RD 244/2019, Annex I: self-consumed is the lesser of share and consumption in every interval.
    Coefficients are those that the distributor applied, of the published agreement while nothing
    is recorded as applied.
    """
    promoter_id = community.promoter_id
    plants = group_installations(session, promoter_id=promoter_id, community_ids=[community.id])
    reader = _MonthReader(session, community, plants[community.id])
    reader.find_sharing(days)
    first = days.start.replace(day=1)
    while days.end is not None and first < days.end:
        found = reader.read(first, days)
        if found is not None:
            yield found
        first = add_months(first, 1)


class _MonthReader:
    """Reads the months of one community."""

    def __init__(
        self,
        session: Session,
        community: Community,
        plants: Sequence[SelfConsumptionInstallation],
    ) -> None:
        self.session = session
        self.community = community
        self.plants = {plant.id: plant.cau for plant in plants}
        self.shares: Mapping[UUID, PlantShares] = {}
        self.points: Mapping[UUID, SupplyPoint] = {}

    def find_sharing(self, days: Period) -> None:
        """Find who shares on some of the days, by which coefficients."""
        owner = self.community.promoter_id
        self.shares = find_shares(
            self.session, promoter_id=owner, installation_ids=self.plants, within=days
        )
        joined = group_open_memberships(
            self.session, promoter_id=owner, installation_ids=self.plants
        )
        wanted = {row.supply_point_id for rows in joined.values() for row in rows}
        wanted |= {key for found in self.shares.values() for key in found.shares}
        points = map_supply_points(self.session, promoter_id=owner, supply_point_ids=wanted)
        self.points = {
            point.id: point for point in sorted(points.values(), key=lambda point: point.cups)
        }

    def read(self, first: date, days: Period) -> MonthEnergy | None:
        """Read one month; None of which nothing is stored."""
        month = LocalMonth(first, self.community.timezone)
        cups = {key: point.cups for key, point in self.points.items()}
        generated = self._load(month, Channel.GENERATION, self.plants)
        consumed = self._load(month, Channel.CONSUMPTION, cups)
        steps = {stored.step for stored in (*generated.values(), *consumed.values())}
        if not steps:
            return None
        if len(steps) > 1:
            raise UnlikeStepsError(next(iter(self.plants.values()), ""), first)
        (step,) = steps
        span = _find_span(month, step, days)
        generation = _unpack(generated, self.plants, month.count(step))
        consumption = _unpack(consumed, cups, month.count(step))
        allocated, used = self._share_out(month, step, generation, consumption)
        return MonthEnergy(
            community=self.community,
            month=month,
            step=step,
            span=span,
            points=tuple(self.points.values()),
            generation=generation.sum_rows().cut(span),
            consumption=consumption.cut(span),
            allocated=allocated.cut(span),
            self_consumed=used.cut(span),
        )

    def _load(
        self, month: LocalMonth, channel: Channel, meters: Mapping[UUID, str]
    ) -> dict[UUID, StoredMonth]:
        found = list_latest_readings(
            self.session,
            promoter_id=self.community.promoter_id,
            channel=channel,
            meter_ids=meters,
            since=month.starts_at,
            until=month.ends_at,
        )
        return {reading.meter_id: reading for reading in found}

    def _share_out(
        self, month: LocalMonth, step: Step, generation: KnownEnergy, consumption: KnownEnergy
    ) -> tuple[KnownEnergy, KnownEnergy]:
        """Tell what each supply point was given by all plants, and what it used of that."""
        shape = (len(self.plants), *consumption.micro_wh.shape)
        allocated = np.zeros(shape, np.int64)
        is_known = np.ones(shape[1:], np.bool_)
        for row, key in enumerate(self.plants):
            held = self.shares[key].shares if key in self.shares else {}
            millionths = lay_out_shares(
                [held.get(point_id, ()) for point_id in self.points],
                year=month.year,
                timezone=month.timezone,
                step=step,
                span=month.span(step),
            )
            generated_wh = generation.micro_wh[row] // MILLIONTHS
            allocated[row] = allocate_exactly(millionths, generated_wh)
            is_known &= (millionths == 0) | generation.is_known[row]
        used = use_exactly(allocated, consumption.micro_wh // MILLIONTHS).sum(axis=0)
        given = KnownEnergy(allocated.sum(axis=0), is_known)
        is_used_known = is_known & (consumption.is_known | (given.micro_wh == 0))
        return given, KnownEnergy(used, is_used_known)


def _find_span(month: LocalMonth, step: Step, days: Period) -> slice:
    """Find the intervals of a month that lie on the days."""
    local = month.local(step).astype("datetime64[D]")
    first, end = np.searchsorted(local, [np.datetime64(days.start), np.datetime64(days.end)])
    return slice(int(first), int(end))


def _unpack(
    stored: Mapping[UUID, StoredMonth], meters: Mapping[UUID, str], count: int
) -> KnownEnergy:
    """Unpack meters in their order, shape (n_meters, n_steps)."""
    micro_wh = np.zeros((len(meters), count), np.int64)
    is_known = np.zeros(micro_wh.shape, np.bool_)
    for row, (key, name) in enumerate(meters.items()):
        if key in stored:
            energy_wh, quality = unpack_energy(stored[key], name, count)
            is_known[row] = quality != Quality.MISSING
            micro_wh[row] = np.where(is_known[row], energy_wh, 0)
    micro_wh *= MILLIONTHS
    return KnownEnergy(micro_wh, is_known)
