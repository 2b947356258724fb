"""Runs of direct debits: every due item is collected or told why not, each amount once."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from api.services.collection.create_debit_run import (
    NothingToCollectError,
    SameDebitKeyError,
    UnfitDebitKeyError,
)
from api.services.collection.find_debit_run import UnknownDebitRunError, download_sepa_file
from api.services.collection.import_debit_statuses import UnknownMessageError
from api.services.collection.notify_debits import notify_debits
from api.services.collection.plan_debits import LeftBecause
from api.services.collection.prepare_debits import (
    CollectionDayError,
    DebitRunWish,
    NoCreditorAccountError,
    prepare_debits,
)
from api.services.collection.refuse_underway import UndecidedDebitError
from api.services.collection.sealed_files import open_file
from api.services.invoices.cancel_invoice import cancel_invoice
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.rectify_invoice import RectificationWish, rectify_invoice
from loaders.invoice_record import CorrectionReason
from models.tables import DebitRun, DebitStatus, OutboxMessage
from models.values.direct_debits import DebitOutcome, MandateKind, PainVersion, SequenceType
from models.values.invoicing import Rectification
from models.values.language import Language
from models.values.sepa_reference import SepaReference
from tests.support.direct_debits import (
    COLLECTED_ON,
    DUE_ON,
    NOW,
    account_of,
    collector,
    list_file,
    read_file,
    set_creditor,
    write_report,
)
from tests.support.invoices import SYSTEM
from tests.support.keyrings import KEYRING
from tests.support.ledger import FEE_CENTS, open_books
from tests.support.sepa_messages import CREDITOR_ID, IBAN

__all__ = ["collector"]

FIRST_DAY = date(2023, 12, 19)
JANUARY = datetime(2024, 1, 8, 9, 30, tzinfo=UTC)
LATER = {"now": JANUARY, "due_until": date(2024, 1, 8)}


def reasons(preview):
    return [(left.because, left.code) for left in preview.left]


def sequences(preview):
    return [each.sequence for each in preview.collected]


def test_a_run_collects_what_is_due_with_a_valid_file(collector):
    for place in (0, 1):
        collector.sign(place)
    preview = collector.preview()
    assert (preview.first_day, preview.total_cents) == (FIRST_DAY, 2 * FEE_CENTS)
    assert [each.collect_on for each in preview.collected] == [COLLECTED_ON] * 2
    assert reasons(preview) == [(LeftBecause.NO_MANDATE, None)]
    run = collector.collect().run
    assert (run.debit_count, run.total_cents) == (2, 2 * FEE_CENTS)
    paths = ["DbtrAcct/Id/IBAN", "InstdAmt", "RmtInf/Ustrd", "PmtId/EndToEndId"]
    debits = collector.debits()
    ends = {each.member_id: each.end_to_end_id for each in debits}
    assert sorted(list_file(open_file(KEYRING, run), *paths)) == sorted(
        (
            "2023-12-27",
            "FRST",
            account_of(100 + place).reveal(),
            "12.10",
            f"Factura {collector.books.invoices[place].full_number}",
            ends[collector.books.member_id(place)],
        )
        for place in (0, 1)
    )
    header = read_file(open_file(KEYRING, run)).find("CstmrDrctDbtInitn/GrpHdr")
    assert header.findtext("MsgId") == run.message_id
    assert {each.payment_information_id for each in debits} == {f"{run.message_id}-1"}
    assert [(each.attempt, each.due_on) for each in debits] == [(1, DUE_ON)] * 2


def test_what_is_left_of_a_members_money_pays_before_anything_is_collected(collector):
    books = collector.books
    for place in (0, 1):
        collector.sign(place)
    books.issue_month(9)
    paid = {"received_on": NOW.date(), "invoice_ids": (books.invoices[0].id,)}
    books.pay(0, 2 * FEE_CENTS - 420, **paid)
    books.pay(1, 3 * FEE_CENTS, **paid | {"invoice_ids": (books.invoices[1].id,)})
    assert [books.balance(place) for place in (0, 1)] == [(1210, 790), (1210, 2420)]
    preview = collector.preview()
    assert [each.item.open_cents for each in preview.collected] == [420]
    assert reasons(preview) == [(LeftBecause.NO_MANDATE, None)] * 2
    assert books.balance(0) == (1210, 790)
    assert collector.collect().run.total_cents == 420
    assert [books.balance(place) for place in (0, 1)] == [(420, 0), (0, 1210)]


def test_the_file_of_2009_is_valid_too(collector):
    set_creditor(collector.books, bic="CAIXESBBXXX", pain_version=PainVersion.V02)
    collector.sign(0)
    run = collector.collect().run
    root = read_file(open_file(KEYRING, run), PainVersion.V02)
    assert root.findtext(".//CdtrAcct/Id/IBAN") == IBAN
    assert root.findtext(".//CdtrSchmeId//Id/Othr/Id") in (CREDITOR_ID, None)
    assert run.pain_version is PainVersion.V02


def test_the_same_key_gives_the_same_run(collector):
    collector.sign(0)
    run = collector.collect("k").run
    assert collector.collect("k").run.id == run.id
    with pytest.raises(SameDebitKeyError, match="key k was used"):
        collector.collect("k", collect_on=date(2023, 12, 28))
    assert len(collector.books.billed.rows(DebitRun)) == 1
    with pytest.raises(UnfitDebitKeyError):
        collector.collect(" ")


def test_no_amount_stands_in_two_runs_that_are_not_decided(collector):
    collector.sign(0)
    collector.collect("k")
    assert reasons(collector.preview(**LATER))[0] == (LeftBecause.UNDERWAY, None)
    with pytest.raises(NothingToCollectError, match="3 items are due") as caught:
        collector.collect("other", **LATER)
    assert caught.value.left_count == 3
    collector.tell(collector.debit_of(0), DebitOutcome.ACCEPTED)
    with pytest.raises(NothingToCollectError):
        collector.collect("other", **LATER)


def test_an_invoice_that_a_bank_is_collecting_does_not_change(collector):
    collector.sign(0)
    message_id = collector.collect().run.message_id
    debit = collector.debit_of(0)
    wish = RectificationWish(
        debit.invoice_id, Rectification.DIFFERENCE, "R", CorrectionReason.LINES, "x", lines=()
    )
    told = f"12.10 EUR of it on {debit.collect_on} with the file {message_id}: recall"
    with pytest.raises(UndecidedDebitError, match=told):
        collector.books.do(rectify_invoice, wish=wish, system=SYSTEM)
    cancelled = {"invoice_id": debit.invoice_id, "because": "x", "system": SYSTEM}
    with pytest.raises(UndecidedDebitError):
        collector.books.do(cancel_invoice, **cancelled)
    collector.tell(debit, DebitOutcome.REJECTED, "AM04")
    collector.books.do(cancel_invoice, **cancelled)
    assert collector.books.balance(0) == (0, 0)


@pytest.mark.parametrize("outcome", [DebitOutcome.REJECTED, DebitOutcome.RETURNED])
def test_what_came_back_for_want_of_money_is_collected_again(collector, outcome):
    collector.sign(0)
    collector.collect("k")
    collector.tell(collector.debit_of(0), outcome, "AM04")
    preview = collector.preview(**LATER)
    is_first = outcome is DebitOutcome.REJECTED
    assert sequences(preview) == [SequenceType.FIRST if is_first else SequenceType.RECURRING]
    collector.collect("again", **LATER)
    assert [each.attempt for each in collector.debits()] == [1, 2]


@pytest.mark.parametrize("code", ["MD06", "MS02", "AM05", "ZZ99", None])
def test_some_returns_forbid_to_collect_again_unless_the_payer_agreed(collector, code):
    collector.sign(0)
    collector.collect("k")
    collector.tell(collector.debit_of(0), DebitOutcome.RETURNED, code)
    assert (LeftBecause.RETURNED, code or "") in reasons(collector.preview(**LATER))
    agreed = frozenset({collector.books.invoices[0].id})
    assert len(collector.preview(**LATER, retried=agreed).collected) == 1


def test_a_closed_account_asks_for_another(collector):
    mandate = collector.sign(0)
    collector.collect("k")
    collector.tell(collector.debit_of(0), DebitOutcome.RETURNED, "AC04")
    assert (LeftBecause.ACCOUNT_UNUSABLE, None) in reasons(collector.preview(**LATER))
    collector.move(mandate, 7, now=datetime(2023, 12, 28, tzinfo=UTC))
    (planned,) = collector.preview(**LATER).collected
    assert planned.account.position == 1
    assert (planned.is_amended, planned.sequence) == (True, SequenceType.RECURRING)


def test_a_dead_mandate_asks_for_another(collector):
    collector.sign(0)
    collector.collect("k")
    collector.tell(collector.debit_of(0), DebitOutcome.RETURNED, "MD01")
    assert (LeftBecause.ENDED, None) in reasons(collector.preview(**LATER))
    collector.sign(0, now=datetime(2023, 12, 28, 9, tzinfo=UTC))
    (planned,) = collector.preview(**LATER).collected
    assert planned.sequence is SequenceType.FIRST


def test_why_an_item_is_left(collector):
    collector.sign(0, now=NOW + timedelta(days=2))
    collector.revoke(collector.sign(1), date(2023, 12, 20))
    collector.sign(2, signed_on=date(2020, 12, 24))
    assert sorted(because for because, _ in reasons(collector.preview())) == [
        LeftBecause.ENDED,
        LeftBecause.LAPSED,
        LeftBecause.TOO_NEW,
    ]


def test_only_what_is_due_and_asked_for_is_looked_at(collector):
    for place in range(3):
        collector.sign(place)
    assert collector.preview(due_until=date(2023, 12, 24)).collected == ()
    one = collector.preview(member_ids=frozenset({collector.books.member_id(1)}))
    assert [each.item.member_id for each in one.collected] == [collector.books.member_id(1)]
    community_id = collector.books.billed.stored.community.id
    assert len(collector.preview(community_id=community_id).collected) == 3
    assert collector.preview(community_id=uuid4()).collected == ()


def test_paid_items_are_not_collected(collector):
    collector.sign(0)
    collector.books.pay(0)
    preview = collector.preview(now=datetime(2023, 12, 13, 9, tzinfo=UTC))
    assert (preview.collected, len(preview.left)) == ((), 2)


def test_sequence_types_follow_the_history_of_the_mandate(collector):
    mandate = collector.sign(0)
    collector.books.issue_month(11)
    wish = {"due_until": date(2023, 12, 25)}
    assert sequences(collector.preview(**wish)) == [SequenceType.FIRST, SequenceType.RECURRING]
    run = collector.collect("k", **wish).run
    assert [row[:2] for row in list_file(open_file(KEYRING, run))] == [
        ("2023-12-27", "FRST"),
        ("2023-12-27", "RCUR"),
    ]
    for debit in collector.debits():
        collector.tell(debit, DebitOutcome.RETURNED, "AM04")
    last = collector.preview(**LATER, final=frozenset({mandate.id}))
    assert sequences(last) == [SequenceType.RECURRING, SequenceType.FINAL]
    collector.collect("last", **LATER, final=frozenset({mandate.id}))
    collector.tell(collector.debits()[-1], DebitOutcome.COLLECTED, source="camt")
    assert {because for because, _ in reasons(collector.preview(**LATER))} >= {LeftBecause.UNDERWAY}


def test_a_mandate_for_one_debit_is_used_once(collector):
    collector.sign(0, kind=MandateKind.ONE_OFF)
    collector.books.issue_month(11)
    preview = collector.preview()
    assert sequences(preview) == [SequenceType.ONE_OFF]
    assert (LeftBecause.SPENT, None) in reasons(preview)
    collector.collect("k")
    assert (LeftBecause.SPENT, None) in reasons(collector.preview())


def test_a_mandate_used_elsewhere_goes_on(collector):
    collector.sign(0, signed_on=date(2023, 1, 1), last_used_on=date(2023, 10, 2))
    assert sequences(collector.preview()) == [SequenceType.RECURRING]


def test_a_new_account_is_told_to_the_bank_once(collector):
    mandate = collector.sign(0)
    collector.books.issue_month(11)
    collector.collect("k", collect_on=date(2023, 12, 27))
    collector.move(mandate, 7, now=NOW)
    for debit in collector.debits():
        collector.tell(debit, DebitOutcome.RETURNED, "AM04")
    run = collector.collect("again", **LATER).run
    told = "DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlDbtrAcct/Id/Othr/Id"
    indicator = "DrctDbtTx/MndtRltdInf/AmdmntInd"
    rows = list_file(open_file(KEYRING, run), "DbtrAcct/Id/IBAN", indicator, told)
    new = account_of(7).reveal()
    day = "2024-01-22"
    assert rows == [(day, "RCUR", new, "true", "SMNDA"), (day, "RCUR", new, None, None)]
    old, *_ = [each for each in collector.debits() if each.attempt == 1]
    assert old.account_id != collector.debits()[-1].account_id


def test_a_day_that_is_too_early_is_refused_and_a_closed_one_moved(collector):
    collector.sign(0)
    with pytest.raises(CollectionDayError, match="the first is 2023-12-19") as caught:
        collector.preview(collect_on=date(2023, 12, 18))
    assert caught.value.first_day == FIRST_DAY
    with pytest.raises(CollectionDayError, match="365 days ahead"):
        collector.preview(collect_on=date(2024, 12, 5))
    moved = collector.preview(collect_on=date(2023, 12, 30))
    assert [each.collect_on for each in moved.collected] == [date(2024, 1, 2)]


def test_fewer_days_of_notice_and_more_of_lead(collector):
    set_creditor(collector.books, notice_days=1, lead_days=3)
    assert collector.preview().first_day == date(2023, 12, 8)
    set_creditor(collector.books, notice_days=5, lead_days=1)
    assert collector.preview().first_day == date(2023, 12, 11)


def test_an_issuer_without_account_collects_nothing(engine, promoter):
    books = open_books(engine, promoter, 1)
    wish = DebitRunWish(books.issuer_id, DUE_ON)
    with pytest.raises(NoCreditorAccountError, match="F12345674"):
        books.ask(prepare_debits, wish=wish, now=NOW)
    with pytest.raises(UnknownIssuerError):
        books.ask(prepare_debits, wish=DebitRunWish(uuid4(), DUE_ON), now=NOW)


def test_an_unknown_issuer_makes_no_run(collector):
    with pytest.raises(UnknownIssuerError):
        collector.collect(issuer_id=uuid4())


def test_the_file_is_given_as_it_was_made(collector):
    collector.sign(0)
    run = collector.collect().run
    download = collector.books.ask(download_sepa_file, debit_run_id=run.id, keyring=KEYRING)
    assert (download.name, download.media_type) == (f"{run.message_id}.xml", "application/xml")
    assert download.content == open_file(KEYRING, run)
    with pytest.raises(UnknownDebitRunError):
        collector.books.ask(download_sepa_file, debit_run_id=uuid4(), keyring=KEYRING)


@pytest.mark.parametrize(
    ("language", "subject", "told"),
    [
        (Language.SPANISH, "Aviso de adeudo de 12,10 € el 27/12/2023 · Com", "mandato: M-1\n"),
        (Language.CATALAN, "Avís de càrrec de 12,10 € el 27/12/2023 · Com", "mandat: M-1\n"),
        (Language.ENGLISH, "Direct debit of 12.10 € on 27 Dec 2023 · Com", "reference: M-1\n"),
    ],
)
def test_payers_are_told_ahead_in_their_language(collector, language, subject, told):
    collector.books.pay(0)
    collector.books.billed.pay(0, email="ana@vila.example", language=language)
    (invoice, *_) = collector.books.issue_month(11)
    collector.sign(0, reference=SepaReference("M-1"))
    made = collector.collect(now=datetime(2023, 12, 12, 9, tzinfo=UTC))
    (message,) = collector.books.billed.rows(OutboxMessage)
    assert [each.id for each in made.notices.messages] == [message.id]
    assert (message.recipient, message.language) == ("ana@vila.example", language)
    assert message.subject.startswith(subject)
    for text in (told, CREDITOR_ID, invoice.full_number, "2023", "12", str(account_of(100))):
        assert text in message.body
    assert account_of(100).reveal() not in message.body
    (debit,) = collector.debits()
    assert message.idempotency_key == f"debit-notice {debit.end_to_end_id}"


def test_one_notice_tells_of_all_debits_of_an_account_and_day(collector):
    collector.books.issue_month(9)
    collector.books.billed.pay(0, email="ana@vila.example")
    invoices = collector.books.issue_month(11)
    collector.sign(0)
    made = collector.collect(now=datetime(2023, 12, 12, 9, tzinfo=UTC))
    assert [debit.collect_on for debit in collector.debits()] == [COLLECTED_ON] * 3
    (message,) = collector.books.billed.rows(OutboxMessage)
    assert message.subject.startswith("Aviso de adeudo de 36,30 € el 27/12/2023 · Com")
    told = f"- factura {invoices[0].full_number}, vencimiento el 25/12/2023: 12,10 €"
    assert (message.body.count("\n- factura "), told in message.body) == (3, True)
    first = collector.debits()[0]
    assert message.idempotency_key == f"debit-notice {first.end_to_end_id}"
    collector.tell(first, DebitOutcome.REJECTED, "AM04")
    again = collector.books.do(
        notify_debits, run_id=made.run.id, now=datetime(2023, 12, 13, 9, tzinfo=UTC)
    )
    assert [each.id for each in again.messages] == [message.id]
    assert collector.books.billed.rows(OutboxMessage) == [message]


def test_payers_without_address_are_named(collector):
    collector.sign(0)
    made = collector.collect()
    assert [each.id for each in made.notices.unreachable] == [collector.debit_of(0).id]
    assert collector.books.billed.rows(OutboxMessage) == []


def test_payers_are_told_once_and_not_too_late(collector):
    collector.sign(0)
    run = collector.collect().run
    collector.books.billed.pay(0, email="ana@vila.example")
    on_time = datetime(2023, 12, 13, 9, tzinfo=UTC)
    notify = {"run_id": run.id}
    assert len(collector.books.do(notify_debits, now=on_time, **notify).messages) == 1
    assert len(collector.books.do(notify_debits, now=on_time, **notify).messages) == 1
    late = collector.books.do(notify_debits, now=on_time + timedelta(days=1), **notify)
    assert (late.messages, len(late.late)) == ((), 1)
    assert len(collector.books.billed.rows(OutboxMessage)) == 1
    collector.tell(collector.debit_of(0), DebitOutcome.REJECTED, "AM04")
    decided = collector.books.do(notify_debits, now=on_time, **notify)
    assert (decided.messages, decided.unreachable, decided.late) == ((), (), ())
    with pytest.raises(UnknownDebitRunError):
        collector.books.do(notify_debits, run_id=uuid4(), now=NOW)


def test_a_report_leaves_what_was_rejected_open(collector):
    for place in range(3):
        collector.sign(place)
    run = collector.collect().run
    first, second, _ = (each.end_to_end_id for each in collector.debits())
    content = write_report(
        run.message_id,
        [(first, "RJCT", "AC01"), (second, "ACCP", None), ("STRANGER", "RJCT", "AM04")],
    )
    done = collector.report(content)
    assert (done.news_count, done.strangers) == (2, ("STRANGER",))
    assert done.outcomes == {
        DebitOutcome.REJECTED: 1,
        DebitOutcome.ACCEPTED: 1,
        DebitOutcome.PENDING: 1,
    }
    assert [(each.debit.end_to_end_id, each.code) for each in done.rejected] == [(first, "AC01")]
    again = collector.report(content)
    assert (again.news_count, again.outcomes) == (0, done.outcomes)
    assert len(collector.books.billed.rows(DebitStatus)) == 2
    assert len(collector.books.owed()) == 3
    left = {because for because, _ in reasons(collector.preview(**LATER))}
    assert left == {LeftBecause.ACCOUNT_UNUSABLE, LeftBecause.UNDERWAY}


def test_a_report_of_a_strange_file_is_refused(collector):
    with pytest.raises(UnknownMessageError, match="file OTHER"):
        collector.report(write_report("OTHER", []))
