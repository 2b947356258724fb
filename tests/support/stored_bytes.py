"""All that a database holds, to look for what it must not."""

from pathlib import Path

import orjson
from sqlalchemy import Engine, inspect, text

from models.session import is_postgres
from tests.support.databases import acting_for_all


def read_stored(engine: Engine) -> bytes:
    """Read every value of every table, and of SQLite the bytes of its files."""
    held = [] if is_postgres(engine) else [_read_files(engine)]
    with acting_for_all(engine) as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))
            held += [_flatten(value) for row in rows for value in row]
    return b"\n".join(held)


def _read_files(engine: Engine) -> bytes:
    path = Path(str(engine.url.database))
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def _flatten(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return orjson.dumps(value) if isinstance(value, dict | list) else str(value).encode()
