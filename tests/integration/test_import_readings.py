"""Files of readings on a real database: what is stored, what is told, and what is not."""

from datetime import UTC, datetime
from itertools import permutations
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from api.services.communities.find_community import UnknownCommunityError
from api.services.file_imports.file_report import FileReport, RejectedRowsError
from api.services.file_imports.local_months import UnalignedIntervalsError
from loaders.meter_files.records import Rejections, RowCode
from models.session import read_session, write_session
from models.tables import (
    Channel,
    FileImport,
    ImportSubject,
    Reading,
    SupplyPoint,
)
from models.values.calendar import Step
from models.values.metering import Quality
from tests.support.community_folders import make_cups
from tests.support.databases import add_promoter
from tests.support.meter_series import (
    IMPORTED_AT,
    Take,
    import_file,
    make_file,
    make_series,
    make_taker,
    newest_months,
    qualities_of,
    values_of,
)
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

JANUARY, FEBRUARY = "2022-12-31T23", "2023-01-31T23"
REAL, ESTIMATED, CORRECTED, FILLED = 0, 1, 2, 3


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    """Store a community of three supply points and a plant."""
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=3)


@pytest.fixture
def take(engine: Engine, promoter, stored: StoredCommunity) -> Take:
    """Import series into that community."""
    return make_taker(engine, promoter, stored.community.id)


def _count(engine: Engine, table=Reading) -> int:
    with read_session(engine) as session:
        return len(session.exec(select(table)).all())


