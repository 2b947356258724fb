"""Payments against what is owed: once, the named or the oldest first, and nothing is lost."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.services.collection.apply_prepayments import apply_prepayments
from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.payment_faults import (
    AssignedReceiptError,
    ForeignInvoiceError,
    NothingOpenError,
    RefundedPaymentError,
    ReturnedPaymentError,
    SamePaymentKeyError,
    TooMuchError,
    UnfitPaymentError,
    UnknownPaymentError,
)
from api.services.collection.record_payment import PaymentWish, record_payment
from api.services.collection.record_return import record_return
from api.services.collection.refund_payment import refund_payment
from api.services.collection.write_off import write_off
from api.services.invoices.invoice_history import UnknownInvoiceError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from loaders.sepa.return_reasons import NextStep
from models.tables import Payment
from models.values.ledger import LedgerAccount, LedgerEvent, PaymentMethod
from tests.support.keyrings import KEYRING
from tests.support.ledger import FEE_CENTS, LATER, PAID_ON, books

__all__ = ["books"]

A = LedgerAccount


def test_what_is_issued_is_owed(books):
    assert books.accounts() == {A.RECEIVABLE: 3630, A.REVENUE: -3000, A.OUTPUT_TAX: -630}
    items = books.owed()
    assert [each.open_cents for each in items] == [FEE_CENTS] * 3
    assert {each.invoice_id for each in items} == {each.id for each in books.invoices}
    first = items[0]
    assert (first.due_on, first.instalment, first.returned_count) == (
        first.issued_on + timedelta(days=20),
        None,
        0,
    )
    (second,) = books.owed(member_id=books.member_id(1))
    assert second.open_eur * 100 == FEE_CENTS
    assert books.owed(on=first.issued_on - timedelta(days=1)) == []
    community = books.billed.stored.community.id
    assert len(books.owed(community_id=community, issuer_id=books.issuer_id)) == 3
    assert books.owed(community_id=books.owner) == []


def test_a_payment_by_hand(books):
    books.pay()
    assert books.accounts() == {
        A.RECEIVABLE: 2420,
        A.REVENUE: -3000,
        A.OUTPUT_TAX: -630,
        A.BANK: FEE_CENTS,
    }
    assert books.balance(0) == (0, 0)
    assert [each.member_id for each in books.owed()] == [each.member_id for each in books.owed()]
    assert len(books.owed()) == 2


def test_the_oldest_first_and_the_rest_is_kept(books):
    (newer,) = [each for each in books.issue_month(9) if each.member_id == books.member_id(0)]
    books.pay(cents=FEE_CENTS + 100)
    (item,) = books.owed(member_id=books.member_id(0))
    assert (item.invoice_id, item.open_cents) == (newer.id, FEE_CENTS - 100)
    books.pay(cents=FEE_CENTS)
    assert books.balance(0) == (0, 100)
    assert books.owed(member_id=books.member_id(0)) == []


def test_what_the_named_invoices_leave_pays_the_oldest_overdue(books):
    # who pays the total of a reminder and quotes one number owes nothing
    (newer,) = [each for each in books.issue_month(9) if each.member_id == books.member_id(0)]
    wish = PaymentWish(
        books.issuer_id,
        2 * FEE_CENTS + 5,
        received_on=newer.due_on + timedelta(days=1),
        method=PaymentMethod.TRANSFER,
        source_key="k",
        invoice_ids=(newer.id,),
    )
    books.do(record_payment, wish=wish, keyring=KEYRING, now=datetime(2024, 1, 15, 9, tzinfo=UTC))
    assert books.balance(0) == (0, 5)


def test_what_a_named_invoice_leaves_waits_while_nothing_is_overdue(books):
    (newer,) = [each for each in books.issue_month(9) if each.member_id == books.member_id(0)]
    payment = books.pay(cents=FEE_CENTS + 7, invoice_ids=(newer.id,))
    (item,) = books.owed(member_id=books.member_id(0))
    assert (item.invoice_id, item.open_cents) == (books.invoices[0].id, FEE_CENTS)
    assert books.balance(0) == (FEE_CENTS, 7)
    assert books.do(apply_prepayments, issuer_id=books.issuer_id) == 1
    assert books.balance(0) == (FEE_CENTS - 7, 0)
    assert books.do(apply_prepayments, issuer_id=books.issuer_id, member_ids=[]) == 0
    # the whole of it comes back, from wherever it is now
    books.give_back(payment)
    assert books.balance(0) == (2 * FEE_CENTS, 0)


def test_the_invoice_tells_who_paid(books):
    payment = books.pay(None, invoice_ids=(books.invoices[2].id,))
    assert payment.member_id == books.member_id(2)


def test_money_before_its_invoice_is_a_prepayment_until_then(books):
    issued_on = books.invoices[0].issued_on
    books.pay(received_on=issued_on - timedelta(days=3))
    before = books.accounts(on=issued_on - timedelta(days=1))
    assert before == {A.BANK: FEE_CENTS, A.PREPAYMENT: -FEE_CENTS}
    assert books.balance(0) == (0, 0)


def test_a_prepayment_pays_the_next_run(books):
    books.pay(cents=2 * FEE_CENTS + 5)
    assert books.balance(0) == (0, FEE_CENTS + 5)
    books.issue_month(9)
    assert books.balance(0) == (0, 5)
    assert len(books.owed()) == 4


def test_the_same_payment_is_recorded_once(books):
    first = books.pay(source_key="card 1")
    assert books.pay(source_key="card 1").id == first.id
    assert len(books.billed.rows(Payment)) == 1
    assert books.accounts()[A.BANK] == FEE_CENTS
    for other in ({"cents": 1}, {"place": 1}, {"received_on": date(2023, 12, 13)}):
        with pytest.raises(SamePaymentKeyError):
            books.pay(**{"source_key": "card 1"} | other)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"cents": 0}, UnfitPaymentError),
        ({"cents": 10**11 + 1}, UnfitPaymentError),
        ({"source_key": " "}, UnfitPaymentError),
        ({"reference": "a\nb"}, UnfitPaymentError),
        ({"received_on": LATER.date() + timedelta(days=1)}, UnfitPaymentError),
    ],
)
def test_unfit_payments(books, wrong, error):
    with pytest.raises(error):
        books.pay(**wrong)
    assert books.billed.rows(Payment) == []


def test_payments_of_what_is_not_there(books):
    strange = books.owner
    with pytest.raises(UnknownIssuerError):
        books.pay(issuer_id=strange)
    with pytest.raises(UnknownMemberError):
        books.pay(member_id=strange)
    with pytest.raises(UnknownInvoiceError):
        books.pay(invoice_ids=(strange,))
    with pytest.raises(ForeignInvoiceError):
        books.pay(0, invoice_ids=(books.invoices[1].id,))
    with pytest.raises(UnknownPaymentError):
        books.do(record_return, payment_id=strange, returned_on=PAID_ON, reason_code="AM04")


def test_a_return_lets_the_invoice_stand_again(books):
    payment = books.pay()
    back = books.give_back(payment, charge_cents=121)
    assert (back.is_news, back.reason.next_step) == (True, NextStep.RETRY)
    again = books.give_back(payment, reason_code="MD01")
    assert (again.is_news, again.row.reason_code) == (False, "AM04")
    (item,) = books.owed(member_id=books.member_id(0))
    assert (item.open_cents, item.returned_count) == (FEE_CENTS, 1)
    assert books.accounts() == {
        A.RECEIVABLE: 3630,
        A.REVENUE: -3000,
        A.OUTPUT_TAX: -630,
        A.BANK: -121,
        A.BANK_CHARGES: 121,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason_code": ""},
        {"charge_cents": -1},
        {"returned_on": PAID_ON - timedelta(days=1)},
        {"returned_on": LATER.date() + timedelta(days=1)},
    ],
)
def test_unfit_returns(books, wrong):
    payment = books.pay()
    with pytest.raises(UnfitPaymentError):
        books.give_back(payment, **wrong)


def test_money_of_nobody_gets_its_member(books):
    payment = books.pay(None, cents=FEE_CENTS + 1)
    assert books.accounts()[A.UNKNOWN_RECEIPTS] == -FEE_CENTS - 1
    invoice = {"invoice_ids": (books.invoices[1].id,)}
    with pytest.raises(UnknownMemberError):
        books.do(assign_receipt, payment_id=payment.id, member_id=books.owner)
    with pytest.raises(ForeignInvoiceError):
        books.do(assign_receipt, payment_id=payment.id, member_id=books.member_id(0), **invoice)
    ours = {"payment_id": payment.id, "member_id": books.member_id(1)}
    assert books.do(assign_receipt, **ours, **invoice).member_id == books.member_id(1)
    assert books.do(assign_receipt, **ours).member_id == books.member_id(1)
    with pytest.raises(AssignedReceiptError):
        books.do(assign_receipt, payment_id=payment.id, member_id=books.member_id(0))
    assert books.balance(1) == (0, 1)
    assert A.UNKNOWN_RECEIPTS not in books.accounts()
    # and comes back from there, not from nobody
    books.give_back(payment)
    assert books.balance(1) == (FEE_CENTS, 0)
    assert books.accounts() == {A.RECEIVABLE: 3630, A.REVENUE: -3000, A.OUTPUT_TAX: -630}


def test_money_of_nobody_may_go_back(books):
    payment = books.pay(None)
    books.give_back(payment)
    assert A.UNKNOWN_RECEIPTS not in books.accounts()
    with pytest.raises(ReturnedPaymentError):
        books.do(assign_receipt, payment_id=payment.id, member_id=books.member_id(0))


def refund(books, payment, **more):
    given = {"refunded_on": PAID_ON, "because": "paid twice", "source_key": "r1"} | more
    return books.do(refund_payment, payment_id=payment.id, **given)


def test_only_what_is_left_goes_back(books):
    payment = books.pay(cents=FEE_CENTS + 500)
    with pytest.raises(TooMuchError, match=r"5\.01 EUR are more than the 5\.00 EUR"):
        refund(books, payment, amount_cents=501)
    assert refund(books, payment, amount_cents=200).amount_cents == 200
    assert refund(books, payment, amount_cents=200).amount_cents == 200
    assert refund(books, payment).amount_cents == 200
    with pytest.raises(SamePaymentKeyError):
        refund(books, payment, amount_cents=199)
    with pytest.raises(UnfitPaymentError):
        refund(books, payment, source_key="r2", amount_cents=0)
    with pytest.raises(UnfitPaymentError):
        refund(books, payment, source_key="r2", refunded_on=PAID_ON - timedelta(days=1))
    assert refund(books, payment, source_key="r2").amount_cents == 300
    with pytest.raises(TooMuchError):
        refund(books, payment, source_key="r3")
    assert books.accounts()[A.BANK] == FEE_CENTS
    assert books.balance(0) == (0, 0)
    with pytest.raises(RefundedPaymentError, match=r"5\.00 EUR"):
        books.give_back(payment)


def test_what_is_given_up(books):
    invoice = {"invoice_id": books.invoices[0].id, "because": "moved away"}
    entry = books.do(write_off, **invoice, amount_cents=210)
    assert (entry.event, entry.amount_cents) == (LedgerEvent.WRITTEN_OFF, 210)
    with pytest.raises(TooMuchError):
        books.do(write_off, **invoice, amount_cents=1001)
    with pytest.raises(UnfitPaymentError):
        books.do(write_off, **invoice, amount_cents=0)
    books.do(write_off, **invoice)
    with pytest.raises(NothingOpenError):
        books.do(write_off, **invoice)
    with pytest.raises(UnknownInvoiceError):
        books.do(write_off, invoice_id=books.owner, because="x")
    assert books.accounts()[A.WRITE_OFF] == FEE_CENTS
    # whoever pays all the same has it left
    books.pay()
    assert books.balance(0) == (0, FEE_CENTS)
