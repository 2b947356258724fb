"""Energy by member, segment of the bills and tariff period, in one pass over the intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError
from planner.billing.retail.billing_grid import BillingGrid

Values = NDArray[np.float64]

_MEMBERS_AT_ONCE = 32
"""So many members' month stays in the processor's cache."""


class ImpossibleReadingsError(InvalidDataError):
    """Readings, coefficients or price curves do not fit the grid, or hold what no meter gives."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnEnergy:
    """What some supplies drew from the grid and gave to it: the energy that is billed.

    Attributes
    ----------
    grid_kwh : ndarray, shape (n_rows, n_segments, n_periods)
        From the grid [kWh].
    surplus_kwh : ndarray, shape (n_rows, n_segments)
        Into the grid [kWh].
    grid_eur, surplus_eur : ndarray, shape (n_rows, n_segments, n_curves)
        The same at the price of each curve [EUR].
    curves : tuple of str, length n_curves
        Names of the price curves.
    """

    grid_kwh: Values
    surplus_kwh: Values
    grid_eur: Values
    surplus_eur: Values
    curves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EnergySums:
    """Sums from which bills with self-consumption and without are made.

    Attributes
    ----------
    consumption_kwh, self_consumed_kwh : ndarray, shape (n_members, n_segments, n_periods)
        Energy [kWh].
    allocated_kwh : ndarray, shape (n_members, n_segments)
        Share of the generation [kWh].
    consumption_eur, self_consumed_eur, allocated_eur : ndarray, shape \
(n_members, n_segments, n_curves)
        The same at the price of each curve [EUR].
    curves : tuple of str, length n_curves
        Names of the price curves.
    """

    consumption_kwh: Values
    self_consumed_kwh: Values
    allocated_kwh: Values
    consumption_eur: Values
    self_consumed_eur: Values
    allocated_eur: Values
    curves: tuple[str, ...]

    def without_sharing(self) -> DrawnEnergy:
        """Give what is billed if the members do not share."""
        return DrawnEnergy(
            grid_kwh=self.consumption_kwh,
            surplus_kwh=np.zeros_like(self.allocated_kwh),
            grid_eur=self.consumption_eur,
            surplus_eur=np.zeros_like(self.allocated_eur),
            curves=self.curves,
        )

    def with_sharing(self) -> DrawnEnergy:
        """Give what is billed if they share; rounding noise below zero is cut off."""
        surplus = self.allocated_kwh - self.self_consumed_kwh.sum(axis=2)
        return DrawnEnergy(
            grid_kwh=np.maximum(self.consumption_kwh - self.self_consumed_kwh, 0.0),
            surplus_kwh=np.maximum(surplus, 0.0),
            grid_eur=self.consumption_eur - self.self_consumed_eur,
            surplus_eur=self.allocated_eur - self.self_consumed_eur,
            curves=self.curves,
        )


def sum_shared_energy(
    grid: BillingGrid,
    beta: Values,
    generation_kwh: Values,
    consumption_kwh: Values,
    price_curves: Mapping[str, Values],
) -> EnergySums:
    """Split the generation and sum every member's energy by segment and tariff period.

    Parameters
    ----------
    grid : BillingGrid
        Segments and tariff periods.
    beta : ndarray, shape (n_members,) or (n_members, n_steps)
        Distribution coefficients [1], constant or of every interval.
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh]; below zero it counts as none.
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    price_curves : mapping of str to ndarray of shape (n_steps,)
        Prices of energy or surplus that follow the hour [EUR/kWh]; they may be negative.

    Returns
    -------
    EnergySums
        Not rounded.

    Raises
    ------
    ImpossibleReadingsError
        If a shape does not fit or a number is negative where it cannot be, or not finite.

    Notes
    -----
    RD 244/2019, Annex I: self-consumed energy is the lesser of share and consumption, interval
    by interval. One pass, segment by segment and some members at a time.

    Examples
    --------
    >>> from datetime import date
    >>> from models.values.period import Period
    >>> grid = BillingGrid(np.array([1, 3], np.uint8), 3, np.array([0, 2]),
    ...     (Period(date(2026, 1, 1), date(2026, 1, 2)),), np.array([0]))
    >>> sums = sum_shared_energy(grid, np.array([0.5]), np.array([0.0, 8.0]),
    ...     np.array([[1.0, 3.0]]), {})
    >>> sums.with_sharing().grid_kwh.tolist(), sums.with_sharing().surplus_kwh.tolist()
    ([[[1.0, 0.0, 0.0]]], [[1.0]])
    """
    _check_readings(grid, beta, generation_kwh, consumption_kwh)
    generation = np.maximum(generation_kwh, 0.0)

    def split(rows: slice, steps: slice) -> tuple[Values, Values, Values]:
        shares = beta[rows, np.newaxis] if beta.ndim == 1 else beta[rows, steps]
        allocated, consumption = shares * generation[steps], consumption_kwh[rows, steps]
        return consumption, np.minimum(allocated, consumption), allocated

    return _sum_blocks(grid, len(beta), split, price_curves)


