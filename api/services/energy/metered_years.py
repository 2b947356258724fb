"""Years of meters: one without readings does not keep the others from theirs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from models.repositories.packed_months import StoredMonth
from models.repositories.readings import MissingMonthsError, WantedYear, month_instants
from models.values.calendar import Step
from models.values.energy import to_kwh
from models.values.errors import CommunityError
from models.values.metering import Quality

Energy = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KnownEnergy:
    """A year's energy by intervals of one length.

    Attributes
    ----------
    energy_kwh : ndarray of float, shape (n_steps,)
        Energy [kWh]; zero where it is not known.
    is_known : ndarray of bool, shape (n_steps,)
        Where it is.
    """

    energy_kwh: Energy
    is_known: NDArray[np.bool_]

    def __or__(self, other: "KnownEnergy") -> "KnownEnergy":
        """Know what either knows; nothing is known to both."""
        return KnownEnergy(self.energy_kwh + other.energy_kwh, self.is_known | other.is_known)

    def lay_out(self, own: Step, step: Step) -> "KnownEnergy":
        """Sum it to longer intervals, known where all is; of shorter ones nothing is known."""
        if own is step:
            return self
        if own.seconds > step.seconds:
            n_steps = self.energy_kwh.size * step.per_hour // own.per_hour
            return KnownEnergy(np.zeros(n_steps), np.zeros(n_steps, np.bool_))
        each = own.per_hour // step.per_hour
        is_known: NDArray[np.bool_] = np.logical_and.reduce(self.is_known.reshape(-1, each), axis=1)
        return KnownEnergy(
            np.where(is_known, self.energy_kwh.reshape(-1, each).sum(axis=1), 0.0), is_known
        )


@dataclass(frozen=True, slots=True, eq=False)
class MeteredYear:
    """One meter's year.

    Attributes
    ----------
    counted : mapping of Step to KnownEnergy
        Its months by the intervals by which it counted them: mostly all by the same.
    is_hourly : ndarray of bool, shape (12,)
        Which months it counted by the hour.
    lacks : MissingMonthsError or None
        Which months it lacks.
    """

    counted: Mapping[Step, KnownEnergy]
    is_hourly: NDArray[np.bool_]
    lacks: MissingMonthsError | None = None

    def by(self, step: Step) -> KnownEnergy:
        """Tell it by intervals of a length; what was counted by longer ones is not known."""
        return reduce(or_, (part.lay_out(own, step) for own, part in self.counted.items()))


MeteredYears = Mapping[UUID, MeteredYear | CommunityError]
"""Years of meters, or why there is nothing of them."""


def load_metered_years(session: Session, wanted: WantedYear, *, promoter_id: UUID) -> MeteredYears:
    """Load a year of some meters.

    Parameters
    ----------
    session : Session
        Open transaction.
    wanted : WantedYear
        Which year of which meters.
    promoter_id : UUID
        Whose records.

    Returns
    -------
    MeteredYears
        Of each meter its year, or why there is none: ``MissingMonthsError`` or
        ``DamagedMonthError``.
    """
    stored: dict[UUID, list[StoredMonth]] = {key: [] for key in wanted.meters}
    for month in wanted.list_months(session, promoter_id=promoter_id):
        stored[month.meter_id].append(month)
    return {key: _join(wanted.of_meter(key), months) for key, months in stored.items()}


def _join(wanted: WantedYear, months: Sequence[StoredMonth]) -> MeteredYear | CommunityError:
    """Put a meter's months in a row, or as many as it has."""
    lacks = wanted.find_missing(months)
    if lacks is not None and not months:
        return lacks
    try:
        counted = {step: _show(wanted, months, step) for step in {month.step for month in months}}
    except CommunityError as error:
        return lacks or error
    hourly = {month.starts_at for month in months if month.step is Step.HOUR}
    begins = month_instants(wanted.year, wanted.timezone)[:-1]
    # Months that are not stored go with the others.
    is_hourly = [begin in hourly or Step.QUARTER_HOUR not in counted for begin in begins]
    return MeteredYear(counted, np.array(is_hourly), lacks)


def _show(wanted: WantedYear, months: Sequence[StoredMonth], step: Step) -> KnownEnergy:
    """Show the months that are stored by one step."""
    joined = wanted.join([month for month in months if month.step is step], accepts_gaps=True)
    (energy_wh,), (quality,) = joined.energy_wh, joined.quality
    return KnownEnergy(to_kwh(energy_wh), quality != Quality.MISSING)


def find_longest_step(found: Iterable[MeteredYear | CommunityError]) -> Step:
    """Find the longest interval by which some meters count.

    Parameters
    ----------
    found : iterable of MeteredYear or CommunityError
        Their years; of none the hour.

    Returns
    -------
    Step
        By which all can be summed.
    """
    steps = {step for meter in found if isinstance(meter, MeteredYear) for step in meter.counted}
    return max(steps, key=attrgetter("seconds"), default=Step.HOUR)


def stack_years(
    found: Sequence[MeteredYear | CommunityError],
    step: Step,
    find_counting: Callable[[Step], NDArray[np.bool_]] | None = None,
) -> Energy:
    """Put several meters' years under each other.

    Parameters
    ----------
    found : sequence of MeteredYear or CommunityError, length n_meters
        At least one.
    step : Step
        Length of an interval; of months counted by longer ones there is nothing.
    find_counting : callable, optional
        Tells for a length of intervals in which of them each meter matters, shape
        (n_meters, n_steps); all do without one.

    Returns
    -------
    ndarray of float, shape (n_meters, n_steps)
        Energy [kWh].

    Raises
    ------
    CommunityError
        What keeps one of them from its year, where it matters.
    """
    years = []
    for row, meter in enumerate(found):
        if isinstance(meter, CommunityError):
            raise meter
        year = meter.by(step)
        if meter.lacks is not None and (
            find_counting is None or (find_counting(step)[row] & ~year.is_known).any()
        ):
            raise meter.lacks
        years.append(year)
    return np.stack([year.energy_kwh for year in years])
