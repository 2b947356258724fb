"""The supply points and installations of a community, all of them, whoever shares today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import UnknownCommunityError
from models.repositories.communities import get_community, lock_known_community, map_communities
from models.repositories.installations import group_installations
from models.repositories.supply_points import group_community_supply_points
from models.tables import Community, SelfConsumptionInstallation, SupplyPoint


@dataclass(frozen=True, slots=True)
class CommunityMeters:
    """A community and its meters.

    Attributes
    ----------
    community : Community
        The community.
    points : sequence of SupplyPoint
        Those of its members, by CUPS.
    plants : sequence of SelfConsumptionInstallation
        Its installations, in the order of its list.
    """

    community: Community
    points: Sequence[SupplyPoint]
    plants: Sequence[SelfConsumptionInstallation]


def load_meters(
    session: Session, *, promoter_id: UUID, community_id: UUID, locks: bool = False
) -> CommunityMeters:
    """Read a community and all its meters.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    locks : bool
        Whether the transaction is going to append to its months, so that no other may meanwhile.

    Returns
    -------
    CommunityMeters
        The community and its meters.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    """
    read = lock_known_community if locks else get_community
    community = read(session, promoter_id=promoter_id, community_id=community_id)
    if community is None:
        raise UnknownCommunityError(community_id)
    return _find_meters(session, promoter_id, {community_id: community})[community_id]


def map_meters(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, CommunityMeters]:
    """Read many communities and all their meters.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_ids : collection of UUID
        The communities.

    Returns
    -------
    dict of UUID to CommunityMeters
        Without those that the promoter does not have.
    """
    communities = map_communities(session, promoter_id=promoter_id, community_ids=community_ids)
    return _find_meters(session, promoter_id, communities)


def _find_meters(
    session: Session, promoter_id: UUID, communities: Mapping[UUID, Community]
) -> dict[UUID, CommunityMeters]:
    keys = list(communities)
    plants = group_installations(session, promoter_id=promoter_id, community_ids=keys)
    points = group_community_supply_points(session, promoter_id=promoter_id, community_ids=keys)
    return {
        key: CommunityMeters(community, points[key], plants[key])
        for key, community in communities.items()
    }
