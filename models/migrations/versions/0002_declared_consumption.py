"""Keep what a member declares that its supply point consumes in a year."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With its check inside the column SQLite adds it in place; a rebuilt table would lose the
    # rows that refer to it.
    op.execute(
        "ALTER TABLE supply_point ADD COLUMN yearly_consumption_wh BIGINT"
        " CONSTRAINT ck_supply_point_yearly_consumption_at_least_zero"
        " CHECK (yearly_consumption_wh >= 0)"
    )


def downgrade() -> None:
    op.drop_column("supply_point", "yearly_consumption_wh")
