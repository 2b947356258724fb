"""Meter readings: months are appended, and the newest version of each is what counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, bindparam
from sqlalchemy import select as sa_select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, and_, col, func

from models.repositories.packed_months import MonthVersion, PackedEnergy, StoredMonth, unpack_energy
from models.tables.reach import KEPT
from models.tables.readings import Reading
from models.values.calendar import Step, month_borders, month_starts, year_steps
from models.values.errors import ConflictError, NotFoundError
from models.values.metering import Channel, Quality

_NAMED_AT_MOST = 5
_MONTHS = 12
_WITHIN = (
    col(Reading.starts_at) >= bindparam("since"),
    col(Reading.starts_at) < bindparam("until"),
)
"""Months that start in [since, until)."""


class MissingMonthsError(NotFoundError):
    """Some meters lack some months of a year, or parts of them."""

    def __init__(
        self,
        channel: Channel,
        year: int,
        missing: Mapping[str, tuple[int, ...]],
        incomplete: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        partly = incomplete or {}
        named = [
            f"{meter} in {_name_months(year, months, partly.get(meter, ()))}"
            for meter, months in list(missing.items())[:_NAMED_AT_MOST]
        ]
        others = len(missing) - len(named)
        more = f"; and {others} more" if others else ""
        super().__init__(f"no {channel} is stored of {'; '.join(named)}{more}: import it first")
        self.channel = channel
        self.year = year
        self.missing = dict(missing)
        """Months that are not there or not whole, by meter."""
        self.incomplete = dict(partly)
        """Those among them of which something is there."""

    def of_meter(self, meter: str) -> "MissingMonthsError":
        """Tell of one of the meters alone."""
        partly = {meter: self.incomplete[meter]} if meter in self.incomplete else {}
        return MissingMonthsError(self.channel, self.year, {meter: self.missing[meter]}, partly)


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
) -> list[StoredMonth]:
    """Read the newest version of every month that starts in [since, until)."""
    given = _name_given(promoter_id, meter_ids) | {"since": since, "until": until}
    rows = session.execute(_select_latest_readings(channel), given)
    return [StoredMonth._make(row) for row in rows]


def list_latest_versions(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meter_ids: Collection[UUID],
    since: datetime,
    until: datetime,
) -> list[MonthVersion]:
    """Read which is the newest version of every month that starts in [since, until)."""
    given = _name_given(promoter_id, meter_ids) | {"since": since, "until": until}
    rows = session.execute(_select_latest_versions(channel), given)
    return [MonthVersion._make(row) for row in rows]


def list_month_versions(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meter_ids: Collection[UUID],
    starts: Collection[datetime],
) -> list[tuple[StoredMonth, datetime]]:
    """Read every version of the months that start then, and when it was recorded, in order."""
    meter, starts_at, version = _meter_column(channel), col(Reading.starts_at), col(Reading.version)
    content = map(col, (Reading.energy_wh, Reading.quality, Reading.crc32, Reading.recorded_at))
    rows = (
        sa_select(meter, starts_at, col(Reading.step_seconds), version, *content)
        .where(
            col(Reading.promoter_id) == promoter_id,
            col(Reading.channel) == channel,
            meter.in_(meter_ids),
            starts_at.in_(starts),
        )
        .order_by(meter, starts_at, version)
    )
    return [(StoredMonth._make(row[:-1]), row[-1]) for row in session.execute(rows)]


@dataclass(frozen=True, slots=True, eq=False)
class WantedYear:
    """A local year of one channel of some meters: id to CUPS or CAU, in their order."""

    channel: Channel
    meters: Mapping[UUID, str]
    year: int
    timezone: str

    def of_meter(self, meter_id: UUID) -> "WantedYear":
        """Want it of one of the meters alone."""
        return replace(self, meters={meter_id: self.meters[meter_id]})

    def list_months(self, session: Session, *, promoter_id: UUID) -> list[StoredMonth]:
        """Read the newest version of each of its months that is stored."""
        borders = month_instants(self.year, self.timezone)
        return list_latest_readings(
            session,
            promoter_id=promoter_id,
            channel=self.channel,
            meter_ids=self.meters,
            since=borders[0],
            until=borders[-1],
        )

    def join(self, months: Collection[StoredMonth], *, accepts_gaps: bool = False) -> EnergyYear:
        """Put its stored months in rows, one for each of the meters.

        Raises MissingMonthsError, MixedStepsError or DamagedMonthError. With gaps accepted, what is
        missing holds zeros of the quality ``MISSING``, unless there is no month of any meter.
        """
        if not (accepts_gaps and months) and (lacks := self.find_missing(months)) is not None:
            raise lacks
        step = self._find_step(months)
        borders = month_instants(self.year, self.timezone)
        starts = month_starts(self.year, self.timezone, step).tolist()
        starts.append(year_steps(self.year, self.timezone, step).size)
        spans = dict(zip(borders[:-1], pairwise(starts), strict=True))
        rows = {meter_id: row for row, meter_id in enumerate(self.meters)}
        energy_wh = np.zeros((len(self.meters), starts[-1]), np.int32)
        quality = np.full((len(self.meters), starts[-1]), Quality.MISSING, np.uint8)
        for month in months:
            first, last = spans[month.starts_at]
            place = rows[month.meter_id], slice(first, last)
            name = self.meters[month.meter_id]
            energy_wh[place], quality[place] = unpack_energy(month, name, last - first)
        return EnergyYear(step, energy_wh, quality)

    def find_missing(self, months: Collection[StoredMonth]) -> MissingMonthsError | None:
        """Find its months that are not there, or not whole."""
        stored = {(month.meter_id, month.starts_at): month for month in months}
        missing: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
        incomplete: defaultdict[str, tuple[int, ...]] = defaultdict(tuple)
        for meter_id, name in self.meters.items():
            for number, border in enumerate(month_instants(self.year, self.timezone)[:-1], start=1):
                month = stored.get((meter_id, border))
                if month is None or month.has_gaps:
                    missing[name] += (number,)
                if month is not None and month.has_gaps:
                    incomplete[name] += (number,)
        if not missing:
            return None
        return MissingMonthsError(self.channel, self.year, missing, incomplete)

    def _find_step(self, months: Collection[StoredMonth]) -> Step:
        steps = {month.step for month in months}
        if len(steps) > 1:
            raise MixedStepsError(self.channel, self.year)
        return next(iter(steps), Step.HOUR)


def load_energy_year(
    session: Session, wanted: WantedYear, *, promoter_id: UUID, accepts_gaps: bool = False
) -> EnergyYear:
    """Read a local year of some meters; raises what ``WantedYear.join`` does."""
    months = wanted.list_months(session, promoter_id=promoter_id)
    return wanted.join(months, accepts_gaps=accepts_gaps)


def count_meters(
    session: Session, *, promoter_id: UUID, channel: Channel, meter_ids: Collection[UUID]
) -> dict[datetime, int]:
    """Count, for every month of which something is stored, the given meters that have it whole."""
    columns = (col(Reading.starts_at), col(Reading.quality))
    counts: dict[datetime, int] = defaultdict(int)
    given = _name_given(promoter_id, meter_ids)
    for starts_at, quality in session.execute(_select_newest(columns, channel), given):
        counts[starts_at] += Quality.MISSING not in quality
    return dict(counts)


def add_month(
    session: Session,
    *,
    promoter_id: UUID,
    channel: Channel,
    meter_id: UUID,
    starts_at: datetime,
    step: Step,
    packed: PackedEnergy,
    version: int,
    recorded_at: datetime,
) -> None:
    """Append a version of a meter's month."""
    is_plant = channel is Channel.GENERATION
    session.add(
        Reading(
            promoter_id=promoter_id,
            supply_point_id=None if is_plant else meter_id,
            installation_id=meter_id if is_plant else None,
            channel=channel,
            starts_at=starts_at,
            step_seconds=step.seconds,
            interval_count=packed.interval_count,
            version=version,
            energy_wh=packed.energy_wh,
            quality=packed.quality,
            crc32=packed.crc32,
            recorded_at=recorded_at,
        )
    )


