"""Any file of prices, by what it turns out to be."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.price_files.esios import read_esios_csv, read_esios_json
from loaders.price_files.omie import read_omie_day_report, read_omie_marginalpdbc
from loaders.price_files.price_table import read_price_table
from loaders.price_files.pvpc import read_pvpc_archive, read_pvpc_daily
from loaders.price_files.records import PriceFile
from loaders.price_files.redata import read_redata_json

PRICE_READERS: Mapping[FileFormat, Callable[[bytes], PriceFile]] = MappingProxyType(
    {
        FileFormat.ESIOS_JSON: read_esios_json,
        FileFormat.ESIOS_CSV: read_esios_csv,
        FileFormat.PVPC_ARCHIVE: read_pvpc_archive,
        FileFormat.PVPC_DAILY: read_pvpc_daily,
        FileFormat.REDATA_JSON: read_redata_json,
        FileFormat.OMIE_MARGINALPDBC: read_omie_marginalpdbc,
        FileFormat.OMIE_DAY_REPORT: read_omie_day_report,
        FileFormat.PRICE_TABLE: read_price_table,
    }
)
"""The reader of each format of prices."""


def read_price_file(form: FileFormat, data: bytes) -> PriceFile:
    """Read a file of prices whose format is known.

    Parameters
    ----------
    form : FileFormat
        What it is, as detection says.
    data : bytes
        Its content, expanded.

    Returns
    -------
    PriceFile
        What it says.

    Raises
    ------
    UnreadableFileError
        If the format is not one of prices, or the file is not of it.
    FaultyPricesError
        If any of its prices is wrong.
    """
    reader = PRICE_READERS.get(form)
    if reader is None:
        raise UnreadableFileError(f"is {form}, which is not a format of prices")
    return reader(data)
