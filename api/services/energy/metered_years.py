"""Years of meters: one without readings does not keep the others from theirs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from models.repositories.packed_months import StoredMonth
from models.repositories.readings import EnergyYear, MissingMonthsError, WantedYear
from models.values.calendar import Step
from models.values.energy import to_kwh
from models.values.errors import CommunityError
from models.values.metering import Quality

Energy = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MeteredYear:
    """One meter's year.

    Attributes
    ----------
    step : Step
        Length of an interval.
    energy_kwh : ndarray of float, shape (n_steps,)
        Energy [kWh]; zero where it is not known.
    is_known : ndarray of bool, shape (n_steps,)
        Where it is.
    lacks : MissingMonthsError or None
        Which months it lacks.
    """

    step: Step
    energy_kwh: Energy
    is_known: NDArray[np.bool_]
    lacks: MissingMonthsError | None = None

    def sum_by(self, step: Step) -> "MeteredYear":
        """Sum it by intervals at least as long; those that are not whole are not known."""
        each = self.step.per_hour // step.per_hour
        if each == 1:
            return self
        is_known: NDArray[np.bool_] = np.logical_and.reduce(self.is_known.reshape(-1, each), axis=1)
        energy_kwh = self.energy_kwh.reshape(-1, each).sum(axis=1)
        return MeteredYear(step, np.where(is_known, energy_kwh, 0.0), is_known, self.lacks)


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
        Of each meter its year, or why there is none: ``MissingMonthsError``, ``MixedStepsError`` or
        ``DamagedMonthError``.
    """
    stored: dict[UUID, list[StoredMonth]] = {key: [] for key in wanted.meters}
    for month in wanted.list_months(session, promoter_id=promoter_id):
        stored[month.meter_id].append(month)
    return {key: _join(wanted.of_meter(key), months) for key, months in stored.items()}


def _join(wanted: WantedYear, months: Sequence[StoredMonth]) -> MeteredYear | CommunityError:
    """Put a meter's months in a row, or as many as it has."""
    try:
        return _show(wanted.join(months))
    except MissingMonthsError as lacks:
        try:
            return _show(wanted.join(months, accepts_gaps=True), lacks)
        except CommunityError:
            return lacks
    except CommunityError as error:
        return error


def _show(joined: EnergyYear, lacks: MissingMonthsError | None = None) -> MeteredYear:
    (energy_wh,), (quality,) = joined.energy_wh, joined.quality
    return MeteredYear(joined.step, to_kwh(energy_wh), quality != Quality.MISSING, lacks)


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
    steps = {meter.step for meter in found if isinstance(meter, MeteredYear)}
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
        Length of an interval, at least the longest of theirs.
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
        year = meter.sum_by(step)
        if year.lacks is not None and (
            find_counting is None or (find_counting(step)[row] & ~year.is_known).any()
        ):
            raise year.lacks
        years.append(year)
    return np.stack([year.energy_kwh for year in years])
