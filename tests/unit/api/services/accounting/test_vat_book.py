"""What a substitution changes, rate by rate."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from api.services.accounting.vat_book import list_vat_rows
from models.repositories.accounts import TaxRow
from models.tables import InvoiceTax
from models.values.invoicing import Exemption, InvoiceKind, Rectification, TaxKind

FIRST, SECOND = UUID(int=1), UUID(int=2)


def state(tax, percent, base, quota, exemption=None, cancelled_at=None):
    return TaxRow(
        SECOND, "F12345674", "R", "R-1", InvoiceKind.RECTIFIED_OTHERWISE, date(2024, 1, 2),
        date(2024, 1, 1), Rectification.SUBSTITUTION, "2023-1", {}, {"corrects": [str(FIRST)]},
        tax, percent, base, quota, exemption, cancelled_at,
    )  # fmt: skip


def replace(tax, percent, base, quota):
    return InvoiceTax(
        invoice_id=FIRST, tax=tax, tax_percent=percent, base_cents=base, quota_cents=quota
    )


def test_a_rate_that_is_gone_is_taken_back_and_one_that_is_new_is_added():
    stated = [
        state(TaxKind.VAT, "21.0", 700, 147),
        state(TaxKind.VAT, "0", 300, 0, Exemption.NOT_SUBJECT),
    ]
    replaced = {FIRST: [replace(TaxKind.VAT, "21", 1000, 210), replace(TaxKind.IGIC, "7", 200, 14)]}
    rows = [
        (row.rate.tax, row.rate.percent, row.base_cents, row.quota_cents)
        for row in list_vat_rows(stated, replaced)
    ]
    assert rows == [
        (TaxKind.VAT, Decimal(21), -300, -63),
        (TaxKind.VAT, Decimal(0), 300, 0),
        (TaxKind.IGIC, Decimal(7), -200, -14),
    ]


def test_a_cancelled_substitution_changes_nothing():
    stated = [state(TaxKind.VAT, "21", 700, 147, cancelled_at="2024-01-03T10:00:00+01:00")]
    replaced = {FIRST: [replace(TaxKind.VAT, "21", 1000, 210), replace(TaxKind.IGIC, "7", 200, 14)]}
    (row,) = list_vat_rows(stated, replaced)
    assert (row.rate.percent, row.base_cents, row.quota_cents) == (Decimal(21), 0, 0)
