"""Lines of a distributor's file of coefficients: what each says, or why it cannot be read.

Lines are read by the hundred thousand, as columns. Only those that are told of as faults become
text, so that a hostile file costs no more than a sound one of its size.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.decoding import BOM, UnreadableFileError
from loaders.distributor_file_faults import FaultCode, FaultTally
from loaders.number_text import excerpt_of
from models.values.calendar import CLOCK_HOURS
from models.values.coefficient import MILLIONTHS

HOURS = CLOCK_HOURS
"""Hours of a file, in leap years too (RD 244/2019, Annex I)."""

MOST_LINES = 600 * HOURS
"""Lines of a file: more supply points than a community has, hour by hour."""

MOST_SUPPLIES = 100_000
"""Different texts in the place of a CUPS that one file may have."""

TAIL_DIGITS = 12
"""Decimals in each column beyond the millionths: five million of them sum within an int64."""

_DIGITS = 6
_LINES_AT_ONCE = 1 << 17
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# ASCII in the place of a CUPS; six digits before the mark keep sums within an int64.
_CUPS = r"^(?P<cups>[\x01-\x09\x0b\x0c\x0e-:<-\x7f]*);"
_NUMBER = r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]{0,5})(?:(?P<mark>[.,])(?P<decimals>[0-9]{1,30}))?"
_LINE = {
    False: _CUPS + _NUMBER + r"\r?\n?$",
    True: _CUPS + r"(?P<hour>[0-9]{1,4});" + _NUMBER + r"\r?\n?$",
}
_FORM = {False: "CUPS;coefficient", True: "CUPS;hour;coefficient"}
_HOUR = re.compile(r"[0-9]{1,4}")
_ASCII = r"^[\x01-\x7f]*$"
_PARTS = ("sign", "whole", "mark", "decimals")
_SUPPLY_DIGITS = r"^(?P<digits>[Ee][Ss][0-9]{16})"

Numbers = NDArray[np.int64]
Columns = dict[str, pa.LargeStringArray]


class Tails(NamedTuple):
    """Decimals beyond the millionths, of the few lines that have them.

    ``rows`` (n_tails,) are positions among the entries; ``parts`` (2, n_tails) hold the seventh to
    eighteenth and the nineteenth to thirtieth decimal, with the coefficient's sign.
    """

    rows: Numbers
    parts: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """What the lines say that can be read, in their order.

    Attributes
    ----------
    lines : ndarray of int64, shape (n_entries,)
        Numbers of the lines, from 1.
    supplies : ndarray of int64, shape (n_entries,)
        Positions of what stands for the CUPS in the list of supplies.
    hours : ndarray of int64, shape (n_entries,)
        Hours as they are written; 0 in a file of constant coefficients.
    millionths : ndarray of int64, shape (n_entries,)
        Coefficients, without the decimals beyond the sixth.
    tails : Tails
        Those decimals.
    """

    lines: Numbers
    supplies: Numbers
    hours: Numbers
    millionths: Numbers
    tails: Tails


@dataclass(frozen=True, slots=True, eq=False)
class FileLines:
    """The lines of a file.

    Attributes
    ----------
    entries : Entries or None
        Lines whose supply point, hour and coefficient are known; None when the file is no text.
    is_hourly : bool
        Whether most lines name an hour.
    supplies : tuple of str
        What stands for a CUPS in the entries, in the order of their first lines.
    n_unreadable : int
        Other lines that may hide a coefficient, since they hold a digit.
    unreadable_digits : Counter of str
        How many of these begin with the digits of a CUPS, by these.
    faults : FaultTally
        What a line shows by itself.
    """

    entries: Entries | None
    is_hourly: bool
    supplies: tuple[str, ...]
    n_unreadable: int
    unreadable_digits: Counter[str]
    faults: FaultTally


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
        If it has more than ``MOST_LINES``, or more than ``MOST_SUPPLIES`` stand in them.
    """
    faults = FaultTally()
    if data.startswith(_UTF_16_MARKS):
        faults.note(1, FaultCode.ENCODING, "the file is UTF-16; save it as ASCII")
        return FileLines(None, False, (), 0, Counter(), faults)
    if b"\0" in data:
        message = "the file is not text, perhaps a workbook; save it as ASCII text"
        faults.note(1, FaultCode.ENCODING, message)
        return FileLines(None, False, (), 0, Counter(), faults)
    if data.startswith(BOM):
        message = "the file begins with a byte order mark; save it without"
        faults.note(1, FaultCode.BOM, message)
    texts = _split_lines(data)
    reader = _LinesReader(is_hourly=_name_hours(texts), faults=faults)
    for start in range(0, max(len(texts), 1), _LINES_AT_ONCE):
        reader.read(texts.slice(start, _LINES_AT_ONCE), first_line=start + 1)
    return reader.finish()


