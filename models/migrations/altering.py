"""Tables altered in place where the database can, and laid down again where it cannot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations


@contextmanager
def altering(
    table: str, checks: Mapping[str, str], new_checks: Mapping[str, str] | None = None
) -> Iterator[BatchOperations]:
    """Alter a table and put some of its checks anew."""
    with op.batch_alter_table(table) as batch:
        for name in checks:
            batch.drop_constraint(name, type_="check")
        yield batch
        for name, sql in {**checks, **(new_checks or {})}.items():
            batch.create_check_constraint(name, sql)
