"""Checks a distributor's file before the distributor does."""

import re
from collections import Counter
from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from loaders.decoding import UnreadableFileError, read_bytes
from loaders.distributor_file_faults import FaultCode, FaultTally, FileFault
from loaders.distributor_file_lines import (
    HOURS,
    TAIL_DIGITS,
    Entries,
    FileLines,
    Numbers,
    parse_distributor_lines,
)
from loaders.faults import Fault, FaultyInputError
from loaders.input_paths import require_file
from loaders.number_text import excerpt_of
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import InvalidIdentifierError

_NAME = re.compile(r"([0-9A-Z]{26})_([0-9]{4})\.txt")
_DIGITS_END = 18  # ES and 16 digits: what is left of a CUPS whose letters are wrong
_STRIDE = 10_000  # more than an hour of four digits
_TAIL = 10**TAIL_DIGITS


def validate_distributor_file(
    path: Path, *, members: Collection[Cups] | None = None, cau: Cau | None = None
) -> list[FileFault]:
    """Find everything that is wrong with a distributor's file, constant or hourly.

    A fault that only follows from another is left out: no sum where a coefficient is unreadable or
    a supply point has no line, nobody missing whose line is there but misspelt.

    Parameters
    ----------
    path : Path
        The file; its name counts too.
    members : collection of Cups, optional
        Supply points that must stand in it, and no others.
    cau : Cau, optional
        Installation that its name must carry.

    Returns
    -------
    list of FileFault
        In the order of the lines, what concerns the whole file last; empty when it is sound. Of
        more than ``ALIKE_LISTED`` of one code, one fault at the end counts the others.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If the file cannot be read at all, or is larger than any such file.

    Notes
    -----
    RD 244/2019, Annex I, as amended by TED/1247/2021. Twenty characters of CUPS stand for the same
    supply as twenty-two when the members are compared.
    """
    lines = read_distributor_lines(path)
    return judge_distributor_lines(lines, path.name, members=members, cau=cau)


def read_distributor_lines(path: Path) -> FileLines:
    """Read the lines of a distributor's file, sound or not.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    FileLines
        With the faults that a line shows by itself.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If the file cannot be read at all, or is larger than any such file.
    """
    require_file(path)
    try:
        return parse_distributor_lines(read_bytes(path))
    except UnreadableFileError as error:
        raise FaultyInputError((Fault(path.name, error.place, error.reason),)) from error


def judge_distributor_lines(
    lines: FileLines,
    name: str,
    *,
    members: Collection[Cups] | None = None,
    cau: Cau | None = None,
) -> list[FileFault]:
    """Find everything that is wrong with the lines of a distributor's file.

    Parameters
    ----------
    lines : FileLines
        Its lines, as they were parsed; they take the faults.
    name : str
        The file's name.
    members : collection of Cups, optional
        Supply points that must stand in it, and no others.
    cau : Cau, optional
        Installation that its name must carry.

    Returns
    -------
    list of FileFault
        As ``validate_distributor_file`` gives them.
    """
    if lines.entries is not None:
        _Judge(lines, lines.entries).judge(members)
    return [*_check_name(name, cau), *lines.faults.all()]


def split_file_name(name: str) -> tuple[str, int] | None:
    """Split the name of a distributor's file.

    Parameters
    ----------
    name : str
        Without folders.

    Returns
    -------
    tuple of str and int, or None
        What stands for the CAU, unchecked, and the year; None if the name is not ``CAU_YYYY.txt``.

    Examples
    --------
    >>> split_file_name("ES0021000000000001RK0FA000_2026.txt")
    ('ES0021000000000001RK0FA000', 2026)
    """
    match = _NAME.fullmatch(name)
    return (match[1], int(match[2])) if match else None


def _check_name(name: str, cau: Cau | None) -> list[FileFault]:
    parts = split_file_name(name)
    if parts is None:
        message = f"name {excerpt_of(name)} is not CAU_YYYY.txt"
        return [FileFault(None, FaultCode.NAME_SHAPE, message)]
    try:
        named = Cau(parts[0])
    except InvalidIdentifierError as error:
        return [FileFault(None, FaultCode.CAU_CHECK, f"name: {error}")]
    if cau is not None and named != cau:
        return [FileFault(None, FaultCode.CAU_MISMATCH, f"name carries {named}, not {cau}")]
    return []


