"""Communities as everybody may know them."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.pagination import (
    DEFAULT_PAGE,
    After,
    Connection,
    Edge,
    First,
    connect,
    paginate,
    read_cursor,
    read_page_size,
    write_cursor,
)
from api.graphql.scalars import Kw, Kwh
from api.services.sign_ups import read_public_pages
from api.services.sign_ups.read_public_pages import (
    count_public_communities,
    find_public_community,
    list_public_communities,
)
from api.spoken_language import spoken
from models.values.language import Language

_LISTING = "public communities"
_WH_PER_KWH = 1_000


@strawberry.type(description="A text and the language that it is in.")
class PublicText:
    """Shows a text."""

    language: Language = strawberry.field(description="Its language.")
    text: str = strawberry.field(description="The text, without markup; lines end with \\n.")


@strawberry.type(description="A plant of a community: photovoltaic, behind one CAU.")
class PublicPlant:
    """Shows a plant."""

    inverter_power_kw: Kw = strawberry.field(description="Power of its inverters [kW].")


@strawberry.type(description="What the plants of a community did in a local month.")
class PublicMonth:
    """Shows sums."""

    month: date = strawberry.field(description="Its first local day.")
    generation_kwh: Kwh = strawberry.field(description="Net generation of all plants [kWh].")
    avoided_co2_kg: float | None = strawberry.field(
        name="avoidedCo2Kg",
        description="CO2 that its members' self-consumption avoided [kg], by the factor of the "
        "zone (docs/formulation.md); null where fewer than five members shared.",
    )


@strawberry.type(description="What people read before they sign up (GDPR, article 13).")
class PrivacyNotice:
    """Shows a version."""

    version: int = strawberry.field(description="Which text it is, from 1: `signUp` names it.")
    text: str = strawberry.field(description="The text, without markup; lines end with \\n.")


@strawberry.type(description="What everybody may know of a community that is published.")
class PublicCommunity:
    """Shows sums, and nothing of anybody."""

    known: strawberry.Private[read_public_pages.PublicCommunity]

    @strawberry.field(description="Name of its page in addresses.")
    def slug(self) -> str:
        """Read the page."""
        return self.known.page.slug

    @strawberry.field(description="Its name.")
    def name(self) -> str:
        """Read the community."""
        return self.known.name

    @strawberry.field(description="Where it is.")
    def municipality(self) -> str:
        """Read the page."""
        return self.known.page.municipality

    @strawberry.field(
        description="What it is about, in a language, that of the request by default; in another "
        "one where it is not written in that."
    )
    def about(
        self,
        language: Annotated[
            Language | None, strawberry.argument(description="Which language.")
        ] = None,
    ) -> PublicText:
        """Choose a text."""
        page = self.known.page
        texts = {
            Language.SPANISH: page.text_es,
            Language.CATALAN: page.text_ca,
            Language.ENGLISH: page.text_en,
        }
        wanted = language or spoken()
        chosen = next(each for each in (wanted, *Language) if texts[each] is not None)
        return PublicText(language=chosen, text=str(texts[chosen]))

    @strawberry.field(description="To whom people write.")
    def contact_email(self) -> str:
        """Read the page."""
        return self.known.page.contact_email

    @strawberry.field(description="Its plants, in the order of its list.")
    def plants(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[PublicPlant]:
        """Page through them."""
        shown = [PublicPlant(inverter_power_kw=Kw(power)) for power in self.known.plants_kw]
        return paginate(shown, first, after)

    @strawberry.field(
        description="First local day on which a member of today shared; null while nobody does."
    )
    def since(self) -> date | None:
        """Read the day."""
        return self.known.since

    @strawberry.field(description="How many members share; null where they are fewer than five.")
    def member_count(self) -> int | None:
        """Read the count."""
        return self.known.n_members

    @strawberry.field(
        description="The last twelve local months that were shared out, the earliest first."
    )
    def months(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[PublicMonth]:
        """Page through them."""
        return paginate([_show_month(each) for each in self.known.months], first, after)

    @strawberry.field(description="Whether people can sign up now.")
    def is_sign_up_open(self) -> bool:
        """Read the page."""
        return self.known.is_open

    @strawberry.field(description="How many more can join; null where its promoter does not tell.")
    def free_places(self) -> int | None:
        """Read the page."""
        return self.known.page.free_places

    @strawberry.field(
        name="maximumDistanceM",
        description="How near a consumption meter must be to a plant [m]: strictly below "
        "(RD 244/2019, article 3.g, as it holds today).",
    )
    def maximum_distance_m(self) -> int:
        """Read the law."""
        return int(self.known.distance_limit.value)

    @strawberry.field(description="The law that says so.")
    def maximum_distance_source(self) -> str:
        """Read the law."""
        return self.known.distance_limit.source

    @strawberry.field(description="What to read before signing up; null while nobody can.")
    def privacy_notice(self) -> PrivacyNotice | None:
        """Read the newest version."""
        notice = self.known.notice
        if notice is None or not self.known.is_open:
            return None
        return PrivacyNotice(version=notice.version, text=notice.text)


@strawberry.type
class PublicQueries:
    """What anybody may ask."""

    @strawberry.field(
        description="The published community of a name; null when there is none, or no more."
    )
    async def public_community(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="Name of its page in addresses.")],
    ) -> PublicCommunity | None:
        """Find it."""
        found = await info.context.read_account(find_public_community, slug=slug, now=now())
        return None if found is None else PublicCommunity(known=found)

    @strawberry.field(description="All published communities, by the names of their pages.")
    async def public_communities(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[PublicCommunity]:
        """Page through them."""
        size = read_page_size(first)
        place = None if after is None else read_cursor(_LISTING, str, after)
        found: list[read_public_pages.PublicCommunity] = await info.context.read_account(
            list_public_communities, first=size + 1, after=place, now=now()
        )
        edges = [
            Edge(
                node=PublicCommunity(known=each),
                write_cursor=partial(write_cursor, _LISTING, (each.page.slug, each.page.id)),
            )
            for each in found[:size]
        ]

        async def count() -> int:
            counted: int = await info.context.read_account(count_public_communities)
            return counted

        return connect(edges, has_next=len(found) > size, after=after, count=count)


def _show_month(month: read_public_pages.PublicMonth) -> PublicMonth:
    avoided = month.avoided_kg
    return PublicMonth(
        month=month.month,
        generation_kwh=Kwh(month.generation_wh / _WH_PER_KWH),
        avoided_co2_kg=None if avoided is None else float(avoided.quantize(Decimal("0.001"))),
    )
