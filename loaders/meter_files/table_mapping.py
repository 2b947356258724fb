"""Which column of somebody's own table means what: a mapping, given as data.

As TOML, the one of an inverter that writes its mean power every five minutes::

    decimal = ","

    [time]
    columns = ["Fecha", "Hora"]
    format = "%d/%m/%Y %H:%M"
    marks = "begin"
    zone = "local"
    minutes = 5

    [meter]
    code = "ES0021000000000001RK0FA000"

    [[values]]
    column = "Potencia (kW)"
    channel = "generation"
    unit = "kW"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from loaders.meter_files.mapping_sections import MappingSection
from loaders.number_text import excerpt_of
from models.values.calendar import Step
from models.values.cau import Cau
from models.values.cil import Cil
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidIdentifierError
from models.values.metering import Channel, Quality

SEPARATORS = (";", ",", "\t", "|")
"""Between the cells of a CSV."""

_MOST_HEADER_ROW = 1_000
_CODE_OF_LENGTH: Mapping[int, type[Cups] | type[Cau] | type[Cil]] = {25: Cil, 26: Cau}
_HOUR_MINUTES = 60
_QUALITIES = {quality.name.lower(): quality for quality in Quality if quality < Quality.MISSING}


class Marks(StrEnum):
    """Which end of its interval a time names."""

    BEGIN = "begin"
    END = "end"


class Clock(StrEnum):
    """By which clock times are written."""

    LOCAL = "local"
    UTC = "utc"
    OFFSET = "offset"
    """Each time carries its offset (``%z``)."""


class Unit(StrEnum):
    """Unit of a column; power is the mean of its interval."""

    WH = "Wh"
    KWH = "kWh"
    W = "W"
    KW = "kW"

    @property
    def is_power(self) -> bool:
        """Whether it must be multiplied with time to be energy."""
        return self in (Unit.W, Unit.KW)

    @property
    def thousands(self) -> int:
        """How many Wh or W it is."""
        return 1000 if self in (Unit.KWH, Unit.KW) else 1


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """Where and how a table writes time.

    Attributes
    ----------
    columns : tuple of str
        Columns that together hold the time; their cells are joined by a space.
    format : str
        As ``datetime.strptime`` reads it. 24:00 is understood.
    marks : Marks
        Which end of the interval it is.
    clock : Clock
        Whose time it is.
    minutes : int
        Length of a row [min], a divisor of 60. Rows shorter than quarter-hours are summed to
        quarter-hours, or to hours where they do not fill those.
    """

    columns: tuple[str, ...]
    format: str
    marks: Marks
    clock: Clock
    minutes: int

    @property
    def step(self) -> Step:
        """Length of the intervals that the rows are summed to."""
        return Step.QUARTER_HOUR if 15 % self.minutes == 0 else Step.HOUR


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """One column of energy or power.

    Attributes
    ----------
    column : str
        Its name.
    channel : Channel
        What it counts.
    unit : Unit
        In what.
    is_counter : bool
        Whether it is the reading of a counter that only rises, not the energy of the row.
    """

    column: str
    channel: Channel
    unit: Unit
    is_counter: bool = False


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What the columns of a table mean.

    Attributes
    ----------
    time : TimeMapping
    values : tuple of ValueMapping
        At least one; each column and each channel once.
    code : str or None
        The meter of the whole table, checked.
    code_column : str or None
        Column that names the meter of each row; exactly one of the two is there.
    decimal : str
        ``,`` or ``.``; numbers of a workbook do not need it.
    separator : str or None
        Between the cells of a CSV; None to find it from the header.
    header_row : int
        Row that names the columns, from 1.
    sheet : str or None
        Name of a workbook's sheet; None for the first visible one.
    quality_column : str or None
        Column that says how well a row is known.
    quality_words : mapping of str to Quality
        What its words mean, in lower case.
    empty_words : frozenset of str
        What cells without data hold, in lower case; empty cells never hold data.
    """

    time: TimeMapping
    values: tuple[ValueMapping, ...]
    code: str | None = None
    code_column: str | None = None
    decimal: str = "."
    separator: str | None = None
    header_row: int = 1
    sheet: str | None = None
    quality_column: str | None = None
    quality_words: Mapping[str, Quality] = field(default_factory=dict)
    empty_words: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that the table must have."""
        others = (name for name in (self.code_column, self.quality_column) if name is not None)
        return (*self.time.columns, *others, *(value.column for value in self.values))


class FaultyMappingError(InvalidArgumentError):
    """A mapping does not say clearly what the columns mean.

    Attributes
    ----------
    faults : tuple of str
        Everything that is wrong, each with its place.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("the mapping of columns is faulty: " + "; ".join(faults))
        self.faults = faults


def check_meter_code(text: str) -> str:
    """Check the code of whatever was metered.

    Parameters
    ----------
    text : str
        A CUPS, CAU or CIL; its length tells which.

    Returns
    -------
    str
        The code.

    Raises
    ------
    InvalidIdentifierError
        If it fails the check of its kind.

    Examples
    --------
    >>> type(check_meter_code("ES0021000000000001RK0FA000"))
    <class 'models.values.cau.Cau'>
    """
    return _CODE_OF_LENGTH.get(len(text), Cups)(text)


