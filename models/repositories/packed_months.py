"""Months of values as the bytes that are stored, and back.

Energy is little-endian int32 watt-hours with one quality byte an interval, or a single one where
all are alike, a price little-endian int64 billionths of a euro; a CRC-32 tells a damaged month from
a true one.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from models.tables.prices import Price
from models.values.calendar import Step
from models.values.errors import InvalidDataError
from models.values.metering import Quality

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


class MonthVersion(NamedTuple):
    """Which version of one meter's month is the newest, without what it holds."""

    meter_id: UUID
    starts_at: datetime
    step_seconds: int
    version: int
    crc32: int


class StoredMonth(NamedTuple):
    """The newest version of one meter's month, as it is stored."""

    meter_id: UUID
    starts_at: datetime
    step_seconds: int
    version: int
    energy_wh: bytes
    quality: bytes
    crc32: int

    @property
    def step(self) -> Step:
        """Length of its intervals."""
        return Step.HOUR if self.step_seconds == Step.HOUR.seconds else Step.QUARTER_HOUR

    @property
    def interval_count(self) -> int:
        """Intervals of the month."""
        return len(self.energy_wh) // _WH.itemsize

    @property
    def has_gaps(self) -> bool:
        """Whether some of its intervals are not known."""
        return Quality.MISSING in self.quality


@dataclass(frozen=True, slots=True)
class PackedEnergy:
    """One meter's month of energy as bytes; two are equal when every interval is."""

    energy_wh: bytes
    quality: bytes

    @classmethod
    def of(cls, month: StoredMonth) -> Self:
        """Pack a stored month as it would be packed today."""
        return cls(month.energy_wh, _collapse(month.quality))

    @property
    def interval_count(self) -> int:
        """Intervals of the month."""
        return len(self.energy_wh) // _WH.itemsize

    @property
    def crc32(self) -> int:
        """Check value of the energy, then the quality."""
        return zlib.crc32(self.quality, zlib.crc32(self.energy_wh))


def pack_energy(
    energy_wh: NDArray[np.int32], quality: NDArray[np.uint8] | None = None
) -> PackedEnergy:
    """Pack a month, shape (n_intervals,); without qualities all are real readings."""
    marks = bytes([Quality.REAL]) if quality is None else _collapse(quality.tobytes())
    return PackedEnergy(energy_wh.astype(_WH, copy=False).tobytes(), marks)


def unpack_energy(
    month: StoredMonth, meter: str, interval_count: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Unpack the energy [Wh] and quality of a month, each of shape (interval_count,)."""
    if PackedEnergy(month.energy_wh, month.quality).crc32 != month.crc32:
        raise DamagedMonthError(meter, month.starts_at, "its check value differs")
    energy_wh = np.frombuffer(month.energy_wh, _WH)
    _check_count(meter, month.starts_at, energy_wh.size, interval_count)
    quality = np.frombuffer(month.quality, np.uint8)
    if quality.size == 1:
        quality = np.full(interval_count, quality[0])
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


def _collapse(quality: bytes) -> bytes:
    """Keep one quality where all intervals share it."""
    first = quality[:1]
    return first if quality.count(first) == len(quality) else quality
