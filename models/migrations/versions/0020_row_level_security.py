"""Let PostgreSQL itself hold the rows of one promoter apart from another's."""

from models.migrations.policies import hold_apart, let_mingle, list_promoters_tables

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Hold apart every table whose rows are a promoter's, and the promoters themselves."""
    for table in list_promoters_tables():
        hold_apart(table)
    hold_apart("promoter", owner="id")


def downgrade() -> None:
    """Let every transaction see every row again."""
    let_mingle("promoter")
    for table in list_promoters_tables():
        let_mingle(table)
