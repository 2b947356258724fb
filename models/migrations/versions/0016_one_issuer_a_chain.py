"""Let a NIF issue for one promoter of an installation, because it has one chain of records."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INDEX = "ix_invoice_issuer_chain"


def upgrade() -> None:
    """Make the NIF unique among all promoters."""
    op.create_index(_INDEX, "invoice_issuer", ["tax_number"], unique=True)


def downgrade() -> None:
    """Let it be another promoter's again."""
    op.drop_index(_INDEX, "invoice_issuer")
