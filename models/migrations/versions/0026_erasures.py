"""Note who was erased, and open the seals for that, and for that alone."""

import sqlalchemy as sa
from alembic import op

from models.migrations.columns import instant, reference, tenant
from models.migrations.erasing import let_erase, stop_erasing
from models.migrations.owners import keep_owner, seal_owner
from models.migrations.policies import hold_apart, let_mingle
from models.migrations.seals import refuse, refuse_truncation, unseal

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_MEMBER = "OLD.member_id = asked.member_id"
_POINT = (
    "OLD.supply_point_id IN (SELECT id FROM supply_point WHERE member_id = asked.member_id)"
    " OR OLD.supply_point_id IN"
    " (SELECT supply_point_id FROM holder_change WHERE from_member_id = asked.member_id)"
)
_AGREEMENT = (
    "IN (SELECT agreement_id FROM distribution_coefficient AS part JOIN supply_point AS point"
    " ON point.id = part.supply_point_id WHERE point.member_id = asked.member_id)"
)
_MANDATE = "OLD.mandate_id IN (SELECT id FROM mandate WHERE member_id = asked.member_id)"
_RUN = "OLD.id IN (SELECT run_id FROM debit WHERE member_id = asked.member_id)"
_ANY = "TRUE"

_GOING = {
    "reading_is_kept_on_delete": ("reading", _POINT),
    "allocated_energy_is_kept_on_delete": ("allocated_energy", _POINT),
    "retail_contract_is_kept_on_delete": ("retail_contract", _POINT),
    "protection_is_kept": ("protected_supply", _POINT),
    "debt_step_is_kept_on_delete": ("debt_step", _MEMBER),
    "generated_file_is_kept_on_delete": ("generated_file", f"OLD.agreement_id {_AGREEMENT}"),
    "outbox_message_is_kept_on_delete": ("outbox_message", _ANY),
    "outbox_attachment_is_kept_on_delete": ("outbox_attachment", _ANY),
    "outbox_attempt_is_kept_on_delete": ("outbox_attempt", _ANY),
}
"""What may be deleted of a person, by the seal that refuses it to everybody else."""

_CHANGING = {
    "mandate_only_ends": (
        "mandate",
        _MEMBER,
        ("id", "promoter_id", "issuer_id", "member_id", "kind", "signed_on", "last_used_on")
        + ("recorded_at",),
    ),
    "mandate_account_is_kept_on_update": (
        "mandate_account",
        _MANDATE,
        ("id", "promoter_id", "mandate_id", "position", "recorded_on", "usable_from")
        + ("closes_previous",),
    ),
    "debit_run_is_kept_on_update": (
        "debit_run",
        _RUN,
        ("id", "promoter_id", "issuer_id", "message_id", "pain_version", "idempotency_key")
        + ("request", "debit_count", "total_cents", "created_at"),
    ),
    "payment_only_gets_its_member": (
        "payment",
        _MEMBER,
        ("id", "promoter_id", "issuer_id", "member_id", "amount_cents", "received_on", "method")
        + ("source_key", "debit_id", "recorded_at"),
    ),
    "file_import_is_kept_on_update": (
        "file_import",
        _ANY,
        ("id", "promoter_id", "community_id", "subject", "format", "sha256", "options_sha256")
        + ("accepted_count", "rejected_count", "created_at"),
    ),
    "agreement_is_sealed": (
        "distribution_agreement",
        f"OLD.id {_AGREEMENT}",
        ("id", "promoter_id", "installation_id", "proposal_id", "state", "mode", "file_year")
        + ("created_at", "published_at", "closed_at"),
    ),
    "applied_change_is_kept_on_update": (
        "applied_change",
        _ANY,
        ("id", "promoter_id", "installation_id", "supply_point_id", "agreement_id", "act")
        + ("valid_from", "valid_until", "recorded_at"),
    ),
}
"""What may be blanked, and which columns stay even then."""

_INVOICE = (
    ("id", "promoter_id", "series_id", "number", "full_number", "run_id", "issuer_id", "member_id")
    + ("supply_point_id", "kind", "issued_on", "issued_at", "period_start", "period_end", "due_on")
    + ("net_cents", "tax_cents", "total_cents", "rectifies_id", "rectification")
    + ("rectified_because", "facts")
)
"""All of an invoice but its parties, of which the recipient's e-mail address may go."""


def upgrade() -> None:
    """Create the table, and let its rows open the seals."""
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), primary_key=True),
        tenant(),
        reference("member_id", "member", unique=True),
        sa.Column("account_id", sa.Uuid()),
        instant("begun_at"),
        instant("erased_at", nullable=True),
        instant("cleared_at", nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.CheckConstraint("cleared_at IS NULL OR erased_at IS NOT NULL", name="rows_before_files"),
    )
    _seal_erasures()
    seal_owner("erasure", {"promoter_id": {"member_id": "member"}})
    keep_owner("erasure")
    hold_apart("erasure")
    for name, (table, whose) in _GOING.items():
        let_erase(name, table, whose)
    for name, (table, whose, kept) in _CHANGING.items():
        let_erase(name, table, whose, kept)
    let_erase("invoice_is_kept_on_update", "invoice", _MEMBER, _INVOICE, "parties.recipient.email")


def downgrade() -> None:
    """Close the seals again, and forget who was erased."""
    stop_erasing("invoice_is_kept_on_update", "invoice")
    for name, changing in _CHANGING.items():
        stop_erasing(name, changing[0])
    for name, going in _GOING.items():
        stop_erasing(name, going[0])
    let_mingle("erasure")
    unseal("erasure")
    op.drop_table("erasure")


def _seal_erasures() -> None:
    """Let an erasure end the erasing of rows once, then that of files once, and stay."""
    kept = " OR ".join(
        f"NEW.{column} IS DISTINCT FROM OLD.{column}"
        for column in ("id", "promoter_id", "member_id", "account_id", "begun_at")
    )
    refuse(
        "erasure_only_goes_on",
        "UPDATE ON erasure",
        f"{kept} OR OLD.cleared_at IS NOT NULL OR NEW.erased_at IS NULL"
        " OR (OLD.erased_at IS NOT NULL AND NEW.erased_at <> OLD.erased_at)",
        "an erasure only goes on: first the rows, then the files",
    )
    refuse("erasure_is_kept", "DELETE ON erasure", "TRUE", "an erasure is kept")
    refuse_truncation("erasure")
