"""Communities' months, interval by interval: what was generated, consumed and shared out.

Everything is whole millionths of a watt-hour, so sums over members and intervals are exact; what
is not known is marked, and so is every sum that it is part of.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from models.tables import Community, SupplyPoint
from models.values.aggregates import are_parts_enough, count_fewest
from models.values.calendar import Step
from models.values.local_month import LocalMonth
from models.values.resolution import Resolution, starts_within

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

    def put(self, rows: Sequence[int], others: "KnownAmounts") -> "KnownAmounts":
        """Give some rows of the first axis other amounts."""
        nano, is_known = self.nano.copy(), self.is_known.copy()
        nano[rows], is_known[rows] = others.nano, others.is_known
        return KnownAmounts(nano, is_known)

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
        Interval of its meters, the longest of them.
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
    finer : MonthEnergy or None
        Those of the supply points that are reckoned by shorter intervals, by these: where neither
        their meter nor a plant in which they share counts by longer ones. Sums of them are here.
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
    finer: "MonthEnergy | None" = None

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
    def is_allocated(self) -> Known:
        """Whom anything may have been allocated, shape (n_points, n_steps)."""
        allocated: Known = ~self.allocated.is_known | (self.allocated.nano != 0)
        return allocated

    @property
    def is_idle(self) -> Known:
        """Which supply points certainly were allocated nothing, shape (n_points,)."""
        is_nothing = self.allocated.is_known & (self.allocated.nano == 0)
        idle: Known = np.logical_and.reduce(is_nothing, axis=1)
        return idle

    def tells_sums(
        self,
        fewest: int,
        places: Sequence[int] | NDArray[np.intp],
        asking: Collection[UUID] = frozenset(),
    ) -> bool:
        """Tell whether all who share are so many, from each of these places to the next.

        Of a part of a month nothing is told to whoever is not told of each member: less the whole,
        it would be another part, which may be of fewer. Members who ask count as one.
        """
        if fewest == 1:
            return True
        owners = self._list_owners(asking)
        counted: Sequence[Known] = (self.is_sharing, self.is_allocated)
        return self.is_whole and all(
            count_fewest(each, owners, places) >= fewest for each in counted
        )

    def tells_weighed_sums(self, fewest: int, asking: Collection[UUID] = frozenset()) -> bool:
        """Tell whether all who share are so many in every interval in which anybody does.

        Prices and factors weigh intervals differently: less a plain sum of the same, a sum that
        they weigh would be of those intervals alone in which few share.
        """
        return self.tells_sums(fewest, np.arange(self.span.stop - self.span.start), asking)

    def tells_plants(self, fewest: int) -> bool:
        """Tell whether the sums of each plant may be told beside those of all together."""
        if fewest == 1:
            return True
        counted: Known = np.concatenate([self.is_held, self.is_given])
        return self.is_whole and are_parts_enough(counted, self._list_owners(), fewest)

    def tells_apart(
        self, groups: Sequence[Known], fewest: int, asking: Collection[UUID] = frozenset()
    ) -> bool:
        """Tell whether sums may be told that weigh groups, shape (n_points,), unlike the rest.

        Beside plain sums of all, and of each plant where these are told, they tell both apart:
        what is consumed, which all have who share, and what is made of what they are given.
        """
        if fewest == 1:
            return True
        counted = [self.is_held, self.is_given & self.is_allocated]
        if not self.tells_plants(fewest):
            counted = [np.logical_or.reduce(each, axis=0, keepdims=True) for each in counted]
        owners = self._list_owners(asking)
        return self.tells_weighed_sums(fewest, asking) and all(
            are_parts_enough(_add_groups(each, groups), owners, fewest) for each in counted
        )

    def _list_owners(self, asking: Collection[UUID] = frozenset()) -> list[UUID | None]:
        """List whose each supply point is; those who ask know their own, and are one with it."""
        return [None if each.member_id in asking else each.member_id for each in self.points]

    @property
    def finer_rows(self) -> list[int]:
        """Which supply points are reckoned by shorter intervals."""
        inside = set() if self.finer is None else {point.id for point in self.finer.points}
        return [row for row, point in enumerate(self.points) if point.id in inside]

    def reckon(self, reckon_points: Callable[["MonthEnergy"], KnownAmounts]) -> KnownAmounts:
        """Reckon amounts of supply points, each by its own intervals, shape (n_points, n_steps)."""
        amounts = reckon_points(self)
        if self.finer is None:
            return amounts
        starts = self.finer.find_starts(Resolution.HOUR)
        return amounts.put(self.finer_rows, reckon_points(self.finer).sum_intervals(starts))

    def find_starts(self, resolution: Resolution) -> NDArray[np.intp]:
        """Find where its sums begin; ``FinerThanMeteredError`` if they were too short."""
        return starts_within(self.month, self.step, resolution, self.span)


def _add_groups(counted: Known, groups: Sequence[Known]) -> Known:
    """Put groups beside sums, shape (n_sums, n_points, n_steps), as far as they count in any."""
    anybody = np.logical_or.reduce(counted, axis=0)
    apart = [(anybody & group[:, np.newaxis])[np.newaxis] for group in groups]
    together: Known = np.concatenate([counted, *apart])
    return together