def test_a_first_file_makes_first_versions(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    report = take(make_series(cups, FEBRUARY, range(3), quality=[REAL, ESTIMATED, REAL]))
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert month.starts_at == datetime(2023, 1, 31, 23, tzinfo=UTC)
    assert (month.version, month.step_seconds, month.interval_count) == (1, 3600, 672)
    assert values_of(month) == [0, 1, 2] + [None] * 669
    assert qualities_of(month)[:4] == [REAL, ESTIMATED, REAL, Quality.MISSING]
    (series,) = report.series
    (change,) = series.months
    assert (series.name, series.kind) == (cups, "consumption")
    assert (change.month, change.version) == ("2023-02", 1)
    assert (change.values.new, change.values.changed, change.values.same) == (3, 0, 0)
    assert change.qualities == {"real": 2, "estimated": 1}
    assert (report.row_count, report.accepted_count, report.rejected_count) == (3, 3, 0)
    assert (report.is_dry_run, report.is_repeat, report.is_unchanged) == (False, False, False)
    assert report.notes == ("a note",)
    assert report.corrected_months == {}


def test_the_same_file_again_gives_its_first_report(engine: Engine, stored, take):
    series = make_series(stored.points[0].cups, FEBRUARY, range(3))
    first = take(series)
    again = take(series)
    assert again.is_repeat
    assert again.series == first.series
    assert (_count(engine), _count(engine, FileImport)) == (1, 1)
    (row,) = _rows(engine, FileImport)
    assert (row.subject, row.format, row.file_name) == (
        ImportSubject.READINGS,
        "test",
        "readings.csv",
    )
    assert (row.accepted_count, row.rejected_count, row.created_at) == (3, 0, IMPORTED_AT)
    assert row.report["unchanged"] is False
    assert FileReport.from_json(row.report) == first
    assert row.options["consumption_is"] == "boundary"


def test_the_same_values_in_another_file_store_no_month(engine: Engine, stored, take):
    series = make_series(stored.points[0].cups, FEBRUARY, range(700))
    take(series)
    report = take(series, sha256="1" * 64)
    assert report.is_unchanged
    assert [month.values.same for month in report.series[0].months] == [672, 28]
    assert (_count(engine), _count(engine, FileImport)) == (2, 2)


def test_a_change_is_the_next_version_and_names_its_month(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    take(make_series(cups, JANUARY, range(800)))
    report = take(make_series(cups, JANUARY, [0, 1, 99]), sha256="1" * 64)
    january, february = newest_months(engine, promoter, stored.points[0].id)
    assert (january.version, february.version) == (2, 1)
    assert values_of(january)[:4] == [0, 1, 99, 3]
    (change,) = report.series[0].months
    assert (change.values.new, change.values.changed, change.values.same) == (0, 1, 2)
    assert change.version == 2
    assert report.corrected_months == {f"{cups} consumption": ["2023-01"]}


def test_every_version_stays_as_it_was(engine: Engine, stored, take):
    cups = stored.points[0].cups
    for version, value in enumerate((5, 6, 5), start=1):
        report = take(make_series(cups, JANUARY, [value]), sha256=str(version) * 64)
        assert report.series[0].months[0].version == version
    rows = sorted(_rows(engine, Reading), key=lambda row: row.version)
    assert [int.from_bytes(row.energy_wh[:4], "little") for row in rows] == [5, 6, 5]


@pytest.mark.parametrize("before", Quality)
@pytest.mark.parametrize("after", [each for each in Quality if each is not Quality.MISSING])
def test_a_value_takes_the_place_of_one_that_is_known_no_better(
    engine: Engine, promoter, stored, take, before, after
):
    cups = stored.points[0].cups
    rising = [FILLED, ESTIMATED, REAL, CORRECTED]
    replaces = before is Quality.MISSING or rising.index(after) >= rising.index(before)
    first = [1, 2] if before is not Quality.MISSING else [1]
    quality = [REAL, before] if before is not Quality.MISSING else REAL
    take(make_series(cups, JANUARY, first, quality=quality))
    report = take(make_series(cups, JANUARY, [1, 7], quality=[REAL, after]), sha256="1" * 64)
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    values = report.series[0].months[0].values
    assert values_of(month)[:2] == [1, 7 if replaces else 2]
    assert qualities_of(month)[1] == (after if replaces else before)
    assert values.kept == (not replaces)
    assert values.same == 1
    assert month.version == (2 if replaces else 1)


def test_a_file_may_be_right_against_what_is_known_better(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    take(make_series(cups, JANUARY, [5]))
    take(make_series(cups, JANUARY, [7], quality=ESTIMATED), sha256="1" * 64, replaces_better=True)
    (month,) = newest_months(engine, promoter, stored.points[0].id)
    assert (values_of(month)[0], qualities_of(month)[0]) == (7, ESTIMATED)


def test_an_estimated_value_that_is_equal_to_a_real_one_changes_nothing(stored, take):
    cups = stored.points[0].cups
    take(make_series(cups, JANUARY, [5]))
    report = take(make_series(cups, JANUARY, [5], quality=ESTIMATED), sha256="1" * 64)
    values = report.series[0].months[0].values
    assert (values.same, values.kept, report.is_unchanged) == (1, 0, True)


def test_the_short_day_the_long_day_and_their_quarters(engine: Engine, promoter, stored, take):
    hours, quarters = stored.points[0], stored.points[1]
    march, october = "2023-02-28T23", "2023-09-30T22"
    take(
        make_series(hours.cups, march, range(743)),
        make_series(hours.cups, october, range(745), channel=Channel.SURPLUS),
        make_series(quarters.cups, march, range(2972), step=Step.QUARTER_HOUR),
        make_series(
            quarters.cups, october, range(2980), step=Step.QUARTER_HOUR, channel=Channel.SURPLUS
        ),
    )
    for point, counts in ((hours, (743, 745)), (quarters, (2972, 2980))):
        for channel, count in zip((Channel.CONSUMPTION, Channel.SURPLUS), counts, strict=True):
            (month,) = newest_months(engine, promoter, point.id, channel)
            assert values_of(month) == list(range(count))


def test_another_step_is_refused_month_by_month(engine: Engine, promoter, stored, take):
    cups = stored.points[0].cups
    take(make_series(cups, FEBRUARY, [5]))
    quarters = make_series(cups, JANUARY, [1] * 3000, step=Step.QUARTER_HOUR)
    with pytest.raises(RejectedRowsError) as caught:
        take(quarters, sha256="1" * 64)
    (rejected,) = caught.value.report.rejected
    assert rejected.code is RowCode.CONTRADICTION
    assert rejected.reason == (
        "24 values: 2023-02 is stored by another step than PT15M; sum the quarter-hours into hours"
    )
    assert _count(engine) == 1
    take(quarters, sha256="1" * 64, accepts_partial=True)
    steps = [month.step_seconds for month in newest_months(engine, promoter, stored.points[0].id)]
    assert steps == [900, 3600]


def test_hours_do_not_replace_quarters(stored, take):
    cups = stored.points[0].cups
    take(make_series(cups, JANUARY, [5], step=Step.QUARTER_HOUR))
    with pytest.raises(RejectedRowsError) as caught:
        take(make_series(cups, JANUARY, [5]), sha256="1" * 64)
    assert "another step than PT1H; leave them out" in caught.value.report.rejected[0].reason


def test_unknown_meters_are_rejected_rows(engine: Engine, promoter, stored, take):
    known = make_series(stored.points[0].cups, JANUARY, [5])
    unknown = make_series(make_cups(77), JANUARY, [1, 2, 3])
    with pytest.raises(RejectedRowsError) as caught:
        take(known, unknown)
    assert "3 rows or values of readings.csv cannot be taken (3 unknown_meter)" in str(caught.value)
    assert (_count(engine), _count(engine, FileImport)) == (0, 0)
    report = take(known, unknown, accepts_partial=True)
    assert report.rejected_counts == {"unknown_meter": 3}
    (rejected,) = report.rejected
    assert (rejected.line, rejected.code, rejected.excerpt) == (
        None,
        RowCode.UNKNOWN_METER,
        make_cups(77),
    )
    assert (report.accepted_count, report.rejected_count, _count(engine)) == (1, 3, 1)


def test_a_meter_that_was_unknown_is_taken_from_the_same_file_later(
    engine: Engine, promoter, stored, take
):
    series = (
        make_series(stored.points[0].cups, JANUARY, [5]),
        make_series(make_cups(77), JANUARY, [1]),
    )
    take(*series, accepts_partial=True)
    assert take(*series, accepts_partial=True).is_repeat
    with write_session(engine) as session:
        session.add(
            SupplyPoint(
                promoter_id=promoter.id,
                member_id=stored.members[0].id,
                cups=make_cups(77),
                tariff=stored.points[0].tariff,
                contracted_power_w=1000,
            )
        )
    report = take(*series, accepts_partial=True)
    assert (report.is_repeat, report.rejected_count, _count(engine)) == (False, 0, 2)


def test_what_the_reader_rejected_is_told_and_left_alone(stored, take):
    rejections = Rejections()
    rejections.add(7, RowCode.NUMBER, "abc", "abc is no number")
    series = make_series(stored.points[0].cups, JANUARY, [5])
    with pytest.raises(RejectedRowsError, match="1 rows or values"):
        take(series, rejections=rejections)
    report = take(
        series, make_series(make_cups(8), JANUARY, [1]), rejections=rejections, accepts_partial=True
    )
    assert report.rejected_counts == {"number": 1, "unknown_meter": 1}
    assert report.rejected[0].line == 7
    assert len(rejections.told) == 1


def test_a_dry_run_tells_the_same_and_stores_nothing(engine: Engine, stored, take):
    series = (
        make_series(stored.points[0].cups, JANUARY, range(800)),
        make_series(make_cups(77), JANUARY, [1]),
    )
    assert take(series[0], is_dry_run=True).accepted_count == 800
    dry = take(*series, is_dry_run=True)
    assert (_count(engine), _count(engine, FileImport)) == (0, 0)
    wet = take(*series, accepts_partial=True)
    assert (dry.is_dry_run, wet.is_dry_run) == (True, False)
    assert (dry.series, dry.rejected, dry.touched) == (wet.series, wet.rejected, wet.touched)


def test_intervals_between_those_of_a_month_are_refused(engine: Engine, stored, take):
    with pytest.raises(UnalignedIntervalsError) as caught:
        take(make_series(stored.points[0].cups, "2022-12-31T23:10", [5]))
    assert caught.value.instant == np.datetime64("2022-12-31T23:10:00")
    assert _count(engine) == 0


def test_communities_of_others_are_unknown(engine: Engine, stored):
    stranger = add_promoter(engine, "Stranger")
    for community_id in (stored.community.id, uuid4()):
        with pytest.raises(UnknownCommunityError):
            import_file(engine, stranger, community_id, make_file())


def test_progress_rises_to_one(stored, take):
    told: list[tuple[float, str]] = []
    take(
        *(make_series(point.cups, JANUARY, [5]) for point in stored.points),
        make_series(stored.installation.cau, JANUARY, [5], channel=Channel.GENERATION),
        progress=lambda share, stage: told.append((share, stage)),
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (told[0], told[-1]) == ((0.0, "meters"), (1.0, "done"))
    assert {stage for _, stage in told} >= {"consumption readings", "generation readings"}


def test_a_file_without_series_is_known_again(engine: Engine, stored, take):
    assert take().is_unchanged
    assert take().is_repeat


def _rows(engine: Engine, table):
    with read_session(engine) as session:
        return session.exec(select(table)).all()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40), st.integers(1, 40), st.integers(0, 9), st.sampled_from([0, 1, 3])
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_store_replays_what_was_handed_in(engine: Engine, files):
    """Against a dictionary that keeps, hour by hour, the value known best and last."""
    promoter = add_promoter(engine, str(uuid4()))
    stored = _fresh(engine, promoter)
    known: dict[int, tuple[int, int]] = {}
    rank = {FILLED: 0, ESTIMATED: 1, REAL: 2}
    for number, (first, count, value, quality) in enumerate(files):
        start = np.datetime64("2023-01-31T00", "s") + np.timedelta64(first, "h")
        series = make_series(stored.points[0].cups, str(start), [value] * count, quality=quality)
        for hour in range(first, first + count):
            if hour not in known or rank[quality] >= rank[known[hour][1]]:
                known[hour] = (value, quality)
        for sha256 in (f"{number:064d}", f"{number + 100:064d}"):  # again, under another name
            report = import_file(
                engine, promoter, stored.community.id, make_file(series), sha256=sha256
            )
        assert report.is_unchanged
    months = newest_months(engine, promoter, stored.points[0].id)
    found: dict[int, tuple[int, int]] = {}
    for month in months:
        offset = int((month.starts_at - datetime(2023, 1, 31, tzinfo=UTC)).total_seconds() // 3600)
        pairs = zip(values_of(month), qualities_of(month), strict=True)
        found |= {offset + i: (v, q) for i, (v, q) in enumerate(pairs) if v is not None}
    assert found == known


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 30), min_size=3, max_size=12), st.data())
def test_the_order_of_disjoint_files_does_not_matter(engine: Engine, hours, data):
    owners = data.draw(st.lists(st.integers(0, 2), min_size=31, max_size=31))
    results = []
    for order in permutations(range(3)):
        promoter = add_promoter(engine, str(uuid4()))
        stored = _fresh(engine, promoter)
        for part in order:
            mine = [hour for hour in sorted(hours) if owners[hour] == part]
            skip = [hour for hour in range(31) if hour not in mine]
            series = make_series(stored.points[0].cups, "2023-01-31T10", range(31), skip=skip)
            file = make_file(series) if mine else make_file()
            import_file(engine, promoter, stored.community.id, file, sha256=str(part) * 64)
        months = newest_months(engine, promoter, stored.points[0].id)
        results.append([(month.starts_at, values_of(month)) for month in months])
    assert all(result == results[0] for result in results)


def _fresh(engine: Engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id, n_members=1)
