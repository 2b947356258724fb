"""Let jobs say which community they are about, and jobs and files who asked for or sent them."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; jobs that named their community are given it."""
    op.add_column("job_run", sa.Column("community_id", sa.Uuid()))
    op.add_column("job_run", sa.Column("asked_by", sa.Uuid()))
    op.add_column("upload", sa.Column("sent_by", sa.Uuid()))
    _name_communities()
    op.create_index("ix_job_run_community_id", "job_run", ["community_id"])


def downgrade() -> None:
    """Take the columns away."""
    op.drop_index("ix_job_run_community_id", "job_run")
    op.drop_column("upload", "sent_by")
    op.drop_column("job_run", "asked_by")
    op.drop_column("job_run", "community_id")


def _name_communities() -> None:
    """Take the communities of jobs that are there from what they were asked for with."""
    job_run = sa.table(
        "job_run", sa.column("arguments", sa.JSON()), sa.column("community_id", sa.Uuid())
    )
    named = job_run.c.arguments["community_id"].as_string()
    community_id = sa.cast(sa.func.replace(named, "-", ""), sa.Uuid())
    op.execute(sa.update(job_run).where(named.is_not(None)).values(community_id=community_id))
