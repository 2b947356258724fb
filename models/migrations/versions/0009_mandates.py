"""Let debits be collected under mandates."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse, refuse_truncation, unseal

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_VERSIONS = "('pain.008.001.02', 'pain.008.001.08')"
_NEW = ("creditor_account", "mandate", "mandate_account", "debit_run", "debit", "debit_status")
_APPENDED = ("mandate_account", "debit_run", "debit", "debit_status")


def upgrade() -> None:
    """Create mandates, accounts, runs, debits and what banks say of them."""
    _create_creditor_account()
    _create_mandate()
    _create_mandate_account()
    _create_debit_run()
    _create_debit()
    _create_debit_status()
    for table in _APPENDED:
        append_only(table)
    for table in ("mandate", *_APPENDED):
        refuse_truncation(table)
    _seal_mandates()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_creditor_account() -> None:
    op.create_table(
        "creditor_account",
        *_head(),
        reference("issuer_id", "invoice_issuer"),
        sa.Column("creditor_id", sa.String(35), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11)),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        _word("pain_version"),
        _length("creditor_id", 35),
        _whole_iban(),
        sa.CheckConstraint("length(bic) IN (8, 11)", name="whole_bic"),
        sa.CheckConstraint("notice_days BETWEEN 1 AND 60", name="days_of_notice"),
        sa.CheckConstraint("lead_days BETWEEN 1 AND 10", name="days_of_lead"),
        _among("painversion", "pain_version", _VERSIONS),
        sa.UniqueConstraint("issuer_id"),
    )


def _create_mandate() -> None:
    op.create_table(
        "mandate",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        reference("member_id", "member", index=True),
        sa.Column("reference", sa.String(35), nullable=False),
        _word("kind"),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date()),
        instant("recorded_at"),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_because", sa.String(32)),
        sa.Column("ended_code", sa.String(35)),
        _length("reference", 35),
        sa.CheckConstraint("last_used_on >= signed_on", name="signed_before_use"),
        sa.CheckConstraint(
            "(ended_on IS NULL) = (ended_because IS NULL)"
            " AND (ended_code IS NULL OR ended_because = 'returned')",
            name="end_is_said",
        ),
        _length("ended_code", 35),
        _among("mandatekind", "kind", "('recurrent', 'one-off')"),
        _among("mandateend", "ended_because", "('revoked', 'returned', 'lapsed', 'spent')"),
        sa.UniqueConstraint("issuer_id", "reference"),
    )
    op.create_index(
        "ix_mandate_live",
        "mandate",
        ["member_id", "issuer_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )


def _create_mandate_account() -> None:
    op.create_table(
        "mandate_account",
        *_head(),
        reference("mandate_id", "mandate"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(70), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("usable_from", sa.Date(), nullable=False),
        sa.Column("closes_previous", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position >= 0", name="counted_position"),
        sa.CheckConstraint("position > 0 OR NOT closes_previous", name="first_closes_none"),
        _length("holder", 70),
        _whole_iban(),
        sa.UniqueConstraint("mandate_id", "position"),
    )


def _create_debit_run() -> None:
    op.create_table(
        "debit_run",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        sa.Column("message_id", sa.String(28), nullable=False),
        _word("pain_version"),
        sa.Column("idempotency_key", sa.String(100), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("debit_count", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        instant("created_at"),
        _length("idempotency_key", 100),
        _length("message_id", 28),
        sa.CheckConstraint("length(sha256) = 64", name="whole_digest"),
        sa.CheckConstraint("debit_count >= 1 AND total_cents >= 1", name="collects_something"),
        _among("painversion", "pain_version", _VERSIONS),
        sa.UniqueConstraint("promoter_id", "idempotency_key"),
        sa.UniqueConstraint("issuer_id", "message_id"),
    )


def _create_debit() -> None:
    op.create_table(
        "debit",
        *_head(),
        reference("run_id", "debit_run", index=True),
        reference("mandate_id", "mandate", index=True),
        reference("account_id", "mandate_account"),
        reference("member_id", "member", index=True),
        reference("invoice_id", "invoice", index=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("end_to_end_id", sa.String(35), nullable=False),
        sa.Column("payment_information_id", sa.String(35), nullable=False),
        _word("sequence"),
        sa.Column("collect_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        _length("end_to_end_id", 35),
        _length("payment_information_id", 35),
        sa.CheckConstraint("attempt >= 1", name="counted_attempt"),
        sa.CheckConstraint("amount_cents >= 1", name="collects_something"),
        _among("sequencetype", "sequence", "('FRST', 'RCUR', 'OOFF', 'FNAL')"),
        sa.UniqueConstraint("end_to_end_id"),
        sa.UniqueConstraint("invoice_id", "due_on", "attempt"),
    )


def _create_debit_status() -> None:
    op.create_table(
        "debit_status",
        *_head(),
        reference("debit_id", "debit", index=True),
        _word("outcome"),
        sa.Column("code", sa.String(35)),
        sa.Column("source_key", sa.String(100), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        instant("recorded_at"),
        _length("source_key", 100),
        _length("code", 35),
        _among(
            "debitoutcome",
            "outcome",
            "('pending', 'accepted', 'rejected', 'collected', 'returned')",
        ),
        sa.UniqueConstraint("debit_id", "outcome", "source_key"),
    )


def _seal_mandates() -> None:
    """Let a mandate only end, once; what was signed stays."""
    kept = ("id", "promoter_id", "issuer_id", "member_id", "reference", "kind", "signed_on")
    changed = " OR ".join(
        f"NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in (*kept, "last_used_on", "recorded_at")
    )
    refuse(
        "mandate_only_ends",
        "UPDATE ON mandate",
        f"OLD.ended_on IS NOT NULL OR {changed}",
        "a mandate changes nothing but its end, once",
    )
    refuse("mandate_is_kept", "DELETE ON mandate", "TRUE", "a mandate is kept")


def _head() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), primary_key=True), tenant()]


def _word(column: str) -> sa.Column[str]:
    """Give a column that holds one of a few words."""
    return sa.Column(column, sa.String(32), nullable=False)


def _whole_iban() -> sa.CheckConstraint:
    return sa.CheckConstraint("length(iban) BETWEEN 15 AND 34", name="whole_iban")


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length")


def _among(name: str, column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN {words}", name=name)
