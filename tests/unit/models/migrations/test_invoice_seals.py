"""What the database refuses of invoices, whoever asks: gaps, changes, days billed twice."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.support.databases import acting_for_all, on_postgres
from tests.support.stored_once import stored_once
from tests.support.table_rows import IDS, NOW, ROWS

OTHER = "00000000000040008000000000000000"
APPENDED = (
    "plan_term",
    "billing_run",
    "invoice",
    "invoice_line",
    "invoice_tax",
    "billed_energy",
    "fiscal_record",
    "invoice_file",
    "mandate_account",
    "debit_run",
    "debit",
    "debit_status",
)


def run(engine: Engine, statement: str, **values: object) -> int:
    with acting_for_all(engine) as connection:
        return connection.execute(text(statement), values).rowcount


def insert(engine: Engine, table: str, **changed: object) -> None:
    row = ROWS[table] | changed
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    run(engine, f"INSERT INTO {table} ({columns}) VALUES ({values})", **row)


@stored_once
def filled(engine: Engine) -> Engine:
    """Hold one row of every table."""
    for table in ROWS:
        insert(engine, table)
    run(engine, "UPDATE invoice_series SET last_number = 1")
    return engine


def add_invoice(engine: Engine, number: int, **changed: object) -> str:
    key = uuid4().hex
    insert(engine, "invoice", id=key, number=number, **changed)
    return key


@pytest.mark.parametrize("table", APPENDED)
@pytest.mark.parametrize("change", ["UPDATE {} SET promoter_id = promoter_id", "DELETE FROM {}"])
def test_what_was_issued_is_only_appended(filled: Engine, table, change):
    with pytest.raises(IntegrityError, match="never changed: append a version"):
        run(filled, change.format(table))


@on_postgres
@pytest.mark.parametrize("table", [*APPENDED, "billed_period", "mandate"])
def test_what_was_issued_is_not_emptied_at_a_stroke(filled: Engine, table):
    with pytest.raises(IntegrityError, match=f"{table} is kept: it cannot be emptied"):
        run(filled, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("number", [3, 7])
def test_numbers_leave_no_gap(filled: Engine, number):
    with pytest.raises(IntegrityError, match="after the last one of its series"):
        add_invoice(filled, number)


def test_numbers_follow_within_one_statement(filled: Engine):
    columns = ", ".join(column for column in ROWS["invoice"] if column not in ("id", "number"))
    keys = {"a": uuid4().hex, "b": uuid4().hex}
    chosen = "SELECT {id}, {number}, " + columns + " FROM invoice WHERE number = 1"
    two = " UNION ALL ".join(
        chosen.format(id=f"CAST('{key}' AS {kind})", number=number)
        for (key, number) in zip(keys.values(), (2, 3), strict=True)
        for kind in ["uuid" if "postgres" in filled.dialect.name else "char(32)"]
    )
    assert run(filled, f"INSERT INTO invoice (id, number, {columns}) {two}") == 2


@pytest.mark.parametrize("last", [0, 2])
def test_a_series_counts_its_invoices(filled: Engine, last):
    with pytest.raises(IntegrityError, match="is that of its newest invoice"):
        run(filled, "UPDATE invoice_series SET last_number = :last", last=last)
    add_invoice(filled, 2)
    assert run(filled, "UPDATE invoice_series SET last_number = 2") == 1


@pytest.mark.parametrize(
    "change",
    [
        "code = 'other'",
        "is_rectifying = TRUE",
        f"id = '{OTHER}'",
        f"issuer_id = '{OTHER}'",
        f"promoter_id = '{OTHER}'",
    ],
)
def test_a_series_changes_nothing_else(filled: Engine, change):
    with pytest.raises(IntegrityError, match=r"nothing but counts|newest invoice|one promoter"):
        run(filled, f"UPDATE invoice_series SET {change}")


def test_a_series_begins_with_no_number_and_is_kept(filled: Engine):
    with pytest.raises(IntegrityError, match="no number before its first invoice"):
        insert(filled, "invoice_series", id=uuid4().hex, code="x", last_number=1)
    with pytest.raises(IntegrityError, match="a series is kept"):
        run(filled, "DELETE FROM invoice_series")


def test_rectifying_invoices_have_series_of_their_own(filled: Engine):
    series = uuid4().hex
    insert(filled, "invoice_series", id=series, code="R", is_rectifying=True)
    rectifying = {
        "kind": "R4",
        "rectifies_id": IDS["invoice"],
        "rectification": "difference",
        "rectified_because": "x",
    }
    with pytest.raises(IntegrityError, match="series of their own"):
        add_invoice(filled, 2, **rectifying)
    with pytest.raises(IntegrityError, match="series of their own"):
        add_invoice(filled, 1, series_id=series)
    add_invoice(filled, 1, series_id=series, **rectifying)


@pytest.mark.parametrize(
    ("position", "previous", "is_sound"),
    [(2, "0" * 64, True), (2, "1" * 64, False), (3, "0" * 64, False)],
)
def test_a_record_follows_its_chain(filled: Engine, position, previous, is_sound):
    record = {
        "id": uuid4().hex,
        "invoice_id": add_invoice(filled, 2),
        "position": position,
        "previous_sha256": previous,
        "sha256": "A" * 64,
    }
    if is_sound:
        insert(filled, "fiscal_record", **record)
        return
    with pytest.raises(IntegrityError, match="the one before it in its chain"):
        insert(filled, "fiscal_record", **record)


@pytest.mark.parametrize(
    ("table", "another"),
    [
        ("invoice_line", {"position": 1}),
        ("invoice_tax", {"tax_percent": "10"}),
        ("billed_period", {"valid_from": "2024-05-01", "valid_until": "2024-06-01"}),
        ("billed_energy", {"surplus_wh": 1}),
    ],
)
def test_an_invoice_gets_no_parts_after_its_record(filled: Engine, table, another):
    with pytest.raises(IntegrityError, match="registered gets no more parts"):
        insert(filled, table, **another)
    insert(filled, table, invoice_id=add_invoice(filled, 2), **another)


@pytest.mark.parametrize(
    ("since", "until", "is_apart"),
    [
        ("2024-04-30", "2024-06-01", False),
        ("2024-03-01", "2024-04-02", False),
        ("2024-03-01", "2024-04-01", True),
        ("2024-05-01", "2024-06-01", True),
    ],
)
def test_no_day_is_billed_twice(filled: Engine, since, until, is_apart):
    second = {"invoice_id": add_invoice(filled, 2), "valid_from": since, "valid_until": until}
    if is_apart:
        insert(filled, "billed_period", **second)
        return
    with pytest.raises(IntegrityError, match=r"share a day|periods_apart"):
        insert(filled, "billed_period", **second)


def test_days_that_were_released_are_billed_again(filled: Engine):
    assert run(filled, "UPDATE billed_period SET released_at = :now", now=NOW) == 1
    insert(filled, "billed_period", invoice_id=add_invoice(filled, 2))
    with pytest.raises(IntegrityError, match="only be released, once"):
        run(filled, "UPDATE billed_period SET released_at = :now", now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        "valid_until = '2024-06-01'",
        "released_at = NULL",
        f"supply_point_id = '{OTHER}'",
    ],
)
def test_days_billed_change_in_no_other_way(filled: Engine, change):
    with pytest.raises(IntegrityError, match=r"only be released, once|of one promoter"):
        run(filled, f"UPDATE billed_period SET {change}")
    with pytest.raises(IntegrityError, match="days billed are kept"):
        run(filled, "DELETE FROM billed_period")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mandate SET reference = 'other'",
        "UPDATE mandate SET signed_on = '2024-02-01'",
        "DELETE FROM mandate",
    ],
)
def test_a_mandate_changes_nothing_but_its_end(filled: Engine, change):
    with pytest.raises(IntegrityError, match=r"nothing but its end|mandate is kept"):
        run(filled, change)


def test_a_mandate_ends_once(filled: Engine):
    end = "UPDATE mandate SET ended_on = :day, ended_because = 'revoked'"
    assert run(filled, end, day="2024-05-01") == 1
    with pytest.raises(IntegrityError, match="nothing but its end, once"):
        run(filled, end, day="2024-06-01")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE agency_submission SET content = answer", "is kept as it was sent"),
        ("UPDATE agency_submission SET state = 'sending'", "answered once"),
        ("DELETE FROM agency_submission", "is kept"),
        ("UPDATE agency_answer SET status = 'refused'", "is never changed"),
        ("DELETE FROM agency_answer", "is never changed"),
    ],
)
def test_what_the_agency_heard_and_said_is_kept(filled: Engine, change, reason):
    with pytest.raises(IntegrityError, match=reason):
        run(filled, change)
