"""Banks' files over GraphQL: small ones at once, large ones in a job, with the same outcome."""

import pytest

from api.clock import now
from models.values.calendar import LAW_CLOCK, local_day
from tests.support.api import bearer
from tests.support.databases import on_sqlite
from tests.support.direct_debits import account_of
from tests.support.invoice_calls import InvoicingApi, billed, invoicing
from tests.support.sepa_messages import entry, statement

__all__ = ["billed", "invoicing"]

pytestmark = on_sqlite

TODAY = local_day(now(), LAW_CLOCK)
REPORT = """{ pendingCount movements { totalCount edges { node {
  kind amountEur text payer nextStep because
  payments { edges { node { id amountEur } } } members { edges { node { code } } }
  invoices { edges { node { number } } }
  suggestion { member { code } invoices { totalCount } } } } } }"""
DONE = f"report {REPORT} job {{ id state }}"
JOB = f"""query ($id: ID!) {{ node(id: $id) {{ ... on JobRun {{ state kind
  result {{ id }} error {{ code message }} bankReport {REPORT} }} }} }}"""


@pytest.fixture
def numbers(invoicing: InvoicingApi) -> list[str]:
    """Issue invoices, and give their numbers."""
    invoicing.billed.issue()
    return [invoice.full_number for invoice in invoicing.list_invoices()]


@pytest.fixture(params=[1_000_000, 10], ids=["at once", "in a job"])
def is_queued(request, monkeypatch) -> bool:
    """Take the file for a small one, or for a large one."""
    module = "api.services.collection.request_bank_file"
    monkeypatch.setattr(f"{module}._MOST_BYTES_AT_ONCE", request.param)
    return bool(request.param == 10)


def send(invoicing: InvoicingApi, content: bytes) -> dict[str, str]:
    """Upload a file, and give what its import takes."""
    headers = bearer(invoicing.api.own) | {"content-type": "application/xml"}
    content = content.replace(b"2026-12-09", TODAY.isoformat().encode())
    upload = invoicing.api.client.request("POST", "/uploads", content=content, headers=headers)
    issuers = invoicing.api.ask("{ invoiceIssuers { edges { node { id } } } }")["invoiceIssuers"]
    return {"issuerId": issuers["edges"][0]["node"]["id"], "uploadId": upload.json()["id"]}


def book(invoicing: InvoicingApi, wish: dict[str, str], is_queued: bool) -> dict:
    """Import a file, and give the report, whoever made it."""
    done = invoicing.do("importBankFile", DONE, **wish)
    if not is_queued:
        assert done["job"] is None
        return done["report"]
    assert (done["report"], done["job"]["state"]) == (None, "QUEUED")
    again = invoicing.do("importBankFile", DONE, **wish)
    assert (again["job"]["id"], invoicing.api.drain()) == (done["job"]["id"], 1)
    job = invoicing.api.ask(JOB, id=done["job"]["id"])["node"]
    assert (job["state"], job["kind"]) == ("SUCCEEDED", "IMPORT_BANK_FILE")
    assert (job["error"], job["result"]) == (None, {"id": wish["issuerId"]})
    last = invoicing.do("importBankFile", DONE, **wish)["job"]
    assert last == {"id": done["job"]["id"], "state": "SUCCEEDED"}
    return job["bankReport"]


