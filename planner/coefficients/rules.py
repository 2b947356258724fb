"""The rules that people use instead of a plan, to compare with."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.problem import Millionths, Shares


class Rule(StrEnum):
    """A simple way to share, by its name in files and reports."""

    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"
    INVESTMENT = "investment"
    CURRENT = "current"


def share_equally(n_members: int) -> Shares:
    """Give everybody the same.

    Parameters
    ----------
    n_members : int
        At least one.

    Returns
    -------
    ndarray, shape (n_members,)
        Coefficients [1].

    Examples
    --------
    >>> share_equally(4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return np.full(n_members, 1 / n_members)


def share_in_proportion(quantity: NDArray[np.float64]) -> Shares:
    """Share in proportion to a quantity, such as contracted power or a year's consumption.

    Parameters
    ----------
    quantity : ndarray, shape (n_members,)
        Not negative; if it is zero for all, everybody gets the same.

    Returns
    -------
    ndarray, shape (n_members,)
        Coefficients [1].

    Examples
    --------
    >>> share_in_proportion(np.array([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    total = quantity.sum()
    return quantity / total if total > 0 else share_equally(quantity.size)


def round_by_largest_remainder(shares: Shares, precedence: NDArray[np.intp]) -> Millionths:
    """Round coefficients to millionths that sum to exactly one.

    Parameters
    ----------
    shares : ndarray, shape (n_members,)
        Coefficients that sum to one but for rounding [1].
    precedence : ndarray of int, shape (n_members,)
        Equal remainders go up in this order, lowest number first.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        Millionths; each is the share rounded down or up.

    Examples
    --------
    >>> round_by_largest_remainder(np.full(3, 1 / 3), np.array([2, 0, 1])).tolist()
    [333333, 333334, 333333]
    """
    exact = shares * MILLIONTHS
    whole = np.floor(exact).astype(np.int64)
    # A share such as 0.07 may lie a hair below its own decimal: its remainder is a whole one.
    remainder = np.round(exact - whole, 6)
    first = np.lexsort((precedence, -remainder))
    whole[first[: MILLIONTHS - whole.sum()]] += 1
    return whole
