"""Bring the records of a community up to what its folder says: plants, members, supply points."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from loaders.records import CommunityYear, InstallationRecord, MemberRecord
from models.repositories.communities import find_community, lock_community
from models.repositories.installations import group_installations, map_installations_by_cau
from models.repositories.members import map_members_by_code
from models.repositories.supply_points import list_supply_points_of_meters
from models.tables import Community, Member, SelfConsumptionInstallation, SupplyPoint
from models.values.cups import Cups
from models.values.energy import WH_PER_KWH
from models.values.errors import ConflictError
from models.values.power import to_watts

_METER = 20
"""Characters of a CUPS without its measuring point."""


class ForeignRecordError(ConflictError):
    """Codes of the folder belong to another community of the same promoter.

    Attributes
    ----------
    kind : str
        ``CUPS`` or ``CAU``.
    codes : tuple of str
        The codes, sorted.
    """

    def __init__(self, kind: str, codes: tuple[str, ...]) -> None:
        super().__init__(
            f"{kind} {', '.join(codes)}: already in another community of yours; correct the folder"
            " or import it under that community's id"
        )
        self.kind = kind
        self.codes = codes


class AmbiguousCupsError(ConflictError):
    """A CUPS of 20 characters stands for several measuring points, or beside one of its own.

    Attributes
    ----------
    cups : str
        The CUPS.
    others : tuple of str
        What it could mean, or stands beside.
    """

    def __init__(self, cups: str, others: tuple[str, ...]) -> None:
        super().__init__(
            f"{cups} means the same meter as {' and '.join(others)}: write all 22 characters, once"
        )
        self.cups = cups
        self.others = others


class ForgottenInstallationError(ConflictError):
    """The folder leaves out installations that the community has.

    Attributes
    ----------
    caus : tuple of str
        Their codes, sorted.
    """

    def __init__(self, caus: tuple[str, ...]) -> None:
        super().__init__(
            f"the folder leaves out {', '.join(caus)}: a folder holds every installation of its"
            " community, so add the missing generation"
        )
        self.caus = caus


class ClockChangedError(ConflictError):
    """The folder names another clock than the community's stored months were cut by.

    Attributes
    ----------
    stored, offered : str
        IANA names of the two clocks.
    """

    def __init__(self, stored: str, offered: str) -> None:
        super().__init__(
            f"the community keeps the time of {stored}, the folder that of {offered}: correct the"
            " folder's timezone or import it under another id"
        )
        self.stored = stored
        self.offered = offered


def store_community(
    session: Session,
    *,
    promoter_id: UUID,
    community: CommunityYear,
    imported_at: datetime,
    changed_records: list[str],
) -> Community:
    """Make the community or bring its name and zone up to date.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community : CommunityYear
        What the folder says.
    imported_at : datetime
        Instant of the import.
    changed_records : list of str
        Takes the names of records made or altered.

    Returns
    -------
    Community
        The stored community.

    Raises
    ------
    ClockChangedError
        If it is stored under another time zone.
    """
    row = find_community(session, promoter_id=promoter_id, code=community.community_id)
    if row is not None:
        row = lock_community(session, promoter_id=promoter_id, community_id=row.id)
    if row is None:
        row = Community(
            promoter_id=promoter_id,
            code=community.community_id,
            name=community.name,
            timezone=community.timezone,
            zone=community.zone,
            created_at=imported_at,
        )
        session.add(row)
        changed_records.append(f"community {row.code}")
    elif row.timezone != community.timezone:
        raise ClockChangedError(row.timezone, community.timezone)
    elif update_record(row, name=community.name, zone=community.zone):
        changed_records.append(f"community {row.code}")
    session.flush()
    return row


def store_installations(
    session: Session,
    *,
    community: Community,
    installations: tuple[InstallationRecord, ...],
    changed_records: list[str],
) -> list[SelfConsumptionInstallation]:
    """Make the community's installations or bring them up to date.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        The stored community.
    installations : tuple of InstallationRecord
        All of the community's installations.
    changed_records : list of str
        Takes the names of records made or altered.

    Returns
    -------
    list of SelfConsumptionInstallation
        The stored installations, in the order given.

    Raises
    ------
    ForeignRecordError
        If a CAU belongs to another community of the promoter.
    ForgottenInstallationError
        If a stored installation is left out.
    """
    owner = community.promoter_id
    caus = [str(record.cau) for record in installations]
    stored = map_installations_by_cau(session, promoter_id=owner, caus=caus)
    foreign = [cau for cau, row in stored.items() if row.community_id != community.id]
    if foreign:
        raise ForeignRecordError("CAU", tuple(sorted(foreign)))
    kept = group_installations(session, promoter_id=owner, community_ids=[community.id])
    forgotten = {row.cau for row in kept[community.id]} - set(caus)
    if forgotten:
        raise ForgottenInstallationError(tuple(sorted(forgotten)))
    rows = []
    for position, record in enumerate(installations):
        row = stored.get(record.cau)
        values: dict[str, Any] = {
            "position": position,
            "inverter_power_w": to_watts(record.pv_kw),
            "lat": record.lat,
            "lon": record.lon,
        }
        if row is None:
            row = SelfConsumptionInstallation(
                promoter_id=owner, community_id=community.id, cau=str(record.cau), **values
            )
            session.add(row)
            changed_records.append(f"installation {row.cau}")
        elif update_record(row, **values):
            changed_records.append(f"installation {row.cau}")
        rows.append(row)
    session.flush()
    return rows


def store_members(
    session: Session,
    *,
    community: Community,
    members: tuple[MemberRecord, ...],
    changed_records: list[str],
) -> list[SupplyPoint]:
    """Make the members and their supply points or bring them up to date.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        The stored community.
    members : tuple of MemberRecord
        The list, members and reserve alike.
    changed_records : list of str
        Takes the names of records made or altered.

    Returns
    -------
    list of SupplyPoint
        One for each line of the list, in its order.

    Raises
    ------
    ForeignRecordError
        If a CUPS belongs to another community of the promoter.
    AmbiguousCupsError
        If a CUPS of 20 characters is of several measuring points, or one stands twice.
    """
    owner = community.promoter_id
    people = map_members_by_code(session, promoter_id=owner, community_id=community.id)
    stored = _find_stored(session, owner, [record.cups for record in members])
    residents = {member.id for member in people.values()}
    foreign = [row.cups for row in stored.values() if row.member_id not in residents]
    if foreign:
        raise ForeignRecordError("CUPS", tuple(sorted(foreign)))
    for record in members:
        member = people.get(record.member_id)
        if member is None:
            member = Member(
                promoter_id=owner,
                community_id=community.id,
                code=record.member_id,
                kind=record.kind,
            )
            people[record.member_id] = member
            session.add(member)
            changed_records.append(f"member {member.code}")
        elif update_record(member, kind=record.kind):
            changed_records.append(f"member {member.code}")
    session.flush()
    points = [
        _store_supply_point(
            session, people[record.member_id], record, stored.get(record.cups), changed_records
        )
        for record in members
    ]
    session.flush()
    return points


def _find_stored(session: Session, owner: UUID, listed: Sequence[Cups]) -> dict[Cups, SupplyPoint]:
    """Find what is stored of each CUPS, with or without the two characters of a measuring point."""
    points: defaultdict[str, dict[str, SupplyPoint]] = defaultdict(dict)
    meters = {cups[:_METER] for cups in listed}
    for row in list_supply_points_of_meters(session, promoter_id=owner, meters=meters):
        points[row.cups[:_METER]][row.cups] = row
    found: dict[Cups, SupplyPoint] = {}
    names: dict[UUID, Cups] = {}
    for cups in listed:
        beside = points[cups[:_METER]]
        same = [code for code in beside if code.startswith(cups) or cups.startswith(code)]
        if cups not in beside and len(same) > 1:
            raise AmbiguousCupsError(cups, tuple(sorted(same)))
        if same:
            found[cups] = beside.get(cups, beside[same[0]])
            if names.setdefault(found[cups].id, cups) != cups:
                raise AmbiguousCupsError(cups, (names[found[cups].id],))
    return found


def update_record(row: SQLModel, **values: object) -> bool:
    """Set the values that differ.

    Parameters
    ----------
    row : SQLModel
        The stored record.
    **values
        What its attributes should be.

    Returns
    -------
    bool
        Whether any differed.
    """
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _store_supply_point(
    session: Session,
    member: Member,
    record: MemberRecord,
    row: SupplyPoint | None,
    changed_records: list[str],
) -> SupplyPoint:
    values: dict[str, Any] = {
        "member_id": member.id,
        "tariff": record.tariff,
        "contracted_power_w": to_watts(record.contracted_kw),
        "lat": record.lat,
        "lon": record.lon,
        "yearly_consumption_wh": _to_wh(record.yearly_kwh),
    }
    if row is None:
        row = SupplyPoint(promoter_id=member.promoter_id, cups=str(record.cups), **values)
        session.add(row)
        changed_records.append(f"supply point {row.cups}")
    elif update_record(row, **values):
        changed_records.append(f"supply point {row.cups}")
    return row


def _to_wh(declared_kwh: float | None) -> int | None:
    """Round what a member declares to whole watt-hours."""
    return None if declared_kwh is None else round(declared_kwh * WH_PER_KWH)
