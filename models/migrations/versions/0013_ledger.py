"""Let every balance be a sum of entries: payments, returns, instalments."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse, refuse_truncation, unseal

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NEW = ("payment", "payment_return", "payment_refund", "ledger_entry", "instalment")
_ACCOUNTS = (
    "('receivable', 'revenue', 'output-tax', 'bank', 'prepayment', 'unknown-receipts',"
    " 'bank-charges', 'write-off')"
)
_EVENTS = (
    "('issued', 'rectified', 'cancelled', 'paid', 'applied', 'freed', 'assigned', 'returned',"
    " 'charged', 'refunded', 'written-off', 'written-back')"
)
_METHODS = "('direct-debit', 'transfer', 'card', 'cash')"


def upgrade() -> None:
    """Create payments, what came of them, and the entries of all."""
    _create_payment()
    _create_payment_return()
    _create_payment_refund()
    _create_ledger_entry()
    _create_instalment()
    _seal_payments()
    for table in _NEW[1:]:
        append_only(table)
    for table in _NEW:
        refuse_truncation(table)


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_payment() -> None:
    op.create_table(
        "payment",
        *_head(),
        reference("issuer_id", "invoice_issuer"),
        reference("member_id", "member", nullable=True, index=True),
        _cents("amount_cents"),
        sa.Column("received_on", sa.Date(), nullable=False),
        _word("method"),
        sa.Column("reference", sa.String(140)),
        sa.Column("payer_name", sa.String(140)),
        sa.Column("payer_iban", sa.String(34)),
        sa.Column("source_key", sa.String(100), nullable=False),
        reference("debit_id", "debit", nullable=True),
        instant("recorded_at"),
        sa.CheckConstraint("amount_cents >= 1", name="pays_something"),
        sa.CheckConstraint(
            "debit_id IS NULL OR (method = 'direct-debit' AND member_id IS NOT NULL)",
            name="debit_of_member",
        ),
        sa.CheckConstraint("length(payer_iban) BETWEEN 15 AND 34", name="whole_iban"),
        _length("source_key", 100),
        _length("reference", 140),
        _length("payer_name", 140),
        _among("paymentmethod", "method", _METHODS),
        sa.UniqueConstraint("issuer_id", "source_key"),
        sa.UniqueConstraint("debit_id"),
    )


def _create_payment_return() -> None:
    op.create_table(
        "payment_return",
        *_head(),
        reference("payment_id", "payment"),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("reason_code", sa.String(35), nullable=False),
        _cents("charge_cents"),
        instant("recorded_at"),
        sa.CheckConstraint("charge_cents >= 0", name="charge_at_least_zero"),
        _length("reason_code", 35),
        sa.UniqueConstraint("payment_id"),
    )


def _create_payment_refund() -> None:
    op.create_table(
        "payment_refund",
        *_head(),
        reference("payment_id", "payment"),
        _cents("amount_cents"),
        sa.Column("refunded_on", sa.Date(), nullable=False),
        sa.Column("because", sa.String(500), nullable=False),
        sa.Column("source_key", sa.String(100), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("amount_cents >= 1", name="pays_something"),
        _length("because", 500),
        _length("source_key", 100),
        sa.UniqueConstraint("payment_id", "source_key"),
    )


def _create_ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        reference("member_id", "member", nullable=True, index=True),
        reference("invoice_id", "invoice", nullable=True, index=True),
        reference("document_id", "invoice", nullable=True),
        reference("payment_id", "payment", nullable=True, index=True),
        _word("event"),
        _word("debit"),
        _word("credit"),
        _cents("amount_cents"),
        sa.Column("because", sa.String(500)),
        sa.Column("posted_on", sa.Date(), nullable=False),
        instant("posted_at"),
        *_entry_checks(),
    )


def _entry_checks() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint("amount_cents >= 1", name="moves_something"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        sa.CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable')"
            " OR (invoice_id IS NOT NULL AND member_id IS NOT NULL)",
            name="receivable_of_invoice",
        ),
        sa.CheckConstraint(
            "(debit <> 'prepayment' AND credit <> 'prepayment')"
            " OR (payment_id IS NOT NULL AND member_id IS NOT NULL)",
            name="prepayment_of_payment",
        ),
        sa.CheckConstraint(
            "(debit NOT IN ('bank', 'unknown-receipts')"
            " AND credit NOT IN ('bank', 'unknown-receipts')) OR payment_id IS NOT NULL",
            name="money_of_payment",
        ),
        sa.CheckConstraint(
            "(event IN ('issued', 'rectified', 'cancelled')) = (document_id IS NOT NULL)",
            name="documents_named",
        ),
        sa.CheckConstraint("(event = 'written-off') = (because IS NOT NULL)", name="write_off_said"),
        _length("because", 500),
        _among("ledgerevent", "event", _EVENTS),
        _among("debit_account", "debit", _ACCOUNTS),
        _among("credit_account", "credit", _ACCOUNTS),
    ]


def _create_instalment() -> None:
    op.create_table(
        "instalment",
        *_head(),
        reference("invoice_id", "invoice"),
        sa.Column("agreement", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _cents("amount_cents"),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("agreement >= 1 AND position >= 1", name="counted_positions"),
        sa.CheckConstraint("amount_cents >= 1", name="pays_something"),
        sa.UniqueConstraint("invoice_id", "agreement", "position"),
        sa.UniqueConstraint("invoice_id", "agreement", "due_on"),
    )


def _seal_payments() -> None:
    """Let a payment only get the member it is of, once."""
    kept = ("id", "promoter_id", "issuer_id", "amount_cents", "received_on", "method")
    maybe = ("reference", "payer_name", "payer_iban", "source_key", "debit_id", "recorded_at")
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in kept + maybe)
    refuse(
        "payment_only_gets_its_member",
        "UPDATE ON payment",
        f"OLD.member_id IS NOT NULL OR NEW.member_id IS NULL OR {changed}",
        "a payment changes nothing but its unknown member, once",
    )
    refuse("payment_is_kept_on_delete", "DELETE ON payment", "TRUE", "a payment is kept")


def _head() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), primary_key=True), tenant()]


def _word(column: str) -> sa.Column[str]:
    """Give a column that holds one of a few words."""
    return sa.Column(column, sa.String(32), nullable=False)


def _cents(column: str) -> sa.Column[int]:
    return sa.Column(column, sa.BigInteger(), nullable=False)


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length")


def _among(name: str, column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN {words}", name=name)
