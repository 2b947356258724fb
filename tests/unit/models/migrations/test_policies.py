"""PostgreSQL's own wall: what a transaction sees and writes, by whom it says that it acts for."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, func, make_url, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from models.migrations.revisions import migration_config, upgrade_database
from models.row_security import act_for
from models.session import read_session, write_session
from models.values.access import NOBODY, Reach
from tests.support.command_line import Reparto
from tests.support.databases import DatabaseKind, Databases, acting_for_all, on_postgres, opened
from tests.support.row_keys import IDS
from tests.support.table_rows import ROWS

pytestmark = [pytest.mark.usefixtures("database_kind"), on_postgres]

OWN = UUID(IDS["promoter"])
HELD = {
    name: table
    for name, table in SQLModel.metadata.tables.items()
    if name == "promoter" or "promoter_id" in table.c
}


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Engine]:
    """Hold one row of every table, for tests that store nothing."""
    server = databases.server(DatabaseKind.POSTGRES)
    url = server.copy(databases.migrated(DatabaseKind.POSTGRES))
    with opened(url) as engine:
        with acting_for_all(engine) as connection:
            for table, row in ROWS.items():
                insert(connection, table, row)
        yield engine
    server.drop(url)


def insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def list_seen(connection: Connection) -> set[str]:
    """Name the tables that show a row."""
    return {
        name
        for name, table in HELD.items()
        if connection.scalar(select(func.count()).select_from(table))
    }


def test_every_table_of_a_promoters_rows_has_its_policy(engine: Engine):
    query = """SELECT relname, count(polname), bool_and(relrowsecurity AND relforcerowsecurity
      AND polname = 'own_promoter' AND polcmd = '*' AND polpermissive AND polroles = '{0}')
      FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid GROUP BY relname"""
    with engine.connect() as connection:
        found = {name: tuple(rest) for name, *rest in connection.execute(text(query))}
    # A migration that creates such a table calls models.migrations.policies.hold_apart for it.
    assert found == dict.fromkeys(HELD, (1, True))


def test_who_says_nothing_sees_nothing(filled: Engine):
    with filled.connect() as connection:
        assert list_seen(connection) == set()


@pytest.mark.parametrize(
    ("promoter_id", "seen"),
    [(None, HELD.keys()), (OWN, HELD.keys()), (uuid4(), set()), (NOBODY, set())],
)
def test_a_transaction_sees_the_rows_of_whom_it_acts_for(filled: Engine, promoter_id, seen):
    with filled.connect() as connection:
        act_for(connection, promoter_id)
        assert list_seen(connection) == seen


@pytest.mark.parametrize("begin", [read_session, write_session])
def test_a_session_says_how_far_it_reaches(filled: Engine, begin):
    for reach, seen in ((None, HELD.keys()), (Reach(OWN), HELD.keys()), (Reach(NOBODY), set())):
        with begin(filled, reach) as session:
            assert list_seen(session.connection()) == seen
            # What is undone to a point within a transaction leaves that as it was.
            session.begin_nested().rollback()
            assert list_seen(session.connection()) == seen


def test_what_was_said_ends_with_the_transaction(filled: Engine):
    with filled.connect() as connection:
        for end in (connection.commit, connection.rollback):
            act_for(connection, OWN)
            assert "member" in list_seen(connection)
            end()
            assert list_seen(connection) == set()


def test_rows_of_others_are_not_written(filled: Engine):
    row = ROWS["community"] | {"id": uuid4().hex, "code": "new"}
    with filled.connect() as connection:
        act_for(connection, uuid4())
        for statement in ("UPDATE community SET name = 'x'", "DELETE FROM community"):
            assert connection.execute(text(statement)).rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security policy"):
            insert(connection, "community", row)


def test_a_row_is_not_given_away(filled: Engine):
    with filled.connect() as connection:
        act_for(connection, OWN)
        with pytest.raises(ProgrammingError, match="row-level security policy"):
            connection.execute(text("UPDATE filing SET promoter_id = :other"), {"other": uuid4()})


def test_a_row_refers_to_nothing_that_is_not_seen(filled: Engine):
    other = uuid4()
    with filled.connect() as connection:
        act_for(connection, None)
        insert(connection, "promoter", ROWS["promoter"] | {"id": other.hex, "name": "Q"})
        act_for(connection, other)
        row = ROWS["payer"] | {"promoter_id": other.hex}
        with pytest.raises(IntegrityError, match="are of one promoter"):
            insert(connection, "payer", row)


def test_it_is_taken_back(empty_url: str, empty_engine: Engine):
    upgrade_database(empty_url)
    with acting_for_all(empty_engine) as connection:
        command.downgrade(migration_config(connection), "0019")
        assert connection.scalar(text("SELECT count(*) FROM pg_policy")) == 0
        held = "SELECT count(*) FROM pg_class WHERE relrowsecurity OR relforcerowsecurity"
        assert connection.scalar(text(held)) == 0


def test_a_role_that_passes_by_is_warned_of(database_url: str, reparto: Reparto, monkeypatch):
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    assert reparto("db", "check").err == ""
    monkeypatch.setenv("REPARTO_DATABASE_URL", as_superuser(database_url))
    run = reparto("db", "check")
    assert (run.code, run.out) == (0, "the database is sound\n")
    assert run.err.startswith("warning: postgres is a superuser")
    monkeypatch.setattr("scripts.commands.serve.run_server", lambda *_, **__: None)
    assert reparto("serve", "--port", "0").err.startswith("warning: postgres is a superuser")


def as_superuser(url: str) -> str:
    return make_url(url).set(username="postgres").render_as_string(hide_password=False)
