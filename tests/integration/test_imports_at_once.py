"""Two imports of one community at the same time: the second finds what the first has stored."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from api.services.community_folders.import_community import import_community
from models.session import ConcurrentChangeError, write_session
from models.tables import Community, Reading
from tests.support.databases import on_postgres
from tests.support.imports import IMPORTED_AT, LATER, YEAR, import_year, rows_of

CORRECTED = replace(YEAR, consumption_kwh=YEAR.consumption_kwh * 2)


def test_the_second_waits_and_stores_nothing_twice(engine: Engine, promoter):
    import_year(engine, promoter, YEAR)
    before = len(rows_of(engine, Reading))
    with write_session(engine) as session, ThreadPoolExecutor(1) as pool:
        first = import_community(
            session, promoter_id=promoter.id, community=CORRECTED, imported_at=LATER
        )
        second = pool.submit(import_year, engine, promoter, CORRECTED, LATER)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        session.commit()
        report = second.result()
    assert not first.is_unchanged
    assert report.is_unchanged
    corrected = 12 * len(YEAR.members)
    assert len(rows_of(engine, Reading)) == before + corrected


@on_postgres
def test_a_community_that_two_would_make_is_made_once(engine: Engine, promoter):
    with write_session(engine) as session, ThreadPoolExecutor(1) as pool:
        import_community(session, promoter_id=promoter.id, community=YEAR, imported_at=IMPORTED_AT)
        second = pool.submit(import_year, engine, promoter, YEAR)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        session.commit()
        with pytest.raises(ConcurrentChangeError):
            second.result()
    assert len(rows_of(engine, Community)) == 1
