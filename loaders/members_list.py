"""Who shares, who waits, and with which supply point: ``members.csv`` and the rules of any list."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from loaders.decoding import (
    LARGEST_LIST_BYTES,
    UnreadableFileError,
    decode_text,
    parse_csv_rows,
    read_bytes,
)
from loaders.faults import FaultLog, FaultyInputError, FileFaults
from loaders.input_paths import require_file
from loaders.number_text import excerpt_of, explain_number, parse_number
from loaders.records import MemberRecord, MemberRole
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import InvalidDataError, InvalidIdentifierError
from models.values.power import to_watts
from models.values.tariff import Tariff, check_contracted_power

REQUIRED_COLUMNS = ("member_id", "role", "cups", "tariff", "contracted_kw")
OPTIONAL_COLUMNS = (
    "kind",
    "current_beta",
    "investment_eur",
    "lat",
    "lon",
    "joined_on",
    "yearly_kwh",
    "caus",
)

_LARGEST_KW = 2_147_483.647  # whole watts in 32 bits
_W_DECIMALS = 3
_LARGEST_EUR = 21_474_836.47  # whole cents in 32 bits
_LARGEST_YEARLY_KWH = 1e9
_LONGEST_TEXT = 100
_CUPS_GAPS = re.compile(r"[\s-]+")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class MembersList:
    """The members' list as far as it could be read.

    Attributes
    ----------
    ids : tuple of str
        Every ``member_id`` that is there, also of lines with faults.
    members : tuple of MemberRecord
        Lines without a fault.
    """

    ids: tuple[str, ...]
    members: tuple[MemberRecord, ...]


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a list.

    Attributes
    ----------
    place : str
        Where it stands, such as ``line 3``.
    cells : mapping of str to str
        What it says by the name of the column; numbers with a decimal point.
    is_whole : bool
        Whether it has the cells of its header.
    headings : mapping of str to str
        What the file calls its columns, where that differs.
    refused : mapping of str to str
        Columns whose text cannot be understood, and why.
    """

    place: str
    cells: Mapping[str, str]
    is_whole: bool = True
    headings: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def cell(self, column: str) -> str:
        """Give the text of a column, empty when it is not there."""
        return self.cells.get(column, "")


def read_members_cups(path: Path) -> list[Cups]:
    """Read the CUPS of those who share from a members' list.

    Parameters
    ----------
    path : Path
        A ``members.csv``.

    Returns
    -------
    list of Cups
        Of role ``member`` only, in the order of the list.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FaultyInputError
        If the list has any fault.
    """
    require_file(path)
    log = FaultLog()
    listed = read_members_list(path, log.of(path.name))
    if listed is None or log.faults():
        raise FaultyInputError(log.faults())
    return [member.cups for member in listed.members if member.role is MemberRole.MEMBER]


def read_members_list(
    path: Path, faults: FileFaults, plants: Sequence[Cau] | None = None
) -> MembersList | None:
    """Read ``members.csv``.

    Parameters
    ----------
    path : Path
        The file.
    faults : FileFaults
        Takes every fault.
    plants : sequence of Cau, optional
        Installations that members can share in; any when None.

    Returns
    -------
    MembersList or None
        What could be read; None when the file or its header could not.
    """
    try:
        text = decode_text(read_bytes(path, LARGEST_LIST_BYTES))
        # spreadsheets leave rows of commas below the last one
        rows = [row for row in parse_csv_rows(text) if any(row[1])]
    except UnreadableFileError as error:
        faults.add(error.place, error.reason)
        return None
    if not rows:
        faults.add(None, "is empty")
        return None
    header = rows[0][1]
    if not _check_header(header, faults):
        return None
    listed = []
    for number, cells in rows[1:]:
        is_whole = len(cells) == len(header)
        if not is_whole:
            reason = f"has {len(cells)} cells, the header has {len(header)}"
            faults.add(f"line {number}", reason)
        by_column = dict(zip(header, cells, strict=False))
        listed.append(ListedRow(f"line {number}", by_column, is_whole))
    if not any(row.cell("role") == MemberRole.MEMBER for row in listed):
        faults.add(None, "nobody has the role member")
    return judge_listed_rows(listed, faults, plants)


