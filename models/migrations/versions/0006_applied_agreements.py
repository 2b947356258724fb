"""Let an agreement be hourly, withdrawn or rejected, be filed, and be applied day by day."""

import sqlalchemy as sa
from alembic import op

from models.migrations.altering import altering
from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import (
    append_only,
    refuse,
    seal_agreements,
    seal_coefficients,
    unseal,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MODALITIES = "('without-surplus', 'compensated-surplus', 'sold-surplus')"
_SEALED_COLUMNS = (
    "id",
    "promoter_id",
    "installation_id",
    "proposal_id",
    "mode",
    "file_year",
    "created_at",
    "published_at",
)
_NEW = (
    "hourly_coefficients",
    "filing",
    "applied_coefficient",
    "applied_change",
    "generated_file",
    "month_allocation",
    "allocated_energy",
)
_ALTERED = ("distribution_agreement", "distribution_coefficient", "membership")
_ADDED: dict[str, dict[str, str | None]] = {
    "membership": {"modality": "modality"},
    "self_consumption_installation": {
        "modality": "modality",
        "is_internal": None,
        "file_profile": "file_profile_length",
    },
}


def upgrade() -> None:
    for table in _ALTERED:
        unseal(table)  # a rebuilt table would lose its triggers and break those of others
    _widen_agreement()
    _widen_installation()
    _create_hourly_coefficients()
    _create_filing()
    _create_applied_coefficient()
    _create_applied_change()
    _create_generated_file()
    _create_month_allocation()
    _seal_agreements()
    seal_coefficients("distribution_coefficient")
    seal_coefficients("hourly_coefficients")
    for table in ("applied_change", "generated_file", "month_allocation", "allocated_energy"):
        append_only(table)
    _keep_periods_apart("applied_coefficient")
    _keep_periods_apart("membership")


def downgrade() -> None:
    """Go back, as far as no row says what the older tables cannot."""
    for table in (*_ALTERED, *reversed(_NEW)):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)
    if not _is_sqlite():
        op.drop_constraint("ex_membership_periods_apart", "membership")
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column, check in columns.items():
                if check:
                    batch.drop_constraint(check, type_="check")
                batch.drop_column(column)
    _narrow_agreement()
    seal_agreements()
    seal_coefficients("distribution_coefficient")


def _widen_agreement() -> None:
    checks = {
        "agreementstate": "state IN ('draft', 'published', 'superseded', 'withdrawn', 'rejected')",
        "published_has_instant": "(state IN ('published', 'superseded'))"
        " = (published_at IS NOT NULL)",
    }
    new_checks = {
        "coefficientmode": "mode IN ('constant', 'hourly')",
        "closed_has_reason": "(state IN ('withdrawn', 'rejected')) = (closed_at IS NOT NULL)"
        " AND (closed_at IS NULL) = (closed_because IS NULL)",
        "closed_because_length": "length(closed_because) BETWEEN 1 AND 500",
    }
    with altering("distribution_agreement", checks, new_checks) as batch:
        batch.add_column(
            sa.Column("mode", sa.String(32), nullable=False, server_default="constant")
        )
        batch.add_column(instant("closed_at", nullable=True))
        batch.add_column(sa.Column("closed_because", sa.String(500), nullable=True))


def _narrow_agreement() -> None:
    checks = {
        "agreementstate": "state IN ('draft', 'published', 'superseded')",
        "published_has_instant": "(state = 'draft') = (published_at IS NULL)",
    }
    with altering("distribution_agreement", checks) as batch:
        batch.drop_constraint("coefficientmode", type_="check")
        batch.drop_constraint("closed_has_reason", type_="check")
        batch.drop_constraint("closed_because_length", type_="check")
        for column in ("mode", "closed_at", "closed_because"):
            batch.drop_column(column)


def _widen_installation() -> None:
    # With its check inside the column SQLite adds it in place.
    for table in ("self_consumption_installation", "membership"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN modality VARCHAR(32)"
            f" CONSTRAINT ck_{table}_modality CHECK (modality IN {_MODALITIES})"
        )
    op.add_column("self_consumption_installation", sa.Column("is_internal", sa.Boolean()))
    op.execute(
        "ALTER TABLE self_consumption_installation ADD COLUMN file_profile VARCHAR(64)"
        " CONSTRAINT ck_self_consumption_installation_file_profile_length"
        " CHECK (length(file_profile) BETWEEN 1 AND 64)"
    )


