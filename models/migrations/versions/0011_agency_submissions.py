"""Let records be sent to the tax agency, and its answers kept."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse, refuse_truncation, unseal

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATES = "('stored', 'sending', 'answered', 'refused', 'uncertain')"
_STATUSES = "('accepted', 'accepted_with_errors', 'refused')"
_NEW = ("agency_submission", "agency_answer")
_FIXED = (
    "id",
    "promoter_id",
    "tax_number",
    "created_at",
    "first_position",
    "last_position",
    "has_incident",
    "content",
)


def upgrade() -> None:
    _create_submission()
    _create_answer()
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _FIXED)
    refuse(
        "submission_is_sealed",
        "UPDATE ON agency_submission",
        f"{changed} OR OLD.state IN ('stored', 'answered') OR NEW.state = 'stored'",
        "a message to the tax agency is kept as it was sent, and answered once",
    )
    refuse(
        "agency_submission_is_kept_on_delete",
        "DELETE ON agency_submission",
        "TRUE",
        "a message to the tax agency is kept",
    )
    append_only("agency_answer")
    for table in _NEW:
        refuse_truncation(table)


def downgrade() -> None:
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_submission() -> None:
    op.create_table(
        "agency_submission",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("tax_number", sa.String(9), nullable=False),
        instant("created_at"),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("has_incident", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        instant("sent_at", nullable=True),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("receipt", sa.String(100)),
        sa.Column("wait_seconds", sa.Integer()),
        sa.Column("reason", sa.String(500)),
        *_submission_checks(),
    )


def _submission_checks() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(
            "first_position >= 1 AND last_position >= first_position", name="counted_positions"
        ),
        sa.CheckConstraint(
            "(state = 'stored') = (sent_at IS NULL) AND (state = 'stored') = (attempts = 0)",
            name="sent_has_instant",
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (wait_seconds IS NOT NULL)"
            " AND (state = 'answered') = (answer IS NOT NULL)",
            name="answered_says_when_next",
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'uncertain')) = (reason IS NOT NULL)", name="failure_says_why"
        ),
        _length("receipt", 100),
        _length("reason", 500),
        sa.CheckConstraint(f"state IN {_STATES}", name="submissionstate"),
    ]


def _create_answer() -> None:
    op.create_table(
        "agency_answer",
        reference("record_id", "fiscal_record", primary_key=True),
        tenant(),
        reference("submission_id", "agency_submission", index=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("error_code", sa.Integer()),
        sa.Column("error_text", sa.String(1500)),
        sa.Column("is_duplicate", sa.Boolean(), nullable=False),
        instant("answered_at"),
        _length("error_text", 1500),
        sa.CheckConstraint(f"status IN {_STATUSES}", name="agencystatus"),
    )


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length")
