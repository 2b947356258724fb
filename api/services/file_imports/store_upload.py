"""Keep a file that a caller sent, until its import has ended."""

from datetime import datetime
from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlmodel import Session

from models.session import find_asker
from models.tables import Upload
from models.values.names import check_name


def upload_path(data_dir: Path, upload_id: UUID) -> Path:
    """Tell where an upload is kept.

    Parameters
    ----------
    data_dir : Path
        Folder of the process's data.
    upload_id : UUID
        The upload.

    Returns
    -------
    Path
        A file named after the id alone: the caller's own name never reaches the disk.
    """
    return data_dir / "uploads" / str(upload_id)


def store_upload(
    session: Session,
    *,
    promoter_id: UUID,
    upload_id: UUID,
    file_name: str,
    sha256: str,
    size_bytes: int,
    now: datetime,
) -> Upload:
    """Note a file that lies at its place.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    upload_id : UUID
        Names its place.
    file_name : str
        What the caller calls it.
    sha256 : str
        Digest of its bytes.
    size_bytes : int
        How many they are [B].
    now : datetime
        The present instant.

    Returns
    -------
    Upload
        The record.

    Raises
    ------
    InvalidNameError
        If the name, without its folders, is blank, has more than 200 characters, or one that
        cannot be printed.
    """
    name = PurePosixPath(file_name.replace("\\", "/")).name
    upload = Upload(
        id=upload_id,
        promoter_id=promoter_id,
        file_name=check_name("file", name),
        sha256=sha256,
        size_bytes=size_bytes,
        sent_by=find_asker(session),
        created_at=now,
    )
    session.add(upload)
    session.flush()
    return upload
