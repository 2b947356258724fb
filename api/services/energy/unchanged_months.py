"""Tell which months, shared out before, would be shared out just the same today."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.energy.month_sharing import (
    CommunitySharing,
    NothingAppliedError,
    read_community_sharing,
)
from models.repositories.allocations import list_latest_allocations
from models.repositories.erasures import list_erased_points
from models.repositories.packed_months import MonthVersion
from models.repositories.readings import list_latest_versions
from models.tables import Community, MonthAllocation
from models.values.calendar import Step, local_day
from models.values.local_month import LocalMonth
from models.values.metering import Channel
from models.values.period import Period

_Newest = Mapping[tuple[Channel, datetime], Mapping[UUID, MonthVersion]]
"""Versions of the months that start then, by meter."""


def find_unchanged_months(
    session: Session, *, community: Community, months: Mapping[UUID, Collection[date]]
) -> dict[tuple[UUID, date], MonthAllocation]:
    """Find the months of a community whose readings and coefficients are those of their allocation.

    However many months there are, it takes the same few queries, and no energy is read.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        Whose plants they are.
    months : mapping of UUID to collection of date
        First days of the local months to look at, by plant.

    Returns
    -------
    dict of (UUID, date) to MonthAllocation
        The newest version of those that are unchanged, by plant and month.
    """
    listed = {month for wanted in months.values() for month in wanted}
    if not listed:
        return {}
    first, last = (LocalMonth(each(listed), community.timezone) for each in (min, max))
    since, until = first.starts_at, last.ends_at
    allocations = list_latest_allocations(
        session,
        promoter_id=community.promoter_id,
        installation_ids=months.keys(),
        since=since,
        until=until,
    )
    stored = {
        (row.installation_id, month): row
        for row in allocations
        if (month := local_day(row.starts_at, community.timezone)) in months[row.installation_id]
    }
    if not stored:
        return {}
    sharing = read_community_sharing(
        session,
        promoter_id=community.promoter_id,
        community_id=community.id,
        within=Period(first.days.start, last.days.end),
    )
    newest = _read_newest(session, community.promoter_id, sharing, since, until)
    unchanged = {key for key, row in stored.items() if _is_unchanged(row, key[1], sharing, newest)}
    if len(unchanged) < len(stored):
        unchanged |= _find_settled(session, community, stored.keys() - unchanged, sharing)
    return {key: row for key, row in stored.items() if key in unchanged}


def _read_newest(
    session: Session, owner: UUID, sharing: CommunitySharing, since: datetime, until: datetime
) -> _Newest:
    """Read the newest version of every meter's months."""
    newest: defaultdict[tuple[Channel, datetime], dict[UUID, MonthVersion]] = defaultdict(dict)
    meters = {Channel.GENERATION: sharing.plants, Channel.CONSUMPTION: sharing.points}
    for channel, names in meters.items():
        for version in list_latest_versions(
            session,
            promoter_id=owner,
            channel=channel,
            meter_ids=names,
            since=since,
            until=until,
        ):
            newest[channel, version.starts_at][version.meter_id] = version
    return newest


def _find_settled(
    session: Session,
    community: Community,
    months: Collection[tuple[UUID, date]],
    sharing: CommunitySharing,
) -> set[tuple[UUID, date]]:
    """Find the months in which somebody shared who was erased: they cannot be shared out again."""
    erased = list_erased_points(session, promoter_id=community.promoter_id)
    return {key for key in months if erased and _names_any(sharing, *key, erased)}


def _names_any(
    sharing: CommunitySharing, plant_id: UUID, month: date, points: Collection[UUID]
) -> bool:
    try:
        shared = sharing.of_month(plant_id, month)
    except NothingAppliedError:
        return False
    return any(key in points for key in shared.points)


def _is_unchanged(
    row: MonthAllocation, month: date, community: CommunitySharing, newest: _Newest
) -> bool:
    """Compare what a month would be shared out by today with what it was shared out by."""
    try:
        sharing = community.of_month(row.installation_id, month)
    except NothingAppliedError:
        return False
    versions = {channel: newest.get((channel, row.starts_at), {}) for channel in sharing.meters}
    if any(names.keys() - versions[channel].keys() for channel, names in sharing.meters.items()):
        return False
    # A meter that is read by another step than the plant's has another version than it had.
    seconds = versions[Channel.GENERATION][row.installation_id].step_seconds
    step = next(step for step in Step if step.seconds == seconds)
    return sharing.digest(versions, sharing.lay_out(step)) == row.inputs_sha256
