"""Communities whose meters count by the hour and by the quarter of an hour, against loops."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sqlmodel import select

from api.services.energy.energy_question import Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_month_series import (
    Benefit,
    GapReason,
    SeriesQuestion,
    read_month_series,
)
from api.services.energy.settle_months import iterate_settled_months
from models.repositories.prices import add_price_month
from models.repositories.readings import month_instants
from models.session import read_session, write_session
from models.tables import Membership, PriceKind
from models.values.calendar import Step
from models.values.metering import Channel, Quality
from models.values.period import Period
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
from tests.support.energy_series import read_months, read_year, told
from tests.support.stored_once import stored_once
from tests.support.stored_records import add_community

__all__ = ["shared"]

pytestmark = on_sqlite

N_HOURS = 744
GENERATION, CONSUMPTION = random_year(3, step=Step.QUARTER_HOUR)
JANUARY = GENERATION[: 4 * N_HOURS].tolist(), CONSUMPTION[:, : 4 * N_HOURS].tolist()
SHARES = (500_000, 300_000, 200_000)
QUARTERS, HOURS = Resolution.QUARTER_HOUR, Resolution.HOUR
PRICES = {
    kind: np.random.default_rng(seed).integers(low, high, 4 * N_HOURS).tolist()
    for kind, seed, low, high in (
        (PriceKind.ENERGY, 1, 50_000_000, 250_000_000),
        (PriceKind.SURPLUS, 2, -10_000_000, 90_000_000),
    )
}


def by_hour(quarters):
    return [sum(quarters[place : place + 4]) for place in range(0, len(quarters), 4)]


def store_mixed_meters(engine, stored, *fine, n_months):
    """Store months of a plant by quarters and of members, those of these places too."""
    meters = [(Channel.GENERATION, stored.installation.id, GENERATION, Step.QUARTER_HOUR)]
    for place, point in enumerate(stored.points):
        row, step = CONSUMPTION[place], Step.QUARTER_HOUR
        if place not in fine:
            row, step = row.reshape(-1, 4).sum(axis=1, dtype=np.int32), Step.HOUR
        meters.append((Channel.CONSUMPTION, point.id, row, step))
    owner = stored.community.promoter_id
    with write_session(engine) as session:
        for channel, key, row, step in meters:
            store_year(session, owner, channel, key, row, step=step, n_months=n_months)


def store_mixed(engine, stored, *fine, n_months=1):
    """Store such months of members who share."""
    store_mixed_meters(engine, stored, *fine, n_months=n_months)
    apply(engine, stored, agree(engine, stored, *SHARES), date(2023, 1, 1))


def store_prices(engine, stored):
    with write_session(engine) as session:
        for kind, nano_eur in PRICES.items():
            add_price_month(
                session,
                promoter_id=stored.community.promoter_id,
                community_id=stored.community.id,
                kind=kind,
                starts_at=month_instants(2023, MADRID)[0],
                step=Step.QUARTER_HOUR,
                nano_eur=np.array(nano_eur),
                version=1,
                recorded_at=NOW,
            )


@stored_once
def mixed(engine, shared):
    """Store a January in which the first member alone counts by the quarter of an hour."""
    store_mixed(engine, shared, 0)
    return shared


def reckon(place, quantity, *, by_quarters):
    """Reckon a member's January by intervals of its own [1e-9 kWh, EUR or kg]."""
    made, taken = JANUARY[0], JANUARY[1][place]
    dear, cheap = (PRICES[kind] for kind in (PriceKind.ENERGY, PriceKind.SURPLUS))
    if not by_quarters:
        made, taken = by_hour(made), by_hour(taken)
        dear, cheap = ([(each + 2) // 4 for each in by_hour(prices)] for prices in (dear, cheap))
    told_of = []
    for made_wh, taken_wh, dear_nano, cheap_nano in zip(made, taken, dear, cheap, strict=True):
        given, wanted = SHARES[place] * made_wh, taken_wh * 10**6
        used = min(given, wanted)

        def value(micro_wh, nano_eur):
            return (micro_wh * nano_eur + 5 * 10**8) // 10**9

        told_of.append(
            {
                Measure.CONSUMPTION: wanted,
                Measure.ALLOCATED: given,
                Measure.SELF_CONSUMED: used,
                Measure.SURPLUS: given - used,
                Measure.GRID_IMPORT: wanted - used,
                Benefit.AVOIDED_CO2: value(used, 331_000_000),
                Benefit.SAVINGS: value(wanted, dear_nano)
                - value(wanted - used, dear_nano)
                + value(given - used, cheap_nano),
            }[quantity]
        )
    return told_of


QUANTITIES = [*(measure for measure in Measure if measure is not Measure.GENERATION), *Benefit]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_is_reckoned_by_its_own_meter_and_all_are_summed_by_the_hour(engine, mixed, quantity):
    store_prices(engine, mixed)
    own = by_hour(reckon(0, quantity, by_quarters=True))
    expected = [own, *(reckon(place, quantity, by_quarters=False) for place in (1, 2))]
    for place, point in enumerate(mixed.points):
        hours = read_months(engine, SubjectKind.SUPPLY_POINT, point.id, quantity, HOURS)
        assert told(hours)[:N_HOURS] == expected[place]
    together = [sum(column) for column in zip(*expected, strict=True)]
    owner = mixed.community.promoter_id
    for kind, key in (
        (SubjectKind.COMMUNITY, mixed.community.id),
        (SubjectKind.INSTALLATION, mixed.installation.id),
        (SubjectKind.PROMOTER, owner),
    ):
        assert told(read_months(engine, kind, key, quantity, HOURS))[:N_HOURS] == together
        assert told(read_months(engine, kind, key, quantity))[0] == sum(together)


def test_what_a_member_is_told_does_not_depend_on_who_else_is_asked(engine, mixed):
    question = SeriesQuestion(Measure.SELF_CONSUMED, 2023, QUARTERS)
    keys = [member.id for member in mixed.members]
    with read_session(engine) as session:
        found = read_month_series(
            session,
            promoter_id=mixed.community.promoter_id,
            kind=SubjectKind.MEMBER,
            ids=keys,
            question=question,
        )
    expected = reckon(0, Measure.SELF_CONSUMED, by_quarters=True)
    alone = read_months(engine, SubjectKind.MEMBER, keys[0], Measure.SELF_CONSUMED, QUARTERS)
    assert told(found[keys[0]]) == told(alone)
    assert told(alone)[: 4 * N_HOURS] == expected
    assert all(isinstance(found[key], FinerThanMeteredError) for key in keys[1:])


def test_a_promoters_quarters_name_the_communities_that_have_none(engine, mixed):
    with write_session(engine) as session:
        second = add_community(session, mixed.community.promoter_id, number=2, n_members=3)
    store_meters(engine, second, GENERATION, CONSUMPTION, step=Step.QUARTER_HOUR, n_months=2)
    apply(engine, second, agree(engine, second, *SHARES), date(2023, 1, 1))
    owner = SubjectKind.PROMOTER, mixed.community.promoter_id
    series = read_months(engine, *owner, Measure.SELF_CONSUMED, QUARTERS)
    rows = [reckon(place, Measure.SELF_CONSUMED, by_quarters=True) for place in range(3)]
    assert told(series)[: 4 * N_HOURS] == [sum(column) for column in zip(*rows, strict=True)]
    assert series.amounts.nano.size == 4 * 8760
    first = {gap.reason for gap in series.gaps if gap.month == date(2023, 1, 1)}
    assert first == {GapReason.HOURLY_METERS}
    assert {gap.community_id for gap in series.gaps if gap.month.month == 2} == {mixed.community.id}
    whole = SubjectKind.COMMUNITY, mixed.community.id
    error = read_months(engine, *whole, Measure.SELF_CONSUMED, QUARTERS)
    assert isinstance(error, FinerThanMeteredError)


def test_bills_of_a_month_sum_up_what_each_interval_saves(engine, mixed):
    store_prices(engine, mixed)
    days = Period(date(2023, 1, 1), date(2023, 2, 1))
    with read_session(engine) as session:
        (month,) = iterate_settled_months(session, communities=[mixed.community], days=days)
    settled = month.settlement
    paid = settled.without_nano_eur - settled.grid_nano_eur + settled.compensation_nano_eur
    expected = [sum(reckon(0, Benefit.SAVINGS, by_quarters=True))]
    expected += [sum(reckon(place, Benefit.SAVINGS, by_quarters=False)) for place in (1, 2)]
    assert paid.tolist() == settled.saved_nano_eur.sum(axis=1).tolist() == expected


def test_what_plants_generate_needs_no_other_meter(engine, mixed):
    for kind, key in (
        (SubjectKind.PROMOTER, mixed.community.promoter_id),
        (SubjectKind.COMMUNITY, mixed.community.id),
    ):
        series = read_months(engine, kind, key, Measure.GENERATION, QUARTERS)
        assert told(series)[: 4 * N_HOURS] == [wh * 10**6 for wh in JANUARY[0]]


def test_a_quarter_that_was_not_read_leaves_its_hour_unknown(engine, mixed):
    quality = np.zeros(CONSUMPTION.shape[1], np.uint8)
    quality[41] = Quality.MISSING
    options = {"step": Step.QUARTER_HOUR, "quality": quality, "n_months": 1}
    meter = Channel.CONSUMPTION, mixed.points[0].id, CONSUMPTION[0]
    correct_year(engine, mixed, *meter, **options)
    for kind, key in (
        (SubjectKind.COMMUNITY, mixed.community.id),
        (SubjectKind.SUPPLY_POINT, mixed.points[0].id),
    ):
        series = read_months(engine, kind, key, Measure.GRID_IMPORT, HOURS)
        assert [hour for hour in range(N_HOURS) if told(series)[hour] is None] == [10]


def test_who_shares_in_a_plant_that_counts_by_the_hour_is_reckoned_by_the_hour(engine, shared):
    hours = np.array(by_hour(JANUARY[0]), np.int32)
    second = add_second_plant(engine, shared, np.resize(hours, 8760))
    store_mixed(engine, shared, 0, 1, 2)
    for place in (1, 2):
        leave(engine, second, place)
    alone = replace(second, points=second.points[:1])
    apply(engine, alone, agree(engine, alone, 1_000_000), date(2023, 1, 1))
    given = [(SHARES[0] + 10**6) * wh for wh in hours.tolist()]
    wanted = [wh * 10**6 for wh in by_hour(JANUARY[1][0])]
    member = SubjectKind.MEMBER, shared.members[0].id, Measure.SELF_CONSUMED
    series = read_months(engine, *member, HOURS)
    assert told(series)[:N_HOURS] == [min(pair) for pair in zip(given, wanted, strict=True)]
    assert isinstance(read_months(engine, *member, QUARTERS), FinerThanMeteredError)
    for place in (1, 2):
        other = SubjectKind.MEMBER, shared.members[place].id, Measure.SELF_CONSUMED
        expected = reckon(place, Measure.SELF_CONSUMED, by_quarters=True)
        assert told(read_months(engine, *other, QUARTERS))[: 4 * N_HOURS] == expected


@pytest.mark.parametrize("measure", Measure)
def test_a_year_is_that_of_its_months(engine, shared, measure):
    store_mixed(engine, shared, 0, n_months=12)
    subjects = [
        (SubjectKind.COMMUNITY, shared.community.id),
        (SubjectKind.INSTALLATION, shared.installation.id),
    ]
    if measure is not Measure.GENERATION:
        subjects += [(SubjectKind.MEMBER, member.id) for member in shared.members]
    for subject in subjects:
        year = read_year(engine, *subject, measure, HOURS)
        months = told(read_months(engine, *subject, measure, HOURS))
        assert year.values_kwh == pytest.approx([nano / 1e9 for nano in months], abs=1e-8)


def test_a_year_by_quarters_is_told_of_who_has_them(engine, shared):
    store_mixed(engine, shared, 0, n_months=12)
    whole = SubjectKind.COMMUNITY, shared.community.id
    own = SubjectKind.MEMBER, shared.members[0].id
    for subject, measure in (
        (whole, Measure.GENERATION),
        (whole, Measure.ALLOCATED),
        (own, Measure.SELF_CONSUMED),
    ):
        assert read_year(engine, *subject, measure, QUARTERS).values_kwh.size == 4 * 8760
    for measure in (Measure.CONSUMPTION, Measure.SURPLUS):
        error = read_year(engine, *whole, measure, QUARTERS)
        assert isinstance(error, FinerThanMeteredError)


def test_who_joined_and_has_no_share_counts_by_its_own_meter(engine, shared):
    store_mixed_meters(engine, shared, 0, n_months=12)
    leave(engine, shared, 0)
    rest = replace(shared, points=shared.points[1:])
    apply(engine, rest, agree(engine, rest, 600_000, 400_000), date(2023, 2, 1))
    with write_session(engine) as session:
        own = Membership.supply_point_id == shared.points[0].id
        session.exec(select(Membership).where(own)).one().valid_until = None
    for measure in (Measure.GRID_IMPORT, Measure.SELF_CONSUMED):
        for fewest in (1, 2):
            whole = SubjectKind.COMMUNITY, shared.community.id, measure
            year = read_year(engine, *whole, fewest=fewest).values_kwh.tolist()
            months = told(read_months(engine, *whole))
            assert year == pytest.approx([nano / 1e9 for nano in months])
    # All three count while nobody has a coefficient, and then those who have one.
    january = CONSUMPTION[:, : 4 * N_HOURS].sum() / 1000
    imported = read_year(engine, SubjectKind.COMMUNITY, shared.community.id, Measure.GRID_IMPORT)
    assert imported.values_kwh[0] == pytest.approx(january)


@pytest.mark.parametrize(
    ("fine", "step", "is_told"),
    [
        ((0,), Step.QUARTER_HOUR, False),
        ((0,), Step.HOUR, True),
        ((), Step.QUARTER_HOUR, True),
        ((0, 1), Step.QUARTER_HOUR, True),
    ],
)
def test_prices_within_the_hour_tell_no_few_apart_who_pay_them(
    engine, promoter, fine, step, is_told
):
    with write_session(engine) as session:
        four = add_community(session, promoter.id, n_members=4)
    prices = np.repeat(PRICES[PriceKind.ENERGY][::4], step.per_hour)
    prices[::2] += step.per_hour
    store_mixed_meters(engine, replace(four, points=four.points[:3]), *fine, n_months=1)
    with write_session(engine) as session:
        owner, last = four.community.promoter_id, four.points[3].id
        row = np.array(by_hour(CONSUMPTION[0].tolist()), np.int32)
        store_year(session, owner, Channel.CONSUMPTION, last, row, step=Step.HOUR, n_months=1)
        add_price_month(
            session,
            promoter_id=owner,
            community_id=four.community.id,
            kind=PriceKind.ENERGY,
            starts_at=month_instants(2023, MADRID)[0],
            step=step,
            nano_eur=prices,
            version=1,
            recorded_at=NOW,
        )
    apply(engine, four, agree(engine, four, *[250_000] * 4), date(2023, 1, 1))
    whole = SubjectKind.COMMUNITY, four.community.id, Benefit.SAVINGS
    assert (told(read_months(engine, *whole, fewest=2))[0] is not None) is is_told
    assert told(read_months(engine, *whole))[0] is not None
