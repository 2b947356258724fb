"""Documents of invoices, kept as they were handed out, and the command that verifies all."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from lxml import etree
from sqlmodel import col

from api.services.agency.agency_access import CertificateSource
from api.services.invoices import generate_invoice_files
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.generate_invoice_files import (
    NoOfficesError,
    QrTarget,
    generate_facturae,
    generate_invoice_pdf,
)
from api.services.invoices.sealed_documents import open_document
from models.session import write_session
from models.tables import Invoice, InvoiceFile
from tests.support.billing import NOW
from tests.support.certificates import certify, make_key, pack
from tests.support.command_line import reparto
from tests.support.databases import on_sqlite
from tests.support.invoices import SYSTEM
from tests.support.keyrings import KEYRING
from tests.support.whole_databases import break_rows

__all__ = ["reparto"]
ALTER = """UPDATE fiscal_record SET content =
    CAST(replace(content, '2023-000002', '2023-000009') AS BLOB) WHERE position = 2"""
OFFICES = ("L01461230", "L01461231", "L01461232")


def generate(billed, invoice_id, make=generate_invoice_pdf, **more):
    options = {"qr": QrTarget()} if make is generate_invoice_pdf else {}
    options["keyring"] = KEYRING
    with write_session(billed.engine) as session:
        return make(
            session,
            promoter_id=billed.owner,
            invoice_id=invoice_id,
            **({"now": NOW} | options | more),
        )


def test_a_page_is_the_same_page_later(billed):
    billed.issue()
    (first, *_) = billed.rows(Invoice, col(Invoice.number))
    file = generate(billed, first.id)
    assert (file.file_name, file.content[:5]) == ("2023-000001.pdf", b"%PDF-")
    assert file.sha256 == sha256(file.content).hexdigest()
    again = generate(billed, first.id, now=NOW + timedelta(days=40))
    assert again.id == file.id
    assert len(billed.rows(InvoiceFile)) == 1


def test_the_page_of_a_cancelled_invoice_says_so(billed, monkeypatch):
    billed.issue()
    pages = []
    monkeypatch.setattr(
        generate_invoice_files, "render_invoice", lambda page, _: pages.append(page) or b"%PDF"
    )
    (first, *_) = billed.rows(Invoice, col(Invoice.number))
    generate(billed, first.id)
    with write_session(billed.engine) as session:
        cancel_invoice(
            session,
            promoter_id=billed.owner,
            invoice_id=first.id,
            because="x",
            system=SYSTEM,
            now=NOW,
        )
    generate(billed, first.id)
    assert [page.cancelled_on for page in pages] == [None, NOW.date()]


def test_the_chart_shows_the_energy_of_then(billed, monkeypatch):
    billed.issue()
    pages = []
    monkeypatch.setattr(
        generate_invoice_files, "render_invoice", lambda page, _: pages.append(page) or b"%PDF"
    )
    (first, *_) = billed.rows(Invoice, col(Invoice.number))
    generate(billed, first.id)
    (page,) = pages
    (month,) = page.year
    assert month.month == first.period_start
    assert abs(month.from_sun_wh - page.energy.self_consumed_wh) <= 1
    assert abs(month.surplus_wh - page.energy.surplus_wh) <= 1
    assert page.cau == billed.stored.installation.cau
    assert f"importe={Decimal(first.total_cents) / 100}" in page.qr.address


def test_a_public_body_takes_facturae(billed):
    billed.pay(0, offices=OFFICES)
    billed.issue()
    invoices = billed.rows(Invoice, col(Invoice.number))
    to_body = next(i for i in invoices if i.member_id == billed.stored.members[0].id)
    file = generate(billed, to_body.id, generate_facturae)
    assert file.file_name == f"{to_body.full_number}.xml"
    codes = etree.fromstring(open_document(KEYRING, file)).xpath(
        "//*[local-name() = 'CentreCode']/text()"
    )
    assert codes == list(OFFICES)
    other = next(i for i in invoices if i.id != to_body.id)
    with pytest.raises(NoOfficesError):
        generate(billed, other.id, generate_facturae)


@on_sqlite
def test_facturae_are_signed_once_by_each_certificate(billed, tmp_path):
    billed.pay(0, offices=OFFICES)
    billed.issue()
    invoices = billed.rows(Invoice, col(Invoice.number))
    to_body = next(i for i in invoices if i.member_id == billed.stored.members[0].id)
    paths = [tmp_path / "third.p12", tmp_path / "issuer.p12"]
    for path, name in zip(paths, ("Gestoria 12345678Z", "Ana, R: F12345674"), strict=True):
        path.write_bytes(pack(make_key(), certify(make_key(), name)))
    third, own = map(CertificateSource, paths)
    file = generate(billed, to_body.id, generate_facturae, certificate=third)
    assert file.file_name == f"{to_body.full_number}.xsig"
    assert b">tercero<" in open_document(KEYRING, file)
    later = NOW + timedelta(days=40)
    again = generate(billed, to_body.id, generate_facturae, certificate=third, now=later)
    assert again.id == file.id
    other = generate(billed, to_body.id, generate_facturae, certificate=own)
    assert b">emisor<" in open_document(KEYRING, other)
    unsigned = generate(billed, to_body.id, generate_facturae)
    assert unsigned.file_name == f"{to_body.full_number}.xml"
    assert len(billed.rows(InvoiceFile)) == 3


@pytest.fixture
def verify(reparto, database_url, monkeypatch):
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    return lambda: reparto("invoices", "verify", "--promoter", "Ajuntament de la Peña")


def test_sound_invoices_are_verified(billed, verify):
    billed.issue()
    ran = verify()
    assert (ran.code, ran.out) == (0, "F12345674 3 records sound\n")


@on_sqlite
@pytest.mark.parametrize(
    ("table", "statement", "finding"),
    [
        (
            "fiscal_record",
            ALTER,
            "record 2 is broken",
        ),
        (
            "fiscal_record",
            "UPDATE fiscal_record SET sha256 = substr(sha256, 2) || 'X' WHERE position = 3",
            "record 3 differs from its row",
        ),
        (
            "fiscal_record",
            "DELETE FROM fiscal_record WHERE position = 3",
            "1 invoices have no record",
        ),
        ("invoice_series", "UPDATE invoice_series SET last_number = 4", "series 2023 has a gap"),
    ],
)
def test_what_was_altered_is_found(billed, verify, table, statement, finding):
    billed.issue()
    break_rows(billed.engine, table, statement)
    ran = verify()
    assert ran.code == 3
    assert finding in ran.err
    assert ran.out.endswith("broken\n")
