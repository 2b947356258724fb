"""Statements and notifications of banks, old and new, sound and not."""

from datetime import date

import pytest

from loaders.decoding import UnreadableFileError
from loaders.sepa.camt import read_camt053, read_camt054
from loaders.sepa.message_nodes import FaultyMessageError
from loaders.sepa.statements import BookedBatch, Entry, Statement, Transaction
from models.values.iban import Iban
from tests.support.sepa_messages import (
    BATCH,
    IBAN,
    RETURNED,
    balance,
    entry,
    full_statement,
    message,
    statement,
)

DAYS = {"booked_on": date(2026, 12, 9), "valued_on": date(2026, 12, 10)}
RETURN = Transaction(
    amount_cents=-5121,
    instructed_cents=5000,
    end_to_end_id="F2026-0007",
    mandate_id="MND-0007",
    message_id="RET-77",
    payment_information_id="REM-12-1",
    transaction_id="BANK-1",
    debtor_name="Maria Soler Vidal",
    debtor_iban=Iban(IBAN),
    creditor_name="Comunitat",
    remittance="Factura F2026-0007 noviembre",
    return_reason="AM04",
    return_text="SALDO INSUFICIENTE",
)


@pytest.mark.parametrize("version", ["08", "10", "13"])
def test_a_day_of_an_account(version: str) -> None:
    assert read_camt053(full_statement(version)) == (
        Statement(
            statement_id="2026-12-09/1",
            account=Iban(IBAN),
            currency="EUR",
            entries=(
                Entry(
                    amount_cents=49_360,
                    reference="A1",
                    batch=BookedBatch("REM-12", "REM-12-1", 40),
                    **DAYS,
                ),
                Entry(
                    amount_cents=-5121,
                    bank_code="PMNT/IDDT/UPDD",
                    transactions=(RETURN,),
                    **DAYS,
                ),
                Entry(
                    amount_cents=1234,
                    transactions=(
                        Transaction(
                            amount_cents=1234,
                            debtor_name="Pau Ferrer",
                            creditor_reference="RF18539007547034",
                        ),
                    ),
                    **DAYS,
                ),
            ),
            opening_cents=-10_000,
            closing_cents=35_473,
            n_pending=1,
        ),
    )


@pytest.mark.parametrize("version", ["02", "03"])
def test_a_statement_of_2009(version: str) -> None:
    data = full_statement("02").replace(b"camt.053.001.02", f"camt.053.001.{version}".encode())
    (found,) = read_camt053(data)
    assert (found.opening_cents, found.closing_cents, found.n_pending) == (-10_000, 38_594, 1)
    assert [each.amount_cents for each in found.entries] == [49_360, -2000, 1234]
    (returned,) = found.entries[1].transactions
    # the bank hides the account behind asterisks
    assert returned == Transaction(
        amount_cents=-2000,
        end_to_end_id="F2026-0008",
        mandate_id="MND-0008",
        debtor_name="Joan Roca",
        return_reason="MD01",
    )


def test_a_batch_that_is_told_one_by_one() -> None:
    one, other = (f'<TxDtls><Amt Ccy="EUR">{amount}</Amt></TxDtls>' for amount in ("30.00", "12.5"))
    (found,) = read_camt053(
        statement(
            [
                entry("42.50", "DBIT", BATCH + one + other),
                entry("42.51", "DBIT", one + other),
                entry("42.50", details="<TxDtls/><TxDtls/>"),
            ]
        )
    )
    told, unlike, untold = found.entries
    assert [each.amount_cents for each in told.transactions] == [-3000, -1250]
    assert [each.amount_cents for each in untold.transactions] == [None, None]
    assert (told.is_itemised, unlike.is_itemised, untold.is_itemised) == (True, False, False)


def test_a_batch_of_which_the_bank_tells_little() -> None:
    (found,) = read_camt053(statement([entry("1.00", details="<Btch/>")]))
    assert found.entries[0].batch == BookedBatch(None, None, None)


