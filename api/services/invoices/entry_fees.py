"""The parts of entry fees: which fall due when, and which are charged already."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from loaders.invoice_record import last_day_of
from models.repositories.invoices import list_fee_sources
from models.tables import PlanSubscription, PlanTerm
from models.values.invoicing import BillingBasis
from models.values.period import Period

_DAY = timedelta(days=1)


class FeePart(NamedTuple):
    """One of the equal parts of an entry fee."""

    subscription_id: UUID
    term: PlanTerm
    number: int

    @property
    def key(self) -> "FeeKey":
        """What tells it from all others."""
        return self.subscription_id, self.term.id, self.number


FeeKey = tuple[UUID, UUID, int]
"""Subscription, term and number of a part."""


def find_charged_parts(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    besides: Collection[UUID] = (),
) -> frozenset[FeeKey]:
    """Find the parts of entry fees that invoices charged which were not cancelled.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    supply_point_ids : collection of UUID
        Whose fees.
    besides : collection of UUID
        Invoices that are left out.

    Returns
    -------
    frozenset of FeeKey
        A rectifying invoice that was worked out anew charges what it lists.
    """
    stored = list_fee_sources(
        session, promoter_id=promoter_id, supply_point_ids=supply_point_ids, besides=besides
    )
    return frozenset(
        (UUID(each["subscription_id"]), UUID(each["term_id"]), each["instalment"])
        for source in stored
        for each in source.get("lines", [source])
        if "instalment" in each
    )


def list_due_parts(
    subscription: PlanSubscription, terms: Sequence[PlanTerm], days: Period
) -> Iterator[FeePart]:
    """List the parts that fall due in the months of some days.

    Parameters
    ----------
    subscription : PlanSubscription
        By which plan is paid.
    terms : sequence of PlanTerm
        Of the plan, by position and then by day.
    days : Period
        Closed.

    Returns
    -------
    iterator of FeePart
        One a month, from that on in which the subscription began.
    """
    begun = subscription.valid_from
    first = _count_months(begun, days.start) + 1
    last = _count_months(begun, last_day_of(days)) + 1
    for term in _find_fees(subscription, terms):
        for number in range(first, min(last, term.instalments) + 1):
            yield FeePart(subscription.id, term, number)


def list_rest(
    subscription: PlanSubscription, terms: Sequence[PlanTerm], until: date
) -> Iterator[FeePart]:
    """List the parts whose months do not come, because the subscription has ended.

    Parameters
    ----------
    subscription : PlanSubscription
        By which plan was paid.
    terms : sequence of PlanTerm
        Of the plan, by position and then by day.
    until : date
        First day after those that are looked at.

    Returns
    -------
    iterator of FeePart
        All that is left; nothing of one that has not ended by then.
    """
    ended = subscription.valid_until
    if ended is None or ended > until:
        return
    first = _count_months(subscription.valid_from, ended - _DAY) + 2
    for term in _find_fees(subscription, terms):
        for number in range(first, term.instalments + 1):
            yield FeePart(subscription.id, term, number)


def _find_fees(subscription: PlanSubscription, terms: Sequence[PlanTerm]) -> list[PlanTerm]:
    """Find the entry fees that hold on the first day of a subscription."""
    begun = subscription.valid_from
    newest = {term.position: term for term in terms if term.valid_from <= begun}
    return [
        term
        for term in newest.values()
        if term.basis is BillingBasis.ENTRY_FEE
        and (term.valid_until is None or begun < term.valid_until)
    ]


def _count_months(since: date, until: date) -> int:
    """Count the months from that of one day to that of another."""
    return 12 * (until.year - since.year) + until.month - since.month
