"""What a database reads for nobody any more is stopped inside it."""

import time

import pytest
from sqlalchemy import Engine, text

from models.session import read_session
from models.time_limits import SlowReadingError
from models.values.errors import ErrorCode

ENDLESS = text(
    "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 - x FROM n) SELECT count(*) FROM n"
)


def test_a_reading_that_takes_too_long_is_stopped(empty_engine: Engine) -> None:
    began = time.monotonic()
    with (
        pytest.raises(SlowReadingError) as caught,
        read_session(empty_engine, seconds=0.2) as session,
    ):
        session.connection().execute(ENDLESS)
    assert caught.value.code is ErrorCode.TOO_LARGE
    assert time.monotonic() - began < 5.0


def test_the_next_reading_on_the_same_connection_has_its_own_time(empty_engine: Engine) -> None:
    with read_session(empty_engine, seconds=0.1) as session:
        first = session.connection().connection.driver_connection
        assert session.connection().scalar(text("SELECT 1")) == 1
    time.sleep(0.15)
    with read_session(empty_engine) as session:
        assert session.connection().connection.driver_connection is first
        long = text(
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < "
            "300000) SELECT count(*) FROM n"
        )
        assert session.connection().scalar(long) == 300_000