def _split_lines(data: bytes) -> pa.LargeBinaryArray:
    """Give the lines with their ends, without copying them."""
    n_lines = data.count(b"\n") + 1
    if n_lines > MOST_LINES:
        raise UnreadableFileError(f"holds {n_lines} lines, more than {MOST_LINES}")
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    start = len(BOM) if data.startswith(BOM) else 0
    end = ends[-1] if ends.size else start
    last = [len(data)] if len(data) > end else []
    borders = np.concatenate(([start], ends, last)).astype(np.int64)
    buffers = [None, pa.py_buffer(borders), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), borders.size - 1, buffers)


def _name_hours(texts: pa.LargeBinaryArray) -> bool:
    """Tell whether more lines have three fields than two."""
    counts: Counter[int] = Counter()
    for start in range(0, len(texts), _LINES_AT_ONCE):
        separators = pc.count_substring(texts.slice(start, _LINES_AT_ONCE), ";").to_numpy()
        counts.update({n: int((separators == n).sum()) for n in (1, 2)})
    return counts[2] > counts[1]


@dataclass(slots=True)
class _LinesReader:
    """Reads lines block by block into columns."""

    is_hourly: bool
    faults: FaultTally
    supplies: dict[str, int] = field(default_factory=dict)
    blocks: list[Entries] = field(default_factory=list)
    n_entries: int = 0
    n_unreadable: int = 0
    unreadable_digits: Counter[str] = field(default_factory=Counter)

    def read(self, texts: pa.LargeBinaryArray, first_line: int) -> None:
        """Read the next lines."""
        fields = pc.extract_regex(texts, _LINE[self.is_hourly])
        is_readable = fields.is_valid().to_numpy(zero_copy_only=False)
        lines = np.arange(first_line, first_line + len(texts))
        if not is_readable.all():
            self._set_aside(texts.filter(pa.array(~is_readable)), lines[~is_readable])
            fields = fields.filter(pa.array(is_readable))
        names = [part.name for part in fields.type]
        columns = {name: fields.field(name).cast(pa.large_string()) for name in names}
        self._keep(columns, lines[is_readable])
        if max(len(self.supplies), len(self.unreadable_digits)) > MOST_SUPPLIES:
            raise UnreadableFileError(f"names more than {MOST_SUPPLIES} supply points")

    def finish(self) -> FileLines:
        """Give all lines."""
        entries = Entries(
            lines=np.concatenate([block.lines for block in self.blocks]),
            supplies=np.concatenate([block.supplies for block in self.blocks]),
            hours=np.concatenate([block.hours for block in self.blocks]),
            millionths=np.concatenate([block.millionths for block in self.blocks]),
            tails=Tails(
                np.concatenate([block.tails.rows for block in self.blocks]),
                np.concatenate([block.tails.parts for block in self.blocks], axis=1),
            ),
        )
        unreadable = (self.n_unreadable, self.unreadable_digits)
        return FileLines(entries, self.is_hourly, tuple(self.supplies), *unreadable, self.faults)

    def _keep(self, columns: Columns, lines: Numbers) -> None:
        """Keep what lines of the right form say."""
        hours = np.zeros(lines.size, dtype=np.int64)
        if self.is_hourly:
            hours = columns["hour"].cast(pa.int64()).to_numpy()
            self._note_hours(hours, lines)
        millionths, tails = _parse_coefficients(columns)
        self._note_coefficients(columns, lines, _is_outside(columns, millionths, tails))
        tails = Tails(tails.rows + self.n_entries, tails.parts)
        supplies = self._number_supplies(columns["cups"])
        self.blocks.append(Entries(lines, supplies, hours, millionths, tails))
        self.n_entries += lines.size

    def _number_supplies(self, cups: pa.LargeStringArray) -> Numbers:
        """Give every line the position of its supply point."""
        known = cups.dictionary_encode()
        texts = known.dictionary.to_pylist()
        positions = [self.supplies.setdefault(text, len(self.supplies)) for text in texts]
        numbers: Numbers = np.array(positions, dtype=np.int64)[known.indices.to_numpy()]
        return numbers

    def _note_hours(self, hours: Numbers, lines: Numbers) -> None:
        rows = np.flatnonzero((hours < 1) | (hours > HOURS))

        def tell(i: int) -> tuple[int, str]:
            return int(lines[rows[i]]), f"hour {hours[rows[i]]} is not between 1 and {HOURS}"

        self.faults.note_alike(FaultCode.RANGE, rows.size, tell)

    def _note_coefficients(
        self, columns: Columns, lines: Numbers, is_outside: NDArray[np.bool_]
    ) -> None:
        """Note what is wrong with the form of numbers."""
        n_decimals = pc.binary_length(columns["decimals"]).to_numpy()
        has_point = pc.equal(columns["mark"], ".").to_numpy(zero_copy_only=False)
        for code, is_wrong, reason in (
            (FaultCode.DECIMAL_SEPARATOR, has_point, "has a decimal point, should be a comma"),
            (FaultCode.SCALE, n_decimals != 6, "has {n_decimals} decimals, should be 6"),
            (FaultCode.RANGE, is_outside, "is not between 0 and 1"),
        ):
            rows = np.flatnonzero(is_wrong)

            def tell(i: int, rows: Numbers = rows, reason: str = reason) -> tuple[int, str]:
                row = int(rows[i])
                parts = (columns[name][row].as_py() for name in _PARTS)
                said = reason.format(n_decimals=n_decimals[row])
                return int(lines[row]), f"coefficient {''.join(parts)} {said}"

            self.faults.note_alike(code, rows.size, tell)

    def _set_aside(self, texts: pa.LargeBinaryArray, lines: Numbers) -> None:
        """Note lines that cannot be read, and count those that may hide a coefficient."""
        is_ascii = pc.match_substring_regex(texts, _ASCII).to_numpy(zero_copy_only=False)
        for code, rows, explain in (
            (FaultCode.ENCODING, np.flatnonzero(~is_ascii), _explain_encoding),
            (FaultCode.MALFORMED_LINE, np.flatnonzero(is_ascii), self._explain_malformed),
        ):

            def tell(
                i: int, rows: Numbers = rows, explain: Callable[[str], str] = explain
            ) -> tuple[int, str]:
                row = int(rows[i])
                text = texts[row].as_py().decode("latin-1").removesuffix("\n").removesuffix("\r")
                return int(lines[row]), explain(text)

            self.faults.note_alike(code, rows.size, tell)
        self.n_unreadable += pc.sum(pc.match_substring_regex(texts, "[0-9]")).as_py()
        digits = pc.extract_regex(texts, _SUPPLY_DIGITS).drop_null().field("digits")
        for count in pc.ascii_upper(digits.cast(pa.large_string())).value_counts():
            self.unreadable_digits[count["values"].as_py()] += count["counts"].as_py()

    def _explain_malformed(self, text: str) -> str:
        """Say why a line has not the form of its file."""
        form = _FORM[self.is_hourly]
        if not text:
            return f"the line is empty, should be {form}"
        if "\r" in text:
            return f"{excerpt_of(text)} holds a carriage return without a line feed"
        fields = text.split(";", 3)
        if len(fields) != form.count(";") + 1:
            return f"{excerpt_of(text)} is not {form}"
        if self.is_hourly and not _HOUR.fullmatch(fields[1]):
            return f"hour {excerpt_of(fields[1])} is not a whole number of up to four digits"
        return f"coefficient {excerpt_of(fields[-1])} is not a number such as 0,123456"


