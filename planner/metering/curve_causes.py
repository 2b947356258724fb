"""Why a distributor's hourly curve of a supply point differs from what its coefficient gives.

What is left of the energy from the grid and of the surplus tells, hour by hour, how much the
distributor allocated; so most mistakes give themselves away.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

WattHours = NDArray[np.float64]
Hours = NDArray[np.bool_]

_WHOLE_KWH = 1000


class CurveCause(StrEnum):
    """Why curves differ, from harmless to unknown."""

    EQUAL = "equal"
    ROUNDING = "rounding"
    BOUNDARY_METER = "boundary-meter"
    NOT_SHARED = "not-shared"
    OTHER_AGREEMENT = "other-agreement"
    OTHER_COEFFICIENT = "other-coefficient"
    SHIFTED = "shifted"
    CLOCK_CHANGE = "clock-change"
    GENERATION = "generation"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class SharedCurve:
    """What a supply point takes from the grid and leaves to it, hour by hour.

    Attributes
    ----------
    grid_wh, surplus_wh : ndarray, shape (n_hours,)
        From the grid, and left of its share [Wh].
    """

    grid_wh: WattHours
    surplus_wh: WattHours

    @classmethod
    def of(cls, consumption_wh: WattHours, allocated_wh: WattHours) -> "SharedCurve":
        """Share out by the lesser of both (RD 244/2019, Annex I)."""
        left = consumption_wh - allocated_wh
        return cls(np.maximum(left, 0.0), np.maximum(-left, 0.0))

    def differs_from(self, other: "SharedCurve", tolerance_wh: float) -> Hours:
        """Tell in which hours either energy differs; an hour without number differs in none."""
        return (np.abs(self.grid_wh - other.grid_wh) > tolerance_wh) | (
            np.abs(self.surplus_wh - other.surplus_wh) > tolerance_wh
        )

    def shift(self, hours: int) -> "SharedCurve":
        """Move every hour; what comes in from outside is not known."""
        return SharedCurve(_shift(self.grid_wh, hours), _shift(self.surplus_wh, hours))


@dataclass(frozen=True, slots=True, eq=False)
class OwnCurve:
    """What ours is made from.

    Attributes
    ----------
    consumption_wh, allocated_wh, generation_wh : ndarray, shape (n_hours,)
        At the boundary meter, its share of the plants, and what these generated [Wh].
    is_summer : ndarray of bool, shape (n_hours,)
        Whether clocks show summer time.
    """

    consumption_wh: WattHours
    allocated_wh: WattHours
    generation_wh: WattHours
    is_summer: Hours

    @property
    def shared(self) -> SharedCurve:
        """Ours."""
        return SharedCurve.of(self.consumption_wh, self.allocated_wh)


@dataclass(frozen=True, slots=True)
class CurveFinding:
    """The likeliest cause.

    Attributes
    ----------
    cause : CurveCause
        Which.
    agreement : str or None
        Name of the agreement whose coefficient gives their curve.
    coefficient : float or None
        Coefficient that gives their curve [1].
    shift_hours : int or None
        By how much theirs is late.
    """

    cause: CurveCause
    agreement: str | None = None
    coefficient: float | None = None
    shift_hours: int | None = None


def explain_curve(
    ours: OwnCurve,
    theirs: SharedCurve,
    agreements: Mapping[str, WattHours],
    *,
    tolerance_wh: float = 1.0,
) -> CurveFinding:
    """Tell why a distributor's curve differs from ours.

    Parameters
    ----------
    ours : OwnCurve
        What ours is made from.
    theirs : SharedCurve
        The distributor's; NaN in hours that it does not have.
    agreements : mapping of str to ndarray of shape (n_hours,)
        What other agreements would allocate, by their names [Wh].
    tolerance_wh : float
        How far an hour may be off and still count as equal [Wh].

    Returns
    -------
    CurveFinding
        The first cause that explains every hour.

    Notes
    -----
    Curves hold whole watt-hours or kilowatt-hours while coefficient times generation does not:
    up to one such unit an hour is rounding.

    Examples
    --------
    >>> sun, load = np.array([0.0, 4000.0, 8000.0]), np.array([500.0, 500.0, 500.0])
    >>> own = OwnCurve(load, 0.25 * sun, sun, np.zeros(3, np.bool_))
    >>> explain_curve(own, SharedCurve.of(load, 0.5 * sun), {}).coefficient
    0.5
    """
    if not own_hours(theirs).any():
        return CurveFinding(CurveCause.UNKNOWN)
    return next(_find_causes(ours, theirs, agreements, tolerance_wh))


def own_hours(theirs: SharedCurve) -> Hours:
    """Tell which hours a curve has.

    Parameters
    ----------
    theirs : SharedCurve
        NaN where it has none.

    Returns
    -------
    ndarray of bool, shape (n_hours,)
        Hours with both energies.

    Examples
    --------
    >>> own_hours(SharedCurve(np.array([1.0, np.nan]), np.zeros(2))).tolist()
    [True, False]
    """
    return ~(np.isnan(theirs.grid_wh) | np.isnan(theirs.surplus_wh))


def _find_causes(
    ours: OwnCurve, theirs: SharedCurve, agreements: Mapping[str, WattHours], tolerance_wh: float
) -> Iterator[CurveFinding]:
    """Try every cause, the likeliest first."""
    own, load = ours.shared, ours.consumption_wh
    none = np.zeros_like(load)

    def fits(curve: SharedCurve) -> bool:
        return not theirs.differs_from(curve, tolerance_wh).any()

    if fits(own):
        is_exact = not theirs.differs_from(own, 0.0).any()
        yield CurveFinding(CurveCause.EQUAL if is_exact else CurveCause.ROUNDING)
    if _counts_kwh(theirs) and not theirs.differs_from(own, _WHOLE_KWH).any():
        yield CurveFinding(CurveCause.ROUNDING)
    if fits(SharedCurve(load, own.surplus_wh)):
        yield CurveFinding(CurveCause.BOUNDARY_METER)
    if fits(SharedCurve(load, none)):
        yield CurveFinding(CurveCause.NOT_SHARED, coefficient=0.0)
    for name, allocated in agreements.items():
        if fits(SharedCurve.of(load, allocated)):
            yield CurveFinding(CurveCause.OTHER_AGREEMENT, agreement=name)
    coefficient = _read_coefficient(ours, theirs)
    if coefficient is not None and fits(SharedCurve.of(load, coefficient * ours.generation_wh)):
        yield CurveFinding(CurveCause.OTHER_COEFFICIENT, coefficient=round(coefficient, 6))
    yield from _find_shifts(ours, theirs, tolerance_wh)
    yield CurveFinding(CurveCause.UNKNOWN)


def _find_shifts(
    ours: OwnCurve, theirs: SharedCurve, tolerance_wh: float
) -> Iterator[CurveFinding]:
    """Find an hour too early or too late: always, or only in summer or in winter."""
    own = ours.shared
    stays = theirs.differs_from(own, tolerance_wh)
    for hours in (1, -1):
        moved = theirs.differs_from(own.shift(hours), tolerance_wh)
        if not moved.any():
            yield CurveFinding(CurveCause.SHIFTED, shift_hours=hours)
        for season in (ours.is_summer, ~ours.is_summer):
            # The hours beside the change itself belong to neither.
            inner = season & _shift_hours(season, 1) & _shift_hours(season, -1)
            if not moved[inner].any() and not stays[~season].any():
                yield CurveFinding(CurveCause.CLOCK_CHANGE, shift_hours=hours)


def _read_coefficient(ours: OwnCurve, theirs: SharedCurve) -> float | None:
    """Tell what share of the generation theirs was allocated; their sum is the best reading."""
    hours = own_hours(theirs) & (ours.generation_wh > 0)
    allocated = imply_allocation(ours, theirs)[hours]
    generated = float(ours.generation_wh[hours].sum())
    return float(allocated.sum()) / generated if generated else None


def imply_allocation(ours: OwnCurve, theirs: SharedCurve) -> WattHours:
    """Tell what a distributor must have allocated, hour by hour.

    Parameters
    ----------
    ours : OwnCurve
        Consumption at the boundary meter.
    theirs : SharedCurve
        The distributor's.

    Returns
    -------
    ndarray, shape (n_hours,)
        Consumption less what came from the grid, and the surplus [Wh].

    Examples
    --------
    >>> own = OwnCurve(np.array([500.0]), np.zeros(1), np.zeros(1), np.zeros(1, np.bool_))
    >>> imply_allocation(own, SharedCurve(np.array([200.0]), np.array([0.0]))).tolist()
    [300.0]
    """
    return ours.consumption_wh - theirs.grid_wh + theirs.surplus_wh


def _counts_kwh(theirs: SharedCurve) -> bool:
    energies = np.concatenate([theirs.grid_wh, theirs.surplus_wh])
    return not (np.nan_to_num(energies) % _WHOLE_KWH).any()


def _shift(values: WattHours, hours: int) -> WattHours:
    moved = np.roll(values, hours)
    moved[slice(None, hours) if hours > 0 else slice(hours, None)] = np.nan
    return moved


def _shift_hours(season: Hours, hours: int) -> Hours:
    moved = np.roll(season, hours)
    moved[slice(None, hours) if hours > 0 else slice(hours, None)] = True
    return moved


def share_generation(
    betas: NDArray[np.float64], implied_wh: WattHours, *, tolerance_wh: float = 1.0
) -> bool:
    """Tell whether all supply points were allocated by their coefficients of one generation.

    Parameters
    ----------
    betas : ndarray, shape (n_points,)
        Coefficients, above zero.
    implied_wh : ndarray, shape (n_points, n_hours)
        What each was allocated; NaN where it is not known [Wh].
    tolerance_wh : float
        How far an hour may be off [Wh].

    Returns
    -------
    bool
        Whether a generation that is not ours explains all of them; never of a single one.

    Examples
    --------
    >>> share_generation(np.array([0.25, 0.75]), np.array([[250.0], [750.0]]))
    True
    """
    if len(betas) <= 1:
        return False
    low = (implied_wh - tolerance_wh) / betas[:, np.newaxis]
    high = (implied_wh + tolerance_wh) / betas[:, np.newaxis]
    known = ~np.isnan(low).any(axis=0)
    return bool(known.any() and (low.max(axis=0)[known] <= high.min(axis=0)[known]).all())