def _create_hourly_coefficients() -> None:
    op.create_table(
        "hourly_coefficients",
        reference("agreement_id", "distribution_agreement", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        tenant(),
        sa.Column("millionths", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(millionths) = 35040", name="whole_year"),
    )


def _create_filing() -> None:
    op.create_table(
        "filing",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("agreement_id", "distribution_agreement", index=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("refused_because", sa.String(500), nullable=True),
        instant("created_at"),
        sa.CheckConstraint("state IN ('in-flight', 'applied', 'refused')", name="filingstate"),
        sa.CheckConstraint("(state = 'in-flight') = (answered_on IS NULL)", name="answer_has_day"),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_because IS NOT NULL)", name="refusal_said"
        ),
        sa.CheckConstraint(
            "length(refused_because) BETWEEN 1 AND 500", name="refused_because_length"
        ),
    )
    op.create_index(
        "ix_filing_one_in_flight",
        "filing",
        ["installation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'in-flight'"),
        postgresql_where=sa.text("state = 'in-flight'"),
    )


def _create_applied_coefficient() -> None:
    op.create_table(
        "applied_coefficient",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("supply_point_id", "supply_point", index=True),
        reference("agreement_id", "distribution_agreement", index=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name="period_forward"
        ),
        sa.UniqueConstraint("installation_id", "supply_point_id", "valid_from"),
    )


def _create_applied_change() -> None:
    op.create_table(
        "applied_change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("supply_point_id", "supply_point", index=True),
        reference("agreement_id", "distribution_agreement"),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=True),
        instant("recorded_at"),
        sa.CheckConstraint(
            "act IN ('recorded', 'corrected', 'ended', 'removed')", name="applicationact"
        ),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason_length"),
    )


def _create_generated_file() -> None:
    op.create_table(
        "generated_file",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("agreement_id", "distribution_agreement", index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("variant", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        instant("created_at"),
        sa.CheckConstraint(
            "kind IN ('distributor-file', 'sharing-agreement')", name="generatedkind"
        ),
        sa.CheckConstraint("length(sha256) = 64", name="whole_digest"),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name_length"),
        sa.UniqueConstraint("agreement_id", "kind", "variant", "sha256"),
    )


def _create_month_allocation() -> None:
    op.create_table(
        "month_allocation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        instant("starts_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("generation_wh", sa.BigInteger(), nullable=False),
        sa.Column("unallocated_micro_wh", sa.BigInteger(), nullable=False),
        sa.Column("inputs_sha256", sa.String(64), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("version >= 1", name="counted_version"),
        sa.CheckConstraint("length(inputs_sha256) = 64", name="whole_digest"),
        sa.UniqueConstraint("installation_id", "starts_at", "version"),
    )
    op.create_table(
        "allocated_energy",
        reference("allocation_id", "month_allocation", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True, index=True),
        tenant(),
        sa.Column("consumption_wh", sa.BigInteger(), nullable=False),
        sa.Column("allocated_micro_wh", sa.BigInteger(), nullable=False),
        sa.Column("self_consumed_micro_wh", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "0 <= self_consumed_micro_wh AND self_consumed_micro_wh <= allocated_micro_wh",
            name="used_of_allocated",
        ),
    )


def _seal_agreements() -> None:
    """Let a draft be published, withdrawn or rejected, and a published one only be superseded."""
    table = "distribution_agreement"
    refuse(
        "agreement_begins_as_draft",
        f"INSERT ON {table}",
        "NEW.state <> 'draft'",
        "an agreement begins as a draft",
    )
    refuse(
        "agreement_draft_is_decided",
        f"UPDATE ON {table}",
        "OLD.state = 'draft' AND NEW.state = 'superseded'",
        "a draft agreement can be published, withdrawn or rejected",
    )
    refuse(
        "agreement_sums_to_one",
        f"UPDATE ON {table}",
        "OLD.state = 'draft' AND NEW.state = 'published' AND 1000000 <> coalesce("
        "(SELECT sum(millionths) FROM distribution_coefficient WHERE agreement_id = OLD.id), 0)",
        "the coefficients of an agreement must sum to one before it is published",
    )
    refuse(
        "agreement_is_sealed",
        f"UPDATE ON {table}",
        "OLD.state <> 'draft' AND NOT (OLD.state = 'published' AND NEW.state = 'superseded' AND "
        + " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in _SEALED_COLUMNS)
        + ")",
        "an agreement that was decided on is sealed; a published one can only be superseded",
    )
    refuse(
        "agreement_is_kept",
        f"DELETE ON {table}",
        "OLD.state <> 'draft'",
        "an agreement that was decided on is kept",
    )


def _keep_periods_apart(table: str) -> None:
    """Let no two periods of one supply point in one installation share a day."""
    if not _is_sqlite():
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_periods_apart EXCLUDE USING gist"
            " (installation_id WITH =, supply_point_id WITH =,"
            " daterange(valid_from, valid_until) WITH &&)"
        )
        return
    overlapping = (
        f"EXISTS (SELECT 1 FROM {table} AS other"
        " WHERE other.installation_id = NEW.installation_id"
        " AND other.supply_point_id = NEW.supply_point_id AND other.id <> NEW.id"
        " AND other.valid_from < coalesce(NEW.valid_until, '9999-12-31')"
        " AND coalesce(other.valid_until, '9999-12-31') > NEW.valid_from)"
    )
    for event in ("INSERT", "UPDATE"):
        refuse(
            f"{table}_periods_apart_on_{event.lower()}",
            f"{event} ON {table}",
            overlapping,
            f"two periods of {table} share a day",
        )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
