"""Write exported data in the form that is wanted: one file, or an archive of several tables."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlmodel import Session

from api.services.exports.economy_table import list_economy_table
from api.services.exports.energy_tables import list_energy_table, list_environment_table
from api.services.exports.export_wish import ExportFormat, ExportSubject, ExportWish
from api.services.exports.list_tables import list_invoice_tables, list_member_table
from loaders.account_csv import write_account_csv
from loaders.account_tables import AccountTable
from loaders.account_texts import account_texts_in
from loaders.account_workbook import write_table_workbook
from loaders.table_csv import CsvDialect
from loaders.table_json import write_table_json
from loaders.table_parquet import write_table_parquet
from models.repositories.members import map_members_by_code
from models.tables import Community

_NAMED_AT_MOST = 3
_BY_TABLE = (ExportFormat.CSV, ExportFormat.CSV_EXCEL_ES, ExportFormat.PARQUET)
"""Forms of which a file holds one table."""

_SERIES = {
    ExportSubject.ENERGY: list_energy_table,
    ExportSubject.ECONOMY: list_economy_table,
    ExportSubject.ENVIRONMENT: list_environment_table,
}


def name_export(wish: ExportWish) -> str:
    """Name the file of an export by its subject and its first and last day.

    Parameters
    ----------
    wish : ExportWish
        What is exported.

    Returns
    -------
    str
        Such as ``energy_2026-01-01_2026-12-31.csv``, or ``energy_per_member_…``; ``.zip`` where a
        form holds one table and there are two.
    """
    last = wish.until - timedelta(days=1)
    has_two = wish.subject is ExportSubject.INVOICES and wish.is_per_member
    is_archive = has_two and wish.file_format in _BY_TABLE
    suffix = "zip" if is_archive else wish.file_format.suffix
    subject = f"{wish.subject.value}_per_member" if wish.is_per_member else wish.subject.value
    return f"{subject}_{wish.days.start}_{last}.{suffix}"


def write_export(
    session: Session,
    file: IO[bytes],
    wish: ExportWish,
    communities: Sequence[Community],
    *,
    now: datetime,
) -> None:
    """Write exported data.

    Parameters
    ----------
    session : Session
        Open transaction.
    file : binary file
        Where the bytes go.
    wish : ExportWish
        What is wanted.
    communities : sequence of Community
        Whose.
    now : datetime
        The present instant, which workbooks and archives bear.

    Raises
    ------
    TooManyRowsError
        If a table does not fit on a sheet.
    FinerThanMeteredError
        If quarters of an hour are wanted of meters that count by the hour.
    UnknownFigureError
        If no emission factor is known for a day.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    tables = _list_tables(session, wish, communities)
    language, title = wish.language, _name_contents(wish, communities)
    note = account_texts_in(language).exports[wish.subject.value]
    if wish.file_format is ExportFormat.XLSX:
        write_table_workbook(
            file, tables, title=title, note=note, language=language, created_at=now
        )
    elif wish.file_format is ExportFormat.JSON:
        write_table_json(file, tables, title=title, note=note, language=language)
    elif len(tables) == 1:
        _write_table(file, tables[0], wish)
    else:
        _write_archive(file, tables, wish, now)


def _list_tables(
    session: Session, wish: ExportWish, communities: Sequence[Community]
) -> list[AccountTable]:
    if wish.subject is ExportSubject.INVOICES:
        return list_invoice_tables(session, wish, communities)
    if wish.subject is ExportSubject.MEMBERS:
        return [list_member_table(session, wish, communities)]
    codes = {
        member.id: code
        for community in communities
        for code, member in map_members_by_code(
            session, promoter_id=community.promoter_id, community_id=community.id
        ).items()
    }
    return [_SERIES[wish.subject](session, wish, communities, codes)]


def _name_contents(wish: ExportWish, communities: Sequence[Community]) -> str:
    subject = account_texts_in(wish.language).tables[wish.subject.value]
    whose = ", ".join(community.name for community in communities[:_NAMED_AT_MOST])
    more = " …" if len(communities) > _NAMED_AT_MOST else ""
    return f"{subject} · {whose[:80]}{more} · {wish.days.start} - {wish.until - timedelta(days=1)}"


def _write_table(file: IO[bytes], table: AccountTable, wish: ExportWish) -> None:
    if wish.file_format is ExportFormat.PARQUET:
        write_table_parquet(file, table, language=wish.language)
        return
    for_excel = wish.file_format is ExportFormat.CSV_EXCEL_ES
    dialect = CsvDialect.EXCEL_ES if for_excel else CsvDialect.PLAIN
    write_account_csv(file, table, dialect=dialect, language=wish.language)


def _write_archive(
    file: IO[bytes], tables: Sequence[AccountTable], wish: ExportWish, now: datetime
) -> None:
    """Write each table as a file of its own into a ZIP."""
    is_packed = wish.file_format is ExportFormat.PARQUET
    with ZipFile(file, "w") as archive:
        for table in tables:
            head = ZipInfo(f"{table.name}.{wish.file_format.suffix}", now.timetuple()[:6])
            head.compress_type = ZIP_STORED if is_packed else ZIP_DEFLATED
            with archive.open(head, "w") as part:
                _write_table(part, table, wish)
