"""Count sign-ups by networks, tell which request asked for a job, let managers invite unseen."""

import sqlalchemy as sa
from alembic import op

from models.migrations.seals import unguarded

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ONE_AN_ADDRESS = "uq_user_account_promoter_id_email"
_WAITS_BESIDE_ANOTHER = """awaits_acceptance AND EXISTS (
    SELECT 1 FROM user_account AS other
    WHERE other.promoter_id = user_account.promoter_id AND other.email = user_account.email
    AND (NOT other.awaits_acceptance OR other.id < user_account.id))"""


def upgrade() -> None:
    """Add the columns; an address may be invited by several who do not see each other's accounts."""
    op.add_column("job_run", sa.Column("correlation_id", sa.String(64)))
    op.add_column("job_run", sa.Column("traceparent", sa.String(55)))
    with unguarded("sign_up", "user_account"):
        with op.batch_alter_table("sign_up") as batch:
            batch.add_column(sa.Column("network_index", sa.LargeBinary()))
            batch.create_check_constraint(
                "network_until_confirmed",
                "network_index IS NULL OR (state = 'unconfirmed' AND length(network_index) = 32)",
            )
        with op.batch_alter_table("user_account") as batch:
            batch.drop_constraint(_ONE_AN_ADDRESS, type_="unique")


def downgrade() -> None:
    """Take the columns away, and the invitations that stand beside another account."""
    beside = f"SELECT id FROM user_account WHERE {_WAITS_BESIDE_ANOTHER}"
    for table in ("one_time_link", "account_grant"):
        op.execute(f"DELETE FROM {table} WHERE account_id IN ({beside})")
    op.execute(f"DELETE FROM user_account WHERE {_WAITS_BESIDE_ANOTHER}")
    with unguarded("sign_up", "user_account"):
        with op.batch_alter_table("user_account") as batch:
            batch.create_unique_constraint(_ONE_AN_ADDRESS, ["promoter_id", "email"])
        with op.batch_alter_table("sign_up") as batch:
            batch.drop_constraint("network_until_confirmed", type_="check")
            batch.drop_column("network_index")
    op.drop_column("job_run", "traceparent")
    op.drop_column("job_run", "correlation_id")
