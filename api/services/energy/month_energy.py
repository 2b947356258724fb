"""Communities' months, interval by interval: what was generated, consumed and shared out.

Everything is whole millionths of a watt-hour, so sums over members and intervals are exact; what
is not known is marked, and so is every sum that it is part of.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.community_shares import Sharing, find_sharing
from api.services.energy.month_inputs import UnlikeStepsError
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import list_latest_readings
from models.tables import Community, SupplyPoint
from models.values.aggregates import are_parts_enough, count_fewest
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from models.values.resolution import Resolution, starts_within
from planner.dated_shares import Millionths, find_holding, lay_out_shares
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

    def where(self, counts: Known) -> "KnownAmounts":
        """Keep what counts; of the rest there is nothing, for certain."""
        return KnownAmounts(np.where(counts, self.nano, 0), self.is_known | ~counts)

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
    is_held, is_given : ndarray of bool, shape (n_plants, n_points, n_steps)
        Who counts in each plant, by a coefficient or because nobody has one and they joined it,
        and whose coefficient is above zero.
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
    is_held: Known
    is_given: Known

    @property
    def is_sharing(self) -> Known:
        """Who shares, shape (n_points, n_steps); of nobody else does anything count in sums."""
        sharing: Known = np.logical_or.reduce(self.is_held, axis=0)
        return sharing

    @property
    def is_whole(self) -> bool:
        """Whether this is all of the month."""
        return self.span == slice(0, self.month.count(self.step))

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

    def tells_sums(self, fewest: int, places: Sequence[int] | NDArray[np.intp]) -> bool:
        """Tell whether all who share are so many, from each of these places to the next.

        Of a part of a month nothing is told to whoever is not told of each member: less the whole,
        it would be another part, which may be of fewer.
        """
        if fewest == 1:
            return True
        owners = [point.member_id for point in self.points]
        is_allocated = ~self.allocated.is_known | (self.allocated.nano != 0)
        counted: Sequence[Known] = (self.is_sharing, is_allocated)
        return self.is_whole and all(
            count_fewest(each, owners, places) >= fewest for each in counted
        )

    def tells_plants(self, fewest: int) -> bool:
        """Tell whether the sums of each plant may be told beside those of all together."""
        if fewest == 1:
            return True
        owners = [point.member_id for point in self.points]
        counted: Known = np.concatenate([self.is_held, self.is_given])
        return self.is_whole and are_parts_enough(counted, owners, fewest)

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
        held, millionths = self._lay_out_shares(month, step, plants, points)
        allocated, used = _share_out(millionths, generation, consumption)
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
            is_held=held[..., span],
            is_given=millionths[..., span] > 0,
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

    def _lay_out_shares(
        self, month: LocalMonth, step: Step, plants: Collection[UUID], points: Collection[UUID]
    ) -> tuple[Known, Millionths]:
        """Tell who has a coefficient in each plant, and which one."""
        shape = (len(plants), len(points), month.count(step))
        held, millionths = np.zeros(shape, np.bool_), np.zeros(shape, np.int64)
        hold, lay_out = (
            partial(lay, year=month.year, timezone=month.timezone, step=step, span=month.span(step))
            for lay in (find_holding, lay_out_shares)
        )
        for row, key in enumerate(plants):
            shares = self.sharing.held[key]
            rows = [shares.get(point_id, ()) for point_id in points]
            held[row], millionths[row] = hold(rows), lay_out(rows)
        return held, millionths


def _share_out(
    millionths: Millionths, generation: KnownAmounts, consumption: KnownAmounts
) -> tuple[KnownAmounts, KnownAmounts]:
    """Tell what each supply point was given by all plants, and what it used of that."""
    allocated = np.zeros_like(millionths)
    is_known = np.ones(millionths.shape[1:], np.bool_)
    for row, parts in enumerate(millionths):
        allocated[row] = allocate_exactly(parts, generation.nano[row] // MILLIONTHS)
        is_known &= (parts == 0) | generation.is_known[row]
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
