"""Installations of collective self-consumption."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionAgreement
from api.graphql.allocations import InYear, MonthAllocation
from api.graphql.applied_coefficients import AppliedCoefficient, OnDay
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
from api.graphql.filings import Filing
from api.graphql.list_wishes import (
    IN_ORDER,
    WHICH,
    AgreementFilter,
    AgreementOrder,
    ProposalFilter,
    ProposalOrder,
    read_wish,
)
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.proposals import CoefficientProposal
from api.graphql.readings import (
    MeterCompleteness,
    MonthVersion,
    page_completeness,
    page_versions,
)
from api.graphql.scalars import Euro, Kw
from api.graphql.supply_points import SupplyPoint
from api.services.agreements.applied_record import period_of
from api.services.communities.browse_records import OneEach, PagedList, WholeList
from api.services.energy.find_energy_subjects import SubjectKind
from models import tables
from models.values.cau import Cau
from models.values.modality import Modality
from models.values.money import from_cents
from models.values.power import to_kw
from models.values.resolution import Resolution

if TYPE_CHECKING:
    from api.graphql.communities import Community


@strawberry.type(description="A supply point that shares in an installation.")
class Membership:
    """Shows a membership."""

    investment_cents: strawberry.Private[int | None]
    supply_point_id: strawberry.Private[UUID]

    position: int = strawberry.field(description="Place in the promoter's list, from 0.")
    valid_from: date = strawberry.field(description="First day on which it shares.")
    valid_until: date | None = strawberry.field(
        description="First day on which it no longer shares; null while it is open."
    )
    modality: Modality | None = strawberry.field(
        description="Modality of its own access contract; null where it is not known."
    )

    @strawberry.field(description="What it paid towards the plant [EUR].")
    def investment_eur(self) -> Euro | None:
        """Express the stored cents in euros."""
        cents = self.investment_cents
        return None if cents is None else Euro(from_cents(cents))

    @strawberry.field(description="The supply point.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)


@strawberry.type(description="A plant whose energy several supply points share.")
@shows(tables.SelfConsumptionInstallation)
class SelfConsumptionInstallation(Node):
    """Shows an installation."""

    inverter_power_w: strawberry.Private[int]
    community_id: strawberry.Private[UUID]

    cau: Cau = strawberry.field(description="Its code.")
    lat: float | None = strawberry.field(description="Latitude [degrees north].")
    lon: float | None = strawberry.field(description="Longitude [degrees east].")
    modality: Modality | None = strawberry.field(
        description="What becomes of its surplus; null where it is not known."
    )
    is_internal: bool | None = strawberry.field(
        description="Whether it is joined to its members' own network, not through the public one; "
        "null where it is not known."
    )
    file_profile: str | None = strawberry.field(
        description="How its distributor wants the file of coefficients; null for the recommended "
        "way."
    )

    @strawberry.field(description="Power of the inverter [kW].")
    def inverter_power_kw(self) -> Kw:
        """Express the stored watts in kilowatts."""
        return Kw(to_kw(self.inverter_power_w))

    @strawberry.field(description="Community that it belongs to.")
    async def community(
        self, info: Info
    ) -> Annotated["Community", strawberry.lazy("api.graphql.communities")]:
        """Find the community."""
        return await info.context.loaders.record(tables.Community, self.community_id)

    @strawberry.field(description="Who shares in it at present, in the order of the list.")
    async def memberships(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Membership]:
        """Page through them."""
        listing = WholeList.MEMBERSHIPS_OF_INSTALLATION
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="The agreement in force.")
    async def published_agreement(self, info: Info) -> DistributionAgreement | None:
        """Find it."""
        relation = OneEach.PUBLISHED_AGREEMENT_OF_INSTALLATION
        return await info.context.loaders.one(relation, self.id)

    @strawberry.field(description="All its agreements, newest first.")
    async def agreements(
        self,
        info: Info,
        filter: Annotated[AgreementFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[AgreementOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[DistributionAgreement]:
        """Page through them."""
        wish, listing = read_wish(filter, order), PagedList.AGREEMENTS_OF_INSTALLATION
        return await info.context.loaders.page(listing, self.id, first, after, wish)

    @strawberry.field(description="Agreements that were sent to the distributor, newest first.")
    async def filings(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Filing]:
        """Page through them."""
        listing = WholeList.FILINGS_OF_INSTALLATION
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="What the distributor applied, by supply point and day.")
    async def applied_coefficients(
        self,
        info: Info,
        on_day: OnDay = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[AppliedCoefficient]:
        """Page through what holds on the day."""
        loaders, listing = info.context.loaders, WholeList.APPLIED_OF_INSTALLATION
        rows: list[Any] = await loaders.rows(listing, self.id)
        held = [row for row in rows if on_day is None or period_of(row).contains(on_day)]
        page: Connection[AppliedCoefficient] = loaders.cut(held, first, after)
        return page

    @strawberry.field(
        description="Months of a year that were shared out by what was applied, the newest version "
        "of each; null, with an error, for a year that no meter can have recorded."
    )
    async def allocations(
        self, info: Info, year: InYear, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MonthAllocation] | None:
        """Page through them."""
        months = await info.context.loaders.allocations(self.id, year)
        shown = [MonthAllocation(month=each.month, allocation=each.allocation) for each in months]
        return info.context.loaders.cut(shown, first, after)

    @strawberry.field(description="Coefficients that were proposed for it, newest first.")
    async def proposals(
        self,
        info: Info,
        filter: Annotated[ProposalFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[ProposalOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[CoefficientProposal]:
        """Page through them."""
        wish, listing = read_wish(filter, order), PagedList.PROPOSALS_OF_INSTALLATION
        return await info.context.loaders.page(listing, self.id, first, after, wish)

    @strawberry.field(
        description="A year of its energy, or of that of all who share in it; null, with an "
        "error, when there is none."
    )
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
        kind = SubjectKind.INSTALLATION
        document = (proposal_id, agreement_id)
        return await read_series(info, kind, self.id, measure, year, resolution, *document)

    @strawberry.field(
        description="What sharing brought in a year to all who share in it, and in no other plant; "
        "null, with an error, when it cannot be reckoned."
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
            info, SubjectKind.INSTALLATION, self.id, of, year, resolution
        )

    @strawberry.field(
        description="What is stored of its generation of a year: every version; null, with an "
        "error, when one is damaged."
    )
    async def readings(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MonthVersion] | None:
        """Page through them."""
        kind = SubjectKind.INSTALLATION
        return await page_versions(info, kind, self.id, year, first, after)

    @strawberry.field(
        description="What is missing, filled and doubtful of a year's generation; null, with an "
        "error, when a stored month is damaged."
    )
    async def completeness(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MeterCompleteness] | None:
        """Page through its channels."""
        kind = SubjectKind.INSTALLATION
        return await page_completeness(info, kind, self.id, year, first, after)


@strawberry.type
class InstallationQueries:
    """Ways to installations."""

    @strawberry.field(description="The installation of a CAU; null when the caller has none.")
    async def installation(
        self,
        info: Info,
        cau: Annotated[Cau, strawberry.argument(description="Its code.")],
    ) -> SelfConsumptionInstallation | None:
        """Find it."""
        return await info.context.loaders.one(OneEach.INSTALLATION_OF_CAU, cau)
