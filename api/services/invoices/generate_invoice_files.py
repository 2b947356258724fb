"""Make the documents of an invoice, and keep each as it is handed out: PDF and Facturae."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session

from api.services.agency.agency_access import CertificateSource
from api.services.agreements.generate_agreement_files import UnknownFileError
from api.services.collection.choose_payments import read_payment
from api.services.invoices.invoice_history import read_issued, require_invoice
from api.services.invoices.sealed_documents import open_document, seal_document
from api.services.invoices.sign_once import SIGNED_ENDING, sign_once
from api.services.proposals.render_downloads import Download
from loaders.facturae.invoice_writer import write_facturae
from loaders.facturae.parties import AdministrativeCentre, CentreRole
from loaders.invoice_pdf import InvoicePage, PeriodEnergy, TaxQr, render_invoice
from loaders.invoice_pdf.year_chart import MonthEnergy
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.qr_code import TaxAgencyHost, write_identity_address, write_qr_address
from loaders.verifactu.records import InvoiceIdentity
from models.keyring import Keyring
from models.repositories.communities import map_communities
from models.repositories.invoice_lists import get_file
from models.repositories.invoices import (
    InvoiceRows,
    find_invoice_file,
    list_energy_as_of,
    map_cancellations,
)
from models.repositories.members import map_members
from models.tables import Community, Invoice, InvoiceFile, InvoiceFileKind
from models.values.calendar import local_day
from models.values.cau import Cau
from models.values.coefficient import MILLIONTHS
from models.values.cups import Cups
from models.values.errors import ConflictError
from models.values.language import Language
from models.values.local_month import LocalMonth
from models.values.money import from_cents
from models.values.nif import Nif
from models.values.period import add_months

_CHART_MONTHS = 12
_ENDINGS = {InvoiceFileKind.PDF: "pdf", InvoiceFileKind.FACTURAE: "xml"}
_MEDIA_TYPES = {
    InvoiceFileKind.PDF: "application/pdf",
    InvoiceFileKind.FACTURAE: "application/xml",
}


class NoOfficesError(ConflictError):
    """An invoice is to nobody who takes it as Facturae.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(
            f"invoice {number} names no DIR3 offices: only public bodies take Facturae"
        )
        self.number = number


@dataclass(frozen=True, slots=True)
class QrTarget:
    """Where the QR of an invoice leads.

    Attributes
    ----------
    host : TaxAgencyHost
        Of production or of tests.
    is_verifiable : bool
        Whether the records are sent to the tax agency.
    """

    host: TaxAgencyHost = TaxAgencyHost.PRODUCTION
    is_verifiable: bool = False


@dataclass(frozen=True, slots=True)
class _Document:
    """What was made of an invoice, and is to be kept."""

    kind: InvoiceFileKind
    language: Language
    content: bytes
    ending: str | None = None
    tells_cancellation: bool = False


def generate_invoice_pdf(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_id: UUID,
    qr: QrTarget,
    keyring: Keyring,
    now: datetime,
    language: Language | None = None,
) -> InvoiceFile:
    """Render an invoice, in its payer's language unless another is asked for, and keep the page.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The invoice.
    qr : QrTarget
        Where its QR leads.
    keyring : Keyring
        What opens the account by which it is paid, and seals what tells it.
    now : datetime
        The present instant.
    language : Language, optional
        Of headings and legends; the texts of the lines stay as they were issued.

    Returns
    -------
    InvoiceFile
        A PDF; the one that is kept already, if its bytes are the same.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.

    Notes
    -----
    The chart shows the energy as it stood when the invoice was issued, so the page stays the same.
    """
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    record = _read_payable(session, rows, keyring)
    invoice = rows.invoice
    community = _find_community(session, invoice)
    facts = invoice.facts
    address = write_qr_address(record, host=qr.host, is_verifiable=qr.is_verifiable)
    page = InvoicePage(
        record=record,
        installation_name=community.name,
        cau=Cau(facts["caus"][0]) if len(facts["caus"]) == 1 else None,
        cups=Cups(facts["cups"]),
        energy=_read_energy(facts),
        year=tuple(_list_year(session, invoice, community)),
        qr=TaxQr(address, qr.is_verifiable),
        cancelled_on=_find_cancellation(session, invoice),
        due_on=invoice.due_on if invoice.total_cents > 0 else None,
    )
    chosen = language or _language_of(invoice)
    file = _Document(
        kind=InvoiceFileKind.PDF,
        language=chosen,
        content=render_invoice(page, chosen),
        tells_cancellation=page.cancelled_on is not None,
    )
    return _keep(session, invoice, file, keyring, now)


def generate_facturae(
    session: Session,
    *,
    promoter_id: UUID,
    invoice_id: UUID,
    keyring: Keyring,
    now: datetime,
    certificate: CertificateSource | None = None,
) -> InvoiceFile:
    """Write an invoice to a public body as Facturae, sign it by a certificate, and keep it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The invoice.
    keyring : Keyring
        What opens the account by which it is paid, and seals what tells it.
    now : datetime
        The present instant.
    certificate : CertificateSource, optional
        Whose signature it bears, and then its name ends in ``.xsig``; none without it, and a public
        body takes the document only when somebody has signed it.

    Returns
    -------
    InvoiceFile
        The one that is kept already, if the same was written, and signed by the same, before.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    NoOfficesError
        If its payer has no DIR3 offices.
    UnfitFacturaeError
        If the invoice cannot be written as Facturae.
    UnfitCertificateError
        If the certificate cannot be read, cannot sign, or is not valid.
    """
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    recipient = rows.invoice.parties["recipient"]
    if not recipient["offices"]:
        raise NoOfficesError(rows.invoice.full_number)
    centres = [
        AdministrativeCentre(role, code)
        for role, code in zip(CentreRole, recipient["offices"], strict=True)
    ]
    record = _read_payable(session, rows, keyring)
    language = _language_of(rows.invoice)
    content = write_facturae(record, centres=centres, language=language)
    kind = InvoiceFileKind.FACTURAE
    if certificate is None:
        return _keep(session, rows.invoice, _Document(kind, language, content), keyring, now)
    signed = sign_once(
        session,
        invoice=rows.invoice,
        content=content,
        certificate=certificate,
        keyring=keyring,
        now=now,
    )
    file = _Document(kind, language, signed, ending=SIGNED_ENDING)
    return _keep(session, rows.invoice, file, keyring, now)


