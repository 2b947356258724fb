"""Distribution agreements and the coefficients that they, and proposals, set."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.applied_coefficients import AppliedChange, AppliedCoefficient
from api.graphql.context import Info
from api.graphql.filings import Filing
from api.graphql.generated_files import GeneratedFile
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.rule_checks import RuleCheck, show_check
from api.graphql.scalars import Coefficient
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import WholeList
from models import tables
from models.tables import AgreementState, CoefficientMode

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


@strawberry.type(description="What a supply point's hourly coefficients come to.")
class HourlyShare:
    """Shows a summary of 8,760 coefficients."""

    supply_point_id: strawberry.Private[UUID]

    least: Coefficient = strawberry.field(description="The least of all hours.")
    mean: Coefficient = strawberry.field(description="Their mean; the means sum to exactly 1.")
    greatest: Coefficient = strawberry.field(description="The greatest of all hours.")

    @strawberry.field(description="Whose they are.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)


@strawberry.type(description="Addresses of an agreement's files, signed as `download` is.")
class AgreementDownloads:
    """Relative addresses."""

    distributor_file: str = strawberry.field(
        description="Constant coefficients, of hourly ones the means, as the distributor wants "
        "them: CAU_YEAR.txt. `generateAgreementFile` makes the file to send."
    )


@strawberry.type(description="One set of coefficients for an installation; sealed once published.")
@shows(tables.DistributionAgreement)
class DistributionAgreement(Node):
    """Shows an agreement."""

    installation_id: strawberry.Private[UUID]
    proposal_id: strawberry.Private[UUID | None]

    state: AgreementState = strawberry.field(description="Where it stands.")
    mode: CoefficientMode = strawberry.field(description="Whether coefficients differ by the hour.")
    file_year: int = strawberry.field(description="Year of the distributor's file.")
    created_at: datetime = strawberry.field(description="When it was made.")
    published_at: datetime | None = strawberry.field(description="When it came into force.")
    closed_at: datetime | None = strawberry.field(description="When it was withdrawn or rejected.")
    closed_because: str | None = strawberry.field(description="Why it was withdrawn or rejected.")

    @strawberry.field(
        description="The coefficients, in the order of the distributor's file; of hourly ones the "
        "means."
    )
    async def coefficients(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[DistributionCoefficient]:
        """Page through them."""
        listing = WholeList.COEFFICIENTS_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="What hourly coefficients come to; empty for constant ones.")
    async def hourly_shares(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[HourlyShare]:
        """Page through them."""
        if self.mode is CoefficientMode.CONSTANT:
            return info.context.loaders.cut([], first, after)
        listing = WholeList.HOURS_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="When it was sent to the distributor, newest first.")
    async def filings(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Filing]:
        """Page through them."""
        listing = WholeList.FILINGS_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(
        description="On which days the distributor applied it to whom, in the order of the file."
    )
    async def applied(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AppliedCoefficient]:
        """Page through them."""
        listing = WholeList.APPLIED_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="How that record came to be, oldest act first.")
    async def applied_history(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AppliedChange]:
        """Page through the acts."""
        listing = WholeList.CHANGES_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Files that were made of it, newest first.")
    async def generated_files(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[GeneratedFile]:
        """Page through them."""
        listing = WholeList.FILES_OF_AGREEMENT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(
        description="What the rules say of filing it on a day; null, with an error, where the law "
        "of that day is not known."
    )
    async def rule_check(
        self,
        info: Info,
        on_day: Annotated[
            date,
            strawberry.argument(
                description="Local day on which it would be complete at the distributor's."
            ),
        ],
    ) -> RuleCheck | None:
        """Hold it against the rules."""
        return show_check(await info.context.loaders.check(self.id, on_day))

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
    def downloads(self, info: Info) -> AgreementDownloads:
        """Give the addresses."""
        path = f"/agreements/{self.id}/distributor.txt"
        return AgreementDownloads(distributor_file=info.context.sign_link(path))
