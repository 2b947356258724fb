from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.packed_months import pack_energy
from models.repositories.readings import (
    MissingMonthsError,
    MixedStepsError,
    WantedYear,
    count_meters,
    list_latest_readings,
    load_energy_year,
    month_instants,
)
from models.session import read_session, write_session
from models.tables import Channel, Promoter, Reading, SupplyPoint
from models.values.calendar import Step, month_starts, year_steps
from models.values.metering import Quality
from tests.support.databases import RECORDED_AT
from tests.support.queries import count_queries
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

MADRID = "Europe/Madrid"
BORDERS = month_instants(2023, MADRID)


def _append_month(
    session: Session,
    point: SupplyPoint,
    month: int,
    value_wh: int,
    *,
    version: int = 1,
    step=Step.HOUR,
    channel: Channel = Channel.CONSUMPTION,
    missing: slice = slice(0),
) -> None:
    starts = [*month_starts(2023, MADRID, step), year_steps(2023, MADRID, step).size]
    energy_wh = np.full(starts[month] - starts[month - 1], value_wh, np.int32)
    quality = np.zeros(energy_wh.size, np.uint8)
    energy_wh[missing], quality[missing] = 0, Quality.MISSING
    packed = pack_energy(energy_wh, quality)
    session.add(
        Reading(
            promoter_id=point.promoter_id,
            supply_point_id=point.id,
            channel=channel,
            starts_at=BORDERS[month - 1],
            step_seconds=step.seconds,
            interval_count=packed.interval_count,
            version=version,
            energy_wh=packed.energy_wh,
            quality=packed.quality,
            crc32=packed.crc32,
            recorded_at=RECORDED_AT,
        )
    )


@stored_once
def points(engine: Engine, promoter: Promoter) -> list[SupplyPoint]:
    """Store two supply points; month m of the first has m Wh an hour, of the second 100 m."""
    with write_session(engine) as session:
        points = add_community(session, promoter.id).points
        for month in range(1, 13):
            _append_month(session, points[0], month, month)
            _append_month(session, points[1], month, 100 * month)
    return points


def _load(session: Session, points: list[SupplyPoint], **changed):
    options = {name: changed.pop(name) for name in ("accepts_gaps",) if name in changed}
    owner = changed.pop("promoter_id", points[0].promoter_id)
    asked = {
        "channel": Channel.CONSUMPTION,
        "meters": {point.id: point.cups for point in points},
        "year": 2023,
        "timezone": MADRID,
    }
    return load_energy_year(session, WantedYear(**asked | changed), promoter_id=owner, **options)


def test_month_instants_are_local_midnights():
    assert BORDERS[0] == datetime(2022, 12, 31, 23, tzinfo=UTC)
    assert BORDERS[6] == datetime(2023, 6, 30, 22, tzinfo=UTC)
    assert (len(BORDERS), BORDERS[12]) == (13, datetime(2023, 12, 31, 23, tzinfo=UTC))


def test_a_year_is_joined_from_its_months_in_one_query(engine: Engine, points):
    with read_session(engine) as session, count_queries(engine) as queries:
        year = _load(session, points[::-1])
    hours = [744, 672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744]
    expected = np.repeat(np.arange(1, 13), hours)
    np.testing.assert_array_equal(year.energy_wh, [100 * expected, expected])
    np.testing.assert_array_equal(year.quality, np.zeros((2, 8760)))
    assert year.step is Step.HOUR
    assert len(queries) == 1


def test_the_newest_version_counts(engine: Engine, points):
    with write_session(engine) as session:
        for version in (3, 2):
            _append_month(session, points[0], 5, 1000 * version, version=version)
    with read_session(engine) as session:
        year = _load(session, points)
        latest = list_latest_readings(
            session,
            promoter_id=points[0].promoter_id,
            channel=Channel.CONSUMPTION,
            meter_ids=[points[0].id],
            since=BORDERS[3],
            until=BORDERS[5],
        )
    assert set(year.energy_wh[0, 2879:3623]) == {3000}
    assert (year.energy_wh[0, 2878], year.energy_wh[0, 3623]) == (4, 6)
    assert sorted((row.starts_at, row.version) for row in latest) == [
        (BORDERS[3], 1),
        (BORDERS[4], 3),
    ]


