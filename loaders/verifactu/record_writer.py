"""Writes records of registration and of cancellation, valid against the tax agency's schema."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from lxml import etree

from loaders.invoice_parts import Party, TaxAmount
from loaders.invoice_record import Correction, InvoiceRecord
from loaders.verifactu.records import (
    BillingSystem,
    ChainLink,
    ChainRecord,
    InvoiceIdentity,
    RecordKind,
    UnfitRecordError,
    compute_fingerprint,
    format_day,
)
from loaders.verifactu.schemas import RECORD_NAMESPACE, find_schema_faults
from loaders.xml_documents import XmlNode, add_elements, format_xml
from models.values.calendar import LAW_CLOCK
from models.values.errors import InvalidArgumentError
from models.values.invoicing import Rectification, TaxKind
from models.values.money import round_to_cents

_LONGEST_NAME = 120
_TAX_CODES = {TaxKind.VAT: "01", TaxKind.IPSI: "02", TaxKind.IGIC: "03"}
_GENERAL_REGIME = "01"
_SUBJECT_NOT_EXEMPT = "S1"
_SHA_256 = "01"


class PriorRejection(StrEnum):
    """What the tax agency knows of the record that this one mends."""

    REJECTED = "S"
    """It was sent and rejected."""
    UNKNOWN_TO_AGENCY = "X"
    """The agency has no record of the invoice at all."""


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """A record as it is stored.

    Attributes
    ----------
    xml : bytes
        Its document.
    link : ChainLink
        What the next record of the chain takes as the previous one.
    generated_at : str
        Instant with offset, as the record says it.
    """

    xml: bytes
    link: ChainLink
    generated_at: str


def identify_invoice(record: InvoiceRecord) -> InvoiceIdentity:
    """Take from an invoice what tells it from all others.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.

    Returns
    -------
    InvoiceIdentity
        Issuer, number and date.
    """
    return InvoiceIdentity(record.issuer_nif, str(record.number), record.issued_on)


def list_party(party: Party) -> list[XmlNode]:
    """List what the schema says of somebody with a tax number.

    Parameters
    ----------
    party : Party
        Who.

    Returns
    -------
    list of XmlNode
        The name, cut to 120 characters, and the number.
    """
    return [("NombreRazon", party.name[:_LONGEST_NAME]), ("NIF", str(party.nif))]


def write_registration(
    record: InvoiceRecord,
    *,
    system: BillingSystem,
    previous: ChainLink | None,
    generated_at: datetime,
    mends_record: bool = False,
    prior_rejection: PriorRejection | None = None,
) -> RecordDocument:
    """Write the record that registers an invoice.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    system : BillingSystem
        The software that issues it.
    previous : ChainLink or None
        Last record of the issuer's chain; None for the first one.
    generated_at : datetime
        Aware instant; fractions of a second are cut.
    mends_record : bool
        Whether it mends an earlier record of the same invoice (``Subsanacion``).
    prior_rejection : PriorRejection or None
        What the agency knows of that earlier record.

    Returns
    -------
    RecordDocument
        Names over 120 characters are cut there, as the schema wants.

    Raises
    ------
    InvalidArgumentError
        If the instant is naive.
    UnfitRecordError
        If the schema refuses the record.

    Notes
    -----
    RD 1007/2023, article 10; Orden HAC/1177/2024, articles 10 and 13.
    """
    chained = ChainRecord(
        kind=RecordKind.REGISTRATION,
        invoice=identify_invoice(record),
        invoice_kind=record.kind.value,
        quota_total=_format_amount(record.quota_eur),
        total=_format_amount(record.total_eur),
        previous=previous,
        generated_at=_format_instant(generated_at),
    )
    content = list_registration(record, mends_record=mends_record, prior_rejection=prior_rejection)
    return _seal(chained, system, content)


def write_cancellation(
    invoice: InvoiceIdentity,
    *,
    system: BillingSystem,
    previous: ChainLink | None,
    generated_at: datetime,
    is_unregistered: bool = False,
    is_rejected_before: bool = False,
) -> RecordDocument:
    """Write the record that cancels the registration of an invoice.

    Parameters
    ----------
    invoice : InvoiceIdentity
        The invoice, which should never have been issued.
    system : BillingSystem
        The software that issued it.
    previous : ChainLink or None
        Last record of the issuer's chain; None for the first one.
    generated_at : datetime
        Aware instant; fractions of a second are cut.
    is_unregistered : bool
        Whether the agency has no record of the invoice (``SinRegistroPrevio``).
    is_rejected_before : bool
        Whether an earlier cancellation was rejected (``RechazoPrevio``).

    Returns
    -------
    RecordDocument
        The record.

    Raises
    ------
    InvalidArgumentError
        If the instant is naive.
    UnfitRecordError
        If the schema refuses the record.

    Notes
    -----
    RD 1007/2023, article 11; Orden HAC/1177/2024, articles 11 and 13.
    """
    chained = ChainRecord(
        kind=RecordKind.CANCELLATION,
        invoice=invoice,
        invoice_kind="",
        quota_total="",
        total="",
        previous=previous,
        generated_at=_format_instant(generated_at),
    )
    content = list_circumstances(is_unregistered, is_rejected_before)
    return _seal(chained, system, content)


def list_circumstances(is_unregistered: bool, is_rejected_before: bool) -> list[XmlNode]:
    """List what a cancellation says of the records before it.

    Parameters
    ----------
    is_unregistered, is_rejected_before : bool
        As ``write_cancellation``.

    Returns
    -------
    list of XmlNode
        All between the invoice's identity and the chaining.
    """
    return [
        ("SinRegistroPrevio", "S" if is_unregistered else None),
        ("RechazoPrevio", "S" if is_rejected_before else None),
    ]


def list_identity(
    invoice: InvoiceIdentity, kind: RecordKind = RecordKind.REGISTRATION
) -> list[XmlNode]:
    """List what tells an invoice from all others.

    Parameters
    ----------
    invoice : InvoiceIdentity
        The invoice.
    kind : RecordKind
        Of the record: one of cancellation names the parts otherwise.

    Returns
    -------
    list of XmlNode
        Issuer, number and date.
    """
    cancelled = "Anulada" if kind is RecordKind.CANCELLATION else ""
    return [
        (f"IDEmisorFactura{cancelled}", str(invoice.issuer)),
        (f"NumSerieFactura{cancelled}", invoice.number),
        (f"FechaExpedicionFactura{cancelled}", format_day(invoice.issued_on)),
    ]


def _seal(
    chained: ChainRecord, system: BillingSystem, content: Iterable[XmlNode]
) -> RecordDocument:
    """Put a record between its identity and its fingerprint."""
    sealed = replace(chained, fingerprint=compute_fingerprint(chained))
    root = etree.Element(
        etree.QName(RECORD_NAMESPACE, chained.kind), nsmap={"sf": RECORD_NAMESPACE}
    )
    nodes: list[XmlNode] = [
        ("IDVersion", "1.0"),
        ("IDFactura", list_identity(chained.invoice, chained.kind)),
        *content,
        ("Encadenamiento", _list_chaining(chained.previous)),
        ("SistemaInformatico", _list_system(system)),
        ("FechaHoraHusoGenRegistro", chained.generated_at),
        ("TipoHuella", _SHA_256),
        ("Huella", sealed.fingerprint),
    ]
    add_elements(root, nodes, RECORD_NAMESPACE)
    if faults := find_schema_faults(root):
        raise UnfitRecordError(f"the record of invoice {chained.invoice.number}", *faults)
    link = ChainLink(chained.invoice, sealed.fingerprint)
    return RecordDocument(format_xml(root), link, chained.generated_at)


def list_registration(
    record: InvoiceRecord,
    *,
    mends_record: bool = False,
    prior_rejection: PriorRejection | None = None,
) -> list[XmlNode]:
    """List what a registration says of its invoice, and of the record that it mends.

    Parameters
    ----------
    record : InvoiceRecord
        The invoice.
    mends_record, prior_rejection : bool, PriorRejection or None
        As ``write_registration``.

    Returns
    -------
    list of XmlNode
        All between the invoice's identity and the chaining.
    """
    third_party = record.third_party
    has_operation_day = record.last_day < record.issued_on
    # The agency refuses recipients on simplified invoices.
    has_recipient = not record.is_simplified
    return [
        ("NombreRazonEmisor", record.issuer.name[:_LONGEST_NAME]),
        ("Subsanacion", "S" if mends_record else None),
        ("RechazoPrevio", prior_rejection),
        ("TipoFactura", record.kind),
        *_list_correction(record),
        ("FechaOperacion", format_day(record.last_day) if has_operation_day else None),
        ("DescripcionOperacion", record.description),
        ("EmitidaPorTerceroODestinatario", "T" if third_party else None),
        ("Tercero", list_party(third_party) if third_party else None),
        (
            "Destinatarios",
            [("IDDestinatario", list_party(record.recipient))] if has_recipient else None,
        ),
        ("Desglose", [("DetalleDesglose", _list_tax(each)) for each in record.taxes]),
        ("CuotaTotal", _format_amount(record.quota_eur)),
        ("ImporteTotal", _format_amount(record.total_eur)),
    ]


def _list_correction(record: InvoiceRecord) -> list[XmlNode]:
    correction = record.correction
    if correction is None:
        return []
    is_substitution = correction.method is Rectification.SUBSTITUTION
    issuer = record.issuer_nif
    corrected = [
        InvoiceIdentity(issuer, str(each.number), each.issued_on) for each in correction.invoices
    ]
    return [
        ("TipoRectificativa", "S" if is_substitution else "I"),
        (
            "FacturasRectificadas",
            [("IDFacturaRectificada", list_identity(each)) for each in corrected],
        ),
        ("ImporteRectificacion", _list_corrected(correction) if is_substitution else None),
    ]


def _list_corrected(correction: Correction) -> list[XmlNode]:
    base = sum((each.base_eur for each in correction.invoices), Decimal(0))
    quota = sum((each.quota_eur for each in correction.invoices), Decimal(0))
    return [
        ("BaseRectificada", _format_amount(base)),
        ("CuotaRectificada", _format_amount(quota)),
    ]


def _list_tax(amount: TaxAmount) -> list[XmlNode]:
    # IPSI knows no regimes: the agency refuses the key there.
    regime = None if amount.tax is TaxKind.IPSI else _GENERAL_REGIME
    is_taxed = amount.exemption is None
    is_exempt = amount.exemption is not None and amount.exemption.is_subject
    return [
        ("Impuesto", _TAX_CODES[amount.tax]),
        ("ClaveRegimen", regime),
        ("CalificacionOperacion", None if is_exempt else amount.exemption or _SUBJECT_NOT_EXEMPT),
        ("OperacionExenta", amount.exemption if is_exempt else None),
        ("TipoImpositivo", f"{amount.rate_percent:.2f}" if is_taxed else None),
        ("BaseImponibleOimporteNoSujeto", _format_amount(amount.base_eur)),
        ("CuotaRepercutida", _format_amount(amount.quota_eur) if is_taxed else None),
    ]


def _list_chaining(previous: ChainLink | None) -> list[XmlNode]:
    if previous is None:
        return [("PrimerRegistro", "S")]
    fingerprint: XmlNode = ("Huella", previous.fingerprint)
    return [("RegistroAnterior", [*list_identity(previous.invoice), fingerprint])]


def _list_system(system: BillingSystem) -> list[XmlNode]:
    return [
        *list_party(system.producer),
        ("NombreSistemaInformatico", system.name),
        ("IdSistemaInformatico", system.system_id),
        ("Version", system.version),
        ("NumeroInstalacion", system.installation),
        ("TipoUsoPosibleSoloVerifactu", "S" if system.is_only_verifactu else "N"),
        ("TipoUsoPosibleMultiOT", "S" if system.serves_several else "N"),
        ("IndicadorMultiplesOT", "S" if system.has_several else "N"),
    ]


def _format_amount(amount_eur: Decimal) -> str:
    return str(round_to_cents(amount_eur))


def _format_instant(instant: datetime) -> str:
    """Write an instant by the clock of the law, with its offset."""
    if instant.tzinfo is None:
        raise InvalidArgumentError(f"instant {instant} of a record needs an offset")
    return instant.astimezone(ZoneInfo(LAW_CLOCK)).isoformat(timespec="seconds")
