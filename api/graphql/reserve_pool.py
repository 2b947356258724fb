"""Those who wait for a vacancy."""

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from api.graphql.supply_points import SupplyPoint
from models import tables
from models.tables import ApplicationState

if TYPE_CHECKING:
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
