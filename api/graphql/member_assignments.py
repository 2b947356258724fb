"""Assignments of a community's members to its plants."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.download_links import FileYear
from api.graphql.node import shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.proposed_members import ProposedMember
from api.graphql.scalars import Euro, Kwh
from api.graphql.settlements import read_money
from api.graphql.studies import ProvenStudy, find_supply_point
from api.graphql.yearly_bills import ProposalBills
from api.services.communities.browse_records import OneEach
from models import tables

if TYPE_CHECKING:
    from api.graphql.communities import Community
    from api.graphql.installations import SelfConsumptionInstallation

_ONE_PERCENT = 0.01


@strawberry.type(description="One who is to share in a plant.")
class AssignedMember:
    """Shows a member of a plant."""

    stated: strawberry.Private[dict[str, Any]]

    distance_m: float | None = strawberry.field(
        description="Way from its meter to the plant [m]; null where a position is not known."
    )

    @strawberry.field(description="What it gets of the plant.")
    async def share(self, info: Info) -> ProposedMember:
        """Hand on what the plant's plan states."""
        point = await find_supply_point(info, self.stated["cups"])
        return ProposedMember(proposal_id=None, supply_point_id=point.id, stated=self.stated)


@strawberry.type(description="One of the community's plants, and who is to share in it.")
class AssignedPlant:
    """Shows the plan of a plant."""

    assignment_id: strawberry.Private[UUID]
    stated: strawberry.Private[dict[str, Any]]
    distances_m: strawberry.Private[Mapping[str, float | None]]
    price: strawberry.Private[float]

    @strawberry.field(description="The plant.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        relation = OneEach.INSTALLATION_OF_CAU
        return await info.context.loaders.one(relation, self.stated["cau"])

    @strawberry.field(description="Who is to share in it, in the order of the list.")
    def members(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AssignedMember]:
        """Page through them."""
        rows = [
            AssignedMember(stated=member, distance_m=self.distances_m[member["member_id"]])
            for member in self.stated["members"]
        ]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Generation of the year [kWh].")
    def generation_kwh(self) -> Kwh:
        """Read the plan."""
        return Kwh(self.stated["generation_kwh"])

    @strawberry.field(description="Self-consumed energy of the year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the plan."""
        return Kwh(self.stated["self_consumed_kwh"])

    @strawberry.field(description="Savings of those who share in it [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the plan."""
        return read_money(self.stated["savings_eur"])

    @strawberry.field(
        description="How far its coefficients may lie below the best for the same members, as a "
        "share of that bound."
    )
    def gap(self) -> float:
        """Read the plan."""
        return float(self.stated["gap"])

    @strawberry.field(description="How its coefficients were found.")
    def method(self) -> str:
        """Read the plan."""
        return str(self.stated["solver"]["method"])

    @strawberry.field(
        description="What one more percent of it would bring all who share, in the unit of the "
        "objective."
    )
    def worth_of_one_percent(self) -> float:
        """Scale the dual price."""
        return _ONE_PERCENT * self.price

    @strawberry.field(
        description="Address of its coefficients as the distributor wants them, CAU_YEAR.txt, "
        "signed as `download` is."
    )
    def distributor_file(self, info: Info, year: FileYear = None) -> str:
        """Give the address."""
        path = f"/member-assignments/{self.assignment_id}/{self.stated['cau']}/distributor.txt"
        return info.context.sign_link(path, year=year)


@strawberry.type(description="Addresses of an assignment's files, signed as `download` is.")
class MemberAssignmentDownloads:
    """Relative addresses."""

    proposal: str = strawberry.field(description="Everything as proposal.json.")


@strawberry.type(
    description="Who of a community should share in which of its plants, with which coefficients, "
    "and the proof of it."
)
@shows(tables.MemberAssignment)
class MemberAssignment(ProvenStudy):
    """Shows an assignment."""

    community_id: strawberry.Private[UUID]

    @strawberry.field(description="The community.")
    async def community(
        self, info: Info
    ) -> Annotated["Community", strawberry.lazy("api.graphql.communities")]:
        """Find the community."""
        return await info.context.loaders.record(tables.Community, self.community_id)

    @strawberry.field(description="A meter had to be nearer to its plant than this [m].")
    def distance_limit_m(self) -> float:
        """Read the result."""
        return float(self.result["distance_limit_m"])

    @strawberry.field(
        description="The year of all who share on their retailers' bills; null where they could "
        "not be made."
    )
    def bills(self) -> ProposalBills | None:
        """Read the result; assignments of older versions do not speak of bills."""
        stated = self.result.get("bills")
        return None if stated is None or "reason" in stated else ProposalBills(stated=stated)

    @strawberry.field(description="The plants, in the order of the community's list.")
    def plants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AssignedPlant]:
        """Page through them."""
        distances, prices = self.result["distances_m"], self.result["dual_prices"]
        rows = [
            AssignedPlant(
                assignment_id=self.id,
                stated=stated,
                distances_m={name: ways[place] for name, ways in distances.items()},
                price=prices[stated["cau"]],
            )
            for place, stated in enumerate(self.result["caus"])
        ]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Its files.")
    def downloads(self, info: Info) -> MemberAssignmentDownloads:
        """Give the addresses."""
        path = f"/member-assignments/{self.id}/proposal.json"
        return MemberAssignmentDownloads(proposal=info.context.sign_link(path))
