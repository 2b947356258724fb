"""Each member's value curve: what a coefficient is worth to it, piecewise linear.

Self-consumed energy as a function of a constant coefficient bends down wherever the member is
saturated in one more interval: at ``C_h / G_h``. Savings in euros keep that concave shape as long
as energy costs at least what surplus earns, the monthly cap included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ValueCurve:
    """A piecewise linear function of one coefficient between 0 and 1.

    Attributes
    ----------
    knots : ndarray, shape (n_knots,)
        Where the curve may bend, ascending, from 0 to 1.
    slopes : ndarray, shape (n_knots - 1,)
        Value gained per unit of coefficient between two knots; never rising where it is concave.
    values : ndarray, shape (n_knots,)
        Value at each knot [kWh or EUR].
    """

    knots: Values
    slopes: Values
    values: Values

    def value_at(self, beta: float) -> float:
        """Evaluate the curve at one coefficient."""
        return float(np.interp(beta, self.knots, self.values))

    def scale(self, factor: float) -> "ValueCurve":
        """Count every unit of value a positive number of times."""
        if factor == 1:
            return self
        return ValueCurve(self.knots, factor * self.slopes, factor * self.values)

    def reach(self, price: float) -> float:
        """Find, on a concave curve, how far one more unit is worth more than a price."""
        return float(self.knots[np.searchsorted(-self.slopes, -price)])

    def reach_of_ties(self, price: float) -> float:
        """Find, on a concave curve, how far one more unit is worth at least a price."""
        return float(self.knots[np.searchsorted(-self.slopes, -price, side="right")])


def build_energy_curves(consumption_kwh: Values, generation_kwh: Values) -> tuple[ValueCurve, ...]:
    """Build each member's self-consumed energy as a function of its coefficient.

    Parameters
    ----------
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in kWh.

    Notes
    -----
    ``f(beta) = sum of min(beta G_h, C_h)``: knots ``C_h / G_h``, slope the generation of the
    intervals that are not saturated yet.

    Examples
    --------
    >>> curve, = build_energy_curves(np.array([[1.0, 3.0]]), np.array([4.0, 4.0]))
    >>> curve.value_at(0.25), curve.value_at(0.5), curve.value_at(1.0)
    (2.0, 3.0, 4.0)
    """
    daylight = generation_kwh > 0
    generation = generation_kwh[daylight]
    return tuple(_energy_curve(row[daylight], generation) for row in consumption_kwh)


def _energy_curve(consumption: Values, generation: Values) -> ValueCurve:
    """Sort one member's saturation points; suffix sums keep the last slope exactly zero."""
    ratio = consumption / generation
    within = ratio < 1
    order = np.argsort(ratio[within])
    knots = np.concatenate(([0.0], ratio[within][order], [1.0]))
    never_saturated = float(generation[~within].sum())
    still_open = np.cumsum(generation[within][order][::-1])[::-1]
    slopes = np.append(still_open, 0.0) + never_saturated
    return _curve(knots, slopes, 0.0)


def build_saving_curves(
    consumption_kwh: Values,
    generation_kwh: Values,
    energy_eur_per_kwh: Values,
    surplus_eur_per_kwh: Values,
    month_starts: NDArray[np.intp],
) -> tuple[ValueCurve, ...]:
    """Build each member's yearly saving as a function of its coefficient.

    Parameters
    ----------
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    energy_eur_per_kwh, surplus_eur_per_kwh : ndarray, shape (n_steps,)
        Prices [EUR/kWh]; they may be negative.
    month_starts : ndarray of int, shape (n_months,)
        First interval of each billing month.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in EUR; concave unless surplus earns more than energy costs in some interval.

    Notes
    -----
    Per month ``min(sum of (p - c) s + c beta G, sum of p C)``, the cap of RD 244/2019, article 14.

    Examples
    --------
    >>> curve, = build_saving_curves(np.array([[2.0]]), np.array([10.0]), np.array([0.2]),
    ...     np.array([0.1]), np.array([0]))
    >>> [round(curve.value_at(beta), 3) for beta in (0.1, 0.2, 0.3, 1.0)]
    [0.2, 0.4, 0.4, 0.4]
    """
    borders = np.append(month_starts, generation_kwh.size)
    months = [slice(start, end) for start, end in pairwise(borders)]
    return tuple(
        add_curves(
            [
                _month_curve(
                    row[month],
                    generation_kwh[month],
                    energy_eur_per_kwh[month],
                    surplus_eur_per_kwh[month],
                )
                for month in months
            ]
        )
        for row in consumption_kwh
    )


