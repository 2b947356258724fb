"""The sound row of every table many times over, each time with keys of its own."""

import re
from pathlib import Path

from pysqlite3 import dbapi2

from tests.support.row_keys import IDS
from tests.support.table_rows import ROWS

_KEY = re.compile(r"[0-9a-f]{32}")
_SHARED = {IDS["promoter"], IDS["issuer"]}
"""Keys of what all of them have in common."""


def store_many(database: Path, times: int) -> None:
    """Fill a migrated SQLite file, whose constraints go: copies repeat what should be unique."""
    file = dbapi2.connect(str(database), isolation_level=None)
    file.execute("PRAGMA foreign_keys = OFF")
    for (trigger,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        file.execute(f"DROP TRIGGER {trigger}")
    file.execute("BEGIN")
    for table, row in ROWS.items():
        names, places = ", ".join(row), ", ".join("?" * len(row))
        file.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(row.values()))
        # What a table is made from has its columns and defaults, and no constraint.
        file.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM {table}")
        file.execute(f"DROP TABLE {table}")
        file.execute(f"ALTER TABLE bare_{table} RENAME TO {table}")
        stored = file.execute(f"SELECT * FROM {table}").fetchone()
        for copy in range(1, times):
            values = [_shift(value, copy) for value in stored]
            if values != list(stored):
                places = ", ".join("?" * len(values))
                file.execute(f"INSERT INTO {table} VALUES ({places})", values)
    file.execute("COMMIT")
    file.close()


def _shift(value: object, copy: int) -> object:
    """Give a key that belongs to a copy; all else stays."""
    if not isinstance(value, str) or not _KEY.fullmatch(value) or value in _SHARED:
        return value
    return f"{int(value, 16) + copy:032x}"
