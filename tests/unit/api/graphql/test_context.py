"""What a request may take holds for a reading that had to wait for its thread."""

import time

import pytest
from sqlalchemy import Engine, text

from api.graphql.context import read_until
from models.time_limits import SlowReadingError

LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)"
    " SELECT count(*) FROM n"
)


def test_what_begins_too_late_is_stopped_at_once(empty_engine: Engine):
    began = time.monotonic()
    with (
        pytest.raises(SlowReadingError),
        read_until(began - 1.0, empty_engine) as session,
    ):
        session.execute(LONG)
    assert time.monotonic() - began < 5.0


def test_what_has_time_is_not_stopped(empty_engine: Engine):
    with read_until(time.monotonic() + 60.0, empty_engine) as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    with read_until(None, empty_engine) as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
