"""Whole databases as tests look at them, and as they break them."""

from pathlib import Path

from pysqlite3 import dbapi2
from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from tests.support.databases import acting_for_all


def everything_in(engine: Engine) -> dict[str, list[tuple]]:
    """Read every row of every table."""
    with acting_for_all(engine) as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in SQLModel.metadata.sorted_tables
        }


def break_rows(engine: Engine, table: str, statement: str) -> None:
    """Change rows behind the back of the database."""
    engine.dispose()
    file = dbapi2.connect(str(engine.url.database), isolation_level=None)
    triggers = file.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall()
    for name, _ in triggers:
        file.execute(f"DROP TRIGGER {name}")
    assert file.execute(statement).rowcount > 0
    for _, sql in triggers:
        file.execute(sql)
    file.close()


def bytes_of_folder(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, the journals of databases too."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
