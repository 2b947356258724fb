"""Let messages wait in an outbox until they were sent."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.seals import append_only, refuse, refuse_truncation, unseal

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEW = ("outbox_message", "outbox_attachment", "outbox_attempt")
_KEPT = (
    "id",
    "promoter_id",
    "kind",
    "idempotency_key",
    "language",
    "subject",
    "body",
    "message_id",
    "created_at",
)
_STATES = "('waiting', 'sending', 'sent', 'failed', 'uncertain')"
_OUTCOMES = "('accepted', 'deferred', 'refused', 'uncertain')"


def upgrade() -> None:
    _create_message()
    _create_attachment()
    _create_attempt()
    for table in ("outbox_attachment", "outbox_attempt"):
        append_only(table)
    for table in _NEW:
        refuse_truncation(table)
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in _KEPT)
    refuse(
        "outbox_message_says_the_same",
        "UPDATE ON outbox_message",
        f"OLD.state = 'sent' OR {changed}",
        "what an e-mail says never changes, and nothing of it once it was sent",
    )
    refuse("outbox_message_is_kept_on_delete", "DELETE ON outbox_message", "TRUE", "an e-mail is kept")


def downgrade() -> None:
    for table in reversed(_NEW):
        unseal(table)
    for table in reversed(_NEW):
        op.drop_table(table)


def _create_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.String(10_000), nullable=False),
        sa.Column("message_id", sa.String(250), nullable=False, unique=True),
        instant("created_at"),
        instant("requested_at"),
        instant("due_at"),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(100)),
        instant("lease_until", nullable=True),
        instant("sent_at", nullable=True),
        sa.Column("failed_because", sa.String(500)),
        *_message_checks(),
        sa.UniqueConstraint("promoter_id", "idempotency_key"),
    )
    op.create_index("ix_outbox_message_due", "outbox_message", ["state", "due_at", "id"])


def _message_checks() -> list[sa.CheckConstraint]:
    lengths = {
        "kind": 32,
        "idempotency_key": 200,
        "recipient": 254,
        "subject": 200,
        "body": 10_000,
        "message_id": 250,
        "failed_because": 500,
    }
    return [
        *(_length(column, longest) for column, longest in lengths.items()),
        sa.CheckConstraint("attempts >= 0", name="counted_attempts"),
        sa.CheckConstraint("(lease_until IS NULL) = (worker IS NULL)", name="lease_has_worker"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending') OR lease_until IS NULL", name="ended_has_no_lease"
        ),
        sa.CheckConstraint(
            "state <> 'sending' OR lease_until IS NOT NULL", name="sending_has_lease"
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_instant"),
        sa.CheckConstraint(
            "(state = 'failed') = (failed_because IS NOT NULL)", name="failed_has_reason"
        ),
        sa.CheckConstraint("language IN ('es', 'ca', 'en')", name="language"),
        sa.CheckConstraint(f"state IN {_STATES}", name="messagestate"),
    ]


def _create_attachment() -> None:
    op.create_table(
        "outbox_attachment",
        reference("message_id", "outbox_message", primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        tenant(),
        reference("invoice_id", "invoice", index=True),
        sa.CheckConstraint("position >= 0", name="counted_position"),
        sa.UniqueConstraint("message_id", "invoice_id"),
    )


def _create_attempt() -> None:
    op.create_table(
        "outbox_attempt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("message_id", "outbox_message", index=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("reply_code", sa.Integer()),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("content_sha256", sa.String(64)),
        instant("ended_at"),
        sa.CheckConstraint("number >= 1", name="counted_number"),
        sa.CheckConstraint("reply_code BETWEEN 100 AND 599", name="three_digits"),
        sa.CheckConstraint("length(content_sha256) = 64", name="whole_digest"),
        _length("answer", 500),
        sa.CheckConstraint(f"outcome IN {_OUTCOMES}", name="attemptoutcome"),
        sa.UniqueConstraint("message_id", "number", "outcome"),
    )


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length"
    )
