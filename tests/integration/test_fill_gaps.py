"""Gaps are filled by stated rules, as a further version, and never over what is known."""

from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.readings.fill_gaps import NoRulesError, fill_gaps
from models.session import write_session
from models.tables import Channel
from models.values.calendar import Step
from models.values.metering import Quality
from planner.metering.gap_filling import FillRule
from tests.support.meter_series import (
    IMPORTED_AT,
    import_file,
    make_file,
    make_series,
    newest_months,
    qualities_of,
    values_of,
)
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JANUARY = "2022-12-31T23"
REAL, ESTIMATED, FILLED, MISSING = (
    Quality.REAL,
    Quality.ESTIMATED,
    Quality.FILLED,
    Quality.MISSING,
)


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id)


@pytest.fixture
def fill(engine: Engine, promoter, stored):
    """Import series and fill the year."""

    def _fill(*series, **changed):
        if series:
            import_file(engine, promoter, stored.community.id, make_file(*series))
        with write_session(engine) as session:
            return fill_gaps(
                session,
                promoter_id=promoter.id,
                community_id=stored.community.id,
                **({"year": 2023, "recorded_at": IMPORTED_AT} | changed),
            )

    return _fill


def test_short_gaps_are_bridged_and_long_ones_take_the_hour_of_like_days(
    engine: Engine, promoter, stored, fill
):
    energy_wh = np.tile(np.arange(24) * 10, 31)
    skip = [*range(34, 37), *range(200, 240)]
    series = make_series(stored.points[0].cups, JANUARY, energy_wh, skip=skip)
    report = fill(series, rules=[FillRule.LINEAR, FillRule.SIMILAR_DAYS])
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert month.version == 2
    assert values_of(month) == energy_wh.tolist()  # like days are alike
    assert qualities_of(month) == [FILLED if i in skip else REAL for i in range(744)]
    filled = report.series[0]  # the other meters have nothing to be filled from
    assert len(report.series) == 3
    assert (filled.name, filled.channel) == (stored.points[0].cups, Channel.CONSUMPTION)
    assert filled.months[0].filled == {FillRule.LINEAR: 3, FillRule.SIMILAR_DAYS: 40}
    assert (filled.months[0].left, filled.months[0].version) == (0, 2)
    assert [month.left for month in filled.months[1:]] == [
        672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744,
    ]  # fmt: skip


def test_what_is_known_stays_whatever_its_quality(engine: Engine, promoter, stored, fill):
    quality = np.full(100, ESTIMATED)
    quality[10] = FILLED
    energy_wh = np.arange(100)
    energy_wh[10] = 7777
    fill(make_series(stored.points[0].cups, JANUARY, energy_wh, quality=quality, skip=[50]))
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    expected = [int(value) for value in energy_wh]
    assert values_of(month)[:100] == expected
    assert qualities_of(month)[48:53] == [ESTIMATED, ESTIMATED, FILLED, ESTIMATED, ESTIMATED]


def test_values_that_were_filled_are_no_likeness(engine: Engine, promoter, stored, fill):
    quality = np.tile(np.repeat([REAL, FILLED], [24, 24]), 10)
    energy_wh = np.tile(np.repeat([100, 900], [24, 24]), 10)
    series = make_series(
        stored.points[0].cups, JANUARY, energy_wh, quality=quality, skip=range(240, 264)
    )
    fill(series, rules=[FillRule.SIMILAR_DAYS])
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert set(values_of(month)[240:264]) == {100}


def test_working_days_are_like_working_days(engine: Engine, promoter, stored, fill):
    # 2 January 2023 is a Monday; weekends and the sixth take 500 Wh an hour
    days = np.arange(31) + 1
    is_rest = np.isin(days % 7, [0, 1]) | (days == 6)
    energy_wh = np.repeat(np.where(is_rest, 500, 100), 24)
    skip = [*range(24 * 13, 24 * 16)]  # Saturday the 14th to Monday the 16th
    fill(
        make_series(stored.points[0].cups, JANUARY, energy_wh, skip=skip),
        rules=[FillRule.SIMILAR_DAYS],
    )
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert values_of(month) == energy_wh.tolist()


def test_nights_of_generation_are_zero_and_its_days_are_not(engine: Engine, promoter, stored, fill):
    energy_wh = np.full(744, 1000)
    series = make_series(
        stored.installation.cau,
        JANUARY,
        energy_wh,
        channel=Channel.GENERATION,
        skip=range(240, 264),
    )
    report = fill(series, rules=[FillRule.ZERO_AT_NIGHT], channels=[Channel.GENERATION])
    (month,) = newest_months(engine, promoter, stored.installation.id, Channel.GENERATION)
    # in January the sun is 7 degrees down from 18:45 to 8:00, somewhere on the mainland
    assert values_of(month)[240:264] == [0] * 8 + [None] * 11 + [0] * 5
    assert report.series[0].months[0].filled == {FillRule.ZERO_AT_NIGHT: 13}
    assert report.series[0].months[0].left == 11