def sum_metered_energy(
    grid: BillingGrid,
    consumption_kwh: Values,
    self_consumed_kwh: Values,
    allocated_kwh: Values,
    price_curves: Mapping[str, Values],
) -> EnergySums:
    """Sum energy that is split already, as a distributor's curves or several plants give it.

    Parameters
    ----------
    grid : BillingGrid
        Segments and tariff periods.
    consumption_kwh, self_consumed_kwh, allocated_kwh : ndarray, shape (n_members, n_steps)
        Energy [kWh]; the second is at most the others.
    price_curves : mapping of str to ndarray of shape (n_steps,)
        Prices of energy or surplus that follow the hour [EUR/kWh]; they may be negative.

    Returns
    -------
    EnergySums
        Not rounded.

    Raises
    ------
    ImpossibleReadingsError
        If a shape does not fit, a number is negative or not finite, or more is self-consumed
        than was allocated or consumed.

    Examples
    --------
    >>> from datetime import date
    >>> from models.values.period import Period
    >>> grid = BillingGrid(np.array([1, 3], np.uint8), 3, np.array([0, 2]),
    ...     (Period(date(2026, 1, 1), date(2026, 1, 2)),), np.array([0]))
    >>> one, two = np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]])
    >>> sum_metered_energy(grid, two, one, two, {}).with_sharing().surplus_kwh.tolist()
    [[1.0]]
    """
    for energy in (consumption_kwh, self_consumed_kwh, allocated_kwh):
        _check_readings(grid, np.zeros(len(consumption_kwh)), np.zeros(energy.shape[-1]), energy)
    if not bool((self_consumed_kwh <= np.minimum(consumption_kwh, allocated_kwh)).all()):
        raise ImpossibleReadingsError("more is self-consumed than was allocated or consumed")

    def cut(rows: slice, steps: slice) -> tuple[Values, Values, Values]:
        return (
            consumption_kwh[rows, steps],
            self_consumed_kwh[rows, steps],
            allocated_kwh[rows, steps],
        )

    return _sum_blocks(grid, len(consumption_kwh), cut, price_curves)


def stack_rows(drawn: Sequence[DrawnEnergy]) -> DrawnEnergy:
    """Put the rows of several scenarios one below the other, to be billed in one go.

    Parameters
    ----------
    drawn : sequence of DrawnEnergy
        At least one, all of the same curves.

    Returns
    -------
    DrawnEnergy
        Rows of the first, then of the second, and so on.

    Examples
    --------
    >>> one = DrawnEnergy(np.ones((1, 1, 3)), np.ones((1, 1)), *np.ones((2, 1, 1, 0)))
    >>> stack_rows([one, one]).grid_kwh.shape
    (2, 1, 3)
    """
    return DrawnEnergy(
        grid_kwh=np.concatenate([each.grid_kwh for each in drawn]),
        surplus_kwh=np.concatenate([each.surplus_kwh for each in drawn]),
        grid_eur=np.concatenate([each.grid_eur for each in drawn]),
        surplus_eur=np.concatenate([each.surplus_eur for each in drawn]),
        curves=drawn[0].curves,
    )


