"""Share out every month of a community whose readings or coefficients have changed."""

from typing import Any
from uuid import UUID

from api.services.energy.allocate_month import MonthOutcome, allocate_community
from api.services.jobs.run_jobs import RunningJob
from models.values.errors import CommunityError


def run_allocation(job: RunningJob) -> None:
    """Share out what a community's plants made, month by month.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``allocate_months``.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    LostClaimError
        If another worker took the job; nothing is stored.

    Notes
    -----
    A month that cannot be shared out does not keep the others; the job's report says why.
    """
    community_id = UUID(job.arguments["community_id"])
    job.report(0.1, "sharing out the months")
    with job.storing() as session:
        outcomes = allocate_community(
            session, promoter_id=job.promoter_id, community_id=community_id, now=job.clock()
        )
        job.complete(session, result_id=community_id, report=_sum_up(outcomes))


def _sum_up(outcomes: list[MonthOutcome]) -> dict[str, Any]:
    """Count what was done, and tell month by month what could not be."""
    stored, failed, unchanged_count = [], [], 0
    for outcome in outcomes:
        place = {"cau": outcome.cau, "month": f"{outcome.month:%Y-%m}"}
        if isinstance(outcome.result, CommunityError):
            reason = {"code": outcome.result.code.value, "reason": str(outcome.result)}
            failed.append(place | reason)
        elif outcome.is_new:
            stored.append(place)
        else:
            unchanged_count += 1
    return {
        "stored_count": len(stored),
        "unchanged_count": unchanged_count,
        "stored": stored,
        "failed": failed,
    }
