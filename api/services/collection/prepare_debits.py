"""Show what a run of direct debits would collect, and what not and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.apply_prepayments import foresee_prepayments
from api.services.collection.mandate_life import MandateHistory
from api.services.collection.mandate_records import read_histories
from api.services.collection.open_items import OpenItem, open_items
from api.services.collection.plan_debits import DebitRules, LeftItem, PlannedDebit, plan_debits
from api.services.invoices.payment_plans import UnknownIssuerError
from loaders.sepa.business_days import add_business_days, find_collection_day
from models.repositories.debits import list_debits_of_invoices
from models.repositories.mandates import list_mandates, map_creditor_accounts
from models.repositories.payment_plans import map_issuers
from models.tables import CreditorAccount, InvoiceIssuer
from models.values.calendar import LAW_CLOCK, local_day
from models.values.errors import ConflictError, InvalidArgumentError

_MOST_DAYS_AHEAD = 365


class NoCreditorAccountError(ConflictError):
    """An issuer has no account to collect with.

    Attributes
    ----------
    tax_number : str
        NIF of the issuer.
    """

    def __init__(self, tax_number: str) -> None:
        super().__init__(
            f"issuer {tax_number} cannot collect by direct debit: set its creditor account first"
        )
        self.tax_number = tax_number


class CollectionDayError(InvalidArgumentError):
    """Payers or bank would learn too late of a collection, or it lies too far ahead.

    Attributes
    ----------
    collect_on : date
        The day that was asked for.
    first_day : date
        The first on which it can be.
    """

    def __init__(self, collect_on: date, first_day: date) -> None:
        super().__init__(
            f"{collect_on} is no day to collect on: the first is {first_day}, for payers are told"
            f" and the bank gets the file before; the last is {_MOST_DAYS_AHEAD} days ahead"
        )
        self.collect_on = collect_on
        self.first_day = first_day


@dataclass(frozen=True, slots=True)
class DebitRunWish:
    """What is to be collected.

    Attributes
    ----------
    issuer_id : UUID
        Who collects.
    due_until : date
        Items due by that day, it too.
    collect_on : date or None
        First local day of the collection; the first that is possible when None. An item that is
        due later is collected on its own day. On a day on which banks are closed the collection
        is moved to the next on which they work.
    community_id : UUID or None
        Only this community's members.
    member_ids : frozenset of UUID or None
        Only these members.
    retried : frozenset of UUID
        Invoices whose payers agreed that what came back is collected again.
    final : frozenset of UUID
        Mandates whose last collection this is.
    """

    issuer_id: UUID
    due_until: date
    collect_on: date | None = None
    community_id: UUID | None = None
    member_ids: frozenset[UUID] | None = None
    retried: frozenset[UUID] = field(default_factory=frozenset)
    final: frozenset[UUID] = field(default_factory=frozenset)

    def as_document(self) -> dict[str, Any]:
        """Give the wish as it is stored and compared."""
        members = self.member_ids
        return {
            "issuer_id": str(self.issuer_id),
            "due_until": self.due_until.isoformat(),
            "collect_on": self.collect_on and self.collect_on.isoformat(),
            "community_id": self.community_id and str(self.community_id),
            "member_ids": None if members is None else sorted(map(str, members)),
            "retried": sorted(map(str, self.retried)),
            "final": sorted(map(str, self.final)),
        }


@dataclass(frozen=True, slots=True)
class DebitPreview:
    """What a run of direct debits would collect.

    Attributes
    ----------
    issuer : InvoiceIssuer
        Who collects.
    creditor : CreditorAccount
        With what.
    first_day : date
        First day of a collection.
    collected : tuple of PlannedDebit
        By day.
    left : tuple of LeftItem
        What is not collected.
    """

    issuer: InvoiceIssuer
    creditor: CreditorAccount
    first_day: date
    collected: tuple[PlannedDebit, ...]
    left: tuple[LeftItem, ...]

    @property
    def total_cents(self) -> int:
        """Sum of what is collected [cents]."""
        return sum(each.item.open_cents for each in self.collected)


def prepare_debits(
    session: Session, *, promoter_id: UUID, wish: DebitRunWish, now: datetime
) -> DebitPreview:
    """Show what a run of direct debits would collect.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : DebitRunWish
        What is to be collected.
    now : datetime
        The present instant.

    Returns
    -------
    DebitPreview
        Every open item that is due by that day stands in it: collected, or left with the reason.

    Raises
    ------
    UnknownIssuerError
        If the promoter has no such issuer.
    NoCreditorAccountError
        If it has no account to collect with.
    CollectionDayError
        If the day that is asked for is too early for payers or bank, or too far ahead.

    Notes
    -----
    Payers are told so many days ahead as the creditor account says, and the bank gets the file so
    many business days ahead as it wants: a day that is too early for either is refused. What is
    left of a member's money pays before anything is collected from it.
    """
    issuers = map_issuers(session, promoter_id=promoter_id, issuer_ids=[wish.issuer_id])
    if wish.issuer_id not in issuers:
        raise UnknownIssuerError(wish.issuer_id)
    issuer = issuers[wish.issuer_id]
    accounts = map_creditor_accounts(session, promoter_id=promoter_id, issuer_ids=[issuer.id])
    if issuer.id not in accounts:
        raise NoCreditorAccountError(issuer.tax_number)
    today = local_day(now, LAW_CLOCK)
    first_day = _choose_first_day(accounts[issuer.id], wish.collect_on, today)
    items = _list_items(session, promoter_id, wish, now)
    debits = list_debits_of_invoices(
        session, promoter_id=promoter_id, invoice_ids={item.invoice_id for item in items}
    )
    collected, left = plan_debits(
        items,
        debits,
        _group_histories(session, promoter_id, issuer.id, items),
        DebitRules(first_day, wish.retried, wish.final),
    )
    return DebitPreview(issuer, accounts[issuer.id], first_day, tuple(collected), tuple(left))


def _choose_first_day(creditor: CreditorAccount, wanted: date | None, today: date) -> date:
    """Give the first day of a collection that payers and bank learn of in time."""
    first = find_collection_day(
        sent_on=today,
        lead_business_days=creditor.lead_days,
        notified_on=today,
        notice_days=creditor.notice_days,
    )
    if wanted is None:
        return first
    if not first <= wanted <= today + timedelta(days=_MOST_DAYS_AHEAD):
        raise CollectionDayError(wanted, first)
    return add_business_days(wanted, 0)


def _list_items(
    session: Session, promoter_id: UUID, wish: DebitRunWish, now: datetime
) -> list[OpenItem]:
    """List what is due by that day and no money of its member pays."""
    found = open_items(
        session,
        promoter_id,
        on=local_day(now, LAW_CLOCK),
        issuer_id=wish.issuer_id,
        community_id=wish.community_id,
        member_ids=wish.member_ids,
    )
    left = foresee_prepayments(
        session,
        promoter_id=promoter_id,
        issuer_id=wish.issuer_id,
        now=now,
        member_ids=wish.member_ids,
    )
    due = (item for item in found if item.due_on <= wish.due_until)
    shown = ((item, left.get((item.invoice_id, item.due_on), item.open_cents)) for item in due)
    return [replace(item, open_cents=cents) for item, cents in shown if cents > 0]


def _group_histories(
    session: Session, promoter_id: UUID, issuer_id: UUID, items: Sequence[OpenItem]
) -> dict[UUID, list[MandateHistory]]:
    """Read the members' mandates, newest first."""
    mandates = list_mandates(
        session,
        promoter_id=promoter_id,
        issuer_ids=[issuer_id],
        member_ids={item.member_id for item in items},
    )
    groups: dict[UUID, list[MandateHistory]] = {}
    histories = read_histories(session, promoter_id=promoter_id, mandates=mandates)
    for history in histories.values():
        groups.setdefault(history.mandate.member_id, []).append(history)
    return groups
