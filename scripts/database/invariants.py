"""What must hold in every database: asked of a backup before it is trusted."""

import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, literal_column, text
from sqlalchemy import select as select_columns
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, func, select

from api.services.audit.verify_trail import verify_trail
from api.services.jobs.progress import Progress, tell_nobody
from models.migrations.revisions import current_revision, newest_revision
from models.session import is_postgres, read_session
from models.tables import (
    AgreementState,
    AppliedCoefficient,
    DistributionAgreement,
    DistributionCoefficient,
    GeneratedFile,
    Price,
    Reading,
)
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidDataError
from scripts.database.refusals import telling_refusals

_ROWS_AT_ONCE = 500
_SHOWN = 10
_UNREADABLE = (DBAPIError, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What drivers and column types raise over a value that is none of its kind."""


class BrokenDatabaseError(InvalidDataError):
    """A database does not hold what every database must."""

    def __init__(self, findings: list[str]) -> None:
        more = len(findings) - _SHOWN
        listed = [*findings[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        self.shown = "\n".join(listed)
        super().__init__(f"the database is not sound:\n{self.shown}")
        self.findings = findings


def check_database(engine: Engine, tell: Progress = tell_nobody) -> None:
    """Look through a whole database; raise BrokenDatabaseError with all that is wrong."""
    with telling_refusals("look through the database"):
        findings = list(_look_through(engine, tell))
    if findings:
        raise BrokenDatabaseError(findings)


def _look_through(engine: Engine, tell: Progress) -> Iterator[str]:
    revision = current_revision(engine)
    if revision != newest_revision():
        yield f"it stands at revision {revision}, not {newest_revision()}"
        return
    with read_session(engine) as session:
        if not is_postgres(engine):
            unreadable = list(_check_file(session.connection()))
            yield from unreadable
            if unreadable:
                return  # the rest asks what it reads
            yield from _check_references(session.connection())
        yield from _check_readings(session)
        yield from _check_prices(session)
        yield from _check_agreements(session)
        yield from _check_applied(session)
        yield from _check_files(session)
        yield from _check_trail(session, tell)


def _check_file(connection: Connection) -> Iterator[str]:
    """Find torn pages or, where there are none, values that are not of their kind."""
    torn = _torn_pages(connection)
    yield from torn
    if torn:
        return
    for table in SQLModel.metadata.sorted_tables:
        if not _can_read(connection, select_columns(table)):
            yield from _find_unreadable(connection, table)


def _torn_pages(connection: Connection) -> list[str]:
    try:
        found = connection.scalars(text("PRAGMA integrity_check")).all()
    except DBAPIError:
        return ["file: its pages cannot be read"]
    return [f"file: {each}" for each in found if each != "ok"]


def _find_unreadable(connection: Connection, table: Table) -> Iterator[str]:
    """Name the values that cannot be read; a driver does not tell at which row it stopped."""
    rowid: ColumnElement[int] = literal_column("rowid")
    for row in connection.scalars(select_columns(rowid).select_from(table)).all():
        if _can_read(connection, select_columns(table).where(rowid == row)):
            continue
        for column in table.columns:
            if not _can_read(connection, select_columns(column).where(rowid == row)):
                yield f"{table.name}: {column.name} of row {row} cannot be read"


def _can_read(connection: Connection, query: Select[Any]) -> bool:
    try:
        for _ in connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
            pass
    except _UNREADABLE:
        return False
    return True


def _check_references(connection: Connection) -> Iterator[str]:
    """Ask SQLite for rows that refer to nothing."""
    for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"{table}: row {row} refers to a {parent} that is not there"


def _check_readings(session: Session) -> Iterator[str]:
    rows = select(Reading.id, Reading.energy_wh, Reading.quality, Reading.crc32)
    for key, energy, quality, crc32 in session.exec(rows).yield_per(_ROWS_AT_ONCE):
        if zlib.crc32(quality, zlib.crc32(energy)) != crc32:
            yield f"reading {key}: its check value differs"


def _check_prices(session: Session) -> Iterator[str]:
    rows = select(Price.id, Price.price_nano_eur_per_kwh, Price.crc32)
    for key, packed, crc32 in session.exec(rows).yield_per(_ROWS_AT_ONCE):
        if zlib.crc32(packed) != crc32:
            yield f"price {key}: its check value differs"


def _check_agreements(session: Session) -> Iterator[str]:
    """Look for agreements in force, now or once, that do not sum to one."""
    total = func.coalesce(func.sum(DistributionCoefficient.millionths), 0)
    decided = [AgreementState.PUBLISHED, AgreementState.SUPERSEDED]
    rows = (
        select(DistributionAgreement.id, total)
        .join(
            DistributionCoefficient,
            col(DistributionCoefficient.agreement_id) == DistributionAgreement.id,
            isouter=True,
        )
        .where(col(DistributionAgreement.state).in_(decided))
        .group_by(col(DistributionAgreement.id))
        .having(total != MILLIONTHS)
    )
    for key, millionths in session.exec(rows):
        yield f"agreement {key}: its coefficients sum to {millionths} millionths"


def _check_applied(session: Session) -> Iterator[str]:
    """Look for periods of one supply point in one installation that share a day."""
    rows = select(AppliedCoefficient).order_by(
        col(AppliedCoefficient.installation_id),
        col(AppliedCoefficient.supply_point_id),
        col(AppliedCoefficient.valid_from),
    )
    before: AppliedCoefficient | None = None
    for row in session.exec(rows).yield_per(_ROWS_AT_ONCE):
        if (
            before is not None
            and (before.installation_id, before.supply_point_id)
            == (row.installation_id, row.supply_point_id)
            and (before.valid_until is None or before.valid_until > row.valid_from)
        ):
            yield f"applied coefficient {row.id}: shares a day with {before.id}"
        before = row


def _check_files(session: Session) -> Iterator[str]:
    rows = select(GeneratedFile.id, GeneratedFile.content, GeneratedFile.sha256)
    for key, content, digest in session.exec(rows).yield_per(_ROWS_AT_ONCE):
        if sha256(content).hexdigest() != digest:
            yield f"generated file {key}: its digest differs"


def _check_trail(session: Session, tell: Progress) -> Iterator[str]:
    """Look for the first entry of each chain that was changed, or is missing before others."""
    for chain in verify_trail(session, tell=tell):
        if chain.fault is not None:
            owner = f"promoter {chain.promoter_id}" if chain.promoter_id else "the installation"
            yield f"audit trail of {owner}: {chain.fault}"
