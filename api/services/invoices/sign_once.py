"""Sign the Facturae of an invoice, once by each certificate."""

from datetime import datetime

from sqlmodel import Session

from api.services.agency.agency_access import CertificateSource
from api.services.invoices.sealed_documents import open_document
from loaders.certificate_files import CertifiedKey
from loaders.facturae.signature import is_signed_copy, sign_facturae
from models.keyring import Keyring
from models.repositories.invoices import list_invoice_files
from models.tables import Invoice, InvoiceFileKind

SIGNED_ENDING = "xsig"
"""How the name of a signed Facturae ends; of one without a signature it is ``xml``."""


def sign_once(
    session: Session,
    *,
    invoice: Invoice,
    content: bytes,
    certificate: CertificateSource,
    keyring: Keyring,
    now: datetime,
) -> bytes:
    """Sign an invoice, or find it as the same certificate signed it before.

    Parameters
    ----------
    session : Session
        Open transaction.
    invoice : Invoice
        The invoice.
    content : bytes
        Its Facturae without a signature.
    certificate : CertificateSource
        Whose signature it is.
    keyring : Keyring
        What opens those that are kept.
    now : datetime
        The present instant.

    Returns
    -------
    bytes
        With the signature; the very bytes that were handed out before, if there are any.

    Raises
    ------
    UnfitCertificateError
        If the certificate cannot be read, cannot sign, or is not valid.
    """
    signer = certificate.read()
    stored = list_invoice_files(
        session,
        promoter_id=invoice.promoter_id,
        invoice_id=invoice.id,
        kind=InvoiceFileKind.FACTURAE,
    )
    for file in stored:
        kept = open_document(keyring, file)
        if is_signed_copy(kept, invoice=content, signer=signer):
            return kept
    issuer_nif = invoice.parties["issuer"]["tax_number"]
    return sign_facturae(
        content, signer=signer, signed_at=now, is_third_party=not _names(signer, issuer_nif)
    )


def _names(signer: CertifiedKey, nif: str) -> bool:
    """Tell whether a certificate is somebody's own, or of one who represents them."""
    return any(nif in str(attribute.value) for attribute in signer.certificate.subject)
