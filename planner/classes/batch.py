"""Classes of a few intervals, thousands at once: the exact method in whole tables.

A class of an hour or two has so few breakpoints that arrays of classes, members and breakpoints
are sorted at once. The method is that of ``solve_exactly`` and ``round_with_least_loss``: fill
the steepest pieces first, off the grid for the bound and on it for the coefficients.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.classes.batch_projection import project_rows_to_grid
from planner.coefficients.problem import Millionths, Shares

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ClassBatch:
    """Classes with equally many intervals.

    Attributes
    ----------
    consumption_kwh : ndarray, shape (n_classes, n_members, n_steps)
        Boundary meter readings [kWh].
    generation_kwh : ndarray, shape (n_classes, 1, n_steps)
        Net generation, at least zero [kWh].
    used_worth, spilled_worth : ndarray, shape (n_classes, 1 or n_members, n_steps)
        Worth of a kWh used, at least that of a kWh spilled.
    lower, upper : ndarray of int64, shape (n_classes, n_members)
        Feasible limits [millionths].
    target : ndarray, shape (n_classes, n_members)
        Of several optima, the one nearest to these coefficients is chosen [1].
    precedence : ndarray of int, shape (n_members,)
        Who goes first where even that leaves a choice.
    """

    consumption_kwh: Values
    generation_kwh: Values
    used_worth: Values
    spilled_worth: Values
    lower: Millionths
    upper: Millionths
    target: Shares
    precedence: NDArray[np.intp]

    @property
    def bends(self) -> Values:
        """Where each member is saturated in each interval; one where it never is."""
        in_sun = self.generation_kwh > 0
        generation = np.where(in_sun, self.generation_kwh, 1.0)
        return np.where(in_sun, np.minimum(self.consumption_kwh / generation, 1.0), 1.0)

    def value_at(self, points: Shares) -> Values:
        """Evaluate each member's worth at coefficients of shape (n_classes, n_members, any)."""
        total = np.zeros(points.shape)
        for step in range(self.generation_kwh.shape[2]):
            this = np.s_[:, :, step, np.newaxis]
            allocated = points * self.generation_kwh[this]
            used = np.minimum(allocated, self.consumption_kwh[this])
            spilled_worth = self.spilled_worth[this]
            total += (self.used_worth[this] - spilled_worth) * used + spilled_worth * allocated
        return total


def solve_batch(batch: ClassBatch) -> tuple[Millionths, Values]:
    """Find the best coefficients of every class on the grid, and bound each class.

    Parameters
    ----------
    batch : ClassBatch
        Classes, each a problem of its own.

    Returns
    -------
    tuple of two ndarrays
        Coefficients, shape (n_classes, n_members) [millionths]: an optimum on the grid, of
        several the nearest to the target. Bounds, shape (n_classes,): what no coefficients pass.
    """
    return _fill_grid(batch), _prove_bounds(batch)


def _prove_bounds(batch: ClassBatch) -> Values:
    """Bound each class by weak duality at the price of the last piece that fits."""
    low, high = (edge[:, :, np.newaxis] / MILLIONTHS for edge in (batch.lower, batch.upper))
    points = np.sort(np.concatenate((low, np.clip(batch.bends, low, high), high), axis=2), axis=2)
    values = batch.value_at(points)
    slopes, widths = _cut_pieces(points, values)
    price = _find_last(slopes, widths, 1 - low.sum(axis=(1, 2)))
    # Nothing is left to choose where no piece has a width: then any price proves the bound.
    price = np.where(np.isfinite(price), price, 0.0)
    best = (values - price[:, np.newaxis, np.newaxis] * points).max(axis=2)
    bounds: Values = price + best.sum(axis=1)
    return bounds


def _fill_grid(batch: ClassBatch) -> Millionths:
    """Take all millionths that gain more than the last one; share those that gain as much."""
    low, high = (edge[:, :, np.newaxis] for edge in (batch.lower, batch.upper))
    bends = batch.bends * MILLIONTHS
    corners = np.concatenate((np.floor(bends), np.ceil(bends)), axis=2).astype(np.int64)
    points = np.sort(np.concatenate((low, np.clip(corners, low, high), high), axis=2), axis=2)
    values = batch.value_at(points / MILLIONTHS)
    gains, widths = _cut_pieces(points, values)
    last = _find_last(gains, widths, MILLIONTHS - low.sum(axis=(1, 2)))[:, np.newaxis, np.newaxis]
    noise = _measure_noise(gains, values)
    surely = batch.lower + np.where(gains > last + noise, widths, 0).sum(axis=2)
    at_most = batch.lower + np.where(gains >= last - noise, widths, 0).sum(axis=2)
    return project_rows_to_grid(batch.target, surely, at_most, batch.precedence)


def _cut_pieces(
    points: NDArray[np.int64] | Values, values: Values
) -> tuple[Values, NDArray[np.int64] | Values]:
    """Give slope and width of the pieces between points; those of no width are never worth it."""
    widths = np.diff(points, axis=2)
    gains = np.full(widths.shape, -np.inf)
    np.divide(np.diff(values, axis=2), widths, out=gains, where=widths > 0)
    return gains, widths


def _find_last(
    slopes: Values, widths: NDArray[np.int64] | Values, room: NDArray[np.int64] | Values
) -> Values:
    """Find the slope of the piece that fills the room, steepest first, class by class."""
    by_class = slopes.shape[0], -1
    slopes, widths = slopes.reshape(by_class), widths.reshape(by_class)
    order = np.argsort(-slopes, axis=1)
    filled = np.cumsum(np.take_along_axis(widths, order, axis=1), axis=1)
    short = filled < room[:, np.newaxis] - 1e-12
    place = np.minimum(short.sum(axis=1), order.shape[1] - 1)
    last = np.take_along_axis(order, place[:, np.newaxis], axis=1)
    return np.take_along_axis(slopes, last, axis=1)[:, 0]


def _measure_noise(gains: Values, values: Values) -> Values:
    """Tell how far apart two gains may be that are one: what float sums leave of equal ones."""
    steepest = np.abs(np.where(np.isfinite(gains), gains, 0.0)).max(axis=(1, 2), keepdims=True)
    top = np.abs(values).max(axis=(1, 2), keepdims=True)
    noise: Values = 1e-11 * steepest + 8 * np.finfo(float).eps * top
    return noise
