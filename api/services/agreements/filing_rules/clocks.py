"""Rules of time: when a change can hold, how often one may be made, and of which year its file."""

from collections.abc import Iterator
from datetime import date

from api.services.agreements.filing_rules.findings import (
    AppliedAgreement,
    FilingCase,
    Finding,
    FindingCode,
    Severity,
)
from models.regulation.filing_limits import FilingLimit, filing_limit_on
from models.tables import CoefficientMode
from models.values.period import add_months


def find_first_day(filed_on: date) -> date:
    """Find the first day on which a change can hold.

    Parameters
    ----------
    filed_on : date
        Day on which it is complete and correct at the distributor's.

    Returns
    -------
    date
        First of the next month if it is so by day 10, else of the second.

    Raises
    ------
    UnknownFigureError
        If the law of that day is not known.

    Notes
    -----
    RD 244/2019, Annex I, as amended by TED/1247/2021: never retroactive.

    Examples
    --------
    >>> find_first_day(date(2026, 11, 10)), find_first_day(date(2026, 11, 11))
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    last_day = filing_limit_on(filed_on, FilingLimit.LAST_DAY_FOR_NEXT_MONTH).value
    return add_months(filed_on.replace(day=1), 1 if filed_on.day <= last_day else 2)


def check_interval(case: FilingCase) -> Iterator[Finding]:
    """Hold the first day that a change can hold against the last change.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``TOO_SOON``, or a warning where a change to hourly coefficients is exempt from waiting;
        ``APPLIED_ALREADY`` where nothing changes.

    Raises
    ------
    UnknownFigureError
        If the law of that day is not known.

    Notes
    -----
    RD 244/2019, Annex I, counts the months between two changes; here from the first day of the
    coefficients applied last to the first day that the new ones can hold.
    """
    if not case.applied:
        return
    first, last = case.applied[0], case.applied[-1]
    limit = filing_limit_on(case.filed_on, FilingLimit.MONTHS_BETWEEN_CHANGES)
    if last.is_filed and last.period.end is None:
        yield Finding(
            FindingCode.APPLIED_ALREADY,
            Severity.WARNING,
            limit.source,
            f"the distributor applies this agreement since {last.period.start}: filing it again "
            "changes nothing",
        )
        return
    earliest = add_months(last.period.start, int(limit.value))
    can_hold = find_first_day(case.filed_on)
    if can_hold >= earliest:
        return
    said = (
        f"the coefficients changed on {last.period.start}, so the next change can hold from "
        f"{earliest}, {limit.value} months later, and this one would from {can_hold}"
    )
    if _is_exempt(case, first, can_hold):
        exemption = filing_limit_on(case.filed_on, FilingLimit.EXEMPT_MONTHS_TO_HOURLY)
        yield Finding(
            FindingCode.EXEMPT_CHANGE_TO_HOURLY,
            Severity.WARNING,
            exemption.source,
            f"{said}; a change to hourly coefficients within the first {exemption.value} months "
            "is exempt: ask the distributor whether it reads this so",
        )
        return
    yield Finding(
        FindingCode.TOO_SOON,
        Severity.ERROR,
        limit.source,
        f"{said}: file it so that it is complete on {_first_filing(earliest)} or later",
    )


def check_in_flight(case: FilingCase) -> Iterator[Finding]:
    """Let no second change be filed while one waits for its answer.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``CHANGE_IN_FLIGHT``.
    """
    if case.in_flight_since is not None:
        yield Finding(
            FindingCode.CHANGE_IN_FLIGHT,
            Severity.ERROR,
            "RD 244/2019, Annex I",
            f"a change filed on {case.in_flight_since} waits for the distributor's answer: note "
            "its answer before you file another",
        )


def check_file_year(case: FilingCase) -> Iterator[Finding]:
    """Hold the year of the file against the first day that it can hold.

    Parameters
    ----------
    case : FilingCase
        The facts.

    Yields
    ------
    Finding
        ``FILE_YEAR_PAST`` or ``FILE_YEAR_AHEAD``.

    Raises
    ------
    UnknownFigureError
        If the law of that day is not known.

    Notes
    -----
    RD 244/2019, Annex I: a file covers all hours of one calendar year; other years come in files
    of their own, up to 20 years ahead.
    """
    limit = filing_limit_on(case.filed_on, FilingLimit.YEARS_OF_FILES)
    can_hold, year = find_first_day(case.filed_on), case.agreement.file_year
    if year < can_hold.year:
        yield Finding(
            FindingCode.FILE_YEAR_PAST,
            Severity.ERROR,
            limit.source,
            f"the file is of {year}, but filed on {case.filed_on} it can hold from {can_hold}, "
            f"never back: make an agreement for the file of {can_hold.year}",
        )
    elif year > can_hold.year:
        is_too_far = year > can_hold.year + limit.value
        yield Finding(
            FindingCode.FILE_YEAR_AHEAD,
            Severity.ERROR if is_too_far else Severity.WARNING,
            limit.source,
            f"the file is of {year}, so it holds from {year}-01-01, not from {can_hold}; files "
            f"reach {limit.value} years ahead: send one of {can_hold.year} to begin earlier",
        )


def _is_exempt(case: FilingCase, first: AppliedAgreement, can_hold: date) -> bool:
    """Tell whether a change to hourly coefficients need not wait."""
    was_constant = all(each.mode is CoefficientMode.CONSTANT for each in case.applied)
    if case.agreement.mode is CoefficientMode.CONSTANT or not was_constant:
        return False
    months = filing_limit_on(case.filed_on, FilingLimit.EXEMPT_MONTHS_TO_HOURLY).value
    return can_hold < add_months(first.period.start, int(months))


def _first_filing(earliest: date) -> date:
    """Find the first day of filing from which a change holds no earlier than a day."""
    first_of_month = earliest.replace(day=1)
    holds_from = first_of_month if earliest.day == 1 else add_months(first_of_month, 1)
    two_before = add_months(holds_from, -2)
    last_day = filing_limit_on(earliest, FilingLimit.LAST_DAY_FOR_NEXT_MONTH).value
    return two_before.replace(day=int(last_day) + 1)
