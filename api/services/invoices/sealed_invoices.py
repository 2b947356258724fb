"""Hold invoices as they are stored against the records that registered them."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel import Session

from api.services.agency.mend_record import tell_prior_rejection
from api.services.agency.read_sending import RecordStanding, group_standings, lacks_invoice
from api.services.invoices.stored_invoice import list_invoice_values, read_record
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.record_differences import (
    list_cancellation_differences,
    list_registration_differences,
)
from loaders.verifactu.record_writer import identify_invoice
from models.repositories.invoice_lists import group_records
from models.repositories.invoices import InvoiceRows, list_issued_ids, map_invoices
from models.tables import FIRST_ATTEMPT, FiscalRecord, FiscalRecordKind, InvoiceIssuer
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
        that is another, or what one of its records says otherwise, of the invoice or of the
        records before. The address in the QR is made of identity and total.
    """
    owner = issuer.promoter_id
    keys = list_issued_ids(session, promoter_id=owner, issuer_id=issuer.id)
    for start in range(0, len(keys), _AT_ONCE):
        held = keys[start : start + _AT_ONCE]
        records = group_records(session, promoter_id=owner, invoice_ids=held)
        standings = group_standings(session, promoter_id=owner, invoice_ids=held)
        invoices = map_invoices(session, promoter_id=owner, invoice_ids=held)
        corrects = {key: _read_corrected(invoices[key]) for key in held}
        corrected = map_invoices(
            session,
            promoter_id=owner,
            invoice_ids={each for named in corrects.values() for each in named},
        )
        for key in held:
            rows = invoices[key]
            if not records[key]:
                continue
            named = [corrected[each] for each in corrects[key] if each in corrected]
            if found := _compare(rows, named, records[key], standings[key]):
                yield f"invoice {rows.invoice.full_number} is not as it was registered: {found}"


def _read_corrected(rows: InvoiceRows) -> list[UUID]:
    return [UUID(key) for key in rows.invoice.facts.get("corrects", ())]


def _compare(
    rows: InvoiceRows,
    corrected: list[InvoiceRows],
    records: Sequence[FiscalRecord],
    standings: Sequence[RecordStanding],
) -> str:
    """Say what of an invoice is not as it was registered; nothing when all is."""
    differences: list[str] = []
    try:
        record = read_record(rows, corrected)
        for place, held in enumerate(records):
            found = _list_differences(record, held, standings[:place])
            differences += [f"{name} (record {held.position})" for name in found]
    except CommunityError as error:
        return str(error)
    stored = rows.invoice.model_dump()
    values = list_invoice_values(record).items()
    differences += [name for name, value in values if stored[name] != value]
    return ", ".join(differences)


def _list_differences(
    record: InvoiceRecord, held: FiscalRecord, before: Sequence[RecordStanding]
) -> list[str]:
    """List what a record says otherwise than its invoice, and the agency's answers before it."""
    is_later = held.attempt > FIRST_ATTEMPT
    if held.kind is FiscalRecordKind.REGISTRATION:
        return list_registration_differences(
            record,
            held.content,
            mends_record=is_later,
            prior_rejection=tell_prior_rejection(before) if is_later else None,
        )
    # A refusal may have come when the cancellation was written already.
    return min(
        (
            list_cancellation_differences(
                identify_invoice(record),
                held.content,
                is_unregistered=is_unregistered,
                is_rejected_before=is_later,
            )
            for is_unregistered in {False, lacks_invoice(before)}
        ),
        key=len,
    )
