"""Read a year of energy, savings or avoided CO2 of anybody, month by month, gaps told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.energy.avoided_co2 import weigh_avoided_co2
from api.services.energy.energy_question import (
    YEARS,
    Measure,
    SharedElsewhereError,
    YearOutOfRangeError,
)
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.month_energy import KnownAmounts, MonthEnergy
from api.services.energy.read_energy import CONSUMERS, NoGenerationError
from api.services.energy.read_months import iterate_months
from api.services.energy.series_subjects import SeriesSubject, find_series_subjects
from api.services.energy.settle_months import SettledMonth, iterate_settled_months
from models.values.calendar import LAW_CLOCK, Step
from models.values.errors import CommunityError, ConflictError
from models.values.local_month import LocalMonth, list_year
from models.values.period import Period
from models.values.resolution import FinerThanMeteredError, Resolution

_BY_CLOCK = {Resolution.HOUR: Step.HOUR, Resolution.QUARTER_HOUR: Step.QUARTER_HOUR}


class Benefit(StrEnum):
    """What sharing is good for."""

    SAVINGS = "savings"
    AVOIDED_CO2 = "avoided CO2"


class GapReason(StrEnum):
    """Why a community's month is not part of a series."""

    NO_READINGS = "no readings"
    NO_PRICES = "no prices"
    HOURLY_METERS = "hourly meters"
    TOO_FEW_MEMBERS = "too few members"


class SeveralClocksError(ConflictError):
    """Communities on different clocks have no hours in common."""

    def __init__(self) -> None:
        super().__init__("the communities keep different clocks: ask for days, months or a year")


@dataclass(frozen=True, slots=True)
class SeriesQuestion:
    """What is asked: which quantity, of which local year, summed how.

    Attributes
    ----------
    quantity : Measure or Benefit
        Energy, savings or avoided CO2.
    year : int
        Local calendar year, 2000 to 2099.
    resolution : Resolution
        Interval over which it is summed.
    fewest : int
        How many members a month's sum must hold to be told; one for whoever may see each of them.
    asking : frozenset of UUID
        The members who ask for savings, if it is some.

    Raises
    ------
    YearOutOfRangeError
        If no meter can have recorded the year.
    """

    quantity: Measure | Benefit
    year: int
    resolution: Resolution
    fewest: int = 1
    asking: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        if self.year not in YEARS:
            raise YearOutOfRangeError(self.year)

    @property
    def days(self) -> Period:
        """The days of the year."""
        return Period(date(self.year, 1, 1), date(self.year + 1, 1, 1))


@dataclass(frozen=True, slots=True)
class SeriesGap:
    """A community's month that is not part of a series, or not all of it.

    Attributes
    ----------
    community_id : UUID
        The community.
    month : date
        First local day.
    reason : GapReason
        Why.
    """

    community_id: UUID
    month: date
    reason: GapReason


@dataclass(frozen=True, slots=True, eq=False)
class MonthSeries:
    """A quantity of every interval of a local year.

    Attributes
    ----------
    start : datetime
        Start of the first interval, on the community's clock.
    step : str
        ISO 8601 name of the interval, such as ``PT1H``.
    amounts : KnownAmounts
        Of each interval, shape (n_intervals,) [1e-9 kWh, EUR or kg].
    gaps : tuple of SeriesGap
        Why some are not known, or what they lack, by month and community.
    """

    start: datetime
    step: str
    amounts: KnownAmounts
    gaps: tuple[SeriesGap, ...]


_UNREAD: GapReason | None = GapReason.NO_READINGS

_Told = tuple[KnownAmounts, GapReason | None]
"""Sums of a community's month, and why some of them are not known."""


