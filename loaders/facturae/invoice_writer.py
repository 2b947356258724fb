"""Writes an invoice as Facturae 3.2.2, as public bodies take it through FACe."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from lxml import etree

from loaders.facturae.corrections import list_correction
from loaders.facturae.parties import (
    AdministrativeCentre,
    CentreRole,
    UnfitFacturaeError,
    list_party,
)
from loaders.invoice_parts import InvoiceLine, TaxAmount
from loaders.invoice_record import InvoiceRecord, Payment, PaymentMeans
from loaders.xml_documents import XmlNode, add_elements, format_xml
from models.values.invoicing import TaxKind
from models.values.language import Language
from models.values.money import round_to_cents

FACTURAE_NAMESPACE = "http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"

_LONGEST_NOTES = 2500
_TAX_CODES = {TaxKind.VAT: "01", TaxKind.IPSI: "02", TaxKind.IGIC: "03"}
_OTHER_UNIT = "05"
_UNIT_CODES = {"kWh": "36"}
_MEANS_CODES = {
    PaymentMeans.CASH: "01",
    PaymentMeans.DIRECT_DEBIT: "02",
    PaymentMeans.TRANSFER: "04",
    PaymentMeans.CARD: "19",
}


def write_facturae(
    record: InvoiceRecord, *, centres: Sequence[AdministrativeCentre], language: Language
) -> bytes:
    """Write an invoice for a public body.

    Parameters
    ----------
    record : InvoiceRecord
        Its parties have tax numbers and addresses.
    centres : sequence of AdministrativeCentre
        Accounting office, managing body and processing unit of the recipient, one each.
    language : Language
        In which its texts are written.

    Returns
    -------
    bytes
        A document without a signature; texts too long for the format are cut.

    Raises
    ------
    UnfitFacturaeError
        If an office, a tax number or an address is missing, or it corrects several invoices.

    Notes
    -----
    Facturae 3.2.2 (Orden HAP/1074/2014; the offices: Ley 25/2013, article 6).
    """
    if sorted(each.role for each in centres) != sorted(CentreRole):
        reason = f"needs the three DIR3 offices {', '.join(CentreRole)}, one each"
        raise UnfitFacturaeError(f"invoice {record.number}", reason)
    root = etree.Element(
        etree.QName(FACTURAE_NAMESPACE, "Facturae"), nsmap={"fe": FACTURAE_NAMESPACE}
    )
    ordered = sorted(centres, key=lambda centre: centre.role)
    parties: list[XmlNode] = [
        ("SellerParty", list_party(record.issuer)),
        ("BuyerParty", list_party(record.recipient, ordered)),
    ]
    nodes: list[XmlNode] = [
        ("FileHeader", _list_header(record)),
        ("Parties", parties),
        ("Invoices", [("Invoice", _list_invoice(record, language))]),
    ]
    add_elements(root, nodes)
    return format_xml(root)


def _list_header(record: InvoiceRecord) -> list[XmlNode]:
    third_party = record.third_party
    total: list[XmlNode] = [("TotalAmount", _format_amount(record.total_eur))]
    batch: list[XmlNode] = [
        ("BatchIdentifier", f"{record.issuer_nif}{record.number}"),
        ("InvoicesCount", "1"),
        ("TotalInvoicesAmount", total),
        ("TotalOutstandingAmount", total),
        ("TotalExecutableAmount", total),
        ("InvoiceCurrencyCode", "EUR"),
    ]
    return [
        ("SchemaVersion", "3.2.2"),
        ("Modality", "I"),
        ("InvoiceIssuerType", "TE" if third_party else "EM"),
        ("ThirdParty", list_party(third_party) if third_party else None),
        ("Batch", batch),
    ]


def _list_invoice(record: InvoiceRecord, language: Language) -> list[XmlNode]:
    correction = list_correction(record)
    header: list[XmlNode] = [
        ("InvoiceNumber", record.number.number),
        ("InvoiceSeriesCode", record.number.series),
        ("InvoiceDocumentType", "FA" if record.is_simplified else "FC"),
        ("InvoiceClass", "OR" if correction else "OO"),
        ("Corrective", correction),
    ]
    notes = "\n".join(record.notes)[:_LONGEST_NOTES]
    taxes = {(each.tax, each.rate_percent): each for each in record.taxes}
    return [
        ("InvoiceHeader", header),
        ("InvoiceIssueData", _list_issue_data(record, language)),
        ("TaxesOutputs", [("Tax", _list_tax(each)) for each in record.taxes]),
        ("InvoiceTotals", _list_totals(record)),
        ("Items", [("InvoiceLine", _list_line(each, taxes)) for each in record.lines]),
        ("PaymentDetails", _list_payment(record.payment, record.total_eur)),
        ("AdditionalData", [("InvoiceAdditionalInformation", notes)] if notes else None),
    ]


def _list_issue_data(record: InvoiceRecord, language: Language) -> list[XmlNode]:
    has_operation_day = record.last_day < record.issued_on
    period: list[XmlNode] = [
        ("StartDate", record.period.start.isoformat()),
        ("EndDate", record.last_day.isoformat()),
    ]
    return [
        ("IssueDate", record.issued_on.isoformat()),
        ("OperationDate", record.last_day.isoformat() if has_operation_day else None),
        ("InvoicingPeriod", period),
        ("InvoiceCurrencyCode", "EUR"),
        ("TaxCurrencyCode", "EUR"),
        ("LanguageName", language),
        ("InvoiceDescription", record.description),
    ]


def _list_totals(record: InvoiceRecord) -> list[XmlNode]:
    base, total = _format_amount(record.base_eur), _format_amount(record.total_eur)
    return [
        ("TotalGrossAmount", base),
        ("TotalGrossAmountBeforeTaxes", base),
        ("TotalTaxOutputs", _format_amount(record.quota_eur)),
        ("TotalTaxesWithheld", "0.00"),
        ("InvoiceTotal", total),
        ("TotalOutstandingAmount", total),
        ("TotalExecutableAmount", total),
    ]


def _list_line(
    line: InvoiceLine, taxes: Mapping[tuple[TaxKind, Decimal], TaxAmount]
) -> list[XmlNode]:
    base = _format_amount(line.base_eur)
    quota = round_to_cents(line.base_eur * line.rate_percent / 100)
    tax = TaxAmount(line.tax, line.rate_percent, line.base_eur, quota)
    return [
        ("ItemDescription", line.description),
        ("Quantity", _format_exact(line.quantity)),
        ("UnitOfMeasure", _UNIT_CODES.get(line.unit, _OTHER_UNIT)),
        ("UnitPriceWithoutTax", _format_exact(line.unit_price_eur)),
        ("TotalCost", base),
        ("GrossAmount", base),
        ("TaxesOutputs", [("Tax", _list_tax(tax))]),
        ("SpecialTaxableEvent", _list_exemption(taxes[line.tax, line.rate_percent])),
    ]


def _list_exemption(amount: TaxAmount) -> list[XmlNode] | None:
    if amount.exemption is None:
        return None
    return [
        ("SpecialTaxableEventCode", "01" if amount.exemption.is_subject else "02"),
        ("SpecialTaxableEventReason", amount.exempt_because),
    ]


def _list_tax(amount: TaxAmount) -> list[XmlNode]:
    return [
        ("TaxTypeCode", _TAX_CODES[amount.tax]),
        ("TaxRate", f"{amount.rate_percent:.2f}"),
        ("TaxableBase", [("TotalAmount", _format_amount(amount.base_eur))]),
        ("TaxAmount", [("TotalAmount", _format_amount(amount.quota_eur))]),
    ]


def _list_payment(payment: Payment | None, total_eur: Decimal) -> list[XmlNode] | None:
    if payment is None:
        return None
    account: list[XmlNode] | None = None
    if payment.account is not None:
        account = [("IBAN", payment.account.reveal())]
    is_debit = payment.means is PaymentMeans.DIRECT_DEBIT
    installment: list[XmlNode] = [
        ("InstallmentDueDate", payment.due_on.isoformat()),
        ("InstallmentAmount", _format_amount(total_eur)),
        ("PaymentMeans", _MEANS_CODES[payment.means]),
        ("AccountToBeCredited", None if is_debit else account),
        ("AccountToBeDebited", account if is_debit else None),
        ("DebitReconciliationReference", payment.mandate),
    ]
    return [("Installment", installment)]


def _format_amount(amount_eur: Decimal) -> str:
    return str(round_to_cents(amount_eur))


def _format_exact(number: Decimal) -> str:
    """Write a number in full, without an exponent or idle zeros."""
    text = f"{number + 0:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
