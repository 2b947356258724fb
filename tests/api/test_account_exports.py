"""Accounts over GraphQL: a job makes an archive, which is kept for a week."""

import io
from datetime import timedelta
from zipfile import ZipFile

import openpyxl
import pytest

from api.clock import now
from api.graphql.node import read_global_id, write_global_id
from api.services.accounting.export_accounts import sweep_exports
from models import tables
from tests.support.databases import on_sqlite
from tests.support.invoice_calls import billed, invoicing

pytestmark = on_sqlite
__all__ = ["billed", "invoicing"]

DAYS = {"start": "2023-10-01", "end": "2100-01-01"}
JOB = "job { id state download }"


def find_job(api, key):
    query = "query ($id: ID!) { node(id: $id) { ... on JobRun { state download } } }"
    return api.ask(query, id=key)["node"]


def test_an_archive_of_a_community(invoicing):
    api = invoicing.api
    invoicing.issue()
    wish = {"communityId": invoicing.community, "idempotencyKey": "x", "language": "CA", **DAYS}
    jobs = [invoicing.do("exportAccounts", JOB, **wish)["job"] for _ in range(2)]
    assert jobs[0] == jobs[1] == {"id": jobs[0]["id"], "state": "QUEUED", "download": None}
    assert api.drain() == 1
    done = find_job(api, jobs[0]["id"])
    assert done["state"] == "SUCCEEDED"
    answer = api.get(done["download"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    archive = ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.namelist()[:3] == ["accounts.xlsx", "invoices.csv", "lines.csv"]
    book = openpyxl.load_workbook(io.BytesIO(archive.read("accounts.xlsx")))
    assert book.sheetnames[0] == "Resum"
    n_invoices = len(invoicing.list_invoices())
    assert book["Factures"].max_row == n_invoices + 2
    assert archive.read("invoices.csv").count(b"\r\n") == n_invoices + 1

    assert api.get(done["download"], token=api.other).status_code == 404
    assert api.get("/account-exports/x/accounts.zip").status_code == 404


def test_an_archive_of_an_issuer_until_it_is_removed(invoicing):
    api = invoicing.api
    invoicing.issue()
    issuer = write_global_id(tables.InvoiceIssuer, invoicing.list_invoices()[0].issuer_id)
    wish = {"issuerId": issuer, "dialect": "PLAIN", **DAYS}
    job = invoicing.do("exportAccounts", "job { id }", **wish)["job"]
    assert api.drain() == 1
    address = find_job(api, job["id"])["download"]
    archive = ZipFile(io.BytesIO(api.get(address).content))
    assert archive.read("invoices.csv").startswith(b"number,issued_on,kind,")
    data_dir = api.app.state.settings.data_dir
    sweep_exports(data_dir, now=now() + timedelta(days=6))
    assert api.get(address).status_code == 200
    sweep_exports(data_dir, now=now() + timedelta(days=8))
    answer = api.get(address)
    assert (answer.status_code, "export it again" in answer.text) == (404, True)


def test_an_archive_that_is_not_made_yet(invoicing):
    wish = {"communityId": invoicing.community, **DAYS}
    job = invoicing.do("exportAccounts", "job { id }", **wish)["job"]
    _, key = read_global_id(job["id"])
    answer = invoicing.api.get(f"/account-exports/{key}/accounts.zip")
    assert (answer.status_code, "the export is queued" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"communityId": "x"}, "NOT_FOUND", "input.communityId"),
        ({"issuerId": "x"}, "NOT_FOUND", "input.issuerId"),
        ({}, "INVALID_ARGUMENT", "input"),
        ({"end": "2023-10-01"}, "INVALID_DATA", "input.end"),
        ({"idempotencyKey": ""}, "INVALID_ARGUMENT", "input.idempotencyKey"),
    ],
)
def test_refusals(invoicing, given, code, path):
    # Where an input is wrong, what is left of the wish is right.
    community = {"communityId": invoicing.community} if given else {}
    found = invoicing.refuse("exportAccounts", "job", **(DAYS | community | given))
    assert found[:2] == (code, path)