def test_missing_months_are_named(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        points = add_community(session, promoter.id, n_members=7).points
        for month in range(1, 13):
            if month not in (2, 11):
                _append_month(session, points[0], month, 1)
    with read_session(engine) as session, pytest.raises(MissingMonthsError) as caught:
        _load(session, points)
    message = str(caught.value)
    assert f"no consumption is stored of {points[0].cups} in 2023-02, 2023-11; " in message
    assert message.endswith("; and 2 more: import it first")
    assert caught.value.missing[points[0].cups] == (2, 11)
    assert caught.value.missing[points[6].cups] == tuple(range(1, 13))
    assert (caught.value.channel, caught.value.year) == (Channel.CONSUMPTION, 2023)


def test_missing_months_are_marked_where_gaps_are_accepted(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        points = add_community(session, promoter.id).points
        for month in (1, 12):
            _append_month(session, points[1], month, month, step=Step.QUARTER_HOUR)
    with read_session(engine) as session:
        year = _load(session, points, accepts_gaps=True)
    is_stored = np.zeros((2, 4 * 8760), dtype=bool)
    is_stored[1, : 4 * 744] = is_stored[1, -4 * 744 :] = True
    assert year.step is Step.QUARTER_HOUR
    np.testing.assert_array_equal(year.quality, np.where(is_stored, 0, Quality.MISSING))
    assert year.energy_wh[0].max() == 0
    assert year.energy_wh[1].sum() == 4 * 744 * (1 + 12)


def test_a_year_of_nothing_but_gaps_is_missing(engine: Engine, promoter: Promoter):
    with write_session(engine) as session:
        points = add_community(session, promoter.id).points
    with read_session(engine) as session, pytest.raises(MissingMonthsError) as caught:
        _load(session, points, accepts_gaps=True)
    assert caught.value.missing == {point.cups: tuple(range(1, 13)) for point in points}


def test_months_with_gaps_are_named_as_parts(engine: Engine, points):
    with write_session(engine) as session:
        _append_month(session, points[1], 3, 7, version=2, missing=slice(5, 6))
        _append_month(session, points[1], 4, 7, version=2, missing=slice(None))
    with read_session(engine) as session, pytest.raises(MissingMonthsError) as caught:
        _load(session, points)
    assert str(caught.value) == (
        f"no consumption is stored of {points[1].cups} in part of 2023-03, part of 2023-04:"
        " import it first"
    )
    assert caught.value.missing == caught.value.incomplete == {points[1].cups: (3, 4)}


def test_intervals_without_a_value_are_gaps(engine: Engine, points):
    with write_session(engine) as session:
        _append_month(session, points[1], 3, 7, version=2, missing=slice(5, 8))
    with read_session(engine) as session:
        year = _load(session, points, accepts_gaps=True)
    assert np.flatnonzero(year.quality[1]).tolist() == [1421, 1422, 1423]
    assert year.energy_wh[1, 1420:1425].tolist() == [7, 0, 0, 0, 7]
    assert not year.quality[0].any()


def test_one_meter_of_the_error(engine: Engine, points):
    error = MissingMonthsError(
        Channel.SURPLUS, 2023, {"A": (1, 2), "B": tuple(range(1, 13))}, {"A": (2,)}
    )
    assert str(error.of_meter("A")) == (
        "no surplus is stored of A in 2023-01, part of 2023-02: import it first"
    )
    assert "of B in all of 2023:" in str(error.of_meter("B"))
    assert error.of_meter("B").incomplete == {}


def test_channels_of_one_supply_point_do_not_mix(engine: Engine, points):
    with write_session(engine) as session:
        for month in range(1, 13):
            _append_month(session, points[0], month, 5, channel=Channel.SURPLUS, version=9)
    with read_session(engine) as session:
        surplus = _load(session, points[:1], meters={points[0].id: "P"}, channel=Channel.SURPLUS)
        consumption = _load(session, points[:1])
    assert (surplus.energy_wh == 5).all()
    assert consumption.energy_wh[0, [0, -1]].tolist() == [1, 12]


def test_another_promoter_has_no_readings(engine: Engine, points, other_promoter):
    with read_session(engine) as session, pytest.raises(MissingMonthsError):
        _load(session, points, promoter_id=other_promoter.id)


def test_mixed_steps_are_refused(engine: Engine, points):
    with write_session(engine) as session:
        _append_month(session, points[0], 5, 1, version=2, step=Step.QUARTER_HOUR)
    with read_session(engine) as session, pytest.raises(MixedStepsError) as caught:
        _load(session, points)
    assert (caught.value.channel, caught.value.year) == (Channel.CONSUMPTION, 2023)


def test_meters_with_whole_months_are_counted_by_their_newest_version(engine: Engine, points):
    with write_session(engine) as session:
        _append_month(session, points[0], 5, 1, version=2)
        _append_month(session, points[1], 6, 1, version=2, missing=slice(3))
        for point in points:
            _append_month(session, point, 7, 1, version=2, missing=slice(3))
    meters = {"channel": Channel.CONSUMPTION, "meter_ids": [point.id for point in points]}
    with read_session(engine) as session:
        counts = count_meters(session, promoter_id=points[0].promoter_id, **meters)
        assert count_meters(session, promoter_id=uuid4(), **meters) == {}
    assert counts == dict.fromkeys(BORDERS[:-1], 2) | {BORDERS[5]: 1, BORDERS[6]: 0}
