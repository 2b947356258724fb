"""Policies by which PostgreSQL shows rows only to transactions that act for their promoter.

A migration that creates a table with a ``promoter_id`` holds it apart too. SQLite has no policies.
"""

from alembic import op
from sqlalchemy import text

POLICY = "own_promoter"

_WHOSE = "(SELECT current_setting('reparto.promoter_id', true))"
_LIST_TABLES = text(
    "SELECT table_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND column_name = 'promoter_id' ORDER BY table_name"
)


def list_promoters_tables() -> list[str]:
    """List the tables of a PostgreSQL database whose rows are a promoter's."""
    return list(op.get_bind().scalars(_LIST_TABLES)) if _on_postgres() else []


def hold_apart(table: str, owner: str = "promoter_id") -> None:
    """Show the rows of a table to those alone who act for their owner, or for everybody.

    The owner of the table is bound too. Text asked once a statement costs a row nothing, and a CASE
    is taken to let half of the rows pass: the conditions of queries name the promoter, and keep
    their index and their estimate.
    """
    if not _on_postgres():
        return
    own = f"{owner} = (SELECT nullif(ltrim({_WHOSE}, '*'), '')::uuid)"
    shown = f"CASE WHEN {_WHOSE} = '*' THEN TRUE ELSE {own} END"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {POLICY} ON {table} USING ({shown})")


def let_mingle(table: str) -> None:
    """Take back what ``hold_apart`` did, and nothing else."""
    if not _on_postgres():
        return
    op.execute(f"DROP POLICY {POLICY} ON {table}")
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _on_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"
