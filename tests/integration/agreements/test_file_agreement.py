from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import numpy as np
import pytest
from sqlmodel import select

from api.services.agreements.answer_filing import (
    AnswerDayError,
    FilingStateError,
    UnknownFilingError,
    confirm_filing,
    refuse_filing,
)
from api.services.agreements.check_filings import check_filings
from api.services.agreements.file_agreement import (
    FilingCheck,
    FilingRefusedError,
    FutureDayError,
    check_filing,
    file_agreement,
)
from api.services.agreements.filing_rules.findings import FindingCode, Severity
from api.services.agreements.find_agreement import ReasonError, UnknownAgreementError
from api.services.agreements.record_application import remove_applications
from models.regulation.dated_figures import UnknownFigureError
from models.repositories.agreements import draft_agreement, publish_agreement
from models.repositories.hourly_coefficients import add_hourly_coefficients
from models.session import read_session, write_session
from models.tables import (
    AppliedCoefficient,
    CoefficientMode,
    DistributionAgreement,
    Filing,
    FilingState,
    Membership,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.modality import Modality
from tests.support.agreements import (
    NOW,
    add_second_plant,
    agree,
    apply,
    draft,
    leave,
    periods,
)
from tests.support.queries import count_queries

FILED, HOLDS = date(2026, 11, 9), date(2026, 12, 1)
ALL = (500_000, 300_000, 200_000)


def file(engine, shared, agreement, filed_on=FILED, **options):
    with write_session(engine) as session:
        asked = {"promoter_id": shared.community.promoter_id, "agreement_id": agreement}
        return file_agreement(session, **(asked | {"filed_on": filed_on, "now": NOW} | options))


def check(engine, shared, agreement_id, filed_on=FILED):
    with read_session(engine) as session:
        return check_filing(
            session,
            promoter_id=shared.community.promoter_id,
            agreement_id=agreement_id,
            filed_on=filed_on,
        )


def answer(engine, shared, filing, function, **options):
    with write_session(engine) as session:
        asked = {"promoter_id": shared.community.promoter_id, "filing_id": filing.id}
        asked |= {"answered_on": date(2026, 11, 20), "now": NOW}
        return function(session, **(asked | options))


def know_all(engine, shared, **changed):
    """Enter what the rules ask for."""
    with write_session(engine) as session:
        plant = session.get_one(SelfConsumptionInstallation, shared.installation.id)
        for row in (plant, *session.exec(select(SupplyPoint))):
            row.lat, row.lon = 39.47, -0.38
        for row in (plant, *session.exec(select(Membership))):
            row.modality = Modality.COMPENSATED_SURPLUS
        plant.is_internal = False
        for name, value in changed.items():
            setattr(plant, name, value)


def filings(engine):
    with read_session(engine) as session:
        return [
            (row.state, row.filed_on, row.answered_on, row.refused_because)
            for row in session.exec(select(Filing).order_by(Filing.created_at))
        ]


def codes(checked):
    return {(finding.code, finding.severity) for finding in checked.findings}


def test_what_is_not_known_is_told_and_does_not_stand_in_the_way(engine, shared):
    agreement_id = agree(engine, shared, *ALL)
    filing, checked = file(engine, shared, agreement_id)
    assert codes(checked) == {
        (FindingCode.MODALITY_UNKNOWN, Severity.UNKNOWN),
        (FindingCode.CONNECTION_UNKNOWN, Severity.UNKNOWN),
        (FindingCode.PLACE_UNKNOWN, Severity.UNKNOWN),
    }
    assert checked.first_day_on == HOLDS
    assert (filing.agreement_id, filing.state) == (agreement_id, FilingState.IN_FLIGHT)


def test_when_all_is_known_nothing_is_found(engine, shared):
    know_all(engine, shared)
    assert check(engine, shared, agree(engine, shared, *ALL)).findings == ()


def test_all_errors_come_together_and_nothing_is_stored(engine, shared):
    know_all(engine, shared, inverter_power_w=100_001, lat=40.0)
    agreement_id = agree(engine, shared, *ALL, year=2025)
    apply(engine, shared, agree(engine, shared, *ALL), date(2026, 9, 1))
    leave(engine, shared, 2)
    with write_session(engine) as session:
        session.exec(select(Membership)).first().modality = Modality.SOLD_SURPLUS
    with pytest.raises(FilingRefusedError) as caught:
        file(engine, shared, agreement_id)
    errors = {each.code for each in caught.value.findings if each.severity is Severity.ERROR}
    assert errors == {
        FindingCode.NOT_PUBLISHED,
        FindingCode.TOO_SOON,
        FindingCode.FILE_YEAR_PAST,
        FindingCode.MEMBERS,
        FindingCode.MODALITIES_DIFFER,
        FindingCode.TOO_MUCH_POWER,
        FindingCode.TOO_FAR,
    }
    assert str(caught.value).count("RD 244/2019") >= 6
    assert filings(engine) == []


def test_a_draft_can_be_checked(engine, shared):
    know_all(engine, shared)
    with write_session(engine) as session:
        agreement_id = draft(session, shared, *ALL)
    assert codes(check(engine, shared, agreement_id)) == {
        (FindingCode.NOT_PUBLISHED, Severity.ERROR)
    }


def publish_hours(engine, shared, late=0):
    """Publish hourly coefficients that sum to one, but for one hour."""
    hours = np.tile(np.array([[500_000], [300_000], [200_000]]), 8760)
    hours[0, 4000] += late
    agreement = DistributionAgreement(
        promoter_id=shared.community.promoter_id,
        installation_id=shared.installation.id,
        mode=CoefficientMode.HOURLY,
        file_year=2026,
        created_at=NOW,
    )
    ids = [point.id for point in shared.points]
    with write_session(engine) as session:
        draft_agreement(session, agreement, dict(zip(ids, ALL, strict=True)))
        add_hourly_coefficients(session, agreement, dict(zip(ids, hours, strict=True)))
        publish_agreement(session, agreement, published_at=NOW)
    return agreement.id


@pytest.mark.parametrize(("late", "expected"), [(0, []), (1, [FindingCode.SUM])])
def test_hours_sum_to_one(engine, shared, late, expected):
    know_all(engine, shared)
    checked = check(engine, shared, publish_hours(engine, shared, late))
    assert [finding.code for finding in checked.findings] == expected
    assert all("in hour 4001, sum to 1000001" in each.message for each in checked.findings)


def test_one_change_in_flight(engine, shared):
    file(engine, shared, agree(engine, shared, *ALL))
    second = agree(engine, shared, *ALL)
    with pytest.raises(FilingRefusedError, match="a change filed on 2026-11-09 waits"):
        file(engine, shared, second)
    assert len(filings(engine)) == 1


def test_who_files_second_waits_for_the_first(engine, shared):
    agreement_id = agree(engine, shared, *ALL)
    with ThreadPoolExecutor(1) as other, write_session(engine) as session:
        owner = shared.community.promoter_id
        asked = {"promoter_id": owner, "agreement_id": agreement_id, "filed_on": FILED}
        file_agreement(session, **asked, now=NOW)
        second = other.submit(file, engine, shared, agreement_id)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)
        session.commit()
        with pytest.raises(FilingRefusedError, match="a change filed on 2026-11-09 waits"):
            second.result(timeout=20)


