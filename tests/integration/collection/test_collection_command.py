"""``reparto collection``: what is owed and paid at a terminal and for programs."""

import json

import pytest

from tests.support.databases import on_sqlite
from tests.support.ledger import books
from tests.support.sepa_messages import entry, statement

pytestmark = on_sqlite
__all__ = ["books"]

BOOKED = "2024-01-09"
MAPPING = """decimal = ","
[day]
booked = "Fecha"
format = "%d/%m/%Y"
[amount]
column = "Importe"
[columns]
text = ["Concepto"]
"""


@pytest.fixture
def desk(books, promoter, reparto, database_url, monkeypatch, tmp_path):
    """Call a command that must succeed, for its JSON or its table."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, table=False):
        more = () if table else ("--json",)
        done = reparto("collection", *arguments, *more, "--promoter", promoter.name)
        assert (done.code, done.err) == (0, "")
        return done.out if table else json.loads(done.out)

    return call


def test_what_is_open(desk, books):
    rows = desk("open")
    assert [row["open_eur"] for row in rows] == ["12.10"] * 3
    assert rows[0]["invoice"] == "2023-000001"
    code = books.billed.stored.community.code
    member = books.billed.stored.members[0].code
    assert len(desk("open", "--community", code, "--member", member)) == 1
    assert len(desk("open", "--issuer", "F12345674", "--on", "2023-12-05")) == 3
    assert desk("open", "--on", "2023-12-04") == []
    assert "2023-000001" in desk("open", table=True)
    assert "nothing" in desk("open", "--on", "2023-12-04", table=True)


def test_what_is_open_is_named_and_summed(desk):
    shown = desk("open", table=True)
    assert "Payer 1" in shown
    (total,) = [line for line in shown.splitlines() if "total" in line]
    assert total.split() == ["total", "36.30"]


def test_a_setting_names_the_promoter(desk, reparto, promoter, monkeypatch):
    monkeypatch.setenv("REPARTO_PROMOTER", "nobody")
    done = reparto("collection", "open")
    assert (done.code, "no promoter 'nobody'" in done.err) == (2, True)
    assert reparto("collection", "open", "--promoter", promoter.name).code == 0


def test_a_banks_file_and_the_books_after_it(desk, books, tmp_path):
    text = "<TxDtls><RmtInf><Ustrd>Fra 2023-000001</Ustrd></RmtInf></TxDtls>"
    content = statement([entry("12.10", details=text), entry("5.00")])
    path = tmp_path / "x.xml"
    path.write_bytes(content.replace(b"2026-12-09", BOOKED.encode()))
    told = desk("import", path)
    assert told["counts"] == {"transfer": 1, "unknown": 1}
    paid, unknown = told["movements"]
    code = books.billed.stored.members[0].code
    assert (paid["members"], paid["invoices"]) == ([code], ["2023-000001"])
    assert (unknown["members"], unknown["unmatched_because"]) == ([], "nothing-named")
    assert told["sums"] == {
        "booked_eur": "17.10",
        "unassigned_eur": "5.00",
        "known_eur": "0.00",
        "not_booked_eur": "0.00",
    }
    table = desk("import", path, table=True)
    assert "2023-000001" in table
    assert "2 known\nBooked: 0.00 EUR, 0.00 EUR of it to be assigned. Known before: 17.10" in table
    paid = {row["amount_eur"]: row["member"] for row in desk("payments")}
    assert paid == {"12.10": books.billed.stored.members[0].code, "5.00": None}
    accounts = {row["account"]: row["balance_eur"] for row in desk("balance")}
    assert (accounts["bank"], accounts["unknown-receipts"]) == ("17.10", "-5.00")
    table, mapping = tmp_path / "m.csv", tmp_path / "m.toml"
    table.write_text("Fecha;Concepto;Importe\n09/01/2024;FRA 2023-000002;12,10\n")
    mapping.write_text(MAPPING)
    assert desk("import", table, "--mapping", mapping)["counts"] == {"transfer": 1}
    assert len(desk("open")) == 1


def test_what_went_back_is_not_counted_as_received(desk, books):
    back, kept = books.pay(0), books.pay(1)
    books.give_back(back)
    books.pay(None, cents=500)
    rows = {row["id"]: row for row in desk("payments")}
    assert (rows[str(back.id)]["kept_eur"], rows[str(back.id)]["returned_on"]) == (
        "0.00",
        "2023-12-15",
    )
    assert (rows[str(kept.id)]["kept_eur"], rows[str(kept.id)]["returned_on"]) == ("12.10", None)
    (total,) = [line for line in desk("payments", table=True).splitlines() if "total" in line]
    assert total.split() == ["total", "29.20", "17.10"]


def test_instalments(desk):
    parts = desk("instalments", "2023-000001", "--on", "2040-01-01", "--on", "2040-02-01")
    assert [part["amount_eur"] for part in parts] == ["6.05", "6.05"]
    assert len(desk("open")) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("open", "--member", "x"), "name the community"),
        (("balance", "--issuer", "x"), "name the issuer with --issuer: F12345674"),
        (("import", "nothing.xml"), "nothing.xml"),
    ],
)
def test_what_is_refused(desk, reparto, promoter, arguments, words):
    done = reparto("collection", *arguments, "--promoter", promoter.name)
    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "."), ".: is not a regular file"),
        (("import", "/dev/zero"), "/dev/zero: is not a regular file"),
        (("import", "binary", "--mapping", "/dev/zero"), "/dev/zero: is not a regular file"),
        (("import", "binary", "--mapping", "binary"), "is not UTF-8"),
        (("statuses", "/dev/zero"), "/dev/zero: is not a regular file"),
    ],
)
def test_what_is_no_file_or_no_text_is_refused(desk, reparto, tmp_path, arguments, words):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x81")
    done = reparto("collection", *arguments)
    assert done.code == 3
    assert words in done.err


@pytest.mark.parametrize("language", ["en", "es", "ca"])
def test_what_was_typed_steers_no_terminal(desk, reparto, books, promoter, language):
    typed = ("--community", books.billed.stored.community.code, "--member", "\x1b[2J")
    wish = ("collection", "open", *typed, "--promoter", promoter.name)
    done = reparto("--language", language, *wish)
    assert done.code == 2
    assert r"\x1b[2J" in done.err
    assert "\x1b" not in done.err
