"""Tell everybody of communities, and let people sign up there."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.owners import keep_owner, release_owner, seal_owner, unseal_owner
from models.migrations.policies import hold_apart, let_mingle
from models.migrations.seals import append_only, refuse, refuse_truncation, stop_refusing, unseal

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_REFERENCES = {
    "public_page": {"community_id": "community"},
    "privacy_notice": {"community_id": "community"},
    "sign_up": {
        "community_id": "community",
        "notice_id": "privacy_notice",
        "application_id": "reserve_application",
    },
}
_SIGN_UP_MAIL = "SELECT 1 FROM outbox_message WHERE id = OLD.message_id AND kind = 'sign-up'"
_STATES = "state IN ('unconfirmed', 'confirmed', 'accepted', 'refused', 'withdrawn')"


def upgrade() -> None:
    """Create the tables."""
    _create_page()
    _create_notice()
    _create_sign_up()
    op.create_index("ix_sign_up_list", "sign_up", ["community_id", "created_at", "id"])
    _keep_mails("OLD.kind <> 'sign-up'", f"NOT EXISTS ({_SIGN_UP_MAIL})")
    append_only("privacy_notice")
    refuse_truncation("privacy_notice")
    for table, references in _REFERENCES.items():
        seal_owner(table, {"promoter_id": references})
        keep_owner(table)
        hold_apart(table)


def downgrade() -> None:
    """Forget the pages, and who signed up."""
    _keep_mails("TRUE", "TRUE")
    for table in _REFERENCES:
        let_mingle(table)
        release_owner(table)
        unseal_owner(table)
    unseal("privacy_notice")
    for table in reversed(_REFERENCES):
        op.drop_table(table)


def _keep_mails(message: str, attempt: str) -> None:
    """Keep e-mails; those about a sign-up go with it."""
    stop_refusing("outbox_message_is_kept_on_delete")
    refuse(
        "outbox_message_is_kept_on_delete", "DELETE ON outbox_message", message, "an e-mail is kept"
    )
    stop_refusing("outbox_attempt_is_kept_on_delete")
    refuse(
        "outbox_attempt_is_kept_on_delete",
        "DELETE ON outbox_attempt",
        attempt,
        "a outbox_attempt is never changed: append a version",
    )


def _create_page() -> None:
    op.create_table(
        "public_page",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community", unique=True),
        sa.Column("slug", sa.String(60), nullable=False, unique=True),
        sa.Column("municipality", sa.String(100), nullable=False),
        *(sa.Column(f"text_{language}", sa.String(2_000)) for language in ("es", "ca", "en")),
        sa.Column("contact_email", sa.String(254), nullable=False),
        sa.Column("free_places", sa.Integer()),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("is_open", "needs_approval", "is_published")
        ),
        instant("changed_at"),
        sa.CheckConstraint("slug = lower(slug)", name="slug_in_small_letters"),
        sa.CheckConstraint("free_places >= 0", name="counted_places"),
        _length("slug", 60),
        _length("municipality", 100),
        *(_length(f"text_{language}", 2_000) for language in ("es", "ca", "en")),
        _length("contact_email", 254),
    )


def _create_notice() -> None:
    op.create_table(
        "privacy_notice",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(10_000), nullable=False),
        instant("published_at"),
        sa.UniqueConstraint("community_id", "version"),
        sa.CheckConstraint("version >= 1", name="counted_version"),
        _length("text", 10_000),
    )


def _create_sign_up() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("community_id", "community"),
        reference("notice_id", "privacy_notice"),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False, index=True),
        sa.Column("meter_index", sa.LargeBinary(), nullable=False, index=True),
        sa.Column("tariff", sa.String(32), nullable=False),
        sa.Column("contracted_power_w", sa.Integer(), nullable=False),
        sa.Column("yearly_consumption_wh", sa.BigInteger()),
        sa.Column("distance_m", sa.Integer()),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("confirmation_sha256", sa.String(64), unique=True),
        sa.Column("status_sha256", sa.String(64), unique=True),
        instant("created_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        instant("confirmed_at", nullable=True),
        instant("decided_at", nullable=True),
        sa.Column("refused_because", sa.String(500)),
        reference("application_id", "reserve_application", nullable=True, index=True),
        *_sign_up_checks(),
    )


def _sign_up_checks() -> list[sa.CheckConstraint]:
    rules = {
        "signupstate": _STATES,
        "tariff": "tariff IN ('2.0TD', '3.0TD', '6.1TD')",
        "language": "language IN ('es', 'ca', 'en')",
        "contracted_power_positive": "contracted_power_w > 0",
        "yearly_consumption_at_least_zero": "yearly_consumption_wh >= 0",
        "distance_at_least_zero": "distance_m >= 0",
        "lasts_a_while": "expires_at > created_at",
        "whole_email_index": "length(email_index) = 32",
        "whole_meter_index": "length(meter_index) = 32",
        "unconfirmed_has_link": "(state = 'unconfirmed') = (confirmation_sha256 IS NOT NULL)",
        "confirmed_has_instant": "(state = 'unconfirmed') = (confirmed_at IS NULL)",
        "decided_has_instant": ("(state IN ('unconfirmed', 'confirmed')) = (decided_at IS NULL)"),
        "refused_has_reason": "(state = 'refused') = (refused_because IS NOT NULL)",
        "accepted_has_application": "state <> 'accepted' OR application_id IS NOT NULL",
    }
    checks = [sa.CheckConstraint(rule, name=name) for name, rule in rules.items()]
    return [*checks, _length("refused_because", 500)]


def _length(column: str, longest: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) BETWEEN 1 AND {longest}", name=f"{column}_length")
