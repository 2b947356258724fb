"""The chart of a member's year: bars by month, and an axis that reads well."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from loaders.invoice_checks import UnfitInvoiceError
from loaders.invoice_pdf.number_forms import show_kwh

MOST_MONTHS = 13
"""Most months that a page has room for: a year, and the same month of the one before."""

_MOST_STEPS = 4
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class MonthEnergy:
    """A member's energy of one month.

    Attributes
    ----------
    month : date
        Its first day.
    from_sun_wh, from_grid_wh, surplus_wh : int
        Consumed from the plant, consumed from the grid, and left over [Wh].

    Raises
    ------
    UnfitInvoiceError
        If one is negative.
    """

    month: date
    from_sun_wh: int
    from_grid_wh: int
    surplus_wh: int

    def __post_init__(self) -> None:
        if min(self.from_sun_wh, self.from_grid_wh, self.surplus_wh) < 0:
            raise UnfitInvoiceError("chart", f"has negative energy in {self.month:%Y-%m}")


def describe_year(months: tuple[MonthEnergy, ...], texts: dict[str, Any]) -> dict[str, Any] | None:
    """Put the months into the form in which the template draws them.

    Parameters
    ----------
    months : tuple of MonthEnergy
        At most 13, in order; none draws no chart.
    texts : dict of str to Any
        Texts of the language.

    Returns
    -------
    dict of str to Any or None
        Bars, ticks and top of the axis, and the same in words for those who cannot see it.

    Raises
    ------
    UnfitInvoiceError
        If there are more months than the page has room for.
    """
    if not months:
        return None
    if len(months) > MOST_MONTHS:
        raise UnfitInvoiceError("chart", f"has {len(months)} months, more than {MOST_MONTHS}")
    greatest = max(max(each.from_sun_wh + each.from_grid_wh, each.surplus_wh) for each in months)
    step_wh = choose_step(greatest)
    n_steps = max(1, -(-greatest // step_wh))
    return {
        "top_wh": step_wh * n_steps,
        "ticks": [
            {"wh": step_wh * number, "label": show_kwh(step_wh * number, texts, 0)}
            for number in range(n_steps + 1)
        ],
        "months": [
            {
                "label": texts["months"][each.month.month - 1],
                "from_sun_wh": each.from_sun_wh,
                "from_grid_wh": each.from_grid_wh,
                "surplus_wh": each.surplus_wh,
            }
            for each in months
        ],
        "alt": _describe_in_words(months, texts),
    }


def choose_step(greatest_wh: int) -> int:
    """Choose the distance between the lines of an axis.

    Parameters
    ----------
    greatest_wh : int
        What the axis must reach [Wh].

    Returns
    -------
    int
        1, 2 or 5 times a power of ten, at least 1 kWh, of which four reach it [Wh].

    Examples
    --------
    >>> choose_step(312_400)
    100000
    """
    step_wh, power = 1_000, 1_000
    while step_wh * _MOST_STEPS < greatest_wh:
        nice = _NICE.index(step_wh // power) + 1
        power, nice = (power * 10, 0) if nice == len(_NICE) else (power, nice)
        step_wh = power * _NICE[nice]
    return step_wh


def _describe_in_words(months: tuple[MonthEnergy, ...], texts: dict[str, Any]) -> str:
    """Tell the chart month by month."""
    names = texts["energy"]
    return "; ".join(
        f"{texts['months'][each.month.month - 1]} {each.month.year}: "
        f"{names['from_sun']} {show_kwh(each.from_sun_wh, texts)} kWh, "
        f"{names['from_grid']} {show_kwh(each.from_grid_wh, texts)} kWh, "
        f"{names['surplus_bar']} {show_kwh(each.surplus_wh, texts)} kWh"
        for each in months
    )
