"""Invoices issued together: numbered, sealed, chained, and once."""

from decimal import Decimal

import pytest
from sqlmodel import col

from api.services.invoices.billing_faults import MissingKind, UnreadyRunError
from api.services.invoices.issue_billing_run import SameKeyError
from loaders.verifactu.chain import verify_chain
from models.tables import (
    AllocatedEnergy,
    BilledEnergy,
    BilledPeriod,
    BillingRun,
    FiscalRecord,
    Invoice,
    InvoiceLine,
    InvoiceSeries,
    InvoiceTax,
    MonthAllocation,
)
from tests.support.billing import OCTOBER

MILLION = 1_000_000


def test_a_month_by_hand(billed):
    run = billed.issue()
    invoices = billed.rows(Invoice, col(Invoice.number))
    assert [each.full_number for each in invoices] == ["2023-000001", "2023-000002", "2023-000003"]
    (month,) = billed.rows(MonthAllocation)
    parts = {part.supply_point_id: part for part in billed.rows(AllocatedEnergy)}
    energy = {row.invoice_id: row for row in billed.rows(BilledEnergy)}
    total = 0
    for invoice in invoices:
        part, row = parts[invoice.supply_point_id], energy[invoice.id]
        exact = Decimal(part.self_consumed_micro_wh) / MILLION
        assert abs(row.self_consumed_wh - exact) < 1
        lines = [line for line in billed.rows(InvoiceLine) if line.invoice_id == invoice.id]
        nets = [
            round(Decimal(row.self_consumed_wh) * 8, -3) / 1000,
            round(Decimal(row.surplus_wh) * Decimal("0.35"), -3) / 1000,
            Decimal(300),
        ]
        assert [line.net_cents for line in lines] == [int(net) for net in nets]
        (tax,) = [tax for tax in billed.rows(InvoiceTax) if tax.invoice_id == invoice.id]
        assert tax.base_cents == sum(line.net_cents for line in lines) == invoice.net_cents
        assert invoice.total_cents == tax.base_cents + tax.quota_cents
        total += invoice.total_cents
    billed_wh = sum(row.self_consumed_wh + row.surplus_wh for row in energy.values())
    assert billed_wh == month.generation_wh
    assert (run.invoice_count, run.total_cents) == (3, total)
    (series,) = billed.rows(InvoiceSeries)
    assert series.last_number == 3
    assert {(row.valid_from, row.valid_until) for row in billed.rows(BilledPeriod)} == {
        (OCTOBER.start, OCTOBER.end)
    }


def test_records_make_a_chain(billed):
    billed.issue()
    records = billed.rows(FiscalRecord, col(FiscalRecord.position))
    assert [record.position for record in records] == [1, 2, 3]
    report = verify_chain(record.content for record in records)
    assert (report.n_sound, report.fault) == (3, None)


def test_the_same_key_is_the_same_run(billed):
    first = billed.issue()
    assert billed.issue().id == first.id
    assert len(billed.rows(Invoice)) == 3
    with pytest.raises(SameKeyError):
        billed.issue(series="other")


def test_nothing_is_billed_twice(billed):
    billed.issue()
    with pytest.raises(UnreadyRunError) as caught:
        billed.issue("again")
    assert [each.kind for each in caught.value.missing] == [MissingKind.BILLED_ALREADY] * 3
    assert len(billed.rows(BillingRun)) == 1
