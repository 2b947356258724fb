"""Months shared out to the last millionth of a watt-hour."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from api.services.agreements.record_application import record_application
from api.services.communities.find_plant import UnknownInstallationError
from api.services.energy.allocate_month import (
    AllocatedMonthError,
    OverallocatedError,
    allocate_month,
    read_allocations,
)
from api.services.energy.month_inputs import UnlikeStepsError
from api.services.energy.month_sharing import NothingAppliedError
from models.repositories.readings import MissingMonthsError
from models.session import read_session, write_session
from models.tables import AllocatedEnergy, MonthAllocation
from models.values.calendar import Step, month_starts
from models.values.metering import Channel, Quality
from tests.support.agreements import (
    MADRID,
    NOW,
    add_second_plant,
    agree,
    apply,
    correct_year,
    publish,
    random_year,
    store_meters,
    store_year,
)
from tests.support.stored_once import stored_once

GENERATION, CONSUMPTION = random_year(3)
STARTS = [*month_starts(2023, MADRID, Step.HOUR).tolist(), 8760]
OCTOBER, CHANGE = date(2023, 10, 1), date(2023, 10, 20)
MILLION = 1_000_000


@stored_once
def metered(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    return shared


def allocate(engine, stored, month=OCTOBER, **options):
    with write_session(engine) as session:
        asked = {
            "promoter_id": stored.community.promoter_id,
            "installation": stored.installation.id,
        }
        return allocate_month(session, **(asked | {"month": month, "now": NOW} | options))


def amounts(stored, allocated):
    """List (consumption, allocated, self-consumed) of each member, in the order of the list."""
    parts = {part.supply_point_id: part for part in allocated.parts}
    return [
        (
            parts[p.id].consumption_wh,
            parts[p.id].allocated_micro_wh,
            parts[p.id].self_consumed_micro_wh,
        )
        for p in stored.points
        if p.id in parts
    ]


def test_a_change_inside_a_month_by_hand(engine, metered):
    apply(engine, metered, agree(engine, metered, 500_000, 300_000, 200_000), date(2023, 1, 1))
    apply(engine, metered, agree(engine, metered, 200_000, 299_999, 500_001), CHANGE)
    allocated = allocate(engine, metered)
    span = range(STARTS[9], STARTS[10])
    assert len(span) == 745  # the 29th has 25 hours
    changed = STARTS[9] + 19 * 24
    expected = []
    for place, (before, after) in enumerate(
        ((500_000, 200_000), (300_000, 299_999), (200_000, 500_001))
    ):
        given_out = [int(GENERATION[hour]) * (before if hour < changed else after) for hour in span]
        eaten = [int(CONSUMPTION[place, hour]) for hour in span]
        used = [min(g, c * MILLION) for g, c in zip(given_out, eaten, strict=True)]
        expected.append((sum(eaten), sum(given_out), sum(used)))
    assert amounts(metered, allocated) == expected
    month = allocated.allocation
    assert month.generation_wh == int(GENERATION[STARTS[9] : STARTS[10]].sum())
    assert month.unallocated_micro_wh == 0
    assert (month.starts_at, month.version) == (datetime(2023, 9, 30, 22, tzinfo=UTC), 1)


@given(data=st.data())
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_is_lost(engine, metered, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, MILLION), min_size=2, max_size=2)))
    since = date(2023, 3, 1) + timedelta(days=data.draw(st.integers(0, 30)))
    members = data.draw(st.sets(st.integers(0, 2), min_size=1))
    with Session(engine, expire_on_commit=False) as session:  # never committed
        tenant = {"promoter_id": metered.community.promoter_id, "now": NOW}
        shares = np.diff([0, *cuts, MILLION]).tolist()
        record_application(
            session,
            agreement_id=publish(session, metered, *shares),
            valid_from=since,
            supply_point_ids=[metered.points[place].id for place in members],
            **tenant,
        )
        found = allocate_month(
            session, installation=metered.installation.id, month=date(2023, 3, 1), **tenant
        )
    month = found.allocation
    parts = amounts(metered, found)
    assert sum(part[1] for part in parts) + month.unallocated_micro_wh == (
        month.generation_wh * MILLION
    )
    assert all(0 <= used <= share and used <= wh * MILLION for wh, share, used in parts)


def test_the_same_inputs_store_nothing_new(engine, metered):
    first = agree(engine, metered, 500_000, 300_000, 200_000)
    apply(engine, metered, first, date(2023, 1, 1))
    made, again = allocate(engine, metered), allocate(engine, metered)
    assert (made.is_new, again.is_new) == (True, False)
    assert again.allocation.id == made.allocation.id
    assert amounts(metered, again) == amounts(metered, made)
    # what changes in another month changes nothing in this one
    apply(engine, metered, agree(engine, metered, 0, 0, MILLION), date(2023, 11, 1))
    assert not allocate(engine, metered).is_new


@pytest.mark.parametrize("what", ["coefficients", "consumption", "generation"])
def test_changed_inputs_make_another_version(engine, metered, what):
    apply(engine, metered, agree(engine, metered, 500_000, 300_000, 200_000), date(2023, 1, 1))
    before = allocate(engine, metered)
    if what == "coefficients":
        apply(engine, metered, agree(engine, metered, 0, 0, MILLION), date(2023, 10, 31))
    elif what == "consumption":
        correct_year(engine, metered, Channel.CONSUMPTION, metered.points[0].id, CONSUMPTION[0] + 1)
    else:
        correct_year(engine, metered, Channel.GENERATION, metered.installation.id, GENERATION + 1)
    after = allocate(engine, metered)
    assert (after.is_new, after.allocation.version) == (True, 2)
    assert amounts(metered, after) != amounts(metered, before)
    with read_session(engine) as session:
        (read,) = read_allocations(
            session,
            promoter_id=metered.community.promoter_id,
            installation_ids=[metered.installation.id],
            since=datetime(2023, 9, 30, 22, tzinfo=UTC),
            until=datetime(2023, 10, 31, 23, tzinfo=UTC),
        )
    assert (read.allocation.id, amounts(metered, read)) == (
        after.allocation.id,
        amounts(metered, after),
    )


def test_quarter_hours_of_a_month_with_a_short_day(engine, shared):
    generation, consumption = random_year(3, step=Step.QUARTER_HOUR)
    store_meters(engine, shared, generation, consumption, step=Step.QUARTER_HOUR)
    apply(engine, shared, agree(engine, shared, MILLION, 0, 0), date(2023, 1, 1))
    starts = month_starts(2023, MADRID, Step.QUARTER_HOUR).tolist()
    span = slice(starts[2], starts[3])
    assert span.stop - span.start == 743 * 4
    found = allocate(engine, shared, date(2023, 3, 1))
    used = np.minimum(generation[span], consumption[0, span]).sum() * MILLION
    assert amounts(shared, found)[0][1:] == (int(generation[span].sum()) * MILLION, int(used))


def test_shares_of_two_plants(engine, metered):
    second = add_second_plant(engine, metered, 2 * GENERATION)
    apply(engine, metered, agree(engine, metered, 700_000, 300_000, 0), date(2023, 1, 1))
    apply(engine, second, agree(engine, second, 100_000, 0, 900_000), CHANGE)
    plants = [metered, second]
    found = [allocate(engine, plant) for plant in plants]
    changed = STARTS[9] + 19 * 24
    exact, whole = [Fraction(0), Fraction(0)], 0
    for hour in range(STARTS[9], STARTS[10]):
        shares = [700_000 * int(GENERATION[hour])]
        shares.append(200_000 * int(GENERATION[hour]) if hour >= changed else 0)
        used = min(sum(shares), int(CONSUMPTION[0, hour]) * MILLION)
        whole += used
        for place, share in enumerate(shares):
            exact[place] += Fraction(used * share, sum(shares)) if share else 0
    used = [amounts(metered, each)[0][2] for each in found]
    assert sum(used) == whole
    assert all(abs(part - fair) < 745 for part, fair in zip(used, exact, strict=True))
    for each in found:
        given_out = sum(part.allocated_micro_wh for part in each.parts)
        month = each.allocation
        assert given_out + month.unallocated_micro_wh == month.generation_wh * MILLION


def test_what_sums_to_more_than_one_is_refused(engine, metered):
    apply(engine, metered, agree(engine, metered, 500_000, 300_000, 200_000), date(2023, 1, 1))
    second = agree(engine, metered, 600_000, 300_000, 100_000)
    apply(engine, metered, second, CHANGE, supply_point_ids=[metered.points[0].id])
    with pytest.raises(OverallocatedError, match=r"sums to 1\.100000 on 2023-10-20") as caught:
        allocate(engine, metered)
    assert (caught.value.day, caught.value.total) == (CHANGE, 1_100_000)
    assert not stored(engine)
    assert allocate(engine, metered, date(2023, 9, 1)).is_new


def stored(engine):
    with read_session(engine) as session:
        return (
            session.exec(select(MonthAllocation)).all()
            + session.exec(select(AllocatedEnergy)).all()
        )


def test_what_cannot_be_shared_out(engine, metered):
    with pytest.raises(NothingAppliedError, match="in 2023-10"):
        allocate(engine, metered)
    apply(engine, metered, agree(engine, metered, MILLION, 0, 0), date(2023, 11, 1))
    with pytest.raises(NothingAppliedError, match="in 2023-10"):
        allocate(engine, metered)
    for wrong in (date(2023, 10, 2), date(1999, 1, 1)):
        with pytest.raises(AllocatedMonthError):
            allocate(engine, metered, wrong)
    with pytest.raises(UnknownInstallationError):
        allocate(engine, metered, promoter_id=uuid4())
    with pytest.raises(MissingMonthsError, match="no generation is stored"):
        allocate(engine, metered, date(2024, 1, 1))
    assert not stored(engine)


def test_different_steps_are_refused(engine, metered):
    apply(engine, metered, agree(engine, metered, MILLION, 0, 0), date(2023, 1, 1))
    quarters = np.zeros(4 * 8760, np.int32)
    meter = metered.points[1].id
    correct_year(engine, metered, Channel.CONSUMPTION, meter, quarters, step=Step.QUARTER_HOUR)
    with pytest.raises(UnlikeStepsError, match="by different steps in 2023-10"):
        allocate(engine, metered)


@pytest.mark.parametrize("place", [0, 2])
def test_gaps_matter_only_where_somebody_has_a_coefficient(engine, metered, place):
    agreement_id = agree(engine, metered, MILLION, 0, 0)
    apply(engine, metered, agreement_id, date(2023, 1, 1), valid_until=date(2023, 12, 1))
    quality = np.zeros(8760, np.uint8)
    quality[STARTS[9] + 10] = Quality.MISSING
    point = metered.points[place]
    correct_year(
        engine, metered, Channel.CONSUMPTION, point.id, CONSUMPTION[place], quality=quality
    )
    if place == 0:
        with pytest.raises(MissingMonthsError, match=f"{point.cups} in part of 2023-10"):
            allocate(engine, metered)
    else:
        assert allocate(engine, metered).is_new
    quality[:] = Quality.MISSING
    with write_session(engine) as session:
        owner = metered.community.promoter_id
        store_year(
            session,
            owner,
            Channel.GENERATION,
            metered.installation.id,
            GENERATION,
            version=2,
            quality=quality,
        )
    with pytest.raises(MissingMonthsError, match="no generation"):
        allocate(engine, metered, date(2023, 6, 1))
