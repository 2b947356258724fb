"""Find what banks are collecting: it is not asked for again until they had time to say no."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.collection.open_items import OpenItem
from loaders.sepa.business_days import add_business_days
from models.repositories.debits import KnownDebit, list_debits_of_invoices

DAYS_TO_HEAR = 5
"""Business days after a collection within which banks send back what they cannot pay."""


def leave_out_underway(
    session: Session, *, promoter_id: UUID, items: Sequence[OpenItem], on: date
) -> list[OpenItem]:
    """Leave out what a bank is collecting.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    items : sequence of OpenItem
        What is open.
    on : date
        Local day; a debit of which nothing was heard for five business days after its collection
        counts no more.

    Returns
    -------
    list of OpenItem
        The others, in the same order, in one query.

    Notes
    -----
    EPC016-06, the rulebook of the CORE scheme: a bank returns a debit within five business days.
    """
    by_invoice: defaultdict[UUID, list[OpenItem]] = defaultdict(list)
    for item in items:
        by_invoice[item.invoice_id].append(item)
    debits: defaultdict[UUID, list[KnownDebit]] = defaultdict(list)
    for each in list_debits_of_invoices(session, promoter_id=promoter_id, invoice_ids=by_invoice):
        if on <= add_business_days(each.debit.collect_on, DAYS_TO_HEAR):
            debits[each.debit.invoice_id].append(each)
    underway = {item for key, own in by_invoice.items() for item in find_underway(own, debits[key])}
    return [item for item in items if item not in underway]


def find_underway(items: Sequence[OpenItem], debits: Sequence[KnownDebit]) -> set[OpenItem]:
    """Find the items of an invoice that its undecided debits may pay: their own, then the oldest.

    Parameters
    ----------
    items : sequence of OpenItem
        What is open of an invoice.
    debits : sequence of KnownDebit
        Its debits.

    Returns
    -------
    set of OpenItem
        What is not among them is at most what is open less those debits.
    """
    undecided = [each.debit for each in debits if not each.outcome.is_decided]
    days = {debit.due_on for debit in undecided}
    left = sum(debit.amount_cents for debit in undecided)
    found = set()
    for item in sorted(items, key=lambda item: (item.due_on not in days, item.due_on)):
        if item.due_on in days or left > 0:
            found.add(item)
        left -= item.open_cents
    return found
