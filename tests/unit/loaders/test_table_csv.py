"""Tables as CSV, for Spanish Excel and for programs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.table_csv import CsvDialect, format_table_csv

CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)


@pytest.mark.parametrize("text", ["=1+1", "+34", "-x", "@SUM", "\tx", "\rx"])
def test_excel_runs_no_text_as_a_formula(text):
    content = format_table_csv(["a"], [[text]], CsvDialect.EXCEL_ES).decode("utf-8-sig")
    ((_,), (cell,)) = csv.reader(io.StringIO(content, newline=""), delimiter=";")
    assert cell == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "written"),
    [(1.5, "1,5"), (-0.25, "-0,25"), (7, "7"), (None, ""), ("a;b", '"a;b"'), ("ñ", "ñ")],
)
def test_cells_for_spanish_excel(cell, written):
    content = format_table_csv(["a", "b"], [[cell, 1]], CsvDialect.EXCEL_ES)
    assert content == f"\ufeffa;b\r\n{written};1\r\n".encode()


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)))
def test_programs_read_back_what_was_written(rows):
    content = format_table_csv(["a", "b"], rows, CsvDialect.PLAIN).decode()
    read = list(csv.reader(io.StringIO(content, newline="")))
    assert read == [["a", "b"], *([["" if c is None else str(c) for c in row] for row in rows])]
