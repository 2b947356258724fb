"""Banks' own tables of movements, and the mappings that say what their columns mean."""

import io
import tomllib
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

import loaders.sepa.statement_mapping as mapping_module
from loaders.decoding import UnreadableFileError
from loaders.meter_files.table_mapping import FaultyMappingError
from loaders.sepa.mapped_statement import read_mapped_statement
from loaders.sepa.message_nodes import FaultyMessageError
from loaders.sepa.statement_mapping import StatementMapping, parse_statement_mapping
from loaders.sepa.statements import Entry, Statement
from models.values.iban import Iban
from tests.support.sepa_messages import IBAN, MOVEMENTS

SPANISH = StatementMapping(
    booked="fecha",
    valued="Fecha valor",
    day_format="%d/%m/%Y",
    amount="Importe",
    texts=("Concepto",),
    balance="Saldo",
    decimal=",",
    header_row=3,
)
TWO_SIDES = StatementMapping(
    booked="day", day_format="%Y-%m-%d", paid_in="in", paid_out="out", reference="ref"
)
FIRST = Entry(-50, date(2026, 12, 5), None, text="COMISIÓN")
SECOND = Entry(149_360, date(2026, 12, 7), date(2026, 12, 7), text="REMESA REM-12")
THIRD = Entry(-105_121, date(2026, 12, 9), date(2026, 12, 10), text="RECIBO Nº 12")
EXPECTED = Statement(None, Iban(IBAN), "EUR", (FIRST, SECOND, THIRD), -8716, 35_473)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_the_newest_first_as_banks_write_it(encoding: str) -> None:
    data = MOVEMENTS.replace(" €", "").encode(encoding)
    assert read_mapped_statement(data, SPANISH, account=Iban(IBAN)) == EXPECTED


def test_the_oldest_first_gives_the_same() -> None:
    lines = MOVEMENTS.splitlines()
    turned = "\r\n".join([*lines[:3], *reversed(lines[3:])]).encode()
    assert read_mapped_statement(turned, SPANISH, account=Iban(IBAN)) == EXPECTED


def workbook(rows: list[list[Any]]) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_with_days_and_numbers_or_with_text() -> None:
    data = workbook(
        [
            ["Movimientos"],
            ["de 2026"],
            ["Fecha", "Fecha valor", "Concepto", "Importe", "Saldo"],
            [datetime(2026, 12, 5), None, "COMISIÓN", -0.5, -87.66],  # noqa: DTZ001
            ["07/12/2026", "07/12/2026", "REMESA REM-12", "1.493,60", 1405.94],
            [date(2026, 12, 9), datetime(2026, 12, 10), "RECIBO Nº 12", -1051.21, "354,73"],  # noqa: DTZ001
        ]
    )
    assert read_mapped_statement(data, SPANISH, account=Iban(IBAN)) == EXPECTED


def test_two_columns_for_what_came_in_and_what_left() -> None:
    lines = ["day,in,out,ref", "2026-12-05,,12.50,A", "2026-12-06,0.00,-1.00,", "", ",,,"]
    data = "\n".join([*lines, "2026-12-07,+3,0,B\x1b"]).encode()
    found = read_mapped_statement(data, TWO_SIDES)
    assert found.entries == (
        Entry(-1250, date(2026, 12, 5), reference="A"),
        Entry(-100, date(2026, 12, 6)),
        Entry(300, date(2026, 12, 7), reference="B\\x1b"),
    )
    assert (found.account, found.opening_cents, found.closing_cents) == (None, None, None)


def test_a_table_without_movements() -> None:
    head = "\n".join(MOVEMENTS.splitlines()[:3])
    assert read_mapped_statement(head.encode(), SPANISH).entries == ()


def reasons_of(text: str, mapping: StatementMapping) -> list[str]:
    with pytest.raises(FaultyMessageError) as refusal:
        read_mapped_statement(text.encode(), mapping)
    return [str(fault) for fault in refusal.value.faults]