def test_a_transaction_may_go_the_other_way_than_its_entry() -> None:
    details = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd></TxDtls>'
        for amount, sign in (("30.00", "CRDT"), ("10.00", "DBIT"), ("0.00", "DBIT"))
    )
    (found,) = read_camt053(statement([entry("20.00", details=details)]))
    assert [each.amount_cents for each in found.entries[0].transactions] == [3000, -1000, 0]
    assert found.entries[0].is_itemised


def test_amounts_in_another_currency_are_no_amounts_of_the_account() -> None:
    details = (
        '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">22.00</Amt></InstdAmt>'
        '<TxAmt><Amt Ccy="USD">22.00</Amt></TxAmt></AmtDtls></TxDtls>'
    )
    (found,) = read_camt053(statement([entry("20.00", details=details)]))
    (only,) = found.entries[0].transactions
    assert (only.amount_cents, only.instructed_cents) == (2000, None)


def test_a_reversal_the_banks_own_code_and_a_time_of_booking() -> None:
    more = (
        "<RvslInd>true</RvslInd><BkTxCd><Prtry><Cd>N218</Cd></Prtry></BkTxCd>"
        "<AddtlNtryInf>ABONO &lt;1&gt; D\u00c9BITO\u202e</AddtlNtryInf>"
    )
    text = entry("20.00", more=more)
    text = text.replace("<Dt>2026-12-09</Dt>", "<DtTm>2026-12-09T23:59:59+01:00</DtTm>")
    (found,) = read_camt053(statement([text]))
    (only,) = found.entries
    assert (only.is_reversal, only.bank_code, only.booked_on) == (True, "N218", date(2026, 12, 9))
    assert only.text == "ABONO <1> DÉBITO\\u202e"


def test_the_value_day_serves_where_there_is_no_day_of_booking() -> None:
    text = entry("1.00").replace("<BookgDt><Dt>2026-12-09</Dt></BookgDt>", "")
    (found,) = read_camt053(statement([text]))
    assert found.entries[0].booked_on == date(2026, 12, 10)


def test_accounts_without_iban_or_currency() -> None:
    for account, currency in (
        ("<Acct><Id><Othr><Id>123</Id></Othr></Id></Acct>", "EUR"),
        ("<Acct><Id/><Ccy>USD</Ccy></Acct>", "USD"),
    ):
        found = read_camt053(
            statement(
                [entry("1.00", currency=currency)],
                [balance("PRCD", "1.00", currency=currency)],
                account=account,
            )
        )
        assert [(each.account, each.currency) for each in found] == [(None, currency)]
        assert (found[0].opening_cents, found[0].closing_cents) == (100, None)
    (empty,) = read_camt053(statement([], account="<Acct/>"))
    assert (empty.currency, empty.entries) == ("", ())


def test_a_notification_has_entries_and_no_balances() -> None:
    body = f"<Ntfctn><Id>N1</Id>{entry('51.21', 'DBIT', RETURNED)}</Ntfctn>"
    data = message("camt.054.001.08", f"<BkToCstmrDbtCdtNtfctn>{body * 2}</BkToCstmrDbtCdtNtfctn>")
    found = read_camt054(data)
    assert [each.statement_id for each in found] == ["N1", "N1"]
    assert found[0].entries[0].transactions == (RETURN,)
    assert found[0].closing_cents is None


def test_comments_do_not_split_what_is_read() -> None:
    text = entry("1<!-- -->2.<?pi ?>34").replace("BOOK", "BO<!---->OK")
    (found,) = read_camt053(statement([text]))
    assert found.entries[0].amount_cents == 1234


def test_a_file_in_latin_letters_that_says_so() -> None:
    data = statement([entry("1.00", more="<AddtlNtryInf>COMISIÓN</AddtlNtryInf>")])
    latin = data.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert read_camt053(latin) == read_camt053(data)
    assert read_camt053(b"\xef\xbb\xbf" + data) == read_camt053(data)
    with pytest.raises(UnreadableFileError, match="is not UTF-8"):
        read_camt053(data.decode().encode("latin-1"))


