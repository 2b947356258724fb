from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from api.services.agreements.applied_record import AppliedOverlapError
from api.services.agreements.find_agreement import AgreementStateError, ReasonError
from api.services.agreements.record_application import (
    NotInAgreementError,
    PeriodError,
    UnknownApplicationError,
    correct_applications,
    end_applications,
    remove_applications,
)
from models.session import read_session, write_session
from models.tables import ApplicationAct, AppliedCoefficient
from tests.support.agreements import NOW, agree, apply, draft, leave, list_acts, periods
from tests.support.stored_once import stored_once

JAN, MAR, MAY, JUL = (date(2026, month, 1) for month in (1, 3, 5, 7))
RECORDED, CORRECTED, ENDED, REMOVED = ApplicationAct


def change(engine, stored, function, since, place=None, **options):
    """Change the periods that begin on a day, of all or of one."""
    with write_session(engine) as session:
        rows = session.exec(
            select(AppliedCoefficient).where(AppliedCoefficient.valid_from == since)
        ).all()
        wanted = (
            {stored.points[place].id} if place is not None else {r.supply_point_id for r in rows}
        )
        ids = [row.id for row in rows if row.supply_point_id in wanted]
        asked = {"promoter_id": stored.community.promoter_id, "applied_ids": ids}
        function(session, **(asked | {"reason": "letter of the distributor", "now": NOW} | options))


def acts(engine, stored, place=0):
    with read_session(engine) as session:
        rows = list_acts(session, stored)
    point_id = stored.points[place].id
    return [
        (row.act, row.valid_from, row.valid_until, row.reason)
        for row in rows
        if row.supply_point_id == point_id
    ]


@stored_once
def two(engine, shared):
    """Publish two agreements; the first is applied from January."""
    first = agree(engine, shared, 500_000, 300_000, 200_000)
    apply(engine, shared, first, JAN)
    return first, agree(engine, shared, 200_000, 300_000, 500_000)


def test_the_next_ends_the_one_before(engine, shared, two):
    first, second = two
    added = apply(engine, shared, second, MAR, reason="e-mail of 2 March")
    assert len(added) == 3
    assert periods(engine, shared) == {
        place: [(first, JAN, MAR), (second, MAR, None)] for place in range(3)
    }
    assert acts(engine, shared) == [
        (RECORDED, JAN, None, None),
        (ENDED, JAN, MAR, "e-mail of 2 March"),
        (RECORDED, MAR, None, "e-mail of 2 March"),
    ]


def test_the_same_again_changes_nothing(engine, shared, two):
    before = periods(engine, shared)
    assert apply(engine, shared, two[0], JAN) == []
    assert periods(engine, shared) == before
    assert len(acts(engine, shared)) == 1


def test_some_members_earlier_than_others(engine, shared, two):
    first, second = two
    apply(engine, shared, second, MAR, supply_point_ids=[shared.points[1].id])
    apply(engine, shared, second, MAY, supply_point_ids=[p.id for p in shared.points[::2]])
    assert periods(engine, shared) == {
        0: [(first, JAN, MAY), (second, MAY, None)],
        1: [(first, JAN, MAR), (second, MAR, None)],
        2: [(first, JAN, MAY), (second, MAY, None)],
    }


def test_who_left_has_no_coefficient_once_all_others_have_the_new_one(engine, shared, two):
    first, _ = two
    leave(engine, shared, 2)
    shared.points.pop()
    second = agree(engine, shared, 400_000, 600_000)
    apply(engine, shared, second, MAR, supply_point_ids=[shared.points[0].id])
    with read_session(engine) as session:
        still = session.exec(
            select(AppliedCoefficient).where(col(AppliedCoefficient.valid_until).is_(None))
        )
        assert len(still.all()) == 3
    apply(engine, shared, second, MAY, supply_point_ids=[shared.points[1].id])
    with read_session(engine) as session:
        rows = session.exec(select(AppliedCoefficient)).all()
    ends = {row.valid_until for row in rows if row.agreement_id == first}
    assert ends == {MAR, MAY}
    assert {row.agreement_id for row in rows if row.valid_until is None} == {second}


def test_a_stated_end_leaves_days_empty(engine, shared, two):
    first, second = two
    apply(engine, shared, second, MAR, valid_until=MAY)
    assert periods(engine, shared)[0] == [(first, JAN, MAR), (second, MAR, MAY)]


@pytest.mark.parametrize(
    ("since", "until"), [(JAN, None), (date(2025, 12, 1), None), (date(2025, 12, 1), MAR)]
)
def test_two_coefficients_on_a_day_are_refused(engine, shared, two, since, until):
    before = periods(engine, shared)
    with pytest.raises(AppliedOverlapError, match="would have two coefficients from 2026-01-01"):
        apply(engine, shared, two[1], since, valid_until=until)
    assert periods(engine, shared) == before


