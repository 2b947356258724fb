"""Load curves as distributors, REE and retailers exchange them in SIMEL: lines without a header.

Marks: [V] read in a source, [R] recalled and not confirmed. Field order, units and codes are data
below, so that a fact that proves wrong is one line. Sources: REGULATION 6.3; the field lists and
sample files of gisce/mesures and Som-Energia/cchloader.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from loaders.file_formats import FileFormat
from loaders.meter_files.records import MeterFile
from loaders.meter_files.stamp_texts import parse_numbers
from loaders.meter_files.supply_file import EnergyColumn, SupplyForm, read_supply_table
from loaders.meter_files.text_table import TextColumn, TextTable, parse_plain_rows
from loaders.meter_files.watt_hours import EnergyUnit
from models.values.calendar import Step
from models.values.cil import Cil
from models.values.errors import InvalidArgumentError
from models.values.metering import Channel

INVALID_FLAG = 128
"""Qualities from here on say that the value beside them is not valid [V cchloader]."""

_REAL, _ESTIMATED = "real", "estimada"

BORDER_METHODS = {
    **dict.fromkeys(("1", "2", "3"), _REAL),  # firm: principal, redundant, checking meter
    **dict.fromkeys(("4", "5", "6"), _REAL),  # provisional, of the same meters
    **dict.fromkeys(("7", "8", "9", "10", "11", "22"), _ESTIMATED),
}
"""How F1 and P1 say that a value was obtained [V mesures]."""

SUPPLY_METHODS = {
    "1": _REAL,  # valid reading
    "2": _ESTIMATED,  # profile over a real closing
    "3": _REAL,  # readings adjusted to a real closing
    "4": _ESTIMATED,  # profile over the customer's own reading
    "5": _ESTIMATED,  # last year's consumption, profiled
    "6": _ESTIMATED,  # use factor, profiled
}
"""How F5 and its kin say it [V mesures]."""

LETTER_METHODS = {"R": _REAL, "E": _ESTIMATED}
"""How MEDIDAS says it [V mesures]."""

_ALLOCATED_NOTE = (
    "A5D and B5D are recalled, not confirmed, to be curves after the shared energy was taken off: "
    "compare an hour with the meter's own curve (P5D, F5D), and do not take them for it"
)
_MEDIDAS_NOTE = "that MEDIDAS counts kWh is recalled, not confirmed: compare a day with the meter"


@dataclass(frozen=True, slots=True)
class SimelLayout:
    """Fields of one kind of file.

    Attributes
    ----------
    fields : tuple of str
        Names in their order.
    n_least : int
        How many of them every row has; those at the end may be missing.
    form : SupplyForm
        Which of them are read, and how.
    methods : mapping of str to str
        Codes of the field ``method``.
    flags : mapping of str to str
        Field with the quality of each energy that has one.
    note : str or None
        What must be told to whoever reads such a file.
    """

    fields: tuple[str, ...]
    n_least: int
    form: SupplyForm
    methods: Mapping[str, str]
    flags: Mapping[str, str]
    note: str | None = None


class UnknownLayoutError(InvalidArgumentError):
    """A format is not one of SIMEL's that are read.

    Attributes
    ----------
    format : FileFormat
        The format that was named.
    known : str
        Those that are read.
    """

    def __init__(self, kind: FileFormat) -> None:
        known = ", ".join(LAYOUTS)
        super().__init__(f"{kind} is no layout of SIMEL that is read; there are {known}")
        self.format = kind
        self.known = known


_REACTIVE = ("r1", "r2", "r3", "r4")
_F1_FIELDS = (
    *("cups", "kind", "moment", "season", "ai", "ae"),
    *(*_REACTIVE, "res", "res2", "method", "firmness"),
)
_P1_FIELDS = (
    *("cups", "kind", "moment", "season"),
    *(
        field
        for magnitude in ("ai", "ae", *_REACTIVE, "res", "res2")
        for field in (magnitude, f"{magnitude}_flag")
    ),
    *("method", "firmness"),
)
_P1_FLAGS = {"ai": "ai_flag", "ae": "ae_flag"}
_P5_FIELDS = ("cups", "moment", "season", "ai", "ae")
_F5_FIELDS = (*_P5_FIELDS, *_REACTIVE, "method", "firmness", "invoice", "ai_fixed", "ae_fixed")
_MEDIDAS_FIELDS = (
    *("cil", "moment", "season", "ae", "r2", "r3"),
    *("power_factor", "power_factor_kind", "method"),
)


def _supply(kind: FileFormat, unit: EnergyUnit, step: Step = Step.HOUR) -> SupplyForm:
    """Say what the energies of a supply point mean: ai it took in, ae it left for the grid."""
    energies = (
        EnergyColumn("ai", Channel.CONSUMPTION, unit),
        EnergyColumn("ae", Channel.SURPLUS, unit),
    )
    return SupplyForm(
        format=kind,
        times=("moment", "season"),
        energies=energies,
        has_season=True,
        method="method",
        step=step,
    )


_WH, _KWH = EnergyUnit.WH, EnergyUnit.KWH
_GENERATION = SupplyForm(
    format=FileFormat.SIMEL_MEDIDAS,
    times=("moment", "season"),
    energies=(EnergyColumn("ae", Channel.GENERATION, _KWH),),  # unit [R]
    has_season=True,
    method="method",
    meter=Cil,
    step=Step.HOUR,
)

_F1 = _supply(FileFormat.SIMEL_F1, _KWH)
_P1 = _supply(FileFormat.SIMEL_P1, _KWH)
_P1D = _supply(FileFormat.SIMEL_P1D, _KWH)
_P2D = _supply(FileFormat.SIMEL_P2D, _KWH, Step.QUARTER_HOUR)
_P5D = _supply(FileFormat.SIMEL_P5D, _WH)
_F5 = _supply(FileFormat.SIMEL_F5, _WH)
_F5D = _supply(FileFormat.SIMEL_F5D, _WH)
_A5D = _supply(FileFormat.SIMEL_A5D, _WH)  # meaning [R]
_B5D = _supply(FileFormat.SIMEL_B5D, _WH)  # meaning [R]

LAYOUTS: Mapping[FileFormat, SimelLayout] = {
    FileFormat.SIMEL_F1: SimelLayout(_F1_FIELDS, 13, _F1, BORDER_METHODS, {}),  # [V]
    FileFormat.SIMEL_P1: SimelLayout(_P1_FIELDS, 21, _P1, BORDER_METHODS, _P1_FLAGS),  # [V]
    FileFormat.SIMEL_P1D: SimelLayout(_P1_FIELDS, 21, _P1D, BORDER_METHODS, _P1_FLAGS),  # [V]
    FileFormat.SIMEL_P2D: SimelLayout(_P1_FIELDS, 21, _P2D, BORDER_METHODS, _P1_FLAGS),  # [V]
    FileFormat.SIMEL_P5D: SimelLayout(_P5_FIELDS, 4, _P5D, {}, {}),  # [V]
    FileFormat.SIMEL_F5: SimelLayout(_F5_FIELDS, 9, _F5, SUPPLY_METHODS, {}),  # [V]
    FileFormat.SIMEL_F5D: SimelLayout(_F5_FIELDS, 9, _F5D, SUPPLY_METHODS, {}),  # [V]
    FileFormat.SIMEL_A5D: SimelLayout(_F5_FIELDS, 9, _A5D, SUPPLY_METHODS, {}, _ALLOCATED_NOTE),
    FileFormat.SIMEL_B5D: SimelLayout(_F5_FIELDS, 9, _B5D, SUPPLY_METHODS, {}, _ALLOCATED_NOTE),
    FileFormat.SIMEL_MEDIDAS: SimelLayout(
        _MEDIDAS_FIELDS, 9, _GENERATION, LETTER_METHODS, {}, _MEDIDAS_NOTE
    ),
}
"""Every layout that is read."""


UNCONFIRMED_LAYOUTS = frozenset({FileFormat.SIMEL_A5D, FileFormat.SIMEL_B5D})
"""Layouts of which is recalled, not confirmed, what they call consumption [R]."""


def read_simel(data: bytes, kind: FileFormat, *, timezone: str) -> MeterFile:
    r"""Read a file of SIMEL.

    Parameters
    ----------
    data : bytes
        The file, expanded.
    kind : FileFormat
        Its layout, one of ``LAYOUTS``; content alone does not tell all of them apart.
    timezone : str
        IANA name of the clock of its times.

    Returns
    -------
    MeterFile
        Consumption and surplus of supply points, or the generation of production units.

    Raises
    ------
    UnknownLayoutError
        If the format is not one of SIMEL's.
    UnreadableFileError
        If it is too large, no text, or its rows have not the fields of the layout.

    Notes
    -----
    REGULATION 6.3: a time ENDS its interval, and a flag of the season tells the two hours apart
    that the clock shows twice; a record is known by meter, time and season.

    Examples
    --------
    >>> file = read_simel(
    ...     b"ES0021000000000001RK0F;2023/10/29 02:00;1;459;0;\n"
    ...     b"ES0021000000000001RK0F;2023/10/29 02:00;0;460;0;\n",
    ...     FileFormat.SIMEL_P5D, timezone="Europe/Madrid",
    ... )
    >>> file.series[0].starts.astype(str).tolist(), file.series[0].energy_wh.tolist()
    (['2023-10-28T23:00:00', '2023-10-29T00:00:00'], [459, 460])
    """
    layout = LAYOUTS.get(kind)
    if layout is None:
        raise UnknownLayoutError(kind)
    optional = (*layout.form.optional, *layout.flags.values(), "firmness")
    wanted = {*layout.form.required, *optional}
    table = parse_plain_rows(data, layout.fields, layout.n_least, wanted)
    notes = [*_note_firmness(table), *_note_invalid(table, layout)]
    if layout.note is not None:
        notes.append(layout.note)
    columns = {**table.columns, **_drop_invalid(table, layout), **_translate_methods(table, layout)}
    table = replace(table, columns=columns, notes=(*table.notes, *notes))
    return read_supply_table(table, layout.form, timezone)


def _translate_methods(table: TextTable, layout: SimelLayout) -> dict[str, TextColumn]:
    """Put words that every export uses in place of the codes; unknown ones stay."""
    method = table.columns.get("method")
    if method is None:
        return {}
    words = [layout.methods.get(text.lstrip("0"), text) for text in method.texts.to_pylist()]
    return {"method": TextColumn(pa.array(words, pa.string()), method.codes)}


def _drop_invalid(table: TextTable, layout: SimelLayout) -> dict[str, TextColumn]:
    """Empty the cells whose own quality says that they are not valid."""
    emptied = {}
    for name, is_invalid in _find_invalid(table, layout).items():
        energy = table.columns[name]
        texts = pa.array([*energy.texts.to_pylist(), ""], pa.string())
        codes = np.where(is_invalid, len(texts) - 1, energy.codes)
        emptied[name] = TextColumn(texts, codes)
    return emptied


def _find_invalid(table: TextTable, layout: SimelLayout) -> dict[str, NDArray[np.bool_]]:
    """Tell of each energy with a quality which rows are not valid."""
    columns = table.columns
    return {
        name: (parse_numbers(columns[flag].texts) >= INVALID_FLAG)[columns[flag].codes]
        for name, flag in layout.flags.items()
        if name in columns and flag in columns
    }


def _note_invalid(table: TextTable, layout: SimelLayout) -> Iterator[str]:
    for name, is_invalid in _find_invalid(table, layout).items():
        if is_invalid.any():
            yield f"values of {name} that are marked as not valid, left out: {is_invalid.sum()}"


def _note_firmness(table: TextTable) -> Iterator[str]:
    firmness = table.columns.get("firmness")
    if firmness is None:
        return
    n_open = int((parse_numbers(firmness.texts) == 0)[firmness.codes].sum())
    if n_open:
        yield f"rows that are not firm, so that the distributor may still change them: {n_open}"
