"""The books as a whole: whatever happens, in whatever order, every balance is a sum of entries."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.services.collection.agree_instalments import agree_instalments
from api.services.collection.apply_prepayments import apply_prepayments
from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.refund_payment import refund_payment
from api.services.collection.write_off import write_off
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from loaders.invoice_record import CorrectionReason
from models.tables import Payment
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.invoicing import BillingBasis, Rectification
from models.values.ledger import LedgerAccount, LedgerEvent
from tests.support.databases import add_promoter, on_sqlite, opened
from tests.support.invoices import SYSTEM, build_line
from tests.support.ledger import FEE_CENTS, LATER, PAID_ON, books, open_books

__all__ = ["books"]

A = LedgerAccount
BACK_ON = date(2023, 12, 15)


def fee(price):
    line = build_line("Fee", "1", "month", price)
    return ((BillingBasis.FIXED, line),)


def rectify(books, place, price, method=Rectification.DIFFERENCE):
    wish = RectificationWish(
        books.invoices[place].id,
        method,
        "R",
        CorrectionReason.LINES,
        "agreed otherwise",
        lines=fee(price),
    )
    return books.do(rectify_invoice, wish=wish, system=SYSTEM)


def cancel(books, invoice_id):
    return books.do(cancel_invoice, invoice_id=invoice_id, because="x", system=SYSTEM)


@pytest.mark.parametrize("method", list(Rectification))
def test_a_smaller_invoice_frees_what_was_paid(books, method):
    books.pay(0)
    rectify(books, 0, "4", method)
    assert books.balance(0) == (0, FEE_CENTS - 484)
    assert books.accounts()[A.REVENUE] == -2400
    # and a larger one is owed for its ordinary invoice
    rectify(books, 0, "20", method)
    (item,) = books.owed(member_id=books.member_id(0))
    assert (item.invoice_id, item.open_cents) == (books.invoices[0].id, 2420 - 484)
    books.do(apply_prepayments, issuer_id=books.issuer_id)
    assert books.balance(0) == (2420 - FEE_CENTS, 0)


@pytest.mark.parametrize("place", [0, 1])
def test_what_was_paid_last_is_freed_first(books, place):
    days = [PAID_ON, PAID_ON + timedelta(days=1)]
    paid = {
        day: books.pay(0, FEE_CENTS // 2, received_on=day) for day in (days[place], days[1 - place])
    }
    rectify(books, 0, "5")
    freed = [row.payment_id for row in books.entries() if row.event is LedgerEvent.FREED]
    assert freed == [paid[days[1]].id]


def test_what_was_given_up_is_taken_back_before_what_was_paid(books):
    books.pay(0, cents=1000)
    books.do(write_off, invoice_id=books.invoices[0].id, because="small")
    rectify(books, 0, "5")
    assert A.WRITE_OFF not in books.accounts()
    assert books.balance(0) == (0, 1000 - 605)


def test_a_cancelled_invoice_leaves_no_trace_in_the_sums(books):
    payment = books.pay(0)
    rectifying = rectify(books, 0, "20")
    cancel(books, rectifying.id)
    assert books.accounts()[A.REVENUE] == -3000
    cancel(books, books.invoices[0].id)
    assert books.accounts() == {
        A.RECEIVABLE: 2420,
        A.REVENUE: -2000,
        A.OUTPUT_TAX: -420,
        A.BANK: FEE_CENTS,
        A.PREPAYMENT: -FEE_CENTS,
    }
    books.do(
        refund_payment,
        payment_id=payment.id,
        refunded_on=BACK_ON,
        because="cancelled",
        source_key="r",
    )
    assert A.BANK not in books.accounts()


def test_the_same_payment_from_many_threads_is_one(books):
    with ThreadPoolExecutor(6) as pool:
        paid = list(pool.map(lambda _: books.pay(source_key="link 1"), range(12)))
    assert len({payment.id for payment in paid}) == 1
    assert books.accounts()[A.BANK] == FEE_CENTS
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: books.pay(source_key=f"link {number}"), range(2, 8)))
    assert books.balance(0) == (0, 6 * FEE_CENTS)


places = st.integers(0, 1)
amounts = st.sampled_from([1, 300, FEE_CENTS, FEE_CENTS + 1, 3000])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), places, amounts),
        st.tuples(st.just("nobody"), places, amounts),
        st.tuples(st.just("assign"), places, st.integers(0, 3)),
        st.tuples(st.just("return"), places, st.integers(0, 3)),
        st.tuples(st.just("refund"), places, st.integers(0, 3)),
        st.tuples(st.just("write off"), places, amounts),
        st.tuples(st.just("rectify"), places, st.sampled_from(["4", "10", "20"])),
        st.tuples(st.just("replace"), places, st.sampled_from(["4", "10", "20"])),
        st.tuples(st.just("cancel"), places, st.just(0)),
        st.tuples(st.just("agree"), places, st.integers(1, 4)),
        st.tuples(st.just("apply"), places, st.just(0)),
    ),
    min_size=4,
    max_size=10,
)
EXPECTED = (ConflictError, InvalidArgumentError)


def act(books, what, place, value):
    """Do one step; what the rules forbid is refused and changes nothing."""
    if what in ("assign", "return", "refund"):
        payments = books.billed.rows(Payment, Payment.recorded_at, Payment.id)
        if payments:
            move_payment(books, what, place, value, payments[value % len(payments)])
    elif what in ("pay", "nobody"):
        books.pay(place if what == "pay" else None, cents=value)
    elif what == "apply":
        books.do(apply_prepayments, issuer_id=books.issuer_id)
    else:
        change_invoice(books, what, place, value)


def move_payment(books, what, place, value, payment):
    match what:
        case "assign":
            books.do(assign_receipt, payment_id=payment.id, member_id=books.member_id(place))
        case "return":
            books.give_back(payment, charge_cents=value)
        case "refund":
            given = {"refunded_on": PAID_ON, "because": "x", "source_key": str(value)}
            books.do(refund_payment, payment_id=payment.id, **given)


def change_invoice(books, what, place, value):
    key = books.invoices[place].id
    match what:
        case "write off":
            books.do(write_off, invoice_id=key, amount_cents=value, because="x")
        case "rectify":
            rectify(books, place, value)
        case "replace":
            rectify(books, place, value, Rectification.SUBSTITUTION)
        case "cancel":
            cancel(books, key)
        case "agree":
            days = [LATER.date() + timedelta(days=each) for each in range(value)]
            books.do(agree_instalments, invoice_id=key, days=days)


def check(books):
    """Hold every balance against the sum of entries, worked out one by one."""
    sums, owed, left, members = (defaultdict(int) for _ in range(4))
    for entry in books.entries():
        assert entry.amount_cents > 0
        for account, sign in ((entry.debit, 1), (entry.credit, -1)):
            cents = sign * entry.amount_cents
            sums[account] += cents
            if account is A.RECEIVABLE:
                owed[entry.invoice_id] += cents
            elif account in (A.PREPAYMENT, A.UNKNOWN_RECEIPTS):
                left[entry.payment_id, account] -= cents
            if account in (A.RECEIVABLE, A.PREPAYMENT):
                members[entry.member_id] += cents
    assert books.accounts() == {account: cents for account, cents in sums.items() if cents}
    assert min(owed.values()) >= 0
    assert min(left.values(), default=0) >= 0
    found = defaultdict(int)
    for item in books.owed():
        assert item.open_cents > 0
        found[item.invoice_id] += item.open_cents
    assert found == {key: cents for key, cents in owed.items() if cents}
    for place in range(2):
        debt, money = books.balance(place)
        assert debt - money == members[books.member_id(place)]


@pytest.fixture(scope="module")
def issued(databases, database_kind):
    """Give a database with issued fees to copy, and the books in it."""
    server = databases.server(database_kind)
    source = server.copy(databases.migrated(database_kind))
    with opened(source) as engine:
        return server, source, open_books(engine, add_promoter(engine, "Vall"), 2)


@on_sqlite
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
@given(steps=steps)
def test_whatever_happens_the_books_balance(issued, steps):
    server, source, template = issued
    with opened(server.copy(source)) as engine:
        books = replace(template, billed=replace(template.billed, engine=engine))
        check(books)
        for step in steps:
            before = len(books.entries())
            try:
                act(books, *step)
            except EXPECTED:
                assert len(books.entries()) == before
            check(books)
