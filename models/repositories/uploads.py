"""Archives that callers sent."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.tables.jobs import JobRun, JobState, Upload


def get_upload(session: Session, *, promoter_id: UUID, upload_id: UUID) -> Upload | None:
    """Read one upload."""
    rows = select(Upload).where(Upload.promoter_id == promoter_id, Upload.id == upload_id)
    return session.exec(rows).one_or_none()


def list_spent_uploads(session: Session, *, abandoned_before: datetime) -> list[Upload]:
    """List the uploads of all promoters that no job needs: none waits for it, and one has read it.

    A dry run has not; what nobody asked for since is spent too when it was sent long ago.
    """
    uploads = session.exec(select(Upload)).all()
    if not uploads:
        return []
    arguments = col(JobRun.arguments)
    named = arguments["upload_id"].as_string()
    is_dry_run = arguments[("wish", "is_dry_run")].as_boolean()
    jobs = session.exec(
        select(JobRun.promoter_id, named, JobRun.state, is_dry_run).where(
            col(JobRun.created_at) >= min(upload.created_at for upload in uploads),
            named.in_([str(upload.id) for upload in uploads]),
        )
    ).all()
    waiting = {JobState.QUEUED, JobState.RUNNING}
    needed = {(owner, upload_id) for owner, upload_id, state, _ in jobs if state in waiting}
    read = {(owner, upload_id) for owner, upload_id, _, is_dry in jobs if not is_dry}
    return [
        upload
        for upload in uploads
        if (key := (upload.promoter_id, str(upload.id))) not in needed
        and (key in read or upload.created_at < abandoned_before)
    ]
