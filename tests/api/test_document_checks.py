"""Others' documents held against ours over GraphQL: typed bills and uploaded files."""

import pytest
from sqlmodel import select

from models import tables
from models.session import read_session
from tests.support.access_invoices import write_invoice
from tests.support.api import bearer
from tests.support.databases import on_sqlite

pytestmark = on_sqlite

BILL = """query ($bill: RetailBillInput!) { checkRetailBill(bill: $bill, lawYear: 2026) {
  start end contract oursEur theirsEur differenceEur agrees
  causes(first: 50) { edges { node { cause tariffPeriod eur taxesEur } } }
  remarks(first: 50) { edges { node { code text } } } } }"""
FILE = """query ($id: ID!) { checkDistributorFile(uploadId: $id) { agrees
  curves { edges { node { cups start end hours missingHours differingHours ourGridKwh theirGridKwh
    ourSurplusKwh theirSurplusKwh cause agreement coefficient shiftHours error } } }
  invoices { edges { node { cups number start end totalEur agrees
    remarks { edges { node { code text } } }
    differences { edges { node { cause tariffPeriod ours theirs unit eur } } } } } } } }"""


@pytest.fixture
def cups(api) -> str:
    with read_session(api.engine) as session:
        point = session.exec(select(tables.SupplyPoint).order_by(tables.SupplyPoint.cups)).first()
    return point.cups


def nodes(connection):
    return [edge["node"] for edge in connection["edges"]]


def type_bill(cups: str, **changed):
    line = {"kind": "ENERGY", "amountEur": "10.00", "quantity": "50", "price": "0.2"}
    return {
        "cups": cups,
        "start": "2023-07-01",
        "end": "2023-08-01",
        "totalEur": "10.00",
        "readings": "ESTIMATED",
        "line": [line | {"start": "2023-07-01", "per": None}],
    } | changed


def send(api, name: str, content: bytes) -> str:
    headers = bearer(api.own) | {"content-type": "application/octet-stream"}
    return api.client.request(
        "POST", f"/uploads?fileName={name}", content=content, headers=headers
    ).json()["id"]


def test_causes_sum_to_the_difference(api, cups) -> None:
    found = api.ask(BILL, bill=type_bill(cups))["checkRetailBill"]
    causes = nodes(found["causes"])

    assert (found["start"], found["theirsEur"], found["agrees"]) == ("2023-07-01", "10.00", False)
    total = sum(round(float(each["eur"]) * 100) for each in causes)
    assert total == round(float(found["differenceEur"]) * 100)
    assert "ENERGY_PRICE" in {each["cause"] for each in causes}
    assert nodes(found["remarks"])[0]["code"] == "theirs-estimated"


def test_a_bill_that_cannot_be_understood_is_an_error(api, cups) -> None:
    wrong = type_bill(cups)
    wrong["line"] = [{"kind": "POWER", "amountEur": "1.00", "percent": "3"}]
    error = api.error(BILL, bill=wrong)

    assert error["extensions"]["code"] == "INVALID_ARGUMENT"
    assert "line.1: percent: a line of power has quantity, price, per, days" in error["message"]


def test_curves_and_invoices_are_told_apart(api, cups) -> None:
    stamps = [f"2023/07/01 {hour:02}:00" for hour in range(1, 24)] + ["2023/07/02 00:00"]
    stranger = "ES0021000000000001RK0F"
    lines = "".join(
        f"{code};{stamp};1;7;0;0;0;0;0;1;1;F1;\n" for code in (cups, stranger) for stamp in stamps
    )
    curves = api.ask(FILE, id=send(api, "A5D_1.0", lines.encode()))["checkDistributorFile"]
    shown = {each["cups"]: each for each in nodes(curves["curves"])}
    invoice = send(api, "f1.xml", write_invoice(cups))
    invoices = api.ask(FILE, id=invoice)["checkDistributorFile"]

    assert not curves["agrees"]
    assert shown[cups]["hours"] == 24
    assert shown[cups]["theirGridKwh"] == 0.168
    assert "no supply point" not in (shown[cups]["error"] or "")
    assert shown[stranger]["error"].startswith("there is no")
    assert nodes(invoices["invoices"])[0]["totalEur"] == "20.09"
    remarks = [each["code"] for each in nodes(nodes(invoices["invoices"])[0]["remarks"])]
    assert remarks == ["shares-unsure", "energy-unknown"]
    assert nodes(nodes(invoices["invoices"])[0]["differences"])


def test_others_reach_neither(api, cups) -> None:
    assert api.error(BILL, bill=type_bill(cups), token=api.other)["extensions"]["code"] == (
        "NOT_FOUND"
    )
    upload = send(api, "f1.xml", write_invoice(cups))
    assert api.error(FILE, id=upload, token=api.other)["extensions"]["code"] == "NOT_FOUND"
