"""Hold invoices as they are stored against the records that registered them."""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.stored_invoice import list_invoice_values, read_record
from loaders.verifactu.record_writer import list_differences
from models.repositories.invoices import (
    InvoiceRows,
    list_issued_ids,
    map_invoices,
    map_registrations,
)
from models.tables import FIRST_ATTEMPT, FiscalRecord, InvoiceIssuer
from models.values.errors import CommunityError

_AT_ONCE = 500


def list_altered_invoices(session: Session, issuer: InvoiceIssuer) -> Iterator[str]:
    """List the invoices of an issuer that are not what their records registered.

    Parameters
    ----------
    session : Session
        Open transaction.
    issuer : InvoiceIssuer
        Whose invoices.

    Returns
    -------
    iterator of str
        A sentence each: lines that do not sum to the bases, quotas that are not theirs, a total
        that is another, or what the record says otherwise. The address in the QR is made of
        identity and total.
    """
    owner = issuer.promoter_id
    keys = list_issued_ids(session, promoter_id=owner, issuer_id=issuer.id)
    for start in range(0, len(keys), _AT_ONCE):
        held = keys[start : start + _AT_ONCE]
        records = map_registrations(session, promoter_id=owner, invoice_ids=held)
        invoices = map_invoices(session, promoter_id=owner, invoice_ids=held)
        corrects = {key: _read_corrected(invoices[key]) for key in held}
        corrected = map_invoices(
            session,
            promoter_id=owner,
            invoice_ids={each for named in corrects.values() for each in named},
        )
        for key in held:
            rows = invoices[key]
            if key not in records:
                continue
            named = [corrected[each] for each in corrects[key] if each in corrected]
            if found := _compare(rows, named, records[key]):
                yield f"invoice {rows.invoice.full_number} is not as it was registered: {found}"


def _read_corrected(rows: InvoiceRows) -> list[UUID]:
    return [UUID(key) for key in rows.invoice.facts.get("corrects", ())]


def _compare(rows: InvoiceRows, corrected: list[InvoiceRows], held: FiscalRecord) -> str:
    """Say what of an invoice is not as it was registered; nothing when all is."""
    try:
        record = read_record(rows, corrected)
        is_mended = held.attempt > FIRST_ATTEMPT
        differences = list_differences(record, held.content, has_own_names=is_mended)
    except CommunityError as error:
        return str(error)
    stored = rows.invoice.model_dump()
    values = list_invoice_values(record).items()
    differences += [name for name, value in values if stored[name] != value]
    return ", ".join(differences)
