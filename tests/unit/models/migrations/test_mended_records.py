"""What a database knows of pages that were made before it asked what they tell."""

from uuid import uuid4

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


PAGES = {
    "before": ("pdf", "es", "2024-05-02 07:29:59.999999+00:00"),
    "with it": ("pdf", "ca", "2024-05-02 07:30:00.000000+00:00"),
    "no page": ("facturae", "es", "2024-05-03 07:30:00.000000+00:00"),
}
"""Documents of one invoice: what kind, in which language, and when."""


def test_pages_made_after_a_cancellation_tell_of_it(empty_url: str, empty_engine: Engine):
    with acting_for_all(empty_engine) as connection:
        command.upgrade(migration_config(connection), "0016")
        for table in HELD:
            insert(connection, table)
        insert(connection, "invoice", run_id=None)
        insert(connection, "fiscal_record", **CANCELLATION)
        for name, (kind, language, created_at) in PAGES.items():
            page = {"id": uuid4().hex, "kind": kind, "language": language, "file_name": name}
            insert(connection, "invoice_file", **page, created_at=created_at)
    upgrade_database(empty_url, KEYRING)
    with acting_for_all(empty_engine) as connection:
        rows = connection.execute(text("SELECT file_name, tells_cancellation FROM invoice_file"))
        told = {name: bool(tells) for name, tells in rows}
    assert told == {"before": False, "with it": True, "no page": False}
