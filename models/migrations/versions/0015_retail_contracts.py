"""Let the retail contracts of supply points be recorded."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse_truncation, unseal

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retail_contract",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("supply_point_id", "supply_point", index=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        sa.UniqueConstraint("supply_point_id", "valid_from", "recorded_at"),
    )
    append_only("retail_contract")
    refuse_truncation("retail_contract")


def downgrade() -> None:
    unseal("retail_contract")
    op.drop_table("retail_contract")
