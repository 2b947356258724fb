"""Places of notifications: in the order of commits, whoever notes them at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine

from models.repositories.notifications import (
    add_notification,
    find_newest_position,
    list_notifications,
    map_newest_positions,
    remove_old_notifications,
)
from models.session import read_session, write_session
from models.tables import NotificationKind
from tests.support.databases import RECORDED_AT as START
from tests.support.databases import on_sqlite

FAILED, DONE = NotificationKind.JOB_FAILED, NotificationKind.JOB_SUCCEEDED


def _note(engine: Engine, promoter, kind=FAILED, day=0):
    with write_session(engine) as session:
        return add_notification(
            session,
            promoter_id=promoter.id,
            kind=kind,
            subject_id=uuid4(),
            at=START + timedelta(days=day),
        )


def _list(engine: Engine, promoter, kinds=tuple(NotificationKind), after=0, at_most=100):
    with read_session(engine) as session:
        found = list_notifications(
            session, promoter_id=promoter.id, kinds=kinds, after=after, at_most=at_most
        )
    return [noted.position for noted in found]


def test_each_promoter_counts_its_own(engine, promoter, other_promoter):
    assert [_note(engine, promoter).position for _ in range(3)] == [1, 2, 3]
    assert _note(engine, other_promoter, DONE).position == 1
    with read_session(engine) as session:
        ids = [promoter.id, other_promoter.id, uuid4()]
        assert map_newest_positions(session, promoter_ids=ids) == {
            promoter.id: 3,
            other_promoter.id: 1,
        }
        assert find_newest_position(session, promoter_id=uuid4()) == 0


def test_news_are_read_on_by_place_and_kind(engine, promoter):
    for kind in (FAILED, DONE, FAILED, DONE):
        _note(engine, promoter, kind)
    assert _list(engine, promoter) == [1, 2, 3, 4]
    assert _list(engine, promoter, after=2) == [3, 4]
    assert _list(engine, promoter, at_most=2) == [1, 2]
    assert _list(engine, promoter, kinds=[DONE]) == [2, 4]
    assert _list(engine, promoter, kinds=[]) == []


def test_no_place_is_seen_before_a_lower_one(engine, promoter):
    """Whoever notes second waits for the first to commit, though it wants to be done sooner."""
    has_noted, may_end = threading.Event(), threading.Event()

    def note_slowly():
        with write_session(engine) as session:
            add_notification(
                session, promoter_id=promoter.id, kind=FAILED, subject_id=uuid4(), at=START
            )
            has_noted.set()
            may_end.wait(10)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(note_slowly)
        has_noted.wait(10)
        quick = pool.submit(_note, engine, promoter, DONE)
        assert not quick.done()
        assert _list(engine, promoter) == []
        may_end.set()
        slow.result(10)
        assert quick.result(10).position == 2
    assert _list(engine, promoter) == [1, 2]


def test_many_at_once_leave_no_gap_and_no_double(engine, promoter):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: _note(engine, promoter), range(20)))
    assert _list(engine, promoter) == list(range(1, 21))


@on_sqlite
def test_old_news_go_and_the_last_stays_to_count_on(engine, promoter, other_promoter):
    for day in (0, 1, 2):
        _note(engine, promoter, day=day)
    _note(engine, other_promoter)
    with write_session(engine) as session:
        before = START + timedelta(days=9)
        assert remove_old_notifications(session, noted_before=START, at_most=9) == 0
        assert remove_old_notifications(session, noted_before=before, at_most=1) == 1
        assert remove_old_notifications(session, noted_before=before, at_most=9) == 1
    assert _list(engine, promoter) == [3]
    assert _list(engine, other_promoter) == [1]
    assert _note(engine, promoter).position == 4
