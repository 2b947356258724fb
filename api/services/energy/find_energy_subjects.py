"""Find whose meters and whose coefficients a question about energy is about."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_shares import (
    CoefficientBasis,
    Document,
    Held,
    PlantShares,
    find_shares,
    hold_shares,
)
from models.repositories.communities import map_communities
from models.repositories.installations import group_installations, list_clocks
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import group_supply_points, map_supply_points
from models.tables import SelfConsumptionInstallation, SupplyPoint
from models.values.period import Period
from planner.dated_shares import Share


class SubjectKind(StrEnum):
    """What energy is asked of."""

    INSTALLATION = "installation"
    SUPPLY_POINT = "supply point"
    MEMBER = "member"
    COMMUNITY = "community"
    PROMOTER = "promoter"


_ON_ALL_DAYS = (Share(0),)


@dataclass(frozen=True, slots=True)
class CommunityShares:
    """Who shares in each plant of a community.

    Attributes
    ----------
    held : Held
        On which days supply points count in each plant.
    owners : mapping of UUID to UUID
        Whose each supply point is.
    """

    held: Held
    owners: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class EnergySubject:
    """The meters that a question is about, and their shares in what the plants generate.

    Attributes
    ----------
    timezone : str
        Clock of the community.
    caus : dict of UUID to str
        Installations in which the supply points share, and their codes.
    counted : frozenset of UUID
        Those of them whose energy is asked for; the others matter because a supply point uses its
        shares in all plants together.
    cups : dict of UUID to str
        Supply points whose consumption counts, and their codes.
    owners : tuple of UUID
        Whose each of these is.
    shares : dict of UUID to PlantShares
        Coefficients of each of the supply points in each of the installations; empty while none
        hold.
    counting : mapping of UUID to sequence of Share
        On which days each supply point counts: those of its coefficients in what is asked about.
    together : CommunityShares or None
        Who shares in the plants of the community; None where that is no other question.
    """

    timezone: str
    caus: Mapping[UUID, str]
    counted: frozenset[UUID]
    cups: Mapping[UUID, str]
    owners: tuple[UUID, ...]
    shares: Mapping[UUID, PlantShares]
    counting: Mapping[UUID, Sequence[Share]]
    together: CommunityShares | None = None

    @property
    def member_count(self) -> int:
        """Tell of how many members these are."""
        return len(set(self.owners))

    @property
    def basis(self) -> CoefficientBasis | None:
        """Where the coefficients come from; of several plants, the basis that is less sure."""
        bases = {shares.basis for shares in self.shares.values()}
        return CoefficientBasis.PUBLISHED if len(bases) > 1 else next(iter(bases), None)

    def keep_sharing(self, *, only_counted: bool) -> "EnergySubject":
        """Keep the plants that somebody shares in, or of these only those that are asked about."""
        shares = {
            key: each
            for key, each in self.shares.items()
            if key in self.counted or not only_counted
        }
        return replace(self, caus={key: self.caus[key] for key in shares}, shares=shares)

    def cut(self, point_ids: Collection[UUID]) -> "EnergySubject":
        """Cut out some of the supply points, and the plants that they share in."""
        if len(point_ids) == len(self.cups):
            return self
        shares = _cut_shares(self.shares, point_ids)
        return replace(
            self,
            caus={key: self.caus[key] for key in shares},
            cups={key: self.cups[key] for key in point_ids},
            owners=tuple(
                owner for key, owner in zip(self.cups, self.owners, strict=True) if key in point_ids
            ),
            shares=shares,
        )


def find_subjects(
    session: Session,
    *,
    promoter_id: UUID,
    kind: SubjectKind,
    ids: Collection[UUID],
    year: int,
    document: Document | None,
    with_shares: bool = True,
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
    year : int
        Local calendar year.
    document : Document or None
        Agreement or proposal whose coefficients apply; what was applied when None.
    with_shares : bool, optional
        Whether coefficients matter, and whose consumption counts in plants; else plants have their
        own meters alone.

    Returns
    -------
    dict of UUID to EnergySubject
        Without the ids that are unknown to the promoter.

    Raises
    ------
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.
    """
    within = Period(date(year, 1, 1), date(year + 1, 1, 1))
    finder = _SubjectFinder(session, promoter_id, within, document, with_shares)
    if kind is SubjectKind.INSTALLATION:
        return finder.find_installations(ids)
    if kind is SubjectKind.COMMUNITY:
        return finder.find_communities(ids)
    return finder.find_consumers(ids, by_member=kind is SubjectKind.MEMBER)


