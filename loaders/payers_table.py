"""Who pays for whom, from a list that somebody keeps in a spreadsheet."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loaders.community_archive import FaultyArchiveError
from loaders.decoding import UnreadableFileError
from loaders.faults import FileFaults
from loaders.list_table import ListTable, read_list_table
from loaders.number_text import excerpt_of
from models.values.email_address import check_email
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.nif import Nif

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

_POSTAL_CODE = re.compile(r"[0-9]{5}", re.ASCII)
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
        ISO 639-1 code of the invoices' language; empty where the list names another.
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
        In the order of the rows, those with faults too, so that the caller can tell all that is
        wrong with a member at once; a postal code whose leading zero a spreadsheet has dropped
        has it again.
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
    """Read one row; None when it tells no member."""
    place, n_columns = table.place(number), len(table.header)
    if any(cells[n_columns:]):
        faults.add(place, f"has {len(cells)} cells, the header has {n_columns}")
        return None
    texts = {name: cells[at] for name, (at, *_) in table.columns.items() if at < len(cells)}
    code = texts.get("postal_code", "")
    texts["postal_code"] = f"0{code}" if _LOST_ZERO.fullmatch(code) else code
    for name, reason in _find_faults(texts):
        faults.add(place, f"{excerpt_of(table.header[table.columns[name][0]])}{reason}")
    if not texts.get("member"):
        return None
    return ListedPayer(
        place=place,
        **{name: texts.get(name, "") for name in REQUIRED_COLUMNS},
        email=texts.get("email") or None,
        language=_LANGUAGES.get(texts.get("language", "").casefold(), ""),
        offices=tuple(texts[name] for name in OFFICE_COLUMNS if texts.get(name)),
    )


def _find_faults(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Find what is wrong with the cells of a row: of which column, and why."""
    for name in REQUIRED_COLUMNS:
        if not texts.get(name):
            yield name, " is empty"
    checks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("tax_number", Nif),
        ("email", check_email),
    )
    for name, check in checks:
        try:
            if text := texts.get(name):
                check(text)
        except (InvalidDataError, InvalidArgumentError) as error:
            yield name, f": {error}"
    code, language = texts["postal_code"], texts.get("language", "")
    if code and not _POSTAL_CODE.fullmatch(code):
        yield "postal_code", f": {excerpt_of(code)} is not 5 digits"
    if language.casefold() not in _LANGUAGES:
        yield "language", f": {excerpt_of(language)} is none of es, ca and en"


def _refuse_repeated(payers: Sequence[ListedPayer], faults: FileFaults) -> None:
    """Let one payer stand for each member."""
    first: dict[str, str] = {}
    for payer in payers:
        standing = first.setdefault(payer.member, payer.place)
        if standing != payer.place:
            faults.add(payer.place, f"member {excerpt_of(payer.member)} stands in {standing} too")
