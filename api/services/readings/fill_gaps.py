"""Fill the gaps of a community's readings by stated rules, as a further version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import Session

from api.services.communities.community_meters import CommunityMeters, load_meters
from api.services.file_imports.file_report import Touched
from api.services.file_imports.find_touched import ChangedMonth, find_touched
from api.services.readings.mend_meter import FilledMonth, MeterYear, mend_year
from api.services.readings.metered_point import list_metered_points
from models.repositories.packed_months import StoredMonth
from models.repositories.readings import add_month, list_latest_readings
from models.tables import Channel
from models.values.errors import InvalidArgumentError
from models.values.local_month import list_year
from planner.metering.gap_filling import FillRule

DEFAULT_RULES = (FillRule.ZERO_AT_NIGHT, FillRule.LINEAR, FillRule.SIMILAR_DAYS)
"""Rules in the order in which they are tried."""


class NoRulesError(InvalidArgumentError):
    """Gaps are never filled without saying how."""

    def __init__(self) -> None:
        super().__init__("state at least one rule to fill gaps by")


@dataclass(frozen=True, slots=True)
class FilledSeries:
    """What was filled of one channel of one meter.

    Attributes
    ----------
    name : str
        CUPS or CAU.
    channel : Channel
        What is counted.
    months : tuple of FilledMonth
        Months that had gaps.
    """

    name: str
    channel: Channel
    months: tuple[FilledMonth, ...]


@dataclass(frozen=True, slots=True)
class FillReport:
    """What was filled by which rule, and what could not be.

    Attributes
    ----------
    community_id : UUID
        Whose readings.
    year : int
        The local year.
    rules : tuple of FillRule
        The rules, in the order in which they were tried.
    series : tuple of FilledSeries
        Meters that had gaps.
    touched : Touched
        Results that rest on months that got a further version.
    is_dry_run : bool
        Whether nothing was to be stored.
    """

    community_id: UUID
    year: int
    rules: tuple[FillRule, ...]
    series: tuple[FilledSeries, ...]
    touched: Touched
    is_dry_run: bool

    @property
    def filled_count(self) -> int:
        """Intervals that were filled."""
        return sum(sum(month.filled.values()) for each in self.series for month in each.months)

    @property
    def left_count(self) -> int:
        """Intervals that no rule could fill."""
        return sum(month.left for each in self.series for month in each.months)

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return document | {"filled_count": self.filled_count, "left_count": self.left_count}


_ADAPTER = TypeAdapter(FillReport)


def fill_gaps(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    year: int,
    rules: Sequence[FillRule] = DEFAULT_RULES,
    channels: Sequence[Channel] = (Channel.CONSUMPTION, Channel.GENERATION),
    recorded_at: datetime,
    is_dry_run: bool = False,
) -> FillReport:
    """Fill what is missing of a year, and nothing else; the caller commits.

    A gap is what is missing between a meter's first and last known value, in intervals that have
    ended. Values that are known stay, whatever their quality; the others become ``FILLED`` ones of
    a further version.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    year : int
        Local calendar year.
    rules : sequence of FillRule
        The rules, each for what those before it left.
    channels : sequence of Channel
        Consumption, generation or both.
    recorded_at : datetime
        Instant of the filling.
    is_dry_run : bool
        Whether only to tell what would be filled.

    Returns
    -------
    FillReport
        What was filled by which rule, and what was left.

    Raises
    ------
    NoRulesError
        If no rule is stated.
    UnknownCommunityError
        If the promoter has no such community.
    DamagedMonthError
        If a stored month differs from its check value.
    """
    if not rules:
        raise NoRulesError
    meters = load_meters(session, promoter_id=promoter_id, community_id=community_id, locks=True)
    mended = [
        year_of_meter
        for channel in channels
        for year_of_meter in _mend_channel(session, meters, channel, year, rules, recorded_at)
    ]
    if not is_dry_run:
        _store(session, promoter_id, mended, recorded_at)
    changed = [
        ChangedMonth(each.point.meter_id, each.channel, month.month)
        for each in mended
        for month in each.changed
    ]
    return FillReport(
        community_id=community_id,
        year=year,
        rules=tuple(rules),
        series=tuple(FilledSeries(each.point.name, each.channel, each.report) for each in mended),
        touched=find_touched(
            session, promoter_id=promoter_id, plants=meters.plants, changed=changed
        ),
        is_dry_run=is_dry_run,
    )


def _mend_channel(
    session: Session,
    meters: CommunityMeters,
    channel: Channel,
    year: int,
    rules: Sequence[FillRule],
    recorded_at: datetime,
) -> Iterable[MeterYear]:
    """Mend the meters of a channel that have gaps; the months beside the year tell likenesses."""
    timezone = meters.community.timezone
    months = [list_year(year - 1, timezone)[-1], *list_year(year, timezone)]
    months.append(list_year(year + 1, timezone)[0])
    points = list(list_metered_points(meters, channel))
    readings = list_latest_readings(
        session,
        promoter_id=meters.community.promoter_id,
        channel=channel,
        meter_ids=[point.meter_id for point in points],
        since=months[0].starts_at,
        until=months[-1].ends_at,
    )
    stored: dict[UUID, dict[datetime, StoredMonth]] = {point.meter_id: {} for point in points}
    for reading in readings:
        stored[reading.meter_id][reading.starts_at] = reading
    for point in points:
        mended = mend_year(point, channel, months, stored[point.meter_id], rules, recorded_at)
        if mended.report:
            yield mended


def _store(
    session: Session, promoter_id: UUID, mended: Iterable[MeterYear], recorded_at: datetime
) -> None:
    for each in mended:
        for month in each.changed:
            add_month(
                session,
                promoter_id=promoter_id,
                channel=each.channel,
                meter_id=each.point.meter_id,
                starts_at=month.month.starts_at,
                step=month.step,
                packed=month.packed,
                version=month.version,
                recorded_at=recorded_at,
            )
    session.flush()
