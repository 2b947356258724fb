"""Ask for work on the readings, prices and months of one community."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.clients.datadis import BackwardMonthsError
from api.services.load_community_year import UnknownCommunityError
from api.services.request_job import JobKind, request_job
from api.services.run_reading_fetch import FetchWish
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
    """Queue the sharing out of every month of a community whose inputs changed.

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
    return _request(
        session, promoter_id, community_id, JobKind.ALLOCATE_MONTHS, {}, idempotency_key, now
    )


def request_reading_check(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue a look through the last 13 months of a community's readings.

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
    return _request(
        session, promoter_id, community_id, JobKind.CHECK_READINGS, {}, idempotency_key, now
    )


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
    asks: dict[str, object] = {"is_wanted": True}
    return _request(
        session, promoter_id, community_id, JobKind.FETCH_PRICES, asks, idempotency_key, now
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
    UnknownCommunityError
        If the promoter has no such community.
    BackwardMonthsError
        If the last month comes before the first.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    if wish.last_month < wish.first_month:
        raise BackwardMonthsError(wish.first_month, wish.last_month)
    asks: dict[str, object] = {"wish": wish.to_json()}
    return _request(
        session, promoter_id, community_id, JobKind.FETCH_READINGS, asks, idempotency_key, now
    )


def _request(
    session: Session,
    promoter_id: UUID,
    community_id: UUID,
    kind: JobKind,
    asks: dict[str, object],
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    if get_community(session, promoter_id=promoter_id, community_id=community_id) is None:
        raise UnknownCommunityError(community_id)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=kind,
        arguments={"community_id": str(community_id), **asks},
        idempotency_key=idempotency_key,
        now=now,
    )
