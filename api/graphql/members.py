"""Members of communities."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.benefits import GappedSeries, WhichBenefit, read_gapped_series
from api.graphql.context import Info
from api.graphql.download_links import LINK
from api.graphql.energy import (
    EnergySeries,
    MeasureOf,
    SummedOver,
    UnderAgreement,
    UnderProposal,
    Year,
    read_series,
)
from api.graphql.ledger import MemberBalance, read_balance
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.payment_plans import Payer
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import OneEach, WholeList
from api.services.energy.find_energy_subjects import SubjectKind
from models import tables
from models.values.resolution import Resolution

if TYPE_CHECKING:
    from api.graphql.communities import Community


@strawberry.type(description="Somebody of a community, sharing or waiting.")
@shows(tables.Member)
class Member(Node):
    """Shows a member."""

    community_id: strawberry.Private[UUID]

    code: str = strawberry.field(description="The promoter's own key of the member.")
    kind: str | None = strawberry.field(
        description="What sort of consumer it is, in the promoter's words."
    )

    @strawberry.field(
        description="Relative address of a ZIP of all that is kept of the person (Reglamento (UE) "
        f"2016/679, arts. 15 and 20); it is written when it is fetched.{LINK}"
    )
    def personal_data(self, info: Info) -> str:
        """Give the address."""
        return info.context.sign_link(f"/people/{self.id}/data.zip")

    @strawberry.field(description="Community that it belongs to.")
    async def community(
        self, info: Info
    ) -> Annotated["Community", strawberry.lazy("api.graphql.communities")]:
        """Find the community."""
        return await info.context.loaders.record(tables.Community, self.community_id)

    @strawberry.field(description="Its supply points, by CUPS.")
    async def supply_points(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[SupplyPoint]:
        """Page through them."""
        listing = WholeList.SUPPLY_POINTS_OF_MEMBER
        return await info.context.loaders.whole(listing, self.id, first, after)

    @strawberry.field(description="Who is invoiced for it; null while nobody is.")
    async def payer(self, info: Info) -> Payer | None:
        """Find the payer."""
        return await info.context.loaders.one(OneEach.PAYER_OF_MEMBER, self.id)

    @strawberry.field(description="What it owes for invoices, and what is left of its money.")
    async def balance(self, info: Info) -> MemberBalance:
        """Sum the entries."""
        return await read_balance(info, self.id)

    @strawberry.field(
        description="A year of the energy of all its supply points; null, with an error, when "
        "there is none."
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
        kind = SubjectKind.MEMBER
        document = (proposal_id, agreement_id)
        return await read_series(info, kind, self.id, measure, year, resolution, *document)

    @strawberry.field(
        description="What sharing brought to all its supply points in a year; null, with an error, "
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
        return await read_gapped_series(info, SubjectKind.MEMBER, self.id, of, year, resolution)
