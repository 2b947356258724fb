"""What a file is, and why: by its content, and by its name only where contents are alike."""

from pathlib import Path

from loaders.decoding import UnreadableFileError
from loaders.file_formats import Confidence, Detection, FileFormat
from loaders.file_heads.headers import detect_header
from loaders.file_heads.packed_heads import (
    BZIP_START,
    GZIP_START,
    WORKBOOK_ENTRY,
    ZIP_START,
    describe_entries,
    expand_head,
    is_community,
    list_zip_entries,
)
from loaders.file_heads.text_heads import detect_text
from loaders.input_paths import require_file
from loaders.workbook_rows import read_workbook_rows
from models.values.errors import InvalidDataError

HEAD_BYTES = 1 << 16
"""Bytes of text that tell a format; a whole workbook tells its headings too."""

LARGEST_HEAD_BYTES = 1 << 22
"""Bytes of a packed file beyond which nothing is looked at."""

_LARGEST_WORKBOOK_BYTES = 1 << 23
_ROWS_JUDGED = 20
_FIRST_ROWS = 200
"""Among which those are judged that hold anything."""
_LISTS = (FileFormat.MEMBERS_LIST, FileFormat.COEFFICIENT_TABLE)
_STREAMS = {FileFormat.GZIP: GZIP_START, FileFormat.BZIP2: BZIP_START}
_STREAM_ENDINGS = (".gz", ".bz2")


def read_head(path: Path) -> bytes:
    """Read the first bytes of a file, as many as are ever looked at.

    Parameters
    ----------
    path : Path
        Any path.

    Returns
    -------
    bytes
        At most ``LARGEST_HEAD_BYTES``.

    Raises
    ------
    MissingInputError
        If there is nothing.
    UnreadableFileError
        If it is not a regular file, or the operating system refuses.
    """
    require_file(path)
    # A pipe or a device would block for ever.
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise UnreadableFileError(f"is {kind}")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_HEAD_BYTES)
    except OSError as error:
        raise UnreadableFileError(f"cannot be read ({error.strerror})") from error


def detect_file(name: str, head: bytes) -> Detection:
    """Say what a file seems to be.

    Parameters
    ----------
    name : str
        Its name; it decides only between formats whose contents are alike.
    head : bytes
        Its first bytes, ``HEAD_BYTES`` or more, or all of it.

    Returns
    -------
    Detection
        A format, read or refused; ``unknown`` for anything else. Never an error, whatever the
        bytes are.

    Examples
    --------
    >>> detect_file("marginalpdbc_20251212.1", b"MARGINALPDBC;").format
    <FileFormat.OMIE_MARGINALPDBC: 'omie-marginalpdbc'>
    >>> detect_file("curve.json", b"[9000.0, 9000.0]").format.is_refused
    True
    """
    head = head[:LARGEST_HEAD_BYTES]
    if head.startswith(ZIP_START):
        return _detect_zip(head)
    for form, start in _STREAMS.items():
        inside = expand_head(form, head) if head.startswith(start) else b""
        if inside:
            return _wrap(form, f"begins like {form}", _remove_ending(name), inside)
    if head.startswith(GZIP_START):
        return Detection.none("begins like gzip and cannot be expanded; send it anew")
    return detect_text(name, head[:HEAD_BYTES])


def _detect_zip(head: bytes) -> Detection:
    entries = list_zip_entries(head)
    if any(entry.name == WORKBOOK_ENTRY for entry in entries):
        return _detect_workbook(head)
    what = describe_entries(entries)
    if is_community(entries):
        return Detection(FileFormat.COMMUNITY_ARCHIVE, f"is a zip of a community folder: it {what}")
    if not entries:
        return Detection(FileFormat.ZIP, f"is a zip file that {what}", Confidence.LIKELY)
    inside = expand_head(FileFormat.ZIP, head, entries[0])
    return _wrap(FileFormat.ZIP, f"is a zip file that {what}", entries[0].name, inside)


def _wrap(form: FileFormat, reason: str, name: str, inside: bytes) -> Detection:
    """Tell what lies inside; an archive inside an archive is not opened."""
    content = detect_text(name, inside)
    return Detection(form, f"{reason}; what is inside {content.reason}", inside=content)


def _remove_ending(name: str) -> str:
    lowered = name.lower()
    for ending in _STREAM_ENDINGS:
        if lowered.endswith(ending):
            return name[: -len(ending)]
    return name


def _detect_workbook(head: bytes) -> Detection:
    """Tell a workbook by its headings, if it is here as a whole."""
    try:
        rows = read_workbook_rows(head, _LARGEST_WORKBOOK_BYTES, most_rows=_FIRST_ROWS)
    except InvalidDataError as error:
        reason = f"is a workbook whose rows are not seen here ({error})"
        return Detection(FileFormat.TABLE_XLSX, reason, Confidence.LIKELY)
    for _, cells in rows[:_ROWS_JUDGED]:
        detection = detect_header(cells)
        if detection and detection.format in (
            FileFormat.MEMBERS_LIST,
            FileFormat.COEFFICIENT_TABLE,
        ):
            return detection
    reason = "is a workbook whose headings no list has; map its columns by hand"
    return Detection(FileFormat.TABLE_XLSX, reason, Confidence.LIKELY)
