"""Banks' files in the books: what is certain is booked once, the rest waits for somebody."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from api.services.collection.assign_receipt import assign_receipt
from api.services.collection.bank_report import (
    BankFileReport,
    MovementKind,
    UnmatchedBecause,
)
from api.services.collection.import_bank_file import (
    ForeignAccountError,
    ForeignCurrencyError,
    import_bank_file,
    import_uploaded_bank_file,
    parse_mapping,
    read_uploaded_bank_file,
)
from api.services.collection.refund_payment import refund_payment
from api.services.file_imports.file_import_wish import InvalidMappingError, parse_mapping_text
from api.services.file_imports.store_upload import upload_path
from api.services.jobs.request_upload_job import UnknownUploadError
from loaders.decoding import UnreadableFileError
from loaders.sepa.bank_files import read_bank_file
from loaders.sepa.message_nodes import FaultyMessageError
from loaders.sepa.return_reasons import NextStep
from models.repositories.debits import list_run_debits
from models.session import write_session
from models.tables import Payment, Upload
from models.values.direct_debits import DebitOutcome
from models.values.ledger import LedgerAccount, PaymentMethod
from tests.support.direct_debits import account_of, collector
from tests.support.keyrings import KEYRING
from tests.support.ledger import FEE_CENTS
from tests.support.sepa_messages import BATCH, balance, entry, message, statement
from tests.support.stored_once import stored_once

__all__ = ["collector"]

A, K, U = LedgerAccount, MovementKind, UnmatchedBecause
READ = datetime(2026, 12, 15, 9, 30, tzinfo=UTC)
BOOKED = date(2026, 12, 9)
REFERENCE = "<AcctSvcrRef>BANK-000{}</AcctSvcrRef>"
MAPPING = """decimal = ","
[day]
booked = "Fecha"
format = "%d/%m/%Y"
[amount]
column = "Importe"
[columns]
text = ["Concepto"]
"""


def read(collector, *entries, now=READ, **more):
    """Import a statement of some entries."""
    content = more.pop("content", None) or statement(entries)
    statements = read_bank_file(more.get("name", "x.xml"), content, more.get("mapping"))
    given = {"issuer_id": collector.books.issuer_id, "statements": statements}
    report = collector.books.do(import_bank_file, **given, keyring=KEYRING, now=now)
    assert BankFileReport.from_json(report.to_json()) == report
    return report


def kinds(report):
    return [movement.kind for movement in report.movements]


def transfer(text, number=100, name="Pau Ferrer", amount=None):
    account = account_of(number).reveal()
    told = "" if amount is None else f'<Amt Ccy="EUR">{amount}</Amt>'
    return (
        f"<TxDtls>{told}<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr><DbtrAcct><Id>"
        f"<IBAN>{account}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


def returned(debit, amount="12.10", code="AM04"):
    reason = f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf>" if code else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{debit.end_to_end_id}</EndToEndId></Refs>"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>{reason}</TxDtls>'
    )


@stored_once
def collected(collector):
    """Give an issuer whose file of three debits is at the bank."""
    for place in range(3):
        collector.sign(place)
    collector.collect()
    return collector


def batch_of(collector, part="batch"):
    debit = collector.debits()[0]
    name = debit.payment_information_id
    tag = {"batch": f"<PmtInfId>{name}</PmtInfId>", "file": f"<MsgId>{name[:-2]}</MsgId>"}[part]
    return f"<Btch>{tag}</Btch>"


def test_a_real_statement_of_somebody_else_books_nothing_to_members(collector):
    report = read(
        collector,
        entry("493.60", details=BATCH, more=REFERENCE.format(1)),
        entry("20.00", "DBIT"),
        entry("0.00"),
        entry("9.99", status="<Cd>PDNG</Cd>"),
    )
    assert (kinds(report), report.pending_count) == ([K.UNKNOWN, K.NOT_BOOKED], 1)
    assert collector.books.accounts()[A.UNKNOWN_RECEIPTS] == -49_360
    assert report.counts == {K.UNKNOWN: 1, K.NOT_BOOKED: 1}


@pytest.mark.parametrize("part", ["batch", "file"])
def test_a_batch_pays_all_its_debits(collected, part):
    text = entry("36.30", details=batch_of(collected, part))
    report = read(collected, text)
    assert kinds(report) == [K.DEBITS]
    (paid,) = report.movements
    methods = {each.id: each.method for each in collected.books.billed.rows(Payment)}
    assert [methods[key] for key in paid.payment_ids] == [PaymentMethod.DIRECT_DEBIT] * 3
    assert paid.member_ids == tuple(debit.member_id for debit in collected.debits())
    assert {key for key, _ in paid.invoices} == {each.invoice_id for each in collected.debits()}
    assert collected.books.owed() == []
    assert collected.books.accounts()[A.BANK] == 3 * FEE_CENTS
    run_id = collected.debits()[0].run_id
    known = collected.books.ask(list_run_debits, run_id=run_id)
    assert {each.outcome for each in known} == {DebitOutcome.COLLECTED}
    # a notification tells the same one by one
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>{each.end_to_end_id}</EndToEndId></Refs>"
        '<Amt Ccy="EUR">12.10</Amt></TxDtls>'
        for each in collected.debits()
    )
    body = f"<BkToCstmrDbtCdtNtfctn><Ntfctn>{entry('36.30', details=details)}</Ntfctn>"
    again = message("camt.054.001.08", f"{body}</BkToCstmrDbtCdtNtfctn>")
    assert kinds(read(collected, content=again)) == [K.KNOWN] * 3
    assert kinds(read(collected, text)) == [K.KNOWN]
    assert len(collected.books.billed.rows(Payment)) == 3


def test_a_batch_that_makes_another_amount_waits(collected):
    report = read(collected, entry("36.29", details=batch_of(collected)))
    assert kinds(report) == [K.UNKNOWN]
    assert len(collected.books.owed()) == 3


def test_a_batch_without_those_that_the_bank_rejected(collected):
    collected.tell(collected.debit_of(2), DebitOutcome.REJECTED, "AC01")
    assert kinds(read(collected, entry("24.20", details=batch_of(collected)))) == [K.DEBITS]
    (item,) = collected.books.owed()
    assert item.member_id == collected.books.member_id(2)


def test_a_return_with_its_charge(collected):
    debit = collected.debit_of(0)
    entries = [
        entry("13.31", "DBIT", returned(debit, "13.31", "MD01")),
        entry("36.30", details=batch_of(collected)),
    ]
    report = read(collected, *entries)
    assert kinds(report) == [K.RETURN, K.DEBITS]
    assert report.movements[0].next_step is NextStep.NEW_MANDATE
    (item,) = collected.books.owed()
    assert (item.member_id, item.returned_count) == (collected.books.member_id(0), 1)
    assert collected.books.accounts()[A.BANK_CHARGES] == 121
    assert collected.books.accounts()[A.BANK] == 2 * FEE_CENTS - 121
    assert kinds(read(collected, *entries)) == [K.KNOWN, K.KNOWN]
    assert collected.books.accounts()[A.BANK] == 2 * FEE_CENTS - 121


def test_a_return_before_anything_told_of_the_collection(collected):
    debit = collected.debit_of(0)
    report = read(collected, entry("12.10", "DBIT", returned(debit, code=None)))
    assert (kinds(report), report.movements[0].next_step) == ([K.RETURN], NextStep.ASK)
    assert kinds(read(collected, entry("36.30", details=batch_of(collected)))) == [K.DEBITS]
    assert collected.books.accounts()[A.BANK] == 2 * FEE_CENTS
    assert len(collected.books.owed()) == 1


def test_less_than_the_debit_is_no_return(collected):
    report = read(collected, entry("12.09", "DBIT", returned(collected.debit_of(0), "12.09")))
    assert kinds(report) == [K.NOT_BOOKED]


def test_a_return_of_what_was_refunded_is_settled_by_hand(collected):
    books = collected.books
    books.pay(0)  # so that the debit is not needed
    read(collected, entry("36.30", details=batch_of(collected)))
    (payment,) = [
        each for each in books.billed.rows(Payment) if each.debit_id == collected.debit_of(0).id
    ]
    given = {"refunded_on": BOOKED, "because": "paid twice", "source_key": "r"}
    books.do(refund_payment, payment_id=payment.id, now=READ, **given)
    report = read(collected, entry("12.10", "DBIT", returned(collected.debit_of(0))))
    assert kinds(report) == [K.NOT_BOOKED]
    assert books.accounts()[A.BANK] == 3 * FEE_CENTS


def test_a_transfer_that_names_its_invoice(collector):
    number = collector.books.invoices[1].full_number.replace("-", " ")
    report = read(collector, entry("12.10", details=transfer(f"Fra. {number} octubre")))
    assert kinds(report) == [K.TRANSFER]
    assert report.movements[0].payer == f"Pau Ferrer, {account_of(100)}"
    assert collector.books.balance(1) == (0, 0)


def test_a_transfer_for_two_members_waits(collector):
    one, two = (each.full_number for each in collector.books.invoices[:2])
    report = read(collector, entry("24.20", details=transfer(f"{one} {two}")))
    assert (kinds(report), report.movements[0].suggestion) == ([K.UNKNOWN], None)


def test_a_movement_that_matches_nothing_says_why(collected):
    one, two = (each.full_number for each in collected.books.invoices[:2])
    debit, other = collected.debit_of(0), collected.debit_of(1)
    paid = f"<TxDtls><Refs><EndToEndId>{debit.end_to_end_id}</EndToEndId></Refs></TxDtls>"
    both = f"<AddtlNtryInf>{debit.end_to_end_id} {other.end_to_end_id}</AddtlNtryInf>"
    entries = {
        U.NOTHING_NAMED: entry("5.00", details=transfer("cuota")),
        U.SEVERAL_MEMBERS: entry("24.20", details=transfer(f"{one} {two}")),
        U.OTHER_AMOUNT: entry("9.00", details=paid),
        U.TOO_LITTLE: entry("2.00", "DBIT", returned(debit, "2.00")),
        U.SEVERAL_DEBITS: entry("24.20", "DBIT", more=both),
    }
    report = read(collected, *entries.values(), entry("1.00", "DBIT"))
    assert [each.because for each in report.movements] == [*entries, U.NOTHING_NAMED]
    assert {each.invoices for each in report.movements} == {()}


def test_amount_and_account_only_suggest(collector):
    collector.sign(0)
    entries = [
        entry("12.10", details=transfer("cuota"), more=REFERENCE.format(1)),
        entry("5.00", details=transfer("cuota"), more=REFERENCE.format(2)),
        entry("12.10", details=transfer("cuota", 555), more=REFERENCE.format(3)),
    ]
    report = read(collector, *entries)
    assert kinds(report) == [K.UNKNOWN] * 3
    exact, other, strange = report.movements
    key = collector.books.invoices[0].id
    assert exact.suggestion.member_id == collector.books.member_id(0)
    assert exact.suggestion.invoice_ids == (key,)
    assert other.suggestion.invoice_ids == ()
    assert strange.suggestion is None
    assert collector.books.balance(0) == (FEE_CENTS, 0)
    collector.books.do(
        assign_receipt,
        payment_id=exact.payment_ids[0],
        member_id=exact.suggestion.member_id,
        invoice_ids=exact.suggestion.invoice_ids,
        now=READ,
    )
    assert collector.books.balance(0) == (0, 0)
    assert kinds(read(collector, *entries)) == [K.KNOWN] * 3


def test_all_that_is_open_is_suggested_too(collector):
    collector.sign(0)
    collector.books.issue_month(9)
    (movement,) = read(collector, entry("24.20", details=transfer("todo"))).movements
    assert len(movement.suggestion.invoice_ids) == 2


def test_overlapping_statements_book_nothing_twice_and_lose_nothing(collector):
    # two equal payments of a day are two, told by files that overlap
    same = entry("10.00", details=transfer("cuota"))
    more = entry("10.00", details=transfer("otra"), more=REFERENCE.format(7))
    assert kinds(read(collector, same)) == [K.UNKNOWN]
    assert kinds(read(collector, same, same, more)) == [K.KNOWN, K.UNKNOWN, K.UNKNOWN]
    assert kinds(read(collector, same, more, same)) == [K.KNOWN] * 3
    assert len(collector.books.billed.rows(Payment)) == 3


def test_an_entry_told_whole_and_in_parts_is_the_same_money(collector):
    parts = transfer("una", amount="5.00") + transfer("otra", amount="7.10")
    for first, second in ((REFERENCE.format(1),) * 2, (REFERENCE.format(2),) * 2):
        files = [entry("12.10", more=first), entry("12.10", details=parts, more=second)]
        if first == REFERENCE.format(2):
            files.reverse()
        read(collector, files[0])
        assert set(kinds(read(collector, files[1]))) == {K.KNOWN}
    assert collector.books.accounts()[A.BANK] == 2 * 1210


@pytest.mark.parametrize("form", ["words", "structured", "one-file"])
def test_a_transfer_that_quotes_a_debit_which_came_back_is_other_money(collected, form):
    debit = collected.debit_of(0)
    batch = entry("36.30", details=batch_of(collected))
    back = entry("12.10", "DBIT", returned(debit))
    quoted = f"<TxDtls><Refs><EndToEndId>{debit.end_to_end_id}</EndToEndId></Refs></TxDtls>"
    paid = entry("12.10", details=transfer(debit.end_to_end_id) if form == "words" else quoted)
    paid = paid.replace("<BookgDt><Dt>2026-12-09", "<BookgDt><Dt>2026-12-11")
    files = [[batch, back, paid]] if form == "one-file" else [[batch], [batch, back], [paid]]
    told = [kinds(read(collected, *each)) for each in files]
    assert told[-1][-1] is K.UNKNOWN
    assert collected.books.accounts()[A.BANK] == 3 * FEE_CENTS
    again = kinds(read(collected, batch, back, paid))
    assert again == [K.KNOWN] * 3


def test_a_transfer_that_quotes_a_debit_is_not_the_debit(collected):
    debit = collected.debit_of(0)
    words = entry("12.10", details=transfer(f"pago {debit.end_to_end_id}"))
    code = (
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        "</BkTxCd>"
    )
    ends = f"<TxDtls><Refs><EndToEndId>{debit.end_to_end_id}</EndToEndId></Refs></TxDtls>"
    coded = entry("12.10", details=ends, more=code)
    assert kinds(read(collected, words, coded)) == [K.UNKNOWN] * 2
    assert kinds(read(collected, entry("36.30", details=batch_of(collected)))) == [K.DEBITS]
    assert collected.books.accounts()[A.BANK] == 5 * FEE_CENTS


def test_a_notification_without_the_banks_reference_and_its_statement_are_the_same(collector):
    told = transfer("cuota")
    assert kinds(read(collector, entry("10.00", details=told))) == [K.UNKNOWN]
    full = entry("10.00", details=told, more=REFERENCE.format(1))
    assert kinds(read(collector, full)) == [K.KNOWN]
    assert kinds(read(collector, full, full)) == [K.KNOWN, K.UNKNOWN]


@pytest.mark.parametrize("reference", ["NOTPROVIDED", "0000000000000", "BANK-0001"])
def test_two_payers_of_one_day_and_amount_are_two(collector, reference):
    more = f"<AcctSvcrRef>{reference}</AcctSvcrRef>"
    for number in (1, 2):
        text = entry("10.00", details=transfer("cuota", number), more=more)
        assert kinds(read(collector, text)) == [K.UNKNOWN]
        assert kinds(read(collector, text)) == [K.KNOWN]
    assert collector.books.accounts()[A.BANK] == 2000


def test_a_banks_own_table(collected):
    number = collected.books.invoices[0].full_number
    debit = collected.debit_of(2)
    table = (
        "Fecha;Concepto;Importe\n"
        f"09/12/2026;TRANSFERENCIA {number};12,10\n"
        f"09/12/2026;REMESA {debit.payment_information_id};36,30\n"
        f"10/12/2026;DEVOLUCION {debit.end_to_end_id};-12,10\n"
        "10/12/2026;COMISION;-0,50\n"
    ).encode()
    report = read(collected, content=table, name="m.csv", mapping=parse_mapping(MAPPING))
    assert kinds(report) == [K.TRANSFER, K.DEBITS, K.RETURN, K.NOT_BOOKED]
    assert collected.books.balance(0) == (0, FEE_CENTS)
    again = read(collected, content=table, name="m.csv", mapping=parse_mapping(MAPPING))
    assert kinds(again) == [K.KNOWN] * 3 + [K.NOT_BOOKED]


def test_files_that_are_refused(collector):
    with pytest.raises(UnreadableFileError, match="is no statement of an account"):
        read(collector, content=b"a;b\n1;2\n")
    wrong = statement([entry("2.00")], [balance("OPBD", "1.00"), balance("CLBD", "5.00")])
    with pytest.raises(FaultyMessageError):
        read(collector, content=wrong)
    own = f"<Acct><Id><IBAN>{account_of(9).reveal()}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    with pytest.raises(ForeignAccountError, match=r"is of account ES…\w{4}; the issuer's is ES…"):
        read(collector, content=statement([entry("2.00")], account=own))
    dollars = statement([entry("2.00", currency="USD")]).replace(b"<Ccy>EUR", b"<Ccy>USD")
    with pytest.raises(ForeignCurrencyError, match="is in USD"):
        read(collector, content=dollars)
    assert collector.books.billed.rows(Payment) == []


def test_an_upload_is_read_once(collector, tmp_path):
    upload = Upload(
        promoter_id=collector.books.owner,
        file_name="x.xml",
        sha256="0" * 64,
        size_bytes=1,
        created_at=READ,
    )
    with write_session(collector.books.engine) as session:
        session.add(upload)
    path = upload_path(tmp_path, upload.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(statement([entry("12.10", details=transfer("cuota"))]))
    statements = collector.books.ask(
        read_uploaded_bank_file, upload_id=upload.id, data_dir=tmp_path
    )
    given = {"issuer_id": collector.books.issuer_id, "data_dir": tmp_path, "now": READ}
    given |= {"statements": statements, "keyring": KEYRING}
    read_upload = collector.books.do(import_uploaded_bank_file, upload_id=upload.id, **given)
    assert kinds(read_upload) == [K.UNKNOWN]
    with pytest.raises(UnknownUploadError):
        collector.books.do(import_uploaded_bank_file, upload_id=uuid4(), **given)


def test_mappings_at_fault():
    with pytest.raises(InvalidMappingError, match="is no TOML"):
        parse_mapping("[")
    with pytest.raises(InvalidMappingError, match="more than 1000 dots"):
        parse_mapping(".".join("a" * 20_000) + "=1")
    with pytest.raises(InvalidMappingError, match="more than 1000 dots"):
        parse_mapping_text(".".join("a" * 20_000) + "=1")
    with pytest.raises(InvalidMappingError):
        parse_mapping("colour = 1")
