"""Invoices of access: what a real one states, and what is refused."""

from decimal import Decimal

import pytest

from loaders.decoding import UnreadableFileError
from loaders.distributor_invoice.invoice_reader import (
    FaultyInvoiceError,
    ForeignMessageError,
    read_distributor_invoices,
)
from tests.support.access_invoices import write_invoice
from tests.support.shared_data import shared_data_folder

CUPS = "ES0021000000000001RK0F"


def test_an_invoice_of_self_consumption_is_read() -> None:
    invoice = read_distributor_invoices(write_invoice(CUPS, cau="x", beta="0.25"))[0]

    assert (invoice.cups, invoice.cau, invoice.tariff_code) == (CUPS, "x", "018")
    assert invoice.generated.rows[0].beta == Decimal("0.25")
    assert (invoice.generated.total, invoice.self_consumed.total) == (
        Decimal("77.5"),
        Decimal("15.5"),
    )
    assert invoice.surplus.total == Decimal(62)
    assert invoice.charges.total == Decimal("2.82")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"<NumeroDias>31<", b"<NumeroDias>many<", "Periodo/NumeroDias: 'many' is no number"),
        (b"2026-02-03", b"2026-02-30", "is no date"),
        (b">20.09<", b"><", "ImporteTotalFactura: nothing is no number"),
        (b">20.09<", b">1E+99<", "is no number of at most 12 decimals"),
        (b">20.09<", b">NaN<", "is no number of at most 12 decimals"),
    ],
)
def test_every_fault_is_told(old: bytes, new: bytes, told: str) -> None:
    with pytest.raises(FaultyInvoiceError) as caught:
        read_distributor_invoices(write_invoice(CUPS).replace(old, new, 1))

    assert told in str(caught.value)
    assert len(caught.value.faults) == 1


def test_foreign_documents_are_refused() -> None:
    with pytest.raises(ForeignMessageError):
        read_distributor_invoices(b"<a/>")
    with pytest.raises(ForeignMessageError):
        read_distributor_invoices(write_invoice(CUPS).replace(b"FacturaATR>", b"Otra>"))
    with pytest.raises(UnreadableFileError):
        read_distributor_invoices(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def test_a_real_invoice_is_read() -> None:
    invoice = read_distributor_invoices(
        (shared_data_folder() / "formats/atr_xml/f101_factura_atr_30A.xml").read_bytes()
    )[0]

    assert (invoice.number, invoice.stated_total) == ("SC/2017/03594", Decimal("497.19"))
    assert [row.quantity for row in invoice.power.rows] == [36660, 39840, 29750]
    assert invoice.reactive.total == Decimal("30.34")