def _explain_encoding(text: str) -> str:
    return f"{excerpt_of(text)} holds characters outside ASCII"


def _parse_coefficients(columns: Columns) -> tuple[Numbers, Tails]:
    """Give the millionths, and exactly what lies beyond them."""
    signs = np.where(pc.equal(columns["sign"], "-").to_numpy(zero_copy_only=False), -1, 1)
    decimals = columns["decimals"]
    rows = np.flatnonzero(pc.binary_length(decimals).to_numpy() > _DIGITS)
    wholes = columns["whole"].cast(pa.int64()).to_numpy()
    millionths = signs * (wholes * MILLIONTHS + _read_digits(decimals, 0, _DIGITS))
    long = decimals.take(pa.array(rows))
    middle, last = _DIGITS + TAIL_DIGITS, _DIGITS + 2 * TAIL_DIGITS
    parts = np.stack([_read_digits(long, _DIGITS, middle), _read_digits(long, middle, last)])
    return millionths, Tails(rows, signs[rows] * parts)


def _read_digits(decimals: pa.LargeStringArray, start: int, stop: int) -> Numbers:
    """Read some of the decimals as a whole number; those that are not written are zeros."""
    cut = pc.ascii_rpad(pc.utf8_slice_codeunits(decimals, start, stop), stop - start, "0")
    numbers: Numbers = cut.cast(pa.int64()).to_numpy()
    return numbers


def _is_outside(columns: Columns, millionths: Numbers, tails: Tails) -> NDArray[np.bool_]:
    """Tell which coefficients are not between zero and one."""
    is_outside: NDArray[np.bool_] = millionths > MILLIONTHS
    is_outside |= pc.equal(columns["sign"], "-").to_numpy(zero_copy_only=False)
    is_outside[tails.rows] |= (millionths[tails.rows] == MILLIONTHS) & tails.parts.any(axis=0)
    return is_outside
