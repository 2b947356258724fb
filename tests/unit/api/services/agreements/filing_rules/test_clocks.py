"""Rules of time, day by day around each limit."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from api.services.agreements.filing_rules.clocks import (
    check_file_year,
    check_in_flight,
    check_interval,
    find_first_day,
)
from api.services.agreements.filing_rules.findings import AppliedAgreement, FindingCode, Severity
from api.services.agreements.filing_rules.judge import judge_filing
from models.regulation.dated_figures import UnknownFigureError
from models.tables import CoefficientMode
from models.values.period import Period
from tests.support.filing_cases import SOUND, with_agreement

CONSTANT, HOURLY = CoefficientMode.CONSTANT, CoefficientMode.HOURLY


def applied(*starts: date, mode: CoefficientMode = CONSTANT, is_filed: bool = False):
    ends = [*starts[1:], None]
    return tuple(
        AppliedAgreement(is_filed and end is None, mode, Period(start, end))
        for start, end in zip(starts, ends, strict=True)
    )


def test_a_sound_case_finds_nothing():
    assert judge_filing(SOUND) == ()


@pytest.mark.parametrize(
    ("filed_on", "first_day"),
    [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 1, 10), date(2026, 2, 1)),
        (date(2026, 1, 11), date(2026, 3, 1)),
        (date(2026, 1, 31), date(2026, 3, 1)),
        (date(2026, 11, 30), date(2027, 1, 1)),
        (date(2026, 12, 10), date(2027, 1, 1)),
        (date(2026, 12, 11), date(2027, 2, 1)),
    ],
)
def test_the_day_10_rule(filed_on: date, first_day: date):
    assert find_first_day(filed_on) == first_day


def test_the_law_before_it_is_not_known():
    with pytest.raises(UnknownFigureError):
        find_first_day(date(2020, 1, 1))


@pytest.mark.parametrize(
    ("last_change", "codes"),
    [
        (date(2026, 8, 1), []),
        (date(2026, 8, 2), [FindingCode.TOO_SOON]),
        (date(2026, 11, 1), [FindingCode.TOO_SOON]),
    ],
)
def test_four_months_between_changes(last_change: date, codes: list[FindingCode]):
    case = replace(SOUND, applied=applied(date(2026, 1, 1), last_change))
    assert [finding.code for finding in check_interval(case)] == codes


@pytest.mark.parametrize("changed_on", [date(2026, 8, 2), date(2026, 9, 1), date(2026, 10, 31)])
def test_too_soon_says_from_which_day_on_it_may_be_filed(changed_on: date):
    case = replace(SOUND, applied=applied(changed_on))
    (finding,) = check_interval(case)
    assert finding.severity is Severity.ERROR
    assert "Annex I" in finding.article
    said = date.fromisoformat(finding.message.rsplit("complete on ", 1)[1].split(" ")[0])
    assert list(check_interval(replace(case, filed_on=said))) == []
    (still,) = check_interval(replace(case, filed_on=said - timedelta(days=1)))
    assert still.code is FindingCode.TOO_SOON


@pytest.mark.parametrize(
    ("mode", "before", "code"),
    [
        (HOURLY, applied(date(2026, 9, 1)), FindingCode.EXEMPT_CHANGE_TO_HOURLY),
        (HOURLY, applied(date(2026, 9, 1), mode=HOURLY), FindingCode.TOO_SOON),
        (HOURLY, applied(date(2026, 1, 1), date(2026, 9, 1)), FindingCode.TOO_SOON),
        (CONSTANT, applied(date(2026, 9, 1)), FindingCode.TOO_SOON),
    ],
)
def test_a_first_change_to_hourly_ones_need_not_wait(mode, before, code):
    case = replace(with_agreement(mode=mode), applied=before)
    (finding,) = check_interval(case)
    assert finding.code is code
    is_exempt = code is FindingCode.EXEMPT_CHANGE_TO_HOURLY
    assert finding.severity is (Severity.WARNING if is_exempt else Severity.ERROR)


def test_what_is_applied_already_changes_nothing():
    case = replace(SOUND, applied=applied(date(2026, 10, 1), is_filed=True))
    (finding,) = check_interval(case)
    assert (finding.code, finding.severity) == (FindingCode.APPLIED_ALREADY, Severity.WARNING)


def test_no_second_change_in_flight():
    case = replace(SOUND, in_flight_since=date(2026, 10, 2))
    (finding,) = check_in_flight(case)
    assert (finding.code, finding.severity) == (FindingCode.CHANGE_IN_FLIGHT, Severity.ERROR)
    assert "2026-10-02" in finding.message


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2025, (FindingCode.FILE_YEAR_PAST, Severity.ERROR)),
        (2026, None),
        (2027, (FindingCode.FILE_YEAR_AHEAD, Severity.WARNING)),
        (2046, (FindingCode.FILE_YEAR_AHEAD, Severity.WARNING)),
        (2047, (FindingCode.FILE_YEAR_AHEAD, Severity.ERROR)),
    ],
)
def test_the_year_of_the_file(year: int, expected):
    found = [(each.code, each.severity) for each in check_file_year(with_agreement(file_year=year))]
    assert found == ([] if expected is None else [expected])


def test_a_file_of_this_year_comes_too_late_in_november():
    case = replace(SOUND, filed_on=date(2026, 11, 11))
    (finding,) = check_file_year(case)
    assert finding.code is FindingCode.FILE_YEAR_PAST
    assert "the file of 2027" in finding.message
