import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel, select

import models.tables
from models.migrations.revisions import (
    UnusableDatabaseError,
    current_revision,
    is_current,
    migration_config,
    newest_revision,
    upgrade_database,
)
from models.session import is_postgres, read_session
from models.tables import JobRun
from tests.support.databases import acting_for_all, on_postgres

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
        :energy_wh, :quality, 0, '2024-03-01')""",
}
"""Rows as the first revision stored them."""

_COUNT_SEALS = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """SELECT count(*) FROM pg_proc
        JOIN pg_language ON pg_language.oid = prolang
        WHERE lanname = 'plpgsql' AND NOT starts_with(proname, 'procrastinate_')""",
}


@pytest.fixture
def created(empty_engine: Engine) -> Engine:
    """Give a database made from the tables alone, without any migration."""
    SQLModel.metadata.create_all(empty_engine)
    return empty_engine


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what procrastinate lays down for itself."""
    return kind != "table" or name is None or not name.startswith("procrastinate_")


def test_migrations_reach_the_tables(engine: Engine):
    with engine.connect() as connection:
        opts = {"compare_server_default": True, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.parametrize("kind", ["check_constraints", "unique_constraints", "foreign_keys"])
def test_migrations_reach_the_constraints(engine: Engine, created: Engine, kind):
    def described(database: Engine) -> dict[str, list[str]]:
        list_constraints = getattr(inspect(database), f"get_{kind}")
        return {table: sorted(map(repr, list_constraints(table))) for table in TABLES}

    assert described(engine) == described(created)


def test_migrations_reach_the_partial_indexes(engine: Engine, created: Engine):
    query = (
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexname NOT LIKE 'ex\\_%'"  # of an exclusion, which seals as triggers do
        if is_postgres(engine)
        else "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index'"
    )

    def indexes(database: Engine) -> list[str]:
        with database.connect() as connection:
            found = connection.execute(text(query)).all()
        return sorted(" ".join(sql.split()) for table, sql in found if table in TABLES and sql)

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
    assert current_revision(engine) == newest_revision() == "0028"
    assert is_current(engine)
    assert upgrade_database(database_url) == "0028"
    assert is_current(engine)


def test_rows_and_what_refers_to_them_survive_the_upgrade(empty_url: str, empty_engine: Engine):
    names = ("promoter", "community", "member", "point", "reading")
    values = {name: uuid4().hex for name in names} | {"energy_wh": bytes(4), "quality": bytes(1)}
    with acting_for_all(empty_engine) as connection:
        command.upgrade(migration_config(connection), "0001")
        for table, row in OLD_ROWS.items():
            connection.execute(text(f"INSERT INTO {table} {row}"), values)
    assert upgrade_database(empty_url) == newest_revision()
    with acting_for_all(empty_engine) as connection:
        found = connection.execute(
            text(
                "SELECT cups, yearly_consumption_wh FROM supply_point JOIN reading"
                " ON reading.supply_point_id = supply_point.id"
            )
        ).all()
        if not is_postgres(empty_engine):
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert found == [("CUPS1", None)]


def test_jobs_that_are_there_name_their_uploads(empty_url: str, empty_engine: Engine):
    promoter, upload = uuid4(), uuid4()
    jobs = {
        "dry": {"upload_id": str(upload), "wish": {"is_dry_run": True}},
        "folder": {"folder": "here"},
    }
    row = """(id, promoter_id, kind, arguments, state, progress_share, attempts, created_at)
        VALUES (:id, :promoter, :kind, :arguments, 'queued', 0, 0, '2024-03-01')"""
    with acting_for_all(empty_engine) as connection:
        command.upgrade(migration_config(connection), "0006")
        owner = {"promoter": promoter.hex}
        connection.execute(text(f"INSERT INTO promoter {OLD_ROWS['promoter']}"), owner)
        for kind, arguments in jobs.items():
            values = {"id": uuid4().hex, "kind": kind, "arguments": json.dumps(arguments)}
            connection.execute(text(f"INSERT INTO job_run {row}"), owner | values)
    upgrade_database(empty_url)
    with read_session(empty_engine) as session:
        found = {job.kind: job.upload_id for job in session.exec(select(JobRun))}
    assert found == {"dry": upload, "folder": None}
    with acting_for_all(empty_engine) as connection:
        command.downgrade(migration_config(connection), "0006")
        assert connection.scalar(text("SELECT count(*) FROM job_run")) == 2


def test_an_empty_database_is_not_current(created: Engine):
    assert current_revision(created) is None
    assert not is_current(created)


def test_an_upgrade_that_fails_leaves_nothing(empty_url: str, empty_engine: Engine):
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE reading (id INTEGER)"))
    with pytest.raises(UnusableDatabaseError, match=r'"?reading"? already exists'):
        upgrade_database(empty_url)
    assert inspect(empty_engine).get_table_names() == ["reading"]


def test_two_upgrades_at_once_follow_each_other(empty_url: str, empty_engine: Engine):
    with ThreadPoolExecutor(2) as pool:
        reached = list(pool.map(upgrade_database, [empty_url, empty_url]))
    assert reached == [newest_revision()] * 2
    assert is_current(empty_engine)


def test_an_empty_database_can_be_taken_down(engine: Engine):
    with engine.begin() as connection:
        command.downgrade(migration_config(connection), "base")
    left = [name for name in inspect(engine).get_table_names() if "procrastinate" not in name]
    assert left == ["alembic_version"]
    assert current_revision(engine) is None
    with engine.connect() as connection:
        assert connection.scalar(text(_COUNT_SEALS[engine.dialect.name])) == 0


@on_postgres
def test_a_server_out_of_reach_is_named_without_its_password(empty_url: str):
    url = "postgresql://someone:secret@127.0.0.1:9/reparto"
    with pytest.raises(UnusableDatabaseError, match="cannot use the database reparto: ") as caught:
        upgrade_database(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_migration_names_the_tables_package():
    folder = Path(models.tables.__file__).parents[1] / "migrations"
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    assert len(sources) >= 4
    assert [source for source in sources if "models.tables" in source] == []
