"""Indices of evenness: how far apart the members' amounts are, in one number."""

import numpy as np
from numpy.typing import NDArray


def measure_gini(amounts: NDArray[np.float64]) -> float | None:
    """Measure the Gini index: the mean difference between two members over twice the mean.

    Parameters
    ----------
    amounts : ndarray, shape (n_members,)
        What each member gets, such as its yearly saving [EUR]; at least one member.

    Returns
    -------
    float or None
        0 if all get the same, zeros included; towards 1 the more one member gets. With negative
        amounts it may pass 1. None where amounts differ and do not sum to more than zero: there
        is no mean to compare differences with.

    Examples
    --------
    >>> measure_gini(np.array([1.0, 3.0]))
    0.25
    >>> measure_gini(np.array([0.0, 0.0, 0.0, 5.0]))
    0.75
    >>> measure_gini(np.zeros(3))
    0.0
    >>> measure_gini(np.array([-2.0, 1.0])) is None
    True
    """
    if _are_equal(amounts):
        return 0.0
    total = float(amounts.sum())
    if total <= 0:
        return None
    weights = 2 * np.arange(1, amounts.size + 1) - amounts.size - 1
    return float(weights @ np.sort(amounts)) / (amounts.size * total)


def measure_jain(amounts: NDArray[np.float64]) -> float | None:
    """Measure Jain's index: the squared sum over the number of members times the sum of squares.

    Parameters
    ----------
    amounts : ndarray, shape (n_members,)
        What each member gets, such as its yearly saving [EUR]; at least one member.

    Returns
    -------
    float or None
        1 if all get the same, zeros included; 1/n if one member gets everything. None where
        amounts differ and do not sum to more than zero: the square would hide the sign.

    Notes
    -----
    R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for Resource
    Allocation in Shared Computer Systems, DEC-TR-301, 1984.

    Examples
    --------
    >>> measure_jain(np.array([2.0, 2.0, 0.0, 0.0]))
    0.5
    >>> measure_jain(np.array([0.0, 0.0, 0.0, 5.0]))
    0.25
    >>> measure_jain(np.zeros(3))
    1.0
    """
    if _are_equal(amounts):
        return 1.0
    total = float(amounts.sum())
    if total <= 0:
        return None
    # Amounts by the greatest of them: their squares neither overflow nor vanish.
    scaled = amounts / np.abs(amounts).max()
    return float(scaled.sum() ** 2 / (amounts.size * (scaled**2).sum()))


def _are_equal(amounts: NDArray[np.float64]) -> bool:
    """Tell whether everybody gets the same."""
    return bool((amounts == amounts[0]).all())
