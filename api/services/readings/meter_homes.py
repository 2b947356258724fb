"""Where meters belong: the community of each supply point or installation."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_energy_subjects import SubjectKind
from models.repositories.communities import map_communities
from models.repositories.installations import map_installations
from models.repositories.members import map_members
from models.repositories.supply_points import map_supply_points
from models.tables import Community


@dataclass(frozen=True, slots=True)
class MeterHome:
    """A meter's CUPS or CAU, and the community that it belongs to."""

    name: str
    community: Community


def find_meter_homes(
    session: Session, *, promoter_id: UUID, kind: SubjectKind, ids: Collection[UUID]
) -> dict[UUID, MeterHome]:
    """Find the codes and communities of supply points or installations.

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

    Returns
    -------
    dict of UUID to MeterHome
        Without those that the promoter does not have.
    """
    if kind is SubjectKind.INSTALLATION:
        plants = map_installations(session, promoter_id=promoter_id, installation_ids=ids)
        homes = {key: (plant.cau, plant.community_id) for key, plant in plants.items()}
    else:
        points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
        people = map_members(
            session,
            promoter_id=promoter_id,
            member_ids={point.member_id for point in points.values()},
        )
        homes = {
            key: (point.cups, people[point.member_id].community_id) for key, point in points.items()
        }
    communities = map_communities(
        session, promoter_id=promoter_id, community_ids={home for _, home in homes.values()}
    )
    return {key: MeterHome(name, communities[home]) for key, (name, home) in homes.items()}
