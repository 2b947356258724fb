"""What was read, weighed before it is kept: in rows of about a kilobyte, None for what is not kept.

Records that hold documents or files may be of any size: they are read anew.
"""

from collections.abc import Callable, Iterable, Sequence
from sys import getsizeof
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, LargeBinary, inspect

from api.services.energy.read_energy import EnergySeries

Weigh = Callable[[Any], int | None]

_BYTES_A_ROW = 1_000
_OF_RECORD = 3_000
_OF_SHOWN_ROW = 500
_OF_KIND = 6_000
"""Callers choose the columns that they are shown, and so how many kinds of rows there are."""

_OWN_BYTES: WeakKeyDictionary[type, int | None] = WeakKeyDictionary()
"""What records or rows of a kind take besides their texts; none of those that are not kept."""


def weigh_number(_count: int) -> int:
    """Weigh a number."""
    return 1


def weigh_record(record: object) -> int | None:
    """Weigh a record, or what is shown of one."""
    return weigh_rows((record,))


def weigh_rows(rows: Sequence[Any]) -> int | None:
    """Weigh some of one kind, and the kind with the first that are seen of it."""
    if not rows:
        return 1
    kind = type(rows[0])
    is_new = kind not in _OWN_BYTES
    if is_new:
        _OWN_BYTES[kind] = _weigh_kind(kind)
    own = _OWN_BYTES[kind]
    if own is None:
        return None
    n_bytes = _OF_KIND * is_new + own * len(rows) + sum(map(_weigh_texts, rows))
    return 1 + n_bytes // _BYTES_A_ROW


def weigh_page(page: Any) -> int | None:
    """Weigh a page of rows."""
    return weigh_rows(page.items)


def weigh_series(series: EnergySeries) -> int:
    """Weigh a column of numbers."""
    return 1 + series.values_kwh.nbytes // _BYTES_A_ROW


def _weigh_texts(row: Any) -> int:
    values: Iterable[object] = row if isinstance(row, tuple) else vars(row).values()
    return sum(getsizeof(value) for value in values if isinstance(value, str))


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
