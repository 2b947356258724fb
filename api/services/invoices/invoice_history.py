"""What became of an invoice: those that rectify it, one after another, and what stands now."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.stored_invoice import read_lines, read_record
from loaders.invoice_parts import InvoiceLine
from loaders.invoice_record import InvoiceRecord
from models.repositories.invoice_lists import group_rectifying
from models.repositories.invoices import (
    InvoiceRows,
    get_invoice,
    map_cancellations,
    map_invoices,
)
from models.tables import Invoice
from models.values.errors import ConflictError, NotFoundError
from models.values.invoicing import BillingBasis, Rectification

BasedLine = tuple[BillingBasis, InvoiceLine]
"""A line and what it charges for."""


class UnknownInvoiceError(NotFoundError):
    """The caller has no such invoice."""

    def __init__(self, invoice_id: UUID | None) -> None:
        super().__init__("there is no such invoice")
        self.invoice_id = invoice_id


class CancelledInvoiceError(ConflictError):
    """An invoice was cancelled: there is nothing to rectify, or to cancel again.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"invoice {number} was cancelled: bill its days again instead")
        self.number = number


@dataclass(frozen=True, slots=True)
class InvoiceHistory:
    """An ordinary invoice and those that rectify it, none of them cancelled.

    Attributes
    ----------
    documents : tuple of InvoiceRows
        In order: each rectifies the one before it.
    """

    documents: tuple[InvoiceRows, ...]

    @property
    def last(self) -> InvoiceRows:
        """The newest of them."""
        return self.documents[-1]

    @property
    def standing(self) -> tuple[InvoiceRows, ...]:
        """Those that count together: from the last one that states the whole."""
        whole = [
            place
            for place, rows in enumerate(self.documents)
            if rows.invoice.rectification is not Rectification.DIFFERENCE
        ]
        return self.documents[whole[-1] :]

    def list_standing_lines(self) -> list[BasedLine]:
        """List what is charged by all that count together; lines taken back are left out."""
        lines: list[BasedLine] = []
        for rows in self.standing:
            for stored, line in zip(rows.lines, read_lines(rows), strict=True):
                based = (stored.basis, line)
                if negate(based) in lines:
                    lines.remove(negate(based))
                else:
                    lines.append(based)
        return lines


def negate(based: BasedLine) -> BasedLine:
    """Take a line back.

    Parameters
    ----------
    based : BasedLine
        The line.

    Returns
    -------
    BasedLine
        With quantity and base below zero where they were above.
    """
    basis, line = based
    return basis, replace(line, quantity=-line.quantity, base_eur=-line.base_eur)


def read_history(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> InvoiceHistory:
    """Read an invoice, what it rectifies and what rectifies it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        Any of them.

    Returns
    -------
    InvoiceHistory
        From the ordinary invoice on.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    CancelledInvoiceError
        If the invoice was cancelled.
    """
    rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    if map_cancellations(session, promoter_id=promoter_id, invoice_ids=[invoice_id]):
        raise CancelledInvoiceError(rows.invoice.full_number)
    while rows.invoice.rectifies_id is not None:
        rows = require_invoice(
            session, promoter_id=promoter_id, invoice_id=rows.invoice.rectifies_id
        )
    documents = [rows]
    while True:
        following = _list_following(session, rows.invoice)
        if not following:
            return InvoiceHistory(tuple(documents))
        rows = require_invoice(session, promoter_id=promoter_id, invoice_id=following[0])
        documents.append(rows)


def require_invoice(session: Session, *, promoter_id: UUID, invoice_id: UUID) -> InvoiceRows:
    """Read an invoice that must be there.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    invoice_id : UUID
        The invoice.

    Returns
    -------
    InvoiceRows
        With its parts.

    Raises
    ------
    UnknownInvoiceError
        If the caller has no such invoice.
    """
    rows = get_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
    if rows is None:
        raise UnknownInvoiceError(invoice_id)
    return rows


def read_issued(session: Session, rows: InvoiceRows) -> InvoiceRecord:
    """Read an issued invoice as its writers take it, with those that it corrects.

    Parameters
    ----------
    session : Session
        Open transaction.
    rows : InvoiceRows
        The invoice.

    Returns
    -------
    InvoiceRecord
        Equal to the one that was issued, without how it is paid.
    """
    keys = [UUID(key) for key in rows.invoice.facts.get("corrects", ())]
    found = map_invoices(session, promoter_id=rows.invoice.promoter_id, invoice_ids=keys)
    return read_record(rows, [found[key] for key in keys])


def _list_following(session: Session, invoice: Invoice) -> list[UUID]:
    """List the invoices that rectify another one directly and were not cancelled."""
    owner, key = invoice.promoter_id, invoice.id
    found = group_rectifying(session, promoter_id=owner, invoice_ids=[key])[key]
    keys = [each.id for each in found]
    cancelled = map_cancellations(session, promoter_id=owner, invoice_ids=keys)
    return [each for each in keys if each not in cancelled]
