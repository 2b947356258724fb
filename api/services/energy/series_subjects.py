"""Find whose months a question about energy, savings or CO2 is about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_energy_subjects import SubjectKind
from models.repositories.communities import list_communities, map_communities
from models.repositories.installations import map_installations
from models.repositories.members import map_members
from models.repositories.supply_points import group_supply_points, map_supply_points
from models.tables import Community, SelfConsumptionInstallation


@dataclass(frozen=True, slots=True)
class SeriesSubject:
    """Whose months are summed.

    Attributes
    ----------
    communities : mapping of UUID to Community
        In which communities.
    point_ids : frozenset of UUID or None
        Of which supply points; of all who share when None.
    plant : SelfConsumptionInstallation or None
        In which plant; in all together when None.
    """

    communities: Mapping[UUID, Community]
    point_ids: frozenset[UUID] | None = None
    plant: SelfConsumptionInstallation | None = None

    def has_plant(self, key: UUID) -> bool:
        """Tell whether a plant's generation counts."""
        return self.plant is None or self.plant.id == key


def find_series_subjects(
    session: Session, *, promoter_id: UUID, kind: SubjectKind, ids: Collection[UUID]
) -> dict[UUID, SeriesSubject]:
    """Find whose months each id stands for.

    Parameters
    ----------
    session : Session
        Open transaction; its reach bounds what is found.
    promoter_id : UUID
        Whose records.
    kind : SubjectKind
        What the ids are ids of; of ``PROMOTER`` all communities within reach.
    ids : collection of UUID
        What is asked about.

    Returns
    -------
    dict of UUID to SeriesSubject
        Without the ids that are unknown to the promoter.
    """
    if kind is SubjectKind.PROMOTER:
        rows = list_communities(session, promoter_id=promoter_id)
        return {promoter_id: SeriesSubject({row.id: row for row in rows})}
    if kind is SubjectKind.COMMUNITY:
        found = map_communities(session, promoter_id=promoter_id, community_ids=ids)
        return {key: SeriesSubject({key: row}) for key, row in found.items()}
    if kind is SubjectKind.INSTALLATION:
        return _find_plants(session, promoter_id, ids)
    return _find_consumers(session, promoter_id, ids, by_member=kind is SubjectKind.MEMBER)


def _find_plants(
    session: Session, promoter_id: UUID, ids: Collection[UUID]
) -> dict[UUID, SeriesSubject]:
    plants = map_installations(session, promoter_id=promoter_id, installation_ids=ids)
    homes = map_communities(
        session,
        promoter_id=promoter_id,
        community_ids={plant.community_id for plant in plants.values()},
    )
    return {
        key: SeriesSubject({plant.community_id: homes[plant.community_id]}, plant=plant)
        for key, plant in plants.items()
    }


def _find_consumers(
    session: Session, promoter_id: UUID, ids: Collection[UUID], *, by_member: bool
) -> dict[UUID, SeriesSubject]:
    if by_member:
        groups = group_supply_points(session, promoter_id=promoter_id, member_ids=ids)
        owners = {key: key for key in groups}
        own = {key: frozenset(point.id for point in held) for key, held in groups.items()}
    else:
        points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=ids)
        owners = {key: point.member_id for key, point in points.items()}
        own = {key: frozenset({key}) for key in points}
    members = map_members(session, promoter_id=promoter_id, member_ids=set(owners.values()))
    homes = map_communities(
        session,
        promoter_id=promoter_id,
        community_ids={member.community_id for member in members.values()},
    )
    return {
        key: SeriesSubject(
            {(home := homes[members[owner].community_id]).id: home}, point_ids=own[key]
        )
        for key, owner in owners.items()
        if owner in members
    }
