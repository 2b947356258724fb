"""Read a file of readings or prices, whatever its format is; refuse by name what is neither."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Protocol

from api.services.file_import_wish import FileImportWish
from loaders.archived_files import NamedFile
from loaders.decoding import UnreadableFileError
from loaders.detection import detect_file
from loaders.file_formats import Confidence, FileFormat
from loaders.meter_files.datadis_csv import read_datadis_csv
from loaders.meter_files.datadis_json import read_datadis_json
from loaders.meter_files.edistribucion import read_edistribucion
from loaders.meter_files.ide import read_ide
from loaders.meter_files.mapped_table import read_mapped_table
from loaders.meter_files.pvgis import read_pvgis_hourly
from loaders.meter_files.records import MeterFile
from loaders.meter_files.simel import LAYOUTS, read_simel
from loaders.meter_files.table_mapping import parse_table_mapping
from loaders.meter_files.ufd import read_ufd
from loaders.price_files.price_file import PRICE_READERS, read_price_file
from loaders.price_files.records import PriceFile
from models.values.cau import Cau
from models.values.cil import Cil
from models.values.errors import InvalidArgumentError, InvalidDataError

_CAU_LENGTH = 26


class _Reader(Protocol):
    def __call__(self, data: bytes, /, *, timezone: str) -> MeterFile:
        """Read a file of one format."""


_METER_READERS: Mapping[FileFormat, _Reader] = MappingProxyType(
    {
        FileFormat.DATADIS_CSV: read_datadis_csv,
        FileFormat.DATADIS_JSON_V1: read_datadis_json,
        FileFormat.DATADIS_JSON_V2: read_datadis_json,
        FileFormat.EDISTRIBUCION_CSV: read_edistribucion,
        FileFormat.I_DE_CSV: read_ide,
        FileFormat.UFD_CSV: read_ufd,
        **{layout: partial(read_simel, kind=layout) for layout in LAYOUTS},
    }
)
_PVGIS = frozenset({FileFormat.PVGIS_HOURLY_CSV, FileFormat.PVGIS_HOURLY_JSON})
_TABLES = frozenset({FileFormat.TABLE_CSV, FileFormat.TABLE_XLSX})


class ForeignFormatError(InvalidDataError):
    """A file is no file of readings or prices.

    Attributes
    ----------
    format : FileFormat
        What it seems to be.
    """

    def __init__(self, form: FileFormat, reason: str) -> None:
        super().__init__(f"is not imported here, because it {reason}")
        self.format = form


class AmbiguousFormatError(InvalidArgumentError):
    """A file may be of several formats, and neither content nor name tells which.

    Attributes
    ----------
    alternatives : tuple of FileFormat
        What it may be.
    """

    def __init__(self, alternatives: tuple[FileFormat, ...], reason: str) -> None:
        super().__init__(f"{reason}; say which format it is: {', '.join(alternatives)}")
        self.alternatives = alternatives


class MissingMappingError(InvalidArgumentError):
    """A table of one's own came without a word on its columns."""

    def __init__(self, form: FileFormat) -> None:
        super().__init__(f"is a {form} of one's own: send a mapping of its columns with it")
        self.format = form


class MissingPlantCodeError(InvalidArgumentError):
    """A file of generation names no plant, and neither did who sent it."""

    def __init__(self) -> None:
        super().__init__("names no plant: say the CAU or CIL that its generation is taken for")


def read_any_file(file: NamedFile, wish: FileImportWish, *, timezone: str) -> MeterFile | PriceFile:
    """Find out what a file is, and read it.

    Parameters
    ----------
    file : NamedFile
        A file, expanded.
    wish : FileImportWish
        What is known of it.
    timezone : str
        IANA name of the clock of times that name none.

    Returns
    -------
    MeterFile or PriceFile
        What it says.

    Raises
    ------
    ForeignFormatError
        If it is something else, known or not.
    AmbiguousFormatError, MissingMappingError, MissingPlantCodeError
        If more must be said about it.
    InvalidArgumentError, InvalidDataError
        If the mapping, the plant's code or the file contradicts its form.
    """
    if wish.mapping is not None:
        mapping = parse_table_mapping(wish.mapping)
        return read_mapped_table(file.content, mapping, timezone=timezone)
    form = wish.format or _detect(file)
    if form in PRICE_READERS:
        return read_price_file(form, file.content)
    if form in _METER_READERS:
        return _METER_READERS[form](file.content, timezone=timezone)
    if form in _PVGIS:
        return read_pvgis_hourly(file.content, code=_plant_code(wish))
    if form in _TABLES:
        raise MissingMappingError(form)
    raise ForeignFormatError(form, f"is of the format {form}")


def _detect(file: NamedFile) -> FileFormat:
    if not file.content:
        raise UnreadableFileError("is empty")
    detection = detect_file(file.name, file.content)
    if detection.confidence is Confidence.AMBIGUOUS:
        raise AmbiguousFormatError(detection.alternatives, detection.reason)
    if detection.format.is_refused:
        raise ForeignFormatError(detection.format, detection.reason)
    return detection.format


def _plant_code(wish: FileImportWish) -> Cau | Cil:
    if wish.plant_code is None:
        raise MissingPlantCodeError
    return Cau(wish.plant_code) if len(wish.plant_code) == _CAU_LENGTH else Cil(wish.plant_code)
