"""Judge one month of readings: what is missing, what was not measured, what is doubtful."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from api.services.readings.metered_point import MeteredPoint
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.values.calendar import Step
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality
from planner.metering.sun import find_night
from planner.metering.suspicion import (
    CONSUMPTION_SPIKE,
    FLAT_HOURS_OF_CONSUMPTION,
    FLAT_HOURS_OF_GENERATION,
    GENERATION_SPIKE,
    Mask,
    find_flat_lines,
    find_idle_days,
    find_night_generation,
    find_spikes,
)


class Suspicion(StrEnum):
    """Why a value is doubtful."""

    SPIKE = "spike"
    FLAT_LINE = "flat-line"
    NIGHT_GENERATION = "night-generation"
    IDLE_DAY = "idle-day"


@dataclass(frozen=True, slots=True)
class MonthCompleteness:
    """How one local month of one channel of one meter stands.

    Attributes
    ----------
    month : str
        Name of the month, such as ``2023-01``.
    step : Step
        Length of its intervals.
    version : int or None
        Newest version; None when nothing is stored.
    expected : int
        Intervals that have ended.
    present, missing : int
        Those of which something is known, and the others.
    estimated, corrected, filled : int
        Values that were not read from the meter, by how they came to be.
    suspicious : dict of Suspicion to int
        Doubtful values by kind, those of kinds that there are; a value may be of several.
    """

    month: str
    step: Step
    version: int | None
    expected: int
    present: int
    missing: int
    estimated: int
    corrected: int
    filled: int
    suspicious: dict[Suspicion, int]


def judge_absent_month(month: LocalMonth, step: Step, asked_at: datetime) -> MonthCompleteness:
    """Judge a month of which nothing is stored.

    Parameters
    ----------
    month : LocalMonth
        The month.
    step : Step
        Step of the meter's other months.
    asked_at : datetime
        Instant of the question.

    Returns
    -------
    MonthCompleteness
        All missing that has ended.
    """
    expected = month.count_ended(step, asked_at)
    return MonthCompleteness(month.name, step, None, expected, 0, expected, 0, 0, 0, {})


def judge_month(
    point: MeteredPoint,
    channel: Channel,
    month: LocalMonth,
    reading: StoredMonth,
    asked_at: datetime,
) -> MonthCompleteness:
    """Judge a stored month.

    Parameters
    ----------
    point : MeteredPoint
        Whose month.
    channel : Channel
        What is counted.
    month : LocalMonth
        The month.
    reading : StoredMonth
        Its newest version.
    asked_at : datetime
        Instant of the question: nothing is expected of intervals that end after it.

    Returns
    -------
    MonthCompleteness
        The judgement.

    Raises
    ------
    DamagedMonthError
        If the month differs from its check value.
    """
    step = reading.step
    energy_wh, quality = unpack_energy(reading, point.name, month.count(step))
    counts = np.bincount(quality, minlength=Quality.MISSING + 1)
    is_known = quality != Quality.MISSING
    expected = month.count_ended(step, asked_at)
    masks = _doubt(point, channel, month, step, energy_wh, is_known)
    return MonthCompleteness(
        month=month.name,
        step=step,
        version=reading.version,
        expected=expected,
        present=int(is_known.sum()),
        missing=int((~is_known[:expected]).sum()),
        estimated=int(counts[Quality.ESTIMATED]),
        corrected=int(counts[Quality.CORRECTED]),
        filled=int(counts[Quality.FILLED]),
        suspicious={kind: int(mask.sum()) for kind, mask in masks.items() if mask.any()},
    )


def _doubt(
    point: MeteredPoint,
    channel: Channel,
    month: LocalMonth,
    step: Step,
    energy_wh: NDArray[np.int32],
    is_known: Mask,
) -> dict[Suspicion, Mask]:
    """Mark doubtful values; what a distributor derived is as good as what it was derived from."""
    full_wh = point.full_power_wh(step)
    if channel is Channel.CONSUMPTION:
        shortest = FLAT_HOURS_OF_CONSUMPTION * step.per_hour
        return {
            Suspicion.SPIKE: find_spikes(energy_wh, is_known, CONSUMPTION_SPIKE * full_wh),
            Suspicion.FLAT_LINE: find_flat_lines(energy_wh, is_known, shortest),
        }
    if channel is not Channel.GENERATION:
        return {}
    is_night = find_night(month.starts(step), step, point.zone, point.place)
    days = month.local(step).astype("datetime64[D]")
    shortest = FLAT_HOURS_OF_GENERATION * step.per_hour
    return {
        Suspicion.SPIKE: find_spikes(energy_wh, is_known, GENERATION_SPIKE * full_wh),
        Suspicion.FLAT_LINE: find_flat_lines(energy_wh, is_known, shortest),
        Suspicion.NIGHT_GENERATION: find_night_generation(energy_wh, is_known, is_night, full_wh),
        Suspicion.IDLE_DAY: find_idle_days(energy_wh, is_known, days),
    }