def reasons_of(data: bytes) -> list[str]:
    with pytest.raises(FaultyMessageError) as refusal:
        read_camt053(data)
    return [fault.reason for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("1,00", "amount is '1,00', not one in whole cents"),
        ("-1.00", "amount is '-1.00', not one in whole cents"),
        ("1.005", "amount is '1.005', not one in whole cents"),
        ("1e3", "amount is '1e3', not one in whole cents"),
        ("", "amount is '', not one in whole cents"),
        ("10000000000000.01", "amount is '10000000000000.01', not one in whole cents"),
    ],
)
def test_amounts_that_are_none(amount: str, reason: str) -> None:
    assert reasons_of(statement([entry(amount)])) == [reason]


def test_everything_that_is_wrong_is_told_with_its_line() -> None:
    entries = [
        entry("1.00", "CREDIT"),
        entry("1.00").replace("2026-12-09", "2026-02-30"),
        entry("1.00", currency="USD"),
        entry("1.00", currency="eur"),
        "<Ntry><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>",
        entry("1.00", details=BATCH.replace(">40<", ">forty<")),
    ]
    account = "<Acct><Id><IBAN>ES00</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    data = statement(
        entries,
        [balance("OPBD", "1.00", "?"), balance("CLBD", "1.00", currency="GBP")],
        account=account,
    )
    with pytest.raises(FaultyMessageError) as refusal:
        read_camt053(data)
    assert [str(fault) for fault in refusal.value.faults] == [
        "camt.053, line 3: has an account that is no IBAN",
        "camt.053, line 3: is a balance in GBP of an account in EUR",
        "camt.053, line 3: is marked neither CRDT nor DBIT",
        "camt.053, line 4: is marked neither CRDT nor DBIT",
        "camt.053, line 5: day is '2026-02-30', not one as 2026-12-31",
        "camt.053, line 6: is an entry in USD on an account in EUR",
        "camt.053, line 7: currency is 'eur', not 3 capital letters",
        "camt.053, line 8: NbOfTxs is 'forty', not a whole number",
        "camt.053, line 8: has no Amt",
        "camt.053, line 8: has no BookgDt/Dt or BookgDt/DtTm or ValDt/Dt or ValDt/DtTm",
    ]


def test_balances_that_do_not_follow_are_a_fault() -> None:
    data = statement([entry("12.34")], [balance("OPBD", "1.00"), balance("CLBD", "13.35")])
    made = "1.00 before and 12.34 of entries make 13.34, not the 13.35 after"
    assert reasons_of(data) == [f"{made}; the file is cut or was changed"]
    (found,) = read_camt053(data.replace(b"13.35", b"13.34"))
    assert (found.opening_cents, found.closing_cents) == (100, 1334)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is no well-formed XML"),
        (b"Fecha;Importe", "is no well-formed XML"),
        (b"<a>", "is no well-formed XML"),
        (b"<a/>", "is no ISO 20022 message but 'a'"),
        (message("pain.002.001.10", "<x/>"), "is a message pain.002, not camt.053"),
        (message("camt.053.001.08", "<x/>"), "is a message camt.053 without BkToCstmrStmt"),
        (
            message("camt.053.001.08", "<BkToCstmrStmt/>"),
            "is a message camt.053 without any Stmt",
        ),
        ("<a/>".encode("utf-16"), "is not UTF-8"),
        (b"<a>\0</a>", "holds a NUL character"),
        (b"<a " + b"b='' " * 3 + b"/>", "is no well-formed XML"),
        (b"<a" + b" " * (1 << 25), "is larger than 33554432 bytes"),
        (b"<a>" * 2_000_001, "has more than 2000000 tags or attributes"),
        (b"<a>" * 300, "is no well-formed XML"),
    ],
)
def test_other_files_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        read_camt053(data)


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://localhost/b"> %b;]>',
    ],
)
def test_document_types_are_refused_unparsed(prologue: str) -> None:
    data = statement([entry("1.00")]).decode().replace("<Document", prologue + "<Document")
    with pytest.raises(UnreadableFileError, match="has a document type"):
        read_camt053(data.encode())


def test_a_declared_encoding_cannot_hide_a_document_type() -> None:
    head = '<?xml version="1.0" encoding="UTF-7"?>'
    hidden = head + '+ADwAIQ-DOCTYPE a [+ADwAIQ-ENTITY b "x"+AD4AXQA+-<a/>'
    with pytest.raises(UnreadableFileError, match="is no well-formed XML"):
        read_camt053(hidden.encode())
