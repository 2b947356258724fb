"""A community's months, shared out again only where what they are made from has changed."""

from datetime import date
from uuid import uuid4

import pytest

from api.services.agreements.record_application import remove_applications
from api.services.communities.find_community import UnknownCommunityError
from api.services.energy.allocate_month import AllocatedMonthError, allocate_community
from api.services.energy.month_sharing import NothingAppliedError
from models.repositories.readings import MissingMonthsError
from models.session import write_session
from models.tables import MonthAllocation
from models.values.metering import Channel
from tests.support.agreements import (
    NOW,
    add_second_plant,
    agree,
    apply,
    correct_year,
    random_year,
    store_meters,
)
from tests.support.queries import count_queries
from tests.support.stored_once import stored_once

GENERATION, CONSUMPTION = random_year(3)
MILLION = 1_000_000


@stored_once
def metered(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION)
    return shared


def run_community(engine, metered, **options):
    with write_session(engine) as session:
        asked = {
            "promoter_id": metered.community.promoter_id,
            "community_id": metered.community.id,
            "now": NOW,
        }
        return allocate_community(session, **(asked | options))


def test_a_community_month_by_month(engine, metered):
    second = add_second_plant(engine, metered, 2 * GENERATION)
    apply(engine, metered, agree(engine, metered, MILLION, 0, 0), date(2023, 11, 1))
    outcomes = run_community(engine, metered)
    assert [(each.cau, each.month.month) for each in outcomes] == [
        (plant.installation.cau, month) for plant in (metered, second) for month in range(1, 13)
    ]
    shared_out = [each for each in outcomes if not isinstance(each.result, NothingAppliedError)]
    assert [(each.month.month, each.is_new) for each in shared_out] == [
        (11, True),
        (12, True),
    ]
    again = run_community(engine, metered, months=[date(2023, 11, 1)])
    assert [type(each.result) for each in again] == [MonthAllocation, NothingAppliedError]
    assert not any(each.is_new for each in again)


def test_a_community_without_readings_has_no_months(engine, shared):
    assert run_community(engine, shared) == []


def test_what_is_no_community_or_month(engine, metered):
    with pytest.raises(UnknownCommunityError):
        run_community(engine, metered, community_id=uuid4())
    with pytest.raises(AllocatedMonthError):
        run_community(engine, metered, months=[date(2023, 11, 2)])


def new_months(engine, metered, **options):
    """List what a turn of the night stores, by plant and month."""
    outcomes = run_community(engine, metered, **options)
    return [(each.cau, each.month.month) for each in outcomes if each.is_new]


@stored_once
def two_plants(engine, metered):
    """Share both plants out over the whole year; the third member has its part of the first."""
    second = add_second_plant(engine, metered, 2 * GENERATION)
    apply(engine, metered, agree(engine, metered, 500_000, 300_000, 200_000), date(2023, 1, 1))
    first_two = {"supply_point_ids": [point.id for point in metered.points[:2]]}
    agreement = agree(engine, second, 500_000, 500_000, 0)
    apply(engine, second, agreement, date(2023, 6, 1), **first_two)
    assert len(new_months(engine, metered)) == 12 + 7
    assert new_months(engine, metered) == []
    return metered, second


@pytest.mark.parametrize(
    ("what", "first_month", "second_month"),
    [
        ("coefficients of both", 11, 11),
        ("coefficients of one", 11, 13),
        ("consumption of one", 1, 13),
        ("consumption of both", 1, 6),
        ("generation of the second", 6, 6),
    ],
)
def test_only_months_with_other_inputs_are_shared_out_again(
    engine, two_plants, what, first_month, second_month
):
    first, second = two_plants
    if what == "coefficients of both":
        apply(engine, second, agree(engine, second, MILLION, 0, 0), date(2023, 11, 30))
    elif what == "coefficients of one":
        # Of a supply point that has no part of the second.
        third = {"supply_point_ids": [first.points[2].id]}
        agreement = agree(engine, first, 500_000, 400_000, 100_000)
        apply(engine, first, agreement, date(2023, 11, 30), **third)
    elif what == "generation of the second":
        correct_year(engine, first, Channel.GENERATION, second.installation.id, GENERATION)
    else:
        place = 2 if what == "consumption of one" else 0
        correct_year(
            engine, first, Channel.CONSUMPTION, first.points[place].id, CONSUMPTION[place] + 1
        )
    expected = [(first.installation.cau, month) for month in range(first_month, 13)]
    expected += [(second.installation.cau, month) for month in range(second_month, 13)]
    assert new_months(engine, first) == expected
    assert new_months(engine, first) == []


def test_a_month_in_which_nothing_is_applied_any_more_is_told(engine, metered):
    applied = apply(engine, metered, agree(engine, metered, MILLION, 0, 0), date(2023, 12, 1))
    assert len(new_months(engine, metered)) == 1
    with write_session(engine) as session:
        remove_applications(
            session,
            promoter_id=metered.community.promoter_id,
            applied_ids=[row.id for row in applied],
            reason="another plant",
            now=NOW,
        )
    (december,) = run_community(engine, metered, months=[date(2023, 12, 1)])
    assert isinstance(december.result, NothingAppliedError)


def test_a_member_without_readings_is_told_of_a_month_that_was_shared_out(engine, shared):
    store_meters(engine, shared, GENERATION, CONSUMPTION[:2], points=shared.points[:2])
    agreement = agree(engine, shared, 500_000, 300_000, 200_000)
    ids = [point.id for point in shared.points]
    apply(engine, shared, agreement, date(2023, 1, 1), supply_point_ids=ids[:2])
    assert len(new_months(engine, shared)) == 12
    apply(engine, shared, agreement, date(2023, 12, 1), supply_point_ids=ids[2:])
    outcomes = run_community(engine, shared)
    assert [type(each.result) for each in outcomes] == [
        *[MonthAllocation] * 11,
        MissingMonthsError,
    ]


def test_months_without_changes_take_the_same_few_queries_and_no_energy(engine, two_plants):
    counts = []
    for n_months in (1, 7):
        months = [date(2023, 12 - number, 1) for number in range(n_months)]
        with count_queries(engine) as statements:
            assert new_months(engine, two_plants[0], months=months) == []
        assert not [each for each in statements if "energy_wh" in each]
        counts.append(len(statements))
    assert counts[0] == counts[1]