def test_what_somebody_ended_is_not_cut(engine, shared, two):
    change(engine, shared, end_applications, JAN, valid_until=JUL)
    with pytest.raises(AppliedOverlapError, match="up to 2026-07-01") as caught:
        apply(engine, shared, two[1], MAY)
    assert caught.value.cups in {point.cups for point in shared.points}
    apply(engine, shared, two[1], JUL)


def test_the_same_agreement_is_not_applied_twice_at_once(engine, shared, two):
    with pytest.raises(AppliedOverlapError):
        apply(engine, shared, two[0], MAR)


def test_what_was_never_published_is_not_applied(engine, shared):
    with write_session(engine) as session:
        agreement_id = draft(session, shared, 1_000_000, 0, 0)
    with pytest.raises(AgreementStateError, match="is draft, and only one that is published or"):
        apply(engine, shared, agreement_id, JAN)


def test_what_makes_no_sense_is_refused(engine, shared, two):
    with pytest.raises(PeriodError, match="not after validFrom"):
        apply(engine, shared, two[1], MAR, valid_until=MAR)
    with pytest.raises(ReasonError):
        apply(engine, shared, two[1], MAR, reason=" ")
    with pytest.raises(NotInAgreementError, match="1 of the supply points"):
        apply(engine, shared, two[1], MAR, supply_point_ids=[uuid4(), shared.points[0].id])
    for function, options in (
        (correct_applications, {"valid_from": MAR, "valid_until": None}),
        (end_applications, {"valid_until": MAR}),
        (remove_applications, {}),
    ):
        for strange in ({"applied_ids": [uuid4()]}, {"promoter_id": uuid4()}):
            with pytest.raises(UnknownApplicationError):
                change(engine, shared, function, JAN, **(options | strange))
        with pytest.raises(ReasonError):
            change(engine, shared, function, JAN, **(options | {"reason": ""}))


@pytest.mark.parametrize("moved", [date(2026, 2, 10), date(2026, 4, 3)])
def test_the_one_before_follows_a_corrected_start(engine, shared, two, moved):
    first, second = two
    apply(engine, shared, second, MAR)
    change(engine, shared, correct_applications, MAR, 1, valid_from=moved, valid_until=None)
    assert periods(engine, shared)[1] == [(first, JAN, moved), (second, moved, None)]
    assert periods(engine, shared)[0] == [(first, JAN, MAR), (second, MAR, None)]
    said = "letter of the distributor"
    assert sorted(acts(engine, shared, 1)[3:], key=str) == sorted(
        [
            (CORRECTED, JAN, moved, said),
            (REMOVED, MAR, None, said),
            (CORRECTED, moved, None, said),
        ],
        key=str,
    )


def test_a_period_can_be_moved_clear_of_its_days(engine, shared, two):
    first, second = two
    apply(engine, shared, second, MAR, valid_until=date(2026, 3, 9))
    change(engine, shared, correct_applications, MAR, valid_from=MAY, valid_until=JUL)
    assert periods(engine, shared)[2] == [(first, JAN, MAY), (second, MAY, JUL)]


def test_a_correction_never_passes_the_one_before(engine, shared, two):
    apply(engine, shared, two[1], MAR)
    for moved in (JAN, date(2025, 6, 1)):
        with pytest.raises(AppliedOverlapError):
            change(engine, shared, correct_applications, MAR, valid_from=moved, valid_until=None)


def test_what_was_recorded_by_mistake_gives_its_days_back(engine, shared, two):
    first, second = two
    apply(engine, shared, second, MAR)
    third = agree(engine, shared, 0, 0, 1_000_000)
    apply(engine, shared, third, MAY)
    change(engine, shared, remove_applications, MAR)
    assert periods(engine, shared)[0] == [(first, JAN, MAY), (third, MAY, None)]


def test_several_mistakes_in_a_row(engine, shared, two):
    first, second = two
    apply(engine, shared, second, MAR)
    apply(engine, shared, agree(engine, shared, 0, 0, 1_000_000), MAY)
    with read_session(engine) as session:
        ids = [r.id for r in session.exec(select(AppliedCoefficient)) if r.valid_from > JAN]
    change(engine, shared, remove_applications, JAN, applied_ids=ids)
    assert periods(engine, shared)[1] == [(first, JAN, None)]
    change(engine, shared, remove_applications, JAN)
    assert periods(engine, shared) == {0: [], 1: [], 2: []}


def test_acts_have_rising_instants_even_when_the_clock_stands(engine, shared, two):
    change(engine, shared, end_applications, JAN, valid_until=MAR)
    change(engine, shared, end_applications, JAN, valid_until=MAY)
    with read_session(engine) as session:
        rows = list_acts(session, shared)
    tick = timedelta(microseconds=1)
    assert {row.recorded_at for row in rows} == {NOW, NOW + tick, NOW + 2 * tick}