@cache
def _select_latest_readings(channel: Channel) -> Select[Any]:
    """Select what a month holds; put together once, for it takes longer than the database."""
    columns = map(col, (Reading.starts_at, Reading.step_seconds, Reading.version))
    content = map(col, (Reading.energy_wh, Reading.quality, Reading.crc32))
    return _select_newest((_meter_column(channel), *columns, *content), channel, *_WITHIN)


@cache
def _select_latest_versions(channel: Channel) -> Select[Any]:
    stored = map(col, (Reading.starts_at, Reading.step_seconds, Reading.version, Reading.crc32))
    return _select_newest((_meter_column(channel), *stored), channel, *_WITHIN)


def _name_given(promoter_id: UUID, meter_ids: Collection[UUID]) -> dict[str, Any]:
    """Name what every question for the newest versions is given."""
    return {"promoter_id": promoter_id, "meter_ids": list(meter_ids)}


def _select_newest(
    columns: Sequence[Mapped[Any]], channel: Channel, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Select columns of the newest version of months, found in an index without their content."""
    meter = _meter_column(channel)
    starts_at = col(Reading.starts_at)
    newest = (
        sa_select(meter.label("meter_id"), starts_at, func.max(Reading.version).label("version"))
        .where(
            meter.in_(bindparam("meter_ids", expanding=True)),
            col(Reading.channel) == channel,
            *conditions,
        )
        .group_by(meter, starts_at)
        .subquery()
    )
    same = (
        meter == newest.c.meter_id,
        starts_at == newest.c.starts_at,
        col(Reading.version) == newest.c.version,
    )
    return (
        sa_select(*columns)
        .join_from(newest, Reading, and_(*same))
        .where(
            col(Reading.channel) == channel,
            col(Reading.promoter_id) == bindparam("promoter_id"),
        )
        .execution_options(**{KEPT: True})
    )


def _meter_column(channel: Channel) -> Mapped[UUID | None]:
    if channel is Channel.GENERATION:
        return col(Reading.installation_id)
    return col(Reading.supply_point_id)


def _name_months(year: int, months: tuple[int, ...], partly: tuple[int, ...]) -> str:
    if len(months) == _MONTHS and not partly:
        return f"all of {year}"
    return ", ".join(
        f"{'part of ' if month in partly else ''}{year}-{month:02d}" for month in months
    )