def nodes(connection: dict) -> list[dict]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_file_tells_the_same_either_way(invoicing, numbers, is_queued):
    text = f"<TxDtls><RmtInf><Ustrd>Fra {numbers[1]}</Ustrd></RmtInf></TxDtls>"
    both = f"<TxDtls><RmtInf><Ustrd>{numbers[0]} {numbers[1]}</Ustrd></RmtInf></TxDtls>"
    content = statement(
        [
            entry("5.00", details=text),
            entry("5.00"),
            entry("7.00", details=both),
            entry("9.00", "DBIT"),
        ]
    )
    report = book(invoicing, send(invoicing, content), is_queued)
    paid, unknown, several, left = nodes(report["movements"])
    member = next(
        each.code
        for each in invoicing.billed.stored.members
        if each.id == invoicing.list_invoices()[1].member_id
    )
    assert (report["pendingCount"], paid["kind"], paid["because"]) == (0, "TRANSFER", None)
    assert nodes(paid["invoices"]) == [{"number": numbers[1]}]
    assert nodes(paid["members"]) == [{"code": member}]
    assert nodes(paid["payments"])[0]["amountEur"] == "5.00"
    assert (unknown["kind"], unknown["because"]) == ("UNKNOWN", "NOTHING_NAMED")
    assert (nodes(unknown["invoices"]), nodes(unknown["members"])) == ([], [])
    assert unknown["suggestion"] is None
    assert (several["kind"], several["because"]) == ("UNKNOWN", "SEVERAL_MEMBERS")
    assert (left["kind"], left["because"]) == ("NOT_BOOKED", "NOTHING_NAMED")

    again = book(invoicing, send(invoicing, content), is_queued)
    first, *_ = nodes(again["movements"])
    assert (first["kind"], nodes(first["invoices"])) == ("KNOWN", [{"number": numbers[1]}])
    payments = [nodes(each["payments"]) for each in nodes(report["movements"])]
    assert [nodes(each["payments"]) for each in nodes(again["movements"])] == payments


def test_who_paid_from_an_account_before_is_suggested(invoicing, numbers):
    account = f"<DbtrAcct><Id><IBAN>{account_of(9).reveal()}</IBAN></Id></DbtrAcct>"
    paid = "<TxDtls><RltdPties>{}</RltdPties><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
    entries = [entry("1.00", details=paid.format(account, numbers[0]))]
    book(invoicing, send(invoicing, statement(entries)), is_queued=False)
    entries = [entry("2.00", details=paid.format(account, "again"))]
    report = book(invoicing, send(invoicing, statement(entries)), is_queued=False)
    (unknown,) = nodes(report["movements"])
    payer = invoicing.list_invoices()[0].member_id
    code = {member.id: member.code for member in invoicing.billed.stored.members}[payer]
    assert unknown["suggestion"] == {"member": {"code": code}, "invoices": {"totalCount": 0}}


def test_what_cannot_be_read_is_told_at_once(invoicing, numbers):
    (error,) = invoicing.call("importBankFile", DONE, **send(invoicing, b"<html/>"))["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_DATA", ["input"])


def test_a_file_that_was_booked_at_once_is_gone(invoicing, numbers):
    wish = send(invoicing, statement([entry("5.00")]))
    book(invoicing, wish, is_queued=False)
    (error,) = invoicing.call("importBankFile", DONE, **wish)["userErrors"]
    assert error["path"] == ["input", "uploadId"]


def test_what_cannot_be_read_is_told_by_the_job(invoicing, numbers, monkeypatch):
    module = "api.services.collection.request_bank_file"
    monkeypatch.setattr(f"{module}._MOST_BYTES_AT_ONCE", 1)
    wish = send(invoicing, b"<html/>")
    job = invoicing.do("importBankFile", DONE, **wish)["job"]
    assert invoicing.api.drain() == 1
    told = invoicing.api.ask(JOB, id=job["id"])["node"]
    assert (told["state"], told["bankReport"]) == ("FAILED", None)
    assert told["error"]["code"] == "INVALID_DATA"
    again = invoicing.do("importBankFile", DONE, **wish)["job"]
    assert (again["id"] != job["id"], again["state"]) == (True, "QUEUED")


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"issuerId": "x"}, "issuerId"),
        ({"uploadId": "x"}, "uploadId"),
        ({"mapping": "="}, "mapping"),
    ],
)
def test_what_is_wrong_is_told_before_any_job(invoicing, numbers, more, path):
    wish = send(invoicing, statement([entry("5.00")])) | more
    payload = invoicing.call("importBankFile", DONE, **wish)
    assert [error["path"] for error in payload["userErrors"]] == [["input", path]]
    assert (payload["report"], payload["job"]) == (None, None)
