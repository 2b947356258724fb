"""Savings, avoided CO2 and energy by month, against loops over the readings as they are stored."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from api.services.energy.energy_question import (
    Measure,
    SharedElsewhereError,
    YearOutOfRangeError,
)
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_energy import NoGenerationError
from api.services.energy.read_month_series import (
    Benefit,
    GapReason,
    SeriesQuestion,
    SeveralClocksError,
)
from models.repositories.prices import add_price_month
from models.repositories.readings import month_instants
from models.session import write_session
from models.tables import Community, PriceKind
from models.values.calendar import Step, month_starts
from models.values.metering import Channel, Quality
from models.values.resolution import FinerThanMeteredError, Resolution
from tests.support.agreements import (
    MADRID,
    NOW,
    add_second_plant,
    agree,
    apply,
    correct_year,
    leave,
    random_year,
    shared,
    store_meters,
    store_year,
)
from tests.support.databases import on_sqlite
from tests.support.energy_series import read_months, told
from tests.support.queries import count_queries
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

__all__ = ["shared"]

pytestmark = on_sqlite

GENERATION, CONSUMPTION = random_year(3)
SHARES = (500_000, 300_000, 200_000)
CHANGE = date(2023, 2, 10)
LATER = (200_000, 300_000, 500_000)
N_HOURS = 24 * 90 - 1
LOCAL = [
    (datetime(2022, 12, 31, 23, tzinfo=UTC) + timedelta(hours=hour)).astimezone(ZoneInfo(MADRID))
    for hour in range(N_HOURS)
]
_RANDOM = np.random.default_rng(9)
ENERGY_PRICES = _RANDOM.integers(50_000_000, 250_000_000, N_HOURS).tolist()
SURPLUS_PRICES = _RANDOM.integers(-10_000_000, 400_000_000, N_HOURS).tolist()
FORMATS = {
    Resolution.HOUR: None,
    Resolution.DAY: "%Y-%m-%d",
    Resolution.MONTH: "%Y-%m",
}
JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))


def store_prices(engine, stored, n_months=3):
    """Store hourly prices; surplus is dear in some hours, so that the cap binds."""
    starts = month_starts(2023, MADRID, Step.HOUR).tolist()
    known = {PriceKind.ENERGY: ENERGY_PRICES, PriceKind.SURPLUS: SURPLUS_PRICES}
    with write_session(engine) as session:
        for number, begin in enumerate(month_instants(2023, MADRID)[:n_months]):
            for kind, nano_eur in known.items():
                add_price_month(
                    session,
                    promoter_id=stored.community.promoter_id,
                    community_id=stored.community.id,
                    kind=kind,
                    starts_at=begin,
                    step=Step.HOUR,
                    nano_eur=np.array(nano_eur[starts[number] : starts[number + 1]]),
                    version=1,
                    recorded_at=NOW,
                )


@stored_once
def metered(engine, shared):
    """Store three months of three who share, whose coefficients changed in the second."""
    store_meters(engine, shared, GENERATION, CONSUMPTION, n_months=3)
    apply(engine, shared, agree(engine, shared, *SHARES), date(2023, 1, 1))
    apply(engine, shared, agree(engine, shared, *LATER), CHANGE)
    return shared


@cache
def reckon_hours(point):
    """Reckon a supply point's hours: consumed, self-consumed and surplus energy [1e-6 Wh]."""
    hours = []
    for place, local in enumerate(LOCAL):
        share = (LATER if local.date() >= CHANGE else SHARES)[point]
        given = share * int(GENERATION[place])
        taken = int(CONSUMPTION[point, place]) * 10**6
        used = min(given, taken)
        hours.append((taken, used, given - used))
    return hours


def value(micro_wh, nano_eur):
    return (micro_wh * nano_eur + 5 * 10**8) // 10**9


