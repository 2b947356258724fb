"""The tax QR: its address as the law writes it, and images that hold it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import segno
import verifactu_sdk
from hypothesis import given
from lxml import etree

from loaders.invoice_parts import InvoiceNumber
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.qr_code import (
    QR_HEADING,
    SHORT_VERIFIABLE_LEGEND,
    VERIFIABLE_LEGEND,
    TaxAgencyHost,
    draw_qr_svg,
    write_qr_address,
)
from tests.support.invoices import build_invoice, invoices

INVOICE = replace(build_invoice(), number=InvoiceNumber("A/2026", "12"))
ADDRESS = write_qr_address(INVOICE, host=TaxAgencyHost.PRODUCTION, is_verifiable=True)


def test_addresses_of_both_hosts_and_both_modes() -> None:
    query = "nif=F12345674&numserie=A%2F2026-12&fecha=05-11-2026&importe=25.17"
    paths = {
        (TaxAgencyHost.PRODUCTION, True): "www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR",
        (TaxAgencyHost.TEST, False): "prewww2.aeat.es/wlpl/TIKE-CONT/ValidarQRNoVerifactu",
        (TaxAgencyHost.TEST, True): "prewww2.aeat.es/wlpl/TIKE-CONT/ValidarQR",
    }
    for (host, is_verifiable), path in paths.items():
        found = write_qr_address(INVOICE, host=host, is_verifiable=is_verifiable)
        assert found == f"https://{path}?{query}"


@given(record=invoices())
def test_the_address_says_the_invoice_again(record: InvoiceRecord) -> None:
    address = write_qr_address(record, host=TaxAgencyHost.TEST, is_verifiable=True)
    said = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert said["numserie"] == [str(record.number)]
    assert Decimal(said["importe"][0]) == record.total_eur
    day, month, year = map(int, said["fecha"][0].split("-"))
    assert date(year, month, day) == record.issued_on
    assert address == verifactu_sdk.url_qr(
        nif=record.issuer_nif,
        num_serie=str(record.number),
        fecha_expedicion=record.issued_on,
        importe_total=record.total_eur,
    )


def test_the_image_has_error_correction_m_and_its_quiet_zone() -> None:
    symbol = segno.make(ADDRESS, error="m", boost_error=False, micro=False)
    modules = symbol.symbol_size(border=4)[0]
    root = etree.fromstring(draw_qr_svg(ADDRESS))
    assert root.get("viewBox") == f"0 0 {modules} {modules}"
    assert root.get("width") is None
    assert symbol.error == "M"


def test_the_level_stays_m_where_a_higher_one_would_fit() -> None:
    images = {level: BytesIO() for level in "mh"}
    for level, image in images.items():
        symbol = segno.make("short", error=level, boost_error=False, micro=False)
        symbol.save(image, kind="svg", border=4, omitsize=True, xmldecl=False)
    assert draw_qr_svg("short") == images["m"].getvalue() != images["h"].getvalue()


def test_equal_addresses_make_equal_images() -> None:
    assert draw_qr_svg(ADDRESS) == draw_qr_svg(ADDRESS)
    assert draw_qr_svg(ADDRESS) != draw_qr_svg(ADDRESS + "1")


def test_the_legends_of_the_law() -> None:
    assert QR_HEADING == "QR tributario:"
    assert VERIFIABLE_LEGEND == "Factura verificable en la sede electrónica de la AEAT"
    assert SHORT_VERIFIABLE_LEGEND == "VERI*FACTU"
