"""``reparto invoices``: from payers to issued PDFs at a terminal and for programs."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import col

from api.services.invoices.record_parties import create_issuer
from models.session import write_session
from models.tables import FiscalRecord, Invoice, Payer, PlanSubscription, PlanTerm
from models.values.invoicing import BillingBasis
from tests.support.billing import (
    ISSUER,
    BilledCommunity,
    add_billed_community,
    make_nif,
    term,
)
from tests.support.command_line import Reparto, Run
from tests.support.databases import on_sqlite
from tests.support.setup_files import PLANS, payer_row, write_payers, write_setup

pytestmark = on_sqlite

MONTH = ("--month", "2023-10")
PARTY = (
    *("--tax-number", make_nif(77), "--name", "Núria", "--address", "Port, 7"),
    *("--postal-code", "46021", "--town", "València", "--province", "València"),
)


@pytest.fixture(autouse=True)
def command_room(database_url: str, monkeypatch, tmp_path: Path) -> None:
    """Work with the test's database, by software that says what it is."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setenv("REPARTO_BILLING_INSTALLATION", "1")
    monkeypatch.setenv("REPARTO_BILLING_PRODUCER_NAME", "Cooperativa")
    monkeypatch.setenv("REPARTO_BILLING_PRODUCER_NIF", "F12345674")
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True)
class Desk:
    """A manager at a terminal."""

    reparto: Reparto
    billed: BilledCommunity
    promoter: str

    def __call__(self, command: str, *arguments: object) -> Run:
        """Call a command that must succeed."""
        run = self.refuse(command, *arguments)
        assert (run.code, run.err) == (0, "")
        return run

    def refuse(self, command: str, *arguments: object) -> Run:
        """Call a command that may fail."""
        return self.reparto("invoices", command, *arguments, "--promoter", self.promoter)

    def read(self, command: str, *arguments: object):
        """Call a command for its JSON."""
        return json.loads(self(command, *arguments, "--json").out)


@pytest.fixture
def desk(billed, promoter, reparto: Reparto) -> Desk:
    """Sit at a community that is ready to be billed."""
    return Desk(reparto, billed, promoter.name)


@pytest.fixture
def bare(engine, promoter, reparto: Reparto) -> Desk:
    """Sit at a community without payers, whose plan nobody pays by."""
    return Desk(reparto, add_billed_community(engine, promoter, pays=False), promoter.name)


def test_a_folder_sets_a_community_up_and_again_adds_nothing(bare, tmp_path):
    folder = write_setup(tmp_path / "setup")
    told, following = bare("setup", "c1", folder).out.splitlines()
    assert told == "Recorded in c1: plans: 1, prices: 2, payers: 3, supply points with a plan: 3"
    assert "reparto invoices preview c1 --month" in following
    again = bare.read("setup", "c1", folder)
    assert again == {"issuers": 0, "plans": 0, "terms": 0, "payers": 0, "subscriptions": 0} | {
        "payers_changed": 0,
        "payers_kept": 3,
    }
    (folder / "payers.csv").write_bytes(write_payers(payer_row("M1", 11, code="46022")))
    assert bare("setup", "c1", folder).out.splitlines()[:2] == [
        "Nothing new in c1: all of it was recorded already",
        "Payers that were recorded already: 1 changed, 0 as they were",
    ]
    write_setup(tmp_path / "first")
    bare("setup", "c1", tmp_path / "first")
    payers = bare.billed.rows(Payer, col(Payer.tax_number))
    assert [payer.accounting_office for payer in payers] == [None, "L01461471", None]
    assert [payer.language.value for payer in payers] == ["es", "ca", "es"]
    plans = bare.read("plans", "c1")
    assert [(plan["code"], plan["subscriptions"]) for plan in plans] == [("p", 0), ("standard", 3)]
    assert "IVA 21 %" in bare("plans", "c1").out
    assert bare.read("preview", "c1", *MONTH)["missing"] == []


