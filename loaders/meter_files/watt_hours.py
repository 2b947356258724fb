"""Energy as meter files write it, turned into whole watt-hours without passing through floats."""

from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.meter_files.records import RowCode

MISSING_WH = -1
"""Stands where a cell holds no data."""

_LARGEST_WH = np.iinfo(np.int32).max
_LONGEST_WHOLE = 10  # digits of the largest energy
_NO_DATA = pa.array(["", "sin dato", "sin datos"])
_NUMBER = r"^(?P<sign>[+-]?)0*(?P<whole>[0-9]*)(?:[.,](?P<fraction>[0-9]*))?$"


class EnergyUnit(Enum):
    """Unit of a column, by the decimals that make a whole watt-hour."""

    WH = 0
    KWH = 3


class EnergyFault(IntEnum):
    """Why a text is no energy; zero where it is one or holds no data."""

    NONE = 0
    NUMBER = 1
    NEGATIVE = 2
    TOO_LARGE = 3

    @property
    def code(self) -> RowCode:
        """Name of it for programs."""
        return _CODES[self]

    @property
    def reason(self) -> str:
        """What is wrong, for people, to stand after the name of the column and its text."""
        return _REASONS[self]


_CODES = {
    EnergyFault.NUMBER: RowCode.NUMBER,
    EnergyFault.NEGATIVE: RowCode.NEGATIVE,
    EnergyFault.TOO_LARGE: RowCode.TOO_LARGE,
}
_REASONS = {
    EnergyFault.NUMBER: "not a number with at most one decimal comma or point",
    EnergyFault.NEGATIVE: "below zero; a meter counts up only",
    EnergyFault.TOO_LARGE: f"more than {_LARGEST_WH} Wh in one interval",
}


@dataclass(frozen=True, slots=True)
class WattHours:
    """Energy of each text.

    Attributes
    ----------
    energy_wh : ndarray of int64, shape (n,)
        Energy [Wh]; ``MISSING_WH`` where a text holds no data or is at fault.
    faults : ndarray of uint8, shape (n,)
        An ``EnergyFault`` each.
    are_rounded : ndarray of bool, shape (n,)
        Where a text says more than whole watt-hours.
    """

    energy_wh: NDArray[np.int64]
    faults: NDArray[np.uint8]
    are_rounded: NDArray[np.bool_]


def parse_watt_hours(texts: pa.StringArray, unit: EnergyUnit) -> WattHours:
    """Read energy with a decimal comma or point, halves of a watt-hour to even.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without spaces around them; an empty one and ``Sin dato`` hold no data.
    unit : EnergyUnit
        What they count.

    Returns
    -------
    WattHours

    Examples
    --------
    >>> parse_watt_hours(pa.array(["0,459", "1.0005", "12", ""]), EnergyUnit.KWH).energy_wh
    array([  459,  1000, 12000,    -1])
    """
    parts = pc.extract_regex(texts, _NUMBER)
    sign, whole, fraction = (
        pc.struct_field(parts, name).fill_null("") for name in ("sign", "whole", "fraction")
    )
    is_number = _mask(pc.and_(parts.is_valid(), pc.match_substring_regex(texts, "[0-9]")))
    is_large = _mask(pc.greater(pc.utf8_length(whole), _LONGEST_WHOLE))
    digits = pc.binary_join_element_wise("0", pc.if_else(pa.array(is_large), "", whole), "")
    energy = digits.cast(pa.int64()).to_numpy() * 10**unit.value
    energy += _kept_decimals(fraction, unit)
    rest = pc.utf8_rtrim(pc.utf8_slice_codeunits(fraction, unit.value), "0")
    is_above_half = _mask(pc.greater(rest, "5"))
    is_half = _mask(pc.equal(rest, "5"))
    is_minus = _mask(pc.equal(sign, "-")) & (
        (energy > 0) | is_large | _mask(pc.not_equal(rest, ""))
    )
    energy += is_above_half | (is_half & (energy % 2 == 1))
    faults = np.zeros(len(texts), dtype=np.uint8)
    faults[is_large | (energy > _LARGEST_WH)] = EnergyFault.TOO_LARGE
    faults[is_minus] = EnergyFault.NEGATIVE
    is_missing = _mask(pc.is_in(pc.utf8_lower(texts), _NO_DATA))
    faults[~is_number & ~is_missing] = EnergyFault.NUMBER
    is_energy = is_number & (faults == EnergyFault.NONE)
    are_rounded = is_energy & _mask(pc.not_equal(rest, ""))
    return WattHours(np.where(is_energy, energy, MISSING_WH), faults, are_rounded)


def _kept_decimals(fraction: pa.StringArray, unit: EnergyUnit) -> NDArray[np.int64]:
    """Read the decimals that make whole watt-hours."""
    if unit is EnergyUnit.WH:
        return np.zeros(len(fraction), dtype=np.int64)
    kept = pc.utf8_rpad(pc.utf8_slice_codeunits(fraction, 0, unit.value), unit.value, "0")
    return np.asarray(kept.cast(pa.int64()).to_numpy())


def _mask(flags: pa.BooleanArray) -> NDArray[np.bool_]:
    return np.asarray(flags.to_numpy(zero_copy_only=False))
