"""What runs by the clock: once a turn, whoever looks, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from api.services.jobs.ask_for_due_jobs import ask_for_due_jobs
from api.services.jobs.request_job import JobKind
from models.session import read_session, write_session
from models.tables import Community, JobRun, ScheduledSlot
from models.values.calendar import Zone
from tests.support.databases import on_sqlite

NIGHT = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)  # 6:00 in Madrid
ALL_KINDS = ("allocate_months", "check_readings", "fetch_prices")
NIGHTLY = {JobKind.ALLOCATE_MONTHS, JobKind.CHECK_READINGS}


@pytest.fixture
def communities(engine, promoter, other_promoter) -> list[Community]:
    stored = [
        Community(
            promoter_id=owner.id,
            code=f"c{number}",
            name="Comunidad",
            timezone="Europe/Madrid",
            zone=Zone.PENINSULA,
            created_at=NIGHT,
        )
        for number, owner in enumerate((promoter, promoter, other_promoter))
    ]
    with write_session(engine) as session:
        session.add_all(stored)
    return stored


def ask(engine, at: datetime, *, fetches_prices: bool = False) -> int:
    return ask_for_due_jobs(engine=engine, now=at, fetches_prices=fetches_prices)


def jobs_of(engine) -> list[JobRun]:
    with read_session(engine) as session:
        return list(session.exec(select(JobRun)))


def turns_of(engine) -> list[ScheduledSlot]:
    with read_session(engine) as session:
        return list(session.exec(select(ScheduledSlot).order_by(ScheduledSlot.due_at)))


def test_a_turn_asks_for_one_job_of_each_community(engine, communities):
    assert ask(engine, NIGHT) == 6
    found = Counter(
        (job.kind, job.promoter_id, job.arguments["community_id"]) for job in jobs_of(engine)
    )
    wanted = [
        (kind.value, each.promoter_id, str(each.id)) for kind in NIGHTLY for each in communities
    ]
    assert found == Counter(wanted)


def test_workers_that_look_at_once_see_one_turn(engine, communities):
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: ask(engine, NIGHT), range(8)))
    assert sum(asked) == len(jobs_of(engine)) == 6
    assert len(turns_of(engine)) == 2


def test_missed_turns_are_taken_once_and_the_last_only(engine, communities):
    ask(engine, NIGHT)
    assert ask(engine, NIGHT + timedelta(days=9)) == 6
    assert ask(engine, NIGHT + timedelta(days=9, minutes=1)) == 0
    assert len(jobs_of(engine)) == 12


def test_prices_have_their_turn_only_where_they_are_fetched(engine, communities):
    evening = datetime(2026, 6, 10, 18, 44, tzinfo=UTC)
    ask(engine, evening, fetches_prices=True)
    assert ask(engine, evening + timedelta(seconds=59), fetches_prices=True) == 0
    assert ask(engine, evening + timedelta(minutes=1)) == 0
    assert ask(engine, evening + timedelta(minutes=1), fetches_prices=True) == 3
    kinds = Counter(job.kind for job in jobs_of(engine))
    assert kinds == {"allocate_months": 3, "check_readings": 3, "fetch_prices": 6}


@on_sqlite
@pytest.mark.parametrize("changes_on", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_on_which_the_clock_changes_has_one_turn_of_each_kind(
    engine, communities, changes_on
):
    midnight = datetime.combine(changes_on, time(), UTC)
    at = midnight - timedelta(hours=30)
    while at < midnight + timedelta(hours=54):
        ask(engine, at, fetches_prices=True)
        at += timedelta(minutes=10)
    local_days = Counter(
        (turn.name, turn.due_at.astimezone(ZoneInfo("Europe/Madrid")).date())
        for turn in turns_of(engine)
    )
    assert set(local_days.values()) == {1}
    assert len(jobs_of(engine)) == 3 * len(turns_of(engine))
    days = [changes_on + timedelta(days) for days in (-1, 0, 1)]
    assert set(product(ALL_KINDS, days)) <= set(local_days)
