"""Issued invoices that are paid, in part or not, and the books that tell of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlmodel import col

from api.services.collection.balances import account_balances, map_member_balances
from api.services.collection.open_items import OpenItem, open_items
from api.services.collection.record_payment import PaymentWish, record_payment
from api.services.collection.record_return import RecordedReturn, record_return
from models.session import read_session, write_session
from models.tables import Invoice, InvoiceIssuer, LedgerEntry, Payment, Promoter
from models.values.invoicing import BillingBasis
from models.values.ledger import LedgerAccount, PaymentMethod
from models.values.money import to_cents
from models.values.period import Period
from tests.support.billing import NOW, OCTOBER, BilledCommunity, add_billed_community, term
from tests.support.keyrings import KEYRING
from tests.support.stored_once import stored_once

LATER = datetime(2023, 12, 20, 9, 30, tzinfo=UTC)
PAID_ON = date(2023, 12, 12)
FEE_CENTS = 1210
"""What each member owes: a fee of 10 EUR and its tax."""


@dataclass(frozen=True, slots=True)
class Books:
    """A community that has issued fees of one month, and the books of its issuer."""

    billed: BilledCommunity
    issuer_id: UUID
    invoices: tuple[Invoice, ...]

    @property
    def engine(self) -> Engine:
        return self.billed.engine

    @property
    def owner(self) -> UUID:
        """The tenant."""
        return self.billed.owner

    def do(self, use_case: Any, **arguments: Any) -> Any:
        """Run a use case in a transaction of its own."""
        given = {"promoter_id": self.owner, "now": LATER} | arguments
        with write_session(self.engine) as session:
            return use_case(session, **given)

    def ask(self, use_case: Any, **arguments: Any) -> Any:
        """Run a use case that only reads."""
        with read_session(self.engine) as session:
            return use_case(session, promoter_id=self.owner, **arguments)

    def issue_month(self, month: int) -> tuple[Invoice, ...]:
        """Issue the fees of another month of 2023, and give its invoices."""
        start = OCTOBER.start.replace(month=month)
        until = OCTOBER.start.replace(month=month + 1)
        known = {each.id for each in self.billed.rows(Invoice)}
        self.billed.issue(f"month {month}", period=Period(start, until))
        found = self.billed.rows(Invoice, col(Invoice.full_number))
        return tuple(each for each in found if each.id not in known)

    def pay(self, place: int | None = 0, cents: int = FEE_CENTS, **more: Any) -> Payment:
        """Record a payment of a member."""
        given = {
            "issuer_id": self.issuer_id,
            "member_id": None if place is None else self.member_id(place),
            "amount_cents": cents,
            "received_on": PAID_ON,
            "method": PaymentMethod.TRANSFER,
            "source_key": uuid4().hex,
        }
        return self.do(record_payment, wish=PaymentWish(**given | more), keyring=KEYRING)

    def give_back(self, payment: Payment, **more: Any) -> RecordedReturn:
        """Record that a payment came back."""
        given = {"returned_on": date(2023, 12, 15), "reason_code": "AM04"} | more
        return self.do(record_return, payment_id=payment.id, **given)

    def member_id(self, place: int) -> UUID:
        """Give the id of a member."""
        return self.billed.stored.members[place].id

    def owed(self, on: date = date.max, **more: Any) -> list[OpenItem]:
        """List what is open."""
        ask = partial(_swap, open_items)
        return self.ask(ask, on=on, **more)

    def balance(self, place: int) -> tuple[int, int]:
        """Give what a member owes and has left [cents]."""
        key = self.member_id(place)
        found = self.ask(map_member_balances, member_ids=[key])[key]
        return to_cents(found.owed_eur), to_cents(found.prepaid_eur)

    def accounts(self, on: date = date.max) -> dict[LedgerAccount, int]:
        """Give the balances of all accounts that are not zero [cents]; they sum to zero."""
        found = self.ask(account_balances, issuer_id=self.issuer_id, on=on)
        cents = {each.account: to_cents(each.balance_eur) for each in found}
        assert sum(cents.values()) == 0
        return {account: value for account, value in cents.items() if value}

    def entries(self) -> list[LedgerEntry]:
        """Read all entries."""
        return self.billed.rows(LedgerEntry)


def _swap(use_case: Any, session: Any, *, promoter_id: UUID, **arguments: Any) -> Any:
    return use_case(session, promoter_id, **arguments)


def open_books(engine: Engine, promoter: Promoter, n_members: int = 3) -> Books:
    """Issue fees of October to each member."""
    billed = add_billed_community(
        engine,
        promoter,
        n_members=n_members,
        terms=(term(BillingBasis.FIXED, "10"),),
        shares_energy=False,
    )
    billed.issue(now=NOW)
    (issuer,) = billed.rows(InvoiceIssuer)
    invoices = billed.rows(Invoice, col(Invoice.number))
    by_member = {each.member_id: each for each in invoices}
    ordered = tuple(by_member[member.id] for member in billed.stored.members)
    return Books(billed, issuer.id, ordered)


@stored_once
def books(engine: Engine, promoter: Promoter) -> Books:
    """Give the books of a community that has issued fees of October."""
    return open_books(engine, promoter)
