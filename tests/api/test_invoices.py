"""Billing runs and invoices over GraphQL: previewed, issued, corrected, and handed out."""

import io
from decimal import Decimal
from zipfile import ZipFile

import pytest

from models import tables
from tests.support.databases import on_sqlite
from tests.support.invoice_calls import OCTOBER_DAYS, InvoicingApi, billed, invoicing

__all__ = ["billed", "invoicing"]

pytestmark = on_sqlite

PREVIEW = """query ($id: ID!, $start: Date!, $end: Date!, $cups: [Cups!]) {
  previewBillingRun(communityId: $id, start: $start, end: $end, cups: $cups) {
    isReady totalEur
    missing { edges { node { kind subject since because remedy } } }
    held { edges { node { cups totalEur usualEur } } }
    invoices { totalCount edges { node {
      supplyPoint { cups member { code } } payer { name taxNumber } issuer { taxNumber }
      selfConsumedKwh surplusKwh netEur totalEur
      lines { edges { node { charges description quantity unit priceEur netEur tax taxPercent } } }
      taxes { edges { node { tax taxPercent baseEur quotaEur exemptBecause } } } } } } } }"""
INVOICE = """number series kind issuedOn dueOn periodStart periodEnd netEur taxEur totalEur
  description selfConsumedKwh surplusKwh isCancelled qrAddress language
  plants { edges { node { cau } } } issuer { taxNumber name town }
  recipient { taxNumber name postalCode province address }
  issuerNow { taxNumber } member { code } supplyPoint { cups } run { invoiceCount }
  lines { edges { node { position charges description quantity unit priceEur netEur taxPercent } } }
  taxes { edges { node { tax taxPercent baseEur quotaEur exemption exemptBecause } } }
  rectification rectifiedBecause rectifies { number } rectifiedBy { edges { node { number } } }
  fiscalRecords { edges { node { kind position generatedAt sha256 previousSha256 because } } }
  files { edges { node { kind language fileName sizeBytes download } } }"""
LIST = """query ($where: InvoiceFilterInput, $first: Int, $after: String) {
  invoices(where: $where, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id number } } } }"""


def nodes(connection):
    return [edge["node"] for edge in connection["edges"]]


def read(invoicing: InvoicingApi, row: tables.Invoice):
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Invoice {{ {INVOICE} }} }} }}"
    return invoicing.api.ask(query, id=invoicing.id_of(row))["node"]


def numbers(invoicing: InvoicingApi, **where):
    return [node["number"] for node in nodes(invoicing.api.ask(LIST, where=where)["invoices"])]


def test_a_preview_is_what_the_run_issues_and_stores_nothing(invoicing):
    asked = {"id": invoicing.community} | OCTOBER_DAYS
    shown = invoicing.api.ask(PREVIEW, **asked)["previewBillingRun"]
    assert (shown["isReady"], shown["missing"], shown["held"]) == (
        True,
        {"edges": []},
        {"edges": []},
    )
    assert invoicing.list_invoices() == []
    first = nodes(shown["invoices"])[0]
    assert first["supplyPoint"]["member"] == {"code": "M1"}
    assert first["payer"] == {"name": "Payer 0", "taxNumber": "00000010X"}
    line = nodes(first["lines"])[0]
    assert line["charges"] == "SELF_CONSUMED"
    assert line["priceEur"] == "0.08"
    assert Decimal(line["quantity"]) == Decimal(str(first["selfConsumedKwh"]))

    run = invoicing.issue()["run"]
    assert run["totalEur"] == shown["totalEur"]
    issued = [read(invoicing, row) for row in invoicing.list_invoices()]
    drafts = nodes(shown["invoices"])
    assert [each["totalEur"] for each in issued] == [each["totalEur"] for each in drafts]
    assert [each["netEur"] for each in issued] == [each["netEur"] for each in drafts]