def test_consumption_is_not_zero_at_night(fill, stored):
    series = make_series(stored.points[0].cups, JANUARY, range(100), skip=[50])
    report = fill(series, rules=[FillRule.ZERO_AT_NIGHT])
    assert (report.filled_count, report.series[0].months[0].left) == (0, 645)


def test_gaps_lie_between_values_that_are_known_and_have_ended(
    engine: Engine, promoter, stored, fill
):
    cups = stored.points[0].cups
    series = make_series(cups, "2023-01-05T23", np.full(500, 7), skip=range(300, 400))
    ended = datetime(2023, 1, 5, 23, tzinfo=UTC)
    rules = [FillRule.SIMILAR_DAYS]
    assert fill(series, rules=rules, recorded_at=ended).filled_count == 0
    report = fill(rules=rules)
    assert report.filled_count == 100
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert qualities_of(month)[:120] == [MISSING] * 120
    assert qualities_of(month)[620:] == [MISSING] * 124


def test_months_beside_the_year_are_likenesses_and_stay(engine: Engine, promoter, stored, fill):
    series = make_series(
        stored.points[0].cups, "2022-12-10T23", np.full(24 * 40, 7), skip=range(500, 560)
    )
    report = fill(series, rules=[FillRule.SIMILAR_DAYS])
    december, january = newest_months(engine, promoter, stored.points[0].id)
    assert (december.version, january.version) == (1, 2)
    assert values_of(january)[:56] == [7] * 56
    assert report.filled_count == 56


def test_a_month_of_which_nothing_is_stored_is_filled_from_those_beside_it(
    engine: Engine, promoter, stored, fill
):
    hours = 744 + 672 + 743
    series = make_series(
        stored.points[0].cups, JANUARY, np.full(hours, 7), skip=range(744, 744 + 672)
    )
    report = fill(series, rules=[FillRule.SIMILAR_DAYS])
    months = newest_months(engine, promoter, stored.points[0].id)
    assert [month.version for month in months] == [1, 1, 1]
    assert set(values_of(months[1])) == {7}
    assert set(qualities_of(months[1])) == {FILLED}
    assert report.filled_count == 672


def test_months_of_the_rarer_step_are_left(engine: Engine, promoter, stored, fill):
    cups = stored.points[0].cups
    import_file(
        engine,
        promoter,
        stored.community.id,
        make_file(make_series(cups, "2023-02-28T23", [4] * 2972, step=Step.QUARTER_HOUR, skip=[9])),
        sha256="5" * 64,
    )
    report = fill(make_series(cups, JANUARY, [7] * (744 + 672), skip=[9]))
    january, february, march = newest_months(engine, promoter, stored.points[0].id)
    assert [month.version for month in (january, february, march)] == [2, 1, 1]
    assert "2023-03" not in {month.month for month in report.series[0].months}


def test_a_dry_run_tells_the_same_and_stores_nothing(engine: Engine, promoter, stored, fill):
    series = make_series(stored.points[0].cups, JANUARY, range(100), skip=[50])
    dry = fill(series, is_dry_run=True)
    assert newest_months(engine, promoter, stored.points[0].id)[0].version == 1
    wet = fill()
    assert dry.series == wet.series
    assert (dry.is_dry_run, wet.is_dry_run) == (True, False)
    assert fill().filled_count == 0
    assert newest_months(engine, promoter, stored.points[0].id)[0].version == 2


def test_the_report_is_plain_json(stored, fill):
    document = fill(make_series(stored.points[0].cups, JANUARY, range(744), skip=[50])).to_json()
    assert document["rules"] == ["zero-at-night", "linear", "same-hour-of-similar-days"]
    assert (document["filled_count"], document["left_count"]) == (1, 3 * 8760 - 744)
    assert document["series"][0]["months"][0]["filled"] == {"linear": 1}
    assert document["touched"] == {"proposal_ids": [], "allocated_months": []}


def test_only_the_channels_that_are_asked_for(stored, fill):
    report = fill(
        make_series(stored.points[0].cups, JANUARY, range(100), skip=[50]),
        channels=[Channel.GENERATION],
    )
    assert [each.channel for each in report.series] == [Channel.GENERATION]
    assert report.filled_count == 0


def test_a_meter_without_gaps_is_not_told(stored, fill):
    report = fill(make_series(stored.points[0].cups, JANUARY, [1] * 8760))
    assert [each.name for each in report.series] == [
        stored.points[1].cups,
        stored.installation.cau,
    ]


def test_gaps_are_never_filled_without_a_rule(fill):
    with pytest.raises(NoRulesError, match="state at least one rule"):
        fill(rules=[])
