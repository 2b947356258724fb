"""Read the intervals of some days of many meters, each for itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from api.services.bills.billed_days import BilledDays
from models.repositories.packed_months import StoredMonth, unpack_energy
from models.repositories.readings import (
    MissingMonthsError,
    MixedStepsError,
    list_latest_readings,
)
from models.values.calendar import Step
from models.values.energy import to_kwh
from models.values.errors import CommunityError
from models.values.local_month import LocalMonth
from models.values.metering import Channel, Quality


@dataclass(frozen=True, slots=True, eq=False)
class MeterSpan:
    """What a meter counted on the billed days.

    Attributes
    ----------
    step : Step
        Length of its intervals.
    energy_kwh : ndarray, shape (n_steps,)
        Energy of each [kWh].
    """

    step: Step
    energy_kwh: NDArray[np.float64]


def read_meter_spans(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meters: Mapping[UUID, str],
    days: BilledDays,
) -> dict[UUID, MeterSpan | CommunityError]:
    """Read the billed days of meters; one without readings does not keep the others from theirs.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    channel : Channel
        What they counted.
    meters : mapping of UUID to str
        Meters and their codes.
    days : BilledDays
        Local days.

    Returns
    -------
    dict of UUID to MeterSpan or CommunityError
        Of each meter its energy, or why there is none: ``MissingMonthsError``,
        ``MixedStepsError`` or ``DamagedMonthError``.
    """
    stored = list_latest_readings(
        session,
        promoter_id=promoter_id,
        channel=channel,
        meter_ids=meters,
        since=days.months[0].starts_at,
        until=days.months[-1].ends_at,
    )
    by_meter: dict[UUID, dict[object, StoredMonth]] = {key: {} for key in meters}
    for month in stored:
        by_meter[month.meter_id][month.starts_at] = month
    found: dict[UUID, MeterSpan | CommunityError] = {}
    for key, name in meters.items():
        try:
            found[key] = _join_months(channel, name, by_meter[key], days)
        except CommunityError as error:
            found[key] = error
    return found


def _join_months(
    channel: Channel, name: str, stored: Mapping[object, StoredMonth], days: BilledDays
) -> MeterSpan:
    """Put a meter's months in a row and cut out the days, of which nothing may be missing."""
    if lacking := [month for month in days.months if month.starts_at not in stored]:
        raise _miss(channel, name, lacking)
    months = [(month, stored[month.starts_at]) for month in days.months]
    if len({each.step for _, each in months}) > 1:
        raise MixedStepsError(channel, days.start.year)
    step = months[0][1].step
    unpacked = [unpack_energy(each, name, month.count(step)) for month, each in months]
    quality = np.concatenate([marks for _, marks in unpacked])
    span = days.span(step)
    is_missing = quality == Quality.MISSING
    if is_missing[span].any():
        counts = np.cumsum([0, *(month.count(step) for month in days.months)]).tolist()
        holed = [
            month
            for month, first, end in zip(days.months, counts, counts[1:], strict=False)
            if is_missing[first:end].any()
        ]
        raise _miss(channel, name, holed, is_partial=True)
    energy_wh = np.concatenate([each for each, _ in unpacked])[span]
    return MeterSpan(step, to_kwh(energy_wh))


def _miss(
    channel: Channel, name: str, months: list[LocalMonth], *, is_partial: bool = False
) -> MissingMonthsError:
    """Name the months that a meter lacks in the first year in which it lacks one."""
    year = months[0].year
    named = {name: tuple(month.number for month in months if month.year == year)}
    return MissingMonthsError(channel, year, named, named if is_partial else None)
