"""Exports of invoices: what was issued, line by line, and sums by month."""

import csv
import io
import json
from collections import defaultdict
from decimal import Decimal
from zipfile import ZipFile

import pandas as pd

from models.values.money import from_cents
from tests.support.data_exports import fetch, make
from tests.support.databases import on_sqlite
from tests.support.invoice_calls import billed, invoicing

pytestmark = on_sqlite
__all__ = ["billed", "invoicing"]

WISH = {"subject": "INVOICES", "start": "2020-01-01", "end": "2029-12-31"}


def test_invoices_and_their_lines(invoicing):
    invoicing.issue()
    issued = invoicing.list_invoices()
    totals = {row.full_number: from_cents(row.total_cents) for row in issued}
    api = invoicing.api

    archive = ZipFile(io.BytesIO(fetch(api, make(api, perMember=True, **WISH)).content))
    assert archive.namelist() == ["invoices.csv", "lines.csv"]
    rows = list(csv.DictReader(io.StringIO(archive.read("invoices.csv").decode())))
    assert {row["number"]: Decimal(row["total_eur"]) for row in rows} == totals
    lines = list(csv.DictReader(io.StringIO(archive.read("lines.csv").decode())))
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line["number"]] += Decimal(line["base_eur"])
    assert nets == {row.full_number: from_cents(row.net_cents) for row in issued}

    answer = fetch(api, make(api, perMember=True, **WISH | {"format": "JSON"}))
    tables = {table["name"]: table for table in json.loads(answer.content)["tables"]}
    keys = [column["key"] for column in tables["invoices"]["columns"]]
    told = [dict(zip(keys, row, strict=True)) for row in tables["invoices"]["rows"]]
    assert {row["number"]: Decimal(row["total_eur"]) for row in told} == totals
    assert len(tables["lines"]["rows"]) == len(lines)

    answer = fetch(api, make(api, perMember=True, **WISH | {"format": "PARQUET"}))
    packed = ZipFile(io.BytesIO(answer.content))
    frame = pd.read_parquet(io.BytesIO(packed.read("invoices.parquet")))
    assert dict(zip(frame["number"], frame["total_eur"], strict=True)) == totals


def test_sums_by_month(invoicing):
    invoicing.issue()
    issued = invoicing.list_invoices()
    api = invoicing.api
    (row,) = csv.DictReader(io.StringIO(fetch(api, make(api, **WISH)).text))
    assert row["first_day"] == f"{issued[0].issued_on:%Y-%m}-01"
    assert int(row["invoice_count"]) == len(issued)
    assert Decimal(row["total_eur"]) == from_cents(sum(each.total_cents for each in issued))
    assert row["counted_eur"] == row["total_eur"]
