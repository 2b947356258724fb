"""``reparto collection``: money recorded by hand, mandates and banks' reports at a terminal."""

import io
import json
from datetime import timedelta

import pytest

from api.clock import now
from models.values.calendar import LAW_CLOCK, local_day
from tests.support.databases import on_sqlite
from tests.support.direct_debits import account_of, collector, write_report
from tests.support.sepa_messages import CREDITOR_ID, IBAN

pytestmark = on_sqlite
__all__ = ["collector"]

DAY = "2024-01-09"


@pytest.fixture
def place(collector):
    """Give the code of the community."""
    return collector.books.billed.stored.community.code


@pytest.fixture
def codes(collector):
    """Give the codes of its members."""
    return [member.code for member in collector.books.billed.stored.members]


@pytest.fixture
def desk(collector, promoter, reparto, database_url, monkeypatch, tmp_path):
    """Call a command that must succeed, for its JSON or its table."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)

    def call(*arguments, table=False, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        more = () if table else ("--json",)
        done = reparto("collection", *arguments, *more, "--promoter", promoter.name)
        assert (done.code, done.err) == (0, "")
        return done.out if table else json.loads(done.out)

    return call


def test_money_by_hand(desk, place, codes):
    by_hand = ("--method", "transfer", "--on", DAY)
    named = ("--invoice", "2023-000001")
    (paid,) = desk("pay", "20.00", *by_hand, "--key", "k1", *named, "--reference", "Fra 1")
    assert (paid["member"], paid["amount_eur"], paid["reference"]) == (codes[0], "20.00", "Fra 1")
    again = desk("pay", "20.00", *by_hand, "--key", "k1", *named)
    assert again == [paid]
    back = desk("refund", paid["id"], "--because", "too much", "--key", "r", "--amount", "2.90")
    assert (back["amount_eur"], back["payment"]) == ("2.90", paid["id"])
    left = desk("refund", paid["id"], "--because", "the rest", "--key", "s", "--on", DAY)
    assert (left["amount_eur"], left["refunded_on"]) == ("5.00", DAY)
    (cash,) = desk(
        "pay",
        "12.10",
        "--method",
        "cash",
        "--key",
        "k2",
        "--community",
        place,
        "--member",
        codes[1],
    )
    assert cash["member"] == codes[1]
    (nobody,) = desk("pay", "12.10", *by_hand, "--key", "k3")
    assert nobody["member"] is None
    (whose,) = desk("assign", nobody["id"], place, codes[2], "--invoice", "2023-000003")
    assert whose == nobody | {"member": codes[2], "name": "Payer 2"}
    assert desk("open") == []
    returned = desk("return", nobody["id"], "AM04", "--charge", "1.21", "--on", DAY)
    assert (returned["charge_eur"], returned["next_step"]) == ("1.21", "retry")
    assert returned["text"].startswith("There was not enough money")
    (gone,) = desk("write-off", "2023-000003", "--because", "tiny", "--amount", "0.10")
    assert (gone["amount_eur"], gone["because"]) == ("0.10", "tiny")
    assert [each["open_eur"] for each in desk("open")] == ["12.00"]
    assert "tiny" in desk("write-off", "2023-000003", "--because", "tiny", table=True)


def test_entries_of_the_books(desk, place, codes):
    (paid,) = desk(
        "pay", "20.00", "--method", "card", "--on", DAY, "--key", "k", "--invoice", "2023-000001"
    )
    sides = [("bank", "prepayment", "7.90"), ("bank", "receivable", "12.10")]

    def shown(*filters):
        rows = desk("entries", *filters)
        return sorted((row["debit"], row["credit"], row["amount_eur"]) for row in rows)

    assert shown("--event", "paid") == shown("--payment", paid["id"]) == sides
    assert shown("--account", "prepayment") == shown("--from", DAY)[:1] == sides[:1]
    assert len(shown()) == 8
    assert len(shown("--community", place)) == 8
    assert len(shown("--community", place, "--member", codes[0])) == 4
    assert len(shown("--community", place, "--member", codes[1])) == 2
    assert len(shown("--invoice", "2023-000001", "--until", DAY)) == 2
    assert len(shown("--limit", "3")) == 3
    row = next(each for each in desk("entries") if each["debit"] == "receivable")
    assert (row["event"], row["payment"], row["because"]) == ("issued", None, None)
    assert row["invoice"].startswith("2023-")
    table = desk("entries", "--invoice", "2023-000001", table=True)
    assert "output-tax" in table
    assert "payment" not in table


def test_with_what_an_issuer_collects(desk):
    account = desk("creditor", CREDITOR_ID, "--notice-days", "7", typed=f"{IBAN}\n")
    assert (account["account"], account["notice_days"]) == ("ES…1332", 7)
    table = desk("creditor", CREDITOR_ID, "--iban", IBAN, table=True)
    assert "ES…1332" in table
    assert IBAN not in table


def test_the_life_of_a_mandate(desk, place, codes, collector, tmp_path):
    today = local_day(now(), LAW_CLOCK)
    signed = ("--signed-on", "2023-11-01", "--last-used-on", "2023-12-01")
    first, second = account_of(7).reveal(), account_of(8).reveal()
    row = desk(
        "mandate",
        place,
        codes[0],
        "--holder",
        "Ana",
        *signed,
        "--reference",
        "M-1",
        "--last-used-on",
        today.isoformat(),
        typed=first,
    )
    assert (row["member"], row["reference"], row["usable_from"]) == (
        codes[0],
        "M-1",
        today.isoformat(),
    )
    desk(
        "mandate",
        place,
        codes[1],
        "--holder",
        "Pau",
        "--signed-on",
        "2023-11-01",
        "--iban",
        account_of(9).reveal(),
        table=True,
    )
    due = ("--due-until", "2023-12-31", "--key", "k")
    made = desk("create-debits", "debits.xml", *due)
    (debit,) = collector.debits()
    moved = desk("account", "M-1", "--holder", "Ana", "--closed", typed=f"{second}\n")
    assert moved["usable_from"] == (today + timedelta(days=21)).isoformat()
    assert moved["account"][-4:] == second[-4:]
    ended = desk("revoke", "M-1", "--on", (today + timedelta(days=1)).isoformat())
    assert ended["mandate"]["ended_because"] == "revoked"
    ((told,),) = (ended["underway"],)
    assert (told["end_to_end_id"], told["invoice"]) == (debit.end_to_end_id, "2023-000001")

    told = [(debit.end_to_end_id, "RJCT", "AC04"), ("STRANGE", "RJCT", None)]
    (tmp_path / "status.xml").write_bytes(write_report(made["message_id"], told))
    said = desk("statuses", "status.xml")
    assert (said["counts"], said["news_count"]) == ({"rejected": 1}, 1)
    assert (said["rejected"][0]["code"], said["strangers"]) == ("AC04", ["STRANGE"])
    table = desk("statuses", "status.xml", table=True)
    assert "new account" in table.replace("-", " ")
    assert "1 rejected; new: 0" in table
    assert "STRANGE" in table


def test_a_mandate_that_ends_with_its_debit_underway_is_told(desk, place, codes):
    today = local_day(now(), LAW_CLOCK).isoformat()
    desk(
        "mandate",
        place,
        codes[0],
        "--holder",
        "Ana",
        "--signed-on",
        "2023-11-01",
        "--last-used-on",
        today,
        "--reference",
        "M-1",
        typed=account_of(7).reveal(),
    )
    desk("create-debits", "debits.xml", "--due-until", "2023-12-31", "--key", "k")
    assert "Ask the bank to cancel" in desk("revoke", "M-1", table=True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("pay", "1.005", "--method", "cash", "--key", "k"), 2, "amount of euros"),
        (("pay", "nan", "--method", "cash", "--key", "k"), 2, "amount of euros"),
        (("pay", "0", "--method", "cash", "--key", "k"), 2, "0.01"),
        (("pay", "1", "--method", "cash", "--key", "k", "--member", "x"), 2, "the community"),
        (("entries", "--member", "x"), 2, "the community"),
        (("entries", "--invoice", "x"), 2, "no invoice 'x'"),
        (("revoke", "M-9"), 2, "no mandate 'M-9'"),
        (("return", "x", "AM04"), 2, "x"),
        (("creditor", CREDITOR_ID, "--iban", "ES9121000418450200051333"), 3, "ES…1333"),
        (("statuses", "nothing.xml"), 2, "nothing.xml"),
    ],
)
def test_what_is_refused(desk, reparto, promoter, arguments, code, words):
    done = reparto("collection", *arguments, "--promoter", promoter.name)
    assert done.code == code
    assert words in done.err
    assert IBAN[:-1] not in done.err


def test_an_account_is_asked_for_at_a_terminal(desk, reparto, promoter, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda text: asked.append(text) or IBAN)
    done = reparto("collection", "creditor", CREDITOR_ID, "--promoter", promoter.name)
    assert (done.code, asked) == (0, ["IBAN"])
    assert IBAN not in done.out
