"""Keep what was found out about vacancies, candidates, growth and several plants."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import reference

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PLANT = ("installation_id", "self_consumption_installation")
_TABLES = {
    "vacancy_filling": [_PLANT],
    "candidate_suitability": [_PLANT, ("reserve_application_id", "reserve_application")],
    "capacity_sharing": [_PLANT],
    "member_assignment": [("community_id", "community")],
}


def upgrade() -> None:
    for table, subjects in _TABLES.items():
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), primary_key=True),
            reference("promoter_id", "promoter", index=True),
            reference("job_run_id", "job_run"),
            sa.Column("year", sa.Integer(), nullable=False),
            sa.Column("request", sa.JSON(), nullable=False),
            sa.Column("result", sa.JSON(), nullable=False),
            sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
            *(reference(column, subject, index=True) for column, subject in subjects),
            sa.UniqueConstraint("job_run_id"),
        )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
