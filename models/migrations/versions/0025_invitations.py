"""Let an invited account hold its address once it is taken up, and links confirm another one."""

import sqlalchemy as sa
from alembic import op

from models.migrations.seals import unguarded

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_HELD = "ix_user_account_held_email"
_IS_HELD = sa.text("NOT awaits_acceptance")


def upgrade() -> None:
    """Keep addresses apart within a promoter, and among all those who have taken theirs up."""
    with unguarded("user_account", "one_time_link"):
        with op.batch_alter_table("user_account") as batch:
            batch.add_column(
                sa.Column(
                    "awaits_acceptance", sa.Boolean(), nullable=False, server_default=sa.false()
                )
            )
            batch.drop_constraint("uq_user_account_email", type_="unique")
            batch.create_unique_constraint(
                "uq_user_account_promoter_id_email", ["promoter_id", "email"]
            )
        op.create_index(
            _HELD,
            "user_account",
            ["email"],
            unique=True,
            sqlite_where=_IS_HELD,
            postgresql_where=_IS_HELD,
        )
        with op.batch_alter_table("one_time_link") as batch:
            batch.add_column(sa.Column("email", sa.String(254)))
            batch.create_check_constraint("email_length", "length(email) BETWEEN 1 AND 254")
            batch.create_check_constraint(
                "confirms_an_address", "(purpose = 'email-confirmation') = (email IS NOT NULL)"
            )


def downgrade() -> None:
    """Forget the links, and the invitations that nobody took up."""
    op.execute("DELETE FROM one_time_link")
    op.execute(
        "DELETE FROM account_grant WHERE account_id IN (SELECT id FROM user_account WHERE awaits_acceptance)"
    )
    op.execute("DELETE FROM user_account WHERE awaits_acceptance")
    with unguarded("user_account", "one_time_link"):
        with op.batch_alter_table("one_time_link") as batch:
            batch.drop_constraint("confirms_an_address", type_="check")
            batch.drop_constraint("email_length", type_="check")
            batch.drop_column("email")
        op.drop_index(_HELD, "user_account")
        with op.batch_alter_table("user_account") as batch:
            batch.drop_constraint("uq_user_account_promoter_id_email", type_="unique")
            batch.create_unique_constraint("uq_user_account_email", ["email"])
            batch.drop_column("awaits_acceptance")
