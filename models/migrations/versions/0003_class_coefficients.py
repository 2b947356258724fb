"""Keep the coefficients by class of hours of each proposal that has some."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_coefficients",
        _reference("proposal_id", "coefficient_proposal", primary_key=True),
        _reference("supply_point_id", "supply_point", primary_key=True),
        _reference("promoter_id", "promoter", index=True),
        sa.Column("class_count", sa.Integer(), nullable=False),
        sa.Column("millionths", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "class_count > 0 AND length(millionths) = 4 * class_count", name="whole_classes"
        ),
    )


def downgrade() -> None:
    op.drop_table("class_coefficients")


def _reference(
    column: str, table: str, *, primary_key: bool = False, index: bool | None = None
) -> sa.Column[object]:
    return sa.Column(
        column,
        sa.Uuid(),
        sa.ForeignKey(f"{table}.id"),
        nullable=False,
        primary_key=primary_key,
        index=index,
    )