def index_to_market(
    market_eur_per_kwh: Values,
    loss_shares: Sequence[float],
    tariff_periods: NDArray[np.uint8],
) -> Values:
    """Raise a market's prices at the plant by the losses on the way to the meter.

    Parameters
    ----------
    market_eur_per_kwh : ndarray, shape (n_steps,)
        Price of the market, with what the retailer pays beside it [EUR/kWh].
    loss_shares : sequence of float, length n_periods
        Losses of each tariff period [1].
    tariff_periods : ndarray of uint8, shape (n_steps,)
        Period of every interval.

    Returns
    -------
    ndarray, shape (n_steps,)
        Price at the meter, before margin and tolls [EUR/kWh].

    Notes
    -----
    Circular 3/2020, article 11: standard losses by tariff and period.

    Examples
    --------
    >>> index_to_market(np.array([0.1, 0.1]), [0.5, 0.0, 1.0], np.array([1, 3], np.uint8))
    array([0.15, 0.2 ])
    """
    factors = 1.0 + np.asarray(loss_shares, dtype=np.float64)
    raised: Values = market_eur_per_kwh * factors[tariff_periods.astype(np.intp) - 1]
    return raised


_Split = Callable[[slice, slice], tuple[Values, Values, Values]]


def _sum_blocks(
    grid: BillingGrid, n_members: int, split: _Split, price_curves: Mapping[str, Values]
) -> EnergySums:
    """Weigh consumption, self-consumed and allocated energy by tariff period and by curve."""
    weights = _weigh_steps(grid, price_curves)
    sums = np.empty((3, n_members, grid.n_segments, len(weights)))
    borders = grid.segment_borders.tolist()
    for start in range(0, n_members, _MEMBERS_AT_ONCE):
        rows = slice(start, start + _MEMBERS_AT_ONCE)
        for segment in range(grid.n_segments):
            steps = slice(borders[segment], borders[segment + 1])
            for kind, energy in enumerate(split(rows, steps)):
                for place, weight in enumerate(weights):
                    sums[kind, rows, segment, place] = np.vecdot(energy, weight[steps])
    by_period, by_curve = sums[..., : grid.n_periods], sums[..., grid.n_periods :]
    return EnergySums(
        consumption_kwh=by_period[0],
        self_consumed_kwh=by_period[1],
        allocated_kwh=by_period[2].sum(axis=2),
        consumption_eur=by_curve[0],
        self_consumed_eur=by_curve[1],
        allocated_eur=by_curve[2],
        curves=tuple(price_curves),
    )


def _weigh_steps(grid: BillingGrid, price_curves: Mapping[str, Values]) -> Values:
    """Lay out ones where a tariff period is, then the prices, shape (n_weights, n_steps)."""
    n_steps = grid.tariff_periods.size
    for name, curve in price_curves.items():
        if curve.shape != (n_steps,) or not bool(np.isfinite(curve).all()):
            raise ImpossibleReadingsError(f"price curve {name} needs {n_steps} finite prices")
    periods = np.arange(1, grid.n_periods + 1)[:, np.newaxis] == grid.tariff_periods
    return np.vstack([periods.astype(np.float64), *price_curves.values()])


def _check_readings(grid: BillingGrid, beta: Values, generation: Values, energy: Values) -> None:
    """Make sure that shapes fit, and that a sum tells of every number."""
    n_steps = grid.tariff_periods.size
    shapes = [(len(energy),), (len(energy), n_steps)]
    if (
        energy.shape != shapes[1]
        or generation.shape != (n_steps,)
        or beta.shape not in shapes
        or not energy.size
    ):
        raise ImpossibleReadingsError(
            f"coefficients {beta.shape}, generation {generation.shape} and energy {energy.shape} "
            f"do not fit {n_steps} intervals"
        )
    totals = energy.sum(), np.abs(generation).sum(), beta.sum()
    if min(energy.min(), beta.min()) < 0 or not bool(np.isfinite(totals).all()):
        raise ImpossibleReadingsError("energy and coefficients are numbers of at least zero")
