"""What invoices say about how they are paid: direct debit under a mandate, or transfer."""

from datetime import UTC, date, datetime

from api.services.collection import choose_payments
from api.services.invoices.invoice_history import require_invoice
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from loaders.invoice_record import CorrectionReason, Payment, PaymentMeans
from models.values.iban import Iban
from models.values.invoicing import Rectification
from models.values.sepa_reference import SepaReference
from tests.support.direct_debits import account_of, collector
from tests.support.invoices import SYSTEM
from tests.support.keyrings import KEYRING
from tests.support.sepa_messages import IBAN

__all__ = ["collector"]

DUE_ON = date(2023, 12, 25)


def read_payment(collector, invoice):
    def read(session, *, promoter_id, invoice_id):
        rows = require_invoice(session, promoter_id=promoter_id, invoice_id=invoice_id)
        return choose_payments.read_payment(session, rows.invoice, KEYRING)

    return collector.books.ask(read, invoice_id=invoice.id)


def test_who_signed_pays_by_direct_debit_and_others_by_transfer(collector):
    collector.sign(0, reference=SepaReference("M-1"))
    issued = {each.member_id: each for each in collector.books.issue_month(11)}
    first, second = (issued[collector.books.member_id(place)] for place in (0, 1))
    assert read_payment(collector, first) == Payment(
        PaymentMeans.DIRECT_DEBIT, DUE_ON, account_of(100), SepaReference("M-1")
    )
    assert account_of(100).reveal() not in str(first.facts)
    assert read_payment(collector, second) == Payment(PaymentMeans.TRANSFER, DUE_ON, Iban(IBAN))


def test_an_invoice_of_an_issuer_without_account_says_nothing(collector):
    assert read_payment(collector, collector.books.invoices[0]) is None


def test_a_new_account_is_named_when_it_can_be_debited_on_the_due_day(collector):
    mandate = collector.sign(0)
    collector.move(mandate, 7, now=datetime(2023, 12, 5, 9, tzinfo=UTC))
    early = {each.member_id: each for each in collector.books.issue_month(11)}
    paid = read_payment(collector, early[mandate.member_id])
    assert paid.account == account_of(100)


def test_what_rectifies_says_nothing_of_its_payment(collector):
    collector.sign(0)
    invoices = {each.member_id: each for each in collector.books.issue_month(11)}
    invoice = invoices[collector.books.member_id(0)]
    collector.books.billed.pay(0)
    wish = RectificationWish(
        invoice.id, Rectification.SUBSTITUTION, "R", CorrectionReason.RECIPIENT_NAME, "x"
    )
    collector.books.billed.pay(0, language="ca")
    rectifying = collector.books.do(rectify_invoice, wish=wish, system=SYSTEM)
    assert read_payment(collector, rectifying) is None
