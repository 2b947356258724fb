"""Let a worker send the records that wait: on somebody's wish, and by the clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from api.services.agency.agency_access import AgencyAccess
from api.services.agency.send_waiting_records import SendingReport, send_waiting_records
from api.services.agency.waiting_message import UnknownIssuerNumberError, find_due_at
from api.services.jobs.clock_turns import taking_turn
from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob
from loaders.certificate_files import UnfitCertificateError
from models.repositories.agency import (
    find_last_sent,
    list_unanswered_chains,
    list_unstored_chains,
)
from models.repositories.payment_plans import find_issuer
from models.session import read_session
from models.tables import JobRun, SubmissionState


def request_sending(
    session: Session,
    *,
    promoter_id: UUID,
    tax_number: str,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the sending of an issuer's records.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    tax_number : str
        NIF of the issuer.
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
    UnknownIssuerNumberError
        If the caller issues nothing under that number.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    if find_issuer(session, promoter_id=promoter_id, tax_number=tax_number) is None:
        raise UnknownIssuerNumberError(tax_number)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.SEND_FISCAL_RECORDS,
        arguments={"tax_number": tax_number},
        idempotency_key=idempotency_key,
        now=now,
    )


def run_record_sending(job: RunningJob, *, access: AgencyAccess) -> None:
    """Send what waits, or store it as it would be sent.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``send_fiscal_records``.
    access : AgencyAccess
        Whether and how records are sent.

    Raises
    ------
    UnknownIssuerNumberError
        If the issuer is gone.
    UnfitCertificateError
        If the certificate cannot be read, or is not valid.
    UnfitRecordError
        If the tax agency's schema refuses the message.
    LostClaimError
        If another worker took the job.
    """
    reports = send_waiting_records(
        job.engine,
        promoter_id=job.promoter_id,
        tax_number=job.arguments["tax_number"],
        access=access,
        clock=job.clock,
    )
    messages = [report.submission_id for report in reports if report.submission_id is not None]
    with job.storing() as session:
        job.complete(
            session,
            result_id=messages[-1] if messages else job.claim.job_id,
            report={"messages": [_describe(report) for report in reports]},
        )


def ask_for_record_sendings(*, engine: Engine, access: AgencyAccess, now: datetime) -> int:
    """Ask for a job for each issuer whose records wait and may go.

    Parameters
    ----------
    engine : Engine
        The database.
    access : AgencyAccess
        Whether and how records are sent.
    now : datetime
        The present instant.

    Returns
    -------
    int
        How many jobs there are; one a minute and issuer at most, and one an hour while the
        certificate cannot be used, to say so.
    """
    with read_session(engine) as session:
        if access.lack is not None:
            due = list_unstored_chains(session)
        else:
            chains = list_unanswered_chains(session)
            due = [chain for chain in chains if _is_due(session, *chain, now)]
    turn = _find_turn(access, now)
    return sum(_take_turn(engine, *chain, turn, now) for chain in due)


def _find_turn(access: AgencyAccess, now: datetime) -> datetime:
    """Find when the turn began that is on now."""
    minute = now.replace(second=0, microsecond=0)
    try:
        access.read_certificate(now)
    except UnfitCertificateError:
        return minute.replace(minute=0)
    return minute


def _is_due(session: Session, promoter_id: UUID, tax_number: str, now: datetime) -> bool:
    """Tell whether an attempt makes sense; how many records wait is not looked at."""
    last = find_last_sent(session, promoter_id=promoter_id, tax_number=tax_number)
    if last is None or last.state is SubmissionState.ANSWERED:
        return True
    due_at = find_due_at(last, is_full=False)
    return due_at is None or due_at <= now


def _take_turn(
    engine: Engine, promoter_id: UUID, tax_number: str, due_at: datetime, now: datetime
) -> int:
    name = f"{JobKind.SEND_FISCAL_RECORDS.value}:{promoter_id.hex}:{tax_number}"
    with taking_turn(engine, name=name, due_at=due_at, now=now) as session:
        if session is None:
            return 0
        request_sending(
            session,
            promoter_id=promoter_id,
            tax_number=tax_number,
            idempotency_key=f"{tax_number}:{due_at.isoformat()}",
            now=now,
        )
    return 1


def _describe(report: SendingReport) -> dict[str, Any]:
    """Tell of a message as JSON values."""
    return {
        "outcome": report.outcome.value,
        "record_count": report.record_count,
        "counts": {status.value: count for status, count in (report.counts or {}).items()},
        "due_at": None if report.due_at is None else report.due_at.isoformat(),
        "note": report.note,
    }
