"""Ask for work on the readings, prices and months of one community."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.jobs.request_job import JobKind, request_job
from models.tables import JobRun


def request_community_job(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    kind: JobKind,
    idempotency_key: str | None,
    now: datetime,
    asks: Mapping[str, object] | None = None,
) -> JobRun:
    """Queue work on one community.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    kind : JobKind
        What to do with it.
    idempotency_key : str or None
        The caller's own name for the request.
    now : datetime
        The present instant.
    asks : Mapping of str to object, optional
        What the job takes besides the community, as JSON values.

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
    require_community(session, promoter_id=promoter_id, community_id=community_id)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=kind,
        arguments={"community_id": str(community_id), **(asks or {})},
        idempotency_key=idempotency_key,
        now=now,
    )
