"""The database of many machines: PostgreSQL through psycopg."""

import json
import re

from sqlalchemy import URL, Engine, create_engine

from models.values.errors import InvalidArgumentError

# As patient as the busy timeout of SQLite, and long enough for the largest statement of an import.
_SETTINGS = {
    "timezone": "UTC",
    "lock_timeout": "30s",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
}
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_PARAMETERS = {"application_name": "reparto", "connect_timeout": "10"}


class UnstorableValueError(InvalidArgumentError):
    """A text or a number that PostgreSQL has no room for, although SQLite has."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a value cannot be stored: {reason}")
        self.reason = reason


def create_postgres_engine(address: URL) -> Engine:
    """Make the engine of a PostgreSQL database; what its address sets counts before our own."""
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    own = {name: value for name, value in _PARAMETERS.items() if name not in address.query}
    return create_engine(
        address,
        connect_args=own | {"options": f"{settings} {_options(address)}".rstrip()},
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        json_serializer=_write_json,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        pool_recycle=1800,
    )


def _options(address: URL) -> str:
    options = address.query.get("options", "")
    return options if isinstance(options, str) else " ".join(options)


def _write_json(document: object) -> str:
    """Refuse what PostgreSQL would take and then choke on in every query that looks inside."""
    text = json.dumps(document)
    if _NUL.search(text):
        raise UnstorableValueError("a text holds a NUL character")
    return text
