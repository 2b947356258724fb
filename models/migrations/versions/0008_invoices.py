"""Let members pay by plans, and invoices be issued, numbered, sealed and chained."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.invoice_seals import seal_billed_periods, seal_chain, seal_numbers
from models.migrations.seals import (
    append_only,
    keep_supply_periods_apart,
    refuse_truncation,
    unseal,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TAXES = "('iva', 'igic', 'ipsi')"
_EXEMPTIONS = "('E1', 'E6', 'N1', 'N2')"
_LANGUAGES = "('es', 'ca', 'en')"
_BASES = "('self-consumed', 'surplus', 'participation', 'fixed', 'share-of-savings', 'entry-fee')"
_NEW = (
    "invoice_issuer",
    "payer",
    "payment_plan",
    "plan_term",
    "plan_subscription",
    "invoice_series",
    "billing_run",
    "invoice",
    "invoice_line",
    "invoice_tax",
    "billed_period",
    "billed_energy",
    "fiscal_record",
    "invoice_file",
)
_APPENDED = (
    "plan_term",
    "billing_run",
    "invoice",
    "invoice_line",
    "invoice_tax",
    "billed_energy",
    "fiscal_record",
    "invoice_file",
)


def upgrade() -> None:
    _create_parties()
    _create_plans()
    _create_series_and_runs()
    _create_invoice()
    _create_parts()
    _create_billed()
    _create_records()
    for table in _APPENDED:
        append_only(table)
    for table in (*_APPENDED, "billed_period"):
        refuse_truncation(table)
    seal_numbers()
    seal_chain()
    seal_billed_periods()
    keep_supply_periods_apart("plan_subscription")
    keep_supply_periods_apart("billed_period", "released_at IS NULL")


def downgrade() -> None:
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_parties() -> None:
    op.create_table(
        "invoice_issuer",
        *_party(),
        *_party_checks(),
        sa.UniqueConstraint("promoter_id", "tax_number"),
    )
    op.create_table(
        "payer",
        *_party(),
        reference("member_id", "member"),
        sa.Column("email", sa.String(254)),
        _word("language"),
        sa.Column("accounting_office", sa.String(10)),
        sa.Column("managing_body", sa.String(10)),
        sa.Column("processing_unit", sa.String(10)),
        *_party_checks(),
        _length("email", 254),
        sa.CheckConstraint(
            "(accounting_office IS NULL) = (managing_body IS NULL)"
            " AND (managing_body IS NULL) = (processing_unit IS NULL)",
            name="all_offices_or_none",
        ),
        _among("language", "language", _LANGUAGES),
        sa.UniqueConstraint("member_id"),
    )


def _create_plans() -> None:
    op.create_table(
        "payment_plan",
        *_head(),
        reference("community_id", "community", index=True),
        reference("issuer_id", "invoice_issuer", index=True),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        instant("created_at"),
        _length("code", 50),
        _length("name", 200),
        sa.UniqueConstraint("community_id", "code"),
    )
    op.create_table(
        "plan_term",
        *_head(),
        reference("plan_id", "payment_plan", index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        _word("basis"),
        sa.Column("price", sa.String(24), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        *_tax_columns(),
        *_exemption_columns(),
        sa.Column("instalments", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        _open_forward(),
        sa.CheckConstraint("position >= 0", name="counted_position"),
        sa.CheckConstraint("instalments >= 1", name="counted_instalments"),
        sa.CheckConstraint(
            "instalments = 1 OR basis = 'entry-fee'", name="only_entry_fees_in_instalments"
        ),
        sa.CheckConstraint(
            "(exemption IS NULL) = (exempt_because IS NULL)"
            " AND (exemption IS NULL OR tax_percent = '0')",
            name="exemption_said_at_zero",
        ),
        _length("description", 200),
        _length("exempt_because", 200),
        _among("billingbasis", "basis", _BASES),
        _among("taxkind", "tax", _TAXES),
        _among("exemption", "exemption", _EXEMPTIONS),
        sa.UniqueConstraint("plan_id", "position", "valid_from"),
    )
    op.create_table(
        "plan_subscription",
        *_head(),
        reference("plan_id", "payment_plan", index=True),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        _open_forward(),
        sa.UniqueConstraint("supply_point_id", "valid_from"),
    )


def _create_series_and_runs() -> None:
    op.create_table(
        "invoice_series",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("is_rectifying", sa.Boolean(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        _length("code", 20),
        sa.CheckConstraint("last_number >= 0", name="counted_numbers"),
        sa.UniqueConstraint("issuer_id", "code"),
    )
    op.create_table(
        "billing_run",
        *_head(),
        reference("community_id", "community", index=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("invoice_count", sa.Integer(), nullable=False),
        _cents("total_cents"),
        instant("issued_at"),
        sa.CheckConstraint("period_end > period_start", name="period_forward"),
        sa.CheckConstraint("invoice_count >= 0", name="counted_invoices"),
        _length("idempotency_key", 100),
        sa.UniqueConstraint("promoter_id", "idempotency_key"),
    )


def _create_invoice() -> None:
    op.create_table(
        "invoice",
        *_head(),
        reference("series_id", "invoice_series"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("full_number", sa.String(60), nullable=False),
        reference("run_id", "billing_run", nullable=True, index=True),
        reference("issuer_id", "invoice_issuer", index=True),
        reference("member_id", "member", index=True),
        reference("supply_point_id", "supply_point", index=True),
        _word("kind"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        instant("issued_at"),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _cents("net_cents"),
        _cents("tax_cents"),
        _cents("total_cents"),
        sa.Column("rectifies_id", sa.Uuid(), index=True),
        sa.Column("rectification", sa.String(32)),
        sa.Column("rectified_because", sa.String(500)),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        *_invoice_checks(),
        sa.ForeignKeyConstraint(
            ["rectifies_id"], ["invoice.id"], deferrable=True, initially="DEFERRED"
        ),
        sa.UniqueConstraint("series_id", "number"),
    )


def _invoice_checks() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint("number >= 1", name="counted_number"),
        sa.CheckConstraint("period_end > period_start", name="period_forward"),
        sa.CheckConstraint("net_cents + tax_cents = total_cents", name="sums_to_total"),
        sa.CheckConstraint(
            "(rectifies_id IS NULL) = (rectification IS NULL)"
            " AND (rectifies_id IS NULL) = (rectified_because IS NULL)"
            " AND (rectifies_id IS NULL) = (kind IN ('F1', 'F2'))",
            name="rectifying_says_what_and_why",
        ),
        _length("full_number", 60),
        _length("rectified_because", 500),
        _among("invoicekind", "kind", "('F1', 'F2', 'R1', 'R2', 'R3', 'R4', 'R5')"),
        _among("rectification", "rectification", "('substitution', 'difference')"),
    ]


def _create_parts() -> None:
    op.create_table(
        "invoice_line",
        reference("invoice_id", "invoice", primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        tenant(),
        _word("basis"),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("quantity", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("price", sa.String(24), nullable=False),
        _cents("net_cents"),
        *_tax_columns(),
        sa.Column("source", sa.JSON(), nullable=False),
        _length("description", 200),
        _among("billingbasis", "basis", _BASES),
        _among("taxkind", "tax", _TAXES),
    )
    op.create_table(
        "invoice_tax",
        reference("invoice_id", "invoice", primary_key=True),
        sa.Column("tax", sa.String(32), primary_key=True),
        sa.Column("tax_percent", sa.String(8), primary_key=True),
        tenant(),
        _cents("base_cents"),
        _cents("quota_cents"),
        *_exemption_columns(),
        sa.CheckConstraint(
            "(exemption IS NULL) = (exempt_because IS NULL)"
            " AND (exemption IS NULL OR quota_cents = 0)",
            name="exemption_said_at_zero",
        ),
        _length("exempt_because", 200),
        _among("taxkind", "tax", _TAXES),
        _among("exemption", "exemption", _EXEMPTIONS),
    )


def _create_billed() -> None:
    op.create_table(
        "billed_period",
        reference("invoice_id", "invoice", primary_key=True),
        reference("subscription_id", "plan_subscription", primary_key=True),
        tenant(),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        instant("released_at", nullable=True),
        sa.CheckConstraint("valid_until > valid_from", name="period_forward"),
    )
    op.create_table(
        "billed_energy",
        reference("invoice_id", "invoice", primary_key=True),
        reference("allocation_id", "month_allocation", primary_key=True),
        reference("subscription_id", "plan_subscription", primary_key=True),
        tenant(),
        sa.Column("self_consumed_wh", sa.BigInteger(), nullable=False),
        sa.Column("surplus_wh", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("self_consumed_wh >= 0 AND surplus_wh >= 0", name="at_least_zero"),
    )


def _create_records() -> None:
    op.create_table(
        "fiscal_record",
        *_head(),
        reference("invoice_id", "invoice", index=True),
        sa.Column("tax_number", sa.String(9), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _word("kind"),
        sa.Column("generated_at", sa.String(25), nullable=False),
        sa.Column("previous_sha256", sa.String(64)),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("because", sa.String(500)),
        sa.CheckConstraint("position >= 1", name="counted_position"),
        sa.CheckConstraint("length(sha256) = 64", name="whole_digest"),
        sa.CheckConstraint(
            "(position = 1) = (previous_sha256 IS NULL)", name="first_has_no_previous"
        ),
        sa.CheckConstraint(
            "(kind = 'cancellation') = (because IS NOT NULL)", name="cancellation_said"
        ),
        _length("because", 500),
        _among("fiscalrecordkind", "kind", "('registration', 'cancellation')"),
        sa.UniqueConstraint("promoter_id", "tax_number", "position"),
        sa.UniqueConstraint("invoice_id", "kind"),
    )
    op.create_table(
        "invoice_file",
        *_head(),
        reference("invoice_id", "invoice", index=True),
        _word("kind"),
        _word("language"),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("length(sha256) = 64", name="whole_digest"),
        _length("file_name", 200),
        _among("invoicefilekind", "kind", "('pdf', 'facturae')"),
        _among("language", "language", _LANGUAGES),
        sa.UniqueConstraint("invoice_id", "kind", "language", "sha256"),
    )


def _head() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), primary_key=True), tenant()]


def _party() -> list[sa.Column[object]]:
    """Name somebody as an invoice does."""
    return [
        *_head(),
        sa.Column("tax_number", sa.String(9), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("postal_code", sa.String(5), nullable=False),
        sa.Column("town", sa.String(100), nullable=False),
        sa.Column("province", sa.String(100), nullable=False),
    ]


def _party_checks() -> list[sa.CheckConstraint]:
    lengths = {"name": 120, "address": 200, "town": 100, "province": 100}
    return [
        *(_length(column, longest) for column, longest in lengths.items()),
        sa.CheckConstraint("length(postal_code) = 5", name="whole_postal_code"),
    ]


def _tax_columns() -> list[sa.Column[str]]:
    return [_word("tax"), sa.Column("tax_percent", sa.String(8), nullable=False)]


def _exemption_columns() -> list[sa.Column[str]]:
    return [sa.Column("exemption", sa.String(32)), sa.Column("exempt_because", sa.String(200))]


def _word(column: str) -> sa.Column[str]:
    """Give a column that holds one of a few words."""
    return sa.Column(column, sa.String(32), nullable=False)


def _cents(column: str) -> sa.Column[int]:
    return sa.Column(column, sa.BigInteger(), nullable=False)


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length"
    )


def _among(name: str, column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN {words}", name=name)


def _open_forward() -> sa.CheckConstraint:
    return sa.CheckConstraint(
        "valid_until IS NULL OR valid_until > valid_from", name="period_forward"
    )
