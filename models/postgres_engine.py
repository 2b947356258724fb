"""The database of many machines: PostgreSQL through psycopg."""

from sqlalchemy import URL, Engine, create_engine

# As patient as the busy timeout of SQLite, and long enough for the largest statement of an import.
_SETTINGS = {
    "timezone": "UTC",
    "lock_timeout": "30s",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
}
_PARAMETERS = {"application_name": "reparto", "connect_timeout": "10"}


def create_postgres_engine(address: URL) -> Engine:
    """Make the engine of a PostgreSQL database; what its address sets counts before our own."""
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    own = {name: value for name, value in _PARAMETERS.items() if name not in address.query}
    return create_engine(
        address,
        connect_args=own | {"options": f"{settings} {_option(address)}".rstrip()},
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        pool_recycle=1800,
    )


def _option(address: URL) -> str:
    options = address.query.get("options", "")
    return options if isinstance(options, str) else " ".join(options)