@cache
def reckon_savings(point):
    """Settle month by month [1e-9 EUR]: the lesser of all benefits and all costs of the month."""
    hours = reckon_hours(point)
    benefits, costs = [], []
    for (taken, used, spilled), dear, cheap in zip(
        hours, ENERGY_PRICES, SURPLUS_PRICES, strict=True
    ):
        costs.append(value(taken, dear))
        benefits.append(costs[-1] - value(taken - used, dear) + value(spilled, cheap))
    saved = []
    for month in (1, 2, 3):
        places = [place for place, local in enumerate(LOCAL) if local.month == month]
        benefit, cost = (sum(each[place] for place in places) for each in (benefits, costs))
        least = benefits if benefit <= cost else costs
        saved += [least[place] for place in places]
    return saved


def sum_slowly(hours, resolution):
    """Sum hours by the clock on the wall, one after the other."""
    if FORMATS[resolution] is None:
        return hours
    sums = defaultdict(int)
    for local, amount in zip(LOCAL, hours, strict=False):
        sums[local.strftime(FORMATS[resolution])] += amount
    return list(sums.values())


def reasons(series):
    return {gap.month: gap.reason for gap in series.gaps}


@pytest.mark.parametrize("resolution", FORMATS)
def test_savings_of_members_sum_to_those_of_their_community(engine, metered, resolution):
    store_prices(engine, metered)
    expected = [sum_slowly(reckon_savings(point), resolution) for point in range(3)]
    for place, point in enumerate(metered.points):
        series = read_months(engine, SubjectKind.SUPPLY_POINT, point.id, resolution=resolution)
        assert told(series)[: len(expected[0])] == expected[place]
        of_member = read_months(
            engine, SubjectKind.MEMBER, metered.members[place].id, resolution=resolution
        )
        assert told(of_member) == told(series)
    together = [sum(column) for column in zip(*expected, strict=True)]
    for kind, key in (
        (SubjectKind.COMMUNITY, metered.community.id),
        (SubjectKind.INSTALLATION, metered.installation.id),
        (SubjectKind.PROMOTER, metered.community.promoter_id),
    ):
        series = read_months(engine, kind, key, resolution=resolution)
        assert told(series) == together + [None] * (series.amounts.nano.size - len(together))
        assert set(reasons(series).values()) == {GapReason.NO_READINGS}
        assert [gap.month.month for gap in series.gaps] == list(range(4, 13))


def test_the_cap_of_the_law_binds_for_somebody_and_not_for_all(engine, metered):
    store_prices(engine, metered)
    capped = set()
    for point in range(3):
        cost = [
            value(taken, dear)
            for (taken, _, _), dear in zip(reckon_hours(point), ENERGY_PRICES, strict=True)
        ]
        saved = sum_slowly(reckon_savings(point), Resolution.MONTH)
        capped |= {a == b for a, b in zip(saved, sum_slowly(cost, Resolution.MONTH), strict=True)}
    assert capped == {True, False}


def test_a_month_without_prices_is_a_gap_with_its_reason(engine, metered):
    store_prices(engine, metered, n_months=2)
    series = read_months(engine, SubjectKind.COMMUNITY, metered.community.id)
    assert [each is None for each in told(series)] == [False] * 2 + [True] * 10
    assert reasons(series)[MARCH] is GapReason.NO_PRICES
    assert told(
        read_months(engine, SubjectKind.COMMUNITY, metered.community.id, resolution=Resolution.YEAR)
    ) == [None]


def test_an_hour_that_was_not_read_leaves_its_month_out_of_every_sum(engine, metered):
    store_prices(engine, metered)
    quality = np.zeros(8760, np.uint8)
    quality[800] = Quality.MISSING
    correct_year(
        engine,
        metered,
        Channel.CONSUMPTION,
        metered.points[1].id,
        CONSUMPTION[1],
        quality=quality,
        n_months=3,
    )
    series = read_months(engine, SubjectKind.COMMUNITY, metered.community.id)
    assert reasons(series)[FEBRUARY] is GapReason.NO_READINGS
    assert [each is None for each in told(series)[:3]] == [False, True, False]
    other = read_months(engine, SubjectKind.MEMBER, metered.members[0].id)
    assert told(other)[1] == sum_slowly(reckon_savings(0), Resolution.MONTH)[1]
    hours = read_months(
        engine, SubjectKind.COMMUNITY, metered.community.id, Benefit.AVOIDED_CO2, Resolution.HOUR
    )
    assert [place for place, each in enumerate(told(hours)[:N_HOURS]) if each is None] == [800]


