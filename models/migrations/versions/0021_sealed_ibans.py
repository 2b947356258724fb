"""Seal what is known of bank accounts."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

from models.keyring import KeyPurpose
from models.migrations.columns import reference
from models.migrations.owners import seal_owner, unseal_owner
from models.migrations.rewriting import note_rewritten, require_keyring
from models.migrations.sealed_accounts import mask_texts, open_accounts, seal_accounts
from models.migrations.seals import (
    append_only,
    append_only_but,
    permit_truncation,
    refuse,
    refuse_truncation,
    stop_refusing,
    unguarded,
)
from models.sealed_ibans import name_place
from models.values.iban import Iban

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TOUCHED = (
    "creditor_account",
    "mandate_account",
    "payment",
    "debit_run",
    "invoice",
    "invoice_file",
    "outbox_message",
)
_APPENDED = ("mandate_account", "debit_run", "invoice_file")
_SEALED = ("sealed_iban", "iban_index", "masked_iban")
_SEALED_PAYER = ("sealed_payer_iban", "payer_iban_index", "masked_payer_iban")
_WHOLE_PAYER = (
    "(sealed_payer_iban IS NULL) = (payer_iban_index IS NULL)"
    " AND (sealed_payer_iban IS NULL) = (masked_payer_iban IS NULL)"
)
_KEPT_BY_CREDITOR = (
    "id", "promoter_id", "issuer_id", "position", "creditor_id", "iban_index", "masked_iban", "bic",
    "notice_days", "lead_days", "pain_version",
)  # fmt: skip
_KEPT_BY_MANDATE = (
    "id", "promoter_id", "mandate_id", "position", "holder", "iban_index", "masked_iban",
    "recorded_on", "usable_from", "closes_previous",
)  # fmt: skip
_KEPT_BY_RUN = (
    "id", "promoter_id", "issuer_id", "message_id", "pain_version", "idempotency_key",
    "debit_count", "total_cents", "created_at",
)  # fmt: skip
_KEPT_BY_FILE = (
    "id", "promoter_id", "invoice_id", "kind", "language", "tells_cancellation", "file_name",
    "sha256", "created_at",
)  # fmt: skip
_KEPT_BY_PAYMENT = (
    "id", "promoter_id", "issuer_id", "amount_cents", "received_on", "method", "reference",
    "payer_name", "source_key", "debit_id", "recorded_at",
)  # fmt: skip
_SAID = (
    "id", "promoter_id", "kind", "idempotency_key", "language", "subject", "body", "message_id",
    "created_at",
)  # fmt: skip
_GROUPS = re.compile("." * 4 + "|.+$")
_META = sa.MetaData()
_CREDITORS = sa.Table(
    "creditor_account",
    _META,
    sa.Column("id", sa.Uuid()),
    sa.Column("promoter_id", sa.Uuid()),
    sa.Column("issuer_id", sa.Uuid()),
    sa.Column("position", sa.Integer()),
    *(sa.Column(name, sa.String()) for name in ("creditor_id", "iban", "bic", "pain_version")),
    sa.Column("notice_days", sa.Integer()),
    sa.Column("lead_days", sa.Integer()),
)
_INVOICES = sa.table(
    "invoice",
    sa.column("id", sa.Uuid()),
    sa.column("issuer_id", sa.Uuid()),
    sa.column("facts", sa.JSON()),
)
_LETTERS = sa.table(
    "outbox_message",
    sa.column("promoter_id", sa.Uuid()),
    sa.column("body", sa.String()),
    sa.column("account_id", sa.Uuid()),
)
_FILES = sa.table(
    "invoice_file",
    sa.column("id", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("content", sa.LargeBinary()),
)
_RUNS = sa.table(
    "debit_run",
    sa.column("id", sa.Uuid()),
    sa.column("sha256", sa.String()),
    sa.column("content", sa.LargeBinary()),
    sa.column("sealed_content", sa.LargeBinary()),
)


def upgrade() -> None:
    """Keep accounts sealed, and those with which issuers collected for good."""
    with unguarded(*_TOUCHED):
        with op.batch_alter_table("creditor_account") as batch:
            batch.drop_constraint("uq_creditor_account_issuer_id", type_="unique")
            batch.add_column(
                sa.Column("position", sa.Integer(), nullable=False, server_default="0")
            )
        _name_creditors()
        with op.batch_alter_table("outbox_message") as batch:
            batch.add_column(reference("account_id", "creditor_account", nullable=True))
        _mask_letters()
        for table in ("creditor_account", "mandate_account"):
            seal_accounts(table, "iban", _SEALED, nullable=False)
        with op.batch_alter_table("creditor_account") as batch:
            batch.alter_column("position", existing_type=sa.Integer(), server_default=None)
            batch.create_check_constraint("counted_position", "position >= 0")
            batch.create_unique_constraint(
                "uq_creditor_account_issuer_id_position", ["issuer_id", "position"]
            )
        seal_accounts("payment", "payer_iban", _SEALED_PAYER, nullable=True)
        mask_texts("payment", ("reference", "payer_name"))
        with op.batch_alter_table("payment") as batch:
            batch.create_check_constraint("whole_account", _WHOLE_PAYER)
        _seal_runs()
        _seal_documents()
    _guard()


def downgrade() -> None:
    """Store accounts in clear again; of an issuer's the last one only."""
    _unguard()
    with unguarded(*_TOUCHED):
        with op.batch_alter_table("payment") as batch:
            batch.drop_constraint("whole_account", type_="check")
        open_accounts("payment", "payer_iban", _SEALED_PAYER, nullable=True)
        for table in ("creditor_account", "mandate_account"):
            open_accounts(table, "iban", _SEALED, nullable=False)
        _quote_letters()
        _quote_creditors()
        with op.batch_alter_table("outbox_message") as batch:
            batch.drop_column("account_id")
        with op.batch_alter_table("creditor_account") as batch:
            batch.drop_constraint("uq_creditor_account_issuer_id_position", type_="unique")
            batch.drop_constraint("counted_position", type_="check")
            batch.drop_column("position")
            batch.create_unique_constraint("uq_creditor_account_issuer_id", ["issuer_id"])
        _open_runs()
        _open_documents()


