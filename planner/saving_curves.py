"""What a coefficient saves a member in a year: the monthly cap of compensation inside the curve.

Within a month the saving is the lesser of two curves, both of which bend where the member is
saturated: with all of its surplus paid for, and with as much as the limit lets through.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.curves import ValueCurve, arrange_points, integrate_slopes, sort_points
from planner.member_prices import Prices, list_rates

Values = NDArray[np.float64]

_WIDTH_OF_NOISE = 1e-14
"""Bends of two months that fall on one coefficient may differ by as much."""


def build_member_saving_curves(
    consumption_kwh: Values,
    generation_kwh: Values,
    prices: Prices,
    month_starts: NDArray[np.intp],
) -> tuple[ValueCurve, ...]:
    """Build each member's yearly saving at its own prices.

    Parameters
    ----------
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    prices : tuple of two ndarrays of shape (n_steps,), or MemberPrices
        Of everybody, or of each member [EUR/kWh].
    month_starts : ndarray of int, shape (n_months,)
        First interval of each billing month.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in EUR; see ``build_saving_curves``.
    """
    curves: dict[int, ValueCurve] = {}
    for rate in list_rates(prices, len(consumption_kwh)):
        of_rate = build_saving_curves(
            consumption_kwh[rate.members],
            generation_kwh,
            rate.energy,
            rate.surplus,
            month_starts,
            rate.ceiling,
        )
        curves |= zip(rate.members.tolist(), of_rate, strict=True)
    return tuple(curves[member] for member in range(len(consumption_kwh)))


def build_saving_curves(
    consumption_kwh: Values,
    generation_kwh: Values,
    energy_eur_per_kwh: Values,
    surplus_eur_per_kwh: Values,
    month_starts: NDArray[np.intp],
    ceiling_eur_per_kwh: Values | None = None,
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
    ceiling_eur_per_kwh : ndarray, shape (n_steps,), optional
        What a kWh from the grid adds to the limit of the compensation, its price by default.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in EUR; concave unless surplus earns more than energy costs in some interval, or
        the ceiling is above the price of energy.

    Notes
    -----
    Per month ``min(sum of (p - c) s + c beta G, sum of (p - k) s + k C)``, the cap of RD 244/2019,
    article 14; ``k`` is the ceiling, which most contracts have where the price ``p`` is.

    Examples
    --------
    >>> curve, = build_saving_curves(np.array([[2.0]]), np.array([10.0]), np.array([0.2]),
    ...     np.array([0.1]), np.array([0]))
    >>> [round(curve.value_at(beta), 3) for beta in (0.1, 0.2, 0.3, 1.0)]
    [0.2, 0.4, 0.4, 0.4]
    """
    ceiling = energy_eur_per_kwh if ceiling_eur_per_kwh is None else ceiling_eur_per_kwh
    months = _lay_out_months(
        generation_kwh,
        energy_eur_per_kwh - surplus_eur_per_kwh,
        surplus_eur_per_kwh,
        energy_eur_per_kwh - ceiling,
        month_starts,
    )
    borders = [*month_starts.tolist(), generation_kwh.size]
    caps = np.stack([consumption_kwh[:, a:z] @ ceiling[a:z] for a, z in pairwise(borders)], axis=1)
    return tuple(
        _saving_curve(row, months, cap) for row, cap in zip(consumption_kwh, caps, strict=True)
    )


class _Months(NamedTuple):
    """The intervals with generation by month, each month between a point at 0 and one at 1.

    ``steps`` and ``generation`` of those two are fillers; ``falls`` is how much the slope falls
    where a member is saturated, ``surplus`` each month's slope once it is saturated throughout.
    ``limit_falls`` is how much the slope under the limit falls there, None where that is nothing.
    """

    steps: NDArray[np.intp]
    generation: Values
    falls: Values
    limit_falls: Values | None
    month: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    inner: NDArray[np.intp]
    surplus: Values


