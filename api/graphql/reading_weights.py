"""What was read, weighed before it is kept: in rows of about a kilobyte, None for what is not kept.

Records that hold documents or files may be of any size: they are read anew.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, LargeBinary, inspect

from api.services.energy.read_energy import EnergySeries

Weigh = Callable[[Any], int | None]

_OF_RECORD = 3
_OF_SHOWN_ROW = 1
_NUMBERS_A_ROW = 100
_KEPT_KINDS = 1_000
"""Callers choose the columns that they are shown, and so how many kinds of rows there are."""


def weigh_number(_count: int) -> int:
    """Weigh a number."""
    return 1


def weigh_record(record: object) -> int | None:
    """Weigh a record, or what is shown of one."""
    kind: Any = type(record)
    return _weigh_kind(kind)


def weigh_rows(rows: Sequence[object]) -> int | None:
    """Weigh some of one kind; none weigh as much as one."""
    each = weigh_record(rows[0]) if rows else 1
    return None if each is None else each * max(len(rows), 1)


def weigh_page(page: Any) -> int | None:
    """Weigh a page of rows."""
    return weigh_rows(page.items)


def weigh_series(series: EnergySeries) -> int:
    """Weigh a column of numbers."""
    return 1 + len(series.values_kwh) // _NUMBERS_A_ROW


@lru_cache(maxsize=_KEPT_KINDS)
def _weigh_kind(kind: Any) -> int | None:
    """Weigh records of a table, or rows of some of its columns."""
    table = getattr(kind, "shown_table", kind)
    mapper: Any = inspect(table, raiseerr=False)
    if mapper is None:
        return None
    names = mapper.columns.keys() if table is kind else kind._fields
    if any(isinstance(mapper.columns[name].type, JSON | LargeBinary) for name in names):
        return None
    return _OF_RECORD if table is kind else _OF_SHOWN_ROW
