"""Sound invoices to write, to break and to draw by hypothesis."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from loaders.invoice_parts import Address, InvoiceLine, InvoiceNumber, Party, TaxAmount
from loaders.invoice_record import (
    Correction,
    CorrectionReason,
    InvoiceRecord,
    Payment,
    PaymentMeans,
    RectifiedInvoice,
    sum_taxes,
)
from loaders.verifactu.records import BillingSystem
from models.values.iban import Iban
from models.values.invoicing import InvoiceKind, Rectification, TaxKind
from models.values.money import round_to_cents
from models.values.nif import Nif
from models.values.period import Period

ISSUER = Party(
    "Comunitat Energètica de la Vall, SCCL",
    Nif("F12345674"),
    Address("Carrer Major, 12", "46001", "València", "València"),
)
MEMBER = Party(
    "Núria Peña Íñiguez",
    Nif("12345678Z"),
    Address("Avinguda del Port, 7, 3r 2a", "46021", "València", "València"),
)
TOWN_HALL = Party(
    "Ajuntament de Xàtiva",
    Nif("P4614700E"),
    Address("Albereda de Jaume I, 35", "46800", "Xàtiva", "València"),
)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
IBAN = Iban("ES9121000418450200051332")
SYSTEM = BillingSystem(
    Party("reparto", Nif("A00000000")), "reparto", "RE", "0.1.0", "instal·lació 1"
)


def build_line(
    description: str = "Energía autoconsumida",
    quantity: str = "212.437",
    unit: str = "kWh",
    price: str = "0.085",
    tax: TaxKind = TaxKind.VAT,
    rate: str = "21",
) -> InvoiceLine:
    """Make a line whose base is right."""
    base_eur = round_to_cents(Decimal(quantity) * Decimal(price))
    return InvoiceLine(
        description, Decimal(quantity), unit, Decimal(price), base_eur, tax, Decimal(rate)
    )


LINES = (
    build_line(),
    build_line("Gestión del excedente", "98.2", "kWh", "0.0035"),
    build_line("Cuota de participación, 1,5 kW", "1", "mes", "2.4"),
)


def total_of(taxes: tuple[TaxAmount, ...]) -> Decimal:
    """Sum bases and quotas."""
    return sum((each.base_eur + each.quota_eur for each in taxes), Decimal("0.00"))


def with_lines(record: InvoiceRecord, lines: tuple[InvoiceLine, ...]) -> InvoiceRecord:
    """Charge something else."""
    taxes = sum_taxes(lines)
    return replace(record, lines=lines, taxes=taxes, total_eur=total_of(taxes))


def build_invoice(lines: tuple[InvoiceLine, ...] = LINES) -> InvoiceRecord:
    """Make a full invoice of October, issued on 5 November 2026."""
    taxes = sum_taxes(lines)
    return InvoiceRecord(
        kind=InvoiceKind.FULL,
        number=InvoiceNumber("2026", "000123"),
        issued_on=date(2026, 11, 5),
        period=OCTOBER,
        issuer=ISSUER,
        recipient=MEMBER,
        description="Autoconsumo colectivo, octubre de 2026",
        lines=lines,
        taxes=taxes,
        total_eur=total_of(taxes),
        payment=Payment(PaymentMeans.DIRECT_DEBIT, date(2026, 11, 20), IBAN),
    )


def rectify(
    record: InvoiceRecord, method: Rectification = Rectification.DIFFERENCE
) -> InvoiceRecord:
    """Make an invoice that corrects another one, on the next day."""
    corrected = RectifiedInvoice(record.number, record.issued_on, record.base_eur, record.quota_eur)
    lines = (build_line(quantity="-12.5" if method is Rectification.DIFFERENCE else "199.937"),)
    taxes = sum_taxes(lines)
    return replace(
        record,
        kind=InvoiceKind.RECTIFIED_OTHERWISE,
        number=InvoiceNumber("R2026", "000007"),
        issued_on=record.issued_on + timedelta(days=1),
        lines=lines,
        taxes=taxes,
        total_eur=total_of(taxes),
        correction=Correction(
            method,
            CorrectionReason.LINES,
            "la distribuidora corrigió las lecturas de octubre",
            (corrected,),
        ),
    )


names = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=200
).filter(lambda text: bool(text.strip()))
"""Names as the record takes them."""

days = st.dates(date(2024, 1, 1), date(2035, 12, 31))


@st.composite
def invoice_lines(draw: st.DrawFn) -> InvoiceLine:
    """Draw a line; its base is quantity times price."""
    quantity = draw(st.decimals(-99_999, 99_999, places=3))
    price = draw(st.decimals(-999, 999, places=6))
    rate = draw(st.sampled_from(["0", "3", "7", "10", "21"]))
    return build_line(
        draw(names), str(quantity), "kWh", str(price), draw(st.sampled_from(TaxKind)), rate
    )


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceRecord:
    """Draw a sound full or simplified invoice."""
    lines = tuple(draw(st.lists(invoice_lines(), min_size=1, max_size=6)))
    start = draw(days)
    return replace(
        build_invoice(lines),
        kind=draw(st.sampled_from([InvoiceKind.FULL, InvoiceKind.SIMPLIFIED])),
        number=InvoiceNumber(
            draw(st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9./_-]{0,18}[A-Za-z0-9])?\Z")),
            str(draw(st.integers(1, 10**19))),
        ),
        issued_on=draw(days),
        period=Period(start, start + timedelta(days=draw(st.integers(1, 366)))),
        issuer=replace(ISSUER, name=draw(names)),
        recipient=replace(MEMBER, name=draw(names)),
        description=draw(names),
    )
