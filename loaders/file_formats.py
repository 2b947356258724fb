"""Names of the file formats that reparto tells apart."""

from dataclasses import dataclass
from enum import StrEnum


class FileFormat(StrEnum):
    """Stable names of formats, read or refused; the list only grows."""

    DATADIS_CSV = "datadis-csv"
    DATADIS_JSON_V1 = "datadis-json-v1"
    DATADIS_JSON_V2 = "datadis-json-v2"
    EDISTRIBUCION_CSV = "edistribucion"
    I_DE_CSV = "i-de"
    UFD_CSV = "ufd"
    SIMEL_F1 = "simel-f1"
    SIMEL_P1 = "simel-p1"
    SIMEL_P1D = "simel-p1d"
    SIMEL_P2D = "simel-p2d"
    SIMEL_P5D = "simel-p5d"
    SIMEL_F5 = "simel-f5"
    SIMEL_F5D = "simel-f5d"
    SIMEL_A5D = "simel-a5d"
    SIMEL_B5D = "simel-b5d"
    SIMEL_MEDIDAS = "simel-medidas"
    PVGIS_HOURLY_CSV = "pvgis-hourly-csv"
    PVGIS_HOURLY_JSON = "pvgis-hourly-json"

    ESIOS_JSON = "esios-json"
    ESIOS_CSV = "esios-csv"
    PVPC_ARCHIVE = "pvpc-archive"
    PVPC_DAILY = "pvpc-daily"
    REDATA_JSON = "redata-json"
    OMIE_MARGINALPDBC = "omie-marginalpdbc"
    OMIE_DAY_REPORT = "omie-day-report"
    PRICE_TABLE = "price-table"

    DISTRIBUTOR_CONSTANT = "distributor-constant"
    DISTRIBUTOR_HOURLY = "distributor-hourly"
    COEFFICIENT_TABLE = "coefficient-table"
    MEMBERS_LIST = "members-list"
    COMMUNITY_ARCHIVE = "community-archive"
    TABLE_CSV = "table-csv"
    TABLE_XLSX = "table-xlsx"

    CAMT_053 = "camt-053"
    CAMT_054 = "camt-054"
    PAIN_002 = "pain-002"

    ZIP = "zip"
    GZIP = "gzip"
    BZIP2 = "bzip2"

    ATR_XML = "atr-xml"
    FACTURAE_XML = "facturae-xml"
    SEPA_XML = "sepa-xml"
    XML_SCHEMA = "xml-schema"
    PVGIS_TMY = "pvgis-tmy"
    BARE_CURVE = "bare-curve"
    UNKNOWN = "unknown"

    @property
    def is_refused(self) -> bool:
        """Whether reparto knows what it is and still does not read it, or does not know it."""
        return self in _REFUSED

    @property
    def is_wrapper(self) -> bool:
        """Whether the file only packs another."""
        return self in _WRAPPERS

    @property
    def short_name(self) -> str:
        """The last part of the name in capitals, as SIMEL's files call themselves."""
        return self.rsplit("-", 1)[-1].upper()


_WRAPPERS = frozenset({FileFormat.ZIP, FileFormat.GZIP, FileFormat.BZIP2})
_REFUSED = frozenset(
    {
        FileFormat.ATR_XML,
        FileFormat.FACTURAE_XML,
        FileFormat.SEPA_XML,
        FileFormat.XML_SCHEMA,
        FileFormat.PVGIS_TMY,
        FileFormat.BARE_CURVE,
        FileFormat.UNKNOWN,
    }
)


class Confidence(StrEnum):
    """How sure a detection is."""

    CERTAIN = "certain"
    """A mark that no other format has."""
    LIKELY = "likely"
    """The shape fits, and nothing else that is known has it."""
    AMBIGUOUS = "ambiguous"
    """The content fits several formats and the name does not tell which."""
    NONE = "none"
    """Nothing that is known fits."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file seems to be.

    Attributes
    ----------
    format : FileFormat
        The format; ``unknown`` when nothing fits.
    reason : str
        Why, for people.
    confidence : Confidence
        How sure that is.
    alternatives : tuple of FileFormat
        What else it may be, when it is ambiguous.
    inside : Detection or None
        What a packed file seems to hold first.
    """

    format: FileFormat
    reason: str
    confidence: Confidence = Confidence.CERTAIN
    alternatives: tuple[FileFormat, ...] = ()
    inside: "Detection | None" = None

    @classmethod
    def none(cls, reason: str) -> "Detection":
        """Say that nothing fits, and why."""
        return cls(FileFormat.UNKNOWN, reason, Confidence.NONE)
