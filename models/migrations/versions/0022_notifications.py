"""Keep what happened, in order, so that whoever was away can hear of it."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, tenant
from models.migrations.owners import keep_owner, release_owner
from models.migrations.policies import hold_apart, let_mingle

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('job_succeeded', 'job_failed', 'message_failed', 'message_uncertain',"
    " 'submission_failed', 'record_refused', 'record_faulty')"
)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        instant("noted_at"),
        sa.UniqueConstraint("promoter_id", "position"),
        sa.CheckConstraint("position >= 1", name="counted_position"),
        sa.CheckConstraint(_KINDS, name="notificationkind"),
    )
    keep_owner("notification")
    hold_apart("notification")


def downgrade() -> None:
    """Forget what happened."""
    let_mingle("notification")
    release_owner("notification")
    op.drop_table("notification")
