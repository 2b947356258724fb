"""Describe simulated bills as JSON values: amounts as text, energy in kWh to three decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from api.services.bills.remarks import REMARK_TEXTS
from api.services.bills.simulated_bills import SimulatedBills
from api.services.bills.used_figures import UsedFigure
from models.values.money import from_cents
from models.values.period import Period
from planner.billing.retail.bill_lines import BillLine

_KWH_DECIMALS = 3


def describe_bills(bills: SimulatedBills) -> dict[str, Any]:
    """Describe the bills of a supply point.

    Parameters
    ----------
    bills : SimulatedBills
        As they were simulated.

    Returns
    -------
    dict
        Contract, basis of the coefficients, totals with their causes, every bill with its lines
        with self-consumption and without, the figures of law and the remarks.
    """
    days = bills.bill_days
    return {
        "cups": bills.point.cups,
        "tariff": bills.point.tariff.value,
        "contract": bills.contract,
        "basis": None if bills.basis is None else bills.basis.value,
        "start": days[0].start.isoformat(),
        "end": None if days[-1].end is None else days[-1].end.isoformat(),
        "total": describe_amounts(bills, range(len(days))),
        "bills": [
            {
                **_describe_period(period),
                **describe_amounts(bills, [place]),
                "lines": [describe_line(line) for line in bills.list_lines(place)],
                "lines_without": [
                    describe_line(line) for line in bills.list_lines(place, sharing=False)
                ],
            }
            for place, period in enumerate(days)
        ],
        "figures": [describe_figure(figure) for figure in bills.figures],
        "remarks": [{"code": each.value, "text": REMARK_TEXTS[each]} for each in bills.remarks],
    }


def describe_amounts(bills: SimulatedBills, places: Sequence[int]) -> dict[str, Any]:
    """Sum some bills.

    Parameters
    ----------
    bills : SimulatedBills
        As they were simulated.
    places : sequence of int
        Which bills.

    Returns
    -------
    dict
        Energy [kWh], and amounts without self-consumption, with it and between them by cause.
    """
    chosen = list(places)
    without = int(bills.without_cents[chosen].sum())
    sharing = int(bills.sharing_cents[chosen].sum())
    energy = {
        name: round(float(kwh[chosen].sum()), _KWH_DECIMALS)
        for name, kwh in bills.energy_kwh.items()
    }
    return {
        **energy,
        "without_eur": str(from_cents(without)),
        "sharing_eur": str(from_cents(sharing)),
        "saved_eur": str(from_cents(without - sharing)),
        "saved_by_cause": {
            cause.value: str(from_cents(int(cents[chosen].sum())))
            for cause, cents in bills.saved_cents.items()
        },
    }


def describe_line(line: BillLine) -> dict[str, Any]:
    """Describe a line of a bill.

    Parameters
    ----------
    line : BillLine
        The line.

    Returns
    -------
    dict
        Everything that is needed to multiply it out.
    """
    return {
        "kind": line.kind.value,
        "tariff_period": line.tariff_period,
        **_describe_period(line.days),
        "quantity": _plain(line.quantity),
        "unit": line.unit,
        "unit_price": None if line.unit_price is None else _plain(line.unit_price),
        "price_per": None if line.price_per is None else line.price_per.value,
        "year_days": line.year_days,
        "sales_tax": None if line.sales_tax is None else line.sales_tax.value,
        "amount_eur": str(line.amount_eur),
    }


def describe_figure(figure: UsedFigure) -> dict[str, Any]:
    """Describe a figure of law.

    Parameters
    ----------
    figure : UsedFigure
        As bills took it.

    Returns
    -------
    dict
        Its values, days, source and certainty, and what it is under an assumption.
    """
    return {
        "name": figure.name,
        "values": write_values(figure),
        "unit": figure.unit,
        "condition": figure.condition,
        "source": figure.source,
        "valid_from": figure.period.start.isoformat(),
        "valid_until": None if figure.period.end is None else figure.period.end.isoformat(),
        "certainty": figure.certainty.value,
        "assuming": {name.value: _plain(value) for name, value in figure.alternatives},
    }


def write_values(figure: UsedFigure) -> list[str]:
    """Write a figure of law exactly.

    Parameters
    ----------
    figure : UsedFigure
        As bills took it.

    Returns
    -------
    list of str
        One, or one by tariff period.
    """
    return [_plain(value) for value in figure.values]


def _describe_period(days: Period) -> dict[str, Any]:
    return {
        "start": days.start.isoformat(),
        "end": None if days.end is None else days.end.isoformat(),
    }


def _plain(figure: Decimal) -> str:
    """Write a number without an exponent."""
    return f"{figure:f}"
