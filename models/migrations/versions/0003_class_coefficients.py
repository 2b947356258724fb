"""Keep the coefficients by class of hours of each proposal that has some."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import reference

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_coefficients",
        reference("proposal_id", "coefficient_proposal", primary_key=True),
        reference("supply_point_id", "supply_point", primary_key=True),
        reference("promoter_id", "promoter", index=True),
        sa.Column("class_count", sa.Integer(), nullable=False),
        sa.Column("millionths", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "class_count > 0 AND length(millionths) = 4 * class_count", name="whole_classes"
        ),
    )


def downgrade() -> None:
    op.drop_table("class_coefficients")
