from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlmodel import Session, select

from models.postgres_engine import UnstorableValueError
from models.session import (
    ConcurrentChangeError,
    DatabaseBusyError,
    UnsupportedDatabaseError,
    create_database_engine,
    is_postgres,
    read_session,
    write_session,
)
from models.tables import JobRun, Membership, Promoter
from models.values.errors import ErrorCode
from tests.support.databases import RECORDED_AT, make_impatient, on_postgres, opened
from tests.support.stored_records import add_community


@pytest.fixture
def counter(empty_engine: Engine) -> Engine:
    with write_session(empty_engine) as session:
        session.connection().execute(
            text("CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)")
        )
        session.connection().execute(text("INSERT INTO counter VALUES (1, 0), (2, 0)"))
    return empty_engine


def _value(session: Session, *, ending: str = "") -> int:
    return session.connection().scalar(text(f"SELECT value FROM counter WHERE id = 1{ending}"))


def _set(session: Session, value: int, row: int = 1) -> None:
    session.connection().execute(
        text("UPDATE counter SET value = :value WHERE id = :id"), {"value": value, "id": row}
    )


@pytest.mark.parametrize(
    "url",
    [
        "nonsense of user:secret@host",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:///x.db",
        "postgresql://user:secret@host",
        "postgresql://user:secret@host/?password=secret",
        "postgresql+psycopg2://user:secret@host/reparto?password=secret",
        "mysql://user:secret@host/reparto",
    ],
)
def test_only_what_names_a_database_is_opened(url):
    expected = r"write sqlite:///reparto\.db or postgresql\+psycopg://user@host/reparto$"
    with pytest.raises(UnsupportedDatabaseError, match=expected) as caught:
        create_database_engine(url)
    assert "secret" not in str(caught.value)
    assert "secret" not in caught.value.url


def test_a_new_table_rolls_back_with_its_transaction(counter: Engine):
    def change_and_fail() -> None:
        with write_session(counter) as session:
            session.connection().execute(text("CREATE TABLE passing (x INTEGER)"))
            _set(session, 5 // _value(session))

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert inspect(counter).get_table_names() == ["counter"]
    with read_session(counter) as session:
        assert _value(session) == 0


def test_two_reads_in_one_transaction_see_one_snapshot(counter: Engine):
    with read_session(counter) as reader:
        assert _value(reader) == 0
        with write_session(counter) as writer:
            _set(writer, 1)
        assert _value(reader) == 0
    with read_session(counter) as reader:
        assert _value(reader) == 1


def test_a_read_session_cannot_write_and_the_next_writer_can(counter: Engine):
    refused = InternalError if is_postgres(counter) else OperationalError
    with (
        pytest.raises(refused, match=r"readonly|read-only transaction"),
        read_session(counter) as session,
    ):
        _set(session, 9)
    with write_session(counter) as session:
        _set(session, 2)
    with read_session(counter) as session:
        assert _value(session) == 2


def test_concurrent_writers_lose_nothing(counter: Engine):
    lock = " FOR UPDATE" if is_postgres(counter) else ""

    def count_up() -> None:
        for _ in range(25):
            with write_session(counter) as session:
                _set(session, _value(session, ending=lock) + 1)

    threads = [Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_session(counter) as session:
        assert _value(session) == 100


def test_a_key_that_came_in_between_is_a_concurrent_change(engine: Engine, promoter: Promoter):
    with (
        pytest.raises(ConcurrentChangeError, match="ask again") as caught,
        write_session(engine) as session,
    ):
        session.add(Promoter(name=promoter.name, created_at=RECORDED_AT))
    assert caught.value.code is ErrorCode.CONFLICT
    with read_session(engine) as session:
        assert len(session.exec(select(Promoter)).all()) == 1


def test_a_period_that_came_in_between_is_a_concurrent_change(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        stored = add_community(session, promoter.id)

    def share_again() -> None:
        with write_session(engine) as session:
            session.add(
                Membership(
                    promoter_id=promoter.id,
                    installation_id=stored.installation.id,
                    supply_point_id=stored.points[0].id,
                    position=0,
                    valid_from=date(2022, 1, 1),
                    valid_until=date(2023, 1, 2),
                )
            )

    with pytest.raises(ConcurrentChangeError) as caught:
        share_again()
    assert caught.value.code is ErrorCode.CONFLICT
    with read_session(engine) as session:
        assert len(session.exec(select(Membership)).all()) == len(stored.points)


def test_a_row_that_went_in_between_is_a_concurrent_change(engine: Engine, promoter: Promoter):
    def change_what_went() -> None:
        with write_session(engine) as session:
            row = session.get_one(Promoter, promoter.id)
            session.connection().execute(text("DELETE FROM promoter"))
            row.name = "gone"

    with pytest.raises(ConcurrentChangeError):
        change_what_went()


def test_other_broken_rules_stay_what_they_are(engine: Engine):
    with pytest.raises(IntegrityError), write_session(engine) as session:
        session.add(Promoter(name="", created_at=RECORDED_AT))


@on_postgres
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a\0b", "PostgreSQL text fields cannot contain NUL (0x00) bytes"),
        ("a" * 201, "value too long for type character varying(200)"),
    ],
)
def test_what_has_no_room_is_the_callers_to_mend(engine: Engine, name, reason):
    def store() -> None:
        with write_session(engine) as session:
            session.add(Promoter(name=name, created_at=RECORDED_AT))

    with pytest.raises(UnstorableValueError) as caught:
        store()
    assert str(caught.value) == f"a value cannot be stored: {reason}"
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@on_postgres
def test_no_document_chokes_the_queries_of_others(engine: Engine, promoter: Promoter):
    def store(text_of_a_caller: str) -> None:
        job = JobRun(
            promoter_id=promoter.id,
            kind="propose",
            arguments={"name": text_of_a_caller},
            created_at=RECORDED_AT,
        )
        with write_session(engine) as session:
            session.add(job)

    with pytest.raises(UnstorableValueError, match="NUL"):
        store("a\0b")
    store("a\\u0000b")
    with read_session(engine) as session:
        (job,) = session.exec(select(JobRun)).all()
    assert job.arguments == {"name": "a\\u0000b"}


@on_postgres
def test_writers_who_wait_for_each_other_are_told(counter: Engine):
    both_hold_one = Barrier(2)
    outcomes: list[str] = []

    def change(first: int, second: int) -> None:
        try:
            with write_session(counter) as session:
                _set(session, first, row=first)
                both_hold_one.wait()
                _set(session, first, row=second)
            outcomes.append("changed")
        except DatabaseBusyError:
            outcomes.append("refused")

    threads = [Thread(target=change, args=rows) for rows in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "refused"]


def test_a_lock_is_not_waited_for_without_end(counter: Engine, empty_url: str):
    with opened(make_impatient(empty_url)) as impatient, write_session(counter) as holder:
        _set(holder, 1)
        with pytest.raises(DatabaseBusyError, match="ask again in a moment") as caught:
            _change(impatient, 2)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    with read_session(counter) as session:
        assert _value(session) == 1


def _change(engine: Engine, value: int) -> None:
    with write_session(engine) as session:
        _set(session, value)
