"""``reparto accounts export``: a workbook and tables in a folder."""

import csv

import openpyxl
import pytest

from tests.support.accounts import fill_books
from tests.support.databases import on_sqlite
from tests.support.stored_once import stored_once

pytestmark = on_sqlite

DAYS = ("--from", "2023-10-01", "--until", "2024-01-01")
SHEETS = [
    "Resumen", "Facturas", "Líneas", "Cobros", "Antigüedad", "Libro de IVA", "Diario",
]  # fmt: skip
TABLES = {
    "invoices", "lines", "payments", "ageing", "vat_book", "ledger",
    "vat_totals", "ageing_totals", "trial_balance",
}  # fmt: skip


@stored_once
def books(engine, promoter):
    return fill_books(engine, promoter)


@pytest.fixture
def export(books, promoter, reparto, database_url, monkeypatch, tmp_path):
    """Call the command, and give what it says and the folder that it wrote."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, language="es"):
        whose = ("--promoter", promoter.name)
        command = ("--language", language, "accounts", "export", *arguments, *whose)
        return reparto(*command, "--output", tmp_path / "out"), tmp_path / "out"

    return call


def test_a_community_by_its_code(export, books):
    done, folder = export(books.billed.stored.community.code, *DAYS)
    assert done.code == 0
    assert [path.name for path in folder.iterdir()] == ["accounts.xlsx"]
    book = openpyxl.load_workbook(folder / "accounts.xlsx")
    assert book.sheetnames == SHEETS
    assert [row[9].value for row in book["Facturas"].iter_rows()][-1] == 26.57
    names = [row[5].value for row in book["Cobros"].iter_rows()]
    assert "=1+1" in names
    assert {cell.data_type for row in book["Cobros"].iter_rows() for cell in row} <= {"s", "d", "n"}


@pytest.mark.parametrize(
    ("kind", "delimiter", "amount"), [("plain", ",", "12.10"), ("excel", ";", "12,10")]
)
def test_tables_beside_the_workbook(export, kind, delimiter, amount):
    done, folder = export("--issuer", "F12345674", *DAYS, "--csv", kind)
    assert done.code == 0
    assert {path.stem for path in folder.glob("*.csv")} == TABLES
    with (folder / "vat_book.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=delimiter))
    assert (len(rows), rows[1][10]) == (9, amount)
    with (folder / "payments.csv").open(encoding="utf-8-sig", newline="") as file:
        names = {row[5] for row in csv.reader(file, delimiter=delimiter)}
    assert {"plain": "=1+1", "excel": "'=1+1"}[kind] in names


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (DAYS, "name a community, an issuer, or both"),
        (("nowhere", *DAYS), "nowhere"),
        (("--issuer", "B00000000", *DAYS), "B00000000"),
    ],
    ids=["nobody's", "community", "issuer"],
)
def test_what_is_not_there(export, arguments, words):
    done, folder = export(*arguments, language="en")
    assert (done.code, words in done.err, folder.exists()) == (2, True, False)
