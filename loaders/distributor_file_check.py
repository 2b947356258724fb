"""Checks a distributor's file before the distributor does."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

from loaders.decoding import UnreadableFileError, read_bytes
from loaders.distributor_file_lines import (
    HOURS,
    Entry,
    FaultCode,
    FileFault,
    FileLines,
    parse_distributor_lines,
)
from loaders.faults import Fault, FaultyInputError
from loaders.input_paths import require_file
from loaders.number_text import excerpt_of
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import InvalidIdentifierError

_NAME = re.compile(r"([0-9A-Z]{26})_[0-9]{4}\.txt")
_DIGITS_END = 18  # ES and 16 digits: what is left of a CUPS whose letters are wrong


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
        more than ``FAULTS_KEPT`` in the content, the message of the last one counts the rest.

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
    if not lines.is_text:
        return [*_check_name(name, cau), *lines.faults]
    lines.take(chain(_check_cups(lines, members), _check_repeats(lines)))
    lines.faults.sort(key=lambda fault: fault.line or 0)
    lines.take(chain(_check_missing(lines, members), _check_hours(lines), _check_sums(lines)))
    return [*_check_name(name, cau), *_count_omitted(lines)]


def _count_omitted(lines: FileLines) -> list[FileFault]:
    """Give the faults; the last one says how many more there are."""
    if not lines.n_omitted:
        return lines.faults
    *faults, last = lines.faults
    message = f"{last.message}; {lines.n_omitted} more faults are not listed"
    return [*faults, replace(last, message=message)]


def _check_name(name: str, cau: Cau | None) -> Iterator[FileFault]:
    match = _NAME.fullmatch(name)
    if not match:
        message = f"name {excerpt_of(name)} is not CAU_YYYY.txt"
        yield FileFault(None, FaultCode.NAME_SHAPE, message)
        return
    try:
        named = Cau(match[1])
    except InvalidIdentifierError as error:
        yield FileFault(None, FaultCode.CAU_CHECK, f"name: {error}")
        return
    if cau is not None and named != cau:
        yield FileFault(None, FaultCode.CAU_MISMATCH, f"name carries {named}, not {cau}")


def _check_cups(lines: FileLines, members: Collection[Cups] | None) -> Iterator[FileFault]:
    """Judge every supply point at the first line that names it."""
    listed = None if members is None else _Supplies(members)
    for cups, line in lines.supplies.items():
        if len(cups) != 22:
            message = f"CUPS {excerpt_of(cups)} has {len(cups)} characters, should be 22"
            yield FileFault(line, FaultCode.CUPS_LENGTH, message)
        if len(cups) not in (20, 22):
            continue
        try:
            Cups(cups)
        except InvalidIdentifierError as error:
            yield FileFault(line, FaultCode.CUPS_CHECK, str(error))
            continue
        if listed is not None and cups not in listed:
            message = f"CUPS {cups} is not among the members"
            yield FileFault(line, FaultCode.UNKNOWN_CUPS, message)


def _check_repeats(lines: FileLines) -> Iterator[FileFault]:
    code = FaultCode.HOUR_REPEATED if lines.is_hourly else FaultCode.DUPLICATE_CUPS
    first: dict[tuple[str, int], int] = {}
    for entry in lines.entries:
        before = first.setdefault((entry.cups, entry.hour), entry.line)
        if before != entry.line:
            what = f"hour {entry.hour} of {entry.cups}" if lines.is_hourly else entry.cups
            yield FileFault(entry.line, code, f"{what} stands already in line {before}")


def _check_missing(lines: FileLines, members: Collection[Cups] | None) -> Iterator[FileFault]:
    in_file = _Supplies(lines.supplies)
    explained = _count_misspelt(lines)
    for cups in members or ():
        if cups not in in_file and cups[:_DIGITS_END] not in explained:
            yield FileFault(None, FaultCode.MISSING_CUPS, f"member {cups} has no line")


def _check_hours(lines: FileLines) -> Iterator[FileFault]:
    if not lines.is_hourly:
        return
    hours: defaultdict[str, set[int]] = defaultdict(set)
    for entry in lines.entries:
        hours[entry.cups].add(entry.hour)
    explained = _count_misspelt(lines)
    for cups in filter(_is_cups, hours):
        gaps = list(_gaps(hours[cups]))
        if sum(last - first + 1 for first, last in gaps) <= explained[cups[:_DIGITS_END]]:
            continue
        for first, last in gaps:
            what = f"hour {first}" if first == last else f"hours {first} to {last}"
            yield FileFault(None, FaultCode.HOUR_MISSING, f"{cups} has no line for {what}")


def _count_misspelt(lines: FileLines) -> Counter[str]:
    """Count the lines, by their digits, that would belong to a supply if they were spelt right."""
    misspelt = {text for text in lines.supplies if not _is_cups(text)}
    texts = [entry.cups for entry in lines.entries if entry.cups in misspelt]
    return Counter(text[:_DIGITS_END].upper() for text in (*texts, *lines.unreadable))


def _gaps(present: set[int]) -> Iterator[tuple[int, int]]:
    """Give the first and last hour of every run of hours that is missing."""
    inside = sorted(hour for hour in present if 1 <= hour <= HOURS)
    borders = [0, *inside, HOURS + 1]
    for before, after in pairwise(borders):
        if after - before > 1:
            yield before + 1, after - 1


def _check_sums(lines: FileLines) -> Iterator[FileFault]:
    """Judge the sum of every hour that has all its lines."""
    if not lines.is_hourly:
        if not lines.unreadable:
            yield from _check_sum(lines.entries, None, "")
        return
    by_hour: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in lines.entries:
        if 1 <= entry.hour <= HOURS:
            by_hour[entry.hour].append(entry)
    n_supplies = {hour: len({e.cups for e in entries}) for hour, entries in by_hour.items()}
    usual = Counter(n_supplies.values()).most_common(1)
    for hour, entries in sorted(by_hour.items()):
        if n_supplies[hour] >= usual[0][0]:
            yield from _check_sum(entries, entries[0].line, f"hour {hour}: ")


def _check_sum(entries: list[Entry], line: int | None, where: str) -> Iterator[FileFault]:
    total = sum(entry.millionths for entry in entries)
    once = {entry.cups: entry.millionths for entry in reversed(entries)}
    # a line that stands twice is a fault of its own: the sum is wrong only if it is so without it
    if MILLIONTHS not in (total, sum(once.values())):
        message = f"{where}coefficients sum to {_format_sum(Fraction(total))}, should be 1,000000"
        yield FileFault(line, FaultCode.SUM, message)


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
