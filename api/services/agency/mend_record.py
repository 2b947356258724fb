"""Follow a record that the tax agency refused, or took with errors, by one that mends it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.agency.read_sending import (
    RecordStanding,
    RecordState,
    can_mend,
    group_standings,
    lacks_invoice,
)
from api.services.invoices.invoice_history import read_issued, require_invoice
from api.services.invoices.record_chain import RecordChain
from loaders.invoice_record import InvoiceRecord
from loaders.verifactu.record_writer import PriorRejection, identify_invoice
from loaders.verifactu.records import BillingSystem
from models.repositories.invoices import InvoiceRows, map_cancellations
from models.repositories.payment_plans import lock_issuers, map_payers
from models.tables import FiscalRecord, FiscalRecordKind, InvoiceIssuer
from models.values.errors import ConflictError


class UnmendableRecordError(ConflictError):
    """The newest record of an invoice is not one that another mends.

    Attributes
    ----------
    number : str
        Series and number of the invoice.
    kind : FiscalRecordKind
        What the record tells.
    state : RecordState
        What the agency made of it.
    """

    def __init__(self, number: str, kind: FiscalRecordKind, state: RecordState) -> None:
        super().__init__(
            f"the newest record of invoice {number} needs no mending: the tax agency has neither "
            "refused it nor accepted its registration with errors"
        )
        self.number = number
        self.kind = kind
        self.state = state


def mend_record(
    session: Session, *, promoter_id: UUID, invoice_id: UUID, system: BillingSystem, now: datetime
) -> FiscalRecord:
    """Add a record that mends the newest one of an invoice, which is sent like any other.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The invoice, which stays as it was issued.
    system : BillingSystem
        The software, as its declaration of conformity names it.
    now : datetime
        The present instant.

    Returns
    -------
    FiscalRecord
        Says the same as the invoice; issuer and payer are named as they are now, as long as their
        tax numbers are the same.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    UnmendableRecordError
        If the agency accepted its newest record, or has not answered, or has cancelled the invoice.

    Notes
    -----
    Orden HAC/1177/2024, articles 10 and 11. A registration says ``Subsanacion`` S, and
    ``RechazoPrevio`` X where the agency refused every one of the invoice, S where it keeps one and
    refused the last, nothing where it took the last with errors. A cancellation says
    ``RechazoPrevio`` S, and ``SinRegistroPrevio`` S where no registration is kept. An invoice that
    is wrong itself is rectified instead.
    """
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    issuer_id = rows.invoice.issuer_id
    issuer = lock_issuers(session, promoter_id=promoter_id, issuer_ids=[issuer_id])[issuer_id]
    found = group_standings(session, promoter_id=promoter_id, invoice_ids=[invoice_id])
    standings = found[invoice_id]
    newest = standings[-1]
    if not can_mend(newest.kind, newest.state):
        raise UnmendableRecordError(rows.invoice.full_number, newest.kind, newest.state)
    chain = RecordChain(session, issuer=issuer, system=system, now=now)
    if newest.kind is FiscalRecordKind.CANCELLATION:
        record = _cancel_again(session, rows, standings, chain)
    else:
        record = _register_again(session, rows, standings, chain, issuer)
    session.add(record)
    session.flush()
    return record


def tell_prior_rejection(standings: Sequence[RecordStanding]) -> PriorRejection | None:
    """Tell what a registration says of the answers to those before it.

    Parameters
    ----------
    standings : sequence of RecordStanding
        Of the records of the invoice before it, at least one.

    Returns
    -------
    PriorRejection or None
        None where the agency took the last with errors.
    """
    if lacks_invoice(standings):
        return PriorRejection.UNKNOWN_TO_AGENCY
    return PriorRejection.REJECTED if standings[-1].state is RecordState.REFUSED else None


def _register_again(
    session: Session,
    rows: InvoiceRows,
    standings: list[RecordStanding],
    chain: RecordChain,
    issuer: InvoiceIssuer,
) -> FiscalRecord:
    return chain.mend(
        rows.invoice.id,
        _name_as_now(session, rows, issuer),
        attempt=standings[-1].attempt + 1,
        prior_rejection=tell_prior_rejection(standings),
    )


def _cancel_again(
    session: Session, rows: InvoiceRows, standings: list[RecordStanding], chain: RecordChain
) -> FiscalRecord:
    owner, key = rows.invoice.promoter_id, rows.invoice.id
    first = map_cancellations(session, promoter_id=owner, invoice_ids=[key])[key]
    return chain.cancel(
        key,
        identify_invoice(read_issued(session, rows)),
        first.because or "",
        is_unregistered=lacks_invoice(standings),
        attempt=standings[-1].attempt + 1,
    )


def _name_as_now(session: Session, rows: InvoiceRows, issuer: InvoiceIssuer) -> InvoiceRecord:
    """Read an invoice with the names that its parties have now: a wrong one is refused."""
    record, invoice = read_issued(session, rows), rows.invoice
    payers = map_payers(session, promoter_id=invoice.promoter_id, member_ids=[invoice.member_id])
    payer = payers.get(invoice.member_id)
    recipient = record.recipient
    if payer is not None and payer.tax_number == recipient.nif:
        recipient = replace(recipient, name=payer.name)
    named = replace(record.issuer, name=issuer.name)
    return replace(record, issuer=named, recipient=recipient)
