"""Files of prices on a real database."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from api.services.file_imports.file_report import RejectedRowsError, SourceFile
from api.services.file_imports.import_prices import (
    AmbiguousPricesError,
    NoPricesHereError,
    PriceOptions,
    import_prices,
)
from loaders.price_files.records import PriceFile, PriceSeries, PriceSubject
from models.repositories.prices import MissingPricesError, load_price_year
from models.session import read_session, write_session
from models.tables import FileImport, ImportSubject, Price, PriceKind
from models.values.calendar import Step, Zone, year_steps
from tests.support.meter_series import IMPORTED_AT
from tests.support.stored_once import stored_once
from tests.support.stored_records import StoredCommunity, add_community

MADRID = "Europe/Madrid"
JANUARY = "2022-12-31T23"


@stored_once
def stored(engine: Engine, promoter) -> StoredCommunity:
    with write_session(engine) as session:
        return add_community(session, promoter.id)


@pytest.fixture
def take(engine: Engine, promoter, stored):
    """Import series of prices into that community."""

    def _take(*series: PriceSeries, sha256: str = "0" * 64, options=None, **changed):
        with write_session(engine) as session:
            return import_prices(
                session,
                promoter_id=promoter.id,
                community_id=stored.community.id,
                file=PriceFile("test", series, ("a note",)),
                source=SourceFile("prices.csv", sha256),
                options=options or PriceOptions(),
                **({"imported_at": IMPORTED_AT} | changed),
            )

    return _take


def make_prices(
    first: str,
    nano_eur,
    *,
    subject=PriceSubject.PVPC,
    zone: Zone | None = Zone.PENINSULA,
    step: Step = Step.HOUR,
) -> PriceSeries:
    values = np.asarray(nano_eur, np.int64)
    starts = np.datetime64(first, "s") + np.arange(values.size) * np.timedelta64(step.seconds, "s")
    return PriceSeries(subject, zone, step, starts, values)


def load(engine: Engine, stored, step=Step.HOUR, **changed):
    with read_session(engine) as session:
        return load_price_year(
            session,
            promoter_id=stored.community.promoter_id,
            community_id=stored.community.id,
            year=2023,
            timezone=MADRID,
            step=step,
            **changed,
        )


def rows(engine: Engine, table=Price):
    with read_session(engine) as session:
        return session.exec(select(table)).all()


def test_a_year_day_by_day_is_whole_only_at_its_end(engine: Engine, stored, take):
    values = np.arange(8760) - 100
    take(make_prices(JANUARY, values[:24]))
    with pytest.raises(MissingPricesError):
        load(engine, stored)
    report = take(make_prices("2023-01-01T23", values[24:]), sha256="1" * 64)
    np.testing.assert_array_equal(load(engine, stored)[PriceKind.ENERGY], values)
    (series,) = report.series
    assert (series.name, series.kind) == ("c1", "energy")
    assert [month.version for month in series.months] == [2] + [1] * 11
    assert (series.months[0].values.new, series.months[0].values.changed) == (720, 0)


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        (PriceSubject.PVPC, PriceKind.ENERGY),
        (PriceSubject.SURPLUS, PriceKind.SURPLUS),
        (PriceSubject.DAY_AHEAD, PriceKind.DAY_AHEAD),
        (PriceSubject.OTHER, PriceKind.SURPLUS),
    ],
)
def test_each_subject_is_stored_as_what_it_is_paid_for(engine, take, subject, kind):
    take(
        make_prices(JANUARY, [5], subject=subject, zone=None),
        options=PriceOptions(other_is=PriceKind.SURPLUS),
    )
    assert [row.kind for row in rows(engine)] == [kind]


def test_a_correction_is_the_next_version_and_a_repeat_is_none(engine: Engine, take):
    first = take(make_prices(JANUARY, [5, 6]))
    again = take(make_prices(JANUARY, [5, 6]))
    same = take(make_prices(JANUARY, [5, 6]), sha256="1" * 64)
    changed = take(make_prices(JANUARY, [5, 7]), sha256="2" * 64)
    assert (first.is_repeat, again.is_repeat, same.is_unchanged) == (False, True, True)
    assert again.series == first.series
    assert sorted(row.version for row in rows(engine)) == [1, 2]
    assert changed.corrected_months == {"c1 energy": ["2023-01"]}
    assert [row.subject for row in rows(engine, FileImport)] == [ImportSubject.PRICES] * 3


def test_prices_of_other_zones_are_left_and_noted(engine: Engine, take):
    report = take(make_prices(JANUARY, [5]), make_prices(JANUARY, [6, 7], zone=Zone.CEUTA))
    assert report.notes == ("a note", "2 pvpc prices of ceuta were left out")
    assert len(rows(engine)) == 1
    with pytest.raises(NoPricesHereError, match="no prices of peninsula; zones in it: ceuta"):
        take(make_prices(JANUARY, [6], zone=Zone.CEUTA))
    with pytest.raises(NoPricesHereError, match="zones in it: none"):
        take()


def test_two_series_for_one_kind_are_ambiguous(take):
    with pytest.raises(AmbiguousPricesError) as caught:
        take(make_prices(JANUARY, [5]), make_prices(JANUARY, [6], subject=PriceSubject.OTHER))
    assert caught.value.subjects == (PriceSubject.PVPC, PriceSubject.OTHER)


def test_market_days_of_92_and_100_quarters(engine: Engine, stored, take):
    for first, count in (("2023-03-25T23", 92), ("2023-10-28T22", 100)):
        prices = make_prices(
            first, range(count), subject=PriceSubject.DAY_AHEAD, step=Step.QUARTER_HOUR
        )
        report = take(prices, sha256=f"{count:064d}")
        assert report.series[0].months[0].values.new == count
    march, october = sorted(rows(engine), key=lambda row: row.starts_at)
    assert (march.interval_count, october.interval_count) == (2972, 2980)
    prices = np.frombuffer(october.price_nano_eur_per_kwh, "<i8")
    assert prices[28 * 96 : 28 * 96 + 100].tolist() == list(range(100))


def test_another_step_is_refused(engine: Engine, take):
    take(make_prices(JANUARY, [5]))
    quarters = make_prices(JANUARY, [5] * 2977, step=Step.QUARTER_HOUR)
    with pytest.raises(RejectedRowsError, match="2976 contradiction"):
        take(quarters, sha256="1" * 64)
    assert len(rows(engine)) == 1
    take(quarters, sha256="1" * 64, options=PriceOptions(accepts_partial=True))
    assert sorted(row.step_seconds for row in rows(engine)) == [900, 3600]


def make_day_ahead(first: str, nano_eur, step: Step) -> PriceSeries:
    return make_prices(first, nano_eur, subject=PriceSubject.DAY_AHEAD, zone=None, step=step)


def test_each_month_of_a_file_of_hours_and_quarters_is_stored_by_its_step(engine: Engine, take):
    hours = make_day_ahead("2025-09-29T22", range(24), Step.HOUR)
    quarters = make_day_ahead("2025-09-30T22", range(96), Step.QUARTER_HOUR)
    report = take(quarters, hours)
    (series,) = report.series
    assert [(month.month, month.values.new) for month in series.months] == [
        ("2025-09", 24),
        ("2025-10", 96),
    ]
    september, october = sorted(rows(engine), key=lambda row: row.starts_at)
    assert (september.step_seconds, october.step_seconds) == (3600, 900)
    assert (september.interval_count, october.interval_count) == (720, 2980)


def test_hours_and_quarters_of_one_month_contradict_each_other(engine: Engine, take):
    hours = make_day_ahead("2025-09-28T22", [1] * 24, Step.HOUR)
    quarters = make_day_ahead("2025-09-29T22", [1] * 96, Step.QUARTER_HOUR)
    rehearsed = take(hours, quarters, is_dry_run=True)
    assert rehearsed.rejected_count == 96
    with pytest.raises(RejectedRowsError, match="96 contradiction"):
        take(hours, quarters)
    with pytest.raises(AmbiguousPricesError):
        take(hours, hours)
    assert rows(engine) == []


def test_means_of_quarters_follow_the_hours_before_them(engine: Engine, take):
    take(make_prices("2025-09-30T20", [1]))
    hours = make_day_ahead("2025-09-30T20", [10, 20], Step.HOUR)
    quarters = make_day_ahead("2025-09-30T22", [1, 2, 3, 6, 5, 5, 5, 7], Step.QUARTER_HOUR)
    take(quarters, hours, options=PriceOptions(averages_quarters=True), sha256="1" * 64)
    september, october = sorted(
        (row for row in rows(engine) if row.kind is PriceKind.DAY_AHEAD),
        key=lambda row: row.starts_at,
    )
    assert (september.step_seconds, october.step_seconds) == (3600, 3600)
    assert np.frombuffer(september.price_nano_eur_per_kwh, "<i8")[-2:].tolist() == [10, 20]
    assert np.frombuffer(october.price_nano_eur_per_kwh, "<i8")[:2].tolist() == [3, 6]


def test_market_quarters_stay_where_no_hourly_price_is_stored(engine: Engine, take):
    quarters = make_day_ahead("2025-09-30T22", [1, 2, 3, 6], Step.QUARTER_HOUR)
    take(quarters, options=PriceOptions(averages_quarters=True))
    assert [row.step_seconds for row in rows(engine)] == [900]


def test_a_dry_run_stores_nothing(engine: Engine, take):
    told = []
    report = take(
        make_prices(JANUARY, [5]), is_dry_run=True, progress=lambda *step: told.append(step)
    )
    assert report.is_dry_run
    assert (rows(engine), rows(engine, FileImport)) == ([], [])
    assert [share for share, _ in told] == [0.0, 0.9, 1.0]
    assert take(replace(make_prices(JANUARY, [5]))).series == report.series


def test_a_series_without_prices_changes_nothing(engine: Engine, take):
    assert take(make_prices(JANUARY, [])).is_unchanged
    assert rows(engine) == []


def test_hourly_prices_of_a_year_serve_its_quarters(engine: Engine, stored, take):
    take(make_prices(JANUARY, range(8760)))
    quarters = load(engine, stored, Step.QUARTER_HOUR)[PriceKind.ENERGY]
    assert quarters.size == year_steps(2023, MADRID, Step.QUARTER_HOUR).size
    assert quarters[[0, 3, 4]].tolist() == [0, 0, 1]
