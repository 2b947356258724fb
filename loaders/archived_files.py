"""What somebody hands in, plain or packed: the files inside, without trusting the archive."""

import bz2
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

from loaders.community_archive import (
    UNSOUND_ZIP,
    FaultyArchiveError,
    OversizedArchiveError,
    refuse_link,
    refuse_packing,
)
from loaders.decoding import LARGEST_FILE_BYTES

MOST_MEMBERS = 1_000
"""Entries of one archive, folders included."""

MOST_STREAMS = 10_000
"""Streams of a gzip or bzip2 file, one after another; some packers make one of every 64 kB."""

_CHUNK_BYTES = 1 << 18
_PACKED_CHUNK_BYTES = 1 << 14
_LARGEST_DIRECTORY_BYTES = 1 << 20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_START = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31
_BEYOND_PADDING = re.compile(rb"[^\0]")
# "BZh", a digit and the mark of a first block or of an end: no text begins like that
_BZIP_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
_OTHER_PACKERS = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
}
_WORKBOOK_ENTRY = "[Content_Types].xml"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file: its name, with the folders of its archive, and its bytes."""

    name: str
    content: bytes


class _GuardedBytes(io.BytesIO):
    """Refuses to be read in one large piece, as ``zipfile`` reads the list of an archive.

    It makes an object of every entry before anybody can count them.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_DIRECTORY_BYTES:
            raise OversizedArchiveError(f"holds more than {MOST_MEMBERS} entries")
        return super().read(size)


def expand_upload(
    name: str, data: bytes, most_bytes: int = LARGEST_FILE_BYTES
) -> Iterator[NamedFile]:
    """Give the files that an upload holds, one after another.

    Parameters
    ----------
    name : str
        Name under which it was handed in; its ending is not trusted.
    data : bytes
        A plain file, or a zip, gzip or bzip2 file, told apart by their first bytes. A workbook
        (XLSX) is a plain file, although it is a zip.
    most_bytes : int, optional
        Bytes of all files together after expansion.

    Yields
    ------
    NamedFile
        In the order of the archive; folders and what operating systems leave behind are left out.

    Raises
    ------
    FaultyArchiveError
        If it is damaged, encrypted, packed by something else or holds no file, or if an entry is
        a link or an archive itself, leads outside or stands twice.
    OversizedArchiveError
        If it holds more than ``MOST_MEMBERS`` entries or ``MOST_STREAMS`` streams, or expands to
        more than ``most_bytes``.

    Examples
    --------
    >>> [file.name for file in expand_upload("P5D_0021_0762_20230801.0.bz2", bz2.compress(b"x"))]
    ['P5D_0021_0762_20230801.0']
    """
    if _is_gzip(data):
        yield _expand_streams(name, ".gz", _expand_each(name, data, _expand_gzip), most_bytes)
    elif _is_bzip(data):
        yield _expand_streams(name, ".bz2", _expand_each(name, data, _expand_bzip), most_bytes)
    elif data.startswith(_ZIP_STARTS):
        yield from _expand_zip(name, data, most_bytes)
    else:
        _refuse_packed(name, data)
        if len(data) > most_bytes:
            raise OversizedArchiveError(f"is larger than {most_bytes} bytes", name)
        yield NamedFile(name, data)


def is_workbook(data: bytes) -> bool:
    """Tell a workbook from another zip file by what every one of them holds.

    Parameters
    ----------
    data : bytes
        Content of a file.

    Returns
    -------
    bool
        True for XLSX and its kin.

    Raises
    ------
    FaultyArchiveError
        If it begins like a zip file and is none.
    OversizedArchiveError
        If it holds too many entries.
    """
    if not data.startswith(_ZIP_STARTS):
        return False
    with _opened_zip(data) as zipped:
        return _WORKBOOK_ENTRY in zipped.namelist()


def refuse_oversized_workbook(data: bytes, most_bytes: int) -> None:
    """Refuse a workbook that expands beyond measure, before a reader of workbooks opens it.

    Parameters
    ----------
    data : bytes
        An XLSX file.
    most_bytes : int
        Bytes of all its parts together after expansion.

    Raises
    ------
    FaultyArchiveError
        If it is damaged or encrypted.
    OversizedArchiveError
        If it holds too many entries or expands to more than ``most_bytes``.
    """
    bytes_left = most_bytes
    with _opened_zip(data) as zipped:
        for entry in zipped.infolist():
            bytes_left -= _expand_entry(zipped, entry, bytes_left, into=None)


def _is_gzip(data: bytes) -> bool:
    return data.startswith(_GZIP_START)


def _is_bzip(data: bytes) -> bool:
    return data.startswith(b"BZh") and data[4:10] in _BZIP_BLOCKS


def _refuse_packed(name: str, data: bytes) -> None:
    for start, packer in _OTHER_PACKERS.items():
        if data.startswith(start):
            raise FaultyArchiveError(f"is packed by {packer}; send .zip, .gz or .bz2", name)


def _refuse_nested(name: str, data: bytes) -> None:
    """Refuse an archive inside an archive: what it expands to cannot be foreseen."""
    _refuse_packed(name, data)
    if _is_gzip(data) or _is_bzip(data) or (data.startswith(_ZIP_STARTS) and not is_workbook(data)):
        raise FaultyArchiveError("is an archive inside an archive; pack its files only once", name)


