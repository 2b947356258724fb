"""Take an uploaded list of members or candidates into a community.

The list is read before anything is written, so that nobody waits for its reader.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.community_folders.import_members import (
    ListedMembers,
    ListOptions,
    MembersReport,
    import_members,
    read_members_file,
)
from api.services.file_imports.find_upload import find_upload, remove_used_upload
from loaders.decoding import LARGEST_LIST_BYTES, UnreadableFileError
from loaders.records import MemberRole


def read_uploaded_members(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    role: MemberRole | None,
) -> ListedMembers:
    """Read a list for a community from where uploads are kept.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    upload_id : UUID
        The file.
    data_dir : Path
        Folder of uploaded files.
    role : MemberRole or None
        Role of everybody in it; without it the list needs a column that tells.

    Returns
    -------
    ListedMembers
        Its lines and the file.

    Raises
    ------
    UnknownCommunityError, UnknownUploadError
        If the caller has no such community, or has sent no such file.
    UnreadableFileError
        If it is too large to be a list.
    FaultyInputError
        If anything in it is wrong, with all faults.
    """
    require_community(session, promoter_id=promoter_id, community_id=community_id)
    upload, path = find_upload(
        session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir
    )
    if upload.size_bytes > LARGEST_LIST_BYTES:
        raise UnreadableFileError(f"a list has at most {LARGEST_LIST_BYTES} bytes")
    return read_members_file(upload.file_name, path.read_bytes(), role)


def import_uploaded_members(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    upload_id: UUID,
    data_dir: Path,
    listed: ListedMembers,
    options: ListOptions,
    imported_at: datetime,
    is_dry_run: bool = False,
) -> MembersReport:
    """Take a list that was read, and forget the upload.

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
    listed : ListedMembers
        What ``read_uploaded_members`` read of it.
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
        If the caller took it at the same time.
    UnknownCommunityError, ForeignRecordError, InvalidDataError
        As for ``import_members``.
    """
    _, path = find_upload(session, promoter_id=promoter_id, upload_id=upload_id, data_dir=data_dir)
    report = import_members(
        session,
        promoter_id=promoter_id,
        community_id=community_id,
        listed=listed,
        options=options,
        imported_at=imported_at,
        is_dry_run=is_dry_run,
    )
    if not is_dry_run:
        remove_used_upload(session, upload_id=upload_id, path=path)
    return report
