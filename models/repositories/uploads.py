"""Archives that callers sent."""

from uuid import UUID

from sqlmodel import Session, select

from models.tables.jobs import Upload


def get_upload(session: Session, *, promoter_id: UUID, upload_id: UUID) -> Upload | None:
    """Read one upload."""
    rows = select(Upload).where(Upload.promoter_id == promoter_id, Upload.id == upload_id)
    return session.exec(rows).one_or_none()
