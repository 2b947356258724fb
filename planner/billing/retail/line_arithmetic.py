"""How a line's amount follows from quantity and price: by unit, by share, by time."""

import numpy as np

from planner.billing.retail.bill_lines import LineArrays
from planner.billing.retail.exact_cents import (
    PICO_EUR_PER_CENT,
    SHARE_DECIMALS,
    Whole,
    multiply_exactly,
    round_half_up,
)

_NANO_EUR_PER_CENT = 10**7


def price_units(quantity: Whole, price: Whole) -> LineArrays:
    """Multiply thousandths of a unit by their price.

    Parameters
    ----------
    quantity, price : ndarray of int64, shapes that broadcast
        Wh, W or varh [1e-3]; prices a whole unit [1e-9 EUR].

    Returns
    -------
    LineArrays
        Amounts rounded to cents.

    Examples
    --------
    >>> price_units(np.array([[[2500]]]), np.array([[[200_000_000]]])).cents.tolist()
    [[[50]]]
    """
    amount = multiply_exactly(quantity, price)
    return LineArrays(round_half_up(amount, PICO_EUR_PER_CENT), quantity, price)


def price_power_days(
    power_w: Whole, price: Whole, per: Whole, days: Whole, year_days: Whole
) -> LineArrays:
    """Multiply power by a price for time and by days.

    Parameters
    ----------
    power_w, price : ndarray of int64, shape (n_rows, n_segments, n_power_periods)
        Power [W] and price a kW [1e-9 EUR].
    per : ndarray of int64, shape (n_rows, n_segments, 2)
        How many prices make a day or a year, and whether a year is spread over its days.
    days, year_days : ndarray of int64, shape (n_rows, n_segments)
        Days to bill, none but in the last segment of a run, and days of the year.

    Returns
    -------
    LineArrays
        Amounts rounded to cents.

    Examples
    --------
    >>> kw, eur, per = np.array([[[4500]]]), np.array([[[31_949_000_000]]]), np.array([[[1, 1]]])
    >>> price_power_days(kw, eur, per, np.array([[28]]), np.array([[365]])).cents.tolist()
    [[[1103]]]
    """
    times, divisor = _spread(per, days, year_days)
    power = power_w * (times > 0)[..., np.newaxis]
    amount = multiply_exactly(power, price, times[..., np.newaxis])
    cents = round_half_up(amount, PICO_EUR_PER_CENT * divisor[..., np.newaxis])
    return LineArrays(cents, power, price, np.broadcast_to(per, (*times.shape, 2)))


def price_days(fee: Whole, days: Whole, year_days: Whole) -> LineArrays:
    """Charge a fee for days.

    Parameters
    ----------
    fee : ndarray of int64, shape (n_rows, n_segments, 3)
        Price [1e-9 EUR], and what it is for as in ``price_power_days``.
    days, year_days : ndarray of int64, shape (n_rows, n_segments)
        Days to bill, none but in the last segment of a run, and days of the year.

    Returns
    -------
    LineArrays
        Amounts rounded to cents.

    Examples
    --------
    >>> monthly = np.array([[[810_000_000, 12, 1]]])
    >>> price_days(monthly, np.array([[31]]), np.array([[365]])).cents.tolist()
    [[[83]]]
    """
    price, per = fee[..., :1], fee[..., 1:]
    times, divisor = _spread(per, days, year_days)
    amount = multiply_exactly(price, times[..., np.newaxis])
    cents = round_half_up(amount, _NANO_EUR_PER_CENT * divisor[..., np.newaxis])
    return LineArrays(cents, days[..., np.newaxis] * (price != 0), price, per)


def _spread(per: Whole, days: Whole, year_days: Whole) -> tuple[Whole, Whole]:
    """Tell how many prices the days make, as a fraction."""
    return days * per[..., 0], np.where(per[..., 1] > 0, year_days, 1)


def take_share(cents: Whole, share: Whole) -> LineArrays:
    """Take a share of amounts.

    Parameters
    ----------
    cents, share : ndarray of int64, shape (n_rows, n_segments)
        Amounts [cents] and shares [1e-10], negative for a discount.

    Returns
    -------
    LineArrays
        Of one part, rounded to cents.

    Examples
    --------
    >>> take_share(np.array([[1050]]), np.array([[-1_000_000_000]])).cents.tolist()
    [[[-105]]]
    """
    taken = round_half_up(multiply_exactly(cents, share), 10**SHARE_DECIMALS)
    return LineArrays(taken[..., np.newaxis], cents[..., np.newaxis], share[..., np.newaxis])
