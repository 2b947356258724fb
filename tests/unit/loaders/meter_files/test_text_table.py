"""Exports as tables: headers, separators, quotes, encodings, line ends, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.decoding import UnreadableFileError
from loaders.meter_files import text_table
from loaders.meter_files.records import ROWS_TOLD, RowCode
from loaders.meter_files.text_table import (
    TextTable,
    parse_plain_rows,
    parse_text_table,
    plain_name,
)

HEAD = b"cups;kwh\n"


def parse(data: bytes) -> TextTable:
    return parse_text_table(data, ("cups",), ("kwh", "method"))


def cells_of(table: TextTable) -> list[tuple[str, ...]]:
    columns = table.columns.values()
    return [tuple(column.text(row) for column in columns) for row in range(table.n_rows)]


@pytest.mark.parametrize(
    "data",
    [
        b"cups;kwh\na;1\nb;2\n",
        b"cups;kwh\na;1\nb;2",
        b"cups;kwh\r\na;1\r\nb;2\r\n",
        b"cups;kwh\ra;1\rb;2\r",
        b"\xef\xbb\xbfcups;kwh\na;1\nb;2\n",
        b'"CUPS";"kWh"\n"a";"1"\n"b";"2"\n',
        b' C\xc3\x9aps ; k W h \n a ; 1\n" b ";2 \n',
        b"C\xdaPS;kWh\na;1\nb;2\n",
        b"x;cups;y;kwh\n;a;;1\n;b;;2\n",
        b"Informe de consumos\n\ncups;kwh\n\na;1\n\n\nb;2\n\n",
        b"cups;kwh;\na;1;\nb;2;\n",
        b"cups;kwh;\na;1\nb;2\n",
        b"cups;kwh\na;1;\nb;2;\n",
    ],
)
def test_one_table_is_written_in_many_ways(data: bytes) -> None:
    table = parse(data)
    assert cells_of(table) == [("a", "1"), ("b", "2")]
    assert table.rejections.told == []
    assert (table.n_rows, table.n_file_rows) == (2, 2)


@pytest.mark.parametrize("data", [b"cups;kwh", b"cups;kwh\n", b"cups;kwh\r\n\r\n", b"\ncups"])
def test_a_header_alone_is_a_table_without_rows(data: bytes) -> None:
    table = parse(data)
    assert (table.n_rows, table.n_file_rows) == (0, 0)


def test_a_byte_order_mark_is_no_part_of_the_first_cell() -> None:
    table = parse_plain_rows(b"\xef\xbb\xbfa;1\nb;2\n", ("cups", "kwh"), 2, {"cups"})
    assert cells_of(table) == [("a",), ("b",)]


def test_an_optional_column_may_be_missing_and_others_are_not_read() -> None:
    assert set(parse(b"cups;other\na;b\n").columns) == {"cups"}


def test_latin_1_is_read_and_noted() -> None:
    table = parse(b"cups;kwh\na;\xf1\n")
    assert cells_of(table) == [("a", "ñ")]
    assert table.notes == ("line 2 is not UTF-8; the file was read as Latin-1",)


def test_quotes_never_reach_past_their_cell() -> None:
    table = parse(b'cups;kwh\n"a;1\nb;5"6"\n"c;d";2\n""";3\n')
    assert cells_of(table) == [('"a', "1"), ("b", '5"6"'), ('"""', "3")]
    assert [row.line for row in table.rejections.told] == [4]


def test_rows_of_other_length_are_rejected_with_their_line() -> None:
    table = parse(b"title\ncups;kwh\n\na;1\nb\r\n\r\nc;1;2\nd;2\n" + b"e" * 300 + b"\n")
    assert cells_of(table) == [("a", "1"), ("d", "2")]
    assert [(row.line, row.code, row.reason) for row in table.rejections.told] == [
        (5, RowCode.MALFORMED, "has 1 cells, the header has 2"),
        (7, RowCode.MALFORMED, "has 3 cells, the header has 2"),
        (9, RowCode.MALFORMED, "has 1 cells, the header has 2"),
    ]
    assert table.rejections.told[1].excerpt == "'c;1;2'"
    assert len(table.rejections.told[2].excerpt) < 60
    assert (table.n_rows, table.n_file_rows) == (2, 5)
    assert [table.places.line(row) for row in range(2)] == [4, 8]


def test_more_torn_rows_than_are_told_are_counted() -> None:
    table = parse(HEAD + b"x\n" * (ROWS_TOLD + 5))
    assert len(table.rejections.told) == ROWS_TOLD
    assert table.rejections.counts == {RowCode.MALFORMED: ROWS_TOLD + 5}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "has no header with the columns cups, separated by semicolons"),
        (b"cups,kwh\na,1\n", "has no header"),
        (b"\n" * 30 + HEAD, "has no header"),
        (b"x" * (1 << 17) + b"\ncups;kwh\n", "has no header"),
        (b"cups;kWh;k-W-h\na;1;2\n", "header: names a column twice: kwh"),
        (b"cups;kwh\na;\0\n", "line 2: holds a NUL character"),
        (b"cups;kwh\na;\xf1\0\n", "line 2: holds a NUL character"),
        ("cups;kwh\na;1\n".encode("utf-16"), "holds a NUL character"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        parse(data)


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_table, "LARGEST_FILE_BYTES", 20)
    with pytest.raises(UnreadableFileError, match="is larger than 20 bytes"):
        parse(HEAD + b"a;12345678901\n")
    monkeypatch.setattr(text_table, "MOST_ROWS", 2)
    with pytest.raises(UnreadableFileError, match="has 2 lines, more than 2; split it"):
        parse(HEAD + b"a;1\nb;2\n")
    monkeypatch.undo()
    monkeypatch.setattr(text_table, "_MOST_TORN", 3)
    with pytest.raises(UnreadableFileError, match="is no table of cells"):
        parse(HEAD + b"x\n" * 5)


def test_blocks_join_without_losing_a_row_or_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_table, "_BLOCK_BYTES", 64)
    lines = [f"m{number % 7};{number}" if number % 10 else "torn" for number in range(200)]
    table = parse(HEAD + "\n".join(lines).encode())
    numbers = [number for number in range(200) if number % 10]
    assert cells_of(table) == [(f"m{number % 7}", str(number)) for number in numbers]
    assert [table.places.line(row) for row in range(180)] == [number + 2 for number in numbers]
    assert [row.line for row in table.rejections.told] == list(range(2, 202, 10))


@given(
    st.lists(st.tuples(st.text("abñ\"' ,", max_size=3), st.text("0123,", max_size=4)), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
)
def test_rows_keep_their_line_and_their_cells(
    rows: list[tuple[str, str]], end: str, encoding: str
) -> None:
    lines = ["cups;kwh", *(f"{first};{second}" for first, second in rows)]
    table = parse(end.join(lines).encode(encoding))
    assert [table.places.line(row) for row in range(table.n_rows)] == list(range(2, len(lines) + 1))
    kwh = [second for _, second in rows]
    assert [table.columns["kwh"].text(row) for row in range(table.n_rows)] == kwh


def test_names_lose_all_that_varies() -> None:
    names = ["AE_kWh", "ae_KWH", '"Ae-kWh" ', "ÁE (kWh)"]
    assert {plain_name(name) for name in names} == {"aekwh"}
