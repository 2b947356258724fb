"""Bank accounts as they are stored: sealed for their row, and nowhere in clear."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from api.services.collection.bank_report import MovementKind
from api.services.collection.import_bank_file import import_bank_file
from api.services.collection.open_account import open_account
from api.services.collection.sealed_files import open_file
from api.services.collection.send_debt_letters import send_debt_letters
from api.services.outbox.compose_message import compose_message
from loaders.sepa.bank_files import read_bank_file
from models.keyring import KEY_BYTES, Keyring, UnopenedSecretError
from models.tables import CreditorAccount, MandateAccount, OutboxMessage, Payment
from models.values.iban import Iban
from tests.support.databases import acting_for_all
from tests.support.direct_debits import account_of, collector
from tests.support.keyrings import KEYRING
from tests.support.sepa_messages import IBAN, entry, statement
from tests.support.stored_bytes import read_stored

__all__ = ["collector"]

LATE = datetime(2024, 1, 15, 12, tzinfo=UTC)
READ = datetime(2026, 12, 15, 9, 30, tzinfo=UTC)
MOVED, PAYING = account_of(7), account_of(8)


def test_no_account_is_stored_in_clear(collector):
    books = collector.books
    mandate = collector.sign(0)
    collector.sign(1)
    collector.move(mandate, 7)
    run = collector.collect().run
    books.issue_month(11)
    told = f"de {PAYING.reveal().lower()} cuota"
    details = f"<TxDtls><RltdPties><DbtrAcct><Id><IBAN>{PAYING.reveal()}</IBAN></Id></DbtrAcct>"
    details += f"</RltdPties><RmtInf><Ustrd>{told}</Ustrd></RmtInf></TxDtls>"
    statements = read_bank_file("x.xml", statement([entry("7.00", details=details)]), None)
    given = {"issuer_id": books.issuer_id, "statements": statements, "keyring": KEYRING}
    first, again = (books.do(import_bank_file, **given, now=READ) for _ in range(2))
    kinds = [movement.kind for report in (first, again) for movement in report.movements]

    assert kinds == [MovementKind.UNKNOWN, MovementKind.KNOWN]
    held = read_stored(books.engine)
    assert b"Payer 0" in held
    for iban in (Iban(IBAN), MOVED, PAYING, account_of(100), account_of(101)):
        assert str(iban).encode() in held
        assert not list_told(iban, held)
    assert account_of(101).reveal().encode() in open_file(KEYRING, run)


def list_told(iban, held):
    """List the forms in which an account stands in bytes."""
    whole = iban.reveal()
    groups = [whole[at : at + 4] for at in range(0, len(whole), 4)]
    forms = [whole, whole.lower(), " ".join(groups), "\u00a0".join(groups), whole[4:]]
    return [form for form in forms if form.encode() in held]


def test_an_account_opens_in_its_own_row_alone(collector):
    collector.sign(0)
    collector.sign(1)
    first, second = collector.books.billed.rows(MandateAccount, col(MandateAccount.holder))
    assert open_account(KEYRING, first) == account_of(100)
    swapped = first.model_copy(update={"sealed_iban": second.sealed_iban})
    changed = first.model_copy(update={"sealed_iban": first.sealed_iban[:-1] + b"x"})
    for wrong in (swapped, changed):
        with pytest.raises(UnopenedSecretError):
            open_account(KEYRING, wrong)


def test_a_missing_key_is_named_by_its_number(collector):
    mandate = collector.sign(0)
    strange = Keyring({7: bytes(KEY_BYTES)})
    (account,) = collector.books.billed.rows(MandateAccount)
    with pytest.raises(UnopenedSecretError, match="under key 1 does not open") as caught:
        open_account(strange, account)
    assert mandate.reference not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"masked_iban": "ES…0000"},
        {"iban_index": bytes(32)},
        {"sealed_iban": bytes(54)},
        {"position": 7},
    ],
)
@pytest.mark.parametrize("table", [CreditorAccount, MandateAccount])
def test_only_what_is_sealed_can_be_sealed_anew(collector, table, change):
    collector.sign(0)
    with acting_for_all(collector.books.engine) as connection:
        connection.execute(update(table).values(sealed_iban=bytes(54)))
    with (
        pytest.raises(IntegrityError, match="never changed"),
        acting_for_all(collector.books.engine) as connection,
    ):
        connection.execute(update(table).values({"sealed_iban": bytes(55)} | change))


@pytest.mark.parametrize("change", [{"payer_iban_index": bytes(32)}, {"amount_cents": 7}])
def test_of_a_payment_either_its_seal_or_its_member_changes(collector, change):
    payment = collector.books.pay(None, cents=500, payer_iban=PAYING)
    sealed = {"sealed_payer_iban": bytes(54)}
    with acting_for_all(collector.books.engine) as connection:
        connection.execute(update(Payment).values(sealed))
    member = {"member_id": collector.books.member_id(0)}
    anew = {"sealed_payer_iban": bytes(55)}
    for wrong in (anew | change, anew | member):
        with (
            pytest.raises(IntegrityError, match="changes nothing but its unknown member"),
            acting_for_all(collector.books.engine) as connection,
        ):
            connection.execute(update(Payment).values(wrong))
    assert payment.masked_payer_iban == str(PAYING)


def test_a_letter_tells_the_account_when_it_leaves(collector):
    books = collector.books
    books.billed.pay(0, email="ana@vila.example")
    books.do(send_debt_letters, issuer_id=books.issuer_id, now=LATE)
    assert not list_told(Iban(IBAN), read_stored(books.engine))
    (message,) = books.billed.rows(OutboxMessage)
    (creditor,) = books.billed.rows(CreditorAccount)
    sender = Address("Turo", addr_spec="turo@vila.example")
    account = open_account(KEYRING, creditor)
    sent = message_from_bytes(compose_message(message, [], sender, account), policy=default)
    assert (message.account_id, " ES…1332," in message.body) == (creditor.id, True)
    assert "ES91 2100 0418 4502 0005 1332," in " ".join(sent.get_content().split())
