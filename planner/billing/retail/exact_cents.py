"""Whole numbers under every line: prices in billionths of a euro, rounded to cents once.

Products of whole watt-hours, watts, days and prices stay whole, so the arrays round exactly as a
line on paper does: halves away from zero (``models.values.money``).
"""

from collections.abc import Iterable
from decimal import Decimal
from math import prod

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError

Whole = NDArray[np.int64]
"""Whole numbers: cents, watt-hours, watts, days, or prices and shares times a power of ten."""

PRICE_DECIMALS = 9
"""Decimals that a price may have."""
SHARE_DECIMALS = 10
"""Decimals that a rate or a discount may have: 5.11269632 % has them all."""
PICO_EUR_PER_CENT = 10**10
"""Watt-hours times billionths of EUR/kWh are millionths of millionths of a euro."""

_LARGEST = 2**62


class InexactFigureError(InvalidDataError):
    """A price, rate or quantity has more decimals than bills are reckoned with.

    Attributes
    ----------
    figure : Decimal
        The figure.
    decimals : int
        How many it may have.
    """

    def __init__(self, figure: Decimal, decimals: int) -> None:
        super().__init__(f"{figure} is no number of at most {decimals} decimals and 18 digits")
        self.figure = figure
        self.decimals = decimals


class TooLargeBillError(InvalidDataError):
    """A product of energy or power, price and days passes 64 bits."""


def scale_figure(figure: Decimal, decimals: int) -> int:
    """Express a figure in whole units of its last decimal.

    Parameters
    ----------
    figure : Decimal
        Price, rate or quantity.
    decimals : int
        Decimals that it may have.

    Returns
    -------
    int
        The figure times ten to the power of ``decimals``.

    Raises
    ------
    InexactFigureError
        If it has more decimals, passes 18 digits or is no number.

    Examples
    --------
    >>> scale_figure(Decimal("0.097553"), 9)
    97553000
    """
    if not figure.is_finite() or abs(figure) >= Decimal(10) ** (18 - decimals):
        raise InexactFigureError(figure, decimals)
    scaled = figure.scaleb(decimals)
    if scaled != int(scaled):
        raise InexactFigureError(figure, decimals)
    return int(scaled)


def multiply_exactly(*factors: Whole) -> Whole:
    """Multiply whole numbers, refusing what 64 bits cannot hold.

    Parameters
    ----------
    *factors : ndarray of int64, shapes that broadcast
        At least one.

    Returns
    -------
    ndarray of int64
        The product.

    Raises
    ------
    TooLargeBillError
        If the largest factors together pass 2**62.

    Examples
    --------
    >>> multiply_exactly(np.array([3]), np.array([4, 5])).tolist()
    [12, 15]
    """
    if prod(int(np.abs(factor).max(initial=0)) for factor in factors) > _LARGEST:
        raise TooLargeBillError("a line of the bill is too large; bill shorter periods")
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def round_half_up(numerator: Whole, denominator: Whole | int) -> Whole:
    """Divide whole numbers and round, halves away from zero.

    Parameters
    ----------
    numerator : ndarray of int64
        Any.
    denominator : ndarray of int64 or int
        Above zero.

    Returns
    -------
    ndarray of int64
        Rounded quotients.

    Examples
    --------
    >>> round_half_up(np.array([5, -5, 4]), 10).tolist()
    [1, -1, 0]
    """
    size = np.abs(numerator)
    whole, rest = size // denominator, size % denominator
    return (np.sign(numerator) * (whole + (2 * rest >= denominator))).astype(np.int64)


def snap_to_whole(values: NDArray[np.float64], decimals: int) -> Whole:
    """Express sums of floats in whole units, halves up once the noise of summing is cut off.

    Parameters
    ----------
    values : ndarray of float64
        At least one millionth of a unit exact.
    decimals : int
        Decimals of the unit: 3 makes kilowatt-hours watt-hours.

    Returns
    -------
    ndarray of int64
        Whole units.

    Raises
    ------
    TooLargeBillError
        If a value is not finite or passes 2**62.

    Examples
    --------
    >>> snap_to_whole(np.array([0.1 + 0.2, 1.0004999999999]), 3).tolist()
    [300, 1001]
    """
    scaled = values * 10.0**decimals
    if not bool((np.abs(scaled) < float(_LARGEST)).all()):
        raise TooLargeBillError("a sum of energy or money is no number that a bill can hold")
    return np.floor(np.round(scaled, 6) + 0.5).astype(np.int64)


def scale_figures(figures: Iterable[Decimal], decimals: int) -> list[int]:
    """Express several figures in whole units of their last decimal.

    Parameters
    ----------
    figures : iterable of Decimal
        Prices, rates or quantities.
    decimals : int
        Decimals that each may have.

    Returns
    -------
    list of int
        The figures times ten to the power of ``decimals``.

    Examples
    --------
    >>> scale_figures([Decimal("3.45"), Decimal("4.6")], 3)
    [3450, 4600]
    """
    return [scale_figure(figure, decimals) for figure in figures]
