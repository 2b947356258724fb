"""Import one community's year: its records, its energy, its prices, its agreement."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from api.services.community_folders.import_agreement import store_stated_agreement
from api.services.community_folders.import_energy import Meter, store_prices, store_readings
from api.services.community_folders.import_records import (
    store_community,
    store_installations,
    store_members,
)
from api.services.community_folders.import_report import (
    ImportReport,
    RoundingMove,
    StandingChange,
    StoredMonths,
)
from api.services.community_folders.import_standings import ListDates, ListedPoint, store_standings
from api.services.jobs.progress import Progress, tell_nobody
from loaders.records import CommunityYear, MemberRole
from models.tables import Channel, Community, SelfConsumptionInstallation
from models.values.calendar import local_day


def import_community(
    session: Session,
    *,
    promoter_id: UUID,
    community: CommunityYear,
    imported_at: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    """Store a community's year; what is stored already stays as it is.

    The folder imported last says who shares and who waits. Readings and prices that differ from
    the stored ones are appended as a new version. The caller commits: all of it is stored or
    nothing.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community : CommunityYear
        What a reader delivered.
    imported_at : datetime
        Instant of the import.
    progress : callable, optional
        Told how much is done and what comes next.

    Returns
    -------
    ImportReport
        What was made, altered, appended and rounded.

    Raises
    ------
    ClockChangedError
        If the community is stored under another time zone.
    ForeignRecordError
        If a CUPS or CAU belongs to another community of the promoter.
    ForgottenInstallationError
        If a stored installation is left out.
    InvalidDataError
        If a power is below a watt, or energy or a price is too large to store.
    """
    tell = progress or tell_nobody
    tell(0.0, "records")
    stored = _store_records(session, promoter_id, community, imported_at)
    rounding, months = _store_series(session, stored, community, imported_at, tell)
    agreement = store_stated_agreement(
        session,
        installations=stored.plants,
        listed=stored.listed,
        file_year=community.year,
        imported_at=imported_at,
    )
    tell(1.0, "done")
    return ImportReport(
        community_id=stored.community.id,
        year=community.year,
        n_members=community.positions(MemberRole.MEMBER).size,
        n_reserve=community.positions(MemberRole.RESERVE).size,
        changed_records=tuple(stored.changed),
        standing_changes=stored.standing_changes,
        rounding=rounding,
        months=months,
        agreement=agreement,
    )


class _StoredRecords(NamedTuple):
    """The community, its plants and its list as they are stored, and what changed of them."""

    community: Community
    plants: list[SelfConsumptionInstallation]
    listed: list[ListedPoint]
    changed: list[str]
    standing_changes: tuple[StandingChange, ...]


def _store_records(
    session: Session, promoter_id: UUID, community: CommunityYear, imported_at: datetime
) -> _StoredRecords:
    """Store the community, its plants, who is on its list, and who of them shares."""
    changed: list[str] = []
    row = store_community(
        session,
        promoter_id=promoter_id,
        community=community,
        imported_at=imported_at,
        changed_records=changed,
    )
    plants = store_installations(
        session, community=row, installations=community.installations, changed_records=changed
    )
    listed = _store_list(session, row, community, changed)
    standing_changes = store_standings(
        session,
        community=row,
        installations=plants,
        listed=listed,
        dates=ListDates(date(community.year, 1, 1), local_day(imported_at, row.timezone)),
        changed_records=changed,
    )
    return _StoredRecords(row, plants, listed, changed, standing_changes)


def _store_list(
    session: Session, row: Community, community: CommunityYear, changed: list[str]
) -> list[ListedPoint]:
    points = store_members(
        session, community=row, members=community.members, changed_records=changed
    )
    lines = zip(community.members, points, strict=True)
    return [ListedPoint(place, record, point) for place, (record, point) in enumerate(lines)]


def _store_series(
    session: Session,
    records: _StoredRecords,
    community: CommunityYear,
    imported_at: datetime,
    tell: Progress,
) -> tuple[dict[Channel, RoundingMove], StoredMonths]:
    """Store consumption, generation and prices."""
    row, points = records.community, [point.supply_point for point in records.listed]
    meters = {
        Channel.CONSUMPTION: [Meter(point.id, point.cups) for point in points],
        Channel.GENERATION: [Meter(plant.id, plant.cau) for plant in records.plants],
    }
    rounding, stored = {}, []
    for done, (channel, counted) in zip((0.1, 0.8), meters.items(), strict=True):
        tell(done, f"{channel} readings")
        rounding[channel], months = store_readings(
            session,
            promoter_id=row.promoter_id,
            community=community,
            channel=channel,
            meters=counted,
            imported_at=imported_at,
        )
        stored.append(months)
    tell(0.9, "prices")
    prices = store_prices(
        session,
        promoter_id=row.promoter_id,
        community_id=row.id,
        community=community,
        imported_at=imported_at,
    )
    return rounding, StoredMonths.joined([*stored, prices])
