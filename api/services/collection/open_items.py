"""What is owed: open items by invoice and due day, with instalments where they are agreed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.repositories.ledger import OwedRow, read_owed
from models.tables import Instalment
from models.values.money import from_cents


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An amount that a member owes from one day on.

    Attributes
    ----------
    issuer_id, community_id, member_id, invoice_id : UUID
        To whom, where, who, and for which ordinary invoice; what rectifies it is counted.
    number : str
        Series and number of the invoice.
    issued_on : date
        Day of the invoice.
    due_on : date
        Day on which it is due; no two items of an invoice share one.
    open_cents : int
        What is left of it [cents], above zero.
    instalment : int or None
        Which agreed instalment it is, from 1; None for what is due as the invoice says.
    returned_count : int
        How often a payment of that day's direct debit, or any other of the invoice, came back.
    instalment_count : int
        In how many instalments the invoice is paid; 0 where none are agreed.
    """

    issuer_id: UUID
    community_id: UUID
    member_id: UUID
    invoice_id: UUID
    number: str
    issued_on: date
    due_on: date
    open_cents: int
    instalment: int | None
    returned_count: int
    instalment_count: int = 0

    @property
    def open_eur(self) -> Decimal:
        """What is left of it [EUR]."""
        return from_cents(self.open_cents)


def open_items(
    session: Session,
    promoter_id: UUID,
    *,
    on: date,
    issuer_id: UUID | None = None,
    community_id: UUID | None = None,
    member_id: UUID | None = None,
    member_ids: Collection[UUID] | None = None,
    invoice_ids: Collection[UUID] | None = None,
) -> list[OpenItem]:
    """List what is owed, as entries up to a day leave it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    on : date
        Entries and agreements up to this local day count.
    issuer_id, community_id, member_id : UUID, optional
        Only what is owed to one issuer, in one community, by one member.
    member_ids, invoice_ids : collection of UUID, optional
        Only what is owed by some members, or for some ordinary invoices.

    Returns
    -------
    list of OpenItem
        By due day and number, in one query. What direct debits of an instalment collected counts
        for that one, other payments for the oldest (Código Civil, articles 1172 and 1174).
    """
    if member_id is not None:
        member_ids = [member_id]
    rows, agreed = read_owed(
        session,
        promoter_id=promoter_id,
        on=on,
        issuer_id=issuer_id,
        community_id=community_id,
        member_ids=member_ids,
        invoice_ids=invoice_ids,
    )
    groups: defaultdict[UUID, list[OwedRow]] = defaultdict(list)
    for row in rows:
        groups[row.invoice.id].append(row)
    items = [item for key, group in groups.items() for item in _split(group, agreed.get(key, ()))]
    return sorted(items, key=lambda item: (item.due_on, item.number))


def list_open_items(
    session: Session, *, promoter_id: UUID, on: date, **narrowed: Any
) -> list[OpenItem]:
    """List what is owed, for callers that name the tenant as all use cases take it.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    on : date
        Entries and agreements up to this local day count.
    **narrowed
        As ``open_items``.

    Returns
    -------
    list of OpenItem
        As ``open_items``.
    """
    return open_items(session, promoter_id, on=on, **narrowed)


def _split(rows: Sequence[OwedRow], instalments: Sequence[Instalment]) -> Iterator[OpenItem]:
    """Share what is open of an invoice among its due days."""
    invoice = rows[0].invoice
    total = sum(row.open_cents for row in rows)
    open_by_day = {part.due_on: part.amount_cents for part in instalments}
    for row in rows:
        if row.debited_due_on in open_by_day:
            left = open_by_day[row.debited_due_on] + min(row.open_cents, 0)
            open_by_day[row.debited_due_on] = max(left, 0)
    surplus = total - sum(open_by_day.values())
    for day in sorted(open_by_day):
        paid = min(open_by_day[day], max(-surplus, 0))
        open_by_day[day] -= paid
        surplus += paid
    positions = {part.due_on: part.position for part in instalments}
    open_by_day[invoice.due_on] = open_by_day.get(invoice.due_on, 0) + max(surplus, 0)
    for day, cents in open_by_day.items():
        if cents > 0:
            yield _make_item(rows, day, cents, positions)


def _make_item(
    rows: Sequence[OwedRow], day: date, cents: int, positions: Mapping[date, int]
) -> OpenItem:
    invoice = rows[0].invoice
    return OpenItem(
        issuer_id=invoice.issuer_id,
        community_id=rows[0].community_id,
        member_id=invoice.member_id,
        invoice_id=invoice.id,
        number=invoice.full_number,
        issued_on=invoice.issued_on,
        due_on=day,
        open_cents=cents,
        instalment=positions.get(day),
        returned_count=sum(row.returned_count for row in rows if row.debited_due_on in (None, day)),
        instalment_count=len(positions),
    )
