"""Small stored communities, row by row, for tests of what reads them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from models.repositories.promoters import find_promoter
from models.session import write_session
from models.tables import (
    Community,
    Member,
    Membership,
    SelfConsumptionInstallation,
    SupplyPoint,
)
from models.values.calendar import Zone
from models.values.tariff import Tariff
from tests.support.community_folders import make_cau, make_cups
from tests.support.databases import RECORDED_AT


@dataclass(frozen=True, slots=True)
class StoredCommunity:
    """A stored community, its one installation, and its members with a supply point each."""

    community: Community
    installation: SelfConsumptionInstallation
    members: list[Member]
    points: list[SupplyPoint]


def add_community(
    session: Session, promoter_id: UUID, *, number: int = 1, n_members: int = 2
) -> StoredCommunity:
    """Store community ``c1``, ``c2`` ... with members ``M1``, ``M2`` ... who all share."""
    community = Community(
        promoter_id=promoter_id,
        code=f"c{number}",
        name=f"Community {number}",
        timezone="Europe/Madrid",
        zone=Zone.PENINSULA,
        created_at=RECORDED_AT,
    )
    session.add(community)
    session.flush()
    installation = SelfConsumptionInstallation(
        promoter_id=promoter_id,
        community_id=community.id,
        cau=make_cau(number),
        inverter_power_w=10_000,
    )
    members = [
        Member(promoter_id=promoter_id, community_id=community.id, code=f"M{i + 1}")
        for i in range(n_members)
    ]
    session.add_all([installation, *members])
    session.flush()
    points = [_supply_point(member, 100 * number + i) for i, member in enumerate(members)]
    session.add_all(points)
    session.flush()
    session.add_all(
        _membership(installation, point, position) for position, point in enumerate(points)
    )
    session.flush()
    return StoredCommunity(community, installation, members, points)


def add_place(engine: Engine, promoter: str) -> None:
    """Give a promoter community ``c7``, with the plant that guarded calls name as their own."""
    with write_session(engine) as session:
        add_community(session, find_promoter(session, name=promoter).id, number=7)


def _supply_point(member: Member, number: int) -> SupplyPoint:
    return SupplyPoint(
        promoter_id=member.promoter_id,
        member_id=member.id,
        cups=make_cups(number),
        tariff=Tariff.LOW_VOLTAGE_UP_TO_15_KW,
        contracted_power_w=4_600,
    )


def _membership(
    installation: SelfConsumptionInstallation, point: SupplyPoint, position: int
) -> Membership:
    return Membership(
        promoter_id=point.promoter_id,
        installation_id=installation.id,
        supply_point_id=point.id,
        position=position,
        valid_from=date(2023, 1, 1),
    )
