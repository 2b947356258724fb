"""SQLite's plans: with statistics it finds a meter's months, without them all of a promoter's."""

from uuid import uuid4

from sqlalchemy import Engine, event

from models.migrations.revisions import upgrade_database
from models.repositories.members import map_members
from models.repositories.readings import list_latest_readings, month_instants
from models.repositories.supply_points import map_supply_points
from models.session import read_session
from models.values.metering import Channel
from tests.support.databases import on_sqlite

pytestmark = on_sqlite


def explain(engine: Engine) -> list[str]:
    """Say how SQLite would run the queries that every import, allocation and plan begins with."""
    asked = []

    def remember(_conn, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", remember)
    keys = [uuid4() for _ in range(64)]
    since, until = month_instants(2026, "Europe/Madrid")[:2]
    with read_session(engine) as session:
        list_latest_readings(
            session,
            promoter_id=uuid4(),
            channel=Channel.CONSUMPTION,
            meter_ids=keys,
            since=since,
            until=until,
        )
        map_supply_points(session, promoter_id=uuid4(), supply_point_ids=keys)
        map_members(session, promoter_id=uuid4(), member_ids=keys)
        event.remove(engine, "before_cursor_execute", remember)
        return [
            step[3]
            for statement, parameters in asked
            if statement.startswith("SELECT")
            for step in session.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
        ]


def read_statistics(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT idx, stat FROM sqlite_stat1")
        return dict(rows.all())


def test_nothing_is_found_by_all_that_a_promoter_has(engine: Engine) -> None:
    steps = explain(engine)

    assert any("supply_point_id=? AND channel=? AND starts_at=?" in step for step in steps)
    assert [step for step in steps if "(promoter_id=?" in step] == []


def test_without_statistics_it_would_be(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    engine.dispose()

    assert "SEARCH reading USING INDEX ix_reading_promoter_id (promoter_id=?)" in explain(engine)


def test_every_index_that_begins_with_the_promoter_has_its_statistics(engine: Engine) -> None:
    found = read_statistics(engine)

    assert found["ix_reading_promoter_id"] == "1000000 100000"
    assert found["ix_job_run_deduplication"] == "1000000 100000 1"
    assert found["sqlite_autoindex_supply_point_2"] == "1000000 100000 1"


def test_what_was_counted_stays_when_the_database_is_upgraded_again(
    engine: Engine, database_url: str
) -> None:
    before = read_statistics(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE sqlite_stat1 SET stat = '7 7' WHERE idx = 'ix_reading_promoter_id'"
        )
    upgrade_database(database_url)

    assert read_statistics(engine) == before | {"ix_reading_promoter_id": "7 7"}
