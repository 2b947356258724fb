"""Let no sealed table be emptied at a stroke, and let a job tell which upload it reads."""

import sqlalchemy as sa
from alembic import op

from models.migrations.seals import permit_truncation, refuse_truncation

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEALED = (
    "reading",
    "price",
    "file_import",
    "distribution_agreement",
    "distribution_coefficient",
    "hourly_coefficients",
    "applied_change",
    "generated_file",
    "month_allocation",
    "allocated_energy",
)
_HAS_UPLOAD = sa.text("upload_id IS NOT NULL")


def upgrade() -> None:
    for table in _SEALED:
        refuse_truncation(table)
    op.add_column("job_run", sa.Column("upload_id", sa.Uuid()))
    _name_uploads()
    op.create_index(
        "ix_job_run_upload",
        "job_run",
        ["upload_id"],
        sqlite_where=_HAS_UPLOAD,
        postgresql_where=_HAS_UPLOAD,
    )


def downgrade() -> None:
    op.drop_index("ix_job_run_upload", "job_run")
    op.drop_column("job_run", "upload_id")
    for table in _SEALED:
        permit_truncation(table)


def _name_uploads() -> None:
    """Take the uploads of jobs that are there from what they were asked for with."""
    job_run = sa.table(
        "job_run", sa.column("arguments", sa.JSON()), sa.column("upload_id", sa.Uuid())
    )
    named = job_run.c.arguments["upload_id"].as_string()
    upload_id = sa.cast(sa.func.replace(named, "-", ""), sa.Uuid())
    op.execute(sa.update(job_run).where(named.is_not(None)).values(upload_id=upload_id))
