"""What a members' list states counts as applied from the first day of its year."""

from datetime import date

import pytest
from sqlmodel import select

from api.services.agreements.record_application import end_applications, record_application
from models.session import read_session, write_session
from models.tables import AppliedCoefficient, SupplyPoint
from tests.support.community_folders import build_community_year
from tests.support.imports import LATER, import_year, keep_members, with_betas
from tests.support.stored_proposals import store_plain_agreement

JAN_23, JAN_24, MAY_23 = date(2023, 1, 1), date(2024, 1, 1), date(2023, 5, 1)
OLD = (0.5, 0.3, 0.2)
NEW = (0.2, 0.3, 0.5)


def year_of(year: int, betas: tuple[float, ...]):
    return with_betas(build_community_year(year=year), *betas)


def applied(engine):
    """List (agreement, from, until) by the last digits of the CUPS."""
    with read_session(engine) as session:
        rows = session.exec(
            select(AppliedCoefficient, SupplyPoint.cups)
            .join(SupplyPoint)
            .order_by(SupplyPoint.cups, AppliedCoefficient.valid_from)
        ).all()
    found = {}
    for row, cups in rows:
        found.setdefault(cups, []).append((row.agreement_id, row.valid_from, row.valid_until))
    return list(found.values())


def bring(engine, promoter, year, betas=OLD):
    return import_year(engine, promoter, year_of(year, betas), LATER).agreement.agreement_id


def test_from_the_first_day_of_the_year(engine, promoter):
    agreement_id = bring(engine, promoter, 2023)
    assert applied(engine) == [[(agreement_id, JAN_23, None)]] * 3
    assert import_year(engine, promoter, year_of(2023, OLD)).is_unchanged
    assert applied(engine) == [[(agreement_id, JAN_23, None)]] * 3


def test_the_next_year_with_the_same_coefficients_changes_nothing(engine, promoter):
    agreement_id = bring(engine, promoter, 2023)
    assert bring(engine, promoter, 2024) == agreement_id
    assert applied(engine) == [[(agreement_id, JAN_23, None)]] * 3


def test_the_next_year_with_others_begins_on_its_first_day(engine, promoter):
    old, new = bring(engine, promoter, 2023), bring(engine, promoter, 2024, NEW)
    assert applied(engine) == [[(old, JAN_23, JAN_24), (new, JAN_24, None)]] * 3


@pytest.mark.parametrize("betas", [OLD, NEW])
def test_an_earlier_year_imported_later_holds_up_to_the_later_one(engine, promoter, betas):
    later = bring(engine, promoter, 2024)
    earlier = bring(engine, promoter, 2023, betas)
    assert (earlier == later) is (betas is OLD)
    assert applied(engine) == [[(earlier, JAN_23, JAN_24), (later, JAN_24, None)]] * 3


def test_a_corrected_list_of_the_same_year_takes_the_place(engine, promoter):
    bring(engine, promoter, 2023)
    new = bring(engine, promoter, 2023, NEW)
    assert applied(engine) == [[(new, JAN_23, None)]] * 3


def test_who_left_the_list_has_no_coefficient_any_more(engine, promoter):
    old = bring(engine, promoter, 2023)
    year = keep_members(year_of(2024, (0.4, 0.6, 0.0)), [0, 1])
    new = import_year(engine, promoter, year, LATER).agreement.agreement_id
    assert applied(engine)[2] == [(old, JAN_23, JAN_24)]
    assert applied(engine)[0] == [(old, JAN_23, JAN_24), (new, JAN_24, None)]


def test_what_the_distributor_applied_since_stays(engine, promoter):
    old = bring(engine, promoter, 2023)
    other = store_plain_agreement(engine, promoter, (0, 0, 1_000_000))
    with write_session(engine) as session:
        record_application(
            session, promoter_id=promoter.id, agreement_id=other, valid_from=MAY_23, now=LATER
        )
    bring(engine, promoter, 2023)
    expected = [[(old, JAN_23, MAY_23), (other, MAY_23, None)]] * 3
    assert applied(engine) == expected
    # a list of other coefficients replaces what lists stated, up to what came later
    new = bring(engine, promoter, 2023, NEW)
    assert applied(engine) == [[(new, JAN_23, MAY_23), (other, MAY_23, None)]] * 3


def test_a_proposals_agreement_applied_from_that_day_stays(engine, promoter):
    bring(engine, promoter, 2023)
    other = store_plain_agreement(engine, promoter, (0, 0, 1_000_000), from_proposal=True)
    with write_session(engine) as session:
        record_application(
            session, promoter_id=promoter.id, agreement_id=other, valid_from=JAN_24, now=LATER
        )
    before = applied(engine)
    bring(engine, promoter, 2024, NEW)
    assert applied(engine) == before


def test_what_somebody_ended_in_the_year_stays(engine, promoter):
    bring(engine, promoter, 2023)
    with read_session(engine) as session:
        ids = [row.id for row in session.exec(select(AppliedCoefficient))]
    with write_session(engine) as session:
        end_applications(
            session,
            promoter_id=promoter.id,
            applied_ids=ids,
            valid_until=date(2024, 5, 1),
            reason="the plant is repaired",
            now=LATER,
        )
    before = applied(engine)
    bring(engine, promoter, 2024, NEW)
    assert applied(engine) == before
