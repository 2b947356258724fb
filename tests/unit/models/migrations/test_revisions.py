from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

import models.tables
from models.migrations.revisions import (
    current_revision,
    is_current,
    migration_config,
    newest_revision,
    upgrade_database,
)
from models.session import create_database_engine

TABLES = sorted(SQLModel.metadata.tables)

OLD_ROWS = {
    "promoter": "(id, name, created_at) VALUES (:promoter, 'P', '2024-03-01')",
    "community": """(id, promoter_id, code, name, timezone, zone, created_at)
        VALUES (:community, :promoter, 'c', 'C', 'Europe/Madrid', 'peninsula', '2024-03-01')""",
    "member": "(id, promoter_id, community_id, code) VALUES (:member, :promoter, :community, 'M')",
    "supply_point": """(id, promoter_id, member_id, cups, tariff, contracted_power_w)
        VALUES (:point, :promoter, :member, 'CUPS1', '2.0TD', 1)""",
    "reading": """(id, promoter_id, supply_point_id, channel, starts_at, step_seconds,
        interval_count, version, energy_wh, quality, crc32, recorded_at)
        VALUES (:reading, :promoter, :point, 'consumption', '2024-03-01', 3600, 1, 1,
        x'00000000', x'00', 0, '2024-03-01')""",
}
"""Rows as the first revision stored them."""


@pytest.fixture
def created(tmp_path: Path):
    """Give a database made from the tables alone, without any migration."""
    engine = create_database_engine(f"sqlite:///{tmp_path / 'created.db'}")
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_migrations_reach_the_tables(engine: Engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", ["check_constraints", "unique_constraints", "foreign_keys"])
def test_migrations_reach_the_constraints(engine: Engine, created: Engine, table, kind):
    def described(database: Engine) -> list[str]:
        return sorted(map(repr, getattr(inspect(database), f"get_{kind}")(table)))

    assert described(engine) == described(created)


@pytest.mark.parametrize("table", TABLES)
def test_migrations_reach_the_partial_indexes(engine: Engine, created: Engine, table):
    def indexes(database: Engine) -> list[str]:
        query = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table")
        with database.connect() as connection:
            found = connection.scalars(query, {"table": table})
            return sorted(" ".join(sql.split()) for sql in found if sql)

    assert indexes(engine) == indexes(created)


def test_asking_for_the_revision_is_quiet(engine: Engine, caplog: pytest.LogCaptureFixture):
    with caplog.at_level("INFO", logger="alembic"):
        assert is_current(engine)
    assert caplog.records == []


def test_every_constraint_has_a_name(created: Engine):
    for table in TABLES:
        looked_at = inspect(created)
        constraints = [
            *looked_at.get_check_constraints(table),
            *looked_at.get_unique_constraints(table),
            *looked_at.get_foreign_keys(table),
        ]
        assert [row for row in constraints if not row["name"]] == []


def test_a_migrated_database_is_current_and_stays_so(database_url: str, engine: Engine):
    assert current_revision(engine) == newest_revision() == "0004"
    assert is_current(engine)
    assert upgrade_database(database_url) == "0004"
    assert is_current(engine)


def test_rows_and_what_refers_to_them_survive_the_upgrade(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_database_engine(url)
    ids = {name: uuid4().hex for name in ("promoter", "community", "member", "point", "reading")}
    with engine.begin() as connection:
        command.upgrade(migration_config(connection), "0001")
        for table, row in OLD_ROWS.items():
            connection.execute(text(f"INSERT INTO {table} {row}"), ids)
    assert upgrade_database(url) == newest_revision()
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT cups, yearly_consumption_wh FROM supply_point JOIN reading"
                " ON reading.supply_point_id = supply_point.id"
            )
        ).all()
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert found == [("CUPS1", None)]
    engine.dispose()


def test_an_empty_database_is_not_current(created: Engine):
    assert current_revision(created) is None
    assert not is_current(created)


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'halfway.db'}"
    engine = create_database_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE reading (id INTEGER)"))
    with pytest.raises(Exception, match="table reading already exists"):
        upgrade_database(url)
    assert inspect(engine).get_table_names() == ["reading"]
    engine.dispose()


def test_an_empty_database_can_be_taken_down(engine: Engine):
    with engine.begin() as connection:
        command.downgrade(migration_config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert current_revision(engine) is None


def test_no_migration_names_the_tables_package():
    folder = Path(models.tables.__file__).parents[1] / "migrations"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert len(sources) >= 4
    assert [source for source in sources if "models.tables" in source] == []
