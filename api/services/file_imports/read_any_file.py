"""Read a file of readings or prices, whatever its format is; refuse by name what is neither."""

from api.services.communities.community_meters import CommunityMeters
from api.services.file_imports.file_import_wish import FileImportWish
from loaders.archived_files import NamedFile
from loaders.decoding import UnreadableFileError
from loaders.detection import detect_file
from loaders.file_formats import Confidence, FileFormat
from loaders.meter_files.meter_file import METER_FORMATS, ReadingClues, read_meter_file
from loaders.meter_files.records import MeterFile
from loaders.meter_files.simel import UNCONFIRMED_LAYOUTS
from loaders.meter_files.table_mapping import parse_table_mapping
from loaders.plant_power import Plant
from loaders.price_files.price_file import PRICE_READERS, read_price_file
from loaders.price_files.records import PriceFile
from models.values.cau import Cau
from models.values.cil import Cil
from models.values.errors import InvalidArgumentError, InvalidDataError
from models.values.power import to_kw

_CAU_LENGTH = 26


class ForeignFormatError(InvalidDataError):
    """A file is no file of readings or prices.

    Attributes
    ----------
    format : FileFormat
        What it seems to be.
    reason : str
        What tells the format.
    """

    def __init__(self, form: FileFormat, reason: str) -> None:
        super().__init__(f"holds no readings and no prices: it {reason}")
        self.format = form
        self.reason = reason


class AmbiguousFormatError(InvalidArgumentError):
    """A file may be of several formats, and neither content nor name tells which.

    Attributes
    ----------
    alternatives : tuple of FileFormat
        What it may be.
    reason : str
        What tells the formats.
    """

    def __init__(self, alternatives: tuple[FileFormat, ...], reason: str) -> None:
        super().__init__(f"{reason}; say which format it is: {', '.join(alternatives)}")
        self.alternatives = alternatives
        self.reason = reason


class UnstatedConsumptionError(InvalidArgumentError):
    """A file's own word for consumption is not known for sure, and nobody said what it means.

    Attributes
    ----------
    format : FileFormat
        What the file is.
    """

    def __init__(self, form: FileFormat) -> None:
        super().__init__(
            f"is {form.short_name}, recalled but not confirmed to hold curves after the shared"
            " energy was taken off: compare an hour with the meter's own curve, then say whether"
            " its consumption is that of the boundary meter or net of self-consumption"
        )
        self.format = form


def read_any_file(
    file: NamedFile, wish: FileImportWish, meters: CommunityMeters
) -> MeterFile | PriceFile:
    """Find out what a file is, and read it.

    Parameters
    ----------
    file : NamedFile
        A file, expanded.
    wish : FileImportWish
        What is known of it.
    meters : CommunityMeters
        The community that it is for.

    Returns
    -------
    MeterFile or PriceFile
        What it says.

    Raises
    ------
    ForeignFormatError
        If it is something else, known or not.
    AmbiguousFormatError, MissingMappingError, UnnamedInstallationError, UnknownPlantError
        If more must be said about it.
    UnstatedConsumptionError
        If what it calls consumption is not known for sure, and the wish does not say.
    InvalidArgumentError, InvalidDataError
        If the mapping, the plant's code or the file contradicts its form.
    """
    form = _name_format(file, wish)
    if form in PRICE_READERS:
        return read_price_file(form, file.content)
    if form in UNCONFIRMED_LAYOUTS and wish.consumption_is is None:
        raise UnstatedConsumptionError(form)
    return read_meter_file(form, file.content, _gather_clues(wish, meters))


def _name_format(file: NamedFile, wish: FileImportWish) -> FileFormat:
    """Take what the wish says; a mapping is of a table, whatever it looks like."""
    if wish.mapping is not None:
        return FileFormat.TABLE_CSV
    return wish.format or _detect(file)


def _detect(file: NamedFile) -> FileFormat:
    if not file.content:
        raise UnreadableFileError("is empty")
    detection = detect_file(file.name, file.content)
    if detection.confidence is Confidence.AMBIGUOUS:
        choices = (detection.format, *detection.alternatives)
        raise AmbiguousFormatError(choices, detection.reason)
    form = detection.format
    if form not in METER_FORMATS and form not in PRICE_READERS:
        raise ForeignFormatError(form, detection.reason)
    return form


def _gather_clues(wish: FileImportWish, meters: CommunityMeters) -> ReadingClues:
    mapping = None if wish.mapping is None else parse_table_mapping(wish.mapping)
    code = wish.plant_code
    if code is None:
        return ReadingClues(meters.community.timezone, mapping)
    installation = Cau(code) if len(code) == _CAU_LENGTH else Cil(code)
    plant = _describe_plant(code, wish.peak_kw, meters)
    return ReadingClues(meters.community.timezone, mapping, installation, plant)


def _describe_plant(code: str, peak_kw: float | None, meters: CommunityMeters) -> Plant | None:
    """Describe the community's installation, where the power of its modules is known."""
    powers_w = [each.inverter_power_w for each in meters.plants if each.cau == code]
    if peak_kw is None or not powers_w:
        return None
    return Plant(peak_kw=peak_kw, inverter_kw=float(to_kw(powers_w[0])))
