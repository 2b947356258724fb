"""Describe the yearly bills of a plan as JSON values: amounts as text."""

from datetime import date
from decimal import Decimal
from typing import Any

from api.services.bills.describe_bills import describe_figure
from api.services.bills.remarks import REMARK_TEXTS
from api.services.bills.used_figures import UsedFigure
from api.services.proposals.retail_plan import BilledPlan
from api.services.proposals.yearly_bills import Whole, YearlyBills
from models.regulation.assumptions import Assumption
from models.values.certainty import Certainty
from models.values.money import from_cents
from models.values.period import Period

_EVERYBODY = slice(None)


def describe_yearly_bills(billed: BilledPlan) -> dict[str, Any]:
    """Describe what all members pay together, and what the bills rest on.

    Parameters
    ----------
    billed : BilledPlan
        Bills, or why there are none.

    Returns
    -------
    dict
        ``reason`` alone where there are none; else totals [EUR], the law's year, figures of law
        that are not sure, and remarks.
    """
    bills = billed.bills
    if bills is None:
        return {"reason": billed.reason}
    return {
        **describe_amounts(bills),
        "law_year": bills.law_year,
        "n_assumed": sum(bills.are_assumed),
        "figures": [describe_figure(figure) for figure in bills.unsure_figures],
        "remarks": [{"code": each.value, "text": REMARK_TEXTS[each]} for each in bills.remarks],
    }


def describe_bill_of(bills: YearlyBills | None, row: int) -> dict[str, Any] | None:
    """Describe a member's year.

    Parameters
    ----------
    bills : YearlyBills or None
        Of all members, if they were made.
    row : int
        Which member.

    Returns
    -------
    dict or None
        The contract, whether it is assumed, and what the year costs [EUR].
    """
    if bills is None:
        return None
    return {
        "contract": bills.contracts[row],
        "is_assumed": bills.are_assumed[row],
        **describe_amounts(bills, slice(row, row + 1)),
    }


def describe_amounts(bills: YearlyBills, rows: slice = _EVERYBODY) -> dict[str, str | None]:
    """Sum bills without sharing, as it is, as proposed, and what is between them.

    Parameters
    ----------
    bills : YearlyBills
        Of all members.
    rows : slice
        Whose.

    Returns
    -------
    dict
        Amounts as text [EUR]; None for what coefficients in force would be needed for.
    """
    without, after = _sum(bills.without_cents[rows]), _sum(bills.after_cents[rows])
    before = None if bills.before_cents is None else _sum(bills.before_cents[rows])
    return {
        "without_eur": _write(without),
        "before_eur": None if before is None else _write(before),
        "after_eur": _write(after),
        "saving_eur": _write(without - after),
        "gain_eur": None if before is None else _write(before - after),
    }


def read_figure(stated: dict[str, Any]) -> UsedFigure:
    """Read a figure of law back.

    Parameters
    ----------
    stated : dict
        As ``describe_figure`` gave it.

    Returns
    -------
    UsedFigure
        The same figure.
    """
    end = stated["valid_until"]
    period = Period(
        date.fromisoformat(stated["valid_from"]), None if end is None else date.fromisoformat(end)
    )
    return UsedFigure(
        name=stated["name"],
        values=tuple(map(Decimal, stated["values"])),
        unit=stated["unit"],
        condition=stated["condition"],
        source=stated["source"],
        period=period,
        certainty=Certainty(stated["certainty"]),
        alternatives=tuple(
            (Assumption(name), Decimal(value)) for name, value in stated["assuming"].items()
        ),
    )


def _sum(cents: Whole) -> int:
    return int(cents.sum())


def _write(cents: int) -> str:
    return str(from_cents(cents))
