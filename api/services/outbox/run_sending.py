"""Send e-mails in a job, and ask for such jobs as e-mails come due."""

from datetime import datetime

from sqlalchemy import Engine

from api.services.jobs.request_job import JobKind, request_job
from api.services.jobs.run_jobs import RunningJob
from api.services.outbox.send_due_messages import MailRoute, send_due_messages
from models.repositories.outbox import list_oldest_due
from models.session import read_session, write_session
from models.values.errors import UnsetSettingError


class NoMailServerError(UnsetSettingError):
    """The operator has named no mail server."""

    def __init__(self) -> None:
        super().__init__("no mail server is known: set REPARTO_SMTP_HOST and REPARTO_SMTP_FROM")


def require_route(route: MailRoute | None) -> MailRoute:
    """Give the way by which e-mails go out, if there is one.

    Parameters
    ----------
    route : MailRoute or None
        As the settings have it.

    Returns
    -------
    MailRoute
        The same.

    Raises
    ------
    NoMailServerError
        If there is none.
    """
    if route is None:
        raise NoMailServerError
    return route


def run_sending(job: RunningJob, *, route: MailRoute | None) -> None:
    """Send what is due of one promoter.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``send_messages``.
    route : MailRoute or None
        By which way.

    Raises
    ------
    NoMailServerError
        If there is none.
    MailServerError, BrokenConnectionError
        If the mail server takes nothing at all.
    LostClaimError
        If another worker took the job; what was sent stays sent.
    """
    counts = send_due_messages(
        engine=job.engine,
        promoter_id=job.promoter_id,
        route=require_route(route),
        clock=job.clock,
        tell=job.report,
    )
    with job.storing() as session:
        job.complete(session, report={outcome.value: n for outcome, n in counts.items()})


def ask_for_sending(*, engine: Engine, now: datetime) -> int:
    """Ask for a job for each promoter whose e-mails are due, or were lost by their worker.

    Parameters
    ----------
    engine : Engine
        The database.
    now : datetime
        The present instant.

    Returns
    -------
    int
        How many jobs there are; one that was asked for since the last attempt stands for itself.
    """
    with read_session(engine) as session:
        if not list_oldest_due(session, now=now):
            return 0
    with write_session(engine) as session:
        oldest = list_oldest_due(session, now=now)
        for message in oldest:
            request_job(
                session,
                promoter_id=message.promoter_id,
                kind=JobKind.SEND_MESSAGES,
                arguments={},
                # New after every attempt, and whenever a person asks for another.
                idempotency_key=f"{message.id}:{message.attempts}:{message.requested_at.isoformat()}",
                now=now,
            )
    return len(oldest)
