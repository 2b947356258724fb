"""Lines of a distributor's file of coefficients: what each says, or why it cannot be read."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from loaders.decoding import BOM, UnreadableFileError
from loaders.faults import FAULTS_KEPT
from loaders.number_text import excerpt_of
from models.values.calendar import CLOCK_HOURS
from models.values.coefficient import MILLIONTHS

HOURS = CLOCK_HOURS
"""Hours of a file, in leap years too (RD 244/2019, Annex I)."""

MOST_LINES = 600 * HOURS
"""Lines of a file: more supply points than a community has, hour by hour."""

_SOUND_LINE = re.compile(r"([0-9A-Z]+);(?:([0-9]{1,4});)?(0,[0-9]{6}|1,000000)")
_COEFFICIENT = re.compile(r"(-?)(0|[1-9][0-9]*)(?:([.,])([0-9]+))?")
_HOUR = re.compile(r"[0-9]{1,4}")
_LONGEST_COEFFICIENT = 40
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class FaultCode(StrEnum):
    """Stable names of what can be wrong with a distributor's file."""

    NAME_SHAPE = "name_shape"
    CAU_CHECK = "cau_check"
    CAU_MISMATCH = "cau_mismatch"
    ENCODING = "encoding"
    BOM = "bom"
    MALFORMED_LINE = "malformed_line"
    CUPS_LENGTH = "cups_length"
    CUPS_CHECK = "cups_check"
    DUPLICATE_CUPS = "duplicate_cups"
    UNKNOWN_CUPS = "unknown_cups"
    MISSING_CUPS = "missing_cups"
    DECIMAL_SEPARATOR = "decimal_separator"
    SCALE = "scale"
    RANGE = "range"
    SUM = "sum"
    HOUR_MISSING = "hour_missing"
    HOUR_REPEATED = "hour_repeated"


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong; ``line`` is None when the file as a whole is meant."""

    line: int | None
    code: FaultCode
    message: str


class Entry(NamedTuple):
    """What one line says.

    ``hour`` is 0 in a file of constant coefficients; ``millionths`` is a fraction when the line
    has more than six decimals.
    """

    line: int
    cups: str
    hour: int
    millionths: int | Fraction


@dataclass(slots=True)
class FileLines:
    """The lines of a file.

    Attributes
    ----------
    is_text : bool
        Whether there are lines at all.
    is_hourly : bool
        Whether most lines name an hour.
    entries : list of Entry
        Lines whose supply point, hour and coefficient are known.
    supplies : dict of str to int
        What stands for a CUPS in them, and its first line.
    unreadable : list of str
        The other lines, those without any digit left out: they cannot hide a coefficient.
    faults : list of FileFault
        At most ``FAULTS_KEPT``.
    n_omitted : int
        Faults beyond these.
    """

    is_text: bool = True
    is_hourly: bool = False
    entries: list[Entry] = field(default_factory=list)
    supplies: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)
    n_omitted: int = 0

    def add(self, entry: Entry) -> None:
        """Keep what a line says."""
        self.entries.append(entry)
        self.supplies.setdefault(entry.cups, entry.line)

    def note(self, line: int, code: FaultCode, message: str) -> None:
        """Note a fault."""
        self.take([FileFault(line, code, message)])

    def take(self, faults: Iterable[FileFault]) -> None:
        """Keep faults; past ``FAULTS_KEPT`` they are only counted."""
        for fault in faults:
            if len(self.faults) < FAULTS_KEPT:
                self.faults.append(fault)
            else:
                self.n_omitted += 1

    def set_aside(self, line: int, text: str, code: FaultCode, message: str) -> None:
        """Note a line that cannot be read."""
        self.note(line, code, message)
        if any(character.isdigit() for character in text):
            self.unreadable.append(text)


def parse_distributor_lines(data: bytes) -> FileLines:
    """Read the lines of a distributor's file, constant or hourly.

    Parameters
    ----------
    data : bytes
        Content of the file, LF or CRLF.

    Returns
    -------
    FileLines
        With the faults that a line shows by itself.

    Raises
    ------
    UnreadableFileError
        If it has more than ``MOST_LINES``.
    """
    lines = FileLines()
    if data.startswith(_UTF_16_MARKS):
        lines.note(1, FaultCode.ENCODING, "the file is UTF-16; save it as ASCII")
        return replace(lines, is_text=False)
    if b"\0" in data:
        message = "the file is not text, perhaps a workbook; save it as ASCII text"
        lines.note(1, FaultCode.ENCODING, message)
        return replace(lines, is_text=False)
    n_lines = data.count(b"\n") + 1
    if n_lines > MOST_LINES:
        raise UnreadableFileError(f"holds {n_lines} lines, more than {MOST_LINES}")
    if data.startswith(BOM):
        lines.note(1, FaultCode.BOM, "the file begins with a byte order mark; save it without")
    texts = data.removeprefix(BOM).decode("latin-1").split("\n")
    if not texts[-1]:
        texts.pop()
    separators = Counter(text.count(";") for text in texts)
    lines.is_hourly = separators[2] > separators[1]
    for number, text in enumerate(texts, 1):
        _parse_line(number, text.removesuffix("\r"), lines)
    return lines


def _parse_line(number: int, text: str, lines: FileLines) -> None:
    sound = _SOUND_LINE.fullmatch(text)
    if sound and (sound[2] is not None) == lines.is_hourly:
        hour = int(sound[2] or 0)
        if hour <= HOURS and (hour > 0) == lines.is_hourly:
            lines.add(Entry(number, sound[1], hour, int(sound[3].replace(",", ""))))
            return
    if not text.isascii():
        message = f"{excerpt_of(text)} holds characters outside ASCII"
        lines.set_aside(number, text, FaultCode.ENCODING, message)
        return
    fields = text.split(";", 3)
    malformed = _explain_malformed(text, fields, is_hourly=lines.is_hourly)
    if malformed:
        lines.set_aside(number, text, FaultCode.MALFORMED_LINE, malformed)
        return
    hour = int(fields[1]) if lines.is_hourly else 0
    if lines.is_hourly and not 1 <= hour <= HOURS:
        lines.note(number, FaultCode.RANGE, f"hour {hour} is not between 1 and {HOURS}")
    millionths = _judge_coefficient(number, fields[-1], lines)
    lines.add(Entry(number, fields[0], hour, millionths))


def _explain_malformed(text: str, fields: list[str], *, is_hourly: bool) -> str | None:
    """Say why a line has not the form of its file; None when it has."""
    form = "CUPS;hour;coefficient" if is_hourly else "CUPS;coefficient"
    if not text:
        return f"the line is empty, should be {form}"
    if "\r" in text:
        return f"{excerpt_of(text)} holds a carriage return without a line feed"
    if len(fields) != form.count(";") + 1:
        return f"{excerpt_of(text)} is not {form}"
    if is_hourly and not _HOUR.fullmatch(fields[1]):
        return f"hour {excerpt_of(fields[1])} is not a whole number of up to four digits"
    coefficient = fields[-1]
    if len(coefficient) > _LONGEST_COEFFICIENT or not _COEFFICIENT.fullmatch(coefficient):
        return f"coefficient {excerpt_of(coefficient)} is not a number such as 0,123456"
    return None


def _judge_coefficient(number: int, text: str, lines: FileLines) -> int | Fraction:
    """Note what is wrong with a number's form, and give its value all the same."""
    decimals = text.replace(",", ".").partition(".")[2]
    millionths = Fraction(text.replace(",", ".")) * MILLIONTHS
    if "." in text:
        message = f"coefficient {text} has a decimal point, should be a comma"
        lines.note(number, FaultCode.DECIMAL_SEPARATOR, message)
    if len(decimals) != 6:
        message = f"coefficient {text} has {len(decimals)} decimals, should be 6"
        lines.note(number, FaultCode.SCALE, message)
    if text.startswith("-") or millionths > MILLIONTHS:
        message = f"coefficient {text} is not between 0 and 1"
        lines.note(number, FaultCode.RANGE, message)
    return millionths
