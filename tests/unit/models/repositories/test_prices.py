import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.packed_months import pack_prices
from models.repositories.prices import MissingPricesError, load_price_year
from models.repositories.readings import month_instants
from models.session import read_session, write_session
from models.tables import MISSING_PRICE, Community, Price, PriceKind, Promoter
from models.values.calendar import Step, month_starts, year_steps
from tests.support.databases import RECORDED_AT
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

MADRID = "Europe/Madrid"
BORDERS = month_instants(2023, MADRID)


def _append(
    session: Session,
    community: Community,
    months: range,
    value: int,
    *,
    kind: PriceKind = PriceKind.ENERGY,
    step: Step = Step.HOUR,
    version: int = 1,
) -> None:
    """Store months whose prices rise by one an interval from the given value."""
    starts = [*month_starts(2023, MADRID, step), year_steps(2023, MADRID, step).size]
    for month in months:
        span = np.arange(starts[month - 1], starts[month])
        packed, crc32 = pack_prices(span + value)
        session.add(
            Price(
                promoter_id=community.promoter_id,
                community_id=community.id,
                kind=kind,
                starts_at=BORDERS[month - 1],
                step_seconds=step.seconds,
                interval_count=span.size,
                version=version,
                price_nano_eur_per_kwh=packed,
                crc32=crc32,
                recorded_at=RECORDED_AT,
            )
        )


@stored_once
def community(engine: Engine, promoter: Promoter) -> Community:
    with write_session(engine) as session:
        return add_community(session, promoter.id).community


def _load(engine: Engine, community: Community, step: Step = Step.HOUR, **changed):
    asked = {
        "promoter_id": community.promoter_id,
        "community_id": community.id,
        "year": 2023,
        "timezone": MADRID,
        "step": step,
    }
    with read_session(engine) as session:
        return load_price_year(session, **asked | changed)


def test_both_kinds_come_in_order_and_newest(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(1, 13), 0)
        _append(session, community, range(1, 13), -500, kind=PriceKind.SURPLUS)
        _append(session, community, range(2, 3), 7, version=2)
    prices = _load(engine, community)
    expected = np.arange(8760)
    expected[744:1416] += 7
    np.testing.assert_array_equal(prices[PriceKind.ENERGY], expected)
    np.testing.assert_array_equal(prices[PriceKind.SURPLUS], np.arange(8760) - 500)
    assert list(prices) == [PriceKind.ENERGY, PriceKind.SURPLUS]


def test_without_prices_there_are_none(engine: Engine, community, other_promoter):
    assert _load(engine, community) == {}
    with write_session(engine) as session:
        _append(session, community, range(1, 13), 0)
    assert _load(engine, community, year=2024) == {}
    assert _load(engine, community, promoter_id=other_promoter.id) == {}


def test_hourly_prices_serve_quarter_hours(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(1, 12), 0)
        _append(session, community, range(12, 13), 0, step=Step.QUARTER_HOUR)
    prices = _load(engine, community, Step.QUARTER_HOUR)[PriceKind.ENERGY]
    december = 4 * 8016
    np.testing.assert_array_equal(prices[:december], np.repeat(np.arange(8016), 4))
    np.testing.assert_array_equal(prices[december:], np.arange(december, 4 * 8760))


def test_quarter_hourly_prices_serve_no_hours(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(1, 12), 0)
        _append(session, community, range(12, 13), 0, step=Step.QUARTER_HOUR)
    with pytest.raises(MissingPricesError) as caught:
        _load(engine, community)
    assert caught.value.months == (12,)


def test_missing_months_are_named(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(3, 12), 0, kind=PriceKind.SURPLUS)
    with pytest.raises(MissingPricesError, match=r"surplus prices .* 2023-01, 2023-02, 2023-12:"):
        _load(engine, community)


def test_a_month_that_lacks_a_price_is_missing(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(1, 12), 0)
        packed, crc32 = pack_prices(np.array([*range(743), MISSING_PRICE], np.int64))
        session.add(
            Price(
                promoter_id=community.promoter_id,
                community_id=community.id,
                kind=PriceKind.ENERGY,
                starts_at=BORDERS[11],
                step_seconds=3600,
                interval_count=744,
                version=1,
                price_nano_eur_per_kwh=packed,
                crc32=crc32,
                recorded_at=RECORDED_AT,
            )
        )
    with pytest.raises(MissingPricesError) as caught:
        _load(engine, community)
    assert caught.value.months == (12,)


def test_other_kinds_are_read_when_they_are_asked_for(engine: Engine, community):
    with write_session(engine) as session:
        _append(session, community, range(1, 13), 0)
        _append(session, community, range(1, 12), 9, kind=PriceKind.DAY_AHEAD)
    assert list(_load(engine, community)) == [PriceKind.ENERGY]
    with pytest.raises(MissingPricesError, match="day-ahead prices"):
        _load(engine, community, kinds=[PriceKind.DAY_AHEAD])
