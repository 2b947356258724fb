"""What a database knows of pages that were made before it asked what they tell."""

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from models.migrations.revisions import migration_config, upgrade_database
from tests.support.databases import acting_for_all
from tests.support.keyrings import KEYRING
from tests.support.table_rows import ROWS

HELD = ("promoter", "community", "member", "supply_point", "invoice_issuer", "invoice_series")
CANCELLATION = {
    "kind": "cancellation",
    "because": "x",
    "generated_at": "2024-05-02T09:30:00+02:00",
}


def insert(connection: Connection, table: str, **changed: object) -> None:
    row = ROWS[table] | changed
    for column in ("attempt", "tells_cancellation"):
        row.pop(column, None)
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


@pytest.mark.parametrize(
    ("kind", "created_at", "tells"),
    [
        ("pdf", "2024-05-02 07:29:59.999999+00:00", False),
        ("pdf", "2024-05-02 07:30:00.000000+00:00", True),
        ("facturae", "2024-05-03 07:30:00.000000+00:00", False),
    ],
)
def test_pages_made_after_a_cancellation_tell_of_it(
    empty_url: str, empty_engine: Engine, kind, created_at, tells
):
    with acting_for_all(empty_engine) as connection:
        command.upgrade(migration_config(connection), "0016")
        for table in HELD:
            insert(connection, table)
        insert(connection, "invoice", run_id=None)
        insert(connection, "fiscal_record", **CANCELLATION)
        insert(connection, "invoice_file", kind=kind, created_at=created_at)
    upgrade_database(empty_url, KEYRING)
    with acting_for_all(empty_engine) as connection:
        told = connection.scalars(text("SELECT tells_cancellation FROM invoice_file")).all()
    assert [bool(each) for each in told] == [tells]
