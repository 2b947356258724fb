"""Files that were taken in."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.file_imports import FileImport
from models.values.listing import EVERYTHING, ListWish

_NEWEST = Listing(FileImport, parent="community_id", order="created_at", newest_first=True)


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


def map_file_imports(
    session: Session, *, promoter_id: UUID, file_import_ids: Collection[UUID]
) -> dict[UUID, FileImport]:
    """Read imports by id."""
    return map_by_key(session, FileImport, file_import_ids, promoter_id=promoter_id)


def page_file_imports(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[FileImport]]:
    """Read the same page of many communities' imports, newest first."""
    return _NEWEST.read_pages(
        session,
        col(FileImport.promoter_id) == promoter_id,
        parent_ids=community_ids,
        request=request,
    )


def count_file_imports(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the imports of many communities."""
    tenant = col(FileImport.promoter_id) == promoter_id
    return _NEWEST.count_rows(session, tenant, parent_ids=community_ids, wish=wish)
