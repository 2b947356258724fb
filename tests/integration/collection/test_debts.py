"""Debts as they grow old: letters, decisions, protections, and what a payment does to them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from api.services.collection.agree_instalments import agree_instalments
from api.services.collection.debt_timeline import NextStep
from api.services.collection.follow_debts import Debt, follow_debts
from api.services.collection.protect_supply import (
    ProtectedAlreadyError,
    UnprotectedError,
    end_protection,
    protect_supply,
)
from api.services.collection.send_debt_letters import send_debt_letters
from api.services.collection.take_debt_step import (
    NoDebtError,
    ProtectedSupplyError,
    StepOutOfTurnError,
    UnsaidDecisionError,
    take_debt_step,
)
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from api.services.outbox.find_messages import resend_message
from loaders.invoice_checks import UnfitInvoiceError
from loaders.invoice_pdf.number_forms import show_day
from loaders.invoice_record import CorrectionReason
from loaders.typst_pages import read_texts
from models.session import write_session
from models.tables import (
    DebtStep,
    Invoice,
    MessageState,
    OutboxAttachment,
    OutboxMessage,
)
from models.values.debts import DebtStage, SupplyProtection
from models.values.direct_debits import DebitOutcome
from models.values.errors import InvalidDataError
from models.values.invoicing import BillingBasis, Rectification
from models.values.language import Language
from models.values.period import Period
from tests.support.databases import on_sqlite
from tests.support.direct_debits import COLLECTED_ON, collector
from tests.support.invoices import SYSTEM, build_line
from tests.support.ledger import FEE_CENTS, Books, books

__all__ = ["books", "collector"]

pytestmark = on_sqlite

S = DebtStage
SEPTEMBER = Period(date(2023, 9, 1), date(2023, 10, 1))
DUE_ON = date(2023, 12, 25)
REMINDED_ON = date(2023, 12, 28)
LATER = date(2024, 1, 15)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def debts(books: Books, on: date, **more: object) -> list[Debt]:
    return books.ask(follow_debts, on=on, **more)


def write(books: Books, on: date, **more: object):
    letters = books.do(send_debt_letters, issuer_id=books.issuer_id, now=noon(on), **more)
    assert letters.held == ()
    return letters.taken


def take(books: Books, stage: DebtStage, on: date, place: int = 0, because: str | None = None):
    return books.do(
        take_debt_step,
        issuer_id=books.issuer_id,
        member_id=books.member_id(place),
        stage=stage,
        because=because,
        now=noon(on),
    )


def age(books: Books, until: DebtStage) -> date:
    """Take every step on its first day up to one; give its day."""
    day = REMINDED_ON
    for stage in DebtStage:
        (debt,) = debts(books, day, member_ids=[books.member_id(0)])
        assert debt.next_step is not None
        day = debt.next_step.from_day
        take(books, stage, day, because=None if stage.is_written else "decided by the board")
        if stage is until:
            break
    return day


def test_what_is_due_today_is_not_late(books):
    assert debts(books, DUE_ON) == []
    late = debts(books, DUE_ON + timedelta(days=1))
    assert len(late) == 3
    assert {each.overdue_cents for each in late} == {FEE_CENTS}
    assert {each.oldest_due_on for each in late} == {DUE_ON}
    assert {each.next_step.from_day for each in late} == {REMINDED_ON}
    assert {each.stage for each in late} == {None}


def test_everybody_is_written_to_once(books):
    assert write(books, REMINDED_ON - timedelta(days=1)) == ()
    first = write(books, REMINDED_ON)
    assert [each.step.stage for each in first] == [S.REMINDER] * 3
    assert write(books, REMINDED_ON) == ()
    assert {each.step.message_id for each in first} == {None}  # no payer has an address


def test_a_reminder_tells_what_is_owed_and_how_to_pay_it(books):
    books.billed.pay(0, email="ana@vila.example", language=Language.CATALAN)
    (taken,) = [each for each in write(books, REMINDED_ON) if each.step.message_id]
    (message,) = books.billed.rows(OutboxMessage)
    assert (message.id, message.recipient) == (taken.step.message_id, "ana@vila.example")
    assert message.subject == "Pendent de pagament: 12,10 € · Comunitat de la Vall, SCCL"
    number = books.invoices[0].full_number
    assert f"- factura {number}, vençuda el 25/12/2023: 12,10 €" in message.body
    assert "Responeu aquest correu" in message.body  # no account is known


def test_a_letter_that_is_not_delivered_holds_the_timeline(books):
    books.billed.pay(0, email="anna@vila.example")
    write(books, REMINDED_ON)
    (message,) = books.billed.rows(OutboxMessage)
    with write_session(books.billed.engine) as session:
        message.state, message.failed_because = MessageState.FAILED, "550 who?"
        session.add(message)
    (mine,) = (each for each in debts(books, LATER) if each.member_id == books.member_id(0))
    assert (mine.stage, mine.undelivered) == (S.REMINDER, {mine.steps[0].id})
    assert mine.next_step is None
    with pytest.raises(StepOutOfTurnError, match="not delivered is sent again"):
        take(books, S.DEMAND, LATER)
    assert len(write(books, LATER)) == 2
    to = "ana@vila.example"
    books.do(resend_message, message_id=message.id, now=noon(LATER), recipient=to)
    (mine,) = (each for each in debts(books, LATER) if each.member_id == books.member_id(0))
    assert not mine.undelivered
    assert mine.next_step == NextStep(S.DEMAND, LATER + timedelta(days=10))


def test_a_reminder_brings_what_corrects_its_invoices(books):
    line = build_line("Fee", "1", "month", "8")
    wish = RectificationWish(
        books.invoices[0].id,
        Rectification.DIFFERENCE,
        "R",
        CorrectionReason.LINES,
        "agreed otherwise",
        lines=((BillingBasis.FIXED, line),),
    )
    books.do(rectify_invoice, wish=wish, system=SYSTEM)
    books.billed.pay(0, email="ana@vila.example")
    write(books, REMINDED_ON)
    (correction,) = [row for row in books.billed.rows(Invoice) if row.rectifies_id]
    attached = books.billed.rows(OutboxAttachment, OutboxAttachment.position)
    assert [row.invoice_id for row in attached] == [books.invoices[0].id, correction.id]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stage", [stage for stage in DebtStage if stage.is_written])
def test_every_letter_in_every_language(books, stage, language):
    books.billed.pay(0, email="ana@vila.example", language=language)
    day = age(books, stage)
    message = books.billed.rows(OutboxMessage, OutboxMessage.created_at)[-1]
    assert message.language is language
    assert books.invoices[0].full_number in message.body
    assert "{" not in message.subject + message.body
    days = {S.REMINDER: None, S.DEMAND: 20, S.NOTICE: 5}[stage]
    if days:
        forms = read_texts("loaders.invoice_pdf", language)
        until = show_day(day + timedelta(days=days), forms)
        assert until.replace("\u00a0", " ") in message.body


def test_the_whole_timeline(books):
    last = age(books, S.TERMINATION)
    (debt,) = debts(books, last, member_ids=[books.member_id(0)])
    assert [step.stage for step in debt.steps] == list(DebtStage)
    assert (debt.stage, debt.next_step) == (S.TERMINATION, None)
    with pytest.raises(StepOutOfTurnError, match="nothing more"):
        take(books, S.TERMINATION, last, because="again")


def test_steps_come_in_turn_and_not_too_early(books):
    with pytest.raises(StepOutOfTurnError, match="reminder from 2023-12-28 on"):
        take(books, S.DEMAND, REMINDED_ON)
    with pytest.raises(StepOutOfTurnError) as caught:
        take(books, S.REMINDER, REMINDED_ON - timedelta(days=1))
    assert (caught.value.next_stage, caught.value.from_day) == (S.REMINDER, REMINDED_ON)


def test_decisions_need_a_reason_and_letters_take_none(books):
    age(books, S.NOTICE)
    with pytest.raises(UnsaidDecisionError, match="needs a reason"):
        take(books, S.SUSPENSION, date(2024, 3, 1))
    with pytest.raises(UnsaidDecisionError, match="takes no reason"):
        take(books, S.NOTICE, date(2024, 3, 1), because="x")
    with pytest.raises(UnfitInvoiceError):
        take(books, S.SUSPENSION, date(2024, 3, 1), because="\x00")
    with pytest.raises(UnsaidDecisionError):
        write(books, date(2024, 3, 1), last_stage=S.SUSPENSION)


def test_who_has_paid_is_left_alone(books):
    age(books, S.DEMAND)
    books.pay(0)
    assert debts(books, date(2024, 2, 1), member_ids=[books.member_id(0)]) == []
    with pytest.raises(NoDebtError):
        take(books, S.NOTICE, date(2024, 2, 1))


def test_a_newer_debt_begins_anew_once_the_older_is_paid(books):
    age(books, S.DEMAND)
    books.billed.issue("later", period=SEPTEMBER, now=noon(date(2024, 1, 10)))
    (debt,) = debts(books, date(2024, 2, 10), member_ids=[books.member_id(0)])
    assert (debt.overdue_cents, debt.stage) == (2 * FEE_CENTS, S.DEMAND)
    books.pay(0)
    (debt,) = debts(books, date(2024, 2, 10), member_ids=[books.member_id(0)])
    assert (debt.oldest_due_on, debt.stage) == (date(2024, 1, 30), None)


def test_what_a_bank_collects_is_not_asked_for(collector):
    books = collector.books
    for place in range(3):
        collector.sign(place)
    collector.collect()
    assert COLLECTED_ON < REMINDED_ON
    assert debts(books, REMINDED_ON) == []
    assert write(books, REMINDED_ON) == ()
    collector.tell(collector.debit_of(0), DebitOutcome.ACCEPTED)
    collector.tell(collector.debit_of(1), DebitOutcome.REJECTED)
    assert [each.debt.member_id for each in write(books, REMINDED_ON)] == [books.member_id(1)]
    heard = date(2024, 1, 4)  # five business days after the collection
    assert [each.member_id for each in debts(books, heard)] == [books.member_id(1)]
    assert len(debts(books, heard + timedelta(days=1))) == 3


def test_an_instalment_is_told_as_such(books):
    books.billed.pay(0, email="ana@vila.example", language=Language.SPANISH)
    days = [date(2024, 1, 31), date(2024, 2, 29)]
    books.do(agree_instalments, invoice_id=books.invoices[0].id, days=days)
    write(books, date(2024, 3, 1))
    (message,) = books.billed.rows(OutboxMessage)
    number = books.invoices[0].full_number
    assert f"- plazo 1 de 2 de la factura {number}, vencido el 31/01/2024: 6,05 €" in message.body
    assert f"- plazo 2 de 2 de la factura {number}, vencido el 29/02/2024: 6,05 €" in message.body


def test_instalments_that_are_kept_are_no_debt(books):
    days = [date(2024, 1, 31), date(2024, 2, 29)]
    books.do(agree_instalments, invoice_id=books.invoices[0].id, days=days)
    assert debts(books, date(2024, 1, 31), member_ids=[books.member_id(0)]) == []
    (debt,) = debts(books, date(2024, 2, 1), member_ids=[books.member_id(0)])
    assert debt.overdue_cents == FEE_CENTS // 2


@pytest.mark.parametrize("protection", SupplyProtection)
def test_a_protected_supply_is_not_threatened(books, protection):
    books.billed.pay(0, email="ana@vila.example")
    cups = books.billed.stored.points[0].cups
    books.do(
        protect_supply,
        cups=cups,
        protection=protection,
        valid_from=DUE_ON,
        because="certificate 7",
    )
    age(books, S.DEMAND)
    message = books.billed.rows(OutboxMessage, OutboxMessage.created_at)[-1]
    assert "demand" in message.idempotency_key
    assert ("suspen" in message.body, "fraccionar" in message.body) == (False, True)
    with pytest.raises(ProtectedSupplyError):
        take(books, S.NOTICE, date(2024, 3, 1))
    late = {each.debt.member_id for each in write(books, date(2024, 3, 1), last_stage=S.NOTICE)}
    assert late == {books.member_id(1), books.member_id(2)}


def test_a_protected_supply_is_asked_to_pay_only(books):
    cups = books.billed.stored.points[0].cups
    protection = {"cups": cups, "protection": SupplyProtection.ESSENTIAL}
    age_day = age(books, S.NOTICE)
    books.do(protect_supply, valid_from=date(2024, 1, 1), because="certificate 7", **protection)
    (debt,) = debts(books, date(2024, 3, 1), member_ids=[books.member_id(0)])
    assert (debt.protections, debt.next_step) == ({SupplyProtection.ESSENTIAL}, None)
    with pytest.raises(ProtectedSupplyError, match="essential"):
        take(books, S.SUSPENSION, age_day + timedelta(days=9), because="decided")
    with pytest.raises(ProtectedAlreadyError):
        books.do(protect_supply, valid_from=date(2024, 1, 1), because="c", **protection)

    def end(until: date):
        with write_session(books.engine) as session:
            end_protection(session, promoter_id=books.owner, valid_until=until, **protection)

    with pytest.raises(InvalidDataError):
        end(date(2024, 1, 1))
    end(date(2024, 2, 1))
    assert take(books, S.SUSPENSION, date(2024, 3, 1), because="decided").step.because == "decided"
    with pytest.raises(UnprotectedError):
        end(date(2024, 2, 1))


def test_what_was_done_is_kept(books):
    write(books, REMINDED_ON)
    steps = books.billed.rows(DebtStep)
    assert {(step.open_cents, step.oldest_due_on) for step in steps} == {(FEE_CENTS, DUE_ON)}
