"""Segments joined into runs: days of a bill in which nothing that its lines need changes.

A border that changes nothing for a member is not seen on its bill, whoever needed it.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Number = TypeVar("_Number", np.int64, np.float64)


def sum_runs(values: NDArray[_Number], starts: NDArray[np.bool_]) -> NDArray[_Number]:
    """Sum over each run of segments.

    Parameters
    ----------
    values : ndarray of int64 or float64, shape (n_rows, n_segments, ...)
        What to sum.
    starts : ndarray of bool, shape (n_rows, n_segments)
        Whether a segment begins a run.

    Returns
    -------
    ndarray, shape of ``values``
        Each sum in the last segment of its run, zeros elsewhere.

    Examples
    --------
    >>> starts = np.array([[True, False, True]])
    >>> sum_runs(np.array([[1, 2, 4]]), starts).tolist()
    [[0, 3, 4]]
    """
    first = starts.reshape(starts.shape + (1,) * (values.ndim - 2))
    summed = values.copy()
    # A running sum, not differences of sums: floats lose nothing and whole numbers stay small.
    for segment in range(1, starts.shape[1]):
        is_joined = ~first[:, segment]
        summed[:, segment] += summed[:, segment - 1] * is_joined
        summed[:, segment - 1] *= ~is_joined
    return summed


def sum_bills(values: NDArray[_Number], bill_starts: NDArray[np.intp]) -> NDArray[_Number]:
    """Sum over the segments of each bill.

    Parameters
    ----------
    values : ndarray of int64 or float64, shape (n_rows, n_segments, ...)
        What to sum.
    bill_starts : ndarray of int, shape (n_bills,)
        First segment of each bill.

    Returns
    -------
    ndarray, shape (n_rows, n_bills, ...)
        Sums.

    Examples
    --------
    >>> sum_bills(np.array([[1, 2, 4]]), np.array([0, 2])).tolist()
    [[3, 4]]
    """
    return np.add.reduceat(values, bill_starts, axis=1)
