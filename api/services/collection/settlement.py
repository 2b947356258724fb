"""Money against what is owed: worked out in memory, stored at a stroke."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.collection.invoice_entries import move
from api.services.collection.open_items import OpenItem, open_items
from models.repositories.invoices import insert_rows
from models.tables import LedgerEntry
from models.values.ledger import LedgerAccount, LedgerEvent

ALL_DAYS = date.max
"""Bound of entries when all of them count."""

_MOST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Money:
    """A member's money that is to pay something.

    Attributes
    ----------
    payment_id, member_id : UUID
        Of which payment, and whose.
    cents : int
        How much [cents].
    source : LedgerAccount
        Where it stands now.
    event : LedgerEvent
        How it comes.
    posted_on : date
        Local day for which it counts.
    invoice_ids : sequence of UUID
        Invoices that it pays first, in this order, then the oldest of the overdue; the oldest of
        all when empty.
    """

    payment_id: UUID
    member_id: UUID
    cents: int
    source: LedgerAccount
    event: LedgerEvent
    posted_on: date
    invoice_ids: Sequence[UUID] = ()


class Settlement:
    """What members owe to an issuer whose row this transaction holds, while money pays it.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id, issuer_id : UUID
        The tenant, and whose books.
    member_ids : collection of UUID
        Who pays.
    now : datetime
        The present instant.
    """

    def __init__(
        self,
        session: Session,
        *,
        promoter_id: UUID,
        issuer_id: UUID,
        member_ids: Collection[UUID],
        now: datetime,
    ) -> None:
        self._session = session
        self._head = {"promoter_id": promoter_id, "issuer_id": issuer_id, "posted_at": now}
        self._entries: list[dict[str, Any]] = []
        self._items: defaultdict[UUID, list[OpenItem]] = defaultdict(list)
        self._left: dict[OpenItem, int] = {}
        few = member_ids if len(member_ids) <= _MOST_NAMED else None
        found = open_items(session, promoter_id, on=ALL_DAYS, issuer_id=issuer_id, member_ids=few)
        for item in found:
            self._items[item.member_id].append(item)
            self._left[item] = item.open_cents

    def pay(self, money: Money) -> None:
        """Let money pay what it names, then the oldest; what is left is the member's prepayment."""
        left = money.cents
        for item in self._choose(money):
            part = min(left, self._left[item])
            self._left[item] -= part
            left -= part
            self._entries += self._settle(money, item, part)
        if money.source is not LedgerAccount.PREPAYMENT:
            head = self._name(money, money.posted_on)
            self._entries += move(head, money.event, money.source, LedgerAccount.PREPAYMENT, left)

    def tell_left(self) -> dict[tuple[UUID, date], int]:
        """Tell what is left of each invoice and due day [cents]."""
        return {(item.invoice_id, item.due_on): cents for item, cents in self._left.items()}

    def store(self) -> None:
        """Store all entries."""
        insert_rows(self._session, {LedgerEntry: self._entries})
        self._entries = []

    def _choose(self, money: Money) -> list[OpenItem]:
        """Choose what it pays: what it names, then what was overdue; all if it names nothing."""
        items = self._items[money.member_id]
        if not money.invoice_ids:
            return items
        named = [item for key in money.invoice_ids for item in items if item.invoice_id == key]
        return named + [
            item
            for item in items
            if item.due_on < money.posted_on and item.invoice_id not in money.invoice_ids
        ]

    def _settle(self, money: Money, item: OpenItem, cents: int) -> Iterator[dict[str, Any]]:
        """Pay an invoice; money that came before it was a prepayment until then."""
        head = self._name(money, max(money.posted_on, item.issued_on))
        owed = {"invoice_id": item.invoice_id}
        if item.issued_on <= money.posted_on or money.source is LedgerAccount.PREPAYMENT:
            yield from move(head | owed, money.event, money.source, LedgerAccount.RECEIVABLE, cents)
            return
        before = self._name(money, money.posted_on)
        prepaid = LedgerAccount.PREPAYMENT
        yield from move(before, money.event, money.source, prepaid, cents)
        yield from move(head | owed, LedgerEvent.APPLIED, prepaid, LedgerAccount.RECEIVABLE, cents)

    def _name(self, money: Money, posted_on: date) -> dict[str, Any]:
        return {
            **self._head,
            "member_id": money.member_id,
            "payment_id": money.payment_id,
            "posted_on": posted_on,
        }
