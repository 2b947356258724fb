"""Coefficients from a table that somebody keeps: one supply point and one share a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from loaders.distributor_file_faults import FaultCode, FaultTally, FileFault
from loaders.list_table import ListTable, read_list_table
from loaders.number_text import excerpt_of
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import InvalidDataError, InvalidIdentifierError

FAULTS_TOLD = 20
"""Faults that the error's own text lists; the error carries all of them."""

_SHARE = re.compile(r"([+-]?[0-9]{1,9}(?:[.,][0-9]{1,20})?)\s*(%?)")
_PERCENT = 100
_MOST_SUM_OF_SHARES = 10
_SHORT_CUPS, _LONG_CUPS = 20, 22


@dataclass(frozen=True, slots=True)
class CoefficientTable:
    """What a table of coefficients says.

    Attributes
    ----------
    cups : tuple of Cups, length n_members
        Supply points, in the order of the table.
    millionths : tuple of int, length n_members
        Their coefficients [millionths], which sum to 1,000,000.
    notes : tuple of str
        How the numbers were understood.
    """

    cups: tuple[Cups, ...]
    millionths: tuple[int, ...]
    notes: tuple[str, ...]


class FaultyCoefficientsError(InvalidDataError):
    """A table of coefficients contradicts its form.

    Attributes
    ----------
    faults : tuple of FileFault
        All of them; the codes are those of the distributor's file.
    """

    def __init__(self, faults: Sequence[FileFault]) -> None:
        self.faults = tuple(faults)
        lines = [
            f"{'table' if fault.line is None else f'row {fault.line}'}: {fault.message}"
            for fault in self.faults[:FAULTS_TOLD]
        ]
        more = len(self.faults) - FAULTS_TOLD
        super().__init__("\n".join([*lines, *([f"and {more} more"] if more > 0 else [])]))


class _Share(NamedTuple):
    """A number as it was typed, before it is known whether it counts in hundredths."""

    row: int
    cups: str
    number: Fraction
    text: str
    is_percent: bool


def read_coefficient_table(data: bytes) -> CoefficientTable:
    """Read a table of coefficients, or say everything that is wrong with it.

    Parameters
    ----------
    data : bytes
        XLSX or CSV, with a column of CUPS and one of coefficients under Spanish, Catalan or
        English headings: shares such as ``0,123456`` or percentages such as ``12,3456 %``. Numbers
        without a sign are percentages when they sum to more than ten.

    Returns
    -------
    CoefficientTable
        Exact millionths.

    Raises
    ------
    UnreadableFileError
        If it is no table, is too large or holds nothing.
    FaultyArchiveError
        If it is a damaged workbook.
    OversizedArchiveError
        If it is a workbook that expands beyond measure.
    FaultyCoefficientsError
        If anything in it is wrong: a CUPS (``cups_length``, ``cups_check``, ``duplicate_cups``),
        more than six decimals of a share (``scale``), a share outside 0 to 1 (``range``), a sum
        that is not exactly one (``sum``), a row or header that cannot be read
        (``malformed_line``).
    """
    table = read_list_table(data, "coefficient_columns")
    tally = FaultTally()
    shares = _read_shares(table, _find_columns(table), tally)
    unmarked = sum(share.number for share in shares if not share.is_percent)
    counts_percent = unmarked > _MOST_SUM_OF_SHARES
    millionths = [_to_millionths(share, counts_percent, tally) for share in shares]
    _check_repeats(shares, tally)
    is_complete = len(shares) == len(table.rows)
    if is_complete and sum(millionths) != MILLIONTHS:
        total = f"{float(sum(millionths) / MILLIONTHS):.6f}".replace(".", ",")
        tally.note(None, FaultCode.SUM, f"coefficients sum to {total}, should be 1,000000")
    tally.sort()
    faults = tally.all()
    if faults:
        raise FaultyCoefficientsError(faults)
    is_percent = counts_percent or any(share.is_percent for share in shares)
    note = (
        "numbers were read as percentages" if is_percent else "numbers were read as shares of one"
    )
    return CoefficientTable(
        tuple(Cups(share.cups) for share in shares), tuple(map(int, millionths)), (note,)
    )


def _find_columns(table: ListTable) -> tuple[int, int]:
    """Give the positions of the CUPS and of the coefficient."""
    faults = []
    for column in ("cups", "coefficient"):
        found = table.columns.get(column, [])
        if len(found) != 1:
            what = "no heading means" if not found else f"{len(found)} headings mean"
            message = f"{table.header_place}: {what} {column}"
            faults.append(FileFault(None, FaultCode.MALFORMED_LINE, message))
    if not table.rows:
        faults.append(FileFault(None, FaultCode.MALFORMED_LINE, "the table has no rows"))
    if faults:
        raise FaultyCoefficientsError(faults)
    return table.columns["cups"][0], table.columns["coefficient"][0]


def _read_shares(table: ListTable, positions: tuple[int, int], tally: FaultTally) -> list[_Share]:
    shares = []
    for row, cells in table.rows:
        if len(cells) <= max(positions):
            reason = f"has {len(cells)} cells, the header has {len(table.header)}"
            tally.note(row, FaultCode.MALFORMED_LINE, reason)
            continue
        cups, text = (cells[position] for position in positions)
        _check_cups(row, cups, tally)
        number = _SHARE.fullmatch(text)
        if not number:
            what = f"is {excerpt_of(text)}, not a number such as 0,123456" if text else "is empty"
            tally.note(row, FaultCode.MALFORMED_LINE, f"coefficient {what}")
            continue
        value = Fraction(number[1].replace(",", "."))
        shares.append(_Share(row, cups, value, text, bool(number[2])))
    return shares


def _check_cups(row: int, text: str, tally: FaultTally) -> None:
    try:
        Cups(text)
    except InvalidIdentifierError as error:
        is_long = len(text) in (_SHORT_CUPS, _LONG_CUPS)
        code = FaultCode.CUPS_CHECK if is_long else FaultCode.CUPS_LENGTH
        tally.note(row, code, f"CUPS {excerpt_of(text)} {error.reason}")


def _to_millionths(share: _Share, counts_percent: bool, tally: FaultTally) -> Fraction:
    """Turn a number into millionths, and note what does not fit them."""
    is_percent = share.is_percent or counts_percent
    millionths = share.number * MILLIONTHS / (_PERCENT if is_percent else 1)
    shown = excerpt_of(share.text)
    if millionths.denominator != 1:
        most = "four decimals of a percentage" if is_percent else "six decimals"
        tally.note(share.row, FaultCode.SCALE, f"coefficient {shown} has more than {most}")
    if not 0 <= millionths <= MILLIONTHS:
        tally.note(share.row, FaultCode.RANGE, f"coefficient {shown} is not between 0 and 1")
    return millionths


def _check_repeats(shares: list[_Share], tally: FaultTally) -> None:
    """Note supply points that stand twice; 20 characters are the same supply as 22."""
    in_full: dict[str, int] = {}
    by_start: dict[str, int] = {}
    for share in shares:
        start = share.cups[:_SHORT_CUPS]
        known = by_start if share.cups == start else in_full
        first = known.get(share.cups) or in_full.get(start)
        if first:
            message = f"CUPS {excerpt_of(share.cups)} stands already in row {first}"
            tally.note(share.row, FaultCode.DUPLICATE_CUPS, message)
        in_full.setdefault(share.cups, share.row)
        by_start.setdefault(start, share.row)
