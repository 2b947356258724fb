"""``reparto debts``: who is late, letters, decisions, protections, and who leaves."""

import json
from datetime import date

import pytest

from tests.support.command_line import Reparto
from tests.support.databases import on_sqlite
from tests.support.ledger import Books, books

__all__ = ["books"]

pytestmark = on_sqlite

ISSUER = ("--issuer", "F12345674")


@pytest.fixture(autouse=True)
def command_room(database_url: str, monkeypatch) -> None:
    """Work with the test's database."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)


def test_the_late_are_listed_and_written_to_once(books: Books, reparto: Reparto) -> None:
    books.billed.pay(0, email="ana@vila.example")
    books.pay(None, cents=500)
    listed = json.loads(reparto("debts", "list", "c1", "--on", "2023-12-28", "--json").out)
    first = reparto("debts", "write", "c1", *ISSUER)
    again = reparto("debts", "write", "c1", *ISSUER)
    table = reparto("--language", "ca", "debts", "list", "c1")

    assert [(each["member"], each["overdue_eur"], each["next_stage"]) for each in listed] == [
        ("M1", "12.10", "reminder"),
        ("M2", "12.10", "reminder"),
        ("M3", "12.10", "reminder"),
    ]
    assert first.code == 0
    assert first.out.count("reminder of 12.10 EUR") == 3
    assert first.out.count("write by post") == 2
    assert "receipts of 5.00 EUR are not assigned yet" in first.err
    assert again.out == "nobody is due a letter today\n"
    assert (table.out.count("avís"), "12,10" in table.out) == (3, True)


def test_a_letter_waits_for_a_receipt_that_may_pay_it(books: Books, reparto: Reparto) -> None:
    books.billed.pay(0, name="Ana García")
    receipt = books.pay(None, cents=700, payer_name="ANA GARCIA")
    first = reparto("debts", "write", "c1", *ISSUER)
    rows = json.loads(reparto("debts", "write", "c1", *ISSUER, "--json").out)
    despite = ("--despite", receipt.id)
    last = reparto("--language", "es", "debts", "write", "c1", *ISSUER, *despite)

    assert first.out.endswith(
        "M1 Ana García: reminder of 12.10 EUR held back: it may be paid already\n"
        "    7.00 EUR of 2023-12-12, ANA GARCIA (the same name), is not assigned yet\n"
        f"    if it is theirs: reparto collection assign {receipt.id} c1 M1\n"
        f"    if it is not: the same command with --despite {receipt.id}\n"
    )
    assert [(each["member"], each["is_mailed"]) for each in rows] == [("M1", False)]
    assert [each["clues"] for each in rows[0]["held_by"]] == [["name"]]
    assert last.out.startswith("M1 Ana García: aviso de 12,10 EUR;")


def test_nothing_is_overdue_on_the_due_day(books: Books, reparto: Reparto) -> None:
    assert reparto("debts", "list", "c1", "--on", "2023-12-25").out == "nothing is overdue\n"


def test_decisions_and_protections(books: Books, reparto: Reparto) -> None:
    cups = books.billed.stored.points[0].cups
    early = reparto("debts", "decide", "c1", "M1", "suspension", *ISSUER, "--because", "board")
    kept = reparto("debts", "protect", cups, "essential", "2024-01-01", "--because", "paper 7")
    refused = reparto("debts", "decide", "c1", "M1", "suspension", *ISSUER, "--because", "board")
    ended = reparto("debts", "unprotect", cups, "essential", "2024-02-01")

    assert (early.code, "reminder from 2023-12-28 on" in early.err) == (2, True)
    assert kept.out == f"{cups} is protected from 2024-01-01 on: essential supply\n"
    assert (refused.code, "the supply is protected (essential)" in refused.err) == (2, True)
    assert (ended.code, str(date(2024, 2, 1)) in ended.out) == (0, True)


def test_who_leaves_or_hands_on_has_all_billed(books: Books, reparto: Reparto) -> None:
    cups = books.billed.stored.points[0].cups
    settled = reparto("debts", "settle", cups, "2023-11-01")
    handed = reparto("debts", "hand-on", cups, "M9", "2023-11-01", "--subrogated")
    assert (settled.code, handed.code) == (2, 2)
    assert settled.err == handed.err
    assert "is billed up to 2023-01-01 only" in settled.err
