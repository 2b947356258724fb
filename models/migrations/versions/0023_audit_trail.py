"""Keep who did what: entries that are only added, each chained to the one before it."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference
from models.migrations.policies import hold_apart, let_mingle
from models.migrations.seals import (
    append_only,
    permit_truncation,
    refuse,
    refuse_truncation,
    unseal,
)

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHANNELS = "channel IN ('graphql', 'file', 'command-line', 'job', 'sign-in')"
_ROLES = (
    "actor_role IN ('operator', 'promoter-admin', 'promoter-staff', 'community-manager', 'member',"
    " 'candidate', 'integrator', 'public')"
)
_OF_INSTALLATION = sa.text("promoter_id IS NULL")


def upgrade() -> None:
    """Create the table and seal it."""
    op.create_table("audit_entry", *_list_columns(), *_list_checks())
    op.create_index(
        "ix_audit_entry_position_of_installation",
        "audit_entry",
        ["position"],
        unique=True,
        sqlite_where=_OF_INSTALLATION,
        postgresql_where=_OF_INSTALLATION,
    )
    append_only("audit_entry")
    refuse_truncation("audit_entry")
    refuse(
        "audit_entry_follows_its_chain",
        "INSERT ON audit_entry",
        f"NEW.position > 1 AND NOT ({_find_previous()})",
        "an entry names the one before it in its chain",
    )
    hold_apart("audit_entry")


def downgrade() -> None:
    """Forget who did what."""
    let_mingle("audit_entry")
    permit_truncation("audit_entry")
    unseal("audit_entry")
    op.drop_table("audit_entry")


def _list_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        reference("promoter_id", "promoter", nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        instant("at"),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("actor_role", sa.String(32)),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("token_id", sa.Uuid()),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("error_code", sa.String(32)),
        sa.Column("subjects", sa.String(4000)),
        sa.Column("subject_count", sa.Integer(), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64)),
        sa.Column("hash", sa.String(64), nullable=False),
    ]


def _list_checks() -> list[sa.Constraint]:
    checks = {
        "counted_position": "position >= 1",
        "first_has_no_previous": "(position = 1) = (previous_hash IS NULL)",
        "whole_hash": "length(hash) = 64",
        "one_actor": "account_id IS NULL OR token_id IS NULL",
        "refusal_said": "(outcome = 'refused') = (error_code IS NOT NULL)",
        "counted_subjects": "subject_count >= 0 AND (subject_count = 0) = (subjects IS NULL)",
        "action_length": "length(action) BETWEEN 1 AND 100",
        "error_code_length": "length(error_code) BETWEEN 1 AND 32",
        "subjects_length": "length(subjects) BETWEEN 1 AND 4000",
        "correlation_id_length": "length(correlation_id) BETWEEN 1 AND 64",
        "auditchannel": _CHANNELS,
        "role": _ROLES,
        "auditoutcome": "outcome IN ('done', 'refused')",
    }
    return [
        sa.UniqueConstraint("promoter_id", "position"),
        *(sa.CheckConstraint(text, name=name) for name, text in checks.items()),
    ]


def _find_previous() -> str:
    """Say that the entry before is there, of a promoter or of the installation, by an index."""
    before = "position = NEW.position - 1 AND hash = NEW.previous_hash"
    own = f"SELECT 1 FROM audit_entry WHERE promoter_id = NEW.promoter_id AND {before}"
    shared = f"SELECT 1 FROM audit_entry WHERE promoter_id IS NULL AND {before}"
    return f"EXISTS ({own}) OR (NEW.promoter_id IS NULL AND EXISTS ({shared}))"
