"""Take a list of members or candidates into a community, without a year of their energy."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter
from sqlmodel import Session

from api.services.communities.community_meters import CommunityMeters, load_meters
from api.services.community_folders.import_records import store_members
from api.services.community_folders.import_report import StandingChange
from api.services.community_folders.import_standings import ListDates, ListedPoint, store_standings
from api.services.file_imports.file_report import SourceFile
from loaders.faults import FaultLog, FaultyInputError
from loaders.members_table import read_members_table
from loaders.records import MemberRecord, MemberRole
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships
from models.repositories.reserve_pool import list_reserve_applications
from models.tables import (
    ApplicationState,
    FileImport,
    ImportSubject,
    SupplyPoint,
)
from models.values.calendar import local_day
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.money import from_cents
from models.values.power import to_kw

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ListedMembers:
    """A list that was read.

    Attributes
    ----------
    members : tuple of MemberRecord
        Its lines.
    source : SourceFile
        The file that they came from.
    """

    members: tuple[MemberRecord, ...]
    source: SourceFile


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How a list is to be taken.

    Attributes
    ----------
    role : MemberRole or None
        Role of everybody in it; None when a column tells.
    is_complete : bool
        Whether who is not in it leaves: those of the role it is about, or everybody.
    """

    role: MemberRole | None = None
    is_complete: bool = False

    @staticmethod
    def named(role: str | None, *, is_complete: bool) -> "ListOptions":
        """Take the role by its name, ``member`` or ``reserve``."""
        return ListOptions(None if role is None else MemberRole(role), is_complete)


