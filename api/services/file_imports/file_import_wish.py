"""How somebody wants an uploaded file to be read and taken."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from api.services.file_imports.import_prices import PriceOptions
from api.services.file_imports.prepare_series import ConsumptionMeaning, ReadingOptions
from loaders.file_formats import FileFormat
from loaders.meter_files.meter_file import METER_FORMATS
from loaders.meter_files.table_mapping import FaultyMappingError, parse_table_mapping
from loaders.price_files.price_file import PRICE_READERS
from loaders.typed_document import parse_toml
from models.tables import PriceKind
from models.values.errors import InvalidArgumentError

IMPORTED_FORMATS = tuple(sorted({*METER_FORMATS, *PRICE_READERS}))
"""Formats of readings and prices."""


class UnknownFormatError(InvalidArgumentError):
    """A format was named that files of readings and prices do not have.

    Attributes
    ----------
    name : str
        The name.
    known : tuple of str
        Those that are imported.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is no format that is imported: {', '.join(IMPORTED_FORMATS)}")
        self.name = name
        self.known = tuple(IMPORTED_FORMATS)


class InvalidMappingError(InvalidArgumentError):
    """A mapping of columns is no TOML, or does not say clearly what they mean."""


@dataclass(frozen=True, slots=True)
class FileImportWish:
    """How an uploaded file is to be read and taken.

    Attributes
    ----------
    format : FileFormat or None
        What the file is; None to find out by its content.
    mapping : dict or None
        What the columns of a table of one's own mean, as ``parse_table_mapping`` reads it.
    plant_code : str or None
        CAU or CIL of the plant of a file that names none, such as PVGIS.
    is_dry_run : bool
        Whether only to tell what would be done.
    accepts_partial : bool
        Whether what is good is taken when other rows, or other files of an archive, are not.
    peak_kw : float or None
        Power of that plant's modules [kW], for a file that tells the sun and no power.
    consumption_is : ConsumptionMeaning or None
        What the file calls consumption; None where its format is sure to mean the boundary meter.
    replaces_better : bool
        Whether the file is right even against values that are known better.
    sums_quarters : bool
        Whether quarter-hours are summed into hours.
    other_prices_are : PriceKind
        What a price of a table of one's own is paid for.
    """

    format: FileFormat | None = None
    mapping: dict[str, Any] | None = None
    plant_code: str | None = None
    peak_kw: float | None = None
    is_dry_run: bool = False
    accepts_partial: bool = False
    consumption_is: ConsumptionMeaning | None = None
    replaces_better: bool = False
    sums_quarters: bool = False
    other_prices_are: PriceKind = PriceKind.ENERGY

    @property
    def reading_options(self) -> ReadingOptions:
        """How readings are taken."""
        return ReadingOptions(
            consumption_is=self.consumption_is or ConsumptionMeaning.BOUNDARY,
            accepts_partial=self.accepts_partial,
            replaces_better=self.replaces_better,
            sums_quarters=self.sums_quarters,
        )

    @property
    def price_options(self) -> PriceOptions:
        """How prices are taken."""
        return PriceOptions(other_is=self.other_prices_are, accepts_partial=self.accepts_partial)

    @property
    def read_options(self) -> dict[str, Any]:
        """What decides how the bytes are read, as JSON values."""
        document = self.to_json()
        return {key: document[key] for key in ("mapping", "plant_code", "peak_kw") if document[key]}

    def to_json(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return document

    @staticmethod
    def from_json(document: dict[str, Any]) -> "FileImportWish":
        """Read one that was stored."""
        return _ADAPTER.validate_python(document)


_ADAPTER = TypeAdapter(FileImportWish)


def parse_format(name: str) -> FileFormat:
    """Read the name of a format of readings or prices.

    Parameters
    ----------
    name : str
        Such as ``datadis-csv``.

    Returns
    -------
    FileFormat
        The format.

    Raises
    ------
    UnknownFormatError
        If there is none of that name.
    """
    if name not in IMPORTED_FORMATS:
        raise UnknownFormatError(name)
    return FileFormat(name)


def parse_mapping_text(text: str) -> dict[str, Any]:
    """Read and check a mapping of columns.

    Parameters
    ----------
    text : str
        TOML.

    Returns
    -------
    dict
        Its content.

    Raises
    ------
    InvalidMappingError
        If it is no TOML, or anything in it is missing, unknown or contradicts itself.
    """
    try:
        content = parse_toml(text)
        parse_table_mapping(content)
    except FaultyMappingError as error:
        raise InvalidMappingError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InvalidMappingError(f"the mapping of columns is no TOML: {error}") from error
    return content
