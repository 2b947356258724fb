"""Tables of the money of a period: payments and what went back, and what is still open."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from heapq import merge
from itertools import repeat
from uuid import UUID

from sqlmodel import Session

from api.services.collection.open_items import OpenItem
from loaders.account_tables import AccountColumn, AccountTable, Cell, CellKind
from models.repositories.account_money import (
    MoneyRow,
    iterate_payments,
    iterate_refunds,
    iterate_returns,
)
from models.repositories.accounts import AccountsScope, OwingMember
from models.values.money import from_cents

_PAYMENTS = (
    AccountColumn("day", CellKind.DAY, 12),
    AccountColumn("movement", CellKind.WORD, 13, words="movements"),
    AccountColumn("amount_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("method", CellKind.WORD, 20, words="methods"),
    AccountColumn("member", width=12),
    AccountColumn("name", width=32),
    AccountColumn("account_number", width=30),
    AccountColumn("reference", width=40),
    AccountColumn("reason", width=20),
    AccountColumn("charge_eur", CellKind.EUR, 12, is_summed=True),
    AccountColumn("community", width=14),
    AccountColumn("issuer", width=12),
    AccountColumn("payment", width=38),
)

_AGEING = (
    AccountColumn("member", width=12),
    AccountColumn("name", width=32),
    AccountColumn("nif", width=12),
    AccountColumn("number", width=16),
    AccountColumn("instalment", CellKind.COUNT, 10),
    AccountColumn("issued_on", CellKind.DAY, 12),
    AccountColumn("due_on", CellKind.DAY, 12),
    AccountColumn("days_late", CellKind.COUNT, 9),
    AccountColumn("open_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("not_late_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("late_30_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("late_60_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("late_90_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("later_eur", CellKind.EUR, 13, is_summed=True),
    AccountColumn("returned_count", CellKind.COUNT, 9),
    AccountColumn("community", width=14),
)

_AGEING_TOTALS = (
    AccountColumn("lateness", CellKind.WORD, words="lateness"),
    AccountColumn("item_count", CellKind.COUNT, is_summed=True),
    AccountColumn("open_eur", CellKind.EUR, is_summed=True),
)


class Lateness(StrEnum):
    """How long ago something was due."""

    NOT_LATE = "not-late"
    UP_TO_30_DAYS = "late-30"
    UP_TO_60_DAYS = "late-60"
    UP_TO_90_DAYS = "late-90"
    LATER = "later"


_LAST_DAYS = (0, 30, 60, 90)


def tell_lateness(days_late: int) -> Lateness:
    """Tell how late something is.

    Parameters
    ----------
    days_late : int
        Days since it was due; below zero before.

    Returns
    -------
    Lateness
        The last days of a step belong to it.

    Examples
    --------
    >>> [tell_lateness(days).value for days in (0, 1, 30, 31, 90, 91)]
    ['not-late', 'late-30', 'late-30', 'late-60', 'late-90', 'later']
    """
    return list(Lateness)[sum(days_late > last for last in _LAST_DAYS)]


def list_payment_table(session: Session, scope: AccountsScope) -> AccountTable:
    """Lay out what came in, came back and was paid back.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : AccountsScope
        Whose, and of which days.

    Returns
    -------
    AccountTable
        By day; what went back is below zero, accounts are masked.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        streams = (
            zip(repeat(name), rows(session, scope), strict=False)
            for name, rows in (
                ("payment", iterate_payments),
                ("return", iterate_returns),
                ("refund", iterate_refunds),
            )
        )
        for name, row in merge(*streams, key=lambda pair: pair[1].day):
            yield _lay_out_money(name, row)

    return AccountTable("payments", _PAYMENTS, read_rows)


def list_ageing_table(
    items: Sequence[OpenItem], members: Mapping[UUID, OwingMember], on: date
) -> AccountTable:
    """Lay out what is open, by how late it is.

    Parameters
    ----------
    items : sequence of OpenItem
        What is open.
    members : mapping of UUID to OwingMember
        Who owes it.
    on : date
        As of which day.

    Returns
    -------
    AccountTable
        By due day and number.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        for item in items:
            yield _lay_out_item(item, members[item.member_id], on)

    return AccountTable("ageing", _AGEING, read_rows)


def list_ageing_totals(items: Sequence[OpenItem], on: date) -> AccountTable:
    """Lay out how much is how late.

    Parameters
    ----------
    items : sequence of OpenItem
        What is open.
    on : date
        As of which day.

    Returns
    -------
    AccountTable
        Every step, by lateness.
    """

    def read_rows() -> Iterator[Sequence[Cell]]:
        counts: Counter[Lateness] = Counter()
        cents: Counter[Lateness] = Counter()
        for item in items:
            lateness = tell_lateness((on - item.due_on).days)
            counts[lateness] += 1
            cents[lateness] += item.open_cents
        for lateness in Lateness:
            yield lateness.value, counts[lateness], from_cents(cents[lateness])

    return AccountTable("ageing_totals", _AGEING_TOTALS, read_rows)


def _lay_out_money(name: str, row: MoneyRow) -> Sequence[Cell]:
    return (
        row.day,
        name,
        from_cents(row.amount_cents),
        row.method.value,
        row.member,
        row.payer_name,
        row.payer_account,
        row.reference,
        row.reason,
        from_cents(row.charge_cents),
        row.community,
        row.issuer,
        str(row.payment_id),
    )


def _lay_out_item(item: OpenItem, member: OwingMember, on: date) -> Sequence[Cell]:
    days_late = (on - item.due_on).days
    lateness = tell_lateness(days_late)
    return (
        member.code,
        member.name,
        member.tax_number,
        item.number,
        item.instalment,
        item.issued_on,
        item.due_on,
        days_late if days_late > 0 else None,
        item.open_eur,
        *(item.open_eur if step is lateness else None for step in Lateness),
        item.returned_count,
        member.community,
    )