def test_a_preview_lists_what_is_missing_and_the_run_refuses_with_the_same(invoicing):
    november = {"start": "2023-11-01", "end": "2023-12-01"}
    shown = invoicing.api.ask(PREVIEW, id=invoicing.community, **november)["previewBillingRun"]
    missing = {
        "kind": "NOT_ALLOCATED",
        "subject": invoicing.billed.stored.installation.cau,
        "since": "2023-11-01",
        "because": None,
        "remedy": "import its readings and share the month out",
    }
    assert nodes(shown["missing"]) == [missing]
    payload = invoicing.issue("run { id } missing { edges { node { kind since } } }", **november)
    assert payload["run"] is None
    assert nodes(payload["missing"]) == [{"kind": "NOT_ALLOCATED", "since": "2023-11-01"}]
    assert [error["code"] for error in payload["userErrors"]] == ["CONFLICT"]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"end": "2023-10-15"}, "INVALID_ARGUMENT", "input.start"),
        ({"series": "a b"}, "INVALID_DATA", "input"),
        ({"communityId": "x"}, "NOT_FOUND", "input.communityId"),
        ({"cups": ["ES0000000000000101GD0F"]}, "NOT_FOUND", "input.cups"),
        ({"dueDays": 400}, "INVALID_ARGUMENT", "input"),
        ({"idempotencyKey": ""}, "INVALID_DATA", "input"),
    ],
)
def test_runs_that_make_no_sense_are_refused_by_their_input(invoicing, given, code, path):
    payload = invoicing.issue("run { id }", **given)
    (error,) = payload["userErrors"]
    assert (error["code"], ".".join(error["path"])) == (code, path)
    assert invoicing.list_invoices() == []


def test_nothing_is_issued_by_software_that_does_not_say_what_it_is(invoicing):
    settings = invoicing.api.settings
    invoicing.api.app.state.settings = settings.model_copy(update={"billing_producer_nif": None})
    payload = invoicing.issue("run { id }")
    (error,) = payload["userErrors"]
    assert (error["__typename"], error["code"]) == ("UnavailableUserError", "UNAVAILABLE")
    assert error["message"].endswith("set REPARTO_BILLING_PRODUCER_NIF")


def test_a_run_is_the_same_by_its_key_and_another_wish_under_it_is_refused(invoicing):
    first, again = invoicing.issue()["run"], invoicing.issue()["run"]
    assert first == again
    payload = invoicing.issue(dueDays=30)
    assert [error["path"] for error in payload["userErrors"]] == [["input", "idempotencyKey"]]
    query = """query ($id: ID!) { community(id: $id) { billingRuns { totalCount edges { node {
      id periodStart periodEnd invoiceCount idempotencyKey
      invoices(first: 2) { totalCount edges { node { number } } } } } } } }"""
    runs = invoicing.api.ask(query, id=invoicing.community)["community"]["billingRuns"]
    assert runs["totalCount"] == 1
    (run,) = nodes(runs)
    assert (run["id"], run["periodEnd"], run["idempotencyKey"]) == (first["id"], "2023-11-01", "k")
    assert run["invoices"]["totalCount"] == 3
    assert nodes(run["invoices"]) == [{"number": "2023-000001"}, {"number": "2023-000002"}]


def test_an_invoice_shows_all_that_it_holds(invoicing):
    invoicing.issue()
    stored = invoicing.billed.stored
    first = invoicing.list_invoices()[0]
    shown = read(invoicing, first)
    assert (shown["number"], shown["series"], shown["kind"]) == ("2023-000001", "2023", "FULL")
    assert shown["issuer"] == {
        "taxNumber": "F12345674",
        "name": "Comunitat de la Vall, SCCL",
        "town": "València",
    }
    assert shown["recipient"]["name"] == "Payer 0"
    assert (shown["member"], shown["run"]) == ({"code": "M1"}, {"invoiceCount": 3})
    assert shown["supplyPoint"] == {"cups": stored.points[0].cups}
    assert nodes(shown["plants"]) == [{"cau": stored.installation.cau}]
    assert shown["isCancelled"] is False
    net, tax, total = (Decimal(shown[name]) for name in ("netEur", "taxEur", "totalEur"))
    assert (net + tax, sum(Decimal(each["netEur"]) for each in nodes(shown["lines"]))) == (
        total,
        net,
    )
    (amount,) = nodes(shown["taxes"])
    assert (amount["tax"], amount["baseEur"], amount["exemption"]) == ("VAT", str(net), None)
    (record,) = nodes(shown["fiscalRecords"])
    assert (record["kind"], record["position"], record["previousSha256"]) == (
        "REGISTRATION",
        1,
        None,
    )
    issued_on = first.issued_on.strftime("%d-%m-%Y")
    assert shown["qrAddress"] == (
        "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQRNoVerifactu?nif=F12345674"
        f"&numserie=2023-000001&fecha={issued_on}&importe={total}"
    )


