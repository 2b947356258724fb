"""Letters about debts that may be paid: they wait until somebody has judged the receipt."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.follow_debts import follow_debts
from api.services.collection.receipt_clues import ReceiptClue
from api.services.collection.record_mandates import AccountWish, MandateWish, record_mandate
from api.services.collection.send_debt_letters import DebtLetters, send_debt_letters
from api.services.collection.take_debt_step import WaitingReceiptsError, take_debt_step
from api.services.collection.waiting_receipts import group_waiting_receipts
from models.tables import Payment
from models.values.debts import DebtStage
from models.values.iban import Iban
from models.values.period import Period
from tests.support.databases import on_sqlite
from tests.support.keyrings import KEYRING
from tests.support.ledger import FEE_CENTS, Books, books

__all__ = ["books"]

pytestmark = on_sqlite

REMINDED_ON = date(2023, 12, 28)
NOON = datetime(2023, 12, 28, 12, tzinfo=UTC)
ODD_CENTS = 777
NOVEMBER = Period(date(2023, 11, 1), date(2023, 12, 1))
ANAS_ACCOUNT = "ES9121000418450200051332"

C = ReceiptClue


def write(books: Books, *despite: Payment) -> DebtLetters:
    return books.do(
        send_debt_letters,
        issuer_id=books.issuer_id,
        now=NOON,
        despite=[payment.id for payment in despite],
    )


def clues(books: Books) -> dict[int, tuple[ReceiptClue, ...]]:
    """Tell of each member by its place why the only receipt may be its own."""
    debts = books.ask(follow_debts, on=REMINDED_ON)
    found = books.ask(group_waiting_receipts, issuer_id=books.issuer_id, debts=debts)
    return {
        place: receipt.clues
        for place in range(3)
        for receipt in found.get(books.member_id(place), ())
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"cents": FEE_CENTS}, dict.fromkeys(range(3), (C.AMOUNT,))),
        ({"reference": "pago factura {number}"}, {0: (C.NUMBER,)}),
        ({"payer_name": "GARCIA LOPEZ, ANA"}, {0: (C.NAME,)}),
        ({"payer_name": "Ana García"}, {0: (C.NAME,)}),
        ({"reference": "de ana garcia lopez, gracies"}, {0: (C.NAME,)}),
        ({"payer_iban": Iban(ANAS_ACCOUNT), "payer_name": "Pau Mas"}, {0: (C.ACCOUNT,)}),
        ({"payer_name": "A. GARCIA LOPEZ"}, {0: (C.NAME,)}),
        ({"payer_name": "garcialopez ana"}, {0: (C.NAME,)}),
        ({"payer_name": "AnaGarcíaLópez"}, {0: (C.NAME,)}),
        ({"payer_name": "María Ana García"}, {0: (C.NAME,)}),
        ({"payer_name": "ANA M GARCIA LOPES"}, {0: (C.NAME,)}),
        ({"reference": "de a. garcia lopez"}, {0: (C.NAME,)}),
        ({"reference": "{joined}"}, {0: (C.NUMBER,)}),
        ({"reference": "FRA{joined}"}, {0: (C.NUMBER,)}),
        ({"reference": "Factura nº 2023/{bare}"}, {0: (C.NUMBER,)}),
        ({"reference": "rebuts 17 i {bare}"}, {0: (C.NUMBER,)}),
        ({"reference": "{bare}"}, {}),
        ({"reference": "factura octubre {bare}"}, {}),
        ({"cents": FEE_CENTS - 1}, {}),
        ({"payer_name": "A. G. Mas"}, {}),
        ({"payer_name": "Ana de la García Mas"}, {0: (C.NAME,)}),
        ({"payer_name": "Hermanos García S.L."}, {}),
        ({"payer_name": "Ana Mas Puig"}, {}),
        ({"payer_name": "Ana", "reference": "García"}, {}),
        ({"payer_name": "Pau Mas", "reference": "ana lopez"}, {}),
        ({}, {}),
    ],
)
def test_what_makes_a_receipt_a_members(
    books: Books, told: dict[str, Any], expected: dict[int, tuple[ReceiptClue, ...]]
) -> None:
    books.billed.pay(0, name="Ana García López")
    account = AccountWish("A. G. L.", Iban(ANAS_ACCOUNT))
    wish = MandateWish(books.issuer_id, books.member_id(0), account, date(2023, 10, 1))
    books.do(record_mandate, wish=wish, keyring=KEYRING)
    if "reference" in told:
        number = books.invoices[0].full_number
        forms = {"joined": number.replace("-", ""), "bare": int(number.partition("-")[2])}
        told = told | {"reference": told["reference"].format(number=number, **forms)}
    books.pay(None, **({"cents": ODD_CENTS} | told))
    assert clues(books) == expected


@pytest.mark.parametrize("n_paid", [2, 3, 4])
def test_sums_of_the_oldest_are_amounts_too(books: Books, n_paid: int) -> None:
    for month in (8, 9):
        books.issue_month(month)
    coming = {"now": datetime(2023, 12, 20, 12, tzinfo=UTC), "period": NOVEMBER}
    books.billed.issue("coming", **coming)
    books.pay(None, cents=n_paid * FEE_CENTS)
    assert clues(books) == dict.fromkeys(range(3), (C.AMOUNT,))
    (debt, *_) = books.ask(follow_debts, on=REMINDED_ON)
    assert (len(debt.items), len(debt.coming)) == (3, 1)


def test_letters_wait_until_the_receipt_is_judged(books: Books) -> None:
    books.billed.pay(0, email="ana@vila.example", name="Ana García")
    receipt = books.pay(None, cents=500, payer_name="ANA GARCIA")
    first = write(books)
    (held,) = first.held
    assert len(first.taken) == 2
    assert (held.debt.member_id, held.stage) == (books.member_id(0), DebtStage.REMINDER)
    assert [each.payment_id for each in held.receipts] == [receipt.id]
    again = write(books)
    assert (len(again.taken), len(again.held)) == (0, 1)
    last = write(books, receipt)
    assert [each.debt.member_id for each in last.taken] == [books.member_id(0)]
    assert last.held == ()


def test_an_assigned_receipt_pays_and_holds_nothing(books: Books) -> None:
    receipt = books.pay(None)
    assert len(write(books).held) == 3
    books.do(assign_receipt, payment_id=receipt.id, member_id=books.member_id(1))
    letters = write(books)
    assert {each.debt.member_id for each in letters.taken} == {
        books.member_id(0),
        books.member_id(2),
    }
    assert letters.held == ()


def test_money_that_went_back_holds_nothing(books: Books) -> None:
    books.give_back(books.pay(None))
    assert len(write(books).taken) == 3


def test_one_letter_alone_waits_too(books: Books) -> None:
    receipt = books.pay(None)
    wish: dict[str, Any] = {
        "issuer_id": books.issuer_id,
        "member_id": books.member_id(0),
        "stage": DebtStage.REMINDER,
        "now": NOON,
    }
    told = rf"may have paid this: 12\.10 EUR, 2023-12-12 \({receipt.id}\); assign each"
    with pytest.raises(WaitingReceiptsError, match=told) as raised:
        books.do(take_debt_step, **wish)
    assert [each.payment_id for each in raised.value.receipts] == [receipt.id]
    taken = books.do(take_debt_step, **wish, despite=[receipt.id])
    assert taken.step.stage is DebtStage.REMINDER