class _Judge:
    """Judges the lines of one file together.

    ``_keys`` are the entries' supply and hour in one number, ``_order`` sorts them (what stands in
    an earlier line first), and ``_is_first`` tells which entries repeat no other.
    """

    def __init__(self, lines: FileLines, entries: Entries) -> None:
        self._lines = lines
        self._entries = entries
        self._faults: FaultTally = lines.faults
        self._keys: Numbers = entries.supplies * _STRIDE + entries.hours
        self._order = np.argsort(self._keys, kind="stable")
        keys = self._keys[self._order]
        self._is_first: NDArray[np.bool_] = np.ones(keys.size, dtype=bool)
        self._is_first[self._order[1:]] = keys[1:] != keys[:-1]
        self._is_cups = np.array([_is_cups(text) for text in lines.supplies], dtype=bool)

    def judge(self, members: Collection[Cups] | None) -> None:
        """Find every fault."""
        self._check_cups(members)
        self._check_repeats()
        self._faults.sort()
        explained = self._count_misspelt()
        self._check_missing(members, explained)
        if self._lines.is_hourly:
            self._check_hours(explained)
            self._check_hourly_sums()
        elif not self._lines.n_unreadable:
            self._note_sums(np.array([0]))

    def _check_cups(self, members: Collection[Cups] | None) -> None:
        """Judge every supply point at the first line that names it."""
        listed = None if members is None else _Supplies(members)
        n_supplies = len(self._lines.supplies)
        first = _first_of(self._entries.supplies, self._entries.lines, n_supplies)
        for cups, line in zip(self._lines.supplies, first.tolist(), strict=True):
            if len(cups) != 22:
                message = f"CUPS {excerpt_of(cups)} has {len(cups)} characters, should be 22"
                self._faults.note(line, FaultCode.CUPS_LENGTH, message)
            if len(cups) not in (20, 22):
                continue
            try:
                Cups(cups)
            except InvalidIdentifierError as error:
                self._faults.note(line, FaultCode.CUPS_CHECK, str(error))
                continue
            if listed is not None and cups not in listed:
                message = f"CUPS {cups} is not among the members"
                self._faults.note(line, FaultCode.UNKNOWN_CUPS, message)

    def _check_repeats(self) -> None:
        is_hourly, entries = self._lines.is_hourly, self._entries
        rows = np.flatnonzero(~self._is_first)

        def tell(i: int) -> tuple[int, str]:
            row = rows[i]
            cups, hour = self._lines.supplies[entries.supplies[row]], entries.hours[row]
            place = np.searchsorted(self._keys, self._keys[row], sorter=self._order)
            what = f"hour {hour} of {cups}" if is_hourly else cups
            before = entries.lines[self._order[place]]
            return int(entries.lines[row]), f"{what} stands already in line {before}"

        code = FaultCode.HOUR_REPEATED if is_hourly else FaultCode.DUPLICATE_CUPS
        self._faults.note_alike(code, rows.size, tell)

    def _count_misspelt(self) -> Counter[str]:
        """Count the lines, by digits, that would belong to a supply if they were spelt right."""
        counts = self._lines.unreadable_digits.copy()
        n_lines = np.bincount(self._entries.supplies, minlength=len(self._lines.supplies))
        for i in np.flatnonzero(~self._is_cups).tolist():
            counts[self._lines.supplies[i][:_DIGITS_END].upper()] += int(n_lines[i])
        return counts

    def _check_missing(self, members: Collection[Cups] | None, explained: Counter[str]) -> None:
        in_file = _Supplies(self._lines.supplies)
        for cups in members or ():
            if cups not in in_file and cups[:_DIGITS_END] not in explained:
                self._faults.note(None, FaultCode.MISSING_CUPS, f"member {cups} has no line")

    def _check_hours(self, explained: Counter[str]) -> None:
        """Note every run of hours that a supply point lacks."""
        supplies = self._lines.supplies
        known = np.flatnonzero(self._is_cups)
        inside = (self._entries.hours >= 1) & (self._entries.hours <= HOURS)
        present = self._keys[inside & self._is_cups[self._entries.supplies]]
        borders = known[:, np.newaxis] * _STRIDE + np.array([0, HOURS + 1])
        keys = np.sort(np.concatenate((present, borders.ravel())))
        before = np.flatnonzero((np.diff(keys) > 1) & (keys[:-1] % _STRIDE <= HOURS))
        owner, first, last = keys[before] // _STRIDE, keys[before] + 1, keys[before + 1] - 1
        n_missing = np.zeros(len(supplies), dtype=np.int64)
        np.add.at(n_missing, owner, last - first + 1)
        n_explained = np.array([explained[cups[:_DIGITS_END]] for cups in supplies], dtype=np.int64)
        rows = np.flatnonzero((n_missing > n_explained)[owner])

        def tell(i: int) -> tuple[None, str]:
            start, stop = first[rows[i]] % _STRIDE, last[rows[i]] % _STRIDE
            what = f"hour {start}" if start == stop else f"hours {start} to {stop}"
            return None, f"{supplies[owner[rows[i]]]} has no line for {what}"

        self._faults.note_alike(FaultCode.HOUR_MISSING, rows.size, tell)

    def _check_hourly_sums(self) -> None:
        """Judge the sum of every hour that has all its lines."""
        hours = self._entries.hours[self._is_first]
        n_supplies = np.bincount(hours, minlength=HOURS + 1)[1 : HOURS + 1]
        sizes = np.bincount(n_supplies[n_supplies > 0])
        if sizes.any():
            usual = np.flatnonzero(sizes == sizes.max())[-1]
            self._note_sums(np.flatnonzero(n_supplies >= usual) + 1)

    def _note_sums(self, hours: Numbers) -> None:
        """Note the hours, of those given, whose coefficients do not sum to one."""
        everything = _sum_by_hour(self._entries, np.ones_like(self._is_first))
        once = _sum_by_hour(self._entries, self._is_first)
        # a line that stands twice is a fault of its own: the sum is wrong only if it is so without
        is_wrong = _is_not_one(everything[:, hours]) & _is_not_one(once[:, hours])
        wrong = hours[is_wrong]
        first = _first_of(self._entries.hours, self._entries.lines, _STRIDE)

        def tell(i: int) -> tuple[int | None, str]:
            hour = int(wrong[i])
            total = _join(everything[:, hour])
            said = f"coefficients sum to {_format_sum(total)}, should be 1,000000"
            return (int(first[hour]), f"hour {hour}: {said}") if hour else (None, said)

        self._faults.note_alike(FaultCode.SUM, wrong.size, tell)


