"""Of all coefficients in a box with a given sum, the nearest to a wish, by least squares."""

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.problem import Millionths, Shares


def project_shares(target: Shares, lower: Shares, upper: Shares, total: float = 1.0) -> Shares:
    """Move a wish into a box and onto a sum, as little as possible.

    Parameters
    ----------
    target, lower, upper : ndarray, shape (n_members,)
        The wish and the box, whose sums enclose the total [1].
    total : float
        What the result sums to [1].

    Returns
    -------
    ndarray, shape (n_members,)
        ``clip(target + shift, lower, upper)`` with the one shift that makes the sum right.

    Notes
    -----
    The sum rises with the shift, piecewise linearly: it is followed from edge to edge of the box.

    Examples
    --------
    >>> project_shares(np.array([0.2, 0.2]), np.zeros(2), np.array([1.0, 0.3])).tolist()
    [0.7, 0.3]
    """
    edges = np.concatenate((lower - target, upper - target))
    order = np.argsort(edges)
    still_moving = np.cumsum(np.repeat([1.0, -1.0], target.size)[order])
    steps = still_moving[:-1] * np.diff(edges[order])
    sums = lower.sum() + np.append(0.0, np.cumsum(steps))
    shift = np.interp(total, sums, edges[order])
    return np.clip(target + shift, lower, upper)


def project_to_grid(
    target: Shares,
    lower: Millionths,
    upper: Millionths,
    precedence: NDArray[np.intp],
    *,
    parts: int = MILLIONTHS,
) -> Millionths:
    """Move a wish into a box of whole parts of one whose sum is exactly one.

    Parameters
    ----------
    target : ndarray, shape (n_members,)
        The wish [1].
    lower, upper : ndarray of int64, shape (n_members,)
        The box, whose sums enclose one [parts].
    precedence : ndarray of int, shape (n_members,)
        Where two are equally near, the lowest number gets the part.
    parts : int
        Parts that make one.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        The nearest grid point by least squares.

    Examples
    --------
    >>> box = np.zeros(3, int), np.full(3, MILLIONTHS)
    >>> project_to_grid(np.full(3, 1 / 3), *box, np.array([0, 1, 2])).tolist()
    [333334, 333333, 333333]
    """
    nearest = project_shares(target, lower / parts, upper / parts)
    grid = np.clip(np.floor(nearest * parts).astype(np.int64), lower, upper)
    missing = parts - int(grid.sum())
    step = 1 if missing > 0 else -1
    while missing:
        free = np.flatnonzero(grid < upper) if step > 0 else np.flatnonzero(grid > lower)
        excess = np.round(step * (grid[free] - target[free] * parts), 6)
        chosen = free[np.lexsort((step * precedence[free], excess))][: abs(missing)]
        grid[chosen] += step
        missing -= step * chosen.size
    return grid
