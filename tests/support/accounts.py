"""Books in which everything has happened, and what is exported of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Engine

from api.services.accounting.accounts_wish import AccountsWish
from api.services.accounting.gather_accounts import gather_accounts
from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.refund_payment import refund_payment
from api.services.collection.write_off import write_off
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from loaders.account_tables import Accounts, AccountTable, Cell
from loaders.invoice_record import CorrectionReason
from models.session import read_session
from models.tables import Promoter
from models.values.iban import Iban
from models.values.invoicing import BillingBasis, Rectification, TaxKind
from models.values.period import Period
from tests.support.invoices import SYSTEM, build_line
from tests.support.ledger import Books, open_books

AUTUMN = Period(date(2023, 10, 1), date(2024, 1, 1))
TODAY = date(2024, 2, 20)


def fill_books(engine: Engine, promoter: Promoter) -> Books:
    """Issue, rectify in both ways, cancel, pay, send back, refund and give up."""
    books = open_books(engine, promoter, n_members=4)
    _rectify(books, 0, Rectification.SUBSTITUTION, "7")
    _rectify(books, 0, Rectification.DIFFERENCE, "9", tax=TaxKind.IGIC, rate="7")
    _rectify(books, 1, Rectification.DIFFERENCE, "4")
    cancelled = books.invoices[2].id
    books.do(cancel_invoice, invoice_id=cancelled, because="issued twice", system=SYSTEM)
    account = "ES9121000418450200051332"
    paid = books.pay(1, cents=1210, payer_name="=1+1", payer_iban=Iban(account), reference="+34")
    books.do(
        refund_payment,
        payment_id=paid.id,
        amount_cents=726,
        refunded_on=date(2023, 12, 19),
        because="paid too much",
        source_key="refund",
    )
    books.give_back(books.pay(3, cents=600), charge_cents=121)
    unknown = books.pay(None, cents=500, payer_name="@nobody")
    books.pay(None, cents=77)
    books.do(
        assign_receipt,
        payment_id=unknown.id,
        member_id=books.member_id(3),
    )
    books.do(write_off, invoice_id=books.invoices[3].id, because="-1 small")
    return books


def _rectify(
    books: Books,
    place: int,
    method: Rectification,
    price: str,
    tax: TaxKind = TaxKind.VAT,
    rate: str = "21",
) -> None:
    line = build_line("Fee", "1", "month", price, tax, rate)
    wish = RectificationWish(
        books.invoices[place].id,
        method,
        "R",
        CorrectionReason.LINES,
        "agreed otherwise",
        lines=((BillingBasis.FIXED, line),),
    )
    books.do(rectify_invoice, wish=wish, system=SYSTEM)


@contextmanager
def gathered(books: Books, **more: Any) -> Iterator[Accounts]:
    """Gather accounts, by default all of the issuer's autumn, while the transaction is open."""
    asked = {"period": AUTUMN, "issuer_id": books.issuer_id} | more
    with read_session(books.engine) as session:
        wish = AccountsWish(**asked)
        yield gather_accounts(session, promoter_id=books.owner, wish=wish, today=TODAY)


def find_table(accounts: Accounts, name: str) -> AccountTable:
    """Find a table by its name."""
    (table,) = (each for each in (*accounts.tables, *accounts.summaries) if each.name == name)
    return table


def read_rows(accounts: Accounts, name: str, *keys: str) -> list[Sequence[Cell]]:
    """Read some columns of a table, or all."""
    table = find_table(accounts, name)
    places = [number for number, each in enumerate(table.columns) if each.key in keys or not keys]
    return [tuple(row[place] for place in places) for row in table.read_rows()]
