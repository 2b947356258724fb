"""Files that were taken in."""

from uuid import UUID

from sqlmodel import Session, select

from models.tables.file_imports import FileImport


def find_file_import(
    session: Session, *, promoter_id: UUID, community_id: UUID, sha256: str, options_sha256: str
) -> FileImport | None:
    """Read what became of a file that was stored with the same options."""
    rows = select(FileImport).where(
        FileImport.promoter_id == promoter_id,
        FileImport.community_id == community_id,
        FileImport.sha256 == sha256,
        FileImport.options_sha256 == options_sha256,
    )
    return session.exec(rows).one_or_none()
