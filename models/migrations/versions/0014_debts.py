"""Let debts be followed by their timeline, and holders change."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse, refuse_truncation, unseal

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NEW = ("debt_step", "protected_supply", "holder_change", "final_settlement")
_STAGES = "('reminder', 'demand', 'notice', 'suspension', 'termination')"


def upgrade() -> None:
    """Create what is done about debts, what protects from it, and who came and went."""
    _create_debt_step()
    _create_protected_supply()
    _create_holder_change()
    _create_final_settlement()
    for table in _NEW:
        if table != "protected_supply":
            append_only(table)
        refuse_truncation(table)
    _seal_protection()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_debt_step() -> None:
    op.create_table(
        "debt_step",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        reference("member_id", "member", index=True),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("oldest_due_on", sa.Date(), nullable=False),
        sa.Column("open_cents", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.String(500)),
        reference("message_id", "outbox_message", nullable=True),
        instant("recorded_at"),
        sa.CheckConstraint("open_cents >= 1", name="of_something"),
        sa.CheckConstraint("taken_on > oldest_due_on", name="after_due_day"),
        sa.CheckConstraint(
            "(stage IN ('suspension', 'termination')) = (because IS NOT NULL)",
            name="decisions_said",
        ),
        sa.CheckConstraint(
            "message_id IS NULL OR stage IN ('reminder', 'demand', 'notice')", name="letters_sent"
        ),
        _said("because"),
        sa.CheckConstraint(f"stage IN {_STAGES}", name="debtstage"),
        sa.UniqueConstraint("issuer_id", "member_id", "stage", "oldest_due_on"),
    )


def _create_protected_supply() -> None:
    op.create_table(
        "protected_supply",
        *_head(),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("protection", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("because", sa.String(500), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name="period_forward"
        ),
        _said("because"),
        sa.CheckConstraint("protection IN ('essential', 'vulnerable')", name="supplyprotection"),
    )


def _create_holder_change() -> None:
    op.create_table(
        "holder_change",
        *_head(),
        reference("supply_point_id", "supply_point", index=True),
        reference("from_member_id", "member", index=True),
        reference("to_member_id", "member", index=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("is_subrogated", sa.Boolean(), nullable=False),
        instant("recorded_at"),
        sa.UniqueConstraint("supply_point_id", "changed_on"),
    )


def _create_final_settlement() -> None:
    op.create_table(
        "final_settlement",
        *_head(),
        reference("issuer_id", "invoice_issuer", index=True),
        reference("supply_point_id", "supply_point", index=True),
        reference("member_id", "member", index=True),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("owed_cents", sa.BigInteger(), nullable=False),
        sa.Column("prepaid_cents", sa.BigInteger(), nullable=False),
        instant("settled_at"),
        sa.CheckConstraint("owed_cents >= 0 AND prepaid_cents >= 0", name="at_least_zero"),
        sa.CheckConstraint("owed_cents = 0 OR prepaid_cents = 0", name="set_against_each_other"),
        sa.UniqueConstraint("supply_point_id", "issuer_id", "left_on"),
    )


def _seal_protection() -> None:
    """Let a protection only end."""
    kept = " OR ".join(
        f"NEW.{column} <> OLD.{column}"
        for column in ("id", "promoter_id", "supply_point_id", "protection", "valid_from")
    )
    refuse(
        "protection_only_ends",
        "UPDATE ON protected_supply",
        f"{kept} OR OLD.valid_until IS NOT NULL OR NEW.valid_until IS NULL",
        "a protection can only end, once",
    )
    refuse("protection_is_kept", "DELETE ON protected_supply", "TRUE", "a protection is kept")


def _head() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), primary_key=True), tenant()]


def _said(column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) BETWEEN 1 AND 500", name=f"{column}_length")
