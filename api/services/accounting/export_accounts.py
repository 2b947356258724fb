"""Export accounts in a job, and keep the archive beside the database for a week."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import Session

from api.services.accounting.accounts_wish import AccountsWish, find_scope
from api.services.accounting.gather_accounts import gather_accounts
from api.services.accounting.write_accounts import write_account_archive
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob
from loaders.atomic_files import make_folder, replace_file
from loaders.table_csv import CsvDialect
from models.repositories.jobs import get_job
from models.session import read_session
from models.tables import JobRun, JobState
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import ConflictError, NotFoundError
from models.values.language import Language
from models.values.period import Period

_KEPT = timedelta(days=7)

_log = structlog.get_logger(__name__)


class UnknownExportError(NotFoundError):
    """The caller has asked for no such export."""

    def __init__(self, job_id: UUID | None) -> None:
        super().__init__("there is no such export")
        self.job_id = job_id


class RemovedExportError(NotFoundError):
    """The archive of an export is no longer kept."""

    def __init__(self, job_id: UUID) -> None:
        super().__init__("what was exported is kept for a week only: export it again")
        self.job_id = job_id


class UnfinishedExportError(ConflictError):
    """An export has no archive yet.

    Attributes
    ----------
    state : str
        Where its job stands.
    """

    def __init__(self, state: str) -> None:
        super().__init__(f"the export is {state}: there is a file once its job has succeeded")
        self.state = state


def request_export(
    session: Session,
    *,
    promoter_id: UUID,
    wish: AccountsWish,
    language: Language,
    dialect: CsvDialect,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue an export of accounts.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : AccountsWish
        Whose accounts, and of which days.
    language : Language
        Of what people read.
    dialect : CsvDialect
        Of the tables beside the workbook.
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
    NobodysAccountsError
        If neither a community nor an issuer is named.
    OpenPeriodError
        If the period has no end.
    UnknownCommunityError, UnknownIssuerError
        If the promoter has no such one.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    scope, _ = find_scope(session, promoter_id=promoter_id, wish=wish)
    arguments: dict[str, object] = {
        "since": scope.since.isoformat(),
        "until": scope.until.isoformat(),
        "community_id": _write_id(wish.community_id),
        "issuer_id": _write_id(wish.issuer_id),
        "language": language.value,
        "dialect": dialect.value,
    }
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.EXPORT_ACCOUNTS,
        arguments=arguments,
        idempotency_key=idempotency_key,
        now=now,
    )


def run_export(job: RunningJob, *, data_dir: Path) -> None:
    """Write the archive of an export to its place.

    Parameters
    ----------
    job : RunningJob
        Its ``arguments`` say what is wanted.
    data_dir : Path
        Folder of the process's data.

    Raises
    ------
    UnknownCommunityError, UnknownIssuerError
        If the promoter no longer has such one.
    TooManyRowsError
        If a table does not fit on a sheet.
    UnwritableFileError
        If the operating system refuses.
    """
    now = job.clock()
    path = export_path(data_dir, job.claim.job_id)
    make_folder(path.parent)
    with read_session(job.engine) as session, replace_file(path) as file:
        accounts = gather_accounts(
            session,
            promoter_id=job.promoter_id,
            wish=_read_wish(job.arguments),
            today=local_day(now, LAW_CLOCK),
        )
        write_account_archive(
            accounts,
            file,
            language=Language(job.arguments["language"]),
            dialect=CsvDialect(job.arguments["dialect"]),
            now=now,
        )
    with job.storing() as session:
        job.complete(session)


def find_export(
    session: Session,
    *,
    promoter_id: UUID,
    job_id: UUID,
    data_dir: Path,
    kind: JobKind = JobKind.EXPORT_ACCOUNTS,
) -> Path:
    """Find the file of an export.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    job_id : UUID
        Its job.
    data_dir : Path
        Folder of the process's data.
    kind : JobKind
        What was exported.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    UnknownExportError
        If the promoter has asked for no such export.
    UnfinishedExportError
        If its job has not succeeded.
    RemovedExportError
        If it is no longer kept.
    """
    job = get_job(session, promoter_id=promoter_id, job_id=job_id)
    if job is None or job.kind != kind:
        raise UnknownExportError(job_id)
    if job.state is not JobState.SUCCEEDED:
        raise UnfinishedExportError(job.state.value)
    path = export_path(data_dir, job_id)
    if not path.is_file():
        raise RemovedExportError(job_id)
    return path


def sweep_exports(data_dir: Path, *, now: datetime) -> None:
    """Remove the archives that are a week old.

    Parameters
    ----------
    data_dir : Path
        Folder of the process's data.
    now : datetime
        The present instant.

    Notes
    -----
    What cannot be removed is logged, and tried again the next night.
    """
    oldest = (now - _KEPT).timestamp()
    for path in export_path(data_dir, UUID(int=0)).parent.glob("*"):
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except OSError as error:
            _log.warning("export not removed", export=path.name, exc_info=error)


def export_path(data_dir: Path, job_id: UUID) -> Path:
    """Tell where the file of an export is kept.

    Parameters
    ----------
    data_dir : Path
        Folder of the process's data.
    job_id : UUID
        Its job.

    Returns
    -------
    Path
        The file, which may not be there.
    """
    return data_dir / "exports" / str(job_id)


def _read_wish(arguments: dict[str, Any]) -> AccountsWish:
    since, until = (date.fromisoformat(arguments[name]) for name in ("since", "until"))
    return AccountsWish(
        Period(since, until),
        community_id=_read_id(arguments["community_id"]),
        issuer_id=_read_id(arguments["issuer_id"]),
    )


def _write_id(key: UUID | None) -> str | None:
    return None if key is None else str(key)


def _read_id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
