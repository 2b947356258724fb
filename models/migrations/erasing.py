"""The one way through the seals: rows of a person whose erasure is underway may go.

A refusal keeps its own words; what it refused before it refuses still, but for such rows.
"""

import re

from alembic import op
from sqlalchemy import text

_DOOR = " AND NOT EXISTS (SELECT 1 FROM erasure AS asked WHERE"
_ON_SQLITE = re.compile(r" WHEN (?P<refused>.*) BEGIN SELECT RAISE", re.DOTALL)
_ON_POSTGRES = re.compile(r"BEGIN IF (?P<refused>.*) THEN RAISE EXCEPTION", re.DOTALL)


def let_erase(
    name: str, table: str, whose: str, kept: tuple[str, ...] = (), dropped: str | None = None
) -> None:
    """Let a refusal pass rows of a person who is being erased, if these columns stay as they are.

    ``whose`` says that a row OLD is of the person of the erasure ``asked``; ``dropped`` names what
    one document may lose, as ``column.key.key``.
    """
    same = "".join(f" AND {_stays(column)}" for column in kept)
    if dropped is not None:
        same += f" AND {_loses(dropped)}"
    door = (
        f"{_DOOR} asked.promoter_id = OLD.promoter_id AND asked.erased_at IS NULL"
        f" AND ({whose}){same})"
    )
    refused = _read_refused(name, table)
    _refuse_instead(name, table, refused, f"({refused}){door}")


def stop_erasing(name: str, table: str) -> None:
    """Take back what ``let_erase`` did, and nothing else."""
    refused = _read_refused(name, table)
    before = refused.partition(_DOOR)[0].removeprefix("(").removesuffix(")")
    _refuse_instead(name, table, refused, before)


def _stays(column: str) -> str:
    """Say that a column stays as it is; PostgreSQL compares documents as texts only."""
    return f"CAST(NEW.{column} AS text) IS NOT DISTINCT FROM CAST(OLD.{column} AS text)"


def _loses(path: str) -> str:
    """Say that a document is the same but for one value, which is gone."""
    column, *keys = path.split(".")
    if _on_postgres():
        place = ",".join(keys)
        old, new = (f"CAST({row}.{column} AS jsonb)" for row in ("OLD", "NEW"))
        same = f"{new} #- '{{{place}}}' = {old} #- '{{{place}}}'"
        return f"{same} AND {new} #>> '{{{place}}}' IS NULL"
    place = ".".join(["$", *keys])
    same = f"json_remove(NEW.{column}, '{place}') = json_remove(OLD.{column}, '{place}')"
    return f"{same} AND json_extract(NEW.{column}, '{place}') IS NULL"


def _read_refused(name: str, table: str) -> str:
    form = _ON_POSTGRES if _on_postgres() else _ON_SQLITE
    found = form.search(_read_source(name, table))
    if found is None:
        raise LookupError(f"{name} refuses nothing")
    return found["refused"]


def _refuse_instead(name: str, table: str, before: str, after: str) -> None:
    source = _read_source(name, table).replace(before, after, 1)
    if _on_postgres():
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${source}$$"
        )
        return
    op.execute(f"DROP TRIGGER {name}")
    op.get_bind().exec_driver_sql(source)


def _read_source(name: str, table: str) -> str:
    if _on_postgres():
        kept = text("SELECT prosrc FROM pg_proc WHERE oid = CAST(:name AS regproc)")
        return str(op.get_bind().execute(kept, {"name": name}).scalar_one())
    kept = text(
        "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
        " AND tbl_name = :table"
    )
    return str(op.get_bind().execute(kept, {"name": name, "table": table}).scalar_one())


def _on_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"
