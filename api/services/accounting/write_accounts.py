"""Write accounts: a workbook and tables into a folder, or all of it into one archive."""

from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from loaders.account_csv import write_account_csv
from loaders.account_tables import Accounts
from loaders.account_workbook import write_account_workbook
from loaders.atomic_files import make_folder, replace_file
from loaders.table_csv import CsvDialect
from models.values.language import Language

_WORKBOOK = "accounts.xlsx"


def write_account_folder(
    accounts: Accounts,
    folder: Path,
    *,
    language: Language,
    dialect: CsvDialect | None,
    now: datetime,
) -> list[Path]:
    """Write accounts into a folder.

    Parameters
    ----------
    accounts : Accounts
        What is written.
    folder : Path
        Where; it is made if need be, and files of the same names are replaced.
    language : Language
        Of what people read.
    dialect : CsvDialect or None
        Of the tables beside the workbook; None for none.
    now : datetime
        The present instant.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UnwritableFileError
        If the operating system refuses.
    TooManyRowsError
        If a table does not fit on a sheet.
    """
    make_folder(folder)
    written = [folder / _WORKBOOK]
    with replace_file(written[0]) as file:
        write_account_workbook(file, accounts, language=language, created_at=now)
    if dialect is None:
        return written
    for table in (*accounts.tables, *accounts.summaries):
        written.append(folder / f"{table.name}.csv")
        with replace_file(written[-1]) as file:
            write_account_csv(file, table, dialect=dialect, language=language)
    return written


def write_account_archive(
    accounts: Accounts,
    target: IO[bytes],
    *,
    language: Language,
    dialect: CsvDialect,
    now: datetime,
) -> None:
    """Write accounts into a ZIP file: the workbook, and every table as CSV.

    Parameters
    ----------
    accounts : Accounts
        What is written.
    target : binary file
        Where it goes.
    language : Language
        Of what people read.
    dialect : CsvDialect
        Of the tables.
    now : datetime
        The present instant, which the files bear.

    Raises
    ------
    TooManyRowsError
        If a table does not fit on a sheet.
    """
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        with TemporaryFile() as whole, archive.open(_head(_WORKBOOK, now), "w") as file:
            # Written straight into an archive it would lack the sizes that some programs look for.
            write_account_workbook(whole, accounts, language=language, created_at=now)
            whole.seek(0)
            copyfileobj(whole, file)
        for table in (*accounts.tables, *accounts.summaries):
            with archive.open(_head(f"{table.name}.csv", now), "w") as file:
                write_account_csv(file, table, dialect=dialect, language=language)


def _head(name: str, now: datetime) -> ZipInfo:
    head = ZipInfo(name, now.timetuple()[:6])
    head.compress_type = ZIP_DEFLATED
    return head
