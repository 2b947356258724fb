"""What an upgrade does to accounts that were stored in clear, and the way back."""

import json
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, event, text
from sqlmodel import col, select

from models.keyring import KeyPurpose
from models.migrations.revisions import migration_config, upgrade_database
from models.migrations.rewriting import NoKeysError
from models.sealed_ibans import index_iban, name_place, open_iban
from models.session import is_postgres, read_session
from models.tables import (
    CreditorAccount,
    DebitRun,
    Invoice,
    InvoiceFile,
    MandateAccount,
    OutboxMessage,
    Payment,
)
from models.values.iban import Iban
from tests.support.databases import acting_for_all
from tests.support.keyrings import KEYRING
from tests.support.sepa_messages import spanish_iban
from tests.support.stored_bytes import read_stored
from tests.support.table_rows import ROWS

OURS, FORMER, MEMBERS, PAYERS, FILED = (
    Iban(spanish_iban(21000418, number)) for number in (11, 12, 13, 14, 15)
)
NEW = {
    "creditor_account": ("position", "sealed_iban", "iban_index", "masked_iban"),
    "mandate_account": ("sealed_iban", "iban_index", "masked_iban"),
    "payment": ("sealed_payer_iban", "payer_iban_index", "masked_payer_iban"),
    "debit_run": ("sealed_content",),
    "outbox_message": ("account_id",),
}
HELD = (
    "promoter", "community", "member", "supply_point", "invoice_issuer", "invoice_series",
)  # fmt: skip
CONTENT = f"<IBAN>{FILED.reveal()}</IBAN>".encode()
LETTER = f"Pague a {' '.join(OURS.reveal()[at : at + 4] for at in range(0, 24, 4))}, por favor."


def insert(connection: Connection, table: str, **changed: object) -> dict[str, object]:
    row = {key: value for key, value in ROWS[table].items() if key not in NEW.get(table, ())}
    row |= changed
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)
    return row


@pytest.fixture
def old(empty_engine: Engine) -> Engine:
    """Hold accounts as the revision before stored them."""
    with acting_for_all(empty_engine) as connection:
        command.upgrade(migration_config(connection), "0020")
        for table in HELD:
            insert(connection, table)
        insert(connection, "creditor_account", iban=OURS.reveal())
        insert(connection, "mandate")
        insert(connection, "mandate_account", iban=MEMBERS.reveal())
        insert(connection, "debit_run", content=CONTENT, sha256="0" * 64)
        method = {"method": "transfer", "debit_id": None, "reference": f"de {PAYERS.reveal()}"}
        insert(connection, "payment", payer_iban=PAYERS.reveal(), **method)
        insert(connection, "outbox_message", body=LETTER)
        for number, iban in enumerate((FORMER, OURS), start=1):
            payment = {"means": "transfer", "iban": iban.reveal()}
            facts = json.loads(str(ROWS["invoice"]["facts"])) | {"payment": payment}
            names = {"id": uuid4().hex, "number": number, "full_number": f"2024-{number}"}
            row = insert(connection, "invoice", run_id=None, facts=json.dumps(facts), **names)
        insert(connection, "invoice_file", invoice_id=row["id"], kind="facturae", content=CONTENT)
    return empty_engine


def test_accounts_in_clear_are_sealed_and_their_pages_written_anew(empty_url: str, old: Engine):
    ibans = (OURS, FORMER, MEMBERS, PAYERS, FILED)
    assert all(iban.reveal().encode() in read_stored(old) for iban in ibans)
    upgrade_database(empty_url, KEYRING)
    held = read_stored(old)
    assert [iban for iban in ibans if iban.reveal().encode() in held] == []
    assert LETTER.encode() not in held

    with read_session(old) as session:
        former, ours = session.exec(select(CreditorAccount).order_by(col(CreditorAccount.position)))
        (signed,), (paid,) = session.exec(select(MandateAccount)), session.exec(select(Payment))
        (run,), (letter,) = session.exec(select(DebitRun)), session.exec(select(OutboxMessage))
        invoices = session.exec(select(Invoice).order_by(col(Invoice.number))).all()
        (document,) = session.exec(select(InvoiceFile))
    assert [read(row) for row in (former, ours, signed)] == [FORMER, OURS, MEMBERS]
    place = name_place("payment", "sealed_payer_iban", paid.id)
    assert open_iban(KEYRING, paid.sealed_payer_iban, place=place) == PAYERS
    told = (ours.masked_iban, ours.iban_index, paid.masked_payer_iban, paid.payer_iban_index)
    index = [index_iban(KEYRING, iban, promoter_id=run.promoter_id) for iban in (OURS, PAYERS)]
    assert paid.reference == f"de {PAYERS}"
    assert told == (str(OURS), index[0], str(PAYERS), index[1])
    place = name_place("debit_run", "sealed_content", run.id)
    assert KEYRING.open(KeyPurpose.IBAN, run.sealed_content, bound_to=place) == CONTENT
    place = name_place("invoice_file", "content", document.id)
    assert KEYRING.open(KeyPurpose.IBAN, document.content, bound_to=place) == CONTENT
    assert (letter.body, letter.account_id) == (f"Pague a {OURS}, por favor.", ours.id)
    assert [each.facts["payment"] for each in invoices] == [
        {"means": "transfer", "account_id": str(account.id)} for account in (former, ours)
    ]


def read(row: CreditorAccount | MandateAccount) -> Iban:
    place = name_place(row.__tablename__, "sealed_iban", row.id)
    return open_iban(KEYRING, row.sealed_iban, place=place)


def test_without_keys_nothing_is_upgraded(empty_url: str, old: Engine):
    with pytest.raises(NoKeysError):
        upgrade_database(empty_url)
    assert OURS.reveal().encode() in read_stored(old)


def test_the_way_back_stores_the_last_accounts_in_clear(empty_url: str, old: Engine):
    upgrade_database(empty_url, KEYRING)
    old.dispose()
    if not is_postgres(old):
        event.listen(old, "connect", lambda file, _: file.execute("PRAGMA foreign_keys = OFF"))
    with acting_for_all(old) as connection:
        command.downgrade(migration_config(connection, KEYRING), "0020")
        (creditor,) = connection.scalars(text("SELECT iban FROM creditor_account")).all()
        payer = connection.scalar(text("SELECT payer_iban FROM payment"))
        content, document = (
            bytes(connection.scalar(text(f"SELECT content FROM {table}")))
            for table in ("debit_run", "invoice_file")
        )
        body = connection.scalar(text("SELECT body FROM outbox_message"))
        facts = connection.scalars(text("SELECT CAST(facts AS text) FROM invoice")).all()
    assert (creditor, payer, content, body) == (
        OURS.reveal(), PAYERS.reveal(), CONTENT, LETTER,
    )  # fmt: skip
    assert document == CONTENT
    numbers = sorted(json.loads(each)["payment"]["iban"] for each in facts)
    assert numbers == sorted([OURS.reveal(), FORMER.reveal()])
