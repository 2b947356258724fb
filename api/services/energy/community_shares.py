"""Who shares in communities' plants on some days, by which coefficients."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_shares import Held, PlantShares, find_shares, hold_shares
from models.repositories.installations import group_installations
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import map_supply_points
from models.tables import Community, SupplyPoint
from models.values.period import Period


@dataclass(frozen=True, slots=True, eq=False)
class Sharing:
    """Who shares in what, on some of the days that matter.

    Attributes
    ----------
    promoter_id : UUID
        Whose communities they are.
    caus : mapping of UUID to mapping of UUID to str
        Each community's plants, by CAU.
    shares : mapping of UUID to PlantShares
        Coefficients of plants that have any.
    joined : mapping of UUID to frozenset of UUID
        Supply points of each plant by open memberships.
    held : Held
        On which days supply points count in sums.
    points : mapping of UUID to SupplyPoint
        All of them that matter, by CUPS.
    """

    promoter_id: UUID
    caus: Mapping[UUID, Mapping[UUID, str]]
    shares: Mapping[UUID, PlantShares]
    joined: Mapping[UUID, frozenset[UUID]]
    held: Held
    points: Mapping[UUID, SupplyPoint]

    def find_sharers(self, plant_id: UUID, days: Period) -> frozenset[UUID]:
        """Find who shares in a plant on some of the days: by its coefficients, or who joined."""
        return self.joined[plant_id] | {
            key
            for key, shares in self.held[plant_id].items()
            if any(share.holds_within(days) for share in shares)
        }


def find_sharing(
    session: Session,
    *,
    communities: Collection[Community],
    days: Period,
    point_ids: Collection[UUID] | None = None,
) -> Sharing:
    """Find who shares in communities' plants on some of the days, by which coefficients.

    Parameters
    ----------
    session : Session
        Open transaction.
    communities : collection of Community
        Whose plants, at least one; of one promoter.
    days : Period
        Local days.
    point_ids : collection of UUID, optional
        Supply points that matter; all when None.

    Returns
    -------
    Sharing
        In the same few queries however many there are.
    """
    owner = next(iter(communities)).promoter_id
    keys = [community.id for community in communities]
    groups = group_installations(session, promoter_id=owner, community_ids=keys)
    caus = {key: {plant.id: plant.cau for plant in groups[key]} for key in keys}
    plants = [key for named in caus.values() for key in named]
    shares = find_shares(session, promoter_id=owner, installation_ids=plants, within=days)
    joined = group_open_memberships(session, promoter_id=owner, installation_ids=plants)
    members = {key: frozenset(row.supply_point_id for row in joined[key]) for key in plants}
    held = hold_shares(shares, members, days)
    wanted = frozenset().union(*members.values(), *held.values())
    if point_ids is not None:
        wanted &= frozenset(point_ids)
    found = map_supply_points(session, promoter_id=owner, supply_point_ids=wanted)
    points = {point.id: point for point in sorted(found.values(), key=lambda point: point.cups)}
    return Sharing(owner, caus, shares, members, held, points)
