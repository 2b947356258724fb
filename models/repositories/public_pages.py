"""What everybody may know of communities: their pages, and what is told on them.

Whoever asks belongs to no promoter: these questions name pages that are published.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, literal, select, tuple_
from sqlmodel.sql.expression import Select

from models.repositories.by_key import map_by_key
from models.tables.allocations import AllocatedEnergy, MonthAllocation
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.members import Membership, SupplyPoint
from models.tables.sign_ups import PrivacyNotice, PublicPage
from models.tables.users import AccountGrant
from models.values.coefficient import MILLIONTHS
from models.values.period import Period

PageOfCommunity = tuple[PublicPage, Community]


@dataclass(frozen=True, slots=True)
class SharersCount:
    """How many share in a community, and since when."""

    n_members: int
    since: date


def find_page(session: Session, *, promoter_id: UUID, community_id: UUID) -> PublicPage | None:
    """Read the page of a community, published or not."""
    found = map_pages(session, promoter_id=promoter_id, community_ids=[community_id])
    return found.get(community_id)


def map_pages(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, PublicPage]:
    """Read the pages of communities, published or not, by community."""
    key = "community_id"
    return map_by_key(session, PublicPage, community_ids, promoter_id=promoter_id, key=key)


def find_published(session: Session, *, slug: str) -> PageOfCommunity | None:
    """Read the published page of a name, and its community."""
    return session.exec(_published().where(col(PublicPage.slug) == slug)).one_or_none()


def list_published(
    session: Session, *, first: int, after: tuple[str, UUID] | None
) -> list[PageOfCommunity]:
    """List the first published pages after a place, by their names in addresses."""
    rows = _published().order_by(col(PublicPage.slug), col(PublicPage.id)).limit(first)
    if after is not None:
        key = tuple_(col(PublicPage.slug), col(PublicPage.id))
        rows = rows.where(key > tuple_(literal(after[0]), literal(after[1])))
    return list(session.exec(rows))


def count_published(session: Session) -> int:
    """Count the published pages."""
    rows = select(func.count()).select_from(PublicPage)
    return session.exec(rows.where(col(PublicPage.is_published))).one()


def find_last_notice(
    session: Session, *, promoter_id: UUID, community_id: UUID
) -> PrivacyNotice | None:
    """Read the newest version of what people read before they sign up."""
    rows = (
        select(PrivacyNotice)
        .where(PrivacyNotice.promoter_id == promoter_id, PrivacyNotice.community_id == community_id)
        .order_by(col(PrivacyNotice.version).desc())
        .limit(1)
    )
    return session.exec(rows).one_or_none()


def map_notices(
    session: Session, *, promoter_id: UUID, notice_ids: Collection[UUID]
) -> dict[UUID, PrivacyNotice]:
    """Read versions by id."""
    return map_by_key(session, PrivacyNotice, notice_ids, promoter_id=promoter_id)


def map_last_notices(
    session: Session, *, community_ids: Collection[UUID]
) -> dict[UUID, PrivacyNotice]:
    """Read the newest versions of communities' notices."""
    rows = (
        select(PrivacyNotice)
        .where(col(PrivacyNotice.community_id).in_(community_ids))
        .order_by(col(PrivacyNotice.version))
    )
    return {notice.community_id: notice for notice in session.exec(rows)}


def group_plants(
    session: Session, *, community_ids: Collection[UUID]
) -> dict[UUID, list[SelfConsumptionInstallation]]:
    """Read the plants of communities, in the order of their lists."""
    plant = SelfConsumptionInstallation
    rows = (
        select(plant)
        .where(col(plant.community_id).in_(community_ids))
        .order_by(col(plant.position), col(plant.id))
    )
    groups: dict[UUID, list[SelfConsumptionInstallation]] = {key: [] for key in community_ids}
    for found in session.exec(rows):
        groups[found.community_id].append(found)
    return groups


def count_sharers(session: Session, *, community_ids: Collection[UUID]) -> dict[UUID, SharersCount]:
    """Count the members of communities who share now, where anybody does, and find since when."""
    plant = SelfConsumptionInstallation
    rows = (
        select(
            plant.community_id,
            func.count(col(SupplyPoint.member_id).distinct()),
            func.min(Membership.valid_from),
        )
        .join(Membership, col(Membership.installation_id) == plant.id)
        .join(SupplyPoint, col(SupplyPoint.id) == Membership.supply_point_id)
        .where(col(plant.community_id).in_(community_ids), col(Membership.valid_until).is_(None))
        .group_by(col(plant.community_id))
    )
    return {key: SharersCount(count, since) for key, count, since in session.exec(rows)}


def group_generation(
    session: Session, *, community_ids: Collection[UUID], since: datetime
) -> dict[UUID, dict[datetime, dict[UUID, int]]]:
    """Read what plants of communities generated [Wh] in months that were shared out.

    By community, by the start of the local month, and by plant.
    """
    newest = _newest_months(community_ids, since).c
    told: Any = select(newest.community_id, newest.starts_at, newest.installation_id)
    groups: defaultdict[UUID, dict[datetime, dict[UUID, int]]] = defaultdict(dict)
    for key, starts_at, plant_id, wh in session.exec(told.add_columns(newest.generation_wh)):
        groups[key].setdefault(starts_at, {})[plant_id] = int(wh)
    return groups


