"""Each member's value curve: what a coefficient is worth to it, piecewise linear.

Self-consumed energy as a function of a constant coefficient bends down wherever the member is
saturated in one more interval: at ``C_h / G_h``. Savings in euros keep that concave shape as long
as energy costs at least what surplus earns, the monthly cap included: see ``saving_curves``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
        piece = self._find_piece(beta)
        beyond = beta - self.knots.item(piece)
        return self.values.item(piece) + self.slopes.item(piece) * beyond

    def slope_at(self, beta: float) -> float:
        """Tell what one more unit of coefficient is worth from here on; at one, up to here."""
        return self.slopes.item(self._find_piece(beta))

    def _find_piece(self, beta: float) -> int:
        return int(self.knots[1:-1].searchsorted(beta, side="right"))

    def scale(self, factor: float) -> "ValueCurve":
        """Count every unit of value a positive number of times."""
        if factor == 1:
            return self
        return ValueCurve(self.knots, factor * self.slopes, factor * self.values)

    def reach(self, price: float) -> float:
        """Find, on a concave curve, how far one more unit is worth more than a price."""
        return self.knots.item(self._count_steeper(price))

    def reach_of_ties(self, price: float) -> float:
        """Find, on a concave curve, how far one more unit is worth at least a price."""
        return self.knots.item(self._count_as_steep(price))

    def pieces_between(self, high: float, low: float) -> slice:
        """Find, on a concave curve, the pieces worth at most one price and at least another."""
        return slice(self._count_steeper(high), self._count_as_steep(low))

    def _count_steeper(self, price: float) -> int:
        # From the end, slopes lie as most curves sum them: the search copies nothing.
        return self.slopes.size - int(self.slopes[::-1].searchsorted(price, side="right"))

    def _count_as_steep(self, price: float) -> int:
        return self.slopes.size - int(self.slopes[::-1].searchsorted(price))


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
    daylight = np.flatnonzero(generation_kwh > 0)
    generation = generation_kwh[daylight]
    memory = np.empty((3, len(consumption_kwh), daylight.size + 2))
    return tuple(
        _energy_curve(row.take(daylight), generation, *memory[:, member])
        for member, row in enumerate(consumption_kwh)
    )


def _energy_curve(
    consumption: Values, generation: Values, knots: Values, rising: Values, values: Values
) -> ValueCurve:
    """Sort one member's saturation points; slopes are summed from the end.

    Summed so, the last slope is exactly zero where everything is saturated before one.
    """
    # Next to no generation saturates everybody at once: the quotient may pass all floats.
    with np.errstate(over="ignore"):
        ratio = consumption / generation
    order = sort_points(ratio)
    arrange_points(ratio, order, knots[1:-1])
    n_pieces = 1 + int(knots[1:-1].searchsorted(1.0))
    knots[0], knots[n_pieces] = 0.0, 1.0
    rising[0] = 0.0
    generation.take(order)[::-1].cumsum(out=rising[1:-1])
    slopes = rising[:-1][::-1][:n_pieces]
    return integrate_slopes(knots[: n_pieces + 1], slopes, 0.0, values[: n_pieces + 1])


def sort_points(points: Values) -> NDArray[np.int64]:
    """Order points of at least 0; those that differ by less than 2**-36 may change places.

    Parameters
    ----------
    points : ndarray, shape (n_points,)
        Coefficients [1].

    Returns
    -------
    ndarray of int, shape (n_points,)
        Their places in ascending order.

    Notes
    -----
    As integers, the bits of such floats sort alike. Their last bits make room for the position,
    so that a plain sort, which processors do many times faster, does the work of an argsort.

    Examples
    --------
    >>> sort_points(np.array([0.5, 0.25])).tolist()
    [1, 0]
    """
    last_bits = np.int64((1 << (points.size - 1).bit_length()) - 1)
    keys = points.view(np.int64) & ~last_bits
    keys |= np.arange(points.size)
    keys.sort()
    keys &= last_bits
    return keys


def arrange_points(points: Values, order: NDArray[np.int64], out: Values) -> None:
    """Take points in an order that may have misplaced the nearest, and place these too.

    Parameters
    ----------
    points : ndarray, shape (n_points,)
        Coefficients [1].
    order : ndarray of int, shape (n_points,)
        As ``sort_points`` gave it.
    out : ndarray, shape (n_points,)
        Where they go, ascending.
    """
    points.take(order, out=out, mode="clip")
    if (out[1:] < out[:-1]).any():
        out.sort()


def integrate_slopes(
    knots: Values, slopes: Values, start: float, values: Values | None = None
) -> ValueCurve:
    """Sum up what a curve of these slopes is worth at its knots.

    Parameters
    ----------
    knots : ndarray, shape (n_knots,)
        Ascending, from 0 to 1.
    slopes : ndarray, shape (n_knots - 1,)
        Between them.
    start : float
        Value at the first.
    values : ndarray, shape (n_knots,), optional
        Memory to use.

    Returns
    -------
    ValueCurve
        The curve.

    Examples
    --------
    >>> integrate_slopes(np.array([0.0, 0.5, 1.0]), np.array([2.0, 1.0]), 3.0).values.tolist()
    [3.0, 4.0, 4.5]
    """
    values = np.empty_like(knots) if values is None else values
    rises = knots[1:] - knots[:-1]
    rises *= slopes
    rises[0] += start
    values[0] = start
    rises.cumsum(out=values[1:])
    return ValueCurve(knots=knots, slopes=slopes, values=values)


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
    return integrate_slopes(knots, slopes, start)


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
    if _never_rises(curve.slopes):
        return curve
    if is_concave(curve):
        falling = np.maximum.accumulate(curve.slopes[::-1])[::-1]
        return integrate_slopes(curve.knots, falling, float(curve.values[0]))
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
    if _never_rises(curve.slopes):
        return True
    noise = 1e-11 * float(np.abs(curve.slopes).max())
    return bool((np.diff(curve.slopes) <= noise).all())


def _never_rises(slopes: Values) -> bool:
    return bool((slopes[1:] <= slopes[:-1]).all())


def _chord(curve: ValueCurve, start: int, end: int) -> float:
    """Measure the slope between two knots."""
    rise = curve.values[end] - curve.values[start]
    return float(rise / (curve.knots[end] - curve.knots[start]))
