"""Archives that callers sent."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import Session, col, delete, or_, select

from models.tables.jobs import JobRun, JobState, Upload

_IS_DRY_RUN = ("wish", "is_dry_run")


def get_upload(session: Session, *, promoter_id: UUID, upload_id: UUID) -> Upload | None:
    """Read one upload."""
    rows = select(Upload).where(Upload.promoter_id == promoter_id, Upload.id == upload_id)
    return session.exec(rows).one_or_none()


def list_spent_uploads(
    session: Session, *, abandoned_before: datetime, upload_id: UUID | None = None
) -> list[Upload]:
    """List the uploads, or whether it is one, that no job needs: none waits, and one has used it.

    A dry run has not, nor one that failed; what was sent long ago is spent too.
    """
    rows = select(Upload).where(
        ~_is_named_by(col(JobRun.state).in_([JobState.QUEUED, JobState.RUNNING])),
        or_(
            _is_named_by(
                and_(
                    col(JobRun.state) == JobState.SUCCEEDED,
                    col(JobRun.arguments)[_IS_DRY_RUN].as_boolean().is_not(True),
                )
            ),
            col(Upload.created_at) < abandoned_before,
        ),
    )
    if upload_id is not None:
        rows = rows.where(Upload.id == upload_id)
    return list(session.exec(rows))


def list_known_uploads(session: Session, *, upload_ids: Collection[UUID]) -> set[UUID]:
    """Tell which of some uploads, of any promoter, are on record."""
    return set(session.exec(select(Upload.id).where(col(Upload.id).in_(upload_ids))))


def forget_upload(session: Session, upload_id: UUID) -> bool:
    """Strike an upload off the record; False if it was struck off already."""
    return session.exec(delete(Upload).where(col(Upload.id) == upload_id)).rowcount == 1


def _is_named_by(wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tell whether a wanted job of the same promoter reads an upload."""
    return exists().where(
        col(JobRun.upload_id) == Upload.id,
        col(JobRun.promoter_id) == Upload.promoter_id,
        wanted,
    )
