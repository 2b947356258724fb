"""Read communities' months from their meters, and share them out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from operator import attrgetter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.community_shares import Sharing, find_sharing
from api.services.energy.month_energy import Known, KnownAmounts, MonthEnergy
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import list_latest_readings
from models.tables import Community, SupplyPoint
from models.values.calendar import Step
from models.values.coefficient import MILLIONTHS
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from models.values.period import Period, add_months
from planner.dated_shares import Millionths, find_holding, lay_out_shares
from planner.exact_allocation import allocate_exactly, use_exactly


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
    whole = _widen(days)
    sharing = find_sharing(session, communities=communities, days=whole, point_ids=point_ids)
    reader = _MonthReader(session, sharing)
    first = whole.start
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
            if steps:
                lay_out = partial(self._lay_out, community, month, days, sharing, meters)
                energy = lay_out(max(steps, key=attrgetter("seconds")), points)
                fine = self._find_finer(points, plants, meters, month) if len(steps) > 1 else {}
                yield _refine(energy, lay_out(Step.QUARTER_HOUR, fine)) if fine else energy

    def _lay_out(
        self,
        community: Community,
        month: LocalMonth,
        days: Period,
        sharing: Mapping[UUID, frozenset[UUID]],
        meters: Mapping[UUID, StoredMonth],
        step: Step,
        points: Mapping[UUID, SupplyPoint],
    ) -> MonthEnergy:
        """Unpack one community's month and share it out by intervals of a length."""
        span = _find_span(month, step, days)
        plants = self.sharing.caus[community.id]
        cups = {key: point.cups for key, point in points.items()}
        generation = _unpack(meters, plants, month, step)
        consumption = _unpack(meters, cups, month, step)
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

    def _find_finer(
        self,
        points: Mapping[UUID, SupplyPoint],
        plants: Collection[UUID],
        meters: Mapping[UUID, StoredMonth],
        month: LocalMonth,
    ) -> dict[UUID, SupplyPoint]:
        """Find whose meter counts by the quarter, and all plants in which they have a coefficient.

        As far as these were read, and whichever days of the month are wanted.
        """
        hourly = {key for key, meter in meters.items() if meter.step is Step.HOUR}
        shares = [
            shares for key, shares in self.sharing.shares.items() if key in plants and key in hourly
        ]
        return {
            key: point
            for key, point in points.items()
            if key not in hourly and not any(each.holds(key, month.days) for each in shares)
        }

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


def _widen(days: Period) -> Period:
    """Widen days to whole months, for which it is decided who is reckoned by which interval."""
    last = None if days.end is None else (days.end - timedelta(days=1)).replace(day=1)
    return Period(days.start.replace(day=1), None if last is None else add_months(last, 1))


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


def _refine(energy: MonthEnergy, finer: MonthEnergy) -> MonthEnergy:
    """Let some meet their consumption by shorter intervals; all else sums up alike by longer."""
    refined = replace(energy, finer=finer)
    return replace(refined, self_consumed=refined.reckon(attrgetter("self_consumed")))


def _unpack(
    stored: Mapping[UUID, StoredMonth], meters: Mapping[UUID, str], month: LocalMonth, step: Step
) -> KnownAmounts:
    """Unpack meters in their order, shape (n_meters, n_steps).

    Of shorter intervals are sums; of longer ones nothing is known by the step.
    """
    micro_wh = np.zeros((len(meters), month.count(step)), np.int64)
    is_known = np.zeros(micro_wh.shape, np.bool_)
    for row, (key, name) in enumerate(meters.items()):
        if key in stored and stored[key].step.seconds <= step.seconds:
            micro_wh[row], is_known[row] = _unpack_meter(stored[key], name, month, step)
    micro_wh *= MILLIONTHS
    return KnownAmounts(micro_wh, is_known)


def _unpack_meter(
    stored: StoredMonth, name: str, month: LocalMonth, step: Step
) -> tuple[NDArray[np.integer], Known]:
    """Unpack one meter [Wh], shape (n_steps,); zero where not known."""
    energy_wh, quality = unpack_energy(stored, name, month.count(stored.step))
    is_known = quality != Quality.MISSING
    each = stored.step.per_hour // step.per_hour
    if each > 1:
        energy_wh = energy_wh.reshape(-1, each).sum(axis=1, dtype=np.int64)
        is_known = is_known.reshape(-1, each).all(axis=1)
    return np.where(is_known, energy_wh, 0), is_known