def _month_curve(
    consumption: Values, generation: Values, energy_price: Values, surplus_price: Values
) -> ValueCurve:
    """Build one member's saving in one month, capped at what its energy costs."""
    cap = float(energy_price @ consumption)
    daylight = generation > 0
    ratio = consumption[daylight] / generation[daylight]
    if_used = energy_price[daylight] * generation[daylight]
    if_surplus = surplus_price[daylight] * generation[daylight]
    within = ratio < 1
    order = np.argsort(ratio[within])
    used = np.append(np.cumsum(if_used[within][order][::-1])[::-1], 0.0)
    spilled = np.append(0.0, np.cumsum(if_surplus[within][order]))
    knots = np.concatenate(([0.0], ratio[within][order], [1.0]))
    slopes = used + spilled + float(if_used[~within].sum())
    return _cap_curve(_curve(knots, slopes, 0.0), cap)


def _cap_curve(curve: ValueCurve, cap: float) -> ValueCurve:
    """Cut a curve off at a ceiling, with a knot wherever it crosses."""
    above = curve.values > cap
    crossed = np.flatnonzero(above[:-1] != above[1:])
    crossings = curve.knots[crossed] + (cap - curve.values[crossed]) / curve.slopes[crossed]
    knots = np.insert(curve.knots, crossed + 1, crossings)
    values = np.minimum(np.insert(curve.values, crossed + 1, cap), cap)
    slopes = np.insert(curve.slopes, crossed, curve.slopes[crossed])
    slopes[(values[:-1] == cap) & (values[1:] == cap)] = 0.0
    return _curve(knots, slopes, float(values[0]))


def add_curves(curves: Sequence[ValueCurve]) -> ValueCurve:
    """Add curves of the same coefficient: the months of a year, the parts of a mix.

    Parameters
    ----------
    curves : sequence of ValueCurve
        At least one.

    Returns
    -------
    ValueCurve
        With the knots of all.

    Examples
    --------
    >>> knots, values = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0])
    >>> bent = ValueCurve(knots, np.array([2.0, 0.0]), values)
    >>> add_curves([bent, bent]).value_at(0.25)
    1.0
    """
    knots = np.unique(np.concatenate([curve.knots for curve in curves]))
    slopes = np.sum(
        [c.slopes[np.searchsorted(c.knots[:-1], knots[:-1], side="right") - 1] for c in curves],
        axis=0,
    )
    start = float(sum(curve.values[0] for curve in curves))
    return _curve(knots, slopes, start)


def cover_concavely(curve: ValueCurve) -> ValueCurve:
    """Cover a curve by its least concave majorant, on which a bound stays proven.

    Parameters
    ----------
    curve : ValueCurve
        Any curve.

    Returns
    -------
    ValueCurve
        The upper hull of its knots; a curve that is concave already only loses rounding noise.

    Examples
    --------
    >>> knots, values = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 4.0])
    >>> cover_concavely(ValueCurve(knots, np.diff(values) / 0.5, values)).value_at(0.5)
    2.0
    """
    if (np.diff(curve.slopes) <= 0).all():
        return curve
    if is_concave(curve):
        falling = np.maximum.accumulate(curve.slopes[::-1])[::-1]
        return _curve(curve.knots, falling, float(curve.values[0]))
    corners: list[int] = []
    for point in range(curve.knots.size):
        while len(corners) > 1 and _chord(curve, corners[-2], point) >= _chord(
            curve, corners[-2], corners[-1]
        ):
            corners.pop()
        corners.append(point)
    knots, values = curve.knots[corners], curve.values[corners]
    return ValueCurve(knots=knots, slopes=np.diff(values) / np.diff(knots), values=values)


def is_concave(curve: ValueCurve) -> bool:
    """Tell whether a curve's slopes never rise, but for rounding noise.

    Parameters
    ----------
    curve : ValueCurve
        Any curve.

    Returns
    -------
    bool
        Whether it is its own least concave majorant.

    Examples
    --------
    >>> is_concave(ValueCurve(np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.0]), np.zeros(3)))
    False
    """
    noise = 1e-11 * float(np.abs(curve.slopes).max())
    return bool((np.diff(curve.slopes) <= noise).all())


def _chord(curve: ValueCurve, start: int, end: int) -> float:
    """Measure the slope between two knots."""
    rise = curve.values[end] - curve.values[start]
    return float(rise / (curve.knots[end] - curve.knots[start]))


def _curve(knots: Values, slopes: Values, start: float) -> ValueCurve:
    """Integrate slopes into values."""
    values = np.append(start, start + np.cumsum(slopes * np.diff(knots)))
    return ValueCurve(knots=knots, slopes=slopes, values=values)
