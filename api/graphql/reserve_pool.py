"""Those who wait for a vacancy."""

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import PagedList
from models import tables
from models.tables import ApplicationState

if TYPE_CHECKING:
    from api.graphql.candidate_suitabilities import CandidateSuitability
    from api.graphql.communities import Community


@strawberry.type(description="A supply point that would like to share in a community.")
@shows(tables.ReserveApplication)
class ReserveApplication(Node):
    """Shows an application."""

    supply_point_id: strawberry.Private[UUID]
    community_id: strawberry.Private[UUID]

    position: int = strawberry.field(description="Place in the promoter's list, from 0.")
    applied_on: date | None = strawberry.field(description="Day of the application.")
    state: ApplicationState = strawberry.field(description="Where it stands.")

    @strawberry.field(description="The supply point.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="Community in which it would like to share.")
    async def community(
        self, info: Info
    ) -> Annotated["Community", strawberry.lazy("api.graphql.communities")]:
        """Find the community."""
        return await info.context.loaders.record(tables.Community, self.community_id)

    @strawberry.field(description="What was found out about its suitability, newest first.")
    async def suitabilities(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[
        Annotated["CandidateSuitability", strawberry.lazy("api.graphql.candidate_suitabilities")]
    ]:
        """Page through it."""
        listing = PagedList.SUITABILITIES_OF_APPLICATION
        return await info.context.loaders.page(listing, self.id, first, after)