def read_month_series(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    question: SeriesQuestion,
) -> dict[UUID, MonthSeries | CommunityError]:
    """Answer one question for many subjects at once.

    Parameters
    ----------
    session : Session
        Open transaction; its reach bounds what is summed.
    promoter_id : UUID
        Whose records.
    kind : SubjectKind
        What the ids are ids of; of ``PROMOTER`` the promoter's own.
    ids : collection of UUID
        What is asked about.
    question : SeriesQuestion
        Which quantity, when.

    Returns
    -------
    dict of UUID to MonthSeries or CommunityError
        For each known id its series, or why it has none: ``SharedElsewhereError``,
        ``SeveralClocksError``, ``FinerThanMeteredError`` where meters count by longer intervals
        than are asked for in every month that is read, ``UnknownFigureError`` where no emission
        factor is known for a day, or ``DamagedMonthError`` where a stored month differs from its
        check value.

    Raises
    ------
    NoGenerationError
        If generation is asked of those who only consume.

    Notes
    -----
    The same months that exports write. What is not known in one community is not known in its sum;
    a promoter's sum is of the communities in which it is, and its gaps name the others. A supply
    point is reckoned by the longest interval, that month, among its meter and the plants in which
    it has a coefficient; where these differ, its community's month is summed by the hour.
    """
    if question.quantity is Measure.GENERATION and kind in CONSUMERS:
        raise NoGenerationError(kind)
    subjects = find_series_subjects(session, promoter_id=promoter_id, kind=kind, ids=ids)
    try:
        return _read_together(session, subjects, question)
    except CommunityError as error:
        if len(subjects) == 1:
            return dict.fromkeys(subjects, error)
    # What is wrong with months of one says nothing of the others, so each is asked by itself.
    found: dict[UUID, MonthSeries | CommunityError] = {}
    for key, subject in subjects.items():
        try:
            found |= _read_together(session, {key: subject}, question)
        except CommunityError as error:
            found[key] = error
    return found