def test_who_has_no_share_saves_nothing_whether_read_or_not(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], n_months=1, points=shared.points[:2])
    apply(engine, shared, agree(engine, shared, 600_000, 400_000, 0), date(2023, 1, 1))
    store_prices(engine, shared, n_months=1)
    series = read_months(engine, SubjectKind.MEMBER, shared.members[2].id)
    assert told(series)[:2] == [0, None]
    assert told(read_months(engine, SubjectKind.COMMUNITY, shared.community.id))[0] > 0


@pytest.mark.parametrize("resolution", FORMATS)
def test_avoided_carbon_dioxide_by_the_factor_of_the_peninsula(engine, metered, resolution):
    expected = [
        sum_slowly([value(used, 331_000_000) for _, used, _ in reckon_hours(point)], resolution)
        for point in range(3)
    ]
    own = read_months(
        engine, SubjectKind.MEMBER, metered.members[1].id, Benefit.AVOIDED_CO2, resolution
    )
    assert told(own)[: len(expected[1])] == expected[1]
    together = read_months(
        engine, SubjectKind.COMMUNITY, metered.community.id, Benefit.AVOIDED_CO2, resolution
    )
    assert told(together)[: len(expected[1])] == [sum(each) for each in zip(*expected, strict=True)]


@pytest.mark.parametrize("measure", Measure)
def test_energy_of_a_promoter_is_that_of_all_its_communities(engine, metered, measure):
    with write_session(engine) as session:
        second = add_community(session, metered.community.promoter_id, number=2, n_members=3)
    store_meters(engine, second, GENERATION, CONSUMPTION, n_months=1)
    apply(engine, second, agree(engine, second, *SHARES), date(2023, 1, 1))
    sums = [0, 0, 0]
    for point in range(3):
        for local, generated, (taken, used, spilled) in zip(
            LOCAL, GENERATION.tolist(), reckon_hours(point), strict=False
        ):
            sums[local.month - 1] += {
                Measure.GENERATION: generated * 10**6 if point == 0 else 0,
                Measure.CONSUMPTION: taken,
                Measure.ALLOCATED: used + spilled,
                Measure.SELF_CONSUMED: used,
                Measure.SURPLUS: spilled,
                Measure.GRID_IMPORT: taken - used,
            }[measure]
    series = read_months(engine, SubjectKind.PROMOTER, metered.community.promoter_id, measure)
    assert told(series) == [2 * sums[0], *sums[1:], *[None] * 9]
    absent = [gap.month.month for gap in series.gaps if gap.community_id == second.community.id]
    assert absent == list(range(2, 13))
    assert series.start.isoformat() == "2023-01-01T00:00:00+01:00"


def test_a_whole_year_is_the_sum_of_its_hours(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    apply(engine, shared, agree(engine, shared, *SHARES), date(2023, 1, 1))
    used = [
        min(SHARES[0] * int(made), int(taken) * 10**6)
        for made, taken in zip(GENERATION, CONSUMPTION[0], strict=True)
    ]
    member = (SubjectKind.MEMBER, shared.members[0].id)
    assert told(read_months(engine, *member, Measure.SELF_CONSUMED, Resolution.YEAR)) == [sum(used)]
    assert told(read_months(engine, *member, Measure.SELF_CONSUMED, Resolution.HOUR)) == used
    with pytest.raises(NoGenerationError):
        read_months(engine, *member, Measure.GENERATION)
    quarters = read_months(engine, *member, Measure.SURPLUS, Resolution.QUARTER_HOUR)
    assert isinstance(quarters, FinerThanMeteredError)


def test_who_left_is_no_part_of_the_months_after(engine, shared):
    points = shared.points[:2]
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], n_months=3, points=points)
    with write_session(engine) as session:
        owner, last = shared.community.promoter_id, shared.points[2]
        options = {"n_months": 1}
        store_year(session, owner, Channel.CONSUMPTION, last.id, CONSUMPTION[2], **options)
    apply(engine, shared, agree(engine, shared, *SHARES), date(2023, 1, 1))
    leave(engine, shared, 2)
    rest = replace(shared, points=points)
    apply(engine, rest, agree(engine, rest, 600_000, 400_000), FEBRUARY)
    series = read_months(engine, SubjectKind.COMMUNITY, shared.community.id, Measure.CONSUMPTION)
    months = [(744, 3), (672, 2)]
    assert told(series)[:2] == [
        10**6 * int(CONSUMPTION[:n_points, first : first + count].sum())
        for first, (count, n_points) in zip((0, 744), months, strict=True)
    ]
    assert (
        told(read_months(engine, SubjectKind.MEMBER, shared.members[2].id, Measure.ALLOCATED))[1]
        == 0
    )


