"""``reparto keys``: a new key seals, former ones open until everything rests under the new one."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from api.secret_keys import FILE_NAME
from api.services.accounts.reseal_rows import reseal_rows
from api.services.collection.open_account import open_account
from api.services.collection.sealed_files import open_file
from api.services.invoices.sealed_documents import open_document, seal_document
from api.services.sign_ups.sealed_details import SignUpDetails, open_details, seal_details
from models.keyring import KEY_BYTES, KeyPurpose, Keyring, UnopenedSecretError, read_key_version
from models.repositories.sealed_rows import SEALED_COLUMNS
from models.sealed_ibans import name_place
from models.session import read_session, write_session
from models.tables import (
    Community,
    CreditorAccount,
    DebitRun,
    InvoiceFile,
    InvoiceFileKind,
    MandateAccount,
    PrivacyNotice,
    Promoter,
    SignUp,
    UserAccount,
)
from models.values.access import Role
from models.values.language import Language
from models.values.tariff import Tariff
from tests.support.command_line import Reparto
from tests.support.databases import RECORDED_AT, on_sqlite
from tests.support.direct_debits import account_of, add_collector
from tests.support.keyrings import KEYRING, SECRET_KEYS

ANA = SignUpDetails("Ana", "12345678Z", "ana@example.org", None, "CUPS1", None, None)
NEWER = Keyring({1: bytes(range(KEY_BYTES)), 2: bytes(KEY_BYTES)})


@pytest.fixture
def room(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work with the test's database, and with keys in a file; give the folder of the file."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.setenv("REPARTO_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REPARTO_SECRET_KEYS")
    (tmp_path / FILE_NAME).write_text(f"{SECRET_KEYS}\n", "utf-8")
    return tmp_path


def fill(engine: Engine, promoter: Promoter) -> None:
    """Store something of every kind that is sealed."""
    collector = add_collector(engine, promoter)
    for place in range(3):
        collector.sign(place)
    collector.collect()
    collector.books.pay(None, cents=500, payer_iban=account_of(8))
    file_id = uuid4()
    file = InvoiceFile(
        id=file_id,
        promoter_id=promoter.id,
        invoice_id=collector.books.invoices[0].id,
        kind=InvoiceFileKind.FACTURAE,
        language=Language.SPANISH,
        file_name="1.xml",
        sha256="0" * 64,
        content=seal_document(KEYRING, b"<x/>", file_id=file_id, kind=InvoiceFileKind.FACTURAE),
        created_at=RECORDED_AT,
    )
    user = UserAccount(
        promoter_id=promoter.id,
        email="ana@vila.example",
        name="Ana",
        role=Role.PROMOTER_ADMIN,
        created_at=RECORDED_AT,
    )
    place = name_place("user_account", "totp_secret", user.id)
    user.totp_secret = KEYRING.seal(KeyPurpose.SECOND_FACTOR, b"totp", bound_to=place)
    with write_session(engine) as session:
        session.add_all([user, file])
        add_sign_up(session, promoter)


def add_sign_up(session: Session, promoter: Promoter) -> None:
    """Store somebody who asks to join."""
    owner = {"promoter_id": promoter.id, "community_id": session.exec(select(Community.id)).one()}
    notice = PrivacyNotice(**owner, version=1, text="Datos.", published_at=RECORDED_AT)
    session.add(notice)
    session.flush()
    key = uuid4()
    row = SignUp(
        id=key,
        **owner,
        notice_id=notice.id,
        sealed_details=seal_details(KEYRING, ANA, sign_up_id=key),
        email_index=bytes(32),
        meter_index=bytes(32),
        tariff=Tariff.LOW_VOLTAGE_UP_TO_15_KW,
        contracted_power_w=1,
        language=Language.SPANISH,
        confirmation_sha256="0" * 64,
        created_at=RECORDED_AT,
        expires_at=RECORDED_AT + timedelta(days=7),
    )
    session.add(row)


def versions(engine: Engine) -> set[int]:
    """Tell under which keys everything rests; every sealed column has something."""
    with read_session(engine) as session:
        held = [
            session.exec(select(each.column).where(each.is_sealed)).all() for each in SEALED_COLUMNS
        ]
    assert all(any(column) for column in held)
    return {read_key_version(each) for column in held for each in column if each}


def test_rows_are_sealed_anew_in_batches(engine: Engine, promoter: Promoter):
    fill(engine, promoter)
    counts = []
    for _ in range(4):
        with write_session(engine) as session:
            counts.append(reseal_rows(session, keyring=NEWER, most=3))
    assert (counts, versions(engine)) == ([3, 3, 3, 0], {2})
    with read_session(engine) as session:
        accounts = session.exec(select(MandateAccount).order_by(col(MandateAccount.holder))).all()
        (run,) = session.exec(select(DebitRun))
        (user,) = session.exec(select(UserAccount))
        (file,) = session.exec(select(InvoiceFile))
        (sign_up,) = session.exec(select(SignUp))
    assert open_account(NEWER, accounts[0]) == account_of(100)
    assert account_of(100).reveal().encode() in open_file(NEWER, run)
    assert open_document(NEWER, file) == b"<x/>"
    assert open_details(NEWER, sign_up) == ANA
    place = name_place("user_account", "totp_secret", user.id)
    opened = NEWER.open(KeyPurpose.SECOND_FACTOR, user.totp_secret, bound_to=place)
    assert opened == b"totp"


def test_what_does_not_open_stays_as_it_is(engine: Engine, promoter: Promoter):
    fill(engine, promoter)
    with write_session(engine) as session:
        session.exec(update(CreditorAccount).values(sealed_iban=b"\x00\x09" + bytes(52)))
    with pytest.raises(UnopenedSecretError, match="key 9"), write_session(engine) as session:
        reseal_rows(session, keyring=NEWER, most=100)
    assert versions(engine) == {1, 9}


@on_sqlite
def test_a_key_is_added_and_takes_over(
    room: Path, engine: Engine, promoter: Promoter, reparto: Reparto, monkeypatch
):
    fill(engine, promoter)
    assert reparto("keys", "list").out == "1  seals and opens: 9\n"
    added = reparto("keys", "add")
    assert "key 2 was added" in added.out
    assert (room / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert reparto("keys", "list").out == "1  opens: 9\n2  seals and opens: 0\n"
    assert reparto("keys", "reseal").out == "9 rest under key 2 now\n"
    assert reparto("keys", "list").out == "1  opens: 0\n2  seals and opens: 9\n"
    assert versions(engine) == {2}
    with read_session(engine) as session, pytest.raises(UnopenedSecretError, match="key 2"):
        open_account(KEYRING, session.exec(select(CreditorAccount)).one())
    monkeypatch.setenv("REPARTO_SECRET_KEYS", SECRET_KEYS)
    listed = reparto("keys", "list").out
    assert listed == "1  seals and opens: 0\n2  missing: 9 cannot be opened\n"


@on_sqlite
def test_keys_of_a_setting_are_added_there(room: Path, reparto: Reparto, monkeypatch):
    monkeypatch.setenv("REPARTO_SECRET_KEYS", SECRET_KEYS)
    refused = reparto("keys", "add")
    assert refused.code == 2
    assert "REPARTO_SECRET_KEYS" in refused.err
    assert (room / FILE_NAME).read_text("utf-8") == f"{SECRET_KEYS}\n"
