"""``reparto check``: what people and programs see, and the exit codes."""

import json
from pathlib import Path

import pytest

from tests.support.access_invoices import write_invoice
from tests.support.agreements import shared
from tests.support.command_line import Reparto, reparto
from tests.support.databases import on_sqlite
from tests.support.stored_bills import homes
from tests.support.stored_records import StoredCommunity
from tests.support.typed_bills import charge, find_line, type_bill

__all__ = ["homes", "reparto", "shared"]

pytestmark = on_sqlite

CONTRACT = """
[[contract]]
name = "home"
power = { eur_per_kw = ["27.704413", "0.725423"] }
energy = { eur_per_kwh = ["0.20", "0.15", "0.10"] }
surplus = { eur_per_kwh = "0.05" }
"""


@pytest.fixture(autouse=True)
def command_room(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work with the test's database, in a folder with a contract."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contract.toml").write_text(CONTRACT)


@pytest.fixture
def owner(promoter) -> tuple[str, str]:
    return ("--promoter", promoter.name)


def write_curves(cups: str, noon_wh: int) -> str:
    """Write a winter day on which the whole plant is one's own: 2,500 Wh at noon."""
    lines = []
    for hour in range(24):
        stamp = "2026/01/02 00:00" if hour == 23 else f"2026/01/01 {hour + 1:02}:00"
        grid, surplus = (0, noon_wh - 500) if hour == 12 else (500, 0)
        lines.append(f"{cups};{stamp};0;{grid};{surplus};0;0;0;0;1;1;F1;\n")
    return "".join(lines)


def test_an_equal_bill_leaves_with_zero(homes, owner, reparto: Reparto) -> None:
    Path("bill.json").write_text(json.dumps(type_bill(homes.points[0].cups)))
    run = reparto("check", "bill", "bill.json", "--contract", "contract.toml", *owner)

    assert (run.code, run.err) == (0, "")
    assert "Theirs 71.26 EUR, ours 71.26 EUR: 0.00 EUR" in run.out
    assert "Cause" not in run.out


def test_a_dearer_bill_leaves_with_three_and_says_why(homes, owner, reparto: Reparto) -> None:
    bill = type_bill(homes.points[0].cups)
    find_line(bill, "energy", 3)["price"] = "0.12"
    charge(bill)
    Path("bill.json").write_text(json.dumps(bill))
    arguments = ("check", "bill", "bill.json", "--contract", "contract.toml", *owner)
    run = reparto(*arguments)
    described = json.loads(reparto(*arguments, "--json").out)

    assert run.code == 3
    assert "energy price P3   5.26          1.13" in run.out
    assert described["causes"] == [
        {"cause": "energy-price", "tariff_period": 3, "eur": "5.26", "taxes_eur": "1.13"}
    ]
    assert described["difference_eur"] == "5.26"
    assert reparto(*arguments, "--tolerance", "5.26").code == 0


def test_lines_that_do_not_sum_to_the_total_are_said_first(homes, owner, reparto: Reparto) -> None:
    bill = type_bill(homes.points[0].cups) | {"total_eur": "36.10"}
    Path("bill.json").write_text(json.dumps(bill))
    run = reparto("check", "bill", "bill.json", "--contract", "contract.toml", *owner)

    told = "The lines of the bill sum to 71.26 EUR, its total says 36.10: look for a typing error"
    assert (run.code, run.out.splitlines()[2]) == (3, told)
    assert "lines and total   -35.16" in run.out


def test_curves_say_their_cause(homes: StoredCommunity, owner, reparto: Reparto) -> None:
    cups = homes.points[0].cups
    Path("A5D_1_20260101.0").write_text(write_curves(cups, 2_500))
    run = reparto("check", "curves", "A5D_1_20260101.0", *owner)
    assert (run.code, run.err) == (0, "")
    assert f"{cups}: equal\n" in run.out
    Path("A5D_1_20260101.0").write_text(write_curves(cups, 2_000) + "nonsense;\n")
    worse = reparto("check", "curves", "A5D_1_20260101.0", *owner)
    described = json.loads(reparto("check", "curves", "A5D_1_20260101.0", "--json", *owner).out)

    assert worse.code == 3
    assert f"{cups}: its coefficient is 0.800000, which no agreement has" in worse.out
    assert "2026-01-01T11:00:00Z" in worse.out
    assert "rows could not be read" in worse.out
    assert described[0]["curves"][0]["coefficient"] == 0.8


def test_codes_that_cannot_be_compared_are_printed(homes, owner, reparto: Reparto) -> None:
    stranger = "ES0021000000000001RK0F"
    text = write_curves(homes.points[0].cups, 2_500) + write_curves(stranger, 2_500)
    Path("A5D_1_20260101.0").write_text(text)
    run = reparto("check", "curves", "A5D_1_20260101.0", *owner)

    assert run.code == 3
    assert f"{stranger}: there is no {stranger} here" in run.out


def test_an_invoice_shows_what_differs(homes: StoredCommunity, owner, reparto: Reparto) -> None:
    cups, cau = homes.points[0].cups, homes.installation.cau
    Path("f1.xml").write_bytes(write_invoice(cups, cau=cau))
    run = reparto("check", "invoice", "f1.xml", *owner)
    assert (run.code, run.err) == (0, "")
    assert "Nothing differs" in run.out
    Path("f1.xml").write_bytes(write_invoice(cups, cau=cau, total="21.09"))
    worse = reparto("check", "invoice", "f1.xml", *owner)

    assert worse.code == 3
    assert "total   20.09    21.09    EUR   1.00" in worse.out
    assert reparto("check", "invoice", "f1.xml", "--tolerance", "1", *owner).code == 0
    Path("f1.xml").write_bytes(write_invoice(cups, cau=cau).replace(b"2025-12-31", b"2024-12-31"))
    assert "no consumption is stored of" in reparto("check", "invoice", "f1.xml", *owner).out


@pytest.mark.parametrize(
    ("arguments", "content", "told"),
    [
        (("bill", "bill.toml"), "line = 1", "bill: cups: is missing"),
        (("bill", "bill.toml"), "[[", "is not TOML"),
        (("bill", "none.toml"), None, "none.toml cannot be read"),
        (("bill", "bill.json"), "{", "is not JSON"),
        (("invoice", "f1.xml"), "<a/>", "not F1"),
        (("curves", "x.csv"), "a;b\n", "holds no readings"),
    ],
)
def test_what_cannot_be_read_is_told(
    homes, owner, reparto: Reparto, arguments: tuple[str, str], content: str | None, told: str
) -> None:
    if content is not None:
        Path(arguments[1]).write_text(content)
    run = reparto("check", *arguments, *owner)

    assert run.code in (2, 3)
    assert told in run.err
