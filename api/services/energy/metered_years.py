"""Years of meters: one without readings does not keep the others from theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from models.repositories.readings import EnergyYear, MissingMonthsError, load_energy_year
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
        Of each meter.

    Raises
    ------
    MixedStepsError
        If those that lack nothing count by different steps.
    DamagedMonthError
        If a stored month differs from its check value.
    """

    def load(meters: Mapping[UUID, str], *, accepts_gaps: bool = False) -> EnergyYear:
        return load_energy_year(
            session,
            promoter_id=promoter_id,
            channel=channel,
            meters=meters,
            year=year,
            timezone=timezone,
            accepts_gaps=accepts_gaps,
        )

    try:
        return _part(codes, load(codes))
    except MissingMonthsError as error:
        lacks = {key: error.of_meter(code) for key, code in codes.items() if code in error.missing}
    rest = {key: code for key, code in codes.items() if key not in lacks}
    whole: dict[UUID, MeteredYear | CommunityError] = {}
    whole |= _part(rest, load(rest)) if rest else {}
    try:
        partly = load({key: codes[key] for key in lacks}, accepts_gaps=True)
    except CommunityError:
        return whole | lacks
    return whole | _part(lacks, partly, lacks)


def _part(
    keys: Mapping[UUID, object],
    loaded: EnergyYear,
    lacks: Mapping[UUID, MissingMonthsError] | None = None,
) -> dict[UUID, MeteredYear]:
    """Give each meter its row."""
    is_known = loaded.quality != Quality.MISSING
    return {
        key: MeteredYear(loaded.step, to_kwh(energy_wh), known, (lacks or {}).get(key))
        for key, energy_wh, known in zip(keys, loaded.energy_wh, is_known, strict=True)
    }


def stack_years(
    found: Sequence[MeteredYear | CommunityError],
    find_counting: Callable[[Step], NDArray[np.bool_]] | None = None,
) -> tuple[Step, Energy]:
    """Put several meters' years under each other.

    Parameters
    ----------
    found : sequence of MeteredYear or CommunityError, length n_meters
        At least one.
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
        raise next(meter.lacks for meter in years if meter.lacks is not None)
    return steps.pop(), np.stack([meter.energy_kwh for meter in years])