def test_a_file_alone_adds_a_later_price_and_refuses_another_past(bare, tmp_path):
    file = tmp_path / "plans.toml"
    file.write_text(PLANS)
    bare("setup", "c1", file)
    later = """
[[plan.term]]
charges = "fixed"
price_eur = "3.50"
description = "Cuota"
tax_percent = 21
position = 1
valid_from = 2024-01-01

[[subscription]]"""
    file.write_text(PLANS.replace("\n[[subscription]]", later))
    assert bare("setup", "c1", file).out.startswith("Recorded in c1: prices: 1\n")
    added = [each for each in bare.billed.rows(PlanTerm) if each.price == "3.5"]
    assert [(each.position, each.valid_from.isoformat()) for each in added] == [(1, "2024-01-01")]
    file.write_text(PLANS.replace("price_eur = 3", "price_eur = 4"))
    run = bare.refuse("setup", "c1", file)
    assert run.code == 2
    assert "term 1 of plan standard from 2023-01-01 on stands with other values" in run.err


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        (("[[issuer]]", "[[issuers]]"), 2, "issuers: is no key that is known here"),
        (("tax_percent = 21", "tax_percent = 121"), 2, "plan.1.term.1.tax_percent"),
        (('plan = "standard"', 'plan = "other"'), 2, "no payment plan 'other'"),
        (('name = "Autoconsumo"', 'name = "A"\nissuer = "B12345674"'), 2, "no issuer 'B12345674'"),
        (("valid_from = 2023-01-01\n\n[[plan.t", "[[plan.t"), 2, "valid_from: is missing"),
        (('"F12345674"', '"F12345675"'), 3, "wrong check character"),
        (("[[plan]]", "[[plan]"), 2, "is not TOML"),
        (
            ('plan = "standard"', 'plan = "standard"\ncups = ["ES0000000000000101GD0F"]'),
            2,
            "ES0000000000000101GD0F",
        ),
    ],
)
def test_documents_that_make_no_sense_change_nothing(bare, tmp_path, changed, code, told):
    file = tmp_path / "plans.toml"
    assert changed[0] in PLANS
    file.write_text(PLANS.replace(*changed))
    run = bare.refuse("setup", "c1", file)
    assert run.code == code
    assert told in run.err
    assert bare.billed.rows(PlanSubscription) == []


def test_every_fault_of_the_payers_is_told_at_once(bare, tmp_path):
    folder = write_setup(tmp_path / "setup")
    rows = [payer_row("M1", 10, code="461"), payer_row("M9", 11).replace("1B", "1C")]
    rows += ["M2;;;;;;;;", payer_row("M3", 12, "klingon").replace(";;", ";nobody;")]
    (folder / "payers.csv").write_bytes(write_payers(*rows))
    run = bare.refuse("setup", "c1", folder)
    assert run.code == 3
    told = [line.strip().partition(", ")[2] for line in run.err.splitlines()]
    assert [line[:45] for line in told if not line.startswith("line 4")] == [
        "line 2: 'CP': '461' is not 5 digits",
        "line 3: 'NIF': NIF '00000011C': has a wrong c",
        "line 3: the community has no member 'M9'",
        "line 5: 'Correo electrónico': 'nobody' is not",
        "line 5: 'Idioma': 'klingon' is none of es, ca",
    ]
    assert "line 4: 'NIF' is empty" in told
    assert bare.billed.rows(Payer) == []


def test_a_folder_with_nothing_in_it_is_told(bare, tmp_path):
    run = bare.refuse("setup", "c1", tmp_path)
    assert (run.code, "there is no file" in run.err) == (2, True)


def test_parties_and_subscriptions_one_by_one(bare):
    assert bare("issuer", *PARTY).out == f"ISSUER {make_nif(77)}\n"
    offices = [each for _ in range(3) for each in ("--office", "L01461471")]
    run = bare("payer", "c1", "M1", *PARTY, "--language", "ca", "--email", "n@x.org", *offices)
    assert run.out == f"PAYER {make_nif(77)} for M1\n"
    (payer,) = bare.billed.rows(Payer)
    assert (payer.language.value, payer.email) == ("ca", "n@x.org")
    assert bare.refuse("payer", "c1", "M9", *PARTY).code == 2
    cups = [point.cups for point in bare.billed.stored.points]
    run = bare("subscribe", "c1", "p", "--from", "2023-01-01", "--cups", cups[0])
    assert run.out == "1 supply points pay by p from 2023-01-01 on\n"
    assert bare("subscribe", "c1", "p", "--from", "2023-01-01").out.startswith("2 supply")
    assert bare("unsubscribe", cups[0], "--until", "2023-06-01").out == (
        f"{cups[0]} pays until 2023-06-01\n"
    )
    run = bare.refuse("unsubscribe", cups[0], "--until", "2023-01-01")
    assert (run.code, "pays by no plan before 2023-01-01" in run.err) == (2, True)
    run = bare.refuse("unsubscribe", "ES0000000000000101GD0F", "--until", "2024-01-01")
    assert run.code == 2