def test_balances_that_do_not_follow_are_told() -> None:
    follows = "does not follow from the one before and the amount"
    assert reasons_of(MOVEMENTS.replace("1.405,94", "1.405,95"), SPANISH) == [
        f"movements, row 4: balance 354.73 {follows} -1051.21",
        f"movements, row 5: balance 1405.95 {follows} 1493.60",
    ]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "is '', not an amount"),
        ("1.5,00", "is '1.5,00', not an amount"),
        ("1.00", "is '1.00', not an amount"),
        ("1,234", "is '1,234', not in whole cents"),
        ("--1", "is '--1', not an amount"),
        ("١", "is '١', not an amount"),
        ("9" * 14, "is '99999999999999', not an amount"),
    ],
)
def test_amounts_that_are_none(amount: str, said: str) -> None:
    mapping = StatementMapping(booked="d", day_format="%d", amount="a", decimal=",")
    assert reasons_of(f"d;a\n01;{amount}\n", mapping) == [f"movements, row 2: a {said}"]


def test_rows_that_are_wrong_are_told_all_together() -> None:
    rows = ["05/12/2026,1,,", "2026-12-05,,,", "2026-12-05,1,1,", "2026-12-05,-1,,", "2026-12-05"]
    assert reasons_of("day,in,out,ref\n" + "\n".join(rows), TWO_SIDES) == [
        "movements, row 2: day is '05/12/2026', no day as '%Y-%m-%d'",
        "movements, row 3: has no amount, or several, in in and out",
        "movements, row 4: has no amount, or several, in in and out",
        "movements, row 5: has no amount, or several, in in and out",
        "movements, row 6: has 1 cells and lacks columns that are read",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "has no row 1"),
        (b"day,in,in,ref\n", "header: must have each column once, has 'in' 2 times, 'out' 0 times"),
        (b'day,in,out,ref\n"', "is not CSV"),
        (b"day\0", "holds a NUL"),
        (b"x" * ((1 << 21) + 1), "is larger than 2097152 bytes"),
    ],
)
def test_other_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read_mapped_statement(data, TWO_SIDES)


def test_the_example_of_the_module_is_a_mapping() -> None:
    example = (mapping_module.__doc__ or "").partition("::\n")[2]
    assert parse_statement_mapping(tomllib.loads(example)) == StatementMapping(
        booked="Fecha",
        valued="Fecha valor",
        day_format="%d/%m/%Y",
        amount="Importe",
        texts=("Concepto", "Observaciones"),
        balance="Saldo",
        decimal=",",
        header_row=4,
    )


SOUND: dict[str, Any] = {
    "day": {"booked": "Data", "format": "%d/%m/%y"},
    "amount": {"column": "Import"},
}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"day": {"booked": "Data"}}, "day.format: is missing"),
        ({"day": {"booked": "Data", "format": "%d/%m"}}, "day.format: does not tell day, month"),
        ({"day": {"booked": "Data", "format": "%"}}, "day.format: does not tell day, month"),
        ({"day": {"booked": "Data", "format": "%d%d%Y"}}, "day.format: does not tell day, month"),
        ({"amount": {}}, "amount: give either its column, or paid_in and paid_out"),
        ({"amount": {"paid_in": "a"}}, "amount: give either its column, or paid_in and paid_out"),
        (
            {"amount": {"column": "a", "paid_in": "b", "paid_out": "c"}},
            "amount: give either its column, or paid_in and paid_out",
        ),
        ({"separator": "-"}, "separator: is no single character"),
        ({"currency": "euro"}, "currency: is not 3 capital letters"),
        ({"currency": "eur"}, "currency: is not 3 capital letters"),
        ({"columns": {"texts": "a"}}, "columns.'texts': is not known"),
        ({"header": 3}, "'header': is not known"),
    ],
)
def test_a_mapping_that_is_not_clear(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(FaultyMappingError) as refusal:
        parse_statement_mapping({**SOUND, **change})
    assert any(each.startswith(fault) for each in refusal.value.faults), refusal.value.faults


def test_a_sound_mapping_names_its_columns_once() -> None:
    content = {**SOUND, "columns": {"text": ["Concepte", "Data"], "reference": "Ref"}}
    assert parse_statement_mapping(content).columns == ("Data", "Import", "Ref", "Concepte")
