"""Packed files by their first bytes: what packs them, and what seems to lie inside."""

import bz2
import re
import zlib
from typing import NamedTuple

from loaders.community_archive import ACCEPTED_FILES
from loaders.file_formats import FileFormat
from loaders.number_text import excerpt_of

HEAD_INSIDE = 1 << 16
"""Bytes that are expanded of what lies inside, however much it would become."""

ZIP_START = b"PK\x03\x04"
GZIP_START = b"\x1f\x8b"
BZIP_START = b"BZh"
WORKBOOK_ENTRY = "[Content_Types].xml"

_LOCAL_HEADER = 30
_STORED, _DEFLATED = 0, 8
_RAW, _WITH_GZIP_HEADER = -15, 31
_LEFT_BEHIND = re.compile(r"(^|/)(__MACOSX|\.)")
_COMMUNITY_FILES = 2
_MOST_ENTRIES = 1000


class ZipEntry(NamedTuple):
    """An entry of a zip file, as its own header tells."""

    name: str
    method: int
    start: int
    size: int


def list_zip_entries(head: bytes) -> list[ZipEntry]:
    """List the files whose headers lie in the head of a zip file.

    Parameters
    ----------
    head : bytes
        The first bytes; the list at the end of the file may not be among them.

    Returns
    -------
    list of ZipEntry
        Without folders and what operating systems leave behind.
    """
    entries: list[ZipEntry] = []
    place = head.find(ZIP_START)
    while 0 <= place <= len(head) - _LOCAL_HEADER and len(entries) < _MOST_ENTRIES:
        method = int.from_bytes(head[place + 8 : place + 10], "little")
        size = int.from_bytes(head[place + 18 : place + 22], "little")
        name_size = int.from_bytes(head[place + 26 : place + 28], "little")
        extra_size = int.from_bytes(head[place + 28 : place + 30], "little")
        name_start = place + _LOCAL_HEADER
        name = head[name_start : name_start + name_size].decode("utf-8", "replace")
        start = name_start + name_size + extra_size
        if name and not name.endswith("/") and not _LEFT_BEHIND.search(name):
            entries.append(ZipEntry(name, method, start, size))
        place = head.find(ZIP_START, name_start + name_size)
    return entries


def is_community(entries: list[ZipEntry]) -> bool:
    """Tell whether a zip file holds a community folder.

    Parameters
    ----------
    entries : list of ZipEntry
        What its head shows.

    Returns
    -------
    bool
        True if ``community.json`` is there, or several files that only such a folder has.
    """
    names = {entry.name.rsplit("/", 1)[-1] for entry in entries}
    return "community.json" in names or len(names & ACCEPTED_FILES) >= _COMMUNITY_FILES


def expand_head(form: FileFormat, head: bytes, entry: ZipEntry | None = None) -> bytes:
    """Expand the beginning of what lies inside.

    Parameters
    ----------
    form : FileFormat
        ``gzip``, ``bzip2`` or ``zip``.
    head : bytes
        The first bytes of the packed file.
    entry : ZipEntry, optional
        Which file of a zip.

    Returns
    -------
    bytes
        At most ``HEAD_INSIDE``; empty when it cannot be expanded.
    """
    try:
        if form is FileFormat.BZIP2:
            return bz2.BZ2Decompressor().decompress(head, HEAD_INSIDE)
        if form is FileFormat.GZIP:
            return zlib.decompressobj(_WITH_GZIP_HEADER).decompress(head, HEAD_INSIDE)
        if entry is not None and entry.method == _STORED:
            return head[entry.start : entry.start + min(entry.size, HEAD_INSIDE)]
        if entry is not None and entry.method == _DEFLATED:
            return zlib.decompressobj(_RAW).decompress(head[entry.start :], HEAD_INSIDE)
    except (zlib.error, OSError, EOFError, ValueError):
        return b""
    return b""


def describe_entries(entries: list[ZipEntry]) -> str:
    """Name the first files of a zip file.

    Parameters
    ----------
    entries : list of ZipEntry
        What its head shows.

    Returns
    -------
    str
        A part of a sentence.
    """
    shown = ", ".join(excerpt_of(entry.name) for entry in entries[:3])
    more = f", and {len(entries) - 3} more" if len(entries) > 3 else ""
    return f"holds {shown}{more}" if shown else "shows no file in its head"