def download_invoice_file(
    session: Session, *, promoter_id: UUID, file_id: UUID, keyring: Keyring
) -> Download:
    """Give a document of an invoice as it was kept.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    file_id : UUID
        The document.
    keyring : Keyring
        What opens it.

    Returns
    -------
    Download
        Under the name that it was kept with.

    Raises
    ------
    UnknownFileError
        If the caller has no such document.
    UnopenedSecretError
        If its key is missing.
    """
    file = get_file(session, promoter_id=promoter_id, file_id=file_id)
    if file is None:
        raise UnknownFileError(file_id)
    return Download(file.file_name, _MEDIA_TYPES[file.kind], open_document(keyring, file))


def address_qr(invoice: Invoice, qr: QrTarget) -> str:
    """Give the address that the QR of an invoice holds.

    Parameters
    ----------
    invoice : Invoice
        The invoice.
    qr : QrTarget
        Where it leads.

    Returns
    -------
    str
        URL-encoded.
    """
    identity = InvoiceIdentity(
        Nif(invoice.parties["issuer"]["tax_number"]), invoice.full_number, invoice.issued_on
    )
    total_eur = from_cents(invoice.total_cents)
    return write_identity_address(identity, total_eur, host=qr.host, is_verifiable=qr.is_verifiable)


def _read_payable(session: Session, rows: InvoiceRows, keyring: Keyring) -> InvoiceRecord:
    """Read an invoice with how it is paid."""
    payment = read_payment(session, rows.invoice, keyring)
    return replace(read_issued(session, rows), payment=payment)


def _list_year(session: Session, invoice: Invoice, community: Community) -> Iterator[MonthEnergy]:
    """List the member's months up to the invoiced ones, over all plants."""
    first = LocalMonth(add_months(invoice.period_end, -_CHART_MONTHS), community.timezone)
    last = LocalMonth(invoice.period_end, community.timezone)
    found = list_energy_as_of(
        session,
        promoter_id=invoice.promoter_id,
        supply_point_id=invoice.supply_point_id,
        since=first.starts_at,
        until=last.starts_at,
        recorded_at=invoice.issued_at,
    )
    sums: dict[datetime, list[int]] = {}
    for month, part in found:
        held = sums.setdefault(month.starts_at, [0, 0, part.consumption_wh])
        held[0] += part.self_consumed_micro_wh
        held[1] += part.allocated_micro_wh - part.self_consumed_micro_wh
    for starts_at, (used, left, consumed_wh) in sorted(sums.items()):
        used_wh = used // MILLIONTHS
        month_start = local_day(starts_at, community.timezone)
        yield MonthEnergy(month_start, used_wh, consumed_wh - used_wh, left // MILLIONTHS)


def _read_energy(facts: dict[str, Any]) -> PeriodEnergy | None:
    """Read the energy that stands after an invoice, if there is any."""
    energy = PeriodEnergy(facts["self_consumed_wh"], facts["surplus_wh"])
    return energy if energy.self_consumed_wh or energy.surplus_wh else None


def _find_cancellation(session: Session, invoice: Invoice) -> date | None:
    """Find the day on which an invoice was cancelled, by the clock of the law."""
    owner = invoice.promoter_id
    found = map_cancellations(session, promoter_id=owner, invoice_ids=[invoice.id])
    record = found.get(invoice.id)
    return datetime.fromisoformat(record.generated_at).date() if record else None


def _find_community(session: Session, invoice: Invoice) -> Community:
    members = map_members(session, promoter_id=invoice.promoter_id, member_ids=[invoice.member_id])
    key = members[invoice.member_id].community_id
    return map_communities(session, promoter_id=invoice.promoter_id, community_ids=[key])[key]


def _language_of(invoice: Invoice) -> Language:
    """Give the language of an invoice's payer."""
    return Language(invoice.parties["recipient"]["language"])


def _keep(
    session: Session, invoice: Invoice, document: _Document, keyring: Keyring, now: datetime
) -> InvoiceFile:
    """Store a document, unless the same is stored already."""
    name = invoice.full_number.replace("/", "_")
    if document.language is not _language_of(invoice):
        name += f"_{document.language.value}"
    key = uuid4()
    file = InvoiceFile(
        id=key,
        promoter_id=invoice.promoter_id,
        invoice_id=invoice.id,
        kind=document.kind,
        language=document.language,
        tells_cancellation=document.tells_cancellation,
        file_name=f"{name}.{document.ending or _ENDINGS[document.kind]}",
        sha256=sha256(document.content).hexdigest(),
        content=seal_document(keyring, document.content, file_id=key, kind=document.kind),
        created_at=now,
    )
    stored = find_invoice_file(session, file)
    if stored is not None:
        return stored
    session.add(file)
    session.flush()
    return file
