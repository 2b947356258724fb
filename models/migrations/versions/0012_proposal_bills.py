"""Let proposals keep the yearly bill of each member before and after."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import reference

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposed_bill",
        reference("proposal_id", "coefficient_proposal", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        reference("promoter_id", "promoter", index=True),
        sa.Column("without_cents", sa.BigInteger(), nullable=False),
        sa.Column("before_cents", sa.BigInteger(), nullable=True),
        sa.Column("after_cents", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("proposed_bill")
