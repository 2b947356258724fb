"""Render the PDFs of a whole billing run in a job, and hand them out in one archive."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.invoices.find_invoices import require_run
from api.services.invoices.generate_invoice_files import QrTarget, generate_invoice_pdf
from api.services.jobs.progress import Progress, tell_nobody
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import Clock, RunningJob
from models.keyring import Keyring
from models.repositories.invoice_lists import (
    iterate_run_pdfs,
    list_without_pdf,
)
from models.session import read_session, write_session
from models.tables import JobRun
from models.values.errors import ConflictError

_AT_ONCE = 10
"""PDFs of one transaction: others write in between."""


class UnrenderedRunError(ConflictError):
    """Some invoices of a billing run have no PDF yet.

    Attributes
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} invoices of the run have no PDF yet: render the run first")
        self.count = count


def request_rendering(
    session: Session,
    *,
    promoter_id: UUID,
    run_id: UUID,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the rendering of a run's PDFs.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.
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
    UnknownRunError
        If the promoter has no such run.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    require_run(session, promoter_id=promoter_id, run_id=run_id)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.RENDER_INVOICES,
        arguments={"run_id": str(run_id)},
        idempotency_key=idempotency_key,
        now=now,
    )


def run_rendering(job: RunningJob, *, qr: QrTarget, keyring: Keyring) -> None:
    """Render the PDFs of a run that are missing, and keep them.

    Parameters
    ----------
    job : RunningJob
        Its ``arguments`` name the run.
    qr : QrTarget
        Where the QR of each invoice leads.
    keyring : Keyring
        What opens the accounts by which they are paid.

    Raises
    ------
    UnknownRunError
        If the promoter has no such run.
    """
    run_id = UUID(job.arguments["run_id"])
    count = render_run(
        job.engine,
        promoter_id=job.promoter_id,
        run_id=run_id,
        qr=qr,
        keyring=keyring,
        clock=job.clock,
        tell=job.report,
    )
    with job.storing() as session:
        job.complete(session, result_id=run_id, report={"rendered": count})


def render_run(
    engine: Engine,
    *,
    promoter_id: UUID,
    run_id: UUID,
    qr: QrTarget,
    keyring: Keyring,
    clock: Clock,
    tell: Progress = tell_nobody,
) -> int:
    """Render the PDFs of a run that are missing, some in a transaction, and keep them.

    Parameters
    ----------
    engine : Engine
        The database.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.
    qr : QrTarget
        Where the QR of each invoice leads.
    keyring : Keyring
        What opens the accounts by which they are paid.
    clock : callable
        Tells the present instant.
    tell : Progress
        Takes the share that is done.

    Returns
    -------
    int
        How many were rendered; those of a run that was stopped are not rendered again.

    Raises
    ------
    UnknownRunError
        If the promoter has no such run.
    """
    with read_session(engine) as session:
        require_run(session, promoter_id=promoter_id, run_id=run_id)
        wanted = list_without_pdf(session, promoter_id=promoter_id, run_id=run_id)
    for start in range(0, len(wanted), _AT_ONCE):
        tell(start / len(wanted), f"invoice {start + 1} of {len(wanted)}")
        with write_session(engine) as session:
            for invoice_id in wanted[start : start + _AT_ONCE]:
                generate_invoice_pdf(
                    session,
                    promoter_id=promoter_id,
                    invoice_id=invoice_id,
                    qr=qr,
                    keyring=keyring,
                    now=clock(),
                )
    tell(1.0, "stored")
    return len(wanted)


def list_run_pdfs(
    session: Session, *, promoter_id: UUID, run_id: UUID
) -> Iterator[tuple[str, bytes]]:
    """Give the PDFs of a run one by one.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.

    Returns
    -------
    iterator of (str, bytes)
        Name and content, by number; names are told apart where two issuers share a number.

    Raises
    ------
    UnknownRunError
        If the promoter has no such run.
    UnrenderedRunError
        If some have no PDF yet.
    """
    require_run(session, promoter_id=promoter_id, run_id=run_id)
    if missing := list_without_pdf(session, promoter_id=promoter_id, run_id=run_id):
        raise UnrenderedRunError(len(missing))
    return _name_apart(iterate_run_pdfs(session, promoter_id=promoter_id, run_id=run_id))


def _name_apart(found: Iterator[tuple[UUID, str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Give each document a name of its own: the number, and the id where that is taken."""
    taken: set[str] = set()
    for invoice_id, name, content in found:
        stem, _, ending = name.rpartition(".")
        free = name if name not in taken else f"{stem}_{invoice_id}.{ending}"
        taken.add(free)
        yield free, content


def write_run_archive(
    session: Session, *, promoter_id: UUID, run_id: UUID, target: IO[bytes]
) -> None:
    """Write the PDFs of a run into a ZIP file.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.
    target : binary file
        Where it goes.

    Raises
    ------
    UnknownRunError
        If the promoter has no such run.
    UnrenderedRunError
        If some of its invoices have no PDF yet.
    """
    run = require_run(session, promoter_id=promoter_id, run_id=run_id)
    pdfs = list_run_pdfs(session, promoter_id=promoter_id, run_id=run_id)
    moment = run.issued_at.timetuple()[:6]
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, content in pdfs:
            archive.writestr(ZipInfo(name, moment), content)
