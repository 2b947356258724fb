"""A home's bill of January 2026 as a retailer types it, and a retailer who charges it anew."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

TypedBill = dict[str, Any]

_CENT = Decimal("0.01")
_PER_YEAR = {"day": 365, "month": 12, "year": 1}


def type_bill(cups: str) -> TypedBill:
    """Type the bill of the stored home with 62 kWh of surplus, which comes to 71.26 EUR."""
    bill = {
        "cups": cups,
        "start": "2026-01-01",
        "end": "2026-02-01",
        "line": [
            _line("power", period=1, quantity="4.6", price="27.704413", per="year", days=31),
            _line("power", period=2, quantity="4.6", price="0.725423", per="year", days=31),
            _line("energy", period=1, quantity="70", price="0.2"),
            _line("energy", period=2, quantity="80", price="0.15"),
            _line("energy", period=3, quantity="206.5", price="0.1"),
            _line("surplus", quantity="62", price="0.05"),
            _line("social-bonus-financing", price="0.019121225", per="day", days=31),
            _line("electricity-tax", percent="5.11269632"),
            _line("meter-rental", price="0.81", per="month", days=31),
            _line("sales-tax", percent="21"),
        ],
    }
    charge(bill)
    return bill


def _line(kind: str, **figures: Any) -> dict[str, Any]:
    return {"kind": kind, **figures}


def find_line(bill: TypedBill, kind: str, period: int | None = None) -> dict[str, Any]:
    """Find a line."""
    return next(
        line for line in bill["line"] if line["kind"] == kind and line.get("period") == period
    )


def charge(bill: TypedBill, *, keep: tuple[str, ...] = ()) -> None:
    """Charge every line by its figures, but kinds to keep, and sum them up."""
    for line in bill["line"]:
        kind = line["kind"]
        if kind in keep:
            continue
        if kind.endswith("tax"):
            before = bill["line"][: bill["line"].index(line)]
            line["base_eur"] = str(sum(Decimal(each["amount_eur"]) for each in before))
        line["amount_eur"] = str(_charge(line).quantize(_CENT, ROUND_HALF_UP))
    bill["total_eur"] = str(sum(Decimal(line["amount_eur"]) for line in bill["line"]))


def _charge(line: dict[str, Any]) -> Decimal:
    if "percent" in line:
        return Decimal(line["base_eur"]) * Decimal(line["percent"]) / 100
    if "price" not in line:
        return Decimal(line["amount_eur"])
    amount = Decimal(line.get("quantity", 1)) * Decimal(line["price"])
    if "days" in line:
        amount *= Decimal(line["days"] * _PER_YEAR[line["per"]]) / 365
    return -amount if line["kind"] in ("surplus", "fixed-discount") else amount
