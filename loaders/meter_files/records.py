"""What every reader of meter files delivers: series of energy, and the rows it could not take."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from loaders.file_formats import FileFormat
from models.values.calendar import Instants, Step
from models.values.metering import Channel

ROWS_TOLD = 10_000
"""Rejected rows of one file that are told one by one; the others are only counted by code."""


class RowCode(StrEnum):
    """Stable names of why a row was not taken."""

    MALFORMED = "malformed"
    METER_CODE = "meter_code"
    TIME = "time"
    CLOCK = "clock"
    NUMBER = "number"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"
    CONTRADICTION = "contradiction"
    UNKNOWN_METER = "unknown_meter"


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken.

    Attributes
    ----------
    line : int or None
        Its line or row, from 1; None when the file does not have lines.
    code : RowCode
        Why, for programs.
    excerpt : str
        The beginning of it, printable and short.
    reason : str
        Why and what to do, for people.
    """

    line: int | None
    code: RowCode
    excerpt: str
    reason: str


@dataclass(slots=True)
class Rejections:
    """Collects the rows of one file that were not taken, and counts those that are not told."""

    told: list[RejectedRow] = field(default_factory=list)
    counts: Counter[RowCode] = field(default_factory=Counter)

    def add(self, line: int | None, code: RowCode, excerpt: str, reason: str) -> None:
        """Note one row."""
        self.counts[code] += 1
        if len(self.told) < ROWS_TOLD:
            self.told.append(RejectedRow(line, code, excerpt, reason))


@dataclass(frozen=True, slots=True, eq=False)
class MeterSeries:
    """What one meter counted of one kind, in the order of time.

    Attributes
    ----------
    code : str
        CUPS, CAU or CIL, checked.
    channel : Channel
        What it counted.
    step : Step
        Length of an interval.
    starts : ndarray of datetime64[s], shape (n_intervals,)
        Starts of the intervals in UTC, rising, each once; there may be gaps between them.
    energy_wh : ndarray of int32, shape (n_intervals,)
        Energy [Wh].
    quality : ndarray of uint8, shape (n_intervals,)
        A ``Quality`` each, never ``MISSING``: what is not known is not in the series.
    """

    code: str
    channel: Channel
    step: Step
    starts: Instants
    energy_wh: NDArray[np.int32]
    quality: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class MeterFile:
    """What a file of readings says.

    Attributes
    ----------
    format : FileFormat
        Its format, as detection gives it.
    series : tuple of MeterSeries
        One for each meter and channel, by code and channel.
    n_rows : int
        Rows below the header, those that were not taken included.
    rejections : Rejections
        Rows that were not taken.
    notes : tuple of str
        What was decided in reading it that its reader should know: repeated rows that say the
        same, stamps that begin their interval, cells without data, energy beside the consumption.
    """

    format: FileFormat
    series: tuple[MeterSeries, ...]
    n_rows: int
    rejections: Rejections
    notes: tuple[str, ...] = ()
