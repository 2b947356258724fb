"""Those who sign up for communities, as promoters see them, and the pages on which they do."""

from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, shows
from api.graphql.public_communities import PrivacyNotice
from api.graphql.reserve_pool import ReserveApplication
from api.graphql.scalars import Kw, Kwh
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import OneEach
from api.services.sign_ups.sealed_details import SignUpDetails, open_details
from models import tables
from models.tables import SignUpState
from models.values.cups import Cups
from models.values.language import Language
from models.values.power import to_kw
from models.values.tariff import Tariff

_WH_PER_KWH = 1_000


@strawberry.type(description="A point on the map.")
class DeclaredPlace:
    """Both coordinates."""

    lat: float = strawberry.field(description="Latitude [degrees north].")
    lon: float = strawberry.field(description="Longitude [degrees east].")


@strawberry.type(description="Who signed up, in their own words.")
class SignUpPerson:
    """Shows what rests sealed."""

    details: strawberry.Private[SignUpDetails]

    @strawberry.field(description="Name.")
    def name(self) -> str:
        """Read it."""
        return self.details.name

    @strawberry.field(description="NIF, its check character verified.")
    def tax_number(self) -> str:
        """Read it."""
        return self.details.tax_number

    @strawberry.field(description="E-mail address, confirmed unless the sign-up is not.")
    def email(self) -> str:
        """Read it."""
        return self.details.email

    @strawberry.field(description="Telephone.")
    def phone(self) -> str | None:
        """Read it."""
        return self.details.phone

    @strawberry.field(description="Code of the supply point.")
    def cups(self) -> Cups:
        """Read it."""
        return Cups(self.details.cups)

    @strawberry.field(description="Where the supply point is; null where nobody said.")
    def place(self) -> DeclaredPlace | None:
        """Read it."""
        return show_place(self.details)

    @strawberry.field(
        description="The promoter's supply point of that CUPS; null when it is new, or another "
        "community's that the caller does not look after."
    )
    async def known_supply_point(self, info: Info) -> SupplyPoint | None:
        """Find it."""
        return await info.context.loaders.one(OneEach.SUPPLY_POINT_OF_CUPS, self.details.cups)


@strawberry.type(description="Somebody who asks to join a community by its public page.")
@shows(tables.SignUp)
class SignUp(Node):
    """Shows a sign-up."""

    sealed_details: strawberry.Private[bytes]
    notice_id: strawberry.Private[UUID]
    application_id: strawberry.Private[UUID | None]
    contracted_power_w: strawberry.Private[int]
    yearly_consumption_wh: strawberry.Private[int | None]

    state: SignUpState = strawberry.field(description="Where it stands.")
    tariff: Tariff = strawberry.field(description="Access tariff, as declared.")
    distance_m: int | None = strawberry.field(
        description="From the supply point to the nearest plant [m], below the limit of the law; "
        "null where it was not checked, because a place is not known."
    )
    language: Language = strawberry.field(description="In which they are written to.")
    created_at: datetime = strawberry.field(
        description="When it was made, and the notice agreed to."
    )
    expires_at: datetime = strawberry.field(
        description="When it is forgotten, if nobody confirms it."
    )
    confirmed_at: datetime | None = strawberry.field(
        description="When the e-mail address was confirmed."
    )
    decided_at: datetime | None = strawberry.field(
        description="When it was accepted, refused or withdrawn."
    )
    refused_because: str | None = strawberry.field(description="Why it was refused, as was mailed.")

    @strawberry.field(description="Contracted power, as declared [kW].")
    def contracted_power_kw(self) -> Kw:
        """Convert it."""
        return Kw(to_kw(self.contracted_power_w))

    @strawberry.field(description="Consumption of a year, as declared [kWh].")
    def yearly_consumption_kwh(self) -> Kwh | None:
        """Convert it."""
        return show_kwh(self.yearly_consumption_wh)

    @strawberry.field(description="Who signed up.")
    async def person(self, info: Info) -> SignUpPerson:
        """Open what rests sealed."""
        row = cast("tables.SignUp", self)
        opening = partial(open_details, info.context.keyring, row)
        return SignUpPerson(details=await info.context.work(opening))

    @strawberry.field(description="The privacy notice that they agreed to.")
    async def privacy_notice(self, info: Info) -> PrivacyNotice:
        """Find the version."""
        return await info.context.loaders.one(OneEach.NOTICE_OF_SIGN_UP, self.notice_id)

    @strawberry.field(description="Its place in the reserve pool; null before it is accepted.")
    async def application(self, info: Info) -> ReserveApplication | None:
        """Find it."""
        key = self.application_id
        if key is None:
            return None
        return await info.context.loaders.record(tables.ReserveApplication, key)


@strawberry.type(description="What a promoter tells everybody of a community.")
class PublicPage:
    """Shows a page, published or not."""

    slug: str = strawberry.field(description="Its name in addresses: `publicCommunity(slug:)`.")
    municipality: str = strawberry.field(description="Where the community is.")
    contact_email: str = strawberry.field(description="To whom people write.")
    text_es: str | None = strawberry.field(description="What it is about, in Spanish.")
    text_ca: str | None = strawberry.field(description="In Catalan.")
    text_en: str | None = strawberry.field(description="In English.")
    free_places: int | None = strawberry.field(description="How many more can join, if it is told.")
    is_open: bool = strawberry.field(description="Whether people can sign up.")
    needs_approval: bool = strawberry.field(
        description="Whether the promoter lets each of them into the reserve pool."
    )
    is_published: bool = strawberry.field(description="Whether anybody finds it.")
    changed_at: datetime = strawberry.field(description="When it was last changed.")


def show_place(details: SignUpDetails) -> DeclaredPlace | None:
    """Show where a supply point is; None where a coordinate is missing."""
    if details.lat is None or details.lon is None:
        return None
    return DeclaredPlace(lat=details.lat, lon=details.lon)


def show_kwh(energy_wh: int | None) -> Kwh | None:
    """Show a declared consumption [kWh]."""
    return None if energy_wh is None else Kwh(energy_wh / _WH_PER_KWH)


async def show_page(info: Info, key: UUID) -> PublicPage | None:
    """Find the page of a community."""
    page: Any = await info.context.loaders.one(OneEach.PAGE_OF_COMMUNITY, key)
    shown: PublicPage | None = page
    return shown