def test_fewer_members_than_may_be_told_are_not(engine, metered):
    whole = SubjectKind.COMMUNITY, metered.community.id, Benefit.AVOIDED_CO2
    for fewest, is_told in ((3, True), (4, False)):
        series = read_months(engine, *whole, fewest=fewest)
        assert (told(series)[0] is not None) is is_told
    assert reasons(series)[JANUARY] is GapReason.TOO_FEW_MEMBERS
    generation = read_months(
        engine, SubjectKind.COMMUNITY, metered.community.id, Measure.GENERATION, fewest=9
    )
    assert told(generation)[0] == int(GENERATION[:744].sum()) * 10**6


def test_days_of_few_in_a_month_of_more_are_not_told(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION, n_months=3)
    apply(engine, shared, agree(engine, shared, 500_000, 500_000, 0), date(2023, 1, 1))
    apply(engine, shared, agree(engine, shared, *LATER), CHANGE)
    whole = SubjectKind.COMMUNITY, shared.community.id, Measure.SURPLUS
    by_month = told(read_months(engine, *whole, fewest=3))
    assert [each is None for each in by_month[:3]] == [True, False, False]
    days = told(read_months(engine, *whole, Resolution.DAY, fewest=3))
    assert [each is None for each in days[31 : 31 + 28 + 31]] == [True] * 28 + [False] * 31


def test_what_several_plants_save_together_is_not_split_between_them(engine, metered):
    second = add_second_plant(engine, metered, GENERATION[::-1].copy())
    apply(engine, second, agree(engine, second, 100_000, 0, 900_000), date(2023, 1, 1))
    error = read_months(engine, SubjectKind.INSTALLATION, metered.installation.id)
    assert isinstance(error, SharedElsewhereError)
    assert error.cau == metered.installation.cau
    made = read_months(
        engine, SubjectKind.INSTALLATION, metered.installation.id, Measure.GENERATION
    )
    assert told(made)[0] == int(GENERATION[:744].sum()) * 10**6


def test_different_clocks_have_days_in_common_but_no_hours(engine, metered):
    with write_session(engine) as session:
        second = add_community(session, metered.community.promoter_id, number=2)
        session.get_one(Community, second.community.id).timezone = "Atlantic/Canary"
    owner = (SubjectKind.PROMOTER, metered.community.promoter_id, Measure.GENERATION)
    assert isinstance(read_months(engine, *owner, Resolution.HOUR), SeveralClocksError)
    days = told(read_months(engine, *owner, Resolution.DAY))
    assert (len(days), days[0]) == (365, int(GENERATION[:24].sum()) * 10**6)


def test_nobody_has_recorded_the_year(engine):
    with pytest.raises(YearOutOfRangeError):
        SeriesQuestion(Benefit.SAVINGS, 1999, Resolution.MONTH)


def test_more_communities_take_no_more_queries(engine, metered):
    store_prices(engine, metered)
    owner = metered.community.promoter_id

    def count():
        with count_queries(engine) as queries:
            read_months(engine, SubjectKind.PROMOTER, owner)
        return len(queries)

    alone = count()
    with write_session(engine) as session:
        for number in (2, 3):
            add_community(session, owner, number=number, n_members=3)
    assert count() == alone