def test_what_cannot_be_filed(engine, shared):
    agreement_id = agree(engine, shared, *ALL)
    with pytest.raises(FutureDayError, match="2026-11-22 has not come yet, today is 2026-11-21"):
        file(engine, shared, agreement_id, date(2026, 11, 22))
    with pytest.raises(UnknownFigureError):
        file(engine, shared, agreement_id, date(2019, 1, 1))
    for strange in ({"promoter_id": uuid4()}, {"agreement_id": uuid4()}):
        with pytest.raises(UnknownAgreementError):
            file(engine, shared, agreement_id, **strange)


def test_a_refused_filing_leaves_what_was_applied(engine, shared):
    first = agree(engine, shared, *ALL)
    apply(engine, shared, first, date(2026, 1, 1))
    filing, _ = file(engine, shared, agree(engine, shared, 200_000, 300_000, 500_000))
    answer(engine, shared, filing, refuse_filing, reason="the CAU differs")
    said = (FilingState.REFUSED, FILED, date(2026, 11, 20), "the CAU differs")
    assert filings(engine) == [said]
    assert periods(engine, shared)[0] == [(first, date(2026, 1, 1), None)]
    second, _ = file(engine, shared, filing.agreement_id)
    assert second.state is FilingState.IN_FLIGHT


@pytest.mark.parametrize("valid_from", [None, date(2027, 1, 1)])
def test_a_confirmed_filing_is_applied_to_all(engine, shared, valid_from):
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    answer(engine, shared, filing, confirm_filing, valid_from=valid_from)
    assert filings(engine) == [(FilingState.APPLIED, FILED, date(2026, 11, 20), None)]
    expected = [(filing.agreement_id, valid_from or HOLDS, None)]
    assert periods(engine, shared) == dict.fromkeys(range(3), expected)


def test_a_filing_is_applied_once_every_member_has_dates(engine, shared):
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    first, *others = (point.id for point in shared.points)
    apply(engine, shared, filing.agreement_id, HOLDS, supply_point_ids=[first])
    assert filings(engine)[0][0] is FilingState.IN_FLIGHT
    apply(engine, shared, filing.agreement_id, date(2027, 1, 1), supply_point_ids=others)
    assert filings(engine) == [(FilingState.APPLIED, FILED, date(2026, 11, 21), None)]


