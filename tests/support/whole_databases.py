"""Whole databases as tests look at them, and as they break them."""

from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Engine, make_url, select
from sqlmodel import SQLModel

from models.keyring import Keyring
from models.migrations.revisions import upgrade_database
from scripts.database import backup, target
from tests.support.databases import Databases, acting_for_all


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


@pytest.fixture
def quick_files(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin new files of backups and targets as copies: few tests need to wait for migrations."""

    def upgrade(url: str, keyring: Keyring | None = None) -> str:
        file = Path(str(make_url(url).database))
        if make_url(url).get_backend_name() == "sqlite" and not file.exists():
            databases.lay(file)
        return upgrade_database(url, keyring)

    for module in (backup, target):
        monkeypatch.setattr(module, "upgrade_database", upgrade)


def bytes_of_folder(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, the journals of databases too."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