def _name_creditors() -> None:
    """Let invoices name the account to pay to, which stands in a row of its own from now on."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_CREDITORS)).mappings().all()
    known = {row["issuer_id"]: row for row in rows}
    former: defaultdict[UUID, dict[str, UUID]] = defaultdict(dict)
    for key, issuer_id, facts in _list_transfers("iban"):
        number = facts["payment"].pop("iban")
        current = known[issuer_id]
        if number == current["iban"]:
            account_id = current["id"]
        else:
            account_id = former[issuer_id].setdefault(number, uuid4())
        facts["payment"]["account_id"] = str(account_id)
        _state(key, facts)
    for issuer_id, accounts in former.items():
        current = known[issuer_id]
        connection.execute(
            sa.update(_CREDITORS)
            .where(_CREDITORS.c.id == current["id"])
            .values(position=len(accounts))
        )
        connection.execute(
            sa.insert(_CREDITORS),
            [
                {**current, "id": account_id, "iban": number, "position": position}
                for position, (number, account_id) in enumerate(accounts.items())
            ],
        )
        note_rewritten(_TOUCHED)


def _mask_letters() -> None:
    """Let e-mails show an issuer's account masked, and name its row."""
    connection = op.get_bind()
    for creditor in connection.execute(sa.select(_CREDITORS)).mappings().all():
        iban = Iban(creditor["iban"])
        _put(creditor, _group(iban), str(iban), account_id=creditor["id"])


def _quote_letters() -> None:
    """Let e-mails tell an issuer's account."""
    connection = op.get_bind()
    for creditor in connection.execute(sa.select(_CREDITORS)).mappings().all():
        iban = Iban(creditor["iban"])
        found = _LETTERS.c.account_id == creditor["id"]
        _put(creditor, str(iban), _group(iban), found, account_id=None)