def test_invoices_are_paged_and_filtered(invoicing):
    invoicing.issue()
    page = invoicing.api.ask(LIST, first=2)["invoices"]
    assert page["totalCount"] == 3
    rest = invoicing.api.ask(LIST, first=2, after=page["pageInfo"]["endCursor"])["invoices"]
    assert [node["number"] for node in nodes(page) + nodes(rest)] == [
        "2023-000001",
        "2023-000002",
        "2023-000003",
    ]
    assert rest["pageInfo"]["hasNextPage"] is False
    second = invoicing.list_invoices()[1]
    cancel = {"invoiceId": invoicing.id_of(second), "because": "to nobody"}
    invoicing.do("cancelInvoice", "invoice { id }", **cancel)
    member = invoicing.id_of(invoicing.billed.stored.members[2])
    assert numbers(invoicing, memberId=member) == ["2023-000003"]
    assert numbers(invoicing, isCancelled=True) == ["2023-000002"]
    assert numbers(invoicing, isCancelled=False, communityId=invoicing.community) == [
        "2023-000001",
        "2023-000003",
    ]
    assert len(numbers(invoicing, series="2023", kind="FULL")) == 3
    assert numbers(invoicing, series="R") == numbers(invoicing, kind="SIMPLIFIED") == []
    assert numbers(invoicing, issuerId="x") == numbers(invoicing, memberId=invoicing.community)
    assert numbers(invoicing, periodFrom="2023-11-01") == []
    assert numbers(invoicing, periodUntil="2023-10-01") == []
    assert len(numbers(invoicing, periodFrom="2023-10-31", periodUntil="2023-10-02")) == 3
    error = invoicing.api.error(LIST, first=101)
    assert error["extensions"]["code"] == "INVALID_ARGUMENT"


def test_a_rectified_invoice_is_traced_both_ways(invoicing):
    invoicing.issue()
    first = invoicing.list_invoices()[0]
    line = {
        "charges": "FIXED",
        "description": "Cuota",
        "quantity": "1",
        "unit": "mes",
        "priceEur": "3.005",
        "taxPercent": "21",
    }
    wish = {
        "invoiceId": invoicing.id_of(first),
        "method": "SUBSTITUTION",
        "series": "R2023",
        "reason": "LINES",
        "because": "charged for energy of a neighbour",
        "lines": [line],
    }
    made = invoicing.do("rectifyInvoice", f"invoice {{ {INVOICE} }}", **wish)["invoice"]
    assert (made["number"], made["kind"], made["totalEur"]) == (
        "R2023-000001",
        "RECTIFIED_OTHERWISE",
        "3.64",
    )
    assert (made["rectifies"], made["rectification"]) == (
        {"number": "2023-000001"},
        "SUBSTITUTION",
    )
    assert nodes(read(invoicing, first)["rectifiedBy"]) == [{"number": "R2023-000001"}]
    again = wish | {"series": "2023", "lines": [line | {"quantity": "2"}]}
    refused = invoicing.refuse("rectifyInvoice", "invoice", **again)
    assert refused[:2] == ("CONFLICT", "input.series")


@pytest.mark.parametrize(
    ("given", "code", "path", "told"),
    [
        ({"invoiceId": "x"}, "NOT_FOUND", "input.invoiceId", "there is no such invoice"),
        ({}, "CONFLICT", "input.invoiceId", "says so already"),
        (
            {"lines": [{"quantity": "many"}]},
            "INVALID_ARGUMENT",
            "input.lines",
            "line.1.quantity",
        ),
    ],
)
def test_rectifications_that_make_no_sense_are_refused(invoicing, given, code, path, told):
    invoicing.issue()
    first = invoicing.list_invoices()[0]
    line = {
        "charges": "FIXED",
        "description": "x",
        "unit": "mes",
        "priceEur": "1",
        "taxPercent": "21",
    }
    wish = {
        "invoiceId": invoicing.id_of(first),
        "method": "DIFFERENCE",
        "series": "R2023",
        "reason": "LINES",
        "because": "x",
    } | given
    if "lines" in wish:
        wish["lines"] = [line | each for each in wish["lines"]]
    refused = invoicing.refuse("rectifyInvoice", "invoice", **wish)
    assert refused[:2] == (code, path)
    assert told in refused[2]


