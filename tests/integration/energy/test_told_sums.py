"""What sums tell to whoever may not see single members, and of whom they are day by day."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.services.energy.energy_question import Measure, SharedElsewhereError
from api.services.energy.enough_members import TooFewMembersError
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_month_series import Benefit, GapReason
from models.repositories.prices import add_price_month
from models.repositories.readings import MissingMonthsError, month_instants
from models.session import write_session
from models.tables import PriceKind
from models.values.calendar import Step, month_starts
from models.values.metering import Channel, Quality
from models.values.resolution import Resolution
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
from tests.support.energy_series import read_months, read_year
from tests.support.energy_series import told as all_told
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

__all__ = ["shared"]

pytestmark = on_sqlite

GENERATION, CONSUMPTION = random_year(3)
STARTS = [*month_starts(2023, MADRID, Step.HOUR).tolist(), 8760]
EVER = date(2023, 1, 1)
LEFT = date(2023, 2, 10)
LEFT_AT = STARTS[1] + 9 * 24
"""The hour with which the third member left."""


def told(series):
    """List what is known of January to March."""
    return all_told(series)[:3]


def reckon(measure, month, shares):
    """Sum a month of who shares, hour by hour [1e-6 Wh]."""
    total = 0
    for hour in range(STARTS[month], STARTS[month + 1]):
        for taken_wh, share in zip(CONSUMPTION[:, hour].tolist(), shares(hour), strict=True):
            given = share * int(GENERATION[hour])
            used = min(given, taken_wh * 10**6)
            total += {
                Measure.CONSUMPTION: taken_wh * 10**6 if share else 0,
                Measure.GRID_IMPORT: taken_wh * 10**6 - used if share else 0,
                Measure.SURPLUS: given - used,
                Benefit.AVOIDED_CO2: (used * 331 + 500) // 1000,
            }[measure]
    return total


def shares_until_left(hour):
    return (500_000, 300_000, 200_000) if hour < LEFT_AT else (600_000, 400_000, 0)


@stored_once
def left(engine, shared):
    """Let a member leave in February, of whom nothing is read from then on."""
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], points=shared.points[:2])
    quality = np.zeros(8760, np.uint8)
    quality[LEFT_AT:] = Quality.MISSING
    with write_session(engine) as session:
        owner, last = shared.community.promoter_id, shared.points[2].id
        options = {"quality": quality, "n_months": 2}
        store_year(session, owner, Channel.CONSUMPTION, last, CONSUMPTION[2], **options)
    apply(engine, shared, agree(engine, shared, 500_000, 300_000, 200_000), date(2023, 1, 1))
    leave(engine, shared, 2)
    rest = replace(shared, points=shared.points[:2])
    apply(engine, rest, agree(engine, rest, 600_000, 400_000), LEFT)
    return shared


@pytest.mark.parametrize(
    "measure",
    [Measure.CONSUMPTION, Measure.GRID_IMPORT, Measure.SURPLUS, Benefit.AVOIDED_CO2],
)
def test_of_who_left_nothing_is_expected(engine, left, measure):
    expected = [reckon(measure, month, shares_until_left) for month in range(3)]
    owner = left.community.promoter_id
    for kind, key in (
        (SubjectKind.COMMUNITY, left.community.id),
        (SubjectKind.INSTALLATION, left.installation.id),
        (SubjectKind.PROMOTER, owner),
    ):
        assert told(read_months(engine, kind, key, measure)) == expected
        if isinstance(measure, Measure) and kind is not SubjectKind.PROMOTER:
            year = read_year(engine, kind, key, measure)
            assert year.values_kwh[:3] == pytest.approx([each / 1e9 for each in expected])
    own = read_year(engine, SubjectKind.MEMBER, left.members[2].id, Measure.CONSUMPTION)
    assert isinstance(own, MissingMonthsError)


def test_before_anybody_has_a_coefficient_who_joined_counts(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    apply(engine, shared, agree(engine, shared, 500_000, 300_000, 200_000), LEFT)
    expected = [
        int(CONSUMPTION[:, first : STARTS[place + 1]].sum()) * 10**6
        for place, first in enumerate(STARTS[:3])
    ]
    whole = SubjectKind.COMMUNITY, shared.community.id
    months = read_months(engine, *whole, Measure.CONSUMPTION, fewest=3)
    assert told(months) == expected
    year = read_year(engine, *whole, Measure.CONSUMPTION, fewest=3)
    assert year.values_kwh[:3] == pytest.approx([each / 1e9 for each in expected])
    allocated = read_months(engine, *whole, Measure.ALLOCATED)
    assert told(allocated)[0] == 0
    assert told(allocated)[1] == int(GENERATION[LEFT_AT : STARTS[2]].sum()) * 10**6


def store_prices(engine, stored, kind, *months, nano_eur=100_000_000):
    with write_session(engine) as session:
        for month in months:
            add_price_month(
                session,
                promoter_id=stored.community.promoter_id,
                community_id=stored.community.id,
                kind=kind,
                starts_at=month_instants(2023, MADRID)[month],
                step=Step.HOUR,
                nano_eur=np.full(STARTS[month + 1] - STARTS[month], nano_eur),
                version=1,
                recorded_at=NOW,
            )


def test_a_hole_among_prices_of_surplus_is_a_gap_and_not_free(engine, left):
    store_prices(engine, left, PriceKind.ENERGY, 0, 1, 2)
    whole = SubjectKind.COMMUNITY, left.community.id, Benefit.SAVINGS
    free = read_months(engine, *whole)
    # Where surplus earns nothing, what is used saves its price, a tenth of a euro.
    used = [
        sum(
            min(share * int(GENERATION[hour]), int(taken) * 10**6) // 10
            for hour in range(STARTS[month], STARTS[month + 1])
            for share, taken in zip(shares_until_left(hour), CONSUMPTION[:, hour], strict=True)
        )
        for month in range(3)
    ]
    assert told(free) == pytest.approx(used, rel=1e-9)
    store_prices(engine, left, PriceKind.SURPLUS, 0, 2)
    paid = read_months(engine, *whole)
    assert [each is None for each in told(paid)] == [False, True, False]
    reasons = {gap.month.month: gap.reason for gap in paid.gaps}
    assert reasons[2] is GapReason.NO_PRICES
    assert told(paid)[0] > told(free)[0]


def test_what_who_left_consumes_later_frees_no_surplus(engine, left):
    store_prices(engine, left, PriceKind.ENERGY, 0, 1)
    store_prices(engine, left, PriceKind.SURPLUS, 0, 1, nano_eur=2 * 10**9)
    whole = SubjectKind.COMMUNITY, left.community.id, Benefit.SAVINGS
    unread = told(read_months(engine, *whole))
    correct_year(engine, left, Channel.CONSUMPTION, left.points[2].id, CONSUMPTION[2], n_months=2)
    # All earn as much as all that they consume while they share costs.
    most = [reckon(Measure.CONSUMPTION, month, shares_until_left) // 10 for month in (0, 1)]
    assert unread == told(read_months(engine, *whole)) == [*most, None]


@stored_once
def four(engine, promoter):
    """Store four who share alike for a year at one price, whose surplus earns a twentieth of it."""
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, n_members=4)
    apply(engine, stored, agree(engine, stored, *[250_000] * 4), date(2023, 1, 1))
    store_prices(engine, stored, PriceKind.ENERGY, *range(12), nano_eur=200_000_000)
    store_prices(engine, stored, PriceKind.SURPLUS, *range(12), nano_eur=10_000_000)
    return stored


@pytest.mark.parametrize("resolution", [Resolution.HOUR, Resolution.MONTH])
@pytest.mark.parametrize(
    ("n_away", "is_told"), [(0, True), (1, False), (2, True), (3, False), (4, True)]
)
def test_savings_are_told_where_those_of_whom_the_cap_binds_are_enough(
    engine, four, n_away, is_told, resolution
):
    generation, consumption = random_year(4)
    generation[::2] = 0
    consumption[:n_away] //= 1000
    store_meters(engine, four, generation, consumption)
    for subject in (
        (SubjectKind.COMMUNITY, four.community.id),
        (SubjectKind.INSTALLATION, four.installation.id),
    ):
        series = read_months(engine, *subject, Benefit.SAVINGS, resolution, fewest=2)
        assert series.amounts.is_known.all() == series.amounts.is_known.any() == is_told
        assert {gap.reason for gap in series.gaps} == (
            set() if is_told else {GapReason.TOO_FEW_MEMBERS}
        )
        assert None not in all_told(read_months(engine, *subject, Benefit.SAVINGS, resolution))
        used = read_months(engine, *subject, Measure.SELF_CONSUMED, resolution, fewest=2)
        assert None not in all_told(used)


def test_savings_are_told_beside_who_has_a_coefficient_of_zero(engine, four):
    generation, consumption = random_year(4)
    store_meters(engine, four, generation, consumption)
    apply(engine, four, agree(engine, four, 400_000, 300_000, 300_000, 0), LEFT)
    whole = SubjectKind.COMMUNITY, four.community.id, Benefit.SAVINGS
    for fewest, is_told in ((3, True), (4, False)):
        assert (told(read_months(engine, *whole, fewest=fewest))[2] is not None) is is_told


@pytest.mark.parametrize(
    ("shares", "is_told"),
    [
        ((400_000, 300_000, 300_000, 0), False),
        ((400_000, 300_000, 200_000, 100_000), True),
    ],
)
def test_who_is_given_nothing_hides_nobody_whose_surplus_is_paid(engine, promoter, shares, is_told):
    """Where energy costs nothing, savings are the surplus of whom the cap does not bind."""
    with write_session(engine) as session:
        stored = add_community(session, promoter.id, n_members=4)
    generation, consumption = random_year(4)
    consumption[:2] //= 1000
    store_meters(engine, stored, generation, consumption)
    apply(engine, stored, agree(engine, stored, *shares), date(2023, 1, 1))
    store_prices(engine, stored, PriceKind.SURPLUS, 0, nano_eur=10_000_000)
    store_prices(engine, stored, PriceKind.ENERGY, 0, nano_eur=np.arange(744) // 24 % 2 * 10**8)
    whole = SubjectKind.COMMUNITY, stored.community.id, Benefit.SAVINGS
    assert (told(read_months(engine, *whole, fewest=2))[0] is not None) is is_told
    saved = all_told(read_months(engine, *whole, Resolution.HOUR))[:24]
    assert saved == [
        sum(
            max(shares[place] * int(made) - int(consumption[place, hour]) * 10**6, 0) // 100
            for place in (2, 3)
        )
        for hour, made in enumerate(generation[:24])
    ]


@pytest.mark.parametrize(("asking", "is_told"), [((0, 2), True), ((0, 1), False), ((2, 3), False)])
def test_savings_are_told_to_several_as_if_they_were_one(engine, four, asking, is_told):
    generation, consumption = random_year(4)
    consumption[:2] //= 1000
    store_meters(engine, four, generation, consumption)
    whole = SubjectKind.COMMUNITY, four.community.id, Benefit.SAVINGS
    keys = [four.members[place].id for place in asking]
    series = read_months(engine, *whole, fewest=2, asking=keys)
    assert series.amounts.is_known.all() == series.amounts.is_known.any() == is_told


def test_by_night_only_they_save_of_whom_the_cap_binds(engine, four):
    generation, consumption = random_year(4)
    generation[::2] = 0
    consumption[0] //= 1000
    store_meters(engine, four, generation, consumption)
    whole = SubjectKind.COMMUNITY, four.community.id, Benefit.SAVINGS
    saved = all_told(read_months(engine, *whole, Resolution.HOUR))[::2]
    assert saved == [int(taken) * 200_000 for taken in consumption[0, ::2]]


def test_what_prices_and_factors_weigh_is_not_told_where_some_hours_are_of_few(engine, left):
    store_prices(engine, left, PriceKind.ENERGY, 0, 1, 2)
    whole = SubjectKind.COMMUNITY, left.community.id
    plain = told(read_months(engine, *whole, Measure.SELF_CONSUMED, fewest=3))
    assert [each is None for each in plain] == [False, False, True]
    for benefit in Benefit:
        weighed = told(read_months(engine, *whole, benefit, fewest=3))
        assert [each is None for each in weighed] == [False, True, True]


def share_two_plants(engine, stored, *places):
    """Let these share in the first plant, and the others in a second one."""
    second = add_second_plant(engine, stored, GENERATION)
    others = [place for place in range(len(stored.points)) if place not in places]
    for plant, inside, outside in ((stored, places, others), (second, others, places)):
        for place in outside:
            leave(engine, plant, place)
        sharing = replace(plant, points=[plant.points[place] for place in inside])
        shares = [10**6 // len(inside)] * len(inside)
        apply(engine, sharing, agree(engine, sharing, *shares), date(2023, 1, 1))
    return second


def test_a_plant_is_not_told_that_would_tell_of_one_beside_its_community(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    share_two_plants(engine, shared, 0, 1)
    plant = SubjectKind.INSTALLATION, shared.installation.id
    community = SubjectKind.COMMUNITY, shared.community.id
    for measure in (Measure.CONSUMPTION, Measure.SELF_CONSUMED, Measure.GRID_IMPORT):
        assert isinstance(read_year(engine, *plant, measure, fewest=2), TooFewMembersError)
        assert read_year(engine, *community, measure, fewest=2).values_kwh.size == 12
        assert read_year(engine, *plant, measure).values_kwh.size == 12
    months = read_months(engine, *plant, Benefit.AVOIDED_CO2, fewest=2)
    assert told(months) == [None] * 3
    assert {gap.reason for gap in months.gaps} == {GapReason.TOO_FEW_MEMBERS}
    assert None not in told(read_months(engine, *plant, Benefit.AVOIDED_CO2))
    both = read_months(engine, *community, Benefit.AVOIDED_CO2, fewest=2)
    assert None not in told(both)


def test_plants_of_enough_each_are_told_beside_their_community(engine, promoter):
    generation, consumption = random_year(4)
    with write_session(engine) as session:
        four = add_community(session, promoter.id, n_members=4)
    store_meters(engine, four, generation, consumption)
    second = share_two_plants(engine, four, 0, 1)
    for stored, rows in ((four, consumption[:2]), (second, consumption[2:])):
        plant = SubjectKind.INSTALLATION, stored.installation.id
        series = read_months(engine, *plant, Benefit.AVOIDED_CO2, fewest=2)
        assert None not in told(series)
        year = read_year(engine, *plant, Measure.CONSUMPTION, fewest=2)
        assert year.values_kwh.sum() == pytest.approx(rows.sum() / 1000)
        assert isinstance(
            read_year(engine, *plant, Measure.CONSUMPTION, fewest=3), TooFewMembersError
        )


def test_what_is_used_of_plants_that_all_share_is_told_of_both_together(engine, four):
    """Each of two plants that split what a member uses weighs members by its own coefficients."""
    generation, consumption = random_year(4)
    store_meters(engine, four, generation, consumption)
    second = add_second_plant(engine, four, generation[::-1].copy())
    apply(engine, second, agree(engine, second, 400_000, 100_000, 250_000, 250_000), EVER)
    plant = SubjectKind.INSTALLATION, four.installation.id
    for measure in (Measure.SELF_CONSUMED, Measure.SURPLUS, Measure.GRID_IMPORT):
        error = read_year(engine, *plant, measure, fewest=2)
        assert isinstance(error, SharedElsewhereError)
        assert error.cau == four.installation.cau
        assert read_year(engine, *plant, measure).values_kwh.size == 12
        community = SubjectKind.COMMUNITY, four.community.id
        assert read_year(engine, *community, measure, fewest=2).values_kwh.size == 12
    for measure in (Measure.CONSUMPTION, Measure.ALLOCATED):
        assert read_year(engine, *plant, measure, fewest=2).values_kwh.size == 12
