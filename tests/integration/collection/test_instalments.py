"""Instalments: as agreed, and paid in the order of their days or by their own debit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col

from api.services.collection.agree_instalments import (
    InstalmentDaysError,
    InstalmentSumError,
    agree_instalments,
)
from api.services.collection.payment_faults import NothingOpenError
from api.services.collection.plan_debits import LeftBecause
from api.services.collection.record_payment import PaymentWish, record_payment
from models.tables import Instalment
from models.values.direct_debits import DebitOutcome
from models.values.ledger import PaymentMethod
from tests.support.databases import on_sqlite
from tests.support.direct_debits import collector
from tests.support.keyrings import KEYRING
from tests.support.ledger import FEE_CENTS, LATER, books

__all__ = ["books", "collector"]

# No database can change what is said here.
pytestmark = on_sqlite

DAYS = [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]


def agree(books, days=DAYS, **more):
    return books.do(agree_instalments, invoice_id=books.invoices[0].id, days=list(days), **more)


def owed(books, **more):
    items = books.owed(member_id=books.member_id(0), **more)
    return [(item.due_on, item.open_cents, item.instalment) for item in items]


def test_equal_parts_with_the_odd_cents_first(books):
    parts = agree(books)
    assert [(each.position, each.amount_cents) for each in parts] == [(1, 404), (2, 403), (3, 403)]
    assert owed(books) == [(DAYS[0], 404, 1), (DAYS[1], 403, 2), (DAYS[2], 403, 3)]
    before = books.owed(member_id=books.member_id(0), on=LATER.date() - timedelta(days=1))
    assert [(item.due_on, item.open_cents) for item in before] == [
        (books.invoices[0].due_on, FEE_CENTS)
    ]


def test_payments_go_to_the_oldest(books):
    agree(books)
    payment = books.pay(cents=500)
    assert owed(books) == [(DAYS[1], 307, 2), (DAYS[2], 403, 3)]
    books.give_back(payment)
    assert owed(books)[0] == (DAYS[0], 404, 1)


def test_a_debit_pays_its_own_instalment(collector):
    books = collector.books
    collector.sign(0)
    agree(books)
    collector.collect(due_until=DAYS[0], now=datetime(2023, 12, 21, 9, tzinfo=UTC))
    first = collector.debit_of(0)
    later = datetime(2024, 1, 25, 9, tzinfo=UTC)
    given = {"received_on": date(2024, 1, 3), "method": PaymentMethod.DIRECT_DEBIT}
    wish = PaymentWish(
        books.issuer_id,
        404,
        source_key="d",
        member_id=books.member_id(0),
        invoice_ids=(books.invoices[0].id,),
        debit=first,
        **given,
    )
    books.do(record_payment, wish=wish, keyring=KEYRING, now=later)
    assert owed(books) == [(DAYS[1], 403, 2), (DAYS[2], 403, 3)]


def test_an_agreement_on_what_a_bank_is_collecting_is_not_collected_again(collector):
    collector.sign(0)
    collector.collect()
    due_on = collector.debit_of(0).due_on
    agree(collector.books, [due_on, date(2024, 1, 10)])
    later = {"now": datetime(2024, 1, 8, 9, tzinfo=UTC), "due_until": date(2024, 1, 10)}
    preview = collector.preview(**later)
    assert preview.collected == ()
    key = collector.books.invoices[0].id
    left = [each for each in preview.left if each.item.invoice_id == key]
    assert [each.because for each in left] == [LeftBecause.UNDERWAY] * 2
    collector.tell(collector.debit_of(0), DebitOutcome.REJECTED, "AM04")
    assert collector.preview(**later).total_cents == FEE_CENTS


def test_a_later_agreement_takes_the_place_of_the_first(books):
    agree(books)
    books.pay(cents=404)
    agree(books, DAYS[1:], amounts_cents=[6, 800])
    assert owed(books) == [(DAYS[1], 6, 1), (DAYS[2], 800, 2)]
    rows = books.billed.rows(Instalment, col(Instalment.agreement), col(Instalment.position))
    assert [(each.agreement, each.amount_cents) for each in rows] == [
        (1, 404),
        (1, 403),
        (1, 403),
        (2, 6),
        (2, 800),
    ]


def test_what_stands_again_beyond_them_is_due_as_the_invoice_says(books):
    payment = books.pay(cents=210)
    agree(books, DAYS[:2])
    books.give_back(payment)
    due_on = books.invoices[0].due_on
    assert owed(books) == [(due_on, 210, None), (DAYS[0], 500, 1), (DAYS[1], 500, 2)]


@pytest.mark.parametrize(
    "days",
    [
        [],
        [date(2023, 12, 19)],
        [DAYS[0], DAYS[0]],
        [DAYS[1], DAYS[0]],
        [DAYS[0] + timedelta(days=each) for each in range(61)],
    ],
)
def test_days_that_cannot_be(books, days):
    with pytest.raises(InstalmentDaysError):
        agree(books, days)


@pytest.mark.parametrize("amounts", [[605, 604], [605, 606], [1210, 0], [1210], [605, 604, 1]])
def test_sums_that_are_not_what_is_open(books, amounts):
    with pytest.raises(InstalmentSumError, match=r"12\.10 EUR that are open"):
        agree(books, DAYS[:2], amounts_cents=amounts)
    with pytest.raises(InstalmentSumError):
        agree(books, [DAYS[0] + timedelta(days=each) for each in range(60)], amounts_cents=[])


def test_nothing_open_is_agreed_on_nothing(books):
    books.pay()
    with pytest.raises(NothingOpenError):
        agree(books)
