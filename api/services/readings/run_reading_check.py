"""Look through the last months of a community's readings for what is missing or doubtful."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.jobs.run_jobs import RunningJob
from api.services.readings.judge_month import MonthCompleteness
from api.services.readings.read_completeness import (
    MeterCompleteness,
    read_community_completeness,
)
from models.session import read_session
from models.values.calendar import local_day
from models.values.period import add_months

MONTHS_CHECKED = 13
"""The month that has just begun and the twelve before it."""

FINDINGS_TOLD = 50

_COUNTS = ("expected", "present", "missing", "estimated", "corrected", "filled")

_Judged = tuple[MeterCompleteness, MonthCompleteness]


def run_reading_check(job: RunningJob) -> None:
    """Judge the readings of the last 13 months; the job's report holds what was found.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``check_readings``.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    DamagedMonthError
        If a stored month differs from its check value.
    LostClaimError
        If another worker took the job.

    Notes
    -----
    The report counts values over all meters and months, suspicious ones by kind, and tells the
    worst meters and months: those that lack most first, then those with most doubtful values.
    """
    community_id = UUID(job.arguments["community_id"])
    with read_session(job.engine) as session:
        judged = list(_judge(job, session, community_id))
    report = _sum_up(judged)
    with job.storing() as session:
        job.complete(session, result_id=community_id, report=report)


def _judge(job: RunningJob, session: Session, community_id: UUID) -> Iterator[_Judged]:
    community = require_community(session, promoter_id=job.promoter_id, community_id=community_id)
    asked_at = job.clock()
    last = local_day(asked_at, community.timezone).replace(day=1)
    first = add_months(last, 1 - MONTHS_CHECKED)
    years = range(first.year, last.year + 1)
    wanted = {f"{add_months(first, number):%Y-%m}" for number in range(MONTHS_CHECKED)}
    for number, year in enumerate(years):
        job.report(number / len(years), f"checking {year}")
        meters = read_community_completeness(
            session,
            promoter_id=job.promoter_id,
            community_id=community_id,
            year=year,
            asked_at=asked_at,
        )
        for meter in meters:
            yield from ((meter, month) for month in meter.months if month.month in wanted)


def _sum_up(judged: list[_Judged]) -> dict[str, Any]:
    months = [month for _, month in judged]
    suspicious: Counter[str] = Counter()
    for month in months:
        suspicious.update({kind.value: count for kind, count in month.suspicious.items()})
    return {
        "months": sorted({month.month for month in months}),
        **{name: sum(getattr(month, name) for month in months) for name in _COUNTS},
        "suspicious": dict(suspicious),
        "worst": [_describe(meter, month) for meter, month in _find_worst(judged)],
    }


def _find_worst(judged: Iterable[_Judged]) -> list[_Judged]:
    found = [each for each in judged if each[1].missing or each[1].suspicious]
    found.sort(key=lambda each: (-each[1].missing, -sum(each[1].suspicious.values())))
    return found[:FINDINGS_TOLD]


def _describe(meter: MeterCompleteness, month: MonthCompleteness) -> dict[str, Any]:
    return {
        "meter": meter.name,
        "channel": meter.channel.value,
        "month": month.month,
        "expected": month.expected,
        "missing": month.missing,
        "suspicious": {kind.value: count for kind, count in month.suspicious.items()},
    }
