from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import StatementError

from models.session import read_session, write_session
from models.tables import Promoter


def _store(engine: Engine, created_at: datetime) -> Promoter:
    promoter = Promoter(name="P", created_at=created_at)
    with write_session(engine) as session:
        session.add(promoter)
    return promoter


def test_instants_come_back_in_utc(engine: Engine):
    summer = timezone(timedelta(hours=2))
    stored = _store(engine, datetime(2023, 7, 1, 0, 30, tzinfo=summer))
    with read_session(engine) as session:
        read = session.get_one(Promoter, stored.id).created_at
    assert read == datetime(2023, 6, 30, 22, 30, tzinfo=UTC)
    assert read.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine: Engine):
    with pytest.raises(StatementError, match="names no time zone"):
        _store(engine, datetime(2023, 7, 1))  # noqa: DTZ001
