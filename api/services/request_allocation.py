"""Ask for the months of a community to be shared out by what the distributor applied."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.load_community_year import UnknownCommunityError
from api.services.request_job import JobKind, request_job
from models.repositories.communities import get_community
from models.tables import JobRun


def request_allocation(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the sharing out of a community's months.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    idempotency_key : str or None
        The caller's own name for the request.
    now : datetime
        The present instant.

    Returns
    -------
    JobRun
        The job that stands for the request.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    if get_community(session, promoter_id=promoter_id, community_id=community_id) is None:
        raise UnknownCommunityError(community_id)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.ALLOCATE_MONTHS,
        arguments={"community_id": str(community_id)},
        idempotency_key=idempotency_key,
        now=now,
    )
