"""The nearest coefficients on the grid, for many classes at once: see ``projection.py``."""

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.problem import Millionths, Shares


def project_rows_to_grid(
    target: Shares, lower: Millionths, upper: Millionths, precedence: NDArray[np.intp]
) -> Millionths:
    """Move every row of a table of wishes into its box, onto whole millionths that sum to one.

    Parameters
    ----------
    target : ndarray, shape (n_rows, n_members)
        The wishes [1].
    lower, upper : ndarray of int64, shape (n_rows, n_members)
        The boxes, whose sums enclose one [millionths].
    precedence : ndarray of int, shape (n_members,)
        Where two are equally near, the lowest number gets the millionth.

    Returns
    -------
    ndarray of int64, shape (n_rows, n_members)
        Row by row what ``project_to_grid`` gives.

    Examples
    --------
    >>> box = np.zeros((2, 3), int), np.full((2, 3), MILLIONTHS)
    >>> project_rows_to_grid(np.full((2, 3), 1 / 3), *box, np.arange(3)).tolist()
    [[333334, 333333, 333333], [333334, 333333, 333333]]
    """
    nearest = _project_rows(target, lower / MILLIONTHS, upper / MILLIONTHS)
    grid = np.clip(np.floor(nearest * MILLIONTHS).astype(np.int64), lower, upper)
    open_rows = np.flatnonzero(grid.sum(axis=1) != MILLIONTHS)
    while open_rows.size:
        box = lower[open_rows], upper[open_rows]
        grid[open_rows] += _choose_steps(grid[open_rows], target[open_rows], box, precedence)
        open_rows = open_rows[grid[open_rows].sum(axis=1) != MILLIONTHS]
    return grid


def _project_rows(target: Shares, lower: Shares, upper: Shares) -> Shares:
    """Shift every row by what makes its clipped sum one, following the sum from edge to edge."""
    edges = np.concatenate((lower - target, upper - target), axis=1)
    order = np.argsort(edges, axis=1)
    edges = np.take_along_axis(edges, order, axis=1)
    moving = np.cumsum(np.where(order < target.shape[1], 1.0, -1.0), axis=1)
    rises = np.cumsum(moving[:, :-1] * np.diff(edges, axis=1), axis=1)
    start = lower.sum(axis=1, keepdims=True)
    sums = np.concatenate((start, start + rises), axis=1)
    after = np.clip((sums < 1).sum(axis=1, keepdims=True), 1, sums.shape[1] - 1)
    (low, high), (left, right) = (
        [np.take_along_axis(table, place, axis=1) for place in (after - 1, after)]
        for table in (sums, edges)
    )
    part = np.divide(1 - low, high - low, out=np.zeros_like(low), where=high > low)
    shift = left + np.clip(part, 0.0, 1.0) * (right - left)
    nearest: Shares = np.clip(target + shift, lower, upper)
    return nearest


def _choose_steps(
    grid: Millionths,
    target: Shares,
    box: tuple[Millionths, Millionths],
    precedence: NDArray[np.intp],
) -> Millionths:
    """Choose who goes a millionth up, or down, where the sum is not one: the farthest first."""
    missing = MILLIONTHS - grid.sum(axis=1, keepdims=True)
    step = np.sign(missing)
    free = np.where(step > 0, grid < box[1], grid > box[0])
    excess = np.where(free, np.round(step * (grid - target * MILLIONTHS), 6), np.inf)
    order = np.lexsort((step * precedence, excess), axis=1)
    rank = np.argsort(order, axis=1)
    return np.where(free & (rank < np.abs(missing)), step, 0)
