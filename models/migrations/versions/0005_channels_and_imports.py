"""Keep more than one channel of a supply point, whole files, users, and what runs by the clock."""

import sqlalchemy as sa
from alembic import op

from models.migrations.altering import altering
from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, unseal

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERIES = ("reading", "price")
_NEW = ("file_import", "user_account", "scheduled_slot", "remote_query")


def upgrade() -> None:
    for table in _SERIES:
        unseal(table)  # a rebuilt table would lose its triggers
    _widen_reading()
    _widen_price()
    op.add_column("supply_point", sa.Column("distributor_code", sa.String(8)))
    op.add_column("supply_point", sa.Column("point_type", sa.Integer()))
    op.add_column("job_run", instant("due_at", nullable=True))
    op.create_index("ix_job_run_waiting", "job_run", ["state", "created_at", "id"])
    _create_file_import()
    _create_user_account()
    _create_schedule()
    for table in (*_SERIES, "file_import"):
        append_only(table)


def downgrade() -> None:
    """Go back, as far as no row says what the older tables cannot."""
    for table in (*_SERIES, *reversed(_NEW)):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)
    op.drop_index("ix_job_run_waiting", "job_run")
    op.drop_column("job_run", "due_at")
    op.drop_column("supply_point", "point_type")
    op.drop_column("supply_point", "distributor_code")
    _narrow_reading()
    with altering("price", {"pricekind": "kind IN ('energy', 'surplus')"}):
        pass
    for table in _SERIES:
        append_only(table)


def _widen_reading() -> None:
    checks = {
        "channel": "channel IN"
        " ('consumption', 'generation', 'allocated', 'self-consumed', 'surplus')",
        "one_meter": "(channel = 'generation') = (installation_id IS NOT NULL)"
        " AND (channel <> 'generation') = (supply_point_id IS NOT NULL)",
        "whole_intervals": "interval_count > 0 AND length(energy_wh) = 4 * interval_count"
        " AND length(quality) IN (1, interval_count)",
    }
    with altering("reading", checks) as batch:
        batch.drop_constraint("uq_reading_supply_point_id_starts_at_version", type_="unique")
        batch.create_unique_constraint(
            "uq_reading_supply_point_id_channel_starts_at_version",
            ["supply_point_id", "channel", "starts_at", "version"],
        )


def _narrow_reading() -> None:
    checks = {
        "channel": "channel IN ('consumption', 'generation')",
        "one_meter": "(channel = 'consumption' AND supply_point_id IS NOT NULL"
        " AND installation_id IS NULL) OR (channel = 'generation'"
        " AND installation_id IS NOT NULL AND supply_point_id IS NULL)",
        "whole_intervals": "interval_count > 0 AND length(energy_wh) = 4 * interval_count"
        " AND length(quality) = interval_count",
    }
    with altering("reading", checks) as batch:
        batch.drop_constraint(
            "uq_reading_supply_point_id_channel_starts_at_version", type_="unique"
        )
        batch.create_unique_constraint(
            "uq_reading_supply_point_id_starts_at_version",
            ["supply_point_id", "starts_at", "version"],
        )


def _widen_price() -> None:
    checks = {"pricekind": "kind IN ('energy', 'surplus', 'day-ahead')"}
    with altering("price", checks):
        pass


def _create_file_import() -> None:
    op.create_table(
        "file_import",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", index=True),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("format", sa.String(64), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("options_sha256", sa.String(64), nullable=False),
        sa.Column("accepted_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        instant("created_at"),
        sa.CheckConstraint(
            "subject IN ('readings', 'prices', 'members', 'coefficients')", name="importsubject"
        ),
        sa.CheckConstraint(
            "length(sha256) = 64 AND length(options_sha256) = 64", name="whole_digest"
        ),
        sa.CheckConstraint("accepted_count >= 0 AND rejected_count >= 0", name="counted_rows"),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name_length"),
        sa.UniqueConstraint("community_id", "sha256", "options_sha256"),
    )


def _create_user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("promoter_id", "promoter", index=True, nullable=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        instant("created_at"),
        instant("disabled_at", nullable=True),
        sa.CheckConstraint("role IN ('operator', 'promoter-admin')", name="userrole"),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name="email_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
        sa.CheckConstraint("email = lower(email)", name="email_in_small_letters"),
        sa.CheckConstraint(
            "(role = 'operator') = (promoter_id IS NULL)", name="operator_has_no_promoter"
        ),
    )


def _create_schedule() -> None:
    op.create_table(
        "scheduled_slot",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), primary_key=True),
        instant("asked_at"),
    )
    op.create_table(
        "remote_query",
        reference("promoter_id", "promoter", primary_key=True),
        sa.Column("key_sha256", sa.String(64), primary_key=True),
        instant("asked_at"),
    )
