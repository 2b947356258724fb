"""A community folder that arrives as one archive, unpacked without trusting it."""

import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, ClassVar

from loaders.atomic_files import make_folder, replace_file
from loaders.community_folder import MEMBERS_FILE, PROPERTIES_FILE
from loaders.faults import MissingInputError
from loaders.number_text import excerpt_of
from loaders.series_files import SeriesFormat
from models.values.errors import ErrorCode, InvalidDataError

MOST_ENTRIES = 20
"""Entries of an archive, folders included; a community folder has five files."""

MOST_BYTES = 1 << 30
"""Bytes of all files together once they are unpacked."""

_SERIES = ("consumption", "production", "prices")
ACCEPTED_FILES = frozenset(
    {PROPERTIES_FILE, MEMBERS_FILE}
    | {f"{name}.{form}" for name in _SERIES for form in SeriesFormat}
)
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1


class FaultyArchiveError(InvalidDataError):
    """An archive is damaged or holds what a community folder does not.

    Attributes
    ----------
    entry : str or None
        Name inside the archive, when one entry is to blame.
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str, entry: str | None = None) -> None:
        super().__init__(
            f"archive: {reason}" if entry is None else f"archive, {excerpt_of(entry)}: {reason}"
        )
        self.entry = entry
        self.reason = reason


class OversizedArchiveError(FaultyArchiveError):
    """An archive holds more entries or bytes than a community folder can have."""

    code: ClassVar[ErrorCode] = ErrorCode.TOO_LARGE


def unpack_community_archive(archive: Path, into: Path) -> Path:
    """Unpack a zip of a community folder.

    Parameters
    ----------
    archive : Path
        The files of one community folder, flat or inside one top folder.
    into : Path
        Folder that receives the files; made if need be. After an error it may hold some of them.

    Returns
    -------
    Path
        The community folder, which is ``into``.

    Raises
    ------
    MissingInputError
        If there is no such archive.
    FaultyArchiveError
        If it is damaged, encrypted, or an entry is a link, leads outside, stands twice, or is no
        file of a community folder.
    OversizedArchiveError
        If it has more than ``MOST_ENTRIES`` entries or unpacks to more than ``MOST_BYTES``.
    UnwritableFileError
        If the files cannot be written.
    """
    if not archive.is_file():
        raise MissingInputError(archive, "file")
    try:
        with zipfile.ZipFile(archive) as zipped:
            files = _choose_files(zipped.infolist())
            make_folder(into)
            bytes_left = MOST_BYTES
            for name, entry in files.items():
                with zipped.open(entry) as source:
                    bytes_left -= _copy(source, into / name, bytes_left)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OSError) as error:
        raise FaultyArchiveError(f"is no sound zip file ({error})") from error
    return into


def _choose_files(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Accept the files of a community folder by their bare names, and refuse the rest."""
    if len(entries) > MOST_ENTRIES:
        raise OversizedArchiveError(f"holds {len(entries)} entries, more than {MOST_ENTRIES}")
    files: dict[str, zipfile.ZipInfo] = {}
    tops: set[str] = set()
    for entry in entries:
        *folders, name = entry.filename.removesuffix("/").split("/")
        _refuse_entry(entry, folders, name)
        if entry.is_dir():
            tops.add(name)
            continue
        tops.add(folders[0] if folders else "")
        if name in files:
            raise FaultyArchiveError("stands twice", entry.filename)
        files[name] = entry
    if len(tops) > 1:
        raise FaultyArchiveError("spreads over several folders")
    return files


def _refuse_entry(entry: zipfile.ZipInfo, folders: list[str], name: str) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FaultyArchiveError("is a link or a device", entry.filename)
    if len(folders) > 1 or {"", ".", ".."} & {*folders, name} or "\\" in entry.filename:
        raise FaultyArchiveError("does not lie at the top or in one top folder", entry.filename)
    if entry.is_dir():
        if folders:
            raise FaultyArchiveError("is a folder inside the top folder", entry.filename)
        return
    if name not in ACCEPTED_FILES:
        raise FaultyArchiveError("is no file of a community folder", entry.filename)
    if entry.flag_bits & _ENCRYPTED:
        raise FaultyArchiveError("is encrypted", entry.filename)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FaultyArchiveError("is packed by another method than deflate", entry.filename)


def _copy(source: IO[bytes], path: Path, most_bytes: int) -> int:
    """Copy a file and count its bytes, because an archive's own count may lie."""
    copied = 0
    with replace_file(path) as target:
        while chunk := source.read(_CHUNK_BYTES):
            copied += len(chunk)
            if copied > most_bytes:
                raise OversizedArchiveError(f"unpacks to more than {MOST_BYTES} bytes")
            target.write(chunk)
    return copied
