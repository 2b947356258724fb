"""Archives that callers sent."""

from uuid import UUID

from sqlmodel import Session, col, select

from models.tables.jobs import JobRun, JobState, Upload


def get_upload(session: Session, *, promoter_id: UUID, upload_id: UUID) -> Upload | None:
    """Read one upload."""
    rows = select(Upload).where(Upload.promoter_id == promoter_id, Upload.id == upload_id)
    return session.exec(rows).one_or_none()


def list_spent_uploads(session: Session) -> list[Upload]:
    """List the uploads of all promoters that jobs were asked to read, and that have all ended."""
    uploads = session.exec(select(Upload)).all()
    if not uploads:
        return []
    named = col(JobRun.arguments)["upload_id"].as_string()
    jobs = session.exec(
        select(JobRun.promoter_id, named, JobRun.state).where(named.is_not(None))
    ).all()
    running = {JobState.QUEUED, JobState.RUNNING}
    asked = {(owner, upload_id) for owner, upload_id, _ in jobs}
    spent = asked - {(owner, upload_id) for owner, upload_id, state in jobs if state in running}
    return [upload for upload in uploads if (upload.promoter_id, str(upload.id)) in spent]
