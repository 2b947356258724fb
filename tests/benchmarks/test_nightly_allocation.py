"""The night after: nothing has changed in 13 months of 50 members."""

from datetime import date

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine

from api.services.energy.allocate_month import allocate_community
from models.session import write_session
from models.tables import Promoter
from tests.support.agreements import NOW, agree, apply, random_year, store_meters
from tests.support.stored_records import StoredCommunity, add_community

MEMBERS, MONTHS = 50, 13


@pytest.fixture
def metered(engine: Engine, promoter: Promoter) -> StoredCommunity:
    """Store a year and the January that follows."""
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, n_members=MEMBERS)
    for year, n_months in ((2023, 12), (2024, 1)):
        readings = random_year(MEMBERS, year=year)
        store_meters(engine, stored, *readings, year=year, n_months=n_months)
    agreement_id = agree(engine, stored, *[1_000_000 // MEMBERS] * MEMBERS)
    apply(engine, stored, agreement_id, date(2023, 1, 1))
    return stored


def run(engine: Engine, stored: StoredCommunity) -> list[bool]:
    """Run the night's turn and tell which months are new."""
    with write_session(engine) as session:
        outcomes = allocate_community(
            session,
            promoter_id=stored.community.promoter_id,
            community_id=stored.community.id,
            now=NOW,
        )
    return [outcome.is_new for outcome in outcomes]


def test_a_night_without_changes(
    benchmark: BenchmarkFixture, engine: Engine, metered: StoredCommunity
) -> None:
    assert run(engine, metered) == [True] * MONTHS
    unchanged = benchmark.pedantic(run, (engine, metered), rounds=10, warmup_rounds=1)
    assert unchanged == [False] * MONTHS
