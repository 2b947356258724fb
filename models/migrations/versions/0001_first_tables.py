"""Lay the first tables, and the triggers that seal what must never change.

The definitions stand here once more because a migration must do tomorrow what it does today,
whatever becomes of the tables in the code.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, seal_agreements, seal_coefficients, unseal

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "promoter", "api_token", "community", "job_run", "upload", "member", "price",
    "self_consumption_installation", "coefficient_proposal", "supply_point",
    "distribution_agreement", "membership", "proposed_coefficient", "reading",
    "reserve_application", "simulated_year", "proposal_report", "distribution_coefficient",
)


def upgrade() -> None:
    _create_promoter()
    _create_api_token()
    _create_community()
    _create_job_run()
    _create_upload()
    _create_member()
    _create_price()
    _create_self_consumption_installation()
    _create_coefficient_proposal()
    _create_supply_point()
    _create_distribution_agreement()
    _create_membership()
    _create_proposed_coefficient()
    _create_reading()
    _create_reserve_application()
    _create_simulated_year()
    _create_proposal_report()
    _create_distribution_coefficient()
    seal_agreements()
    seal_coefficients("distribution_coefficient")
    append_only("reading")
    append_only("price")


def downgrade() -> None:
    for table in reversed(TABLES):
        unseal(table)
        op.drop_table(table)


def _create_promoter() -> None:
    op.create_table(
        "promoter",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        instant("created_at"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
    )


def _create_api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        instant("created_at"),
        instant("expires_at", nullable=True),
        instant("revoked_at", nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
    )


def _create_community() -> None:
    op.create_table(
        "community",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("zone", sa.String(32), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 100", name="code_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name="name_length"),
        sa.CheckConstraint(
            "zone IN ('peninsula', 'baleares', 'canarias', 'ceuta', 'melilla')", name="zone"
        ),
        sa.UniqueConstraint("promoter_id", "code"),
    )


def _create_job_run() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("deduplication_key", sa.String(200), nullable=True),
        sa.Column("state", sa.String(32), nullable=False, index=True),
        sa.Column("progress_share", sa.Float(), nullable=False),
        sa.Column("stage", sa.String(200), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        instant("lease_until", nullable=True),
        sa.Column("worker", sa.String(100), nullable=True),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error_message", sa.String(), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        instant("created_at"),
        instant("started_at", nullable=True),
        instant("finished_at", nullable=True),
        sa.CheckConstraint(
            "(state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)",
            name="ended_has_instant",
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed')", name="jobstate"
        ),
        sa.CheckConstraint("progress_share BETWEEN 0 AND 1", name="progress_is_a_share"),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"
        ),
    )
    op.create_index(
        "ix_job_run_deduplication",
        "job_run",
        ["promoter_id", "deduplication_key"],
        unique=True,
        sqlite_where=sa.text("state <> 'failed'"),
        postgresql_where=sa.text("state <> 'failed'"),
    )


def _create_upload() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 200", name="file_name_length"),
    )


def _create_member() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", index=True),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(100), nullable=True),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 100", name="code_length"),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 100", name="kind_length"),
        sa.UniqueConstraint("community_id", "code"),
    )


def _create_price() -> None:
    op.create_table(
        "price",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        instant("starts_at"),
        sa.Column("step_seconds", sa.Integer(), nullable=False),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("price_nano_eur_per_kwh", sa.LargeBinary(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("version >= 1", name="counted_version"),
        sa.CheckConstraint("step_seconds IN (900, 3600)", name="known_step"),
        sa.CheckConstraint("kind IN ('energy', 'surplus')", name="pricekind"),
        sa.CheckConstraint(
            "interval_count > 0 AND length(price_nano_eur_per_kwh) = 8 * interval_count",
            name="whole_intervals",
        ),
        sa.UniqueConstraint("community_id", "kind", "starts_at", "version"),
    )


def _create_self_consumption_installation() -> None:
    op.create_table(
        "self_consumption_installation",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", index=True),
        sa.Column("cau", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("inverter_power_w", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.CheckConstraint("inverter_power_w > 0", name="inverter_power_positive"),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place_on_earth"
        ),
        sa.UniqueConstraint("promoter_id", "cau"),
    )


def _create_coefficient_proposal() -> None:
    op.create_table(
        "coefficient_proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("job_run_id", "job_run", unique=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("state IN ('open', 'accepted')", name="proposalstate"),
    )


def _create_supply_point() -> None:
    op.create_table(
        "supply_point",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("member_id", "member", index=True),
        sa.Column("cups", sa.String(22), nullable=False),
        sa.Column("tariff", sa.String(32), nullable=False),
        sa.Column("contracted_power_w", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.CheckConstraint("contracted_power_w > 0", name="contracted_power_positive"),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="place_on_earth"
        ),
        sa.CheckConstraint("tariff IN ('2.0TD', '3.0TD', '6.1TD')", name="tariff"),
        sa.UniqueConstraint("promoter_id", "cups"),
    )


def _create_distribution_agreement() -> None:
    op.create_table(
        "distribution_agreement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("proposal_id", "coefficient_proposal", nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("file_year", sa.Integer(), nullable=False),
        instant("created_at"),
        instant("published_at", nullable=True),
        sa.CheckConstraint("state IN ('draft', 'published', 'superseded')", name="agreementstate"),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name="published_has_instant"
        ),
    )
    op.create_index(
        "ix_distribution_agreement_one_published",
        "distribution_agreement",
        ["installation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )


def _create_membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("installation_id", "self_consumption_installation", index=True),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("investment_cents", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name="period_forward"
        ),
    )
    op.create_index(
        "ix_membership_open",
        "membership",
        ["installation_id", "supply_point_id"],
        unique=True,
        sqlite_where=sa.text("valid_until IS NULL"),
        postgresql_where=sa.text("valid_until IS NULL"),
    )


def _create_proposed_coefficient() -> None:
    op.create_table(
        "proposed_coefficient",
        reference("proposal_id", "coefficient_proposal", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        tenant(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("millionths", sa.Integer(), nullable=False),
        sa.CheckConstraint("millionths BETWEEN 0 AND 1000000", name="share_of_one"),
        sa.UniqueConstraint("proposal_id", "position"),
    )


def _create_reading() -> None:
    op.create_table(
        "reading",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("supply_point_id", "supply_point", nullable=True),
        reference("installation_id", "self_consumption_installation", nullable=True),
        sa.Column("channel", sa.String(32), nullable=False),
        instant("starts_at"),
        sa.Column("step_seconds", sa.Integer(), nullable=False),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("energy_wh", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.LargeBinary(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("channel IN ('consumption', 'generation')", name="channel"),
        sa.CheckConstraint("version >= 1", name="counted_version"),
        sa.CheckConstraint("step_seconds IN (900, 3600)", name="known_step"),
        sa.CheckConstraint(
            "(channel = 'consumption' AND supply_point_id IS NOT NULL"
            " AND installation_id IS NULL) OR (channel = 'generation'"
            " AND installation_id IS NOT NULL AND supply_point_id IS NULL)",
            name="one_meter",
        ),
        sa.CheckConstraint(
            "interval_count > 0 AND length(energy_wh) = 4 * interval_count"
            " AND length(quality) = interval_count",
            name="whole_intervals",
        ),
        sa.UniqueConstraint("installation_id", "starts_at", "version"),
        sa.UniqueConstraint("supply_point_id", "starts_at", "version"),
    )


def _create_reserve_application() -> None:
    op.create_table(
        "reserve_application",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", index=True),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("investment_cents", sa.Integer(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'admitted', 'withdrawn')", name="applicationstate"
        ),
        sa.UniqueConstraint("community_id", "supply_point_id"),
    )


def _create_simulated_year() -> None:
    op.create_table(
        "simulated_year",
        reference("proposal_id", "coefficient_proposal", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        sa.Column("scenario", sa.String(32), primary_key=True),
        tenant(),
        sa.Column("months", sa.JSON(), nullable=False),
    )


def _create_proposal_report() -> None:
    op.create_table(
        "proposal_report",
        reference("proposal_id", "coefficient_proposal", primary_key=True),
        sa.Column("language", sa.String(2), primary_key=True),
        tenant(),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name="whole_digest"),
    )


def _create_distribution_coefficient() -> None:
    op.create_table(
        "distribution_coefficient",
        reference("agreement_id", "distribution_agreement", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        tenant(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("millionths", sa.Integer(), nullable=False),
        sa.CheckConstraint("millionths BETWEEN 0 AND 1000000", name="share_of_one"),
        sa.UniqueConstraint("agreement_id", "position"),
    )
