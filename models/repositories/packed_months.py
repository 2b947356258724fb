"""Months of values as the bytes that are stored, and back.

Energy is little-endian int32 watt-hours with one quality byte an interval, a price little-endian
int64 billionths of a euro; a CRC-32 tells a damaged month from a true one.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from models.tables.prices import Price
from models.tables.readings import Reading
from models.values.errors import InvalidDataError

NANO_PER_EUR = 1_000_000_000

_WH = np.dtype("<i4")
_NANO_EUR = np.dtype("<i8")


class DamagedMonthError(InvalidDataError):
    """A stored month is not what was once written."""

    def __init__(self, meter: str, starts_at: datetime, reason: str) -> None:
        super().__init__(
            f"the month of {meter} that starts at {starts_at:%Y-%m-%dT%H:%MZ} is damaged: {reason};"
            " restore it from a backup or import it again"
        )
        self.meter = meter
        self.starts_at = starts_at
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PackedEnergy:
    """One meter's month of energy as bytes; two are equal when every interval is."""

    energy_wh: bytes
    quality: bytes

    @property
    def crc32(self) -> int:
        """Check value of the energy, then the quality."""
        return zlib.crc32(self.quality, zlib.crc32(self.energy_wh))


def pack_energy(
    energy_wh: NDArray[np.int32], quality: NDArray[np.uint8] | None = None
) -> PackedEnergy:
    """Pack a month, shape (n_intervals,); without qualities all are real readings."""
    marks = bytes(energy_wh.size) if quality is None else quality.tobytes()
    return PackedEnergy(energy_wh.astype(_WH, copy=False).tobytes(), marks)


def unpack_energy(
    reading: Reading, meter: str, interval_count: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Unpack the energy [Wh] and quality of a month, each of shape (interval_count,)."""
    packed = PackedEnergy(reading.energy_wh, reading.quality)
    if packed.crc32 != reading.crc32:
        raise DamagedMonthError(meter, reading.starts_at, "its check value differs")
    energy_wh = np.frombuffer(packed.energy_wh, _WH)
    quality = np.frombuffer(packed.quality, np.uint8)
    _check_count(meter, reading.starts_at, energy_wh.size, interval_count)
    return energy_wh.astype(np.int32, copy=False), quality


def pack_prices(nano_eur: NDArray[np.int64]) -> tuple[bytes, int]:
    """Pack a month of prices [nEUR/kWh], shape (n_intervals,), with its check value."""
    packed = nano_eur.astype(_NANO_EUR, copy=False).tobytes()
    return packed, zlib.crc32(packed)


def unpack_prices(price: Price, interval_count: int) -> NDArray[np.int64]:
    """Unpack a month of prices [nEUR/kWh], shape (interval_count,)."""
    name = f"{price.kind} prices"
    if zlib.crc32(price.price_nano_eur_per_kwh) != price.crc32:
        raise DamagedMonthError(name, price.starts_at, "its check value differs")
    nano_eur = np.frombuffer(price.price_nano_eur_per_kwh, _NANO_EUR)
    _check_count(name, price.starts_at, nano_eur.size, interval_count)
    return nano_eur.astype(np.int64, copy=False)


def _check_count(meter: str, starts_at: datetime, found: int, expected: int) -> None:
    if found != expected:
        raise DamagedMonthError(meter, starts_at, f"it has {found} intervals, not {expected}")
