"""Years of meters: one without readings does not keep the others from theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from models.repositories.packed_months import StoredMonth
from models.repositories.readings import (
    EnergyYear,
    MissingMonthsError,
    MixedStepsError,
    join_year,
    list_latest_readings,
    month_instants,
)
from models.values.calendar import Step
from models.values.energy import to_kwh
from models.values.errors import CommunityError
from models.values.metering import Channel, Quality

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


MeteredYears = Mapping[UUID, MeteredYear | CommunityError]
"""Years of meters, or why there is nothing of them."""


def load_metered_years(
    session: Session,
    channel: Channel,
    codes: Mapping[UUID, str],
    *,
    promoter_id: UUID,
    year: int,
    timezone: str,
) -> MeteredYears:
    """Load a year of some meters.

    Parameters
    ----------
    session : Session
        Open transaction.
    channel : Channel
        Which energy.
    codes : mapping of UUID to str
        The meters, and their CUPS or CAU.
    promoter_id : UUID
        Whose records.
    year : int
        Local calendar year.
    timezone : str
        Its clock.

    Returns
    -------
    MeteredYears
        Of each meter its year, or why there is none: ``MissingMonthsError``, ``MixedStepsError`` or
        ``DamagedMonthError``.
    """
    borders = month_instants(year, timezone)
    stored: dict[UUID, list[StoredMonth]] = {key: [] for key in codes}
    for month in list_latest_readings(
        session,
        promoter_id=promoter_id,
        channel=channel,
        meter_ids=codes,
        since=borders[0],
        until=borders[-1],
    ):
        stored[month.meter_id].append(month)
    return {
        key: _join(partial(join_year, stored[key], channel, {key: code}, year, timezone))
        for key, code in codes.items()
    }


def _join(join: Callable[..., EnergyYear]) -> MeteredYear | CommunityError:
    """Put a meter's months in a row, or as many as it has."""
    try:
        return _show(join())
    except MissingMonthsError as lacks:
        try:
            return _show(join(accepts_gaps=True), lacks)
        except CommunityError:
            return lacks
    except CommunityError as error:
        return error


def _show(joined: EnergyYear, lacks: MissingMonthsError | None = None) -> MeteredYear:
    (energy_wh,), (quality,) = joined.energy_wh, joined.quality
    return MeteredYear(joined.step, to_kwh(energy_wh), quality != Quality.MISSING, lacks)


def stack_years(
    found: Sequence[MeteredYear | CommunityError],
    mixed: MixedStepsError,
    find_counting: Callable[[Step], NDArray[np.bool_]] | None = None,
) -> tuple[Step, Energy]:
    """Put several meters' years under each other.

    Parameters
    ----------
    found : sequence of MeteredYear or CommunityError, length n_meters
        At least one.
    mixed : MixedStepsError
        What is wrong where they count by different steps.
    find_counting : callable, optional
        Tells for a length of intervals in which of them each meter matters, shape
        (n_meters, n_steps); all do without one.

    Returns
    -------
    tuple of Step and ndarray of float, shape (n_meters, n_steps)
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
        if meter.lacks is not None and (
            find_counting is None or (find_counting(meter.step)[row] & ~meter.is_known).any()
        ):
            raise meter.lacks
        years.append(meter)
    steps = {meter.step for meter in years}
    if len(steps) > 1:
        raise next((meter.lacks for meter in years if meter.lacks is not None), mixed)
    return steps.pop(), np.stack([meter.energy_kwh for meter in years])