def test_a_preview_tells_what_is_missing_and_ends_with_2(bare):
    run = bare.refuse("preview", "c1", *MONTH)
    assert run.code == 2
    assert run.out.count("no plan") == 3
    assert "c1, 2023-10: 0 invoices, not ready" in run.out
    assert bare.refuse("preview", "c1").err == "error: give --month, or both --from and --until\n"


def test_months_are_shared_out_once(desk):
    first = desk.read("allocate", "c1")
    assert [each["outcome"] for each in first if each["month"] == "2023-10"] == ["unchanged"]
    assert {each["outcome"] for each in desk.read("allocate", "c1")} == {"unchanged"}
    assert "2023-10" in desk("allocate", "c1").out


def test_a_month_is_previewed_issued_listed_and_shown(desk):
    shown = desk("preview", "c1", *MONTH, "--lines").out
    assert "c1, 2023-10: 3 invoices, ready to be issued" in shown
    assert "Term self-consumed" in shown
    preview = desk.read("preview", "c1", "--from", "2023-10-01", "--until", "2023-11-01")
    run = desk.read("issue", "c1", *MONTH, "--series", "2023")
    assert (run["invoices"], run["total_eur"]) == (3, preview["total_eur"])
    again = desk("issue", "c1", *MONTH, "--series", "2023").out
    assert again.endswith(f"RUN {run['id']}\n")
    assert [each["id"] for each in desk.read("runs", "c1")] == [run["id"]]

    listed = desk.read("list", "c1")
    assert [each["number"] for each in listed] == ["2023-000001", "2023-000002", "2023-000003"]
    assert [each["total_eur"] for each in listed] == [
        each["total_eur"] for each in preview["invoices"]
    ]
    only = desk.read("list", "c1", "--member", "M2", "--issuer", "F12345674", "--standing")
    assert [each["number"] for each in only] == ["2023-000002"]
    table = desk("list", "c1").out
    assert "Payer 1" in table
    (total,) = [line.split() for line in table.splitlines() if "total" in line]
    assert total[-1] == preview["total_eur"]
    assert desk.refuse("list", "c1", "--member", "M9").code == 2
    assert desk.refuse("list", "c1", "--issuer", "B12345674").code == 2

    invoice = desk.read("show", "2023-000002")
    assert (invoice["member"], invoice["cups"]) == ("M2", desk.billed.stored.points[1].cups)
    assert invoice["qr"].startswith("https://www2.agenciatributaria.gob.es/")
    by_id = desk("show", invoice["id"]).out
    assert f"SHA-256 {invoice['records'][0]['sha256']}" in by_id
    assert desk("verify").out == "F12345674 3 records sound\n"
    run = desk.refuse("show", "2023-000009")
    assert (run.code, run.err) == (2, "error: there is no invoice '2023-000009'\n")
    assert desk.refuse("show", "00000000-0000-0000-0000-000000000001").code == 2


def test_an_unusual_bill_is_held_until_it_was_looked_at(desk):
    cups = desk.billed.stored.points[0].cups
    desk.billed.add_plan("dear", [term(BillingBasis.FIXED, "1000")])
    desk("unsubscribe", cups, "--until", "2023-10-01")
    desk("subscribe", "c1", "dear", "--from", "2023-10-01", "--cups", cups)
    shown = desk("preview", "c1", *MONTH).out
    assert "3 invoices, ready but for the bills that are held" in shown
    arguments = ("c1", *MONTH, "--series", "2023")
    run = desk.refuse("issue", *arguments)
    assert (run.code, f"{cups}: 1210.00 EUR instead of about" in run.err) == (2, True)
    assert desk.refuse("issue", *arguments, "--due-days", 400).code == 2
    assert desk.read("issue", *arguments, "--looked-at", cups)["invoices"] == 3


def test_some_supply_points_are_billed_before_the_others(desk):
    cups = desk.billed.stored.points[1].cups
    arguments = ("c1", *MONTH, "--series", "2023")
    assert desk.read("issue", *arguments, "--cups", cups)["invoices"] == 1
    run = desk.refuse("issue", *arguments)
    assert (run.code, f"billed_already {cups}" in run.err) == (2, True)


def test_nothing_is_issued_by_software_that_does_not_say_what_it_is(desk, monkeypatch):
    monkeypatch.delenv("REPARTO_BILLING_INSTALLATION")
    run = desk.refuse("issue", "c1", *MONTH, "--series", "2023")
    assert (run.code, run.err.endswith("set REPARTO_BILLING_INSTALLATION\n")) == (2, True)
    assert desk.billed.rows(Invoice) == []


