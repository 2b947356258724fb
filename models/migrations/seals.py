"""Triggers that seal rows; a migration that rebuilds a sealed table calls them again.

Each is described once, in the SQL that SQLite and PostgreSQL share.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import text


def seal_agreements() -> None:
    """Let an agreement only go from draft to published to superseded, and keep it."""
    refuse(
        "agreement_begins_as_draft",
        "INSERT ON distribution_agreement",
        "NEW.state <> 'draft'",
        "an agreement begins as a draft",
    )
    refuse(
        "agreement_draft_is_published",
        "UPDATE ON distribution_agreement",
        "OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'published')",
        "a draft agreement can only be published",
    )
    refuse(
        "agreement_sums_to_one",
        "UPDATE ON distribution_agreement",
        "OLD.state = 'draft' AND NEW.state = 'published' AND 1000000 <> coalesce("
        "(SELECT sum(millionths) FROM distribution_coefficient WHERE agreement_id = OLD.id), 0)",
        "the coefficients of an agreement must sum to one before it is published",
    )
    refuse(
        "agreement_is_sealed",
        "UPDATE ON distribution_agreement",
        f"OLD.state <> 'draft' AND NOT ({_is_only_superseded()})",
        "a published agreement is sealed and can only be superseded",
    )
    refuse(
        "agreement_is_kept",
        "DELETE ON distribution_agreement",
        "OLD.state <> 'draft'",
        "a published agreement is kept",
    )


def _is_only_superseded() -> str:
    """Say that a published agreement becomes a superseded one, and nothing else of it changes."""
    columns = (
        "id",
        "promoter_id",
        "installation_id",
        "proposal_id",
        "file_year",
        "created_at",
        "published_at",
    )
    unchanged = " AND ".join(f"NEW.{each} IS NOT DISTINCT FROM OLD.{each}" for each in columns)
    return f"OLD.state = 'published' AND NEW.state = 'superseded' AND {unchanged}"


def seal_coefficients(table: str) -> None:
    """Let the coefficients in a table change only while their agreement is a draft."""
    state = "SELECT state FROM distribution_agreement WHERE id ="
    for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
        refuse(
            f"{table}_is_sealed_on_{event.lower()}",
            f"{event} ON {table}",
            " OR ".join(f"'draft' <> ({state} {row}.agreement_id{held()})" for row in rows),
            "the coefficients of a published agreement are sealed",
        )


def append_only(table: str) -> None:
    """Let rows of a table come, never change or go."""
    for event in ("UPDATE", "DELETE"):
        refuse(
            f"{table}_is_kept_on_{event.lower()}",
            f"{event} ON {table}",
            "TRUE",
            f"a {table} is never changed: append a version",
        )


def append_only_but(
    sealed: str,
    table: str,
    kept: Sequence[str],
    documents: Sequence[str] = (),
    refused: str = "FALSE",
) -> None:
    """Let rows of a table come, never go, and nothing change but one column: under which key.

    PostgreSQL compares columns of JSON as texts only.
    """
    terms = [refused, f"NEW.{sealed} = OLD.{sealed}"]
    terms += [f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in kept]
    terms += [f"CAST(NEW.{each} AS text) <> CAST(OLD.{each} AS text)" for each in documents]
    changed = " OR ".join(terms)
    reason = f"a {table} is never changed: append a version"
    refuse(f"{table}_is_kept_on_update", f"UPDATE ON {table}", changed, reason)
    refuse(f"{table}_is_kept_on_delete", f"DELETE ON {table}", "TRUE", reason)


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """Let a migration rewrite rows that are sealed, and seal them again as they were.

    SQLite lays a table down again only while no trigger of any table names it.
    """
    connection = op.get_bind()
    if _on_postgres():
        for table in tables:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
    ).all()
    for name, _ in found:
        op.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def refuse_truncation(table: str) -> None:
    """Let a table not be emptied at a stroke, which asks none of the triggers of its rows.

    SQLite has no such statement.
    """
    if not _on_postgres():
        return
    name = _on_truncation(table)
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
        f"MESSAGE = '{table} is kept: it cannot be emptied'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def permit_truncation(table: str) -> None:
    """Take back what ``refuse_truncation`` did, and nothing else."""
    if _on_postgres():
        op.execute(f"DROP FUNCTION {_on_truncation(table)}() CASCADE")


def refuse(name: str, event: str, condition: str, reason: str) -> None:
    """Refuse a change of a row; the name says what holds, the reason what to do.

    The condition may name NEW and OLD and hold subqueries; unknown (NULL) lets the change pass.
    """
    if not _on_postgres():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN "
        f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{reason}'; "
        "END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW EXECUTE FUNCTION {name}()")


def stop_refusing(name: str) -> None:
    """Take back one thing that ``refuse`` refused."""
    if _on_postgres():
        op.execute(f"DROP FUNCTION {name}() CASCADE")
    else:
        op.execute(f"DROP TRIGGER {name}")


def keep_supply_periods_apart(table: str, condition: str = "") -> None:
    """Let no two periods of one supply point share a day, of those rows that count."""
    if _on_postgres():
        where = f" WHERE ({condition})" if condition else ""
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ex_{table}_periods_apart EXCLUDE USING gist"
            f" (supply_point_id WITH =, daterange(valid_from, valid_until) WITH &&){where}"
        )
        return
    counts = f" AND other.{condition} AND NEW.{condition}" if condition else ""
    shared = (
        "other.supply_point_id = NEW.supply_point_id"
        " AND other.valid_from < coalesce(NEW.valid_until, '9999-12-31')"
        f" AND coalesce(other.valid_until, '9999-12-31') > NEW.valid_from{counts}"
    )
    for event, itself in (("INSERT", ""), ("UPDATE", " AND other.rowid <> OLD.rowid")):
        refuse(
            f"{table}_periods_apart_on_{event.lower()}",
            f"{event} ON {table}",
            f"EXISTS (SELECT 1 FROM {table} AS other WHERE {shared}{itself})",  # noqa: S608  our words
            f"two periods of {table} share a day",
        )


def held() -> str:
    """End a subquery whose row nobody may change before the transaction has ended.

    SQLite has one writer at a time; on PostgreSQL a coefficient could slip into an agreement that
    another transaction publishes.
    """
    return " FOR SHARE" if _on_postgres() else ""


def unseal(table: str) -> None:
    """Drop every trigger of a table: to seal it in another way, or before it goes."""
    connection = op.get_bind()
    if _on_postgres():
        sealed = text(
            "SELECT CAST(CAST(tgfoid AS regproc) AS text) FROM pg_trigger"
            " WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
        )
        for function in connection.scalars(sealed, {"table": table}).all():
            op.execute(f"DROP FUNCTION {function}() CASCADE")
        return
    sealed = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    for trigger in connection.scalars(sealed, {"table": table}).all():
        op.execute(f"DROP TRIGGER {trigger}")


def _on_truncation(table: str) -> str:
    return f"{table}_is_kept_on_truncate"


def _on_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"
