"""Ask for what remote services know: readings of Datadis, prices of ESIOS."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.clients.datadis import BackwardMonthsError
from api.services.fetching.run_reading_fetch import FetchWish
from api.services.jobs.request_community_job import request_community_job
from api.services.jobs.request_job import JobKind
from models.tables import JobRun


def request_price_fetch(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the fetching of the prices of today and tomorrow, whether there were any before or not.

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
    return request_community_job(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        kind=JobKind.FETCH_PRICES,
        asks={"is_wanted": True},
        idempotency_key=idempotency_key,
        now=now,
    )


def request_reading_fetch(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    wish: FetchWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the fetching of readings from Datadis.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    wish : FetchWish
        What is to be fetched.
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
    BackwardMonthsError
        If the last month comes before the first.
    UnknownCommunityError
        If the promoter has no such community.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    if wish.last_month < wish.first_month:
        raise BackwardMonthsError(wish.first_month, wish.last_month)
    return request_community_job(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        kind=JobKind.FETCH_READINGS,
        asks={"wish": wish.to_json()},
        idempotency_key=idempotency_key,
        now=now,
    )
