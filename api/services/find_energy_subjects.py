"""Find whose meters and whose coefficients a question about energy is about."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from models.repositories.agreements import group_coefficients, map_published_agreements
from models.repositories.communities import map_communities
from models.repositories.installations import group_installations, map_installations
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships
from models.repositories.proposals import group_proposed_coefficients, map_proposals
from models.repositories.supply_points import group_supply_points, map_supply_points
from models.tables import SupplyPoint
from models.values.errors import NotFoundError

Shares = dict[UUID, dict[UUID, int]]
"""Installation to supply point to millionths."""


class SubjectKind(StrEnum):
    """What energy is asked of."""

    INSTALLATION = "installation"
    SUPPLY_POINT = "supply point"
    MEMBER = "member"


class UnknownProposalError(NotFoundError):
    """There is no such proposal for this caller."""

    def __init__(self, proposal_id: UUID | None) -> None:
        super().__init__("there is no such proposal")
        self.proposal_id = proposal_id


@dataclass(frozen=True, slots=True)
class EnergySubject:
    """The meters that a question is about, and their shares in what the plants generate.

    Attributes
    ----------
    timezone : str
        Clock of the community.
    caus : dict of UUID to str
        Installations whose generation counts, and their codes.
    cups : dict of UUID to str
        Supply points whose consumption counts, and their codes.
    shares : dict of UUID to dict of UUID to int
        Millionths of each of the supply points in each of the installations; empty while no
        agreement stands.
    """

    timezone: str
    caus: Mapping[UUID, str]
    cups: Mapping[UUID, str]
    shares: Mapping[UUID, Mapping[UUID, int]]


def find_subjects(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    proposal_id: UUID | None,
) -> dict[UUID, EnergySubject]:
    """Find the meters and shares behind each id.

    Parameters
    ----------
    session : Session
        An open reading transaction.
    promoter_id : UUID
        Whose records.
    kind : SubjectKind
        What the ids are ids of.
    ids : collection of UUID
        What is asked about.
    proposal_id : UUID or None
        Proposal whose coefficients apply; those of the agreement in force when None.

    Returns
    -------
    dict of UUID to EnergySubject
        Without the ids that are unknown to the promoter.

    Raises
    ------
    UnknownProposalError
        If there is no such proposal.
    """
    finder = _SubjectFinder(session, promoter_id, proposal_id)
    if kind is SubjectKind.INSTALLATION:
        return finder.find_installations(ids)
    return finder.find_consumers(ids, by_member=kind is SubjectKind.MEMBER)


@dataclass(frozen=True, slots=True)
class _SubjectFinder:
    """One promoter's question, under one set of coefficients."""

    session: Session
    promoter_id: UUID
    proposal_id: UUID | None

    def find_installations(self, ids: Collection[UUID]) -> dict[UUID, EnergySubject]:
        installations = map_installations(
            self.session, promoter_id=self.promoter_id, installation_ids=ids
        )
        clocks = self._find_clocks(plant.community_id for plant in installations.values())
        shares = self._find_shares(installations)
        sharing = self._list_sharing(installations, shares)
        points = map_supply_points(
            self.session,
            promoter_id=self.promoter_id,
            supply_point_ids=[point_id for members in sharing.values() for point_id in members],
        )
        return {
            plant.id: EnergySubject(
                timezone=clocks[plant.community_id],
                caus={plant.id: plant.cau},
                cups={point_id: points[point_id].cups for point_id in sharing[plant.id]},
                shares={plant.id: shares[plant.id]} if plant.id in shares else {},
            )
            for plant in installations.values()
        }

    def find_consumers(
        self, ids: Collection[UUID], *, by_member: bool
    ) -> dict[UUID, EnergySubject]:
        points = self._find_points(ids, by_member=by_member)
        members = map_members(
            self.session,
            promoter_id=self.promoter_id,
            member_ids={point.member_id for owned in points.values() for point in owned},
        )
        clocks = self._find_clocks(member.community_id for member in members.values())
        plants = group_installations(
            self.session, promoter_id=self.promoter_id, community_ids=list(clocks)
        )
        caus = {plant.id: plant.cau for found in plants.values() for plant in found}
        shares = self._find_shares(caus)
        return {
            key: _make_consumer(
                owned, caus, shares, clocks[members[owned[0].member_id].community_id]
            )
            for key, owned in points.items()
            if owned
        }

    def _find_points(
        self, ids: Collection[UUID], *, by_member: bool
    ) -> dict[UUID, list[SupplyPoint]]:
        if by_member:
            return group_supply_points(self.session, promoter_id=self.promoter_id, member_ids=ids)
        found = map_supply_points(self.session, promoter_id=self.promoter_id, supply_point_ids=ids)
        return {key: [point] for key, point in found.items()}

    def _find_clocks(self, community_ids: Iterable[UUID]) -> dict[UUID, str]:
        found = map_communities(
            self.session, promoter_id=self.promoter_id, community_ids=set(community_ids)
        )
        return {community.id: community.timezone for community in found.values()}

    def _find_shares(self, installation_ids: Collection[UUID]) -> Shares:
        if self.proposal_id is not None:
            return self._find_proposed_shares(self.proposal_id, installation_ids)
        agreements = map_published_agreements(
            self.session, promoter_id=self.promoter_id, installation_ids=installation_ids
        )
        coefficients = group_coefficients(
            self.session,
            promoter_id=self.promoter_id,
            agreement_ids=[agreement.id for agreement in agreements.values()],
        )
        return {
            plant_id: {row.supply_point_id: row.millionths for row in coefficients[agreement.id]}
            for plant_id, agreement in agreements.items()
        }

    def _find_proposed_shares(
        self, proposal_id: UUID, installation_ids: Collection[UUID]
    ) -> Shares:
        found = map_proposals(
            self.session, promoter_id=self.promoter_id, proposal_ids=[proposal_id]
        )
        if proposal_id not in found:
            raise UnknownProposalError(proposal_id)
        plant_id = found[proposal_id].installation_id
        coefficients = group_proposed_coefficients(
            self.session, promoter_id=self.promoter_id, proposal_ids=[proposal_id]
        )[proposal_id]
        shares = {row.supply_point_id: row.millionths for row in coefficients}
        return {plant_id: shares} if plant_id in installation_ids else {}

    def _list_sharing(
        self, installation_ids: Collection[UUID], shares: Shares
    ) -> dict[UUID, list[UUID]]:
        """List the supply points of each plant: by its coefficients, else by its memberships."""
        memberships = group_open_memberships(
            self.session,
            promoter_id=self.promoter_id,
            installation_ids=[key for key in installation_ids if key not in shares],
        )
        listed = {key: [row.supply_point_id for row in rows] for key, rows in memberships.items()}
        return listed | {key: list(members) for key, members in shares.items()}


def _make_consumer(
    points: list[SupplyPoint], caus: Mapping[UUID, str], shares: Shares, timezone: str
) -> EnergySubject:
    """Cut out the shares that belong to some supply points."""
    ids = {point.id for point in points}
    own = {
        plant_id: {key: millionths for key, millionths in members.items() if key in ids}
        for plant_id, members in shares.items()
    }
    own = {plant_id: members for plant_id, members in own.items() if members}
    return EnergySubject(
        timezone=timezone,
        caus={plant_id: caus[plant_id] for plant_id in own},
        cups={point.id: point.cups for point in points},
        shares=own,
    )
