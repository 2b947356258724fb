"""What every reader of price files delivers."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from loaders.file_formats import FileFormat
from models.values.calendar import Instants, Step, Zone


class PriceSubject(StrEnum):
    """What a price is paid for, and by which rule it came to be."""

    PVPC = "pvpc"
    """Energy term of the regulated tariff (ESIOS 1001, PCB)."""
    SURPLUS = "surplus"
    """Surplus of self-consumption under the regulated tariff (ESIOS 1739)."""
    DAY_AHEAD = "day-ahead"
    """The day-ahead market's marginal price (OMIE)."""
    OTHER = "other"
    """Whatever a table of one's own states."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
    """Prices of one subject in one zone, in the order of time.

    Attributes
    ----------
    subject : PriceSubject
        What is paid for.
    zone : Zone or None
        Where it holds; None everywhere.
    step : Step
        Length of an interval.
    starts : ndarray of datetime64[s], shape (n_intervals,)
        Starts of the intervals in UTC, rising, each once; there may be gaps between them.
    nano_eur_per_kwh : ndarray of int64, shape (n_intervals,)
        Prices [1e-9 EUR/kWh]; they may be negative.
    """

    subject: PriceSubject
    zone: Zone | None
    step: Step
    starts: Instants
    nano_eur_per_kwh: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PriceFile:
    """What a file of prices says.

    Attributes
    ----------
    format : FileFormat
        Its format, as detection gives it.
    series : tuple of PriceSeries
        One for each subject and zone, or two where a file changes from hours to quarter-hours.
    notes : tuple of str
        What was decided in reading it that its reader should know.
    """

    format: FileFormat
    series: tuple[PriceSeries, ...]
    notes: tuple[str, ...] = ()
