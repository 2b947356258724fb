"""Agreements at the distributor's: when they were sent there, and what it answered."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from models import tables
from models.tables import FilingState

if TYPE_CHECKING:
    from api.graphql.agreements import DistributionAgreement


@strawberry.type(description="An agreement that was sent to the distributor.")
@shows(tables.Filing)
class Filing(Node):
    """Shows a filing."""

    agreement_id: strawberry.Private[UUID]

    state: FilingState = strawberry.field(description="What became of it.")
    filed_on: date = strawberry.field(
        description="Day on which it was complete and correct at the distributor's."
    )
    answered_on: date | None = strawberry.field(description="Day of the distributor's answer.")
    refused_because: str | None = strawberry.field(
        description="What the distributor said when it refused it."
    )
    created_at: datetime = strawberry.field(description="When it was noted.")

    @strawberry.field(description="What was sent.")
    async def agreement(
        self, info: Info
    ) -> Annotated["DistributionAgreement", strawberry.lazy("api.graphql.agreements")]:
        """Find the agreement."""
        return await info.context.loaders.record(tables.DistributionAgreement, self.agreement_id)