def test_an_invoice_is_rectified_and_another_cancelled(desk, tmp_path):
    desk("issue", "c1", *MONTH, "--series", "2023")
    lines = tmp_path / "lines.toml"
    lines.write_text("""
[[line]]
charges = "fixed"
description = "Cuota"
quantity = 1
unit = "mes"
price_eur = "3"
tax_percent = 21
""")
    because = ("--because", "charged for a neighbour")
    arguments = ("2023-000001", "--series", "R2023", *because, "--lines", lines)
    made = desk.read("rectify", *arguments, "--by", "substitution", "--reason", "lines")
    assert (made["number"], made["total_eur"]) == ("R2023-000001", "3.63")
    assert (made["rectifies"], made["rectification"]) == ("2023-000001", "substitution")
    assert "rectified by R2023-000001" in desk("show", "2023-000001").out
    heads = {head["number"]: head for head in desk.read("list", "c1")}
    before, after = (heads[key] for key in ("2023-000001", "R2023-000001"))
    change = Decimal("3.63") - Decimal(before["total_eur"])
    assert before["counted"]["total_eur"] == before["total_eur"]
    assert after["counted"]["total_eur"] == str(change)
    standing = [heads[key] for key in ("2023-000002", "2023-000003", "R2023-000001")]
    whole = sum(Decimal(head["total_eur"]) for head in standing)
    (total,) = [line.split() for line in desk("list", "c1").out.splitlines() if "total" in line]
    assert total[-1] == str(whole)
    run = desk.refuse("rectify", *arguments)
    assert (run.code, "says so already" in run.err) == (2, True)
    assert desk.refuse("rectify", *arguments, "--reason", "mood").code == 2
    lines.write_text("[[line]]\ncharges = 'x'")
    run = desk.refuse("rectify", *arguments)
    assert (run.code, "line.1.charges" in run.err) == (2, True)

    assert desk.read("cancel", "2023-000003", *because)["is_cancelled"] is True
    assert "cancelled" in desk("cancel", "2023-000002", *because).out
    assert desk.refuse("cancel", "2023-000002", *because).code == 2
    assert [each["number"] for each in desk.read("list", "c1", "--cancelled")] == [
        "2023-000002",
        "2023-000003",
    ]
    assert len(desk.billed.rows(FiscalRecord)) == 6
    assert desk("verify").out == "F12345674 6 records sound\n"


def test_documents_go_to_a_folder(desk, tmp_path):
    desk.billed.pay(1, offices=("L01461471",) * 3)
    run = desk.read("issue", "c1", *MONTH, "--series", "2023")["id"]
    pdf, xml = tmp_path / "pdf", tmp_path / "xml"
    written = desk("files", "--run", run, "--output", pdf).out
    assert written.splitlines() == [str(pdf / f"2023-00000{place}.pdf") for place in (1, 2, 3)]
    assert all(file.read_bytes().startswith(b"%PDF-") for file in pdf.iterdir())
    assert desk.refuse("files", "--run", run, "--form", "facturae", "--output", xml).code == 0
    assert [file.name for file in xml.iterdir()] == ["2023-000002.xml"]
    english = ("--language", "en", "--output", pdf)
    assert desk("files", "2023-000001", *english).out == f"{pdf / '2023-000001_en.pdf'}\n"
    desk("files", "--run", run, *english)
    assert len(list(pdf.iterdir())) == 6
    assert desk.refuse("files", "2023-000001", "--form", "facturae", "--output", xml).code == 2
    assert desk.refuse("files", "--output", xml).code == 2
    nothing = "00000000-0000-0000-0000-000000000001"
    assert desk.refuse("files", "--run", nothing, "--output", xml).code == 2


def test_a_number_that_two_issuers_have_is_told_apart_by_id(desk):
    with write_session(desk.billed.engine) as session:
        details = replace(ISSUER, tax_number=make_nif(99))
        other = create_issuer(session, promoter_id=desk.billed.owner, details=details)
    cups = desk.billed.stored.points[0].cups
    desk.billed.add_plan("other", [term(BillingBasis.FIXED, "3")], issuer_id=other.id)
    desk("unsubscribe", cups, "--until", "2023-10-16")
    desk("subscribe", "c1", "other", "--from", "2023-10-16", "--cups", cups)
    run = desk.read("issue", "c1", *MONTH, "--series", "2023")
    assert run["invoices"] == 4
    told = desk.refuse("show", "2023-000001")
    assert (told.code, "several issuers have an invoice 2023-000001" in told.err) == (2, True)
    written = desk("files", "--run", run["id"], "--output", "pdf").out.splitlines()
    assert len(set(written)) == 4
    assert len(list(Path("pdf").iterdir())) == 4
