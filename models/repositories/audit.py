"""The audit trail: one chain of entries a promoter, and one of the installation's own."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, insert, inspect, literal, tuple_
from sqlmodel import Session, col, select

from models.repositories.by_key import map_by_key
from models.repositories.page import Page, PageRequest
from models.tables.audit import AuditEntry
from models.values.audit import AuditOutcome

_ROWS_AT_ONCE = 1000
# The bare table: how far a caller reaches must not hide the head of the chain from its own entry.
_TABLE: Any = inspect(AuditEntry).local_table
_COLUMNS = tuple(_TABLE.c.keys())
_ADD = insert(_TABLE)
_HEADS = select(_TABLE.c.position, _TABLE.c.hash).order_by(_TABLE.c.position.desc()).limit(1)
_HEAD_OF_PROMOTER = _HEADS.where(_TABLE.c.promoter_id == bindparam("owner"))
_HEAD_OF_INSTALLATION = _HEADS.where(_TABLE.c.promoter_id.is_(None))


class ChainHead(NamedTuple):
    """The newest entry of a chain."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; every condition that is not None holds for all of them."""

    since: datetime | None = None
    until: datetime | None = None
    """Before this instant."""
    action: str | None = None
    account_id: UUID | None = None
    token_id: UUID | None = None
    outcome: AuditOutcome | None = None


def hold_chain(session: Session, *, promoter_id: UUID | None) -> ChainHead | None:
    """Read the head of a chain to which nobody else adds before this transaction has ended.

    It is to be asked for last: whoever comes second waits here until the first has committed. On
    SQLite nobody writes beside it anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(f"audit trail of {promoter_id}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
    return find_head(session, promoter_id=promoter_id)


def find_head(session: Session, *, promoter_id: UUID | None) -> ChainHead | None:
    """Read the head of a chain; None before its first entry."""
    rows = _HEAD_OF_INSTALLATION if promoter_id is None else _HEAD_OF_PROMOTER
    found = session.connection().execute(rows, {"owner": promoter_id}).one_or_none()
    return None if found is None else ChainHead(*found)


def add_entries(session: Session, *, entries: Collection[AuditEntry]) -> None:
    """Add finished entries, in the order of their places."""
    rows = [{name: getattr(entry, name) for name in _COLUMNS} for entry in entries]
    session.connection().execute(_ADD, rows)


def walk_entries(session: Session, *, promoter_id: UUID | None) -> Iterator[AuditEntry]:
    """Read a chain from its beginning, some entries at a time."""
    rows = select(AuditEntry).where(_is_of(promoter_id)).order_by(col(AuditEntry.position))
    for entry in session.exec(rows.execution_options(yield_per=_ROWS_AT_ONCE)):
        session.expunge(entry)
        yield entry


def page_entries(
    session: Session, *, promoter_id: UUID | None, wanted: AuditFilter, request: PageRequest
) -> Page[AuditEntry]:
    """Read a page of a chain, newest first."""
    by: tuple[Any, ...] = (AuditEntry.position, AuditEntry.id)
    rows = select(AuditEntry).where(_is_of(promoter_id), *_list_conditions(wanted))
    if request.after is not None:
        values = zip(request.after, by, strict=True)
        key = tuple_(*(literal(value, column.type) for value, column in values))
        rows = rows.where(tuple_(*by) < key)
    newest_first = (each.desc() for each in by)
    found = list(session.exec(rows.order_by(*newest_first).limit(request.first + 1)))
    items = tuple(found[: request.first])
    return Page(
        items,
        keys=tuple((entry.position, entry.id) for entry in items),
        has_next=len(found) > request.first,
    )


def count_entries(session: Session, *, promoter_id: UUID | None, wanted: AuditFilter) -> int:
    """Count entries of a chain."""
    rows = select(func.count()).select_from(AuditEntry)
    return session.exec(rows.where(_is_of(promoter_id), *_list_conditions(wanted))).one()


def map_entries(
    session: Session, *, promoter_id: UUID, entry_ids: Collection[UUID]
) -> dict[UUID, AuditEntry]:
    """Read entries by id."""
    return map_by_key(session, AuditEntry, entry_ids, promoter_id=promoter_id)


def _is_of(promoter_id: UUID | None) -> ColumnElement[bool]:
    owner: ColumnElement[bool] = _TABLE.c.promoter_id
    return owner.is_(None) if promoter_id is None else owner == promoter_id


def _list_conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield col(AuditEntry.at) >= wanted.since
    if wanted.until is not None:
        yield col(AuditEntry.at) < wanted.until
    equal = {
        "action": wanted.action,
        "account_id": wanted.account_id,
        "token_id": wanted.token_id,
        "outcome": wanted.outcome,
    }
    for name, value in equal.items():
        if value is not None:
            yield getattr(AuditEntry, name) == value
