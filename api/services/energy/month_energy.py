"""Communities' months, interval by interval: what was generated, consumed and shared out.

Everything is whole millionths of a watt-hour, so sums over members and intervals are exact; what
is not known is marked, and so is every sum that it is part of.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from models.tables import Community, SupplyPoint
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from models.values.resolution import Resolution, starts_within
from planner.dated_shares import lay_out_shares
from planner.exact_allocation import allocate_exactly, use_exactly

NANO = 1e9
"""How many of what is stored make a kWh, a euro or a kg."""

Known = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class KnownAmounts:
    """Amounts of energy, money or CO2 by intervals, and which of them are known.

    Attributes
    ----------
    nano : ndarray of int64, shape (..., n_steps)
        Billionths of a kWh (millionths of a Wh), of a euro or of a kg; zero where not known.
    is_known : ndarray of bool, the same shape
        Where they are.
    """

    nano: NDArray[np.int64]
    is_known: Known

    def __sub__(self, other: "KnownAmounts") -> "KnownAmounts":
        """Take amounts away; what is left of the unknown is unknown."""
        return KnownAmounts(self.nano - other.nano, self.is_known & other.is_known)

    def sum_rows(self) -> "KnownAmounts":
        """Sum over the first axis."""
        return KnownAmounts(self.nano.sum(axis=0), np.logical_and.reduce(self.is_known, axis=0))

    def sum_intervals(self, places: Sequence[int] | NDArray[np.intp]) -> "KnownAmounts":
        """Sum from each of these places to the next."""
        return KnownAmounts(
            np.add.reduceat(self.nano, places, axis=-1),
            np.logical_and.reduceat(self.is_known, places, axis=-1),
        )

    def pick(self, rows: Sequence[int]) -> "KnownAmounts":
        """Keep some rows of the first axis."""
        return KnownAmounts(self.nano[list(rows)], self.is_known[list(rows)])

    def cut(self, span: slice) -> "KnownAmounts":
        """Keep some intervals."""
        return KnownAmounts(self.nano[..., span], self.is_known[..., span])

    def to_units(self) -> NDArray[np.float64]:
        """Express them in kWh, EUR or kg, not a number where they are not known."""
        return np.where(self.is_known, self.nano / NANO, np.nan)


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
    sharing : mapping of UUID to frozenset of UUID
        Who shares in each plant on some of these days, whether they matter or not.
    points : sequence of SupplyPoint
        Those who share and matter, by CUPS.
    generation : KnownAmounts, shape (n_plants, n_steps)
        Of each plant, in the order of ``sharing`` [1e-9 kWh].
    consumption, allocated, self_consumed : KnownAmounts, shape (n_points, n_steps)
        Of each supply point, in all plants together [1e-9 kWh].
    """

    community: Community
    month: LocalMonth
    step: Step
    span: slice
    sharing: Mapping[UUID, frozenset[UUID]]
    points: Sequence[SupplyPoint]
    generation: KnownAmounts
    consumption: KnownAmounts
    allocated: KnownAmounts
    self_consumed: KnownAmounts

    @property
    def surplus(self) -> KnownAmounts:
        """The rest of what was allocated."""
        return self.allocated - self.self_consumed

    @property
    def grid_import(self) -> KnownAmounts:
        """The rest of what was consumed."""
        return self.consumption - self.self_consumed

    @property
    def is_idle(self) -> Known:
        """Which supply points certainly were allocated nothing, shape (n_points,)."""
        is_nothing = self.allocated.is_known & (self.allocated.nano == 0)
        idle: Known = np.logical_and.reduce(is_nothing, axis=1)
        return idle

    def count_sharing(
        self, places: Sequence[int] | NDArray[np.intp], rows: Sequence[int] | None = None
    ) -> int:
        """Count who shares from each of these places to the next, if anybody: the fewest members.

        Members come and go: a month of many may hold days of one.
        """
        wanted = range(len(self.points)) if rows is None else rows
        is_given = ~self.allocated.is_known | (self.allocated.nano != 0)
        shares: dict[UUID, Known] = {}
        for row in wanted:
            given = np.logical_or.reduceat(is_given[row], places)
            owner = self.points[row].member_id
            shares[owner] = given | shares[owner] if owner in shares else given
        counts = np.sum([*shares.values()], axis=0, dtype=np.int64)
        return int(np.min(counts, initial=len(shares), where=counts > 0))

    def find_starts(self, resolution: Resolution) -> NDArray[np.intp]:
        """Find where its sums begin; ``FinerThanMeteredError`` if they were too short."""
        return starts_within(self.month, self.step, resolution, self.span)


