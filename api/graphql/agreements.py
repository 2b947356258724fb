"""Distribution agreements and the coefficients that they, and proposals, set."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Coefficient
from api.graphql.supply_points import SupplyPoint
from api.services.browse_records import WholeList
from models import tables
from models.tables import AgreementState

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation
    from api.graphql.proposals import CoefficientProposal


@strawberry.type(description="One supply point's share of what a plant generates.")
class DistributionCoefficient:
    """Shows a coefficient of an agreement or a proposal."""

    millionths: strawberry.Private[int]
    supply_point_id: strawberry.Private[UUID]

    position: int = strawberry.field(description="Place in the distributor's file, from 0.")

    @strawberry.field(description="The share; all shares of a set sum to exactly 1.")
    def coefficient(self) -> Coefficient:
        """Read the millionths."""
        return Coefficient(self.millionths)

    @strawberry.field(description="Whose share it is.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)


@strawberry.type(description="Addresses of an agreement's files; fetch them with the same token.")
class AgreementDownloads:
    """Relative addresses."""

    distributor_file: str = strawberry.field(
        description="Coefficients as the distributor wants them: CAU_YEAR.txt."
    )


@strawberry.type(
    description="One set of constant coefficients for an installation; sealed once published."
)
@shows(tables.DistributionAgreement)
class DistributionAgreement(Node):
    """Shows an agreement."""

    installation_id: strawberry.Private[UUID]
    proposal_id: strawberry.Private[UUID | None]

    state: AgreementState = strawberry.field(description="Where it stands.")
    file_year: int = strawberry.field(description="Year of the distributor's file.")
    created_at: datetime = strawberry.field(description="When it was made.")
    published_at: datetime | None = strawberry.field(description="When it came into force.")

    @strawberry.field(description="The coefficients, in the order of the distributor's file.")
    async def coefficients(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[DistributionCoefficient]:
        """Page through them."""
        listing = WholeList.COEFFICIENTS_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="The plant that it shares.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        table = tables.SelfConsumptionInstallation
        return await info.context.loaders.record(table, self.installation_id)

    @strawberry.field(description="The proposal that it came from; null if members agreed freely.")
    async def proposal(
        self, info: Info
    ) -> Annotated["CoefficientProposal", strawberry.lazy("api.graphql.proposals")] | None:
        """Find the proposal."""
        if self.proposal_id is None:
            return None
        return await info.context.loaders.record(tables.CoefficientProposal, self.proposal_id)

    @strawberry.field(description="Its files.")
    def downloads(self) -> AgreementDownloads:
        """Give the addresses."""
        return AgreementDownloads(distributor_file=f"/agreements/{self.id}/distributor.txt")