@dataclass(frozen=True, slots=True)
class _SubjectFinder:
    """One promoter's question, under one set of coefficients."""

    session: Session
    promoter_id: UUID
    within: Period
    document: Document | None
    with_shares: bool

    def find_installations(self, ids: Collection[UUID]) -> dict[UUID, EnergySubject]:
        asked = list_clocks(self.session, promoter_id=self.promoter_id, installation_ids=ids)
        clocks = {plant.community_id: timezone for plant, timezone in asked}
        groups = {key: [each for each, _ in asked if each.community_id == key] for key in clocks}
        if self.with_shares:
            # Who shares in the others too matters to what they use of these.
            groups = self._group_plants(clocks)
        found = self._find_together(clocks, groups)
        return {
            plant.id: found[plant.community_id].cut(frozenset({plant.id})) for plant, _ in asked
        }

    def find_communities(self, ids: Collection[UUID]) -> dict[UUID, EnergySubject]:
        """Find all plants of each community, and whoever shares in any of them, once."""
        clocks = self._find_clocks(ids)
        found = self._find_together(clocks, self._group_plants(clocks))
        return {key: each.cut(frozenset(each.caus)) for key, each in found.items()}

    def _group_plants(
        self, community_ids: Collection[UUID]
    ) -> dict[UUID, list[SelfConsumptionInstallation]]:
        return group_installations(
            self.session, promoter_id=self.promoter_id, community_ids=community_ids
        )

    def _find_together(
        self,
        clocks: Mapping[UUID, str],
        groups: Mapping[UUID, Collection[SelfConsumptionInstallation]],
    ) -> dict[UUID, "_Plants"]:
        """Find who shares in plants, community by community."""
        caus = {plant.id: plant.cau for found in groups.values() for plant in found}
        shares = self._find_shares(caus)
        held = self._hold(caus, shares)
        points = map_supply_points(
            self.session,
            promoter_id=self.promoter_id,
            supply_point_ids={point_id for members in held.values() for point_id in members},
        )
        return {
            key: _Plants(
                timezone=clocks[key],
                caus={plant.id: plant.cau for plant in found},
                points=points,
                shares=shares,
                held={plant.id: held[plant.id] for plant in found},
            )
            for key, found in groups.items()
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
        caus = self._list_caus(clocks)
        shares = self._find_shares(caus)
        return {
            key: _make_subject(
                clocks[members[owned[0].member_id].community_id],
                {point.id: point for point in owned},
                caus,
                shares,
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

    def _list_caus(self, community_ids: Collection[UUID]) -> dict[UUID, str]:
        """List all plants of some communities, in any of which a supply point may share."""
        if not self.with_shares:
            return {}
        plants = self._group_plants(community_ids)
        return {plant.id: plant.cau for found in plants.values() for plant in found}

    def _find_shares(self, installation_ids: Collection[UUID]) -> dict[UUID, PlantShares]:
        if not self.with_shares:
            return {}
        return find_shares(
            self.session,
            promoter_id=self.promoter_id,
            installation_ids=installation_ids,
            within=self.within,
            document=self.document,
        )

    def _hold(self, installation_ids: Collection[UUID], shares: Mapping[UUID, PlantShares]) -> Held:
        """Tell who shares in each plant on which days."""
        if not self.with_shares:
            return {key: {} for key in installation_ids}
        memberships = group_open_memberships(
            self.session, promoter_id=self.promoter_id, installation_ids=installation_ids
        )
        joined = {key: [row.supply_point_id for row in rows] for key, rows in memberships.items()}
        return hold_shares(shares, joined, self.within)


@dataclass(frozen=True, slots=True)
class _Plants:
    """All plants of a community, and who shares in them."""

    timezone: str
    caus: Mapping[UUID, str]
    points: Mapping[UUID, SupplyPoint]
    shares: Mapping[UUID, PlantShares]
    held: Held

    def cut(self, asked: frozenset[UUID]) -> EnergySubject:
        """Cut out who shares in some of the plants."""
        counting: dict[UUID, list[Share]] = {}
        for plant_id in asked:
            for point_id, shares in self.held[plant_id].items():
                counting.setdefault(point_id, []).extend(shares)
        subject = _make_subject(
            self.timezone,
            {point_id: self.points[point_id] for point_id in counting},
            self.caus,
            {key: each for key, each in self.shares.items() if key in self.caus},
            asked,
        )
        if asked == self.caus.keys():
            return replace(subject, counting=counting)
        inside = {point_id for members in self.held.values() for point_id in members}
        owners = {point_id: self.points[point_id].member_id for point_id in inside}
        return replace(subject, counting=counting, together=CommunityShares(self.held, owners))


def _make_subject(
    timezone: str,
    points: Mapping[UUID, SupplyPoint],
    caus: Mapping[UUID, str],
    shares: Mapping[UUID, PlantShares],
    asked: frozenset[UUID] | None = None,
) -> EnergySubject:
    """Cut out the shares of some supply points; of some plants, if these were asked for."""
    own = _cut_shares(shares, points)
    if asked is not None and not asked & own.keys():
        own = {}
    counted = frozenset(own) if asked is None else asked
    return EnergySubject(
        timezone=timezone,
        caus={plant_id: caus[plant_id] for plant_id in {**own, **dict.fromkeys(counted)}},
        counted=counted,
        cups={key: point.cups for key, point in points.items()},
        owners=tuple(point.member_id for point in points.values()),
        shares=own,
        counting=dict.fromkeys(points, _ON_ALL_DAYS),
    )


def _cut_shares(
    shares: Mapping[UUID, PlantShares], points: Collection[UUID]
) -> dict[UUID, PlantShares]:
    """Cut out the shares of some supply points, without plants in which none of them shares."""
    own = {
        plant_id: PlantShares(
            each.basis, {key: held for key, held in each.shares.items() if key in points}
        )
        for plant_id, each in shares.items()
    }
    return {plant_id: each for plant_id, each in own.items() if each.shares}
