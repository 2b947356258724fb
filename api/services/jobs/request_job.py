"""Ask for work that runs outside the request: once, however often the question comes."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from api.services.audit.keep_trail import find_act
from models.repositories.installations import map_installations
from models.repositories.invoice_lists import map_runs
from models.repositories.jobs import add_job, find_standing_job
from models.session import find_asker
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
    SEND_MESSAGES = "send_messages"
    RENDER_INVOICES = "render_invoices"
    SEND_FISCAL_RECORDS = "send_fiscal_records"
    EXPORT_ACCOUNTS = "export_accounts"
    EXPORT_DATA = "export_data"
    IMPORT_BANK_FILE = "import_bank_file"
    CLEAR_ERASURE = "clear_erasure"


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
        What to do it with, as JSON values; ``upload_id`` names the upload that it reads, which is
        kept until it has ended; ``community_id``, ``installation_id``, ``run_id`` or a single one
        of ``community_ids`` tells the community whose managers see the job.
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
    standing = find_requested_job(
        session,
        promoter_id=promoter_id,
        kind=kind,
        arguments=arguments,
        idempotency_key=idempotency_key,
    )
    if standing is not None:
        return standing
    upload_id, act = arguments.get("upload_id"), find_act(session)
    wanted = JobRun(
        promoter_id=promoter_id,
        kind=kind.value,
        arguments=arguments,
        upload_id=None if upload_id is None else UUID(str(upload_id)),
        community_id=_find_community(session, promoter_id, arguments),
        asked_by=find_asker(session),
        correlation_id=None if act is None else act.correlation_id,
        traceparent=None if act is None else act.traceparent,
        deduplication_key=_write_key(session, kind, idempotency_key),
        created_at=now,
    )
    return _hold_against(arguments, idempotency_key, add_job(session, wanted))


def find_requested_job(
    session: Session,
    *,
    promoter_id: UUID,
    kind: JobKind,
    arguments: dict[str, object],
    idempotency_key: str | None,
) -> JobRun | None:
    """Find the job that the same request has queued before.

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
        The caller's own name for the request.

    Returns
    -------
    JobRun or None
        The job, unless it failed; None without a key.

    Raises
    ------
    IdempotencyKeyTooLongError
        If the key is empty or has more than 100 characters.
    IdempotencyKeyReusedError
        If the key stands for a job with other arguments.
    """
    if idempotency_key is None:
        return None
    if not 1 <= len(idempotency_key) <= _LONGEST_KEY:
        raise IdempotencyKeyTooLongError(idempotency_key)
    job = find_standing_job(
        session,
        promoter_id=promoter_id,
        deduplication_key=_write_key(session, kind, idempotency_key),
    )
    return None if job is None else _hold_against(arguments, idempotency_key, job)


def _find_community(
    session: Session, promoter_id: UUID, arguments: Mapping[str, object]
) -> UUID | None:
    """Find the one community that a job is about, by what it is asked for with."""
    key = arguments.get("community_id")
    if key is not None:
        return UUID(str(key))
    if "installation_id" in arguments:
        plant_id = UUID(str(arguments["installation_id"]))
        found = map_installations(session, promoter_id=promoter_id, installation_ids=[plant_id])
        return found[plant_id].community_id
    if "run_id" in arguments:
        run_id = UUID(str(arguments["run_id"]))
        runs = map_runs(session, promoter_id=promoter_id, run_ids=[run_id])
        return runs[run_id].community_id
    match arguments.get("community_ids"):
        case [single]:
            return UUID(str(single))
    return None


def _write_key(session: Session, kind: JobKind, idempotency_key: str | None) -> str | None:
    """Write what tells a request from others; one of a narrow reach meets nobody else's."""
    if idempotency_key is None:
        return None
    asker = find_asker(session)
    return ":".join([kind.value, *([str(asker)] if asker else []), idempotency_key])


def _hold_against(arguments: dict[str, object], key: str | None, job: JobRun) -> JobRun:
    """Make sure that the job of a key is the one that is asked for."""
    if key is not None and job.arguments != arguments:
        raise IdempotencyKeyReusedError(key)
    return job