def judge_listed_rows(
    rows: Sequence[ListedRow], faults: FileFaults, plants: Sequence[Cau] | None = None
) -> MembersList:
    """Apply the rules of a list of members or candidates to its rows.

    Parameters
    ----------
    rows : sequence of ListedRow
        The rows below the header.
    faults : FileFaults
        Takes every fault.
    plants : sequence of Cau, optional
        Installations that members can share in; any when None.

    Returns
    -------
    MembersList
        The rows without a fault of their own.
    """
    lines = [_Line(row, faults, plants) for row in rows]
    members = [line.member() for line in lines]
    _check_repeats(lines, "member_id")
    _check_repeats(lines, "cups")
    return MembersList(
        ids=tuple(row.cell("member_id") for row in rows if row.cell("member_id")),
        members=tuple(member for member in members if member is not None),
    )


def _check_header(header: list[str], faults: FileFaults) -> bool:
    """Tell whether every column that matters is there once."""
    if len(header) == 1 and ";" in header[0]:
        faults.add("line 1", "separates its columns by ';', should be ','")
        return False
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    repeated = [n for n in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS) if header.count(n) > 1]
    for name in missing:
        faults.add("line 1", f"column {name} is missing")
    for name in repeated:
        faults.add("line 1", f"column {name} stands twice")
    return not missing and not repeated


def _check_repeats(lines: list["_Line"], column: str) -> None:
    first_place: dict[str, str] = {}
    for line in lines:
        text = line.row.cell(column)
        first = first_place.setdefault(text, line.row.place)
        if text and first != line.row.place:
            line.fault(column, f"{excerpt_of(text)} stands already in {first}")