def _expand_streams(name: str, ending: str, pieces: Iterator[bytes], most_bytes: int) -> NamedFile:
    """Expand the one file of a gzip or bzip2 file."""
    content = io.BytesIO()
    try:
        _copy(pieces, content, most_bytes, name)
    except (EOFError, zlib.error, ValueError, OSError) as error:
        raise FaultyArchiveError(f"is no complete {ending} file ({error})", name) from error
    inner = name[: -len(ending)] if name.lower().endswith(ending) else name
    _refuse_nested(inner, content.getvalue())
    return NamedFile(inner, content.getvalue())


def _expand_each(
    name: str, data: bytes, expand_stream: Callable[[io.BytesIO], Generator[bytes, None, bytes]]
) -> Iterator[bytes]:
    """Expand stream after stream, up to so many; the zeros between them are padding."""
    packed = io.BytesIO(data)
    for _ in range(MOST_STREAMS):
        unused = yield from expand_stream(packed)
        following = _BEYOND_PADDING.search(data, packed.tell() - len(unused))
        if following is None:
            return
        packed.seek(following.start())
    raise OversizedArchiveError(f"holds more than {MOST_STREAMS} streams", name)


def _expand_gzip(packed: io.BytesIO) -> Generator[bytes, None, bytes]:
    """Expand one stream and return what was read beyond its end.

    The reader of the standard library walks names and padding byte by byte, which takes minutes.
    """
    stream = zlib.decompressobj(_WITH_GZIP_HEADER)
    while not stream.eof:
        chunk = stream.unconsumed_tail or packed.read(_PACKED_CHUNK_BYTES)
        piece = stream.decompress(chunk, _CHUNK_BYTES)
        if not (chunk or piece):
            raise EOFError("it ends too early")
        yield piece
    return stream.unused_data


def _expand_bzip(packed: io.BytesIO) -> Generator[bytes, None, bytes]:
    """Expand one stream and return what was read beyond its end."""
    stream = bz2.BZ2Decompressor()
    while not stream.eof:
        chunk = packed.read(_PACKED_CHUNK_BYTES) if stream.needs_input else b""
        if stream.needs_input and not chunk:
            raise EOFError("it ends too early")
        yield stream.decompress(chunk, _CHUNK_BYTES)
    return stream.unused_data


def _expand_zip(name: str, data: bytes, most_bytes: int) -> Iterator[NamedFile]:
    if is_workbook(data):
        yield NamedFile(name, data)
        return
    bytes_left = most_bytes
    with _opened_zip(data) as zipped:
        for entry in _choose_entries(zipped.infolist()):
            content = io.BytesIO()
            bytes_left -= _expand_entry(zipped, entry, bytes_left, into=content)
            _refuse_nested(entry.filename, content.getvalue())
            yield NamedFile(entry.filename, content.getvalue())


def _opened_zip(data: bytes) -> zipfile.ZipFile:
    try:
        zipped = zipfile.ZipFile(_GuardedBytes(data))
    except (*UNSOUND_ZIP, NotImplementedError) as error:
        raise FaultyArchiveError(f"is no sound zip file ({error})") from error
    count = len(zipped.filelist)
    if count > MOST_MEMBERS:
        raise OversizedArchiveError(f"holds {count} entries, more than {MOST_MEMBERS}")
    return zipped


def _choose_entries(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Refuse unsafe entries, and leave out folders and what operating systems leave behind."""
    chosen: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        refuse_link(entry)
        parts = entry.filename.removesuffix("/").split("/")
        if {"", ".", ".."} & set(parts) or not _is_plain_name(entry.filename):
            raise FaultyArchiveError("has a name that leads outside the archive", entry.filename)
        if entry.filename in chosen:
            raise FaultyArchiveError("stands twice", entry.filename)
        if not entry.is_dir() and not any(_is_left_behind(part) for part in parts):
            chosen[entry.filename] = entry
    if not chosen:
        raise FaultyArchiveError("holds no file")
    return list(chosen.values())


def _is_plain_name(name: str) -> bool:
    """Tell whether a name has no separator, drive or control character of any system."""
    return name.isprintable() and "\\" not in name and ":" not in name


def _is_left_behind(part: str) -> bool:
    return part == "__MACOSX" or part.startswith(".")


def _expand_entry(
    zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int, *, into: IO[bytes] | None
) -> int:
    """Expand one entry and count its bytes."""
    refuse_packing(entry)
    if entry.file_size > most_bytes:
        raise OversizedArchiveError("expands to more bytes than are allowed", entry.filename)
    try:
        with zipped.open(entry) as source:
            pieces = iter(partial(source.read, _CHUNK_BYTES), b"")
            return _copy(pieces, into, most_bytes, entry.filename)
    except (*UNSOUND_ZIP, NotImplementedError) as error:
        raise FaultyArchiveError(f"cannot be unpacked ({error})", entry.filename) from error


def _copy(pieces: Iterable[bytes], into: IO[bytes] | None, most_bytes: int, name: str) -> int:
    """Copy piece by piece, because an archive's own count of bytes may lie."""
    copied = 0
    for piece in pieces:
        copied += len(piece)
        if copied > most_bytes:
            raise OversizedArchiveError("expands to more bytes than are allowed", name)
        if into is not None:
            into.write(piece)
    return copied