def _lay_out_months(
    generation: Values,
    premium: Values,
    surplus_price: Values,
    beyond_limit: Values,
    month_starts: NDArray[np.intp],
) -> _Months:
    """Lay out what the curves of all members share."""
    daylight = np.flatnonzero(generation > 0)
    borders = np.searchsorted(daylight, np.append(month_starts, generation.size))
    n_points = np.diff(borders) + 2
    last = np.cumsum(n_points) - 1
    first = last - n_points + 1
    inner = np.delete(np.arange(n_points.sum()), np.concatenate((first, last)))
    steps = np.zeros(n_points.sum(), dtype=np.intp)
    steps[inner] = daylight
    at_points, (falls, limit_falls) = np.ones(steps.size), np.zeros((2, steps.size))
    at_points[inner] = generation[daylight]
    falls[inner] = (premium * generation)[daylight]
    limit_falls[inner] = (beyond_limit * generation)[daylight]
    month = np.repeat(np.arange(month_starts.size), n_points)
    surplus = np.zeros(month_starts.size)
    np.add.at(surplus, month[inner], (surplus_price * generation)[daylight])
    limits = limit_falls if limit_falls.any() else None
    return _Months(steps, at_points, falls, limits, month, first, last, inner, surplus)


def _saving_curve(consumption: Values, months: _Months, caps: Values) -> ValueCurve:
    """Build one member's saving: slopes and caps within each month, then all months as one."""
    with np.errstate(over="ignore"):
        points = np.minimum(consumption[months.steps] / months.generation, 1.0)
    points[months.first], points[months.last] = 0.0, 1.0
    spans = zip(months.first.tolist(), months.last.tolist(), strict=True)
    order = np.concatenate([a + sort_points(points[a : z + 1]) for a, z in spans])
    points = points[order]
    slopes = _sum_falls(months.falls, months.surplus, order, months)
    limit_slopes = None
    if months.limit_falls is not None:
        nothing = np.zeros_like(months.surplus)
        limit_slopes = _sum_falls(months.limit_falls, nothing, order, months)
    bends, falls, last_slope = _cap_months(points, slopes, limit_slopes, months, caps)
    return _join_bends(bends, falls, last_slope, start=float(np.minimum(caps, 0.0).sum()))


def _sum_falls(falls: Values, at_last: Values, order: NDArray[np.int64], months: _Months) -> Values:
    """Sum each month's slopes from its end, where they are given."""
    unsaturated = np.append(0.0, np.cumsum(falls[order[::-1]]))[::-1]
    at_end = at_last - unsaturated[months.last + 1]
    slopes: Values = unsaturated[1:] + at_end[months.month]
    return slopes


def _cap_months(
    points: Values, slopes: Values, limit_slopes: Values | None, months: _Months, caps: Values
) -> tuple[Values, Values, float]:
    """Bend each month to its limit above it; return where slopes fall, by how much, the last."""
    limited = np.zeros(1) if limit_slopes is None else limit_slopes
    nearing = slopes if limit_slopes is None else slopes - limit_slopes
    gained = np.append(0.0, np.diff(points) * nearing[:-1])
    gained[months.first] = 0.0
    saved = np.cumsum(gained)
    excess = saved - (saved[months.first] + caps)[months.month]
    capped = excess > 0
    opening = np.where(capped, limited, slopes)
    closing = np.where(np.append(capped[1:], True), limited, slopes)
    crossed = np.flatnonzero(capped[:-1] != capped[1:])
    crossed = crossed[months.month[crossed] == months.month[crossed + 1]]
    crossings = points[crossed] - excess[crossed] / nearing[crossed]
    return (
        np.concatenate((points[months.inner], np.minimum(crossings, 1.0))),
        np.concatenate(
            (closing[months.inner - 1] - opening[months.inner], (opening - closing)[crossed])
        ),
        float(closing[months.last - 1].sum()),
    )


def _join_bends(bends: Values, falls: Values, last_slope: float, start: float) -> ValueCurve:
    """Make one curve of bends in any order; slopes are summed from the end."""
    order = sort_points(bends)
    knots = np.empty(bends.size + 2)
    knots[0], knots[-1] = 0.0, 1.0
    arrange_points(bends, order, knots[1:-1])
    rising = np.cumsum(np.append(last_slope, falls[order[::-1]]))
    wide = knots[1:] - knots[:-1] > _WIDTH_OF_NOISE
    slopes = rising[wide[::-1]][::-1]
    knots = np.append(knots[:-1][wide], 1.0)
    knots[0] = 0.0
    return integrate_slopes(knots, slopes, start)