class _Line:
    """One row of the list; every fault of it is noted."""

    def __init__(self, row: ListedRow, faults: FileFaults, plants: Sequence[Cau] | None) -> None:
        self.row = row
        self._faults = faults
        self._plants = plants
        self._is_sound = row.is_whole

    def fault(self, column: str, reason: str) -> None:
        self._is_sound = False
        heading = self.row.headings.get(column, column)
        self._faults.add(self.row.place, f"{heading} {reason}")

    def member(self) -> MemberRecord | None:
        """Build the member; None when the line has a fault."""
        if not self._is_sound:
            return None
        member_id = self._required("member_id", _parse_member_id)
        role = self._required("role", _parse_role)
        cups = self._required("cups", _parse_cups)
        tariff = self._required("tariff", _parse_tariff)
        contracted_kw = self._required("contracted_kw", _parse_power)
        kind = self._optional("kind", _parse_kind)
        current_beta = self._optional("current_beta", _between(0.0, 1.0))
        investment_eur = self._optional("investment_eur", _between(0.0, _LARGEST_EUR))
        lat = self._optional("lat", _between(-90.0, 90.0))
        lon = self._optional("lon", _between(-180.0, 180.0))
        joined_on = self._optional("joined_on", _parse_date)
        yearly_kwh = self._optional("yearly_kwh", _between(0.0, _LARGEST_YEARLY_KWH))
        caus = self._optional("caus", partial(_parse_caus, plants=self._plants)) or ()
        if self.row.cell("caus") and role is MemberRole.RESERVE:
            self.fault("caus", "is not empty, but who waits shares in no installation yet")
        if tariff and contracted_kw:
            self._check_power(tariff, contracted_kw)
        if not (self._is_sound and member_id and role and cups and tariff and contracted_kw):
            return None
        return MemberRecord(
            member_id, role, cups, tariff, contracted_kw,
            kind, current_beta, investment_eur, lat, lon, joined_on, yearly_kwh, caus,
        )  # fmt: skip

    def _check_power(self, tariff: Tariff, contracted_kw: float) -> None:
        try:
            to_watts(contracted_kw)
            check_contracted_power(tariff, Decimal(str(contracted_kw)).scaleb(_W_DECIMALS))
        except InvalidDataError as error:
            self.fault("contracted_kw", f"is {contracted_kw:g}: {error}")

    def _required(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        if not self.row.cell(column):
            self.fault(column, "is empty")
        return self._optional(column, parse)

    def _optional(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        text = self.row.cell(column)
        if not text:
            return None
        if column in self.row.refused:
            self.fault(column, self.row.refused[column])
            return None
        try:
            return parse(text)
        except InvalidDataError as error:
            self.fault(column, str(error))
            return None


def _parse_member_id(text: str) -> str:
    if text == "ts_utc":
        raise InvalidDataError("is ts_utc, the name of the time column")
    if text != text.strip() or not text.isprintable():
        raise InvalidDataError(f"is {excerpt_of(text)}, with spaces around or unprintable")
    return _parse_kind(text)


def _parse_kind(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise InvalidDataError(f"has {len(text)} characters, more than {_LONGEST_TEXT}")
    if not text.isprintable():
        raise InvalidDataError(f"is {excerpt_of(text)}, which holds unprintable characters")
    return text


def _parse_role(text: str) -> MemberRole:
    if text not in list(MemberRole):
        raise InvalidDataError(f"is {excerpt_of(text)}, neither member nor reserve")
    return MemberRole(text)


def _parse_cups(text: str) -> Cups:
    try:
        return Cups(text)
    except InvalidIdentifierError as error:
        reason = f"is {excerpt_of(text)}, which {error.reason}"
        raise InvalidDataError(f"{reason}{_suggest_cups(text)}") from error


def _parse_caus(text: str, plants: Sequence[Cau] | None) -> tuple[Cau, ...]:
    """Read CAUs separated by spaces; all of the installations come out as none named."""
    caus = [_parse_cau(each) for each in text.split()]
    if len(set(caus)) < len(caus):
        raise InvalidDataError(f"is {excerpt_of(text)}, which names an installation twice")
    if plants is None:
        return tuple(caus)
    foreign = [cau for cau in caus if cau not in plants]
    if foreign:
        raise InvalidDataError(f"names {foreign[0]}, which is no installation of the community")
    return () if len(caus) == len(plants) else tuple(cau for cau in plants if cau in caus)


def _parse_cau(text: str) -> Cau:
    try:
        return Cau(text)
    except InvalidIdentifierError as error:
        raise InvalidDataError(f"names {excerpt_of(text)}, which {error.reason}") from error


def _suggest_cups(text: str) -> str:
    """Say what to write when only small letters, spaces or hyphens are wrong."""
    try:
        return f"; write {Cups(_CUPS_GAPS.sub('', text).upper())}"
    except InvalidIdentifierError:
        return ""


def _parse_tariff(text: str) -> Tariff:
    if text not in list(Tariff):
        raise InvalidDataError(f"is {excerpt_of(text)}, not one of {', '.join(Tariff)}")
    return Tariff(text)


def _parse_power(text: str) -> float:
    power_kw = _between(0.0, _LARGEST_KW)(text)
    if power_kw == 0.0:
        raise InvalidDataError(f"is {text}, not above zero")
    return power_kw


def _between(least: float, most: float) -> Callable[[str], float]:
    """Make a parser of numbers within two bounds."""

    def parse(text: str) -> float:
        number = parse_number(text)
        if math.isnan(number):
            raise InvalidDataError(explain_number(text))
        if not least <= number <= most:
            raise InvalidDataError(f"is {excerpt_of(text)}, not between {least:g} and {most:.10g}")
        return number

    return parse


def _parse_date(text: str) -> date:
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidDataError(f"is {excerpt_of(text)}, which the calendar lacks") from error
    raise InvalidDataError(f"is {excerpt_of(text)}, not a date such as 2023-07-01")
