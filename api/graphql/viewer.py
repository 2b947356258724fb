"""Who calls, as they may know themselves."""

from operator import attrgetter
from uuid import UUID

import strawberry

from api.authentication import Principal
from api.graphql.benefits import GappedSeries, WhichBenefit, read_gapped_series
from api.graphql.communities import Community
from api.graphql.context import Info
from api.graphql.energy import MeasureOf, SummedOver, Year
from api.graphql.external_identities import ExternalIdentity
from api.graphql.members import Member
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.accounts.external_identities import read_identities
from api.services.accounts.read_viewer import ViewerFacts, read_viewer
from api.services.communities.browse_records import PagedList
from api.services.energy.find_energy_subjects import SubjectKind
from models import tables
from models.values.access import Capability, Role
from models.values.language import Language
from models.values.resolution import Resolution


@strawberry.type(description="Who runs installations: a town hall, an installer, a cooperative.")
class Promoter:
    """Shows a promoter."""

    key: strawberry.Private[UUID]

    name: str = strawberry.field(description="Its name.")

    @strawberry.field(
        description="A year of the energy of the communities within the caller's reach, all "
        "together; null, with an error, when it cannot be summed."
    )
    async def energy(
        self,
        info: Info,
        measure: MeasureOf,
        year: Year,
        resolution: SummedOver = Resolution.MONTH,
    ) -> GappedSeries | None:
        """Ask for the series."""
        kind = SubjectKind.PROMOTER
        return await read_gapped_series(info, kind, self.key, measure, year, resolution)

    @strawberry.field(
        description="What sharing brought in a year to the communities within the caller's reach, "
        "all together; null, with an error, when it cannot be reckoned."
    )
    async def benefits(
        self,
        info: Info,
        of: WhichBenefit,
        year: Year,
        resolution: SummedOver = Resolution.MONTH,
    ) -> GappedSeries | None:
        """Ask for the series."""
        return await read_gapped_series(info, SubjectKind.PROMOTER, self.key, of, year, resolution)


@strawberry.type(description="Who calls, and what it may do.")
class Viewer:
    """Shows the caller to itself."""

    principal: strawberry.Private[Principal]
    facts: strawberry.Private[ViewerFacts]

    role: Role = strawberry.field(description="What kind of caller it is.")
    name: str = strawberry.field(description="Name of the person, or of the token.")
    email: str | None = strawberry.field(
        description="Address with which they sign in; null for a token."
    )
    language: Language | None = strawberry.field(
        description="Language that they read; null for that of the installation."
    )
    promoter: Promoter | None = strawberry.field(
        description="For whom they work, or whose members they are; null for operators."
    )

    has_second_factor: bool = strawberry.field(
        description="Whether a code is asked for when they sign in."
    )
    needs_second_factor: bool = strawberry.field(
        description="Whether they may do nothing else before they have set one up."
    )

    @strawberry.field(description="What it may do.")
    def capabilities(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Capability]:
        """Page through them."""
        held = sorted(self.principal.capabilities)
        page: Connection[Capability] = info.context.loaders.cut(held, first, after)
        return page

    @strawberry.field(
        description="Communities within its reach, by name: all of the promoter's, those that it "
        "looks after, or those of its members."
    )
    async def communities(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Community]:
        """Page through them."""
        listing, promoter_id = PagedList.COMMUNITIES_OF_PROMOTER, self.principal.promoter_id
        return await info.context.loaders.page(listing, promoter_id, first, after)

    @strawberry.field(description="The members that it is, by key; nobody who works for others.")
    async def members(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Member]:
        """Page through them."""
        own, loaders = self.principal.reach.member_ids or (), info.context.loaders
        found = await loaders.records(tables.Member, own)
        page: Connection[Member] = loaders.cut(sorted(found, key=attrgetter("code")), first, after)
        return page

    @strawberry.field(description="Who it is to OpenID providers, by provider; nobody for a token.")
    async def identities(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ExternalIdentity]:
        """Page through them."""
        found = await info.context.read_account(
            read_identities, account_id=self.principal.account_id
        )
        shown = [ExternalIdentity(issuer=each.issuer, linked_at=each.linked_at) for each in found]
        page: Connection[ExternalIdentity] = info.context.loaders.cut(shown, first, after)
        return page


@strawberry.type
class ViewerQueries:
    """The way to oneself."""

    @strawberry.field(
        description="Who calls; null for those who have not signed in, or still owe a code."
    )
    async def viewer(self, info: Info) -> Viewer | None:
        """Find it."""
        return await show_viewer(info)


async def show_viewer(info: Info) -> Viewer | None:
    """Tell who calls; nobody if it is not known."""
    principal = info.context.principal
    if principal.role is Role.PUBLIC:
        return None
    facts: ViewerFacts = await info.context.read_account(
        read_viewer, account_id=principal.account_id, token_id=principal.token_id
    )
    return Viewer(
        principal=principal,
        facts=facts,
        role=principal.role,
        name=facts.name,
        email=facts.email,
        language=facts.language,
        has_second_factor=facts.has_second_factor,
        needs_second_factor=principal.capabilities == {Capability.ACCOUNT},
        promoter=None
        if facts.promoter_name is None
        else Promoter(key=principal.promoter_id, name=facts.promoter_name),
    )
