"""Ask for work that runs outside the request: once, however often the question comes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from models.repositories.jobs import add_job
from models.tables import JobRun
from models.values.errors import ConflictError, InvalidArgumentError

_LONGEST_KEY = 100


class JobKind(StrEnum):
    """What a job does."""

    IMPORT_COMMUNITY = "import_community"
    PROPOSE_COEFFICIENTS = "propose_coefficients"
    FILL_VACANCIES = "fill_vacancies"
    ASSESS_SUITABILITY = "assess_suitability"
    SHARE_CAPACITY = "share_capacity"
    ASSIGN_MEMBERS = "assign_members"
    IMPORT_FILE = "import_file"
    FETCH_READINGS = "fetch_readings"
    FETCH_PRICES = "fetch_prices"
    ALLOCATE_MONTHS = "allocate_months"
    CHECK_READINGS = "check_readings"


class IdempotencyKeyTooLongError(InvalidArgumentError):
    """An idempotency key does not fit."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotencyKey has {len(key)} characters, not 1 to {_LONGEST_KEY}")
        self.key = key


class IdempotencyKeyReusedError(ConflictError):
    """An idempotency key already stands for something else."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotencyKey {key!r} stands for another request: choose a new one")
        self.key = key


def request_job(
    session: Session,
    *,
    promoter_id: UUID,
    kind: JobKind,
    arguments: dict[str, object],
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue a job, or find the one that the same request has queued before.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    kind : JobKind
        What to do.
    arguments : dict
        What to do it with, as JSON values.
    idempotency_key : str or None
        The caller's own name for the request; without one every request makes a job.
    now : datetime
        The present instant.

    Returns
    -------
    JobRun
        The job that stands for the request.

    Raises
    ------
    IdempotencyKeyTooLongError
        If the key is empty or has more than 100 characters.
    IdempotencyKeyReusedError
        If the key stands for a job with other arguments.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= _LONGEST_KEY:
        raise IdempotencyKeyTooLongError(idempotency_key)
    wanted = JobRun(
        promoter_id=promoter_id,
        kind=kind.value,
        arguments=arguments,
        deduplication_key=None if idempotency_key is None else f"{kind.value}:{idempotency_key}",
        created_at=now,
    )
    job = add_job(session, wanted)
    if idempotency_key is not None and job.arguments != arguments:
        raise IdempotencyKeyReusedError(idempotency_key)
    return job