def _read_together(
    session: Session, subjects: Mapping[UUID, SeriesSubject], question: SeriesQuestion
) -> dict[UUID, MonthSeries | CommunityError]:
    """Read every month once, however many subjects share in it."""
    told: dict[UUID, dict[tuple[int, UUID], _Told]] = {key: {} for key in subjects}
    faults: dict[UUID, CommunityError] = {}
    for month in _iterate(session, subjects.values(), question):
        energy = month.energy
        for key, subject in subjects.items():
            if energy.community.id in subject.communities and key not in faults:
                try:
                    sums = _sum_month(subject, month, question)
                except CommunityError as error:
                    faults[key] = error
                else:
                    told[key][energy.month.number, energy.community.id] = sums
    return {
        key: faults[key] if key in faults else _join_months(subject, told[key], question)
        for key, subject in subjects.items()
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Month:
    """A community's month of what is asked for, row by row."""

    energy: MonthEnergy
    amounts: KnownAmounts
    settled: SettledMonth | None
    finer: "_Month | None"

    def of(self, subject: SeriesSubject) -> "_Month":
        """Take the finest in which all of a subject is."""
        own = subject.point_ids
        if self.finer is None or own is None:
            return self
        inside = {point.id for point in self.finer.energy.points}
        return self.finer if own & {point.id for point in self.energy.points} <= inside else self


def _iterate(
    session: Session, subjects: Collection[SeriesSubject], question: SeriesQuestion
) -> Iterator[_Month]:
    """Read what the subjects share in, each month once."""
    communities = {key: row for subject in subjects for key, row in subject.communities.items()}
    single = [subject.point_ids for subject in subjects if subject.point_ids is not None]
    wanted = frozenset().union(*single) if len(single) == len(subjects) else None
    read = partial(
        iterate_settled_months if question.quantity is Benefit.SAVINGS else iterate_months,
        session,
        communities=communities.values(),
        days=question.days,
        # What plants generate needs nobody's meter, so no such meter makes it coarser.
        point_ids=frozenset() if question.quantity is Measure.GENERATION else wanted,
    )
    for month in read():
        yield _pick_month(month, question.quantity)


def _pick_month(month: MonthEnergy | SettledMonth, quantity: Measure | Benefit) -> _Month:
    finer = None if month.finer is None else _pick_month(month.finer, quantity)
    if isinstance(month, SettledMonth):
        return _Month(month.energy, month.saved, month, finer)
    return _Month(month, _pick_quantity(month, quantity), None, finer)


def _pick_quantity(energy: MonthEnergy, quantity: Measure | Benefit) -> KnownAmounts:
    match quantity:
        case Measure.GENERATION:
            return energy.generation
        case Measure.CONSUMPTION:
            return energy.consumption
        case Measure.ALLOCATED:
            return energy.allocated
        case Measure.SELF_CONSUMED:
            return energy.self_consumed
        case Measure.SURPLUS:
            return energy.surplus
        case Measure.GRID_IMPORT:
            return energy.grid_import
        case _:
            return weigh_avoided_co2(energy)


def _sum_month(subject: SeriesSubject, month: _Month, question: SeriesQuestion) -> _Told:
    """Sum a subject's rows over the intervals, or tell why nothing is told of them."""
    month = month.of(subject)
    energy = month.energy
    try:
        starts = energy.find_starts(question.resolution)
    except FinerThanMeteredError:
        unknown = _unknown(_count(energy.month, question.resolution))
        return unknown, GapReason.HOURLY_METERS
    if question.quantity is Measure.GENERATION:
        counted = month.amounts.pick(
            [row for row, key in enumerate(energy.sharing) if subject.has_plant(key)]
        )
    else:
        counted = _pick_rows(subject, month)
        if not _is_told(subject, month, starts, question):
            return _unknown(starts.size), GapReason.TOO_FEW_MEMBERS
    sums = counted.sum_rows().sum_intervals(starts)
    if sums.is_known.all():
        return sums, None
    has_prices = month.settled is None or month.settled.has_prices
    return sums, GapReason.NO_READINGS if has_prices else GapReason.NO_PRICES


def _pick_rows(subject: SeriesSubject, month: _Month) -> KnownAmounts:
    """Pick the supply points of a subject; of many, on the days on which they share."""
    energy, own = month.energy, subject.point_ids
    if own is not None:
        return month.amounts.pick(
            [row for row, point in enumerate(energy.points) if point.id in own]
        )
    amounts = month.amounts.where(energy.is_sharing)
    if subject.plant is None:
        return amounts
    inside = energy.sharing[subject.plant.id]
    if any(inside & others for key, others in energy.sharing.items() if key != subject.plant.id):
        raise SharedElsewhereError(subject.plant.cau)
    return amounts.pick([row for row, point in enumerate(energy.points) if point.id in inside])


def _is_told(
    subject: SeriesSubject, month: _Month, starts: NDArray[np.intp], question: SeriesQuestion
) -> bool:
    """Tell whether sums of a subject tell of nobody; those of an only plant are its community's."""
    energy = month.energy
    is_one_of_several = subject.plant is not None and len(energy.sharing) > 1
    if is_one_of_several and not energy.tells_plants(question.fewest):
        return False
    if month.settled is not None:
        return month.settled.tells_money(question.fewest, question.asking)
    if is_one_of_several:
        return True
    if question.quantity is Benefit.AVOIDED_CO2:
        return energy.tells_weighed_sums(question.fewest)
    return energy.tells_sums(question.fewest, starts)


def _unknown(count: int) -> KnownAmounts:
    return KnownAmounts(np.zeros(count, np.int64), np.zeros(count, np.bool_))


def _join_months(
    subject: SeriesSubject, told: Mapping[tuple[int, UUID], _Told], question: SeriesQuestion
) -> MonthSeries | CommunityError:
    """Put each community's months in a row, and all communities' sums together."""
    if {why for _, why in told.values()} == {GapReason.HOURLY_METERS}:
        return FinerThanMeteredError(question.resolution)
    clocks = {community.timezone for community in subject.communities.values()}
    if len(clocks) > 1 and question.resolution in _BY_CLOCK:
        return SeveralClocksError()
    timezone = min(clocks, default=LAW_CLOCK)
    months = list_year(question.year, timezone)
    blank = [(_unknown(_count(month, question.resolution)), _UNREAD) for month in months]
    rows = {
        key: [told.get((month.number, key), blank[place]) for place, month in enumerate(months)]
        for key in subject.communities
    }
    gaps = [
        SeriesGap(key, month.first, why)
        for place, month in enumerate(months)
        for key, row in rows.items()
        if (why := row[place][1]) is not None
    ]
    joined = [_join([sums for sums, _ in row], question) for row in [*rows.values()] or [blank]]
    start = datetime(question.year, 1, 1, tzinfo=ZoneInfo(timezone))
    return MonthSeries(start, question.resolution.iso_name, _sum_known(joined), tuple(gaps))


def _join(months: Sequence[KnownAmounts], question: SeriesQuestion) -> KnownAmounts:
    joined = KnownAmounts(
        np.concatenate([each.nano for each in months]),
        np.concatenate([each.is_known for each in months]),
    )
    return joined.sum_intervals([0]) if question.resolution is Resolution.YEAR else joined


def _sum_known(parts: Sequence[KnownAmounts]) -> KnownAmounts:
    """Sum over communities what is known; what is known of none is not known."""
    nano = sum(np.where(each.is_known, each.nano, 0) for each in parts)
    return KnownAmounts(np.asarray(nano), np.logical_or.reduce([each.is_known for each in parts]))


def _count(month: LocalMonth, resolution: Resolution) -> int:
    """Count the intervals of a month of which nothing is stored."""
    if resolution in _BY_CLOCK:
        return month.count(_BY_CLOCK[resolution])
    return month.count_days() if resolution is Resolution.DAY else 1
