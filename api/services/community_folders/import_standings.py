"""Bring who shares and who waits up to what the members' list says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.community_folders.import_records import update_record
from api.services.community_folders.import_report import Standing, StandingChange
from loaders.records import MemberRecord, MemberRole
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships, map_last_ends
from models.repositories.reserve_pool import list_reserve_applications
from models.repositories.supply_points import map_supply_points
from models.tables import (
    ApplicationState,
    Community,
    Membership,
    ReserveApplication,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.money import to_cents

_STANDINGS = {MemberRole.MEMBER: Standing.MEMBER, MemberRole.RESERVE: Standing.RESERVE}


@dataclass(frozen=True, slots=True)
class ListedPoint:
    """One line of the list, its supply point and its place.

    Attributes
    ----------
    position : int
        Place in the list, from 0.
    record : MemberRecord
        The line.
    supply_point : SupplyPoint
        The stored supply point.
    """

    position: int
    record: MemberRecord
    supply_point: SupplyPoint

    @property
    def investment_cents(self) -> int | None:
        """What the member paid in, in whole cents."""
        invested_eur = self.record.investment_eur
        return None if invested_eur is None else to_cents(invested_eur)


@dataclass(frozen=True, slots=True)
class ListDates:
    """The days that open and close a membership where the list names none.

    Attributes
    ----------
    since : date
        First day of the folder's year.
    imported_on : date
        Local day of the import.
    """

    since: date
    imported_on: date


def store_standings(
    session: Session,
    *,
    community: Community,
    installations: Sequence[SelfConsumptionInstallation],
    listed: Sequence[ListedPoint],
    dates: ListDates,
    changed_records: list[str],
) -> tuple[StandingChange, ...]:
    """Open and close memberships and reserve applications as the list says.

    Members share in the installations that their line names, or in every one of the folder. Who
    left the list, or an installation, stops sharing on the day of the import, or stops waiting.

    Parameters
    ----------
    session : Session
        Open transaction.
    community : Community
        The stored community.
    installations : sequence of SelfConsumptionInstallation
        Its installations.
    listed : sequence of ListedPoint
        The list.
    dates : ListDates
        Days for those whose line names none.
    changed_records : list of str
        Takes the names of records made or altered.

    Returns
    -------
    tuple of StandingChange
        Who began or ceased to share or to wait, in the order of the list, then by CUPS; everybody,
        when the community is new.
    """
    update = _Update(session, community, listed, dates, changed_records)
    plants = {installation.id: installation.cau for installation in installations}
    before = update.share(plants) | update.wait()
    session.flush()
    after = {point.supply_point.id: _STANDINGS[point.record.role] for point in listed}
    return update.list_changes(before, after)


@dataclass(frozen=True, slots=True)
class _Update:
    """One pass over what is stored; each step returns how supply points stood before it."""

    session: Session
    community: Community
    listed: Sequence[ListedPoint]
    dates: ListDates
    changed_records: list[str]

    def share(self, plants: Mapping[UUID, str]) -> dict[UUID, Standing]:
        """Open, alter and close memberships of every installation, by id and CAU."""
        tenant = self.community.promoter_id
        stored = group_open_memberships(self.session, promoter_id=tenant, installation_ids=plants)
        ends = map_last_ends(self.session, promoter_id=tenant, installation_ids=plants)
        sharing = self._with_role(MemberRole.MEMBER)
        for plant, memberships in stored.items():
            held = {membership.supply_point_id: membership for membership in memberships}
            for point in sharing:
                if point.record.caus and plants[plant] not in point.record.caus:
                    continue
                membership = held.pop(point.supply_point.id, None)
                last_end = ends.get((plant, point.supply_point.id), date.min)
                self._open_or_alter(plant, point, membership, last_end)
            for membership in held.values():
                tomorrow = membership.valid_from + timedelta(days=1)
                membership.valid_until = max(self.dates.imported_on, tomorrow)
        shared = (membership for memberships in stored.values() for membership in memberships)
        return {membership.supply_point_id: Standing.MEMBER for membership in shared}

    def wait(self) -> dict[UUID, Standing]:
        """Open, alter and close reserve applications."""
        tenant, community_id = self.community.promoter_id, self.community.id
        applications = list_reserve_applications(
            self.session, promoter_id=tenant, community_id=community_id
        )
        before = {
            application.supply_point_id: Standing.RESERVE
            for application in applications
            if application.state is ApplicationState.WAITING
        }
        stored = {application.supply_point_id: application for application in applications}
        for point in self._with_role(MemberRole.RESERVE):
            self._apply(point, stored.pop(point.supply_point.id, None))
        admitted = {point.supply_point.id for point in self._with_role(MemberRole.MEMBER)}
        for supply_point_id, application in stored.items():
            if application.state is ApplicationState.WAITING:
                application.state = (
                    ApplicationState.ADMITTED
                    if supply_point_id in admitted
                    else ApplicationState.WITHDRAWN
                )
        return before

    def list_changes(
        self, before: Mapping[UUID, Standing], after: Mapping[UUID, Standing]
    ) -> tuple[StandingChange, ...]:
        """Compare how supply points stood and stand; those that left come last, by CUPS."""
        tenant = self.community.promoter_id
        left = map_supply_points(
            self.session, promoter_id=tenant, supply_point_ids=before.keys() - after.keys()
        )
        people = map_members(
            self.session,
            promoter_id=tenant,
            member_ids={supply_point.member_id for supply_point in left.values()},
        )
        named = [(point.record.member_id, point.supply_point) for point in self.listed]
        named += [
            (people[supply_point.member_id].code, supply_point)
            for supply_point in sorted(left.values(), key=attrgetter("cups"))
        ]
        changes = (
            StandingChange(
                member_id,
                supply_point.cups,
                before.get(supply_point.id, Standing.ABSENT),
                after.get(supply_point.id, Standing.ABSENT),
            )
            for member_id, supply_point in named
        )
        return tuple(change for change in changes if change.before is not change.after)

    def _with_role(self, role: MemberRole) -> list[ListedPoint]:
        return [point for point in self.listed if point.record.role is role]

    def _open_or_alter(
        self, plant: UUID, point: ListedPoint, membership: Membership | None, last_end: date
    ) -> None:
        joined_on = point.record.joined_on
        values: dict[str, Any] = {
            "position": point.position,
            "investment_cents": point.investment_cents,
        }
        if membership is None:
            self.session.add(
                Membership(
                    promoter_id=self.community.promoter_id,
                    installation_id=plant,
                    supply_point_id=point.supply_point.id,
                    valid_from=max(joined_on or self.dates.since, last_end),
                    **values,
                )
            )
            return
        valid_from = max(joined_on, last_end) if joined_on else membership.valid_from
        if update_record(membership, valid_from=valid_from, **values):
            self.changed_records.append(f"membership {point.supply_point.cups}")

    def _apply(self, point: ListedPoint, application: ReserveApplication | None) -> None:
        values: dict[str, Any] = {
            "position": point.position,
            "investment_cents": point.investment_cents,
            "applied_on": point.record.joined_on,
        }
        if application is None:
            self.session.add(
                ReserveApplication(
                    promoter_id=self.community.promoter_id,
                    community_id=self.community.id,
                    supply_point_id=point.supply_point.id,
                    **values,
                )
            )
            return
        application.state = ApplicationState.WAITING
        if update_record(application, **values):
            self.changed_records.append(f"reserve application {point.supply_point.cups}")