def _first_of(groups: Numbers, lines: Numbers, n_groups: int) -> Numbers:
    """Find the first line of every group; 0 where it has none."""
    first = np.zeros(n_groups, dtype=np.int64)
    first[groups[::-1]] = lines[::-1]
    return first


def _sum_by_hour(entries: Entries, counts: NDArray[np.bool_]) -> Numbers:
    """Sum the coefficients that count, shape (3, 10000): millionths and the decimals beyond."""
    sums = np.zeros((3, _STRIDE), dtype=np.int64)
    np.add.at(sums[0], entries.hours[counts], entries.millionths[counts])
    rows, parts = entries.tails
    counted = counts[rows]
    for total, part in zip(sums[1:], parts, strict=True):
        np.add.at(total, entries.hours[rows[counted]], part[counted])
    return sums


def _is_not_one(sums: Numbers) -> NDArray[np.bool_]:
    """Tell which sums are not one."""
    is_wrong: NDArray[np.bool_] = sums[0] != MILLIONTHS
    for column in np.flatnonzero(sums[1:].any(axis=0)).tolist():
        is_wrong[column] = _join(sums[:, column]) != MILLIONTHS
    return is_wrong


def _join(sums: Numbers) -> Fraction:
    """Give a sum in millionths, exactly."""
    millionths, tail, further = map(int, sums)
    return millionths + Fraction(tail * _TAIL + further, _TAIL**2)


def _format_sum(millionths: Fraction) -> str:
    digits = 6 if millionths.denominator == 1 else 12
    return f"{float(millionths / MILLIONTHS):.{digits}f}".replace(".", ",")


def _is_cups(text: str) -> bool:
    try:
        Cups(text)
    except InvalidIdentifierError:
        return False
    return True


class _Supplies:
    """Supply points, found by 20 characters where only 20 are known."""

    def __init__(self, cups: Collection[str]) -> None:
        self._cups = frozenset(cups)
        self._heads = frozenset(text[:20] for text in cups)

    def __contains__(self, cups: str) -> bool:
        is_short = len(cups) == 20 and cups in self._heads
        return is_short or cups in self._cups or cups[:20] in self._cups
