"""How lists of what happened are narrowed and ordered: money, e-mails, messages, imports, jobs.

Names of fields are those of the columns that they are about; ``..._in`` bounds a column to days.
"""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

import strawberry
from sqlmodel import SQLModel

from api.graphql.enums import describe
from api.graphql.node import open_key
from models import tables
from models.values.calendar import LAW_CLOCK, local_midnight
from models.values.listing import Direction, ListWish
from models.values.period import Period

CREATED_IN = "Only those of these days, on the peninsula's clock."

_KEYS: dict[str, type[SQLModel]] = {
    "member_id": tables.Member,
    "invoice_id": tables.Invoice,
    "community_id": tables.Community,
}
"""What a field that holds a global id names."""

_DAYS = {"received_in": "received_on", "posted_in": "posted_on", "created_in": "created_at"}
"""The column that a field bounds to days."""


class MoneyOrderField(StrEnum):
    """What payments and entries are ordered by."""

    AMOUNT = "amount_cents"


describe(
    MoneyOrderField,
    "What payments and entries are ordered by, if not by when they were written.",
    AMOUNT="Their amount.",
)


@strawberry.input(description="In which order payments or entries come.")
class MoneyOrder:
    """Orders payments and entries."""

    by: MoneyOrderField = strawberry.field(description="What orders them.")
    direction: Direction = strawberry.field(
        default=Direction.DESCENDING, description="Which end comes first."
    )


def read_record_wish(wanted: object | None, order: MoneyOrder | None = None) -> ListWish:
    """Read a filter and an order; without either the list is whole, newest first."""
    names = [each.name for each in fields(wanted)] if is_dataclass(wanted) else []
    given = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
    days = {_DAYS[name]: given.pop(name) for name in list(given) if name in _DAYS}
    equal = {
        name: open_key(_KEYS[name], value) if name in _KEYS else value
        for name, value in given.items()
    }
    wish = ListWish(
        equal=tuple(equal.items()),
        within=tuple((column, *_bound(column, period)) for column, period in days.items()),
    )
    return wish if order is None else replace(wish, order=order.by.value, direction=order.direction)


def _bound(column: str, period: Period) -> tuple[date | datetime, date | datetime | None]:
    """Give days as they are, or the instants at which they begin, as the column holds them."""
    if column.endswith("_on"):
        return period.start, period.end
    return _begin(period.start), None if period.end is None else _begin(period.end)


def _begin(day: date) -> datetime:
    return datetime.fromtimestamp(int(local_midnight(day, LAW_CLOCK).astype(int)), UTC)
