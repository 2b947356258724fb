"""A community folder that arrives as one archive, unpacked without trusting it."""

import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, ClassVar

from loaders.atomic_files import make_folder, replace_file
from loaders.community_folder import MEMBERS_FILE, PROPERTIES_FILE
from loaders.faults import Fault, MissingInputError
from loaders.number_text import excerpt_of
from loaders.series_files import SeriesFormat
from models.values.errors import ErrorCode, InvalidDataError

MOST_ENTRIES = 100
"""Entries of an archive, folders and what is ignored included; five files are read at most."""

MOST_BYTES = 1 << 30
"""Bytes of all files together once they are unpacked."""

_SERIES = ("consumption", "production", "prices")
ACCEPTED_FILES = frozenset(
    {PROPERTIES_FILE, MEMBERS_FILE}
    | {f"{name}.{form}" for name in _SERIES for form in SeriesFormat}
)
_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1
UNSOUND_ZIP = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OSError)
"""What the standard library raises on a damaged zip file."""


class FaultyArchiveError(InvalidDataError):
    """An archive is damaged, unsafe or holds no community folder.

    Attributes
    ----------
    faults : tuple of Fault
        The one that ended the reading.
    entry : str or None
        Name inside the archive, when one entry is to blame.
    reason : str
        What is wrong.
    """

    def __init__(self, reason: str, entry: str | None = None) -> None:
        fault = Fault("archive", None if entry is None else excerpt_of(entry), reason)
        super().__init__(str(fault))
        self.faults = (fault,)
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
        The files of one community folder, flat or inside one top folder. Folders inside it,
        hidden files and files of other names are ignored, as they are in a folder.
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
        If it is damaged, encrypted, or an entry is a link, leads outside or stands twice, or if
        it holds no file of a community folder.
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
    except UNSOUND_ZIP as error:
        raise FaultyArchiveError(f"is no sound zip file ({error})") from error
    return into


def _choose_files(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Accept the files of a community folder by their bare names, and refuse what is unsafe."""
    if len(entries) > MOST_ENTRIES:
        raise OversizedArchiveError(f"holds {len(entries)} entries, more than {MOST_ENTRIES}")
    files: dict[str, zipfile.ZipInfo] = {}
    tops: set[str] = set()
    for entry in entries:
        *folders, name = entry.filename.removesuffix("/").split("/")
        _refuse_unsafe(entry, folders, name)
        if entry.is_dir() or name not in ACCEPTED_FILES or _is_hidden(folders):
            continue
        _refuse_unreadable(entry, folders)
        tops.add(folders[0] if folders else "")
        if name in files:
            raise FaultyArchiveError("stands twice", entry.filename)
        files[name] = entry
    if len(tops) > 1:
        raise FaultyArchiveError("spreads over several folders")
    if not files:
        raise FaultyArchiveError("holds no file of a community folder")
    return files


def _is_hidden(folders: list[str]) -> bool:
    """Tell whether a file lies in what an operating system keeps for itself."""
    return any(folder == "__MACOSX" or folder.startswith(".") for folder in folders)


def _refuse_unsafe(entry: zipfile.ZipInfo, folders: list[str], name: str) -> None:
    refuse_link(entry)
    if {"", ".", ".."} & {*folders, name} or "\\" in entry.filename:
        raise FaultyArchiveError("does not lie at the top or in one top folder", entry.filename)


def _refuse_unreadable(entry: zipfile.ZipInfo, folders: list[str]) -> None:
    if len(folders) > 1:
        raise FaultyArchiveError("does not lie at the top or in one top folder", entry.filename)
    refuse_packing(entry)


def refuse_link(entry: zipfile.ZipInfo) -> None:
    """Refuse what is neither a file nor a folder.

    Parameters
    ----------
    entry : zipfile.ZipInfo
        An entry of an archive.

    Raises
    ------
    FaultyArchiveError
        If it is a link or a device.
    """
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FaultyArchiveError("is a link or a device", entry.filename)


def refuse_packing(entry: zipfile.ZipInfo) -> None:
    """Refuse what cannot be unpacked piece by piece, or not without a password.

    Parameters
    ----------
    entry : zipfile.ZipInfo
        An entry of an archive.

    Raises
    ------
    FaultyArchiveError
        If it is encrypted or packed by another method than deflate.
    """
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
