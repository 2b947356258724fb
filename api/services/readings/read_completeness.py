"""How complete and how plausible the readings of a community's year are, month by month."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.community_meters import map_meters
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.judge_month import MonthCompleteness, judge_absent_month, judge_month
from api.services.readings.meter_homes import find_meter_homes
from api.services.readings.metered_point import MeteredPoint, list_metered_points
from models.repositories.packed_months import DamagedMonthError, StoredMonth
from models.repositories.readings import list_latest_readings
from models.tables import Channel
from models.values.calendar import Step
from models.values.errors import CommunityError
from models.values.local_month import LocalMonth, list_year

_ALWAYS_EXPECTED = (Channel.CONSUMPTION, Channel.GENERATION)


@dataclass(frozen=True, slots=True)
class MeterCompleteness:
    """A local year of one channel of one meter.

    Attributes
    ----------
    meter_id : UUID
        Supply point; of generation, installation.
    name : str
        CUPS or CAU.
    channel : Channel
        What is counted.
    months : tuple of MonthCompleteness, length 12
        In order.
    """

    meter_id: UUID
    name: str
    channel: Channel
    months: tuple[MonthCompleteness, ...]


_Judged = MeterCompleteness | CommunityError
"""A year of one channel of one meter, or why it cannot be judged."""


def map_community_completeness(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    year: int,
    asked_at: datetime,
) -> dict[UUID, list[MeterCompleteness] | CommunityError]:
    """Tell what is missing, estimated, filled and doubtful of a year of communities.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_ids : collection of UUID
        The communities.
    year : int
        Local calendar year.
    asked_at : datetime
        Instant of the question: nothing is expected of intervals that end after it.

    Returns
    -------
    dict of UUID to list of MeterCompleteness or CommunityError
        For each community that the promoter has: consumption of every supply point and generation
        of every installation, and of the other channels what is stored; by channel, then CUPS or
        the order of installations. Of one with a month that differs from its check value, the
        ``DamagedMonthError``.

    Notes
    -----
    Values are doubted month by month: of a flat line over the border of two months each part counts
    if it is long enough by itself.
    """
    known = map_meters(session, promoter_id=promoter_id, community_ids=community_ids)
    found: dict[UUID, list[_Judged]] = {key: [] for key in known}
    for channel in Channel:
        points = {key: list(list_metered_points(known[key], channel)) for key in known}
        every = [point for listed in points.values() for point in listed]
        judged = _judge_channel(session, promoter_id, channel, every, year, asked_at)
        for key, listed in points.items():
            found[key] += [judged[each.meter_id] for each in listed if each.meter_id in judged]
    return {key: _join(channels) for key, channels in found.items()}


def read_community_completeness(
    session: Session, *, promoter_id: UUID, community_id: UUID, year: int, asked_at: datetime
) -> list[MeterCompleteness]:
    """Tell the same of one community.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community, one that the promoter has.
    year : int
        Local calendar year.
    asked_at : datetime
        Instant of the question.

    Returns
    -------
    list of MeterCompleteness
        By channel, then CUPS or the order of installations.

    Raises
    ------
    DamagedMonthError
        If a stored month differs from its check value.
    """
    found = map_community_completeness(
        session,
        promoter_id=promoter_id,
        community_ids=[community_id],
        year=year,
        asked_at=asked_at,
    )[community_id]
    if isinstance(found, CommunityError):
        raise found
    return found


def map_meter_completeness(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    year: int,
    asked_at: datetime,
) -> dict[UUID, list[MeterCompleteness] | CommunityError]:
    """Tell the same of single supply points or installations, many at once.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    kind : SubjectKind
        Supply point or installation.
    ids : collection of UUID
        Which ones.
    year : int
        Local calendar year.
    asked_at : datetime
        Instant of the question.

    Returns
    -------
    dict of UUID to list of MeterCompleteness or CommunityError
        By channel, for each that the promoter has; of one with a month that differs from its check
        value, the ``DamagedMonthError``.
    """
    homes = find_meter_homes(session, promoter_id=promoter_id, kind=kind, ids=ids)
    known = map_meters(
        session,
        promoter_id=promoter_id,
        community_ids={home.community.id for home in homes.values()},
    )
    found: dict[UUID, list[_Judged]] = {meter_id: [] for meter_id in homes}
    for channel in Channel:
        points = [
            point
            for meters in known.values()
            for point in list_metered_points(meters, channel)
            if point.meter_id in homes
        ]
        judged = _judge_channel(session, promoter_id, channel, points, year, asked_at)
        for meter_id, each in judged.items():
            found[meter_id].append(each)
    return {meter_id: _join(channels) for meter_id, channels in found.items()}


def _join(channels: Iterable[_Judged]) -> list[MeterCompleteness] | CommunityError:
    """List what was judged, or tell what is wrong with the first that cannot be."""
    listed = []
    for each in channels:
        if isinstance(each, CommunityError):
            return each
        listed.append(each)
    return listed


def _judge_channel(
    session: Session,
    promoter_id: UUID,
    channel: Channel,
    points: Collection[MeteredPoint],
    year: int,
    asked_at: datetime,
) -> dict[UUID, _Judged]:
    """Judge a year of meters, each by its clock, without those that nothing is expected of."""
    found: dict[UUID, _Judged] = {}
    for timezone in sorted({point.timezone for point in points}):
        months = list_year(year, timezone)
        here = [point for point in points if point.timezone == timezone]
        stored: dict[UUID, dict[datetime, StoredMonth]] = {}
        for reading in list_latest_readings(
            session,
            promoter_id=promoter_id,
            channel=channel,
            meter_ids=[point.meter_id for point in here],
            since=months[0].starts_at,
            until=months[-1].ends_at,
        ):
            stored.setdefault(reading.meter_id, {})[reading.starts_at] = reading
        found |= {
            point.meter_id: _judge_year(
                point, channel, months, stored.get(point.meter_id, {}), asked_at
            )
            for point in here
            if channel in _ALWAYS_EXPECTED or point.meter_id in stored
        }
    return found


def _judge_year(
    point: MeteredPoint,
    channel: Channel,
    months: Sequence[LocalMonth],
    stored: Mapping[datetime, StoredMonth],
    asked_at: datetime,
) -> _Judged:
    """Judge twelve months; one that is not there is expected by the step of the one before it."""
    step = next((reading.step for _, reading in sorted(stored.items())), Step.HOUR)
    judged = []
    for month in months:
        reading = stored.get(month.starts_at)
        if reading is None:
            judged.append(judge_absent_month(month, step, asked_at))
        else:
            step = reading.step
            try:
                judged.append(judge_month(point, channel, month, reading, asked_at))
            except DamagedMonthError as error:
                return error
    return MeterCompleteness(point.meter_id, point.name, channel, tuple(judged))
