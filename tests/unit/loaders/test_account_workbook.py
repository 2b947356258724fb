"""Accounts as a workbook and as CSV: real days and numbers, exact totals, harmless texts."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from loaders import account_workbook
from loaders.account_csv import write_account_csv
from loaders.account_tables import AccountColumn, Accounts, AccountTable, CellKind
from loaders.account_texts import account_texts_in
from loaders.account_workbook import TooManyRowsError, write_account_workbook
from loaders.table_csv import CsvDialect
from models.values.invoicing import BillingBasis, Rectification, TaxKind
from models.values.language import Language
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod
from models.values.period import Period

CREATED_AT = datetime(2024, 1, 2, 9, 30, tzinfo=UTC)
COLUMNS = (
    AccountColumn("name"),
    AccountColumn("issued_on", CellKind.DAY),
    AccountColumn("total_eur", CellKind.EUR, is_summed=True),
    AccountColumn("tax", CellKind.WORD, words="taxes"),
    AccountColumn("quantity", CellKind.NUMBER),
    AccountColumn("row_count", CellKind.COUNT, is_summed=True),
)
DAY = date(2023, 12, 31)
HOSTILE = ["=1+1", "+34", "-2", "@SUM(A1)", "=HYPERLINK(1)", "http://x"]
ROWS = [(name, DAY, Decimal("0.10"), "igic", Decimal("-0.085"), 2) for name in HOSTILE]


def make_accounts(rows=ROWS, **more):
    table = AccountTable("invoices", COLUMNS, lambda: iter(rows))
    given = {
        "issuers": ["F12345674 A & B"],
        "community": None,
        "period": Period(date(2023, 12, 1), date(2024, 1, 1)),
        "aged_on": DAY,
        "tables": [table],
        "summaries": [AccountTable("vat_totals", COLUMNS, lambda: iter(rows[:1]))],
    }
    return Accounts(**given | more)


def open_written(accounts, language=Language.SPANISH):
    target = io.BytesIO()
    write_account_workbook(target, accounts, language=language, created_at=CREATED_AT)
    return openpyxl.load_workbook(target)


def test_cells_are_what_they_are():
    book = open_written(make_accounts())
    sheet = book["Facturas"]
    headings, first, *_, last = sheet.iter_rows()
    assert [cell.value for cell in headings] == [
        "Nombre", "Fecha de expedición", "Total (EUR)", "Impuesto", "Cantidad", "Filas",
    ]  # fmt: skip
    assert first[1].value.date() == DAY
    assert [cell.value for cell in first[2:]] == [0.1, "IGIC", -0.085, 2]
    assert (first[1].number_format, first[2].number_format) == ("dd/mm/yyyy", "#,##0.00")
    # Six times ten cents as floats are 0.6 less a little.
    assert [cell.value for cell in last] == ["Total", None, 0.6, None, None, 12]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("B2", "$1:$1")
    assert (sheet.auto_filter.ref, sheet.page_setup.orientation) == ("A1:F7", "landscape")


def test_texts_are_harmless():
    sheet = open_written(make_accounts())["Facturas"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2, max_row=7)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [
        (text, "s", None) for text in HOSTILE
    ]


@pytest.mark.parametrize(
    ("language", "title", "shown"),
    [
        (Language.SPANISH, "Contabilidad", "01/12/2023 - 31/12/2023"),
        (Language.CATALAN, "Comptabilitat", "01/12/2023 - 31/12/2023"),
        (Language.ENGLISH, "Accounts", "2023-12-01 - 2023-12-31"),
    ],
)
def test_the_summary_says_whose_accounts_they_are(language, title, shown):
    book = open_written(make_accounts(), language)
    texts = account_texts_in(language)
    values = [row[0].value for row in book[texts.tables["summary"]].iter_rows()]
    assert (values[0], book.properties.title) == (title, title)
    assert set(texts.notes) <= set(values)
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 2).value for row in (3, 4, 5)] == [
        "F12345674 A & B", texts.facts["all_communities"], shown,
    ]  # fmt: skip
    assert f"F12345674 A && B · {shown}" in str(book.worksheets[1].HeaderFooter.oddHeader.left.text)


def test_a_sheet_without_rows():
    sheet = open_written(make_accounts(rows=[], community="Vall"))["Facturas"]
    assert [[cell.value for cell in row][::2] for row in sheet.iter_rows(min_row=2)] == [
        ["Total", 0, None]
    ]
    assert sheet["A1"].value == "Nombre"


def test_a_total_of_what_is_not_told_is_not_told():
    rows = [ROWS[0], (*ROWS[1][:2], None, *ROWS[1][3:]), ROWS[2]]
    *_, last = open_written(make_accounts(rows))["Facturas"].iter_rows()
    assert [cell.value for cell in last] == ["Total", None, None, None, None, 6]


def test_every_row_of_a_sheet_without_totals_is_filtered():
    table = AccountTable("invoices", COLUMNS[:2], lambda: iter(row[:2] for row in ROWS))
    assert open_written(make_accounts(tables=[table]))["Facturas"].auto_filter.ref == "A1:B7"


def test_more_rows_than_a_sheet_holds(monkeypatch):
    monkeypatch.setattr(account_workbook, "MOST_ROWS", 5)
    with pytest.raises(TooManyRowsError, match="more than 5 rows") as caught:
        open_written(make_accounts())
    assert (caught.value.table, caught.value.most) == ("invoices", 5)


def test_csv_for_programs_keeps_keys_and_codes():
    target = io.BytesIO()
    (table,) = make_accounts(ROWS[:1]).tables
    write_account_csv(target, table, dialect=CsvDialect.PLAIN, language=Language.SPANISH)
    assert target.getvalue() == (
        b"name,issued_on,total_eur,tax,quantity,row_count\r\n=1+1,2023-12-31,0.10,igic,-0.085,2\r\n"
    )


def test_csv_for_spanish_excel_is_read_by_people():
    target = io.BytesIO()
    (table,) = make_accounts([(*ROWS[0][:3], None, *ROWS[0][4:])]).tables
    write_account_csv(target, table, dialect=CsvDialect.EXCEL_ES, language=Language.CATALAN)
    assert target.getvalue().decode("utf-8-sig") == (
        "Nom;Data d'expedició;Total (EUR);Impost;Quantitat;Files\r\n"
        "'=1+1;31/12/2023;0,10;;-0,085;2\r\n"
    )
    assert target.getvalue().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("language", list(Language))
def test_every_language_says_the_same_things(language):
    texts, english = account_texts_in(language), account_texts_in(Language.ENGLISH)
    for name in ("facts", "tables", "columns"):
        assert getattr(texts, name).keys() == getattr(english, name).keys()
    assert {key: words.keys() for key, words in texts.words.items()} == {
        key: words.keys() for key, words in english.words.items()
    }
    assert len(texts.notes) == len(english.notes)
    assert max(map(len, texts.tables.values())) <= 31


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("bases", BillingBasis),
        ("taxes", TaxKind),
        ("rectifications", Rectification),
        ("methods", PaymentMethod),
        ("events", LedgerEvent),
        ("accounts", LedgerAccount),
    ],
)
def test_every_code_has_its_word(words, codes):
    assert account_texts_in(Language.ENGLISH).words[words].keys() == {each.value for each in codes}
