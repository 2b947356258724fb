"""Let people of every role sign in, and tokens name what they may do."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.owners import keep_owner, release_owner, seal_owner, unseal_owner

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NEW = ("account_grant", "user_session", "one_time_link", "external_identity")
_REFERENCES = {
    "account_grant": {"account_id": "user_account", "community_id": "community", "member_id": "member"},
    "user_session": {"account_id": "user_account"},
    "one_time_link": {"account_id": "user_account"},
    "external_identity": {"account_id": "user_account"},
}
_ROLES = (
    "role IN ('operator', 'promoter-admin', 'promoter-staff', 'community-manager', 'member',"
    " 'candidate', 'integrator', 'public')"
)
_ADDED = ("language", "failed_sign_ins", "locked_until", "totp_secret", "totp_confirmed_at")


def upgrade() -> None:
    """Widen accounts, and create what hangs on them."""
    _widen_accounts()
    with op.batch_alter_table("api_token") as batch:
        batch.add_column(sa.Column("scopes", sa.String(500)))
        batch.add_column(instant("last_used_at", nullable=True))
        batch.create_check_constraint("scopes_length", "length(scopes) BETWEEN 1 AND 500")
    _create_grants()
    _create_sessions()
    _create_links()
    _create_identities()
    for table, references in _REFERENCES.items():
        seal_owner(table, {"promoter_id": references})
    for table in ("user_account", *_NEW):
        keep_owner(table)


def downgrade() -> None:
    """Go back to accounts of promoters and operators, all with a password."""
    for table in ("user_account", *_NEW):
        release_owner(table)
    for table in reversed(_NEW):
        unseal_owner(table)
    for table in reversed(_NEW):
        op.drop_table(table)
    with op.batch_alter_table("api_token") as batch:
        batch.drop_constraint("scopes_length", type_="check")
        batch.drop_column("scopes")
        batch.drop_column("last_used_at")
    with op.batch_alter_table("user_account") as batch:
        for name in ("role", "language", "role_signs_in", "counted_failures", "confirmed_secret"):
            batch.drop_constraint(name, type_="check")
        batch.create_check_constraint("userrole", "role IN ('operator', 'promoter-admin')")
        batch.alter_column("password_hash", existing_type=sa.String(200), nullable=False)
        for name in (*_ADDED, "totp_step"):
            batch.drop_column(name)


def _widen_accounts() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.drop_constraint("userrole", type_="check")
        batch.alter_column("password_hash", existing_type=sa.String(200), nullable=True)
        batch.add_column(sa.Column("language", sa.String(32)))
        batch.add_column(
            sa.Column("failed_sign_ins", sa.Integer(), nullable=False, server_default="0")
        )
        batch.add_column(instant("locked_until", nullable=True))
        batch.add_column(sa.Column("totp_secret", sa.LargeBinary(200)))
        batch.add_column(instant("totp_confirmed_at", nullable=True))
        batch.add_column(sa.Column("totp_step", sa.Integer()))
        batch.create_check_constraint("role", _ROLES)
        batch.create_check_constraint("language", "language IN ('es', 'ca', 'en')")
        batch.create_check_constraint("role_signs_in", "role NOT IN ('integrator', 'public')")
        batch.create_check_constraint("counted_failures", "failed_sign_ins >= 0")
        batch.create_check_constraint(
            "confirmed_secret", "totp_confirmed_at IS NULL OR totp_secret IS NOT NULL"
        )


def _create_grants() -> None:
    op.create_table(
        "account_grant",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("account_id", "user_account"),
        reference("community_id", "community", nullable=True, index=True),
        reference("member_id", "member", nullable=True, index=True),
        instant("created_at"),
        sa.CheckConstraint("(community_id IS NULL) <> (member_id IS NULL)", name="one_subject"),
        sa.UniqueConstraint("account_id", "community_id"),
        sa.UniqueConstraint("account_id", "member_id"),
    )


def _create_sessions() -> None:
    op.create_table(
        "user_session",
        *_head(),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("awaits_second_factor", sa.Boolean(), nullable=False),
        instant("created_at"),
        instant("last_seen_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        instant("ended_at", nullable=True),
        sa.CheckConstraint("expires_at > created_at", name="lasts_a_while"),
    )


def _create_links() -> None:
    op.create_table(
        "one_time_link",
        *_head(),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        instant("created_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        instant("used_at", nullable=True),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'password-reset', 'email-confirmation')",
            name="linkpurpose",
        ),
        sa.CheckConstraint("expires_at > created_at", name="lasts_a_while"),
    )


def _create_identities() -> None:
    op.create_table(
        "external_identity",
        *_head(),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("length(issuer) BETWEEN 1 AND 300", name="issuer_length"),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name="subject_length"),
        sa.UniqueConstraint("issuer", "subject"),
    )


def _head() -> tuple[sa.Column[object], ...]:
    """Give the columns that everything of an account begins with."""
    return (
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("promoter_id", "promoter", nullable=True, index=True),
        reference("account_id", "user_account", index=True),
    )