def test_a_cancelled_invoice_says_so_and_cannot_be_cancelled_again(invoicing):
    invoicing.issue()
    first = invoicing.list_invoices()[0]
    wish = {"invoiceId": invoicing.id_of(first), "because": "to nobody"}
    done = invoicing.do("cancelInvoice", f"invoice {{ {INVOICE} }}", **wish)["invoice"]
    assert done["isCancelled"] is True
    record = nodes(done["fiscalRecords"])[-1]
    assert (record["kind"], record["position"], record["because"]) == (
        "CANCELLATION",
        4,
        "to nobody",
    )
    code, path, _ = invoicing.refuse("cancelInvoice", "invoice", **wish)
    assert (code, path) == ("CONFLICT", "input.invoiceId")
    query = """{ verifyInvoiceChain { edges { node { isSound soundRecords findings { totalCount }
      issuer { taxNumber } } } } invoiceIssuers { edges { node { name } } } }"""
    answer = invoicing.api.ask(query)
    assert nodes(answer["verifyInvoiceChain"]) == [
        {
            "isSound": True,
            "soundRecords": 4,
            "findings": {"totalCount": 0},
            "issuer": {"taxNumber": "F12345674"},
        }
    ]
    assert nodes(answer["invoiceIssuers"]) == [{"name": "Comunitat de la Vall, SCCL"}]


def test_documents_are_made_kept_and_downloaded(invoicing):
    invoicing.issue()
    key = invoicing.id_of(invoicing.list_invoices()[0])
    shown = "file { kind language fileName sha256 sizeBytes download }"
    made = [
        invoicing.do("generateInvoiceFile", shown, invoiceId=key, kind="PDF", **more)["file"]
        for more in ({}, {}, {"language": "EN"})
    ]
    # The link says until when it opens the file, by the second.
    first, again = ({**each, "download": None} for each in made[:2])
    assert first == again
    assert [each["fileName"] for each in made[1:]] == ["2023-000001.pdf", "2023-000001_en.pdf"]
    answer = invoicing.api.get(made[0]["download"])
    assert answer.headers["content-type"] == "application/pdf"
    assert (answer.content[:5], len(answer.content)) == (b"%PDF-", made[0]["sizeBytes"])
    assert invoicing.api.get(made[0]["download"], token=invoicing.api.other).status_code == 404
    assert invoicing.api.get("/invoice-files/x").status_code == 404
    wish = {"invoiceId": key, "kind": "FACTURAE"}
    errors = invoicing.call("generateInvoiceFile", "file { kind }", **wish)["userErrors"]
    assert [(error["code"], error["path"]) for error in errors] == [
        ("CONFLICT", ["input", "invoiceId"])
    ]


def test_a_run_is_rendered_by_a_job_and_comes_as_one_archive(invoicing):
    run = invoicing.issue("run { id download }")["run"]
    api = invoicing.api
    answer = api.get(run["download"])
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        409,
        "CONFLICT",
    )
    wish = {"runId": run["id"], "idempotencyKey": "pdf"}
    jobs = [invoicing.do("renderInvoices", "job { id kind }", **wish)["job"] for _ in range(2)]
    assert jobs[0] == jobs[1]
    assert api.drain() == 1
    query = """query ($id: ID!) { node(id: $id) { ... on JobRun { state progress
      result { ... on BillingRun { invoiceCount } } } } }"""
    done = api.ask(query, id=jobs[0]["id"])["node"]
    assert done == {"state": "SUCCEEDED", "progress": 1.0, "result": {"invoiceCount": 3}}
    archive = ZipFile(io.BytesIO(api.get(run["download"]).content))
    assert archive.namelist() == ["2023-000001.pdf", "2023-000002.pdf", "2023-000003.pdf"]
    assert all(archive.read(name).startswith(b"%PDF-") for name in archive.namelist())
    assert archive.testzip() is None
    assert api.get(run["download"], token=api.other).status_code == 404
    refused = invoicing.call("renderInvoices", "job { id }", runId="x")["userErrors"]
    assert [error["path"] for error in refused] == [["input", "runId"]]
