"""A bank's own table of movements, CSV or workbook, as a mapping says what its columns mean."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from loaders.archived_files import is_workbook
from loaders.decoding import (
    LARGEST_LIST_BYTES,
    UnreadableFileError,
    decode_text,
    find_separator,
    parse_csv_rows,
)
from loaders.faults import FileFaults
from loaders.list_table import MOST_LIST_CELLS
from loaders.number_text import excerpt_of, show_name
from loaders.sepa.message_nodes import refuse_faulty
from loaders.sepa.statement_mapping import StatementMapping
from loaders.sepa.statements import Entry, Statement
from loaders.workbook_rows import read_workbook_rows
from models.values.iban import Iban
from models.values.money import from_cents

_LARGEST_WORKBOOK_BYTES = 1 << 25
_LONGEST_HEAD = 1 << 16
_WORKBOOK_NUMBER = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")
_WORKBOOK_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8})?")
_DAY_LENGTH = len("2026-12-01")
_NOISE = re.compile(r"[\s€]|EUR")
_THOUSANDS = {",": ".", ".": ","}
_NUMBERS = {
    decimal: re.compile(
        rf"[+-]?(?:[0-9]{{1,13}}|[0-9]{{1,3}}(?:\{mark}[0-9]{{3}}){{1,4}})(?:\{decimal}[0-9]{{1,6}})?"
    )
    for decimal, mark in _THOUSANDS.items()
}


def read_mapped_statement(
    data: bytes, mapping: StatementMapping, *, account: Iban | None = None
) -> Statement:
    """Read a table of movements.

    Parameters
    ----------
    data : bytes
        CSV in UTF-8 or ISO 8859-1, or XLSX.
    mapping : StatementMapping
        What its columns mean; case and spaces around their names do not count.
    account : Iban, optional
        Whose movements they are.

    Returns
    -------
    Statement
        With balances and the oldest entry first, if the table has a column of balances; else in
        the order of the table. Entries have no transactions: a table does not tell them apart.

    Raises
    ------
    UnreadableFileError
        If it is too large, no table, or its header lacks a column or names one twice.
    FaultyMessageError
        If a row is at fault, or the balances do not follow from the amounts.
    FaultyArchiveError
        If it is a damaged workbook.
    OversizedArchiveError
        If it is a workbook that expands beyond measure.
    """
    if len(data) > LARGEST_LIST_BYTES:
        raise UnreadableFileError(f"is larger than {LARGEST_LIST_BYTES} bytes")
    in_workbook = is_workbook(data)
    rows = iter(_read_workbook(data, mapping) if in_workbook else _read_csv(data, mapping))
    header = next((row for row in rows if row[0] >= mapping.header_row), None)
    if header is None:
        raise UnreadableFileError(f"has no row {mapping.header_row} to name its columns")
    positions = _find_columns(header[1], mapping)
    faults = FileFaults("movements")
    movements = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            try:
                named = _name_cells(cells, positions)
                movements.append(_read_movement(number, named, mapping, in_workbook=in_workbook))
            except UnreadableFileError as error:
                faults.add(f"row {number}", error.reason)
    refuse_faulty(faults)
    ordered = _order_by_balances(movements, faults) if mapping.balance else movements
    refuse_faulty(faults)
    return _make_statement(ordered, mapping, account)


def _read_workbook(data: bytes, mapping: StatementMapping) -> Iterable[tuple[int, list[str]]]:
    return read_workbook_rows(
        data, _LARGEST_WORKBOOK_BYTES, most_cells=MOST_LIST_CELLS, sheet=mapping.sheet
    )


def _read_csv(data: bytes, mapping: StatementMapping) -> Iterable[tuple[int, list[str]]]:
    text = decode_text(data, "latin-1")
    head = text[:_LONGEST_HEAD].splitlines()
    header = "".join(head[mapping.header_row - 1 : mapping.header_row])
    return parse_csv_rows(text, mapping.separator or find_separator(header))


def _find_columns(header: Sequence[str], mapping: StatementMapping) -> dict[str, int]:
    """Find the places of the columns that the mapping names."""
    names = [cell.strip().casefold() for cell in header]
    counts = {name: names.count(name.strip().casefold()) for name in mapping.columns}
    wrong = [f"{excerpt_of(name)} {count} times" for name, count in counts.items() if count != 1]
    if wrong:
        raise UnreadableFileError("must have each column once, has " + ", ".join(wrong), "header")
    return {name: names.index(name.strip().casefold()) for name in mapping.columns}


def _name_cells(cells: Sequence[str], positions: Mapping[str, int]) -> dict[str, str]:
    """Name the cells of a row that are read."""
    if len(cells) <= max(positions.values()):
        raise UnreadableFileError(f"has {len(cells)} cells and lacks columns that are read")
    return {name: " ".join(cells[position].split()) for name, position in positions.items()}


class _Movement(NamedTuple):
    """A row of the table."""

    number: int
    entry: Entry
    balance_cents: int


def _read_movement(
    number: int, cells: Mapping[str, str], mapping: StatementMapping, *, in_workbook: bool
) -> _Movement:
    """Read a row; what is wrong with it is raised."""

    def read_cents(column: str) -> int:
        return _parse_cents(column, cells[column], mapping.decimal, in_workbook=in_workbook)

    def read_day(column: str) -> date:
        return _parse_day(column, cells[column], mapping.day_format, in_workbook=in_workbook)

    if mapping.amount is not None:
        amount = read_cents(mapping.amount)
    else:
        sides = (mapping.paid_in or "", mapping.paid_out or "")
        paid_in, paid_out = (read_cents(name) if cells[name] else 0 for name in sides)
        # some banks fill the other column with zeros
        if (paid_in == 0) == (paid_out == 0) or paid_in < 0:
            raise UnreadableFileError(f"has no amount, or several, in {' and '.join(sides)}")
        amount = paid_in - abs(paid_out)
    entry = Entry(
        amount_cents=amount,
        booked_on=read_day(mapping.booked),
        valued_on=read_day(mapping.valued) if mapping.valued and cells[mapping.valued] else None,
        reference=show_name(cells[mapping.reference]) or None if mapping.reference else None,
        text=show_name(" ".join(cells[name] for name in mapping.texts if cells[name])),
    )
    return _Movement(number, entry, read_cents(mapping.balance) if mapping.balance else 0)


def _parse_cents(column: str, text: str, decimal: str, *, in_workbook: bool) -> int:
    """Read an amount as the table writes it; marks between thousands must be where they belong."""
    digits = _NOISE.sub("", text).replace("\u2212", "-")
    written = _NUMBERS[decimal].fullmatch(digits)
    if in_workbook and _WORKBOOK_NUMBER.fullmatch(digits):
        exact = Decimal(digits)
    elif written:
        exact = Decimal(digits.replace(_THOUSANDS[decimal], "").replace(decimal, "."))
    else:
        raise UnreadableFileError(f"{column} is {excerpt_of(text)}, not an amount")
    cents = exact * 100
    if cents != cents.to_integral_value():
        raise UnreadableFileError(f"{column} is {excerpt_of(text)}, not in whole cents")
    return int(cents)


def _parse_day(column: str, text: str, day_format: str, *, in_workbook: bool) -> date:
    """Read a day; a workbook may hold it as a day or as text."""
    try:
        return datetime.strptime(text, day_format).date()  # noqa: DTZ007
    except ValueError:
        if in_workbook and _WORKBOOK_DAY.fullmatch(text):
            return date.fromisoformat(text[:_DAY_LENGTH])
        reason = f"{column} is {excerpt_of(text)}, no day as {excerpt_of(day_format)}"
        raise UnreadableFileError(reason) from None


def _order_by_balances(movements: Sequence[_Movement], faults: FileFaults) -> list[_Movement]:
    """Give the oldest movement first, as the balances tell; note where they do not follow."""
    orders = [list(movements), list(reversed(movements))]
    # where both have as many breaks, the days tell
    ordered = min(orders, key=lambda order: (len(_find_breaks(order)), _runs_backwards(order)))
    for movement in _find_breaks(ordered):
        balance = from_cents(movement.balance_cents)
        amount = from_cents(movement.entry.amount_cents)
        reason = f"balance {balance} does not follow from the one before and the amount {amount}"
        faults.add(f"row {movement.number}", reason, kind="balance does not follow")
    return ordered


def _find_breaks(order: Sequence[_Movement]) -> list[_Movement]:
    """Find the movements whose balance is not the one before and their amount."""
    return [
        later
        for earlier, later in pairwise(order)
        if earlier.balance_cents + later.entry.amount_cents != later.balance_cents
    ]


def _runs_backwards(order: Sequence[_Movement]) -> bool:
    return bool(order) and order[0].entry.booked_on > order[-1].entry.booked_on


def _make_statement(
    movements: Sequence[_Movement], mapping: StatementMapping, account: Iban | None
) -> Statement:
    has_balances = mapping.balance is not None and bool(movements)
    return Statement(
        statement_id=None,
        account=account,
        currency=mapping.currency,
        entries=tuple(movement.entry for movement in movements),
        opening_cents=movements[0].balance_cents - movements[0].entry.amount_cents
        if has_balances
        else None,
        closing_cents=movements[-1].balance_cents if has_balances else None,
    )