def test_confirming_spares_those_who_have_dates(engine, shared):
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    early = date(2026, 11, 15)
    apply(engine, shared, filing.agreement_id, early, supply_point_ids=[shared.points[1].id])
    answer(engine, shared, filing, confirm_filing)
    starts = [held[0][1] for held in periods(engine, shared).values()]
    assert starts == [HOLDS, early, HOLDS]


def test_filing_what_is_applied_already_can_be_confirmed(engine, shared):
    agreement_id = agree(engine, shared, *ALL)
    apply(engine, shared, agreement_id, date(2026, 1, 1))
    filing, checked = file(engine, shared, agreement_id)
    assert (FindingCode.APPLIED_ALREADY, Severity.WARNING) in codes(checked)
    answer(engine, shared, filing, confirm_filing)
    assert filings(engine)[0][0] is FilingState.APPLIED
    assert periods(engine, shared)[0] == [(agreement_id, date(2026, 1, 1), None)]


def test_taking_all_dates_back_lets_the_filing_wait_again(engine, shared):
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    answer(engine, shared, filing, confirm_filing)
    with read_session(engine) as session:
        one, *others = (row.id for row in session.exec(select(AppliedCoefficient)))
    for ids, state in (([one], FilingState.APPLIED), (others, FilingState.IN_FLIGHT)):
        with write_session(engine) as session:
            remove_applications(
                session,
                promoter_id=shared.community.promoter_id,
                applied_ids=ids,
                reason="meant for another plant",
                now=NOW,
            )
        assert filings(engine)[0][0] is state
    answer(engine, shared, filing, refuse_filing, reason="no signature")


@pytest.mark.parametrize("function", [refuse_filing, confirm_filing])
def test_what_is_no_answer(engine, shared, function):
    options = {"reason": "because"} if function is refuse_filing else {}
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    for wrong, error in (
        ({"filing_id": uuid4()}, UnknownFilingError),
        ({"promoter_id": uuid4()}, UnknownFilingError),
        ({"answered_on": date(2026, 11, 8)}, AnswerDayError),
        ({"answered_on": date(2026, 11, 22)}, FutureDayError),
    ):
        with pytest.raises(error):
            answer(engine, shared, filing, function, **(options | wrong))
    if function is refuse_filing:
        with pytest.raises(ReasonError):
            answer(engine, shared, filing, function, reason="")
    answer(engine, shared, filing, function, **options)
    with pytest.raises(FilingStateError, match="was answered on 2026-11-20"):
        answer(engine, shared, filing, function, **options)


def check_several(engine, shared, agreement_ids, filed_on=FILED):
    with read_session(engine) as session:
        return check_filings(
            session,
            promoter_id=shared.community.promoter_id,
            agreement_ids=agreement_ids,
            filed_on=filed_on,
        )


def test_several_are_checked_as_each_by_itself(engine, shared):
    second = add_second_plant(engine, shared, np.zeros(8760, np.int32))
    know_all(engine, shared)
    filing, _ = file(engine, shared, agree(engine, shared, *ALL))
    apply(engine, second, agree(engine, second, *ALL), date(2026, 9, 1))
    with write_session(engine) as session:
        drafts = [draft(session, plant, *ALL, year=2025) for plant in (shared, second)]
    hourly = [publish_hours(engine, plant, late) for plant, late in ((shared, 1), (second, 0))]
    leave(engine, second, 0)
    ids = [filing.agreement_id, *drafts, *hourly]
    found = check_several(engine, shared, ids)
    assert found == {key: check(engine, shared, key) for key in ids}
    said = [{finding.code for finding in found[key].findings} for key in ids]
    assert len(set(map(frozenset, said))) == len(ids)


def test_what_cannot_be_checked_does_not_keep_the_others(engine, shared):
    agreement_id, strange = agree(engine, shared, *ALL), uuid4()
    found = check_several(engine, shared, [agreement_id, strange])
    assert isinstance(found[agreement_id], FilingCheck)
    assert isinstance(found[strange], UnknownAgreementError)
    found = check_several(engine, shared, [agreement_id, strange], date(2019, 1, 1))
    assert [type(each) for each in found.values()] == [UnknownFigureError, UnknownAgreementError]


def test_ten_are_checked_by_as_many_queries_as_one(engine, shared):
    second = add_second_plant(engine, shared, np.zeros(8760, np.int32))
    ids = [agree(engine, plant, *ALL) for plant in [shared, second] * 4]
    ids += [publish_hours(engine, plant) for plant in (shared, second)]
    apply(engine, shared, ids[0], date(2026, 1, 1))
    apply(engine, second, ids[1], date(2026, 1, 1))
    with count_queries(engine) as one:
        check_several(engine, shared, ids[:1])
    with count_queries(engine) as ten:
        assert len(check_several(engine, shared, ids)) == 10
    assert len(one) == len(ten) == 9
