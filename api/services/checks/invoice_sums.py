"""Whether a distributor's invoice multiplies and adds up."""

from collections.abc import Iterator
from decimal import Decimal

from api.services.checks.invoice_check import InvoiceCause, InvoiceDifference
from loaders.distributor_invoice.records import DistributorInvoice, InvoicedRow, InvoicedTerm
from models.values.money import CENT, round_to_cents

_PERCENT = Decimal(100)
_NOTHING = Decimal(0)


def count_days(invoice: DistributorInvoice, row: InvoicedRow) -> int:
    """Count the days of a row: the day of the first reading does not count, the last one does.

    Parameters
    ----------
    invoice : DistributorInvoice
        Whose days hold where the row has none.
    row : InvoicedRow
        A tariff period.

    Returns
    -------
    int
        Days.
    """
    return ((row.end or invoice.end) - (row.start or invoice.start)).days


def is_priced_by_day(invoice: DistributorInvoice) -> bool:
    """Tell whether prices of power are for a day: both are met, and the total shows which.

    Parameters
    ----------
    invoice : DistributorInvoice
        With a term of power.

    Returns
    -------
    bool
        False where they are for all days together.
    """
    term = invoice.power
    if term is None:
        return False
    whole, by_day = (_multiply(invoice, term, by_day=each) for each in (False, True))
    return abs(by_day - term.total) < abs(whole - term.total)


def find_wrong_sums(invoice: DistributorInvoice) -> Iterator[InvoiceDifference]:
    """Find what of an invoice does not follow from its own figures.

    Parameters
    ----------
    invoice : DistributorInvoice
        Any.

    Yields
    ------
    InvoiceDifference
        Days, terms, bases, taxes and total; a cent a row is rounding.
    """
    days = (invoice.end - invoice.start).days
    if days != invoice.n_days:
        yield InvoiceDifference(InvoiceCause.DAYS, None, str(days), str(invoice.n_days), "day")
    yield from _find_wrong_terms(invoice)
    yield from _find_wrong_taxes(invoice)
    total = _sum_terms(invoice) + sum((tax.amount for tax in invoice.vat), _NOTHING)
    if invoice.electricity_tax is not None:
        total += invoice.electricity_tax.amount
    yield from _compare(InvoiceCause.TOTAL, total, invoice.stated_total, 1)


def _find_wrong_terms(invoice: DistributorInvoice) -> Iterator[InvoiceDifference]:
    terms = (
        (InvoiceCause.POWER_SUM, invoice.power, is_priced_by_day(invoice)),
        (InvoiceCause.ENERGY_SUM, invoice.energy, False),
        (InvoiceCause.REACTIVE_SUM, invoice.reactive, False),
    )
    for cause, term, by_day in terms:
        if term is not None:
            product = _multiply(invoice, term, by_day=by_day)
            yield from _compare(cause, product, term.total, len(term.rows))
    if invoice.rental_rows:
        rent = sum((price * days for price, days in invoice.rental_rows), _NOTHING)
        n_rows = len(invoice.rental_rows)
        yield from _compare(InvoiceCause.RENTAL_SUM, rent, invoice.rental_total, n_rows)


def _find_wrong_taxes(invoice: DistributorInvoice) -> Iterator[InvoiceDifference]:
    taxes = [*invoice.vat, *([invoice.electricity_tax] if invoice.electricity_tax else [])]
    for tax in taxes:
        yield from _compare(InvoiceCause.TAX, tax.base * tax.percent / _PERCENT, tax.amount, 1)
    base = sum((tax.base for tax in invoice.vat), _NOTHING)
    electricity = invoice.electricity_tax.amount if invoice.electricity_tax else _NOTHING
    if invoice.vat:
        yield from _compare(InvoiceCause.TAX_BASE, _sum_terms(invoice) + electricity, base, 1)


def _sum_terms(invoice: DistributorInvoice) -> Decimal:
    """Sum everything before taxes."""
    terms = (invoice.power, invoice.energy, invoice.reactive, invoice.charges)
    return sum(
        (term.total for term in terms if term is not None),
        invoice.excess_total + invoice.rental_total + invoice.others_total,
    )


def _multiply(invoice: DistributorInvoice, term: InvoicedTerm, *, by_day: bool) -> Decimal:
    return sum(
        (
            row.quantity * row.price * (count_days(invoice, row) if by_day else 1)
            for row in term.rows
        ),
        _NOTHING,
    )


def _compare(
    cause: InvoiceCause, ours: Decimal, theirs: Decimal, n_rows: int
) -> Iterator[InvoiceDifference]:
    if abs(theirs - ours) > CENT * n_rows:
        rounded = round_to_cents(ours)
        yield InvoiceDifference(
            cause, None, str(rounded), str(theirs), "EUR", round_to_cents(theirs) - rounded
        )
