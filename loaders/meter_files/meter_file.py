"""Any file of readings, by what it turns out to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from loaders.decoding import UnreadableFileError
from loaders.file_formats import FileFormat
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.datadis_json import read_datadis_json
from loaders.meter_files.edistribucion import read_edistribucion
from loaders.meter_files.ide import read_ide
from loaders.meter_files.mapped_table import read_mapped_table
from loaders.meter_files.pvgis import read_pvgis_hourly
from loaders.meter_files.records import MeterFile
from loaders.meter_files.simel import LAYOUTS, read_simel
from loaders.meter_files.table_mapping import TableMapping
from loaders.meter_files.ufd import read_ufd
from loaders.plant_power import Plant
from models.values.cau import Cau
from models.values.cil import Cil
from models.values.errors import InvalidArgumentError

MAPPED_FORMATS = frozenset({FileFormat.TABLE_CSV, FileFormat.TABLE_XLSX})
"""Tables of somebody's own, which need a mapping of their columns."""

SUN_FORMATS = frozenset({FileFormat.PVGIS_HOURLY_CSV, FileFormat.PVGIS_HOURLY_JSON})
"""Hours of sun, which name no installation."""


class _ExportReader(Protocol):
    """Reads a file that says by itself whose energy it holds."""

    def __call__(self, data: bytes, *, timezone: str) -> MeterFile:
        """Read it."""


_EXPORT_READERS: Mapping[FileFormat, _ExportReader] = MappingProxyType(
    {
        FileFormat.DATADIS_CSV: read_datadis_csv,
        FileFormat.DATADIS_JSON_V1: read_datadis_json,
        FileFormat.DATADIS_JSON_V2: read_datadis_json,
        FileFormat.EDISTRIBUCION_CSV: read_edistribucion,
        FileFormat.I_DE_CSV: read_ide,
        FileFormat.UFD_CSV: read_ufd,
    }
)

METER_FORMATS = frozenset({*_EXPORT_READERS, *LAYOUTS, *MAPPED_FORMATS, *SUN_FORMATS})
"""Every format of readings."""


class MissingMappingError(InvalidArgumentError):
    """A table of somebody's own was handed in, and nobody said what its columns mean."""

    def __init__(self) -> None:
        super().__init__(
            "the file is a table that no format has: give a mapping that says what its columns mean"
        )


class UnnamedInstallationError(InvalidArgumentError):
    """Hours of sun were handed in, and nobody said on which installation they shine."""

    def __init__(self) -> None:
        super().__init__("a file of PVGIS names no installation: say by its CAU which one is meant")


@dataclass(frozen=True, slots=True)
class ReadingClues:
    """What a file of readings does not say by itself.

    Attributes
    ----------
    timezone : str
        IANA name of the clock of its times, where they are local.
    mapping : TableMapping or None
        What the columns of somebody's own table mean.
    installation : Cau, Cil or None
        On which installation the sun of PVGIS shines.
    plant : Plant or None
        Its modules and inverter, where the file tells no power.
    """

    timezone: str
    mapping: TableMapping | None = None
    installation: Cau | Cil | None = None
    plant: Plant | None = None


def read_meter_file(form: FileFormat, data: bytes, clues: ReadingClues) -> MeterFile:
    r"""Read a file of readings whose format is known.

    Parameters
    ----------
    form : FileFormat
        What it is, as detection says.
    data : bytes
        Its content, expanded.
    clues : ReadingClues
        What it does not say by itself.

    Returns
    -------
    MeterFile
        What it says.

    Raises
    ------
    UnreadableFileError
        If the format is not one of readings, or the file is not of it.
    MissingMappingError
        If it is a table of somebody's own and there is no mapping.
    UnnamedInstallationError
        If it is of PVGIS and no installation is named.
    UnknownPlantError
        If it is of PVGIS, tells no power, and no plant is described.
    InvalidDataError
        If it is a damaged or oversized workbook, a typical year, or power beyond measure.

    Examples
    --------
    >>> head = b"CUPS;FECHA-HORA;INV / VER;CONSUMO Wh\n"
    >>> row = b"ES0021000000000001RK;2023/07/01 01:00;1;459\n"
    >>> clues = ReadingClues("Europe/Madrid")
    >>> read_meter_file(FileFormat.I_DE_CSV, head + row, clues).series[0].energy_wh
    array([459], dtype=int32)
    """
    if form in LAYOUTS:
        return read_simel(data, form, timezone=clues.timezone)
    if form in MAPPED_FORMATS:
        if clues.mapping is None:
            raise MissingMappingError
        return read_mapped_table(data, clues.mapping, timezone=clues.timezone)
    if form in SUN_FORMATS:
        if clues.installation is None:
            raise UnnamedInstallationError
        return read_pvgis_hourly(data, code=clues.installation, plant=clues.plant)
    reader = _EXPORT_READERS.get(form)
    if reader is None:
        raise UnreadableFileError(f"is {form}, which is not a format of readings")
    return reader(data, timezone=clues.timezone)