@dataclass(frozen=True, slots=True)
class MembersReport:
    """What an import of a list did, or would do.

    Attributes
    ----------
    community_id : UUID
        Whose list.
    file_name, sha256 : str
        The file.
    member_count, reserve_count : int
        Lines of those who share, and of those who wait.
    changed_records : tuple of str
        Names of the records that were made or altered.
    standing_changes : tuple of StandingChange
        Who began or ceased to share or to wait.
    notes : tuple of str
        What a reader should know.
    is_dry_run : bool
        Whether nothing was to be stored.
    """

    community_id: UUID
    file_name: str
    sha256: str
    member_count: int
    reserve_count: int
    changed_records: tuple[str, ...]
    standing_changes: tuple[StandingChange, ...]
    notes: tuple[str, ...]
    is_dry_run: bool

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was stored already."""
        return not (self.changed_records or self.standing_changes)

    def to_json(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        document: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return document | {"unchanged": self.is_unchanged}


_ADAPTER = TypeAdapter(MembersReport)


def read_members_file(name: str, data: bytes, role: MemberRole | None) -> ListedMembers:
    """Read a list, or tell every fault of it.

    Parameters
    ----------
    name : str
        Name of the file.
    data : bytes
        XLSX or CSV.
    role : MemberRole or None
        Role of everybody in it; without it the list needs a column that tells.

    Returns
    -------
    ListedMembers
        Its lines and the file.

    Raises
    ------
    FaultyInputError
        If anything in it is wrong, with all faults.
    """
    log = FaultLog()
    listed = read_members_table(data, log.of(name), role)
    if listed is None or log.faults():
        raise FaultyInputError(log.faults())
    source = SourceFile(name[-_LONGEST_NAME:], hashlib.sha256(data).hexdigest())
    return ListedMembers(listed.members, source)


def import_members(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    listed: ListedMembers,
    options: ListOptions,
    imported_at: datetime,
    is_dry_run: bool = False,
) -> MembersReport:
    """Make the people and supply points of a list, or bring them up to date.

    Those of role ``member`` share from the day that their line names, or from the first day of the
    year of the import, in the installations that it names or in all; those of role ``reserve``
    wait. Coefficients of the list are not taken. The caller commits.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose list.
    listed : ListedMembers
        The list.
    options : ListOptions
        How it is to be taken.
    imported_at : datetime
        Instant of the import.
    is_dry_run : bool
        Whether only to tell what would be done.

    Returns
    -------
    MembersReport
        What was made, altered and left.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    ForeignRecordError
        If a CUPS belongs to another community of the promoter.
    InvalidDataError
        If a power is below a watt.
    """
    meters = load_meters(session, promoter_id=promoter_id, community_id=community_id, locks=True)
    members, source = listed.members, listed.source
    savepoint = session.begin_nested()
    changed, standing_changes = _apply(session, meters, members, options, imported_at)
    report = MembersReport(
        community_id=community_id,
        file_name=source.name,
        sha256=source.sha256,
        member_count=sum(member.role is MemberRole.MEMBER for member in members),
        reserve_count=sum(member.role is MemberRole.RESERVE for member in members),
        changed_records=tuple(changed),
        standing_changes=standing_changes,
        notes=tuple(_note_left_out(members, meters)),
        is_dry_run=is_dry_run,
    )
    if is_dry_run:
        savepoint.rollback()
        return report
    savepoint.commit()
    if not report.is_unchanged:
        session.add(_keep(report, meters, options, imported_at))
        session.flush()
    return report


def _apply(
    session: Session,
    meters: CommunityMeters,
    members: Sequence[MemberRecord],
    options: ListOptions,
    imported_at: datetime,
) -> tuple[list[str], tuple[StandingChange, ...]]:
    """Bring records and standings up to date; tell what changed."""
    changed: list[str] = []
    points = store_members(
        session, community=meters.community, members=tuple(members), changed_records=changed
    )
    today = local_day(imported_at, meters.community.timezone)
    standing_changes = store_standings(
        session,
        community=meters.community,
        installations=meters.plants,
        listed=_join_list(session, meters, members, points, options),
        dates=ListDates(date(today.year, 1, 1), today),
        changed_records=changed,
    )
    return changed, standing_changes


def _join_list(
    session: Session,
    meters: CommunityMeters,
    members: Sequence[MemberRecord],
    points: Sequence[SupplyPoint],
    options: ListOptions,
) -> list[ListedPoint]:
    """Put those who stay as they are before the lines of the list."""
    standing = _list_standing(session, meters)
    named = {point.id for point in points}
    kept = [
        point
        for point in standing
        if point.supply_point.id not in named and not _leaves(point.record.role, options)
    ]
    places = {point.supply_point.id: point.position for point in standing}
    behind = count(1 + max(places.values(), default=-1))
    for number, (record, point) in enumerate(zip(members, points, strict=True)):
        if options.is_complete:
            position = number
        else:
            position = places[point.id] if point.id in places else next(behind)
        kept.append(ListedPoint(position, record, point))
    return kept


def _leaves(role: MemberRole, options: ListOptions) -> bool:
    """Tell whether somebody of a role leaves by not being in the list."""
    return options.is_complete and options.role in (None, role)


def _list_standing(session: Session, meters: CommunityMeters) -> list[ListedPoint]:
    """List who shares and who waits, as a list would."""
    owner = meters.community.promoter_id
    caus = {plant.id: Cau(plant.cau) for plant in meters.plants}
    held = group_open_memberships(session, promoter_id=owner, installation_ids=caus)
    rows = {point.id: point for point in meters.points}
    people = map_members(
        session, promoter_id=owner, member_ids={point.member_id for point in meters.points}
    )
    names = {member_id: member.code for member_id, member in people.items()}
    found: dict[UUID, ListedPoint] = {}
    for plant_id, memberships in held.items():
        for row in memberships:
            point = rows[row.supply_point_id]
            record = _describe(point, names[point.member_id], MemberRole.MEMBER)
            before = found.get(point.id)
            shared = (*(before.record.caus if before else ()), caus[plant_id])
            record = replace(record, caus=shared, investment_eur=_to_eur(row.investment_cents))
            found[point.id] = ListedPoint(row.position, record, point)
    for application in list_reserve_applications(
        session, promoter_id=owner, community_id=meters.community.id
    ):
        if application.state is ApplicationState.WAITING:
            point = rows[application.supply_point_id]
            record = replace(
                _describe(point, names[point.member_id], MemberRole.RESERVE),
                investment_eur=_to_eur(application.investment_cents),
                joined_on=application.applied_on,
            )
            found[point.id] = ListedPoint(application.position, record, point)
    return list(found.values())


def _describe(point: SupplyPoint, member_id: str, role: MemberRole) -> MemberRecord:
    return MemberRecord(
        member_id, role, Cups(point.cups), point.tariff, to_kw(point.contracted_power_w)
    )


def _to_eur(cents: int | None) -> float | None:
    return None if cents is None else float(from_cents(cents))


def _note_left_out(members: Collection[MemberRecord], meters: CommunityMeters) -> list[str]:
    """Tell what the list says and the import does not take."""
    notes = []
    if any(member.current_beta is not None for member in members):
        notes.append(
            "coefficients of the list were not taken: hand them in as a table of their own, and"
            " draft an agreement of it"
        )
    if not meters.plants and any(member.role is MemberRole.MEMBER for member in members):
        notes.append("the community has no installation yet, so nobody shares in one")
    return notes


def _keep(
    report: MembersReport, meters: CommunityMeters, options: ListOptions, imported_at: datetime
) -> FileImport:
    """Note the list; one that is taken again after others changed something is another import."""
    chosen: Mapping[str, Any] = {
        "role": options.role,
        "is_complete": options.is_complete,
        "imported_at": imported_at.isoformat(),
    }
    text = orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS)
    return FileImport(
        promoter_id=meters.community.promoter_id,
        community_id=meters.community.id,
        subject=ImportSubject.MEMBERS,
        format="members-list",
        file_name=report.file_name,
        sha256=report.sha256,
        options=orjson.loads(text),
        options_sha256=hashlib.sha256(text).hexdigest(),
        accepted_count=report.member_count + report.reserve_count,
        rejected_count=0,
        report=report.to_json(),
        created_at=imported_at,
    )
