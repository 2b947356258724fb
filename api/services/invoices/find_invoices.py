"""Find issued invoices: page by page through a filter, or one by its number."""

from uuid import UUID

from sqlmodel import Session

from api.services.invoices.invoice_history import UnknownInvoiceError
from models.repositories import invoice_lists, payment_plans
from models.repositories.invoice_lists import InvoiceFilter
from models.repositories.page import Page, PageRequest, SortKey
from models.tables import BillingRun, Invoice, InvoiceIssuer
from models.values.errors import ConflictError, NotFoundError

__all__ = [
    "AmbiguousNumberError",
    "InvoiceFilter",
    "UnknownNumberError",
    "UnknownRunError",
    "count_invoices",
    "find_invoice",
    "list_issuers",
    "page_invoices",
    "require_run",
]


class UnknownNumberError(NotFoundError):
    """The promoter has issued no invoice of a number.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"there is no invoice {number[:80]!r}")
        self.number = number


class AmbiguousNumberError(ConflictError):
    """Several issuers have an invoice of the same number.

    Attributes
    ----------
    number : str
        Series and number.
    """

    def __init__(self, number: str) -> None:
        super().__init__(f"several issuers have an invoice {number}: name it by its id")
        self.number = number


class UnknownRunError(NotFoundError):
    """The promoter has no such billing run."""

    def __init__(self, run_id: UUID | None) -> None:
        super().__init__("there is no such billing run")
        self.run_id = run_id


def page_invoices(
    session: Session,
    *,
    promoter_id: UUID,
    wanted: InvoiceFilter,
    first: int,
    after: SortKey | None = None,
) -> Page[Invoice]:
    """Read a page of invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wanted : InvoiceFilter
        Which of its invoices.
    first : int
        Most invoices of the page.
    after : (str, UUID), optional
        Number and id of the invoice after which the page begins.

    Returns
    -------
    Page of Invoice
        By number.
    """
    request = PageRequest(first, after)
    return invoice_lists.page_invoices(
        session, promoter_id=promoter_id, wanted=wanted, request=request
    )


def count_invoices(session: Session, *, promoter_id: UUID, wanted: InvoiceFilter) -> int:
    """Count invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wanted : InvoiceFilter
        Which of its invoices.

    Returns
    -------
    int
        How many there are.
    """
    return invoice_lists.count_invoices(session, promoter_id=promoter_id, wanted=wanted)


def find_invoice(session: Session, *, promoter_id: UUID, name: str) -> Invoice:
    """Find an invoice as people name it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    name : str
        Series and number, or id.

    Returns
    -------
    Invoice
        The invoice.

    Raises
    ------
    UnknownNumberError
        If there is none of that number.
    UnknownInvoiceError
        If there is none of that id.
    AmbiguousNumberError
        If several issuers have that number.
    """
    try:
        key = UUID(name)
    except ValueError:
        found = invoice_lists.find_invoices_by_number(
            session, promoter_id=promoter_id, full_number=name
        )
        if not found:
            raise UnknownNumberError(name) from None
        if len(found) > 1:
            raise AmbiguousNumberError(name) from None
        return found[0]
    issued = invoice_lists.map_issued(session, promoter_id=promoter_id, invoice_ids=[key])
    if key not in issued:
        raise UnknownInvoiceError(key)
    return issued[key]


def list_issuers(session: Session, *, promoter_id: UUID) -> list[InvoiceIssuer]:
    """List in whose names a promoter issues invoices.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.

    Returns
    -------
    list of InvoiceIssuer
        By NIF.
    """
    return payment_plans.list_issuers(session, promoter_id=promoter_id)


def require_run(session: Session, *, promoter_id: UUID, run_id: UUID) -> BillingRun:
    """Read a billing run that must be there.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    run_id : UUID
        The run.

    Returns
    -------
    BillingRun
        The run.

    Raises
    ------
    UnknownRunError
        If the promoter has no such run.
    """
    found = invoice_lists.map_runs(session, promoter_id=promoter_id, run_ids=[run_id])
    if run_id not in found:
        raise UnknownRunError(run_id)
    return found[run_id]