def _put(
    creditor: sa.RowMapping,
    text: str,
    other: str,
    *found: sa.ColumnElement[bool],
    account_id: UUID | None,
) -> None:
    """Put one text in place of another in e-mails of the promoter of an account."""
    told = (
        sa.update(_LETTERS)
        .where(_LETTERS.c.promoter_id == creditor["promoter_id"], _LETTERS.c.body.contains(text))
        .where(*found)
        .values(body=sa.func.replace(_LETTERS.c.body, text, other), account_id=account_id)
    )
    if op.get_bind().execute(told).rowcount:
        note_rewritten(["outbox_message"])


def _group(iban: Iban) -> str:
    """Write an account as letters do, in groups of four."""
    return " ".join(_GROUPS.findall(iban.reveal()))


def _quote_creditors() -> None:
    """Let invoices tell the account to pay to, and forget those before the last."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_CREDITORS)).mappings().all()
    numbers = {row["id"]: row["iban"] for row in rows}
    for key, _, facts in _list_transfers("account_id"):
        account_id = facts["payment"].pop("account_id")
        facts["payment"]["iban"] = numbers[UUID(account_id)]
        _state(key, facts)
    last = {row["issuer_id"]: row for row in sorted(rows, key=lambda row: row["position"])}
    kept = {row["id"] for row in last.values()}
    for row in rows:
        if row["id"] not in kept:
            connection.execute(sa.delete(_CREDITORS).where(_CREDITORS.c.id == row["id"]))


def _list_transfers(part: str) -> Iterator[tuple[UUID, UUID, dict[str, Any]]]:
    """List invoices to be paid by transfer, with what they keep."""
    for key, issuer_id, facts in op.get_bind().execute(sa.select(_INVOICES)).all():
        payment = facts.get("payment")
        if payment and payment["means"] == "transfer" and part in payment:
            yield key, issuer_id, facts


def _state(invoice_id: UUID, facts: dict[str, Any]) -> None:
    told = sa.update(_INVOICES).where(_INVOICES.c.id == invoice_id).values(facts=facts)
    op.get_bind().execute(told)


def _seal_runs() -> None:
    """Seal the files for banks."""
    connection = op.get_bind()
    op.add_column("debit_run", sa.Column("sealed_content", sa.LargeBinary()))
    keys = connection.scalars(sa.select(_RUNS.c.id)).all()
    for key in keys:
        this = _RUNS.c.id == key
        content = connection.execute(sa.select(_RUNS.c.content).where(this)).scalar_one()
        place = name_place("debit_run", "sealed_content", key)
        sealed = _seal(content, place)
        connection.execute(sa.update(_RUNS).where(this).values(sealed_content=sealed))
    if keys:
        note_rewritten(["debit_run"])
    with op.batch_alter_table("debit_run") as batch:
        batch.drop_constraint("whole_digest", type_="check")
        batch.drop_column("sha256")
        batch.drop_column("content")
        batch.alter_column("sealed_content", existing_type=sa.LargeBinary(), nullable=False)


def _open_runs() -> None:
    connection = op.get_bind()
    with op.batch_alter_table("debit_run") as batch:
        batch.add_column(sa.Column("sha256", sa.String(64)))
        batch.add_column(sa.Column("content", sa.LargeBinary()))
    for key in connection.scalars(sa.select(_RUNS.c.id)).all():
        this = _RUNS.c.id == key
        sealed = connection.execute(sa.select(_RUNS.c.sealed_content).where(this)).scalar_one()
        place = name_place("debit_run", "sealed_content", key)
        content = _open(sealed, place)
        told = {"content": content, "sha256": sha256(content).hexdigest()}
        connection.execute(sa.update(_RUNS).where(this).values(told))
    with op.batch_alter_table("debit_run") as batch:
        batch.drop_column("sealed_content")
        batch.alter_column("sha256", existing_type=sa.String(64), nullable=False)
        batch.alter_column("content", existing_type=sa.LargeBinary(), nullable=False)
        batch.create_check_constraint("whole_digest", "length(sha256) = 64")


def _seal_documents() -> None:
    """Seal the invoices in Facturae, which tell accounts whole."""
    for key in _list_facturae():
        _rewrite(key, _seal)
        note_rewritten(["invoice_file"])


def _open_documents() -> None:
    for key in _list_facturae():
        _rewrite(key, _open)


def _list_facturae() -> Sequence[UUID]:
    found = sa.select(_FILES.c.id).where(_FILES.c.kind == "facturae")
    return op.get_bind().scalars(found).all()


def _rewrite(key: UUID, change: Callable[[bytes, str], bytes]) -> None:
    this, place = _FILES.c.id == key, name_place("invoice_file", "content", key)
    held = op.get_bind().execute(sa.select(_FILES.c.content).where(this)).scalar_one()
    op.get_bind().execute(sa.update(_FILES).where(this).values(content=change(held, place)))


def _seal(clear: bytes, place: str) -> bytes:
    return require_keyring().seal(KeyPurpose.IBAN, clear, bound_to=place)


def _open(sealed: bytes, place: str) -> bytes:
    return require_keyring().open(KeyPurpose.IBAN, sealed, bound_to=place)


def _guard() -> None:
    """Let nothing change of these rows but under which key something is sealed."""
    for table in _APPENDED:
        _stop_keeping(table)
    append_only_but("sealed_iban", "creditor_account", _KEPT_BY_CREDITOR)
    refuse_truncation("creditor_account")
    append_only_but("sealed_iban", "mandate_account", _KEPT_BY_MANDATE)
    append_only_but("sealed_content", "debit_run", _KEPT_BY_RUN, documents=("request",))
    append_only_but("content", "invoice_file", _KEPT_BY_FILE, refused="OLD.kind <> 'facturae'")
    stop_refusing("payment_only_gets_its_member")
    changed = " OR ".join(
        f"NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in (*_KEPT_BY_PAYMENT, "payer_iban_index", "masked_payer_iban")
    )
    _let_letters_say("account_id")
    seal_owner("outbox_message", {"promoter_id": {"account_id": "creditor_account"}})
    is_same_seal = "NEW.sealed_payer_iban IS NOT DISTINCT FROM OLD.sealed_payer_iban"
    is_same_member = "NEW.member_id IS NOT DISTINCT FROM OLD.member_id"
    is_put_right = "OLD.member_id IS NULL AND NEW.member_id IS NOT NULL"
    told = f"({is_same_seal} AND {is_put_right}) OR (NOT ({is_same_seal}) AND {is_same_member})"
    _refuse_payments(f"NOT ({told}) OR {changed}")


def _unguard() -> None:
    unseal_owner("outbox_message")
    _let_letters_say()
    for table in ("creditor_account", *_APPENDED):
        _stop_keeping(table)
    permit_truncation("creditor_account")
    for table in _APPENDED:
        append_only(table)
    stop_refusing("payment_only_gets_its_member")
    changed = " OR ".join(
        f"NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in (*_KEPT_BY_PAYMENT, "payer_iban")
    )
    _refuse_payments(f"OLD.member_id IS NOT NULL OR NEW.member_id IS NULL OR {changed}")


def _let_letters_say(*more: str) -> None:
    stop_refusing("outbox_message_says_the_same")
    changed = " OR ".join(f"NEW.{each} IS DISTINCT FROM OLD.{each}" for each in (*_SAID, *more))
    refuse(
        "outbox_message_says_the_same",
        "UPDATE ON outbox_message",
        f"OLD.state = 'sent' OR {changed}",
        "what an e-mail says never changes, and nothing of it once it was sent",
    )


def _stop_keeping(table: str) -> None:
    for event in ("update", "delete"):
        stop_refusing(f"{table}_is_kept_on_{event}")


def _refuse_payments(condition: str) -> None:
    reason = "a payment changes nothing but its unknown member, once"
    refuse("payment_only_gets_its_member", "UPDATE ON payment", condition, reason)