def group_memberships(
    session: Session, *, community_ids: Collection[UUID]
) -> dict[UUID, set[Period]]:
    """Read from when until when anybody was a member of a plant, by plant."""
    plant, member = SelfConsumptionInstallation, Membership
    rows = (
        select(member.installation_id, col(member.valid_from), col(member.valid_until))
        .join(plant, col(plant.id) == member.installation_id)
        .where(col(plant.community_id).in_(community_ids))
        .distinct()
    )
    groups: defaultdict[UUID, set[Period]] = defaultdict(set)
    for key, start, end in session.exec(rows):
        groups[key].add(Period(start, end))
    return groups


def sum_self_consumed(
    session: Session, *, community_ids: Collection[UUID], since: datetime, fewest: int
) -> dict[UUID, dict[datetime, int]]:
    """Sum up what members of communities consumed of it [1e-6 Wh], where enough of them shared.

    Of a month whose parts do not make what was given nothing is told: some went with a person.
    Everybody reads the sum, whoever shares too: the members of each account know their own, and
    count as one.
    """
    newest = _newest_months(community_ids, since)
    lacking = _lacking_months(newest)
    widest = _widest_accounts(newest)
    part = AllocatedEnergy
    rows = (
        select(newest.c.community_id, newest.c.starts_at, func.sum(part.self_consumed_micro_wh))
        .select_from(newest)
        .join(part, col(part.allocation_id) == newest.c.id)
        .join(SupplyPoint, col(SupplyPoint.id) == part.supply_point_id)
        .outerjoin(
            widest,
            (widest.c.community_id == newest.c.community_id)
            & (widest.c.starts_at == newest.c.starts_at),
        )
        .where(
            col(part.allocated_micro_wh) > 0,
            tuple_(newest.c.community_id, newest.c.starts_at).not_in(lacking),
        )
        .group_by(newest.c.community_id, newest.c.starts_at)
        .having(
            func.count(col(SupplyPoint.member_id).distinct())
            - func.coalesce(func.max(widest.c.n_members), 1)
            + 1
            >= fewest
        )
    )
    sums: defaultdict[UUID, dict[datetime, int]] = defaultdict(dict)
    for key, starts_at, total in session.exec(rows):
        sums[key][starts_at] = int(total)
    return sums


def _newest_months(community_ids: Collection[UUID], since: datetime) -> Any:
    """Choose of each month of a plant the version that was shared out last."""
    plant, month = SelfConsumptionInstallation, MonthAllocation
    place = func.row_number().over(
        partition_by=(col(month.installation_id), col(month.starts_at)),
        order_by=col(month.version).desc(),
    )
    told: Any = select(month.id, plant.community_id, month.starts_at, month.generation_wh)
    versions = (
        told.add_columns(month.installation_id, month.unallocated_micro_wh, place.label("place"))
        .select_from(month)
        .join(plant, col(plant.id) == month.installation_id)
        .where(col(plant.community_id).in_(community_ids), col(month.starts_at) >= since)
        .subquery()
    )
    return select(versions).where(versions.c.place == 1).subquery()


def _lacking_months(newest: Any) -> Any:
    """Choose communities and months of which some plant's parts are not all there any more."""
    part = AllocatedEnergy
    given = func.coalesce(func.sum(part.allocated_micro_wh), 0)
    return (
        select(newest.c.community_id, newest.c.starts_at)
        .select_from(newest)
        .outerjoin(part, col(part.allocation_id) == newest.c.id)
        .group_by(*newest.c)
        .having(given + newest.c.unallocated_micro_wh != newest.c.generation_wh * MILLIONTHS)
    )


def _widest_accounts(newest: Any) -> Any:
    """Count, of the members who shared in a community's month, the most that one account is."""
    part, grant = AllocatedEnergy, AccountGrant
    sharing = (
        select(newest.c.community_id, newest.c.starts_at, col(SupplyPoint.member_id))
        .select_from(newest)
        .join(part, col(part.allocation_id) == newest.c.id)
        .join(SupplyPoint, col(SupplyPoint.id) == part.supply_point_id)
        .where(col(part.allocated_micro_wh) > 0)
        .distinct()
        .subquery()
    )
    month = sharing.c.community_id, sharing.c.starts_at
    accounts = (
        select(*month, func.count().label("n_members"))
        .select_from(sharing)
        .join(grant, col(grant.member_id) == sharing.c.member_id)
        .group_by(*month, col(grant.account_id))
        .subquery()
    )
    of_month = accounts.c.community_id, accounts.c.starts_at
    most = func.max(accounts.c.n_members).label("n_members")
    return select(*of_month, most).group_by(*of_month).subquery()


def _published() -> Select[PublicPage, Community]:
    return (
        select(PublicPage, Community)
        .join(Community, col(Community.id) == PublicPage.community_id)
        .where(col(PublicPage.is_published))
    )
