"""Supply points."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.benefits import GappedSeries, WhichBenefit, read_gapped_series
from api.graphql.context import Info
from api.graphql.energy import (
    EnergySeries,
    MeasureOf,
    SummedOver,
    UnderAgreement,
    UnderProposal,
    Year,
    read_series,
)
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.payment_plans import PlanSubscription
from api.graphql.readings import (
    MeterCompleteness,
    MonthVersion,
    TariffPeriodEnergy,
    page_completeness,
    page_versions,
    read_periods,
)
from api.graphql.retail_bills import (
    Assuming,
    EndDay,
    FirstDay,
    RetailBills,
    UnderContract,
    UnderLaw,
    read_bills,
)
from api.graphql.retail_contracts import RetailContract
from api.graphql.scalars import Kw
from api.services.communities.browse_records import WholeList
from api.services.energy.find_energy_subjects import SubjectKind
from models import tables
from models.values.cups import Cups
from models.values.power import to_kw
from models.values.resolution import Resolution
from models.values.tariff import Tariff

if TYPE_CHECKING:
    from api.graphql.members import Member


@strawberry.type(description="A metered connection to the grid.")
@shows(tables.SupplyPoint)
class SupplyPoint(Node):
    """Shows a supply point."""

    contracted_power_w: strawberry.Private[int]
    member_id: strawberry.Private[UUID]

    cups: Cups = strawberry.field(description="Its code.")
    tariff: Tariff = strawberry.field(description="Access tariff.")
    lat: float | None = strawberry.field(description="Latitude [degrees north].")
    lon: float | None = strawberry.field(description="Longitude [degrees east].")

    @strawberry.field(description="By which plans it pays the community, by day.")
    async def subscriptions(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[PlanSubscription]:
        """Page through them."""
        listing = WholeList.SUBSCRIPTIONS_OF_SUPPLY_POINT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Contracted power, the highest of its periods [kW].")
    def contracted_power_kw(self) -> Kw:
        """Express the stored watts in kilowatts."""
        return Kw(to_kw(self.contracted_power_w))

    @strawberry.field(description="Whose it is.")
    async def member(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("api.graphql.members")]:
        """Find the member."""
        return await info.context.loaders.record(tables.Member, self.member_id)

    @strawberry.field(description="A year of its energy; null, with an error, when there is none.")
    async def energy(
        self,
        info: Info,
        measure: MeasureOf,
        year: Year,
        resolution: SummedOver = Resolution.MONTH,
        proposal_id: UnderProposal = None,
        agreement_id: UnderAgreement = None,
    ) -> EnergySeries | None:
        """Ask for the series."""
        kind = SubjectKind.SUPPLY_POINT
        document = (proposal_id, agreement_id)
        return await read_series(info, kind, self.id, measure, year, resolution, *document)

    @strawberry.field(
        description="What sharing brought to it in a year; null, with an error, "
        "when it cannot be reckoned."
    )
    async def benefits(
        self,
        info: Info,
        of: WhichBenefit,
        year: Year,
        resolution: SummedOver = Resolution.MONTH,
    ) -> GappedSeries | None:
        """Ask for the series."""
        return await read_gapped_series(
            info, SubjectKind.SUPPLY_POINT, self.id, of, year, resolution
        )

    @strawberry.field(
        description="A year of its energy by month and tariff period; null, with an error, when "
        "there is none."
    )
    async def energy_by_tariff_period(
        self,
        info: Info,
        measure: MeasureOf,
        year: Year,
        proposal_id: UnderProposal = None,
        agreement_id: UnderAgreement = None,
    ) -> TariffPeriodEnergy | None:
        """Ask for the sums."""
        return await read_periods(info, self.id, measure, year, proposal_id, agreement_id)

    @strawberry.field(
        description="Its retail bills of some days, with self-consumption and without, as they are "
        "simulated; null, with an error, when they cannot be."
    )
    async def simulate_bill(
        self,
        info: Info,
        start: FirstDay,
        end: EndDay,
        contract: UnderContract = None,
        law_year: UnderLaw = None,
        assuming: Assuming = None,
        proposal_id: UnderProposal = None,
        agreement_id: UnderAgreement = None,
    ) -> RetailBills | None:
        """Ask for the bills."""
        document = (proposal_id, agreement_id)
        return await read_bills(info, self.id, start, end, contract, law_year, assuming, *document)

    @strawberry.field(description="Its retail contracts, in the order of their days.")
    async def retail_contracts(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RetailContract]:
        """Page through them."""
        listing = WholeList.CONTRACTS_OF_SUPPLY_POINT
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(
        description="What is stored of its months of a year: every version, by channel; null, "
        "with an error, when one is damaged."
    )
    async def readings(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MonthVersion] | None:
        """Page through them."""
        kind = SubjectKind.SUPPLY_POINT
        return await page_versions(info, kind, self.id, year, first, after)

    @strawberry.field(
        description="What is missing, estimated, filled and doubtful of a year; null, with an "
        "error, when a stored month is damaged."
    )
    async def completeness(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MeterCompleteness] | None:
        """Page through its channels."""
        kind = SubjectKind.SUPPLY_POINT
        return await page_completeness(info, kind, self.id, year, first, after)
