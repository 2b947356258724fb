"""How complete and how plausible the readings of a community's year are, month by month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.community_meters import load_meters
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.judge_month import MonthCompleteness, judge_absent_month, judge_month
from api.services.readings.meter_homes import find_meter_homes
from api.services.readings.metered_point import MeteredPoint, list_metered_points
from models.repositories.packed_months import StoredMonth
from models.repositories.readings import list_latest_readings
from models.tables import Channel
from models.values.calendar import Step
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


def read_completeness(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    year: int,
    asked_at: datetime,
    meter_ids: Collection[UUID] | None = None,
) -> list[MeterCompleteness]:
    """Tell what is missing, estimated, filled and doubtful of a community's year.

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
    asked_at : datetime
        Instant of the question: nothing is expected of intervals that end after it.
    meter_ids : collection of UUID, optional
        Of which supply points and installations; of all when None.

    Returns
    -------
    list of MeterCompleteness
        Consumption of every supply point and generation of every installation, and of the other
        channels what is stored; by channel, then CUPS or the order of installations.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    DamagedMonthError
        If a stored month differs from its check value.

    Notes
    -----
    Values are doubted month by month: of a flat line over the border of two months each part counts
    if it is long enough by itself.
    """
    meters = load_meters(session, promoter_id=promoter_id, community_id=community_id)
    months = list_year(year, meters.community.timezone)
    found = []
    for channel in Channel:
        points = [
            point
            for point in list_metered_points(meters, channel)
            if meter_ids is None or point.meter_id in meter_ids
        ]
        readings = list_latest_readings(
            session,
            promoter_id=promoter_id,
            channel=channel,
            meter_ids=[point.meter_id for point in points],
            since=months[0].starts_at,
            until=months[-1].ends_at,
        )
        stored: dict[UUID, dict[datetime, StoredMonth]] = {}
        for reading in readings:
            stored.setdefault(reading.meter_id, {})[reading.starts_at] = reading
        found += [
            _judge_year(point, channel, months, stored.get(point.meter_id, {}), asked_at)
            for point in points
            if channel in _ALWAYS_EXPECTED or point.meter_id in stored
        ]
    return found


def _judge_year(
    point: MeteredPoint,
    channel: Channel,
    months: Sequence[LocalMonth],
    stored: Mapping[datetime, StoredMonth],
    asked_at: datetime,
) -> MeterCompleteness:
    """Judge twelve months; one that is not there is expected by the step of the one before it."""
    step = next((reading.step for _, reading in sorted(stored.items())), Step.HOUR)
    judged = []
    for month in months:
        reading = stored.get(month.starts_at)
        if reading is None:
            judged.append(judge_absent_month(month, step, asked_at))
        else:
            step = reading.step
            judged.append(judge_month(point, channel, month, reading, asked_at))
    return MeterCompleteness(point.meter_id, point.name, channel, tuple(judged))


def map_meter_completeness(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    year: int,
    asked_at: datetime,
) -> dict[UUID, list[MeterCompleteness]]:
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
    dict of UUID to list of MeterCompleteness
        By channel, for each that the promoter has.

    Raises
    ------
    DamagedMonthError
        If a stored month differs from its check value.
    """
    homes = find_meter_homes(session, promoter_id=promoter_id, kind=kind, ids=ids)
    found: dict[UUID, list[MeterCompleteness]] = {meter_id: [] for meter_id in homes}
    for community_id in {home.community.id for home in homes.values()}:
        for each in read_completeness(
            session,
            promoter_id=promoter_id,
            community_id=community_id,
            year=year,
            asked_at=asked_at,
            meter_ids=homes,
        ):
            found[each.meter_id].append(each)
    return found
