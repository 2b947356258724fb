"""What the distributor applied of agreements, on which days, and how that record came to be."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from api.graphql.supply_points import SupplyPoint
from models import tables
from models.tables import ApplicationAct

if TYPE_CHECKING:
    from api.graphql.agreements import DistributionAgreement

OnDay = Annotated[
    date | None,
    strawberry.argument(description="Only what holds on this local day; of all days without it."),
]


@strawberry.type(
    description="Days on which the distributor applied an agreement to a supply point."
)
@shows(tables.AppliedCoefficient)
class AppliedCoefficient(Node):
    """Shows a period; those of a supply point in a plant never overlap."""

    supply_point_id: strawberry.Private[UUID]
    agreement_id: strawberry.Private[UUID]

    valid_from: date = strawberry.field(description="First local day.")
    valid_until: date | None = strawberry.field(
        description="First local day on which it is no longer applied; null while it is."
    )

    @strawberry.field(description="To whom.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="What.")
    async def agreement(
        self, info: Info
    ) -> Annotated["DistributionAgreement", strawberry.lazy("api.graphql.agreements")]:
        """Find the agreement."""
        return await info.context.loaders.record(tables.DistributionAgreement, self.agreement_id)


@strawberry.type(description="One act on the record of what was applied; acts are kept for good.")
class AppliedChange:
    """Shows an act."""

    supply_point_id: strawberry.Private[UUID]

    act: ApplicationAct = strawberry.field(description="What was done.")
    valid_from: date = strawberry.field(
        description="First local day as it stands after the act; of what was removed, as it stood."
    )
    valid_until: date | None = strawberry.field(
        description="First local day after it; null while open."
    )
    reason: str | None = strawberry.field(description="Why, where it was said.")
    recorded_at: datetime = strawberry.field(description="When it was done.")

    @strawberry.field(description="Whose record it is.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)
