"""Tables at a terminal: what gives way where it is narrow, and what never does."""

import pytest

from scripts.console import add_numbers, add_texts, make_table, print_table

NAME = "María José de la Fuente"
WHOLE = ("2026-000001", "1,234,567.89", "12.00")


@pytest.mark.parametrize("width", [20, 50, 80])
def test_no_number_is_cut(capsys, width):
    table = make_table("invoice")
    add_texts(table, "member")
    add_numbers(table, "EUR", "tax base")
    number, *amounts = WHOLE
    table.add_row(number, NAME, *amounts)
    print_table(table, width)
    shown = capsys.readouterr().out
    assert all(cell in shown for cell in WHOLE)
    assert all(word in shown for word in NAME.split())
    assert "…" not in shown


def test_a_table_is_no_wider_than_it_must_be(capsys):
    table = make_table("invoice")
    add_texts(table, "member")
    table.add_row(WHOLE[0], NAME)
    print_table(table, 30)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 30


def test_a_narrow_terminal_leaves_out_what_is_empty_then_what_is_optional(capsys, monkeypatch):
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    table = make_table("invoice", "day")
    add_texts(table, "member", "because", "text")
    add_numbers(table, "EUR", "tax base")
    number, *amounts = WHOLE
    table.add_row(number, "2026-01-31", NAME, "", "extraordinary", *amounts)
    for width, left in ((70, []), (55, ["text"]), (40, ["text", "tax base"])):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table(table, width, ("text", "tax base"))
        told = capsys.readouterr()
        assert [line.split('"')[1] for line in told.err.splitlines()] == left
        assert all(cell in told.out for cell in (number, "2026-01-31", amounts[0]))
        assert all(word in told.out for word in NAME.split())
        assert "…" not in told.out
