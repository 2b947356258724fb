"""PostgreSQL's own wall between promoters: every transaction tells for whom it reads and writes.

Each table with a ``promoter_id`` has one policy: a row is there for a transaction that acts for its
promoter, or for all of them. Who tells nothing sees nothing. SQLite has no such wall.
"""

from uuid import UUID

from sqlalchemy import Connection, text

SETTING = "reparto.promoter_id"
"""What a transaction tells: a promoter's id, or ``EVERYBODY``; the policies read it."""

EVERYBODY = "*"

_TELL = text("SELECT set_config(:setting, :whose, true)")
_ASK_FOR_BYPASS = text(
    "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user"
)


def act_for(connection: Connection, promoter_id: UUID | None) -> None:
    """Tell PostgreSQL, until the transaction ends, for which promoter it acts; None for all."""
    if connection.dialect.name == "postgresql":
        whose = EVERYBODY if promoter_id is None else str(promoter_id)
        connection.execute(_TELL, {"setting": SETTING, "whose": whose})


def bypasses_policies(connection: Connection) -> bool:
    """Tell whether PostgreSQL asks no policy of this role: a superuser, or one with BYPASSRLS."""
    return connection.dialect.name == "postgresql" and bool(connection.scalar(_ASK_FOR_BYPASS))
