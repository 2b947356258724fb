"""Meter readings: months are appended, and the newest version of each is what counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Mapped
from sqlmodel import Session, and_, col, func, select

from models.repositories.packed_months import unpack_energy
from models.tables.readings import Channel, Reading
from models.values.calendar import Step, month_borders, month_starts, year_steps
from models.values.errors import ConflictError, NotFoundError
from models.values.metering import Quality

_NAMED_AT_MOST = 5
_MONTHS = 12


class MissingMonthsError(NotFoundError):
    """Some meters have no readings in some months of a year."""

    def __init__(self, channel: Channel, year: int, missing: Mapping[str, tuple[int, ...]]) -> None:
        named = [
            f"{meter} in {_name_months(year, months)}"
            for meter, months in list(missing.items())[:_NAMED_AT_MOST]
        ]
        others = len(missing) - len(named)
        more = f"; and {others} more" if others else ""
        super().__init__(f"no {channel} is stored of {'; '.join(named)}{more}: import it first")
        self.channel = channel
        self.year = year
        self.missing = dict(missing)


class MixedStepsError(ConflictError):
    """The readings of one year are partly hourly and partly by the quarter of an hour."""

    def __init__(self, channel: Channel, year: int) -> None:
        super().__init__(
            f"the {channel} of {year} is stored partly by the hour and partly by the quarter of an"
            " hour: import the whole year by one step"
        )
        self.channel = channel
        self.year = year


@dataclass(frozen=True, slots=True, eq=False)
class EnergyYear:
    """Several meters over one local year: energy [Wh] and quality, shape (n_meters, n_steps)."""

    step: Step
    energy_wh: NDArray[np.int32]
    quality: NDArray[np.uint8]


def month_instants(year: int, timezone: str) -> list[datetime]:
    """List the thirteen instants that bound the months of a local year."""
    borders: list[datetime] = month_borders(year, timezone).astype(object).tolist()
    return [border.replace(tzinfo=UTC) for border in borders]


def list_latest_readings(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meter_ids: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[Reading]:
    """Read the newest version of every month that starts in [since, until)."""
    meter = _meter_column(channel)
    newest = (
        select(
            meter.label("meter_id"), Reading.starts_at, func.max(Reading.version).label("newest")
        )
        .where(
            Reading.promoter_id == promoter_id,
            meter.in_(meter_ids),
            col(Reading.starts_at) >= since,
            col(Reading.starts_at) < until,
        )
        .group_by(meter, col(Reading.starts_at))
        .subquery()
    )
    rows = select(Reading).join(
        newest,
        and_(
            meter == newest.c.meter_id,
            col(Reading.starts_at) == newest.c.starts_at,
            col(Reading.version) == newest.c.newest,
        ),
    )
    return list(session.exec(rows))


def load_energy_year(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meters: Mapping[UUID, str],
    year: int,
    timezone: str,
    accepts_gaps: bool = False,
) -> EnergyYear:
    """Read a local year of the given meters (id to CUPS or CAU), in their order.

    Raises MissingMonthsError, MixedStepsError or DamagedMonthError. With gaps accepted, months that
    are missing hold zeros of the quality ``MISSING``, unless there is no month of any meter.
    """
    borders = month_instants(year, timezone)
    readings = list_latest_readings(
        session,
        promoter_id=promoter_id,
        channel=channel,
        meter_ids=meters,
        since=borders[0],
        until=borders[-1],
    )
    stored = {(meter_id_of(reading), reading.starts_at): reading for reading in readings}
    if not (accepts_gaps and readings):
        _check_complete(channel, year, meters, borders[:-1], stored)
    step = _single_step(channel, year, readings)
    starts = [*month_starts(year, timezone, step).tolist(), year_steps(year, timezone, step).size]
    energy_wh = np.zeros((len(meters), starts[-1]), np.int32)
    quality = np.full((len(meters), starts[-1]), Quality.MISSING, np.uint8)
    for row, (meter_id, name) in enumerate(meters.items()):
        for border, first, last in zip(borders[:-1], starts[:-1], starts[1:], strict=True):
            reading = stored.get((meter_id, border))
            if reading is not None:
                energy_wh[row, first:last], quality[row, first:last] = unpack_energy(
                    reading, name, last - first
                )
    return EnergyYear(step, energy_wh, quality)


def count_meters(
    session: Session, *, promoter_id: UUID, channel: Channel, meter_ids: Collection[UUID]
) -> dict[datetime, int]:
    """Count how many of the given meters have readings in the month that starts at an instant."""
    meter = _meter_column(channel)
    rows = (
        select(Reading.starts_at, func.count(func.distinct(meter)))
        .where(Reading.promoter_id == promoter_id, meter.in_(meter_ids))
        .group_by(col(Reading.starts_at))
    )
    return dict(session.exec(rows).all())


def meter_id_of(reading: Reading) -> UUID | None:
    """Tell which supply point or installation a reading belongs to."""
    if reading.channel is Channel.CONSUMPTION:
        return reading.supply_point_id
    return reading.installation_id


def _meter_column(channel: Channel) -> Mapped[UUID | None]:
    if channel is Channel.CONSUMPTION:
        return col(Reading.supply_point_id)
    return col(Reading.installation_id)


def _check_complete(
    channel: Channel,
    year: int,
    meters: Mapping[UUID, str],
    borders: list[datetime],
    stored: Collection[tuple[UUID | None, datetime]],
) -> None:
    missing: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
    for meter_id, name in meters.items():
        for month, border in enumerate(borders, start=1):
            if (meter_id, border) not in stored:
                missing[name] += (month,)
    if missing:
        raise MissingMonthsError(channel, year, missing)


def _name_months(year: int, months: tuple[int, ...]) -> str:
    if len(months) == _MONTHS:
        return f"all of {year}"
    return ", ".join(f"{year}-{month:02d}" for month in months)


def _single_step(channel: Channel, year: int, readings: Collection[Reading]) -> Step:
    seconds = {reading.step_seconds for reading in readings}
    if len(seconds) > 1:
        raise MixedStepsError(channel, year)
    return next((step for step in Step if step.seconds in seconds), Step.HOUR)
