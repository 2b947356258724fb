"""No row of invoices and their money refers to another promoter's, or another issuer's."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import models.tables  # noqa: F401  registers the tables
from tests.support.databases import DatabaseKind, Databases, acting_for_all, opened
from tests.support.table_rows import IDS, ROWS

OLDER = {
    "allocated_energy", "applied_change", "applied_coefficient", "candidate_suitability",
    "capacity_sharing", "class_coefficients", "coefficient_proposal", "distribution_agreement",
    "distribution_coefficient", "file_import", "filing", "generated_file", "hourly_coefficients",
    "member", "member_assignment", "membership", "month_allocation", "price", "proposal_report",
    "proposed_coefficient", "reading", "reserve_application", "self_consumption_installation",
    "simulated_year", "supply_point", "vacancy_filling",
}  # fmt: skip
"""Tables that were there before invoices: the queries alone keep their promoters apart."""

APART = {
    "billed_period": {"valid_from": "2023-01-01", "valid_until": "2023-02-01"},
    "plan_subscription": {"valid_from": "2022-01-01", "valid_until": "2022-02-01"},
}
"""Days that no other row has, of which another seal tells first."""

THEIRS = {row["id"]: uuid4().hex for row in ROWS.values() if "id" in row}
"""What the other promoter's rows are called."""

NAMED_ONCE = {
    "promoter": {"name": "Q"},
    "invoice_issuer": {"tax_number": "00000001R"},
    "job_run": {"deduplication_key": None},
    "self_consumption_installation": {"cau": "CAU9"},
    "supply_point": {"cups": "CUPS9"},
    "debit": {"end_to_end_id": "another"},
    "user_account": {"email": "another@vila.example"},
    "outbox_message": {"message_id": "<n@vila.example>"},
}


def list_references() -> list[tuple[str, str, str]]:
    """List what each table refers to, of those whose rows have a promoter."""
    return sorted(
        (name, key.parent.name, key.column.table.name)
        for name, table in SQLModel.metadata.tables.items()
        for key in table.foreign_keys
        if name not in OLDER and "promoter_id" in table.c and "promoter_id" in key.column.table.c
    )


@pytest.fixture(scope="module")
def refusing(databases: Databases, database_kind: DatabaseKind) -> Iterator[Engine]:
    """Hold one row of every table, for tests whose every row is refused."""
    server = databases.server(database_kind)
    url = server.copy(databases.migrated(database_kind))
    with opened(url) as engine:
        with acting_for_all(engine) as connection:
            for table, row in ROWS.items():
                if table != "fiscal_record" and "record_id" not in row:
                    insert(connection, table, row)
        yield engine
    server.drop(url)


def insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def insert_theirs(connection: Connection, table: str, done: set[str]) -> None:
    """Insert the other promoter's row of a table, and all that it refers to."""
    if table in done:
        return
    done.add(table)
    for key in SQLModel.metadata.tables[table].foreign_keys:
        if ROWS[table].get(key.parent.name) is not None:
            insert_theirs(connection, key.column.table.name, done)
    row = {name: THEIRS.get(value, value) for name, value in ROWS[table].items()}
    insert(connection, table, row | NAMED_ONCE.get(table, {}))


@pytest.mark.parametrize(("table", "column", "parent"), list_references())
def test_no_row_refers_to_another_promoters(refusing: Engine, table, column, parent):
    key = THEIRS[ROWS[parent]["id"]]
    row = ROWS[table] | APART.get(table, {}) | {column: key}
    with acting_for_all(refusing) as connection:
        insert_theirs(connection, parent, set())
        with pytest.raises(IntegrityError, match="are of one promoter and one issuer"):
            insert(connection, table, row)
        connection.rollback()


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("invoice", {"issuer_id": THEIRS[IDS["issuer"]]}),
        ("ledger_entry", {"issuer_id": THEIRS[IDS["issuer"]]}),
    ],
)
def test_numbers_and_entries_are_of_one_issuer(refusing: Engine, table, changed):
    another = {"id": THEIRS[IDS["issuer"]], "tax_number": "00000002W"}
    with acting_for_all(refusing) as connection:
        insert(connection, "invoice_issuer", ROWS["invoice_issuer"] | another)
        with pytest.raises(IntegrityError, match="are of one promoter and one issuer"):
            insert(connection, table, ROWS[table] | {"id": uuid4().hex} | changed)
        connection.rollback()


@pytest.mark.parametrize("table", ["member", "supply_point", "invoice_issuer", "payment_plan"])
def test_a_row_stays_its_promoters(refusing: Engine, table):
    with acting_for_all(refusing) as connection:
        insert_theirs(connection, "promoter", set())
        with pytest.raises(IntegrityError, match=r"stays with its promoter|one promoter"):
            connection.execute(
                text(f"UPDATE {table} SET promoter_id = :key"), {"key": THEIRS[IDS["promoter"]]}
            )
        connection.rollback()


@pytest.mark.parametrize("table", ["user_account", "user_session"])
def test_nobody_becomes_nobodys(refusing: Engine, table):
    with acting_for_all(refusing) as connection:
        with pytest.raises(IntegrityError, match=r"stays with its promoter|one promoter"):
            connection.execute(text(f"UPDATE {table} SET promoter_id = NULL"))
        connection.rollback()


def test_what_belongs_to_nobody_hangs_on_no_promoters_row(refusing: Engine):
    row = ROWS["user_session"] | {"id": uuid4().hex, "sha256": "1" * 64, "promoter_id": None}
    with acting_for_all(refusing) as connection:
        with pytest.raises(IntegrityError, match="are of one promoter"):
            insert(connection, "user_session", row)
        connection.rollback()