def parse_table_mapping(content: Mapping[str, object]) -> TableMapping:
    """Check a mapping that was read from TOML or JSON.

    Parameters
    ----------
    content : mapping of str to object
        As this module's own docstring shows it; further keys are ``separator``, ``header_row``,
        ``sheet``, ``empty_words``, ``meter.column`` instead of ``meter.code``, ``counter = true``
        in a value, and ``quality.column`` with ``quality.words``.

    Returns
    -------
    TableMapping

    Raises
    ------
    FaultyMappingError
        If anything is missing, unknown or contradicts itself; it carries all faults.

    Examples
    --------
    >>> mapping = parse_table_mapping({
    ...     "time": {"columns": ["ts"], "format": "%Y-%m-%dT%H:%M%z", "marks": "end",
    ...              "zone": "offset", "minutes": 60},
    ...     "meter": {"column": "cups"},
    ...     "values": [{"column": "kWh", "channel": "consumption", "unit": "kWh"}],
    ... })
    >>> mapping.columns
    ('ts', 'cups', 'kWh')
    """
    faults: list[str] = []
    table = MappingSection(content, "", faults)
    time = _parse_time(table.section("time"))
    meter = table.section("meter")
    code, code_column = _parse_code(meter), meter.text("column", optional=True)
    values = tuple(_parse_value(section) for section in table.sections("values"))
    quality = table.section("quality", optional=True)
    quality_column = quality.text("column", optional=not quality.content)
    mapping = TableMapping(
        time=time,
        values=values,
        code=code,
        code_column=code_column,
        decimal=table.choice("decimal", (".", ","), "."),
        separator=table.text("separator", optional=True),
        header_row=table.number("header_row", 1, _MOST_HEADER_ROW, 1),
        sheet=table.text("sheet", optional=True),
        quality_column=quality_column,
        quality_words=_parse_words(quality),
        empty_words=frozenset(word.lower() for word in table.texts("empty_words", optional=True)),
    )
    for section in (table, meter, quality):
        section.refuse_unknown()
    faults.extend(_find_contradictions(mapping, names_meter="code" in meter.content))
    if faults:
        raise FaultyMappingError(tuple(faults))
    return mapping


def _parse_time(section: MappingSection) -> TimeMapping:
    time = TimeMapping(
        columns=section.texts("columns"),
        format=section.text("format") or "",
        marks=section.option("marks", Marks, Marks.END),
        clock=section.option("zone", Clock, Clock.LOCAL),
        minutes=section.number("minutes", 1, 60, None),
    )
    section.refuse_unknown()
    return time


def _parse_value(section: MappingSection) -> ValueMapping:
    value = ValueMapping(
        column=section.text("column") or "",
        channel=section.option("channel", Channel, Channel.CONSUMPTION),
        unit=section.option("unit", Unit, Unit.KWH),
        is_counter=section.flag("counter"),
    )
    section.refuse_unknown()
    return value


def _parse_code(section: MappingSection) -> str | None:
    text = section.text("code", optional=True)
    try:
        return None if text is None else check_meter_code(text)
    except InvalidIdentifierError as error:
        section.fault("code", f"is {excerpt_of(error.text)}, no {error.kind}: it {error.reason}")
        return None


def _parse_words(section: MappingSection) -> dict[str, Quality]:
    words = section.section("words", optional=not section.content)
    meant = {}
    for word in words.content:
        quality = _QUALITIES.get(words.text(word) or "")
        if quality is None:
            words.fault(word, f"is none of {', '.join(_QUALITIES)}")
        else:
            meant[word.strip().lower()] = quality
    return meant


def _find_contradictions(mapping: TableMapping, *, names_meter: bool) -> list[str]:
    """Tell what no single field can."""
    faults = []
    time = mapping.time
    if names_meter == (mapping.code_column is not None):
        faults.append("meter: give either its code or the column of codes")
    if _HOUR_MINUTES % time.minutes:
        faults.append("time.minutes: is no divisor of 60")
    if (time.clock is Clock.OFFSET) != ("%z" in time.format):
        faults.append("time.format: has %z if and only if zone is offset")
    elif time.format and not _is_readable(time):
        faults.append("time.format: does not tell day, hour and minute as strptime reads them")
    if mapping.separator is not None and mapping.separator not in SEPARATORS:
        faults.append("separator: is no single character of " + " ".join(map(repr, SEPARATORS)))
    channels = [value.channel for value in mapping.values]
    columns = [value.column for value in mapping.values]
    if len(set(channels)) < len(channels) or len(set(columns)) < len(columns):
        faults.append("values: name a column or a channel twice")
    for value in mapping.values:
        faults.extend(_find_counter_faults(value, time.marks))
    return faults


def _is_readable(time: TimeMapping) -> bool:
    """Tell whether a time that is written in the format can be read back."""
    minute = 0 if time.minutes == _HOUR_MINUTES else _HOUR_MINUTES - time.minutes
    sample = datetime(2023, 10, 29, 13, minute, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(time.format), time.format)  # noqa: DTZ007
    except (ValueError, re.error):
        return False
    return read.replace(tzinfo=UTC) == sample


def _find_counter_faults(value: ValueMapping, marks: Marks) -> list[str]:
    if value.is_counter and value.unit.is_power:
        return [f"values, {value.column}: a counter counts Wh or kWh, not {value.unit}"]
    if value.is_counter and marks is Marks.BEGIN:
        return [f"values, {value.column}: a counter is read at the end; time.marks must be end"]
    return []
