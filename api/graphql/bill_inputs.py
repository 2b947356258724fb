"""Retailers' bills as callers type them."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry

from api.graphql.enums import describe
from api.graphql.scalars import Euro
from api.services.bills.contract_document import Per
from api.services.bills.simulated_bills import LineKind
from api.services.checks.bill_document import Readings, RetailBillDocument, parse_bill
from models.values.cups import Cups

describe(
    Readings,
    "How a retailer says that the energy was read.",
    REAL="From the meter.",
    ESTIMATED="By an estimate, which a later bill regularises.",
)

_EXACT = "as exact decimal text"


@strawberry.input(description="A line of a retailer's bill.")
class RetailBillLineInput:
    """What is printed of it."""

    kind: LineKind = strawberry.field(description="What it is for.")
    amount_eur: Euro = strawberry.field(description="Its amount; what is given is negative [EUR].")
    period: int | None = strawberry.field(default=None, description="Tariff period, from 1.")
    quantity: str | None = strawberry.field(
        default=None, description=f"Power [kW] or energy [kWh], {_EXACT}."
    )
    price: str | None = strawberry.field(default=None, description=f"EUR a unit, {_EXACT}.")
    per: Per | None = strawberry.field(
        default=None, description="What a price of power or of time is for; a day."
    )
    days: int | None = strawberry.field(
        default=None, description="Days of power or of time; those of the bill."
    )
    base_eur: Euro | None = strawberry.field(
        default=None, description="What a tax or a discount is taken of [EUR]."
    )
    percent: str | None = strawberry.field(
        default=None, description=f"Rate of a tax or a discount [%], {_EXACT}."
    )
    start: date | None = strawberry.field(
        default=None, description="First local day, where taxes change within the bill."
    )


@strawberry.input(description="A retailer's bill of one supply point.")
class RetailBillInput:
    """What is printed of it."""

    cups: Cups = strawberry.field(description="Supply point.")
    start: date = strawberry.field(description="First local day.")
    end: date = strawberry.field(description="The day after the last.")
    total_eur: Euro = strawberry.field(description="What it amounts to [EUR].")
    line: list[RetailBillLineInput] = strawberry.field(description="Its lines, at most 500.")
    readings: Readings | None = strawberry.field(
        default=None, description="How its energy was read; from the meter."
    )
    regularises_from: date | None = strawberry.field(
        default=None, description="First day of earlier bills that it regularises."
    )


def read_bill(bill: RetailBillInput) -> RetailBillDocument:
    """Check a bill as a document."""
    return parse_bill(_to_values(bill))


def _to_values(part: Any) -> dict[str, Any]:
    """Give a part in the names of the document, without what was left out."""
    given = {each.name: getattr(part, each.name) for each in fields(part)}
    return {name: _to_value(value) for name, value in given.items() if value is not None}


def _to_value(value: Any) -> Any:
    if isinstance(value, list):
        return [_to_values(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, date | Decimal | int) else str(value)
