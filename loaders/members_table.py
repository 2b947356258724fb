"""Members and candidates from a list that somebody keeps in a spreadsheet."""

import re
from datetime import datetime

from loaders.community_archive import FaultyArchiveError
from loaders.decoding import UnreadableFileError
from loaders.faults import FileFaults
from loaders.list_columns import find_role
from loaders.list_table import ListTable, read_list_table
from loaders.members_list import (
    REQUIRED_COLUMNS,
    ListedRow,
    MembersList,
    judge_listed_rows,
)
from loaders.number_text import excerpt_of
from loaders.records import MemberRole

_NUMBERS = frozenset(
    {"contracted_kw", "current_beta", "investment_eur", "lat", "lon", "yearly_kwh"}
)
_AMOUNTS = frozenset({"investment_eur", "yearly_kwh"})
_COMMA_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_SPANISH_DATE = re.compile(r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}")
_MIDNIGHT = "T00:00:00"


def read_members_table(
    data: bytes, faults: FileFaults, role: MemberRole | None = None
) -> MembersList | None:
    """Read a list of members, of candidates, or of both.

    Parameters
    ----------
    data : bytes
        XLSX, or CSV as Spanish Excel writes it: semicolons, decimal commas, days such as
        01/07/2026. Headings and roles may be Spanish, Catalan or English, as ``list_columns.toml``
        tells them; columns that mean nothing are ignored.
    faults : FileFaults
        Takes every fault, with the heading that the file uses.
    role : MemberRole, optional
        Role of everybody in it; without it the list needs a column that tells.

    Returns
    -------
    MembersList or None
        What could be read, by the rules of ``members.csv``; None when the file or its header could
        not.
    """
    try:
        table = read_list_table(data, "columns")
    except UnreadableFileError as error:
        faults.add(error.place, error.reason)
        return None
    except FaultyArchiveError as error:
        faults.add(error.entry and excerpt_of(error.entry), error.reason)
        return None
    if not _check_columns(table, role, faults):
        return None
    positions = {column: found[0] for column, found in table.columns.items()}
    rows = [_list_row(table, row, positions, role, faults) for row in table.rows]
    if not rows:
        faults.add(None, "lists nobody")
    return judge_listed_rows(rows, faults)


def _list_row(
    table: ListTable,
    row: tuple[int, list[str]],
    positions: dict[str, int],
    role: MemberRole | None,
    faults: FileFaults,
) -> ListedRow:
    """Give what a row says by the names of ``members.csv``, spelt as its rules expect it."""
    number, cells = row
    place, n_columns = table.place(number), len(table.header)
    is_whole = len(cells) >= n_columns and not any(cells[n_columns:])
    if not is_whole:
        faults.add(place, f"has {len(cells)} cells, the header has {n_columns}")
    headings = {column: table.header[at] for column, at in positions.items()}
    typed = {column: cells[at] for column, at in positions.items() if at < len(cells)}
    refused = {} if table.is_workbook else _refuse_thousands(typed)
    texts = {column: _spell(column, text) for column, text in typed.items()}
    if role is not None:
        texts["role"] = role.value
    return ListedRow(place, texts, is_whole, headings, refused)


def _check_columns(table: ListTable, role: MemberRole | None, faults: FileFaults) -> bool:
    """Tell whether every column that is needed is there, and none twice."""
    needed = [name for name in REQUIRED_COLUMNS if name != "role" or role is None]
    missing = [name for name in needed if name not in table.columns]
    repeated = [name for name, found in table.columns.items() if len(found) > 1]
    for name in missing:
        faults.add(table.header_place, f"no heading means {name}")
    for name in repeated:
        heading = excerpt_of(table.header[table.columns[name][0]])
        faults.add(table.header_place, f"heading {heading} stands twice")
    return not missing and not repeated


def _refuse_thousands(typed: dict[str, str]) -> dict[str, str]:
    """Refuse 3.500, which is 3500 in Spanish and 3.5 elsewhere; a workbook knows which."""
    return {
        column: f"is {excerpt_of(typed[column])}, which may be {typed[column].replace('.', '')};"
        " write it without points, or with a decimal comma"
        for column in _AMOUNTS & typed.keys()
        if _THOUSANDS.fullmatch(typed[column])
    }


def _spell(column: str, text: str) -> str:
    """Write what people type as the rules of a list expect it; leave what is wrong as it is."""
    if column in _NUMBERS and _COMMA_NUMBER.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if column == "tariff":
        return text.replace(" ", "").upper()
    if column == "role":
        return find_role(text) or text
    if column == "joined_on":
        return _spell_date(text)
    return text


def _spell_date(text: str) -> str:
    if not _SPANISH_DATE.fullmatch(text):
        return text.removesuffix(_MIDNIGHT)
    try:
        return datetime.strptime(text.replace("-", "/"), "%d/%m/%Y").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return text
