"""Take an uploaded list of members or candidates into a community."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.community_folders.import_members import (
    ListOptions,
    MembersReport,
    import_members,
    read_members_file,
)
from api.services.community_folders.request_import import UnknownUploadError
from api.services.file_imports.store_upload import upload_path
from loaders.decoding import LARGEST_LIST_BYTES, UnreadableFileError
from models.repositories.uploads import get_upload


def import_members_upload(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    options: ListOptions,
    imported_at: datetime,
    is_dry_run: bool = False,
) -> MembersReport:
    """Read a list from where uploads are kept, take it, and forget the upload.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose list.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.
    options : ListOptions
        How it is to be taken.
    imported_at : datetime
        Instant of the import.
    is_dry_run : bool
        Whether only to tell what would be done; then the upload stays.

    Returns
    -------
    MembersReport
        What was made, altered and left.

    Raises
    ------
    UnknownUploadError
        If the caller has sent no such file.
    UnreadableFileError
        If it is too large to be a list.
    FaultyInputError
        If anything in it is wrong, with all faults.
    UnknownCommunityError, ForeignRecordError, InvalidDataError
        As for ``import_members``.
    """
    upload = get_upload(session, promoter_id=promoter_id, upload_id=upload_id)
    path = upload_path(data_dir, upload_id)
    if upload is None or not path.is_file():
        raise UnknownUploadError(upload_id)
    if upload.size_bytes > LARGEST_LIST_BYTES:
        raise UnreadableFileError(f"a list has at most {LARGEST_LIST_BYTES} bytes")
    members, source = read_members_file(upload.file_name, path.read_bytes(), options.role)
    report = import_members(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        members=members,
        source=source,
        options=options,
        imported_at=imported_at,
        is_dry_run=is_dry_run,
    )
    if not is_dry_run:
        session.delete(upload)
        path.unlink(missing_ok=True)
    return report
