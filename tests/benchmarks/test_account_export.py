"""The accounts of 10,000 invoices, as workbook and tables."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import Engine, insert
from sqlmodel import SQLModel

from api.services.accounting.write_accounts import write_account_folder
from loaders.table_csv import CsvDialect
from models.session import write_session
from models.tables import Invoice, InvoiceLine, InvoiceTax, LedgerEntry, Promoter
from models.values.language import Language
from tests.support.accounts import gathered
from tests.support.databases import on_sqlite
from tests.support.ledger import LATER, Books, open_books

pytestmark = on_sqlite
COPIES = 10_000
COPIED = (Invoice, InvoiceLine, InvoiceTax, LedgerEntry)


@pytest.fixture
def books(engine: Engine, promoter: Promoter) -> Books:
    """Copy one invoice, its lines, taxes and entries."""
    opened = open_books(engine, promoter, n_members=1)
    originals = {table: [row.model_dump() for row in opened.billed.rows(table)] for table in COPIED}
    copies: dict[type[SQLModel], list[dict[str, object]]] = {table: [] for table in COPIED}
    for number in range(2, COPIES + 1):
        key = uuid4()
        numbers = {"number": number, "full_number": f"2023-{number:06}"}
        head = {"invoice_id": key, "document_id": key}
        for table in copies:
            changed = {"id": key} | numbers if table is Invoice else head
            copies[table] += [{**row, **changed} for row in originals[table]]
    for entry in copies[LedgerEntry]:
        entry["id"] = uuid4()
    with write_session(engine) as session:
        for table, rows in copies.items():
            session.execute(insert(table), rows)
    return opened


def write(books: Books, folder: Path) -> None:
    with gathered(books) as accounts:
        write_account_folder(
            accounts, folder, language=Language.SPANISH, dialect=CsvDialect.EXCEL_ES, now=LATER
        )


def test_10000_invoices(benchmark: BenchmarkFixture, books: Books, tmp_path: Path) -> None:
    benchmark.pedantic(write, (books, tmp_path), rounds=1)
    assert (tmp_path / "invoices.csv").read_bytes().count(b"\r\n") == COPIES + 1
