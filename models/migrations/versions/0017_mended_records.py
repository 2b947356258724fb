"""Let a record be mended, keep an invoice that has one whole, and know which pages tell its end."""

import sqlalchemy as sa
from alembic import op

from models.migrations.invoice_seals import seal_chain, seal_parts, unseal_parts
from models.migrations.seals import append_only, refuse_truncation, unseal

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_CHECK = "counted_attempt"
_CANCELLED_BEFORE = """UPDATE invoice_file SET tells_cancellation = TRUE
    WHERE kind = 'pdf' AND EXISTS (SELECT 1 FROM fiscal_record
    WHERE invoice_id = invoice_file.invoice_id AND fiscal_record.kind = 'cancellation' AND {})"""
_INSTANTS = {
    "sqlite": "julianday(generated_at) <= julianday(created_at)",
    "postgresql": "CAST(generated_at AS timestamptz) <= created_at",
}
_ONE_OF_A_KIND = "uq_fiscal_record_invoice_id_kind"
_ONE_AN_ATTEMPT = "uq_fiscal_record_invoice_id_kind_attempt"


def upgrade() -> None:
    """Count the attempts of a record, refuse parts that come after it, and mark the pages."""
    unseal("fiscal_record")
    with op.batch_alter_table("fiscal_record") as batch:
        batch.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
        batch.create_check_constraint(_CHECK, "attempt >= 1")
        batch.drop_constraint(_ONE_OF_A_KIND, type_="unique")
        batch.create_unique_constraint(_ONE_AN_ATTEMPT, ["invoice_id", "kind", "attempt"])
    _keep("fiscal_record")
    seal_chain()
    seal_parts()
    unseal("invoice_file")
    op.add_column(
        "invoice_file",
        sa.Column("tells_cancellation", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute(_CANCELLED_BEFORE.format(_INSTANTS[op.get_context().dialect.name]))
    _keep("invoice_file")


def downgrade() -> None:
    """Go back, as far as no record was mended."""
    unseal("invoice_file")
    op.drop_column("invoice_file", "tells_cancellation")
    _keep("invoice_file")
    unseal_parts()
    unseal("fiscal_record")
    with op.batch_alter_table("fiscal_record") as batch:
        batch.drop_constraint(_ONE_AN_ATTEMPT, type_="unique")
        batch.create_unique_constraint(_ONE_OF_A_KIND, ["invoice_id", "kind"])
        batch.drop_constraint(_CHECK, type_="check")
        batch.drop_column("attempt")
    _keep("fiscal_record")
    seal_chain()


def _keep(table: str) -> None:
    append_only(table)
    refuse_truncation(table)
