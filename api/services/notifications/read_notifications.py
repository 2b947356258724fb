"""What happened, read on from where somebody stopped; and whether anything new has happened."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from models.repositories import notifications
from models.repositories.jobs import get_job, map_job_marks, mark_job
from models.tables import JobRun, Notification, NotificationKind
from models.values.access import Capability

_NEEDED = {
    NotificationKind.JOB_SUCCEEDED: Capability.READ,
    NotificationKind.JOB_FAILED: Capability.READ,
    NotificationKind.MESSAGE_FAILED: Capability.READ_MONEY,
    NotificationKind.MESSAGE_UNCERTAIN: Capability.READ_MONEY,
    NotificationKind.SUBMISSION_FAILED: Capability.READ_MONEY,
    NotificationKind.RECORD_REFUSED: Capability.READ_MONEY,
    NotificationKind.RECORD_FAULTY: Capability.READ_MONEY,
}
"""What opens the record that each kind is about, and so the news of it."""

_OF_JOBS = frozenset({NotificationKind.JOB_SUCCEEDED, NotificationKind.JOB_FAILED})
"""News of what the caller may have asked for itself: its reach tells which jobs it sees."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What changes whenever something does.

    Attributes
    ----------
    jobs : dict of UUID to str
        A mark of how each job stands; none for those that are gone.
    promoters : dict of UUID to int
        The last place that was taken for each promoter of whom anything is known.
    """

    jobs: dict[UUID, str]
    promoters: dict[UUID, int]


def read_marks(
    session: Session, *, job_ids: Collection[UUID], promoter_ids: Collection[UUID]
) -> Marks:
    """Read how jobs and promoters stand, to see what has changed since.

    Parameters
    ----------
    session : Session
        Open transaction that acts for everybody.
    job_ids, promoter_ids : collection of UUID
        Whose.

    Returns
    -------
    Marks
        In two questions at most, however many they are.
    """
    places = notifications.map_newest_positions
    return Marks(
        map_job_marks(session, job_ids=job_ids) if job_ids else {},
        places(session, promoter_ids=promoter_ids) if promoter_ids else {},
    )


def read_job_mark(
    session: Session, *, promoter_id: UUID, job_id: UUID
) -> tuple[JobRun | None, str | None]:
    """Read a job and the mark of how it stands.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    job_id : UUID
        Which one.

    Returns
    -------
    tuple of JobRun and str
        None twice when the promoter has no such job.
    """
    job = get_job(session, promoter_id=promoter_id, job_id=job_id)
    if job is None:
        return None, None
    return job, mark_job(job.id, job.state, job.progress_share, job.stage, job.attempts)


def find_newest_place(session: Session, *, promoter_id: UUID) -> int:
    """Tell where a promoter's news end.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    int
        Place of the last one; 0 before the first.
    """
    return notifications.find_newest_position(session, promoter_id=promoter_id)


def read_notifications(
    session: Session,
    *,
    promoter_id: UUID,
    capabilities: Collection[Capability],
    after: int,
    at_most: int,
) -> list[Notification]:
    """Read what happened after a place, in order, as far as the caller may see what it is about.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    capabilities : collection of Capability
        What the caller can do.
    after : int
        The place after which to begin.
    at_most : int
        How many.

    Returns
    -------
    list of Notification
        Nothing that is stored later has a lower place.
    """
    own = _OF_JOBS if Capability.OWN in capabilities else ()
    kinds = [kind for kind, needed in _NEEDED.items() if needed in capabilities or kind in own]
    return notifications.list_notifications(
        session, promoter_id=promoter_id, kinds=kinds, after=after, at_most=at_most
    )
