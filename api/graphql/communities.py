"""Communities."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.graphql.benefits import GappedSeries, WhichBenefit, read_gapped_series
from api.graphql.billing_runs import BillingRun
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
from api.graphql.file_imports import FileImport, FileImportFilter
from api.graphql.installations import SelfConsumptionInstallation
from api.graphql.list_wishes import (
    IN_ORDER,
    WHICH,
    CommunityFilter,
    CommunityOrder,
    MemberFilter,
    MemberOrder,
    SignUpFilter,
    read_wish,
)
from api.graphql.members import Member
from api.graphql.node import Node, read_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.payment_plans import PaymentPlan
from api.graphql.prices import PriceSeries, read_prices
from api.graphql.readings import MeterCompleteness, page_community_completeness
from api.graphql.record_filters import read_record_wish
from api.graphql.reserve_pool import ReserveApplication
from api.graphql.shared_months import SharedMonth, page_shared_months
from api.graphql.sign_ups import PublicPage, SignUp, show_page
from api.services.communities.browse_records import PagedList, WholeList
from api.services.energy.find_energy_subjects import SubjectKind
from models import tables
from models.tables import PriceKind
from models.values.calendar import Zone
from models.values.resolution import Resolution


@strawberry.type(description="Neighbours who share the energy of one or more plants.")
@shows(tables.Community)
class Community(Node):
    """Shows a community."""

    code: str = strawberry.field(description="The promoter's own id of the community.")
    name: str = strawberry.field(description="Name of the community.")
    timezone: str = strawberry.field(
        description="IANA name of the clock that makes its days and months."
    )
    zone: Zone = strawberry.field(description="Tariff zone.")
    created_at: datetime = strawberry.field(description="When it was first imported.")

    @strawberry.field(description="Its plants, by CAU.")
    async def installations(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[SelfConsumptionInstallation]:
        """Page through them."""
        listing = WholeList.INSTALLATIONS_OF_COMMUNITY
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Its members and those who wait, by the promoter's key.")
    async def members(
        self,
        info: Info,
        filter: Annotated[MemberFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[MemberOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Member]:
        """Page through them."""
        wish, listing = read_wish(filter, order), PagedList.MEMBERS_OF_COMMUNITY
        return await info.context.loaders.page(listing, self.id, first, after, wish)

    @strawberry.field(description="Those who wait for a vacancy, in the order of the list.")
    async def reserve_pool(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[ReserveApplication]:
        """Page through them."""
        listing = PagedList.RESERVE_POOL_OF_COMMUNITY
        return await info.context.loaders.page(listing, self.id, first, after)

    @strawberry.field(description="Those who ask to join by its public page, newest first.")
    async def sign_ups(
        self,
        info: Info,
        filter: Annotated[SignUpFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[SignUp]:
        """Page through them."""
        wish, listing = read_wish(filter, None), PagedList.SIGN_UPS_OF_COMMUNITY
        return await info.context.loaders.page(listing, self.id, first, after, wish)

    @strawberry.field(description="What everybody is told of it; null before it is published once.")
    async def public_page(self, info: Info) -> PublicPage | None:
        """Find it."""
        return await show_page(info, self.id)

    @strawberry.field(description="Files that it took in, newest first.")
    async def file_imports(
        self,
        info: Info,
        filter: Annotated[FileImportFilter | None, WHICH] = None,  # noqa: A002
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[FileImport]:
        """Page through them."""
        wish, listing = read_record_wish(filter), PagedList.FILE_IMPORTS_OF_COMMUNITY
        return await info.context.loaders.page(listing, self.id, first, after, wish)

    @strawberry.field(description="Plans by which its members may pay, by code.")
    async def payment_plans(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[PaymentPlan]:
        """Page through them."""
        listing = WholeList.PLANS_OF_COMMUNITY
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Its billing runs, newest first.")
    async def billing_runs(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[BillingRun]:
        """Page through them."""
        listing = PagedList.BILLING_RUNS_OF_COMMUNITY
        return await info.context.loaders.page(listing, self.id, first, after)

    @strawberry.field(
        description="What is missing, estimated, filled and doubtful of a year, meter by meter; "
        "null, with an error, when a stored month is damaged."
    )
    async def completeness(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[MeterCompleteness] | None:
        """Page through its meters."""
        return await page_community_completeness(info, self.id, year, first, after)

    @strawberry.field(
        description="A year of the energy of all its plants, or of all who share in any of them; "
        "null, with an error, when there is none."
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
        kind = SubjectKind.COMMUNITY
        document = (proposal_id, agreement_id)
        return await read_series(info, kind, self.id, measure, year, resolution, *document)

    @strawberry.field(
        description="What sharing brought to all who share in any of its plants; null, with an "
        "error, when it cannot be reckoned."
    )
    async def benefits(
        self,
        info: Info,
        of: WhichBenefit,
        year: Year,
        resolution: SummedOver = Resolution.MONTH,
    ) -> GappedSeries | None:
        """Ask for the series."""
        return await read_gapped_series(info, SubjectKind.COMMUNITY, self.id, of, year, resolution)

    @strawberry.field(
        description="What was shared in each month of a local year by what the distributor "
        "applied: all together, to members where at least five shared, and the caller's own."
    )
    async def shared_months(
        self, info: Info, year: Year, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[SharedMonth]:
        """Page through them."""
        return await page_shared_months(info, self.id, year, first, after)

    @strawberry.field(
        description="Prices of a local day; null while nothing of its month is known."
    )
    async def prices(
        self,
        info: Info,
        kind: Annotated[PriceKind, strawberry.argument(description="What they are paid for.")],
        day: Annotated[date, strawberry.argument(description="The day.")],
    ) -> PriceSeries | None:
        """Read them."""
        return await read_prices(info, self.id, kind, day)


@strawberry.type
class CommunityQueries:
    """Ways to communities."""

    @strawberry.field(description="The caller's communities, by name.")
    async def communities(
        self,
        info: Info,
        filter: Annotated[CommunityFilter | None, WHICH] = None,  # noqa: A002
        order: Annotated[CommunityOrder | None, IN_ORDER] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Community]:
        """Page through them."""
        wish, listing = read_wish(filter, order), PagedList.COMMUNITIES_OF_PROMOTER
        promoter_id = info.context.principal.promoter_id
        return await info.context.loaders.page(listing, promoter_id, first, after, wish)

    @strawberry.field(description="One community; null when the caller has none of that id.")
    async def community(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")],  # noqa: A002
    ) -> Community | None:
        """Find it."""
        key = read_key(tables.Community, id)
        return None if key is None else await info.context.loaders.record(tables.Community, key)
