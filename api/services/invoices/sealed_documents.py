"""Documents of invoices as they are kept: Facturae sealed, for it tells accounts whole."""

from uuid import UUID

from models.keyring import KeyPurpose, Keyring
from models.sealed_ibans import name_place
from models.tables import InvoiceFile, InvoiceFileKind


def seal_document(
    keyring: Keyring, content: bytes, *, file_id: UUID, kind: InvoiceFileKind
) -> bytes:
    """Seal a document for its row, if it is one that tells accounts.

    Parameters
    ----------
    keyring : Keyring
        What seals.
    content : bytes
        The document.
    file_id : UUID
        Its row.
    kind : InvoiceFileKind
        What it is; of a PDF, which shows a payer's account masked, nothing is hidden.

    Returns
    -------
    bytes
    """
    if kind is not InvoiceFileKind.FACTURAE:
        return content
    return keyring.seal(KeyPurpose.IBAN, content, bound_to=_place_of(file_id))


def open_document(keyring: Keyring, file: InvoiceFile) -> bytes:
    """Open a document of an invoice as it was handed out.

    Parameters
    ----------
    keyring : Keyring
        What opens.
    file : InvoiceFile
        The document.

    Returns
    -------
    bytes

    Raises
    ------
    UnopenedSecretError
        If its key is missing, or it was changed.
    """
    if file.kind is not InvoiceFileKind.FACTURAE:
        return file.content
    return keyring.open(KeyPurpose.IBAN, file.content, bound_to=_place_of(file.id))


def _place_of(file_id: UUID) -> str:
    return name_place("invoice_file", "content", file_id)