def iterate_months(
    session: Session,
    *,
    communities: Collection[Community],
    days: Period,
    point_ids: Collection[UUID] | None = None,
) -> Iterator[MonthEnergy]:
    """Read communities' energy month by month, as little at a time.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose; of one promoter.
    days : Period
        Local days; it has an end.
    point_ids : collection of UUID, optional
        Supply points that matter; all who share when None.

    Yields
    ------
    MonthEnergy
        Every month of which anything is stored, all communities' of one before those of the next.

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
    is recorded as applied. However many communities there are, it takes the same few queries for
    each month and clock.
    """
    if not communities:
        return
    sharing = find_sharing(session, communities=communities, days=days, point_ids=point_ids)
    reader = _MonthReader(session, sharing)
    first = days.start.replace(day=1)
    while days.end is not None and first < days.end:
        for timezone in dict.fromkeys(community.timezone for community in communities):
            local = [each for each in communities if each.timezone == timezone]
            yield from reader.read(LocalMonth(first, timezone), local, days)
        first = add_months(first, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """Who shares in what, on some of the days that matter.

    Attributes
    ----------
    promoter_id : UUID
        Whose communities they are.
    caus : mapping of UUID to mapping of UUID to str
        Each community's plants, by CAU.
    shares : mapping of UUID to PlantShares
        Coefficients in each plant; none of those that have none at all.
    joined : mapping of UUID to frozenset of UUID
        Supply points of each plant by open memberships.
    points : mapping of UUID to SupplyPoint
        All of them that matter, by CUPS.
    """

    promoter_id: UUID
    caus: Mapping[UUID, Mapping[UUID, str]]
    shares: Mapping[UUID, PlantShares]
    joined: Mapping[UUID, frozenset[UUID]]
    points: Mapping[UUID, SupplyPoint]

    def find_sharers(self, plant_id: UUID, days: Period) -> frozenset[UUID]:
        """Find who shares in a plant on some of the days: by its coefficients, or who joined."""
        dated = self.shares[plant_id].shares.items() if plant_id in self.shares else ()
        return self.joined[plant_id] | {
            key
            for key, shares in dated
            if any(share.period is None or share.period.overlaps(days) for share in shares)
        }


def find_sharing(
    session: Session,
    *,
    communities: Collection[Community],
    days: Period,
    point_ids: Collection[UUID] | None = None,
) -> Sharing:
    """Find who shares in communities' plants on some of the days, by which coefficients.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose plants, at least one; of one promoter.
    days : Period
        Local days.
    point_ids : collection of UUID, optional
        Supply points that matter; all when None.

    Returns
    -------
    Sharing
        In the same few queries however many there are.
    """
    owner = next(iter(communities)).promoter_id
    keys = [community.id for community in communities]
    groups = group_installations(session, promoter_id=owner, community_ids=keys)
    caus = {key: {plant.id: plant.cau for plant in groups[key]} for key in keys}
    plants = [key for named in caus.values() for key in named]
    shares = find_shares(session, promoter_id=owner, installation_ids=plants, within=days)
    joined = group_open_memberships(session, promoter_id=owner, installation_ids=plants)
    members = {key: frozenset(row.supply_point_id for row in joined[key]) for key in plants}
    held = (each.shares for each in shares.values())
    wanted = frozenset().union(*members.values(), *held)
    if point_ids is not None:
        wanted &= frozenset(point_ids)
    found = map_supply_points(session, promoter_id=owner, supply_point_ids=wanted)
    points = {point.id: point for point in sorted(found.values(), key=lambda point: point.cups)}
    return Sharing(owner, caus, shares, members, points)


@dataclass(frozen=True, slots=True)
class _MonthReader:
    """Reads months of communities."""

    session: Session
    sharing: Sharing

    def read(
        self, month: LocalMonth, communities: Collection[Community], days: Period
    ) -> Iterator[MonthEnergy]:
        """Read one month of the communities of one clock; nothing of those that stored nothing."""
        caus = [key for community in communities for key in self.sharing.caus[community.id]]
        meters = {
            **self._load(month, Channel.GENERATION, caus),
            **self._load(month, Channel.CONSUMPTION, self.sharing.points),
        }
        on = _cut_days(month, days)
        for community in communities:
            plants = self.sharing.caus[community.id]
            sharing = {key: self.sharing.find_sharers(key, on) for key in plants}
            inside = frozenset().union(*sharing.values())
            points = {key: each for key, each in self.sharing.points.items() if key in inside}
            steps = {meters[key].step for key in (*plants, *points) if key in meters}
            if len(steps) > 1:
                raise UnlikeStepsError(next(iter(plants.values()), ""), month.first)
            for step in steps:
                span = _find_span(month, step, days)
                yield self._lay_out(community, month, step, span, sharing, points, meters)

    def _lay_out(
        self,
        community: Community,
        month: LocalMonth,
        step: Step,
        span: slice,
        sharing: Mapping[UUID, frozenset[UUID]],
        points: Mapping[UUID, SupplyPoint],
        meters: Mapping[UUID, StoredMonth],
    ) -> MonthEnergy:
        """Unpack one community's month and share it out."""
        plants = self.sharing.caus[community.id]
        cups = {key: point.cups for key, point in points.items()}
        generation = _unpack(meters, plants, month.count(step))
        consumption = _unpack(meters, cups, month.count(step))
        allocated, used = self._share_out(month, step, plants, generation, points, consumption)
        return MonthEnergy(
            community=community,
            month=month,
            step=step,
            span=span,
            sharing=sharing,
            points=tuple(points.values()),
            generation=generation.cut(span),
            consumption=consumption.cut(span),
            allocated=allocated.cut(span),
            self_consumed=used.cut(span),
        )

    def _load(
        self, month: LocalMonth, channel: Channel, meters: Collection[UUID]
    ) -> dict[UUID, StoredMonth]:
        found = list_latest_readings(
            self.session,
            promoter_id=self.sharing.promoter_id,
            channel=channel,
            meter_ids=meters,
            since=month.starts_at,
            until=month.ends_at,
        )
        return {reading.meter_id: reading for reading in found}

    def _share_out(
        self,
        month: LocalMonth,
        step: Step,
        plants: Collection[UUID],
        generation: KnownAmounts,
        points: Collection[UUID],
        consumption: KnownAmounts,
    ) -> tuple[KnownAmounts, KnownAmounts]:
        """Tell what each supply point was given by all plants, and what it used of that."""
        shape = (len(plants), *consumption.nano.shape)
        allocated = np.zeros(shape, np.int64)
        is_known = np.ones(shape[1:], np.bool_)
        for row, key in enumerate(plants):
            shares = self.sharing.shares.get(key)
            held = shares.shares if shares else {}
            millionths = lay_out_shares(
                [held.get(point_id, ()) for point_id in points],
                year=month.year,
                timezone=month.timezone,
                step=step,
                span=month.span(step),
            )
            generated_wh = generation.nano[row] // MILLIONTHS
            allocated[row] = allocate_exactly(millionths, generated_wh)
            is_known &= (millionths == 0) | generation.is_known[row]
        used = use_exactly(allocated, consumption.nano // MILLIONTHS).sum(axis=0)
        given = KnownAmounts(allocated.sum(axis=0), is_known)
        is_used_known = is_known & (consumption.is_known | (given.nano == 0))
        return given, KnownAmounts(used, is_used_known)


def _cut_days(month: LocalMonth, days: Period) -> Period:
    """Cut the days of a month out of others."""
    after = add_months(month.first, 1)
    end = after if days.end is None else min(days.end, after)
    return Period(max(days.start, month.first), end)


def _find_span(month: LocalMonth, step: Step, days: Period) -> slice:
    """Find the intervals of a month that lie on the days."""
    local = month.local(step).astype("datetime64[D]")
    first, end = np.searchsorted(local, [np.datetime64(days.start), np.datetime64(days.end)])
    return slice(int(first), int(end))


def _unpack(
    stored: Mapping[UUID, StoredMonth], meters: Mapping[UUID, str], count: int
) -> KnownAmounts:
    """Unpack meters in their order, shape (n_meters, n_steps)."""
    micro_wh = np.zeros((len(meters), count), np.int64)
    is_known = np.zeros(micro_wh.shape, np.bool_)
    for row, (key, name) in enumerate(meters.items()):
        if key in stored:
            energy_wh, quality = unpack_energy(stored[key], name, count)
            is_known[row] = quality != Quality.MISSING
            micro_wh[row] = np.where(is_known[row], energy_wh, 0)
    micro_wh *= MILLIONTHS
    return KnownAmounts(micro_wh, is_known)
