"""Turn an issued invoice into rows, and rows into the invoice that its writers take."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from api.services.invoices.billing_scope import end_of
from loaders.invoice_parts import Address, InvoiceLine, InvoiceNumber, Party, TaxAmount
from loaders.invoice_record import (
    Correction,
    CorrectionReason,
    InvoiceRecord,
    RectifiedInvoice,
)
from models.repositories.invoices import InvoiceRows
from models.tables import InvoiceIssuer, Payer
from models.values.money import from_cents, to_cents
from models.values.nif import Nif
from models.values.period import Period

_DIGITS = 6


def number_invoice(series: str, number: int) -> InvoiceNumber:
    """Give the number of an invoice as it is printed and declared.

    Parameters
    ----------
    series : str
        Its code.
    number : int
        Place in it, from 1.

    Returns
    -------
    InvoiceNumber
        Six digits, more where they are needed.

    Raises
    ------
    UnfitInvoiceError
        If the series is not 1 to 20 plain letters.

    Examples
    --------
    >>> str(number_invoice("2026", 123))
    '2026-000123'
    """
    return InvoiceNumber(series, f"{number:0{_DIGITS}}")


def describe_party(party: InvoiceIssuer | Payer) -> dict[str, str]:
    """Copy somebody as an invoice keeps them.

    Parameters
    ----------
    party : InvoiceIssuer or Payer
        Who.

    Returns
    -------
    dict of str to str
        Tax number, name and address.
    """
    return {
        "tax_number": party.tax_number,
        "name": party.name,
        "address": party.address,
        "postal_code": party.postal_code,
        "town": party.town,
        "province": party.province,
    }


def read_party(copy: dict[str, str]) -> Party:
    """Read somebody back from such a copy.

    Parameters
    ----------
    copy : dict of str to str
        As an invoice keeps it.

    Returns
    -------
    Party
        As the writers take it.
    """
    address = Address(copy["address"], copy["postal_code"], copy["town"], copy["province"])
    return Party(copy["name"], Nif(copy["tax_number"]), address)


def list_invoice_values(record: InvoiceRecord) -> dict[str, Any]:
    """List the columns of an invoice that its record tells.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.

    Returns
    -------
    dict of str to Any
        Values by column; amounts in cents.
    """
    return {
        "full_number": str(record.number),
        "kind": record.kind,
        "issued_on": record.issued_on,
        "period_start": record.period.start,
        "period_end": end_of(record.period),
        "net_cents": to_cents(record.base_eur),
        "tax_cents": to_cents(record.quota_eur),
        "total_cents": to_cents(record.total_eur),
    }


def list_line_rows(
    record: InvoiceRecord, sources: Sequence[dict[str, Any]], head: dict[str, UUID]
) -> list[dict[str, Any]]:
    """List the rows of an invoice's lines, each with what its source says.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    sources : sequence of dict of str to Any
        Basis and source of each line.
    head : dict of str to UUID
        Invoice and tenant.

    Returns
    -------
    list of dict of str to Any
        One for each line, from position 0.
    """
    return [
        head
        | {
            "position": position,
            "description": line.description,
            "quantity": f"{line.quantity:f}",
            "unit": line.unit,
            "price": f"{line.unit_price_eur:f}",
            "net_cents": to_cents(line.base_eur),
            "tax": line.tax,
            "tax_percent": f"{line.rate_percent:f}",
        }
        | source
        for position, (line, source) in enumerate(zip(record.lines, sources, strict=True))
    ]


def list_tax_rows(record: InvoiceRecord, head: dict[str, UUID]) -> list[dict[str, Any]]:
    """List the rows of an invoice's taxes.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    head : dict of str to UUID
        Invoice and tenant.

    Returns
    -------
    list of dict of str to Any
        One for each tax and rate.
    """
    return [
        head
        | {
            "tax": amount.tax,
            "tax_percent": f"{amount.rate_percent:f}",
            "base_cents": to_cents(amount.base_eur),
            "quota_cents": to_cents(amount.quota_eur),
            "exemption": amount.exemption,
            "exempt_because": amount.exempt_because or None,
        }
        for amount in record.taxes
    ]


def read_record(rows: InvoiceRows, corrected: Sequence[InvoiceRows] = ()) -> InvoiceRecord:
    """Read an issued invoice as its writers take it.

    Parameters
    ----------
    rows : InvoiceRows
        The invoice.
    corrected : sequence of InvoiceRows
        Those that it rectifies, if it does.

    Returns
    -------
    InvoiceRecord
        Equal to the one that was issued.
    """
    invoice, series = rows.invoice, rows.series
    return InvoiceRecord(
        kind=invoice.kind,
        number=number_invoice(series.code, invoice.number),
        issued_on=invoice.issued_on,
        period=Period(invoice.period_start, invoice.period_end),
        issuer=read_party(invoice.parties["issuer"]),
        recipient=read_party(invoice.parties["recipient"]),
        description=invoice.facts["description"],
        lines=read_lines(rows),
        taxes=_read_taxes(rows),
        total_eur=from_cents(invoice.total_cents),
        correction=_read_correction(rows, corrected),
        notes=tuple(invoice.facts["notes"]),
    )


def read_lines(rows: InvoiceRows) -> tuple[InvoiceLine, ...]:
    """Read the lines of an issued invoice.

    Parameters
    ----------
    rows : InvoiceRows
        The invoice.

    Returns
    -------
    tuple of InvoiceLine
        In their order.
    """
    return tuple(
        InvoiceLine(
            line.description,
            Decimal(line.quantity),
            line.unit,
            Decimal(line.price),
            from_cents(line.net_cents),
            line.tax,
            Decimal(line.tax_percent),
        )
        for line in rows.lines
    )


def name_rectified(rows: InvoiceRows) -> RectifiedInvoice:
    """Name an issued invoice as the one that rectifies it does.

    Parameters
    ----------
    rows : InvoiceRows
        The invoice.

    Returns
    -------
    RectifiedInvoice
        Number, day and amounts.
    """
    invoice = rows.invoice
    return RectifiedInvoice(
        number_invoice(rows.series.code, invoice.number),
        invoice.issued_on,
        from_cents(invoice.net_cents),
        from_cents(invoice.tax_cents),
    )


def _read_taxes(rows: InvoiceRows) -> tuple[TaxAmount, ...]:
    return tuple(
        TaxAmount(
            tax.tax,
            Decimal(tax.tax_percent),
            from_cents(tax.base_cents),
            from_cents(tax.quota_cents),
            tax.exemption,
            tax.exempt_because or "",
        )
        for tax in rows.taxes
    )


def _read_correction(rows: InvoiceRows, corrected: Sequence[InvoiceRows]) -> Correction | None:
    invoice = rows.invoice
    if invoice.rectification is None or invoice.rectified_because is None:
        return None
    return Correction(
        invoice.rectification,
        CorrectionReason(invoice.facts["correction_reason"]),
        invoice.rectified_because,
        tuple(name_rectified(each) for each in corrected),
    )
