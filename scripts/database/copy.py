"""A whole database copied into an empty one, of either kind, and compared row by row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Table, insert, select, text
from sqlmodel import SQLModel

from api.services.jobs.progress import Progress
from models.row_security import act_for
from models.session import is_postgres
from models.values.errors import InvalidDataError
from scripts.database.refusals import telling_refusals
from scripts.database.target import refuse_rows

_ROWS_AT_ONCE = 500


class CopyDiffersError(InvalidDataError):
    """A row did not arrive as it was; nothing of the copy is kept."""

    def __init__(self, table: str, row: int) -> None:
        super().__init__(
            f"row {row} of {table} did not arrive as it was; nothing was copied: check the disks"
        )
        self.table = table
        self.row = row


@dataclass(frozen=True, slots=True)
class CopyReport:
    """How many rows of each table were copied and compared."""

    rows: dict[str, int]


def copy_database(source: Engine, target: Engine, tell: Progress) -> CopyReport:
    """Copy every row of one database into another at the same revision, all or nothing.

    The source is read as it stands at one instant, whatever is written meanwhile.
    """
    tables = SQLModel.metadata.sorted_tables
    with (
        telling_refusals("copy the database"),
        _reading(source) as old,
        target.begin() as new,
    ):
        if is_postgres(target):
            new.execute(text("SET LOCAL statement_timeout = 0"))
        act_for(new, None)
        refuse_rows(new)
        counts = {}
        with _without_triggers(new, tables):
            for place, table in enumerate(tables):
                tell(place / len(tables), f"copying {table.name}")
                counts[table.name] = _copy_table(old, new, table)
        for place, table in enumerate(tables):
            tell(place / len(tables), f"comparing {table.name}")
            _compare_table(old, new, table)
    tell(1.0, "done")
    return CopyReport(counts)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """Hold one snapshot."""
    level = "REPEATABLE READ" if is_postgres(engine) else "SERIALIZABLE"
    with engine.connect().execution_options(isolation_level=level) as connection:
        if is_postgres(engine):
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        act_for(connection, None)
        yield connection


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    count = 0
    with _read(source, table) as found:
        for rows in found.partitions(_ROWS_AT_ONCE):
            target.execute(insert(table), [row._asdict() for row in rows])
            count += len(rows)
    return count


def _compare_table(source: Connection, target: Connection, table: Table) -> None:
    with _read(source, table) as before, _read(target, table) as after:
        for number, (was, arrived) in enumerate(zip_longest(before, after), start=1):
            if was is None or arrived is None or tuple(was) != tuple(arrived):
                raise CopyDiffersError(table.name, number)


def _read(connection: Connection, table: Table) -> CursorResult[Any]:
    """Stream a table in the order of its key."""
    streaming = {"stream_results": True, "yield_per": _ROWS_AT_ONCE}
    rows = select(table).order_by(*table.primary_key.columns)
    return connection.execution_options(**streaming).execute(rows)


@contextmanager
def _without_triggers(connection: Connection, tables: Sequence[Table]) -> Iterator[None]:
    """Let rows arrive as they are: a published agreement did not begin as a draft here."""
    if is_postgres(connection.engine):
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield
        # What is only checked at the end would keep its table from being altered until then.
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        return
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    ).all()
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)
