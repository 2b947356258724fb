"""Hand out all that is kept of a person, in forms that people and programs read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import orjson
from sqlmodel import Session

from api.services.people.find_person import UnknownPersonError
from api.services.people.struck_names import STRUCK, StruckNames
from api.services.sign_ups.sealed_details import open_details
from loaders.table_csv import CsvDialect, write_table_csv
from models.keyring import KeyPurpose, Keyring
from models.personal_data import Keys, PersonalTable, read_inventory
from models.repositories.people import (
    find_messages,
    follow_keys,
    get_member,
    list_names,
    read_rows,
)
from models.sealed_ibans import name_place, open_iban
from models.tables import Channel, InvoiceFileKind, SignUp

_SHARED = (Keys.AGREEMENTS, Keys.RUNS, Keys.UPLOADS)
"""Rows that tell of others too."""

_CURVE = "curves.csv"
_HEADINGS = ("cups", "channel", "starts_at", "step_seconds", "version", "energy_wh", "quality")

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Archive:
    """A ZIP that is being written, all of whose files bear one instant."""

    file: ZipFile
    at: datetime

    def write(self, name: str, content: bytes) -> None:
        with self.open(name) as part:
            part.write(content)

    def open(self, name: str) -> IO[bytes]:
        head = ZipInfo(name, self.at.timetuple()[:6])
        head.compress_type = ZIP_DEFLATED
        return self.file.open(head, "w", force_zip64=True)


def export_person(
    session: Session,
    file: IO[bytes],
    *,
    promoter_id: UUID,
    member_id: UUID,
    keyring: Keyring,
    now: datetime,
) -> None:
    """Write all that is kept of a person as a ZIP.

    Parameters
    ----------
    session : Session
        Open transaction; its reach bounds who it may be.
    file : binary file
        Where the bytes go.
    promoter_id : UUID
        The tenant.
    member_id : UUID
        The member.
    keyring : Keyring
        What opens her accounts.
    now : datetime
        The present instant.

    Raises
    ------
    UnknownPersonError
        If there is no such member for the caller.
    UnopenedSecretError
        If a key is missing.

    Notes
    -----
    Reglamento (UE) 2016/679, arts. 15 and 20. ``person.json`` holds the rows of the inventory that
    are the person's own, ``curves.csv`` her energy by the interval, ``documents/`` what was issued.
    What others are told of too, such as the files of agreements, is left out; so are digests of
    passwords and the like.
    """
    if get_member(session, promoter_id=promoter_id, member_id=member_id) is None:
        raise UnknownPersonError(member_id)
    keys = _find_own_keys(session, promoter_id, member_id)
    read = partial(read_rows, session, promoter_id=promoter_id, keys=keys)
    with ZipFile(file, "w") as zipped:
        archive = _Archive(zipped, now)
        described = {
            entry.name: rows
            for entry in read_inventory().values()
            if entry.of and (rows := _describe_rows(entry, read(table=entry.name), keyring))
        }
        document = {"exported_at": now, "member_id": member_id, "tables": described}
        archive.write("person.json", orjson.dumps(document, option=orjson.OPT_INDENT_2))
        cups = {row["id"]: row["cups"] for row in read(table="supply_point")}
        with archive.open(_CURVE) as part:
            curves = _list_intervals(read(table="reading"), cups)
            write_table_csv(part, _HEADINGS, curves, dialect=CsvDialect.PLAIN)
        for row in read(table="invoice_file"):
            archive.write(f"documents/{row['file_name']}", _open_document(row, keyring))
        for row in read(table="fiscal_record"):
            archive.write(f"documents/record_{row['position']}.xml", row["content"])


def _find_own_keys(
    session: Session, promoter_id: UUID, member_id: UUID
) -> dict[Keys, frozenset[UUID]]:
    keys = follow_keys(session, promoter_id=promoter_id, member_id=member_id)
    names = list_names(session, promoter_id=promoter_id, keys=keys)
    tells = StruckNames(dict.fromkeys(names, STRUCK)).tells
    messages = find_messages(
        session, promoter_id=promoter_id, keys=keys, tells=tells, written=("recipient",)
    )
    return keys | dict.fromkeys(_SHARED, frozenset[UUID]()) | {Keys.MESSAGES: messages}


def _describe_rows(
    entry: PersonalTable, rows: Iterator[_Row], keyring: Keyring
) -> list[dict[str, Any]]:
    """Describe rows as values of JSON, sealed ones opened, bytes that stand elsewhere left out."""
    return [
        {
            column: _describe(entry.name, column, row, keyring)
            for column in row
            if column not in entry.secret and (entry.name, column) not in _ELSEWHERE
        }
        for row in rows
    ]


_ELSEWHERE = {
    ("reading", "energy_wh"),
    ("reading", "quality"),
    ("invoice_file", "content"),
    ("fiscal_record", "content"),
}
"""Columns that stand in files of their own."""


def _describe(table: str, column: str, row: _Row, keyring: Keyring) -> Any:
    value = row[column]
    if isinstance(value, bytes):
        return _READERS[table, column](row, keyring)
    return value.value if isinstance(value, Enum) else value


def _open_account(table: str, column: str, row: _Row, keyring: Keyring) -> str:
    place = name_place(table, column, row["id"])
    return open_iban(keyring, row[column], place=place).reveal()


def _open_sign_up(row: _Row, keyring: Keyring) -> Any:
    return open_details(keyring, SignUp(**row))


def _list_millionths(row: _Row, _: Keyring) -> list[int]:
    return list(np.frombuffer(row["millionths"], "<i4").tolist())


_READERS: Mapping[tuple[str, str], Callable[[_Row, Keyring], Any]] = {
    ("mandate_account", "sealed_iban"): partial(_open_account, "mandate_account", "sealed_iban"),
    ("payment", "sealed_payer_iban"): partial(_open_account, "payment", "sealed_payer_iban"),
    ("sign_up", "sealed_details"): _open_sign_up,
    ("hourly_coefficients", "millionths"): _list_millionths,
}
"""What tells the bytes of a column."""


def _open_document(row: _Row, keyring: Keyring) -> bytes:
    content: bytes = row["content"]
    if row["kind"] is InvoiceFileKind.PDF:
        return content
    place = name_place("invoice_file", "content", row["id"])
    return keyring.open(KeyPurpose.IBAN, content, bound_to=place)


def _list_intervals(rows: Iterator[_Row], cups: Mapping[UUID, str]) -> Iterator[list[Any]]:
    """List every interval that was ever read, of every version."""
    for row in rows:
        energy = np.frombuffer(row["energy_wh"], "<i4").tolist()
        marks = np.frombuffer(row["quality"], np.uint8).tolist()
        step = timedelta(seconds=row["step_seconds"])
        head = [cups[row["supply_point_id"]], Channel(row["channel"]).value]
        starts_at = row["starts_at"].astimezone(UTC)
        for place, value in enumerate(energy):
            at = (starts_at + place * step).strftime("%Y-%m-%dT%H:%M:%SZ")
            mark = marks[place] if len(marks) > 1 else marks[0]
            yield [*head, at, row["step_seconds"], row["version"], value, mark]
