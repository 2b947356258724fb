"""Who pays for whom, from a list that somebody keeps in a spreadsheet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.community_archive import FaultyArchiveError
from loaders.decoding import UnreadableFileError
from loaders.faults import FileFaults
from loaders.list_table import ListTable, read_list_table
from loaders.number_text import excerpt_of

REQUIRED_COLUMNS = (
    "member",
    "tax_number",
    "name",
    "address",
    "postal_code",
    "town",
    "province",
)
OFFICE_COLUMNS = ("accounting_office", "managing_body", "processing_unit")

_LOST_ZERO = re.compile(r"[1-9][0-9]{3}", re.ASCII)
_LANGUAGES = {
    "": "es",
    "es": "es",
    "español": "es",
    "castellano": "es",
    "castellà": "es",
    "spanish": "es",
    "ca": "ca",
    "català": "ca",
    "catalán": "ca",
    "catalan": "ca",
    "valencià": "ca",
    "en": "en",
    "english": "en",
    "inglés": "en",
    "anglès": "en",
}


@dataclass(frozen=True, slots=True)
class ListedPayer:
    """A row of the list, not yet held against anything.

    Attributes
    ----------
    place : str
        Where it stands.
    member : str
        Code of the member who is paid for.
    tax_number, name, address, postal_code, town, province : str
        Who pays, as an invoice names it.
    email : str or None
        Where invoices go.
    language : str
        ISO 639-1 code of the invoices' language.
    offices : tuple of str
        DIR3 codes of a public body; empty for all others.
    """

    place: str
    member: str
    tax_number: str
    name: str
    address: str
    postal_code: str
    town: str
    province: str
    email: str | None
    language: str
    offices: tuple[str, ...]


def read_payers_table(data: bytes, faults: FileFaults) -> list[ListedPayer]:
    """Read a list of payers.

    Parameters
    ----------
    data : bytes
        XLSX, or CSV in UTF-8 or ISO 8859-1, with headings in Spanish, Catalan or English, as
        ``list_columns.toml`` tells them; columns that mean nothing are ignored.
    faults : FileFaults
        Takes every fault, with its place.

    Returns
    -------
    list of ListedPayer
        In the order of the rows, those without a fault; a postal code whose leading zero a
        spreadsheet has dropped has it again.
    """
    try:
        table = read_list_table(data, "payer_columns")
    except UnreadableFileError as error:
        faults.add(error.place, error.reason)
        return []
    except FaultyArchiveError as error:
        faults.add(error.entry and excerpt_of(error.entry), error.reason)
        return []
    if not _check_columns(table, faults):
        return []
    if not table.rows:
        faults.add(None, "lists nobody")
    listed = [_read_row(table, number, cells, faults) for number, cells in table.rows]
    payers = [payer for payer in listed if payer is not None]
    _refuse_repeated(payers, faults)
    return payers


def _check_columns(table: ListTable, faults: FileFaults) -> bool:
    """Tell whether every column that is needed is there, and none twice."""
    missing = [name for name in REQUIRED_COLUMNS if name not in table.columns]
    repeated = [name for name, found in table.columns.items() if len(found) > 1]
    for name in missing:
        faults.add(table.header_place, f"no heading means {name}")
    for name in repeated:
        heading = excerpt_of(table.header[table.columns[name][0]])
        faults.add(table.header_place, f"heading {heading} stands twice")
    return not missing and not repeated


def _read_row(
    table: ListTable, number: int, cells: Sequence[str], faults: FileFaults
) -> ListedPayer | None:
    """Read one row; None when it has faults."""
    place, n_columns = table.place(number), len(table.header)
    if any(cells[n_columns:]):
        faults.add(place, f"has {len(cells)} cells, the header has {n_columns}")
        return None
    texts = {name: cells[at] for name, (at, *_) in table.columns.items() if at < len(cells)}
    empty = [name for name in REQUIRED_COLUMNS if not texts.get(name)]
    for name in empty:
        faults.add(place, f"{name} is empty")
    language = _LANGUAGES.get(texts.get("language", "").casefold())
    if language is None:
        faults.add(place, f"language {excerpt_of(texts['language'])} is none of es, ca and en")
    if empty or language is None:
        return None
    code = texts["postal_code"]
    offices = tuple(texts[name] for name in OFFICE_COLUMNS if texts.get(name))
    return ListedPayer(
        place=place,
        **{name: texts[name] for name in REQUIRED_COLUMNS if name != "postal_code"},
        postal_code=f"0{code}" if _LOST_ZERO.fullmatch(code) else code,
        email=texts.get("email") or None,
        language=language,
        offices=offices,
    )


def _refuse_repeated(payers: Sequence[ListedPayer], faults: FileFaults) -> None:
    """Let one payer stand for each member."""
    first: dict[str, str] = {}
    for payer in payers:
        standing = first.setdefault(payer.member, payer.place)
        if standing != payer.place:
            faults.add(payer.place, f"member {excerpt_of(payer.member)} stands in {standing} too")
