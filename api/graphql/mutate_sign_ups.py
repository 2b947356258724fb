"""Sign up for a community, confirm that, follow it, withdraw: for people without an account."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Context, Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.mutate_installations import PlaceInput
from api.graphql.scalars import Kw, Kwh
from api.graphql.sign_ups import DeclaredPlace, show_kwh, show_place
from api.link_settings import require_link_desk
from api.services.communities.create_community import PlaceError
from api.services.sign_ups import follow_sign_up
from api.services.sign_ups.confirm_sign_up import UnknownLinkError, confirm_sign_up
from api.services.sign_ups.follow_sign_up import (
    SignUpStanding,
    read_sign_up_status,
    withdraw_sign_up,
)
from api.services.sign_ups.sign_up import (
    ClosedSignUpError,
    SignUpWish,
    StaleNoticeError,
    TooFarFromPlantError,
    UnfitSignUpError,
    UnknownPageError,
    sign_up,
)
from models.values.cups import Cups
from models.values.email_address import UnfitEmailError
from models.values.errors import CommunityError, InvalidDataError, InvalidIdentifierError
from models.values.language import Language
from models.values.names import InvalidNameError
from models.values.power import to_kw
from models.values.tariff import Tariff

describe(
    SignUpStanding,
    "How a sign-up stands, as who made it sees it.",
    UNDER_REVIEW="Its promoter looks at it.",
    WAITING="It waits in the reserve pool for a place.",
    ADMITTED="It got a place.",
    REFUSED="Its promoter refused it.",
    WITHDRAWN="It was withdrawn, or taken off the list.",
)

_FIELDS = {"telephone": "phone", "yearly consumption": "yearlyConsumptionKwh"}
_CODES = {"NIF": "taxNumber", "CUPS": "cups"}
_BEHIND_HASH = "What the link holds behind its #."


@strawberry.input(description="Who signs up for what, and what they declare.")
class SignUpInput:
    """What is typed into the page of a community."""

    slug: str = strawberry.field(description="Name of the community's page.")
    name: str = strawberry.field(description="Name of the person or entity, 1 to 200 characters.")
    tax_number: str = strawberry.field(description="NIF, without separators.")
    email: str = strawberry.field(description="Where the link goes that confirms this.")
    phone: str | None = strawberry.field(default=None, description="Telephone.")
    cups: str = strawberry.field(
        description="Code of the supply point (CUPS), on any bill, without separators."
    )
    tariff: Tariff = strawberry.field(description="Its access tariff.")
    contracted_power_kw: Kw = strawberry.field(
        description="Its contracted power, the greatest of all periods [kW]."
    )
    place: PlaceInput | None = strawberry.field(
        default=None,
        description="Where its meter is, from a map; without it the distance is not checked, and "
        "the promoter decides.",
    )
    yearly_consumption_kwh: Kwh | None = strawberry.field(
        default=None, description="What it consumes in a year, about [kWh]."
    )
    language: Language = strawberry.field(description="In which to write.")
    privacy_version: int = strawberry.field(
        description="Version of the privacy notice that was read and agreed to."
    )
    website: str = strawberry.field(
        default="", description="Stays empty: people do not see it, programs fill it in."
    )


@strawberry.input(description="A link that was written to somebody's address.")
class SignUpLinkInput:
    """What opens a sign-up."""

    secret: str = strawberry.field(description=_BEHIND_HASH)


_Link = Annotated[SignUpLinkInput, strawberry.argument(description="The link.")]


@strawberry.type(
    description="Whether to look into the mailbox; the same whatever is known of address and meter."
)
class SignUpPayload:
    """Answer of ``signUp``."""

    is_mailed: bool = strawberry.field(
        description="Whether a link was written to the address, good for seven days."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being kept.")


@strawberry.type(description="How a sign-up stands, for whoever has its link.")
class SignUpStatus:
    """Shows a sign-up to who made it."""

    known: strawberry.Private[follow_sign_up.SignUpStatus]

    @strawberry.field(description="Name of the community.")
    def community(self) -> str:
        """Read it."""
        return self.known.community

    @strawberry.field(description="How it stands.")
    def state(self) -> SignUpStanding:
        """Read it."""
        return self.known.standing

    @strawberry.field(description="Place among those who wait, from 1; null for who does not.")
    def place_in_list(self) -> int | None:
        """Read it."""
        return self.known.place_in_list

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        """Read it."""
        return self.known.sign_up.created_at

    @strawberry.field(description="When it was accepted, refused or withdrawn.")
    def decided_at(self) -> datetime | None:
        """Read it."""
        return self.known.sign_up.decided_at

    @strawberry.field(description="Why it was refused.")
    def refused_because(self) -> str | None:
        """Read it."""
        return self.known.sign_up.refused_because

    @strawberry.field(description="The name that was given.")
    def name(self) -> str:
        """Read it."""
        return self.known.details.name

    @strawberry.field(description="The NIF that was given, but for its last four characters.")
    def masked_tax_number(self) -> str:
        """Read it."""
        return self.known.details.masked_tax_number

    @strawberry.field(description="The e-mail address that was given.")
    def email(self) -> str:
        """Read it."""
        return self.known.details.email

    @strawberry.field(description="The telephone that was given.")
    def phone(self) -> str | None:
        """Read it."""
        return self.known.details.phone

    @strawberry.field(description="The supply point that was given.")
    def cups(self) -> Cups:
        """Read it."""
        return Cups(self.known.details.cups)

    @strawberry.field(description="Its access tariff, as declared.")
    def tariff(self) -> Tariff:
        """Read it."""
        return self.known.sign_up.tariff

    @strawberry.field(description="Its contracted power, as declared [kW].")
    def contracted_power_kw(self) -> Kw:
        """Convert it."""
        return Kw(to_kw(self.known.sign_up.contracted_power_w))

    @strawberry.field(description="Its consumption of a year, as declared [kWh].")
    def yearly_consumption_kwh(self) -> Kwh | None:
        """Convert it."""
        return show_kwh(self.known.sign_up.yearly_consumption_wh)

    @strawberry.field(description="Where it is; null where nobody said.")
    def place(self) -> DeclaredPlace | None:
        """Read it."""
        return show_place(self.known.details)

    @strawberry.field(
        name="distanceM",
        description="To the nearest plant [m]; null where it was not checked.",
    )
    def distance_m(self) -> int | None:
        """Read it."""
        return self.known.sign_up.distance_m


@strawberry.type(description="How a confirmed sign-up stands and is followed, or why it is none.")
class ConfirmSignUpPayload:
    """Answer of ``confirmSignUp``."""

    status: SignUpStatus | None = strawberry.field(description="How it stands.")
    status_secret: str | None = strawberry.field(
        description="What `signUpStatus` and `withdrawSignUp` take; it was written to the address "
        "too, and is good until another one is."
    )
    user_errors: list[UserError] = strawberry.field(
        description="What kept it from being confirmed."
    )


@strawberry.type(description="How a sign-up stands now, or why it was not withdrawn.")
class WithdrawSignUpPayload:
    """Answer of ``withdrawSignUp``."""

    status: SignUpStatus | None = strawberry.field(description="How it stands.")
    user_errors: list[UserError] = strawberry.field(
        description="What kept it from being withdrawn."
    )


@strawberry.type
class SignUpQueries:
    """What people with a link may ask."""

    @strawberry.field(
        description="How a sign-up stands; null when the link opens nothing, or nothing any more."
    )
    async def sign_up_status(
        self, info: Info, secret: Annotated[str, strawberry.argument(description=_BEHIND_HASH)]
    ) -> SignUpStatus | None:
        """Find it."""
        return await _read_status(info.context, secret)


@strawberry.type
class SignUpMutations:
    """What people without an account can do."""

    @strawberry.mutation(
        description="Sign up for a community: a link goes to the e-mail address, and nothing "
        "counts before it is followed. At most 20 in an hour from one network; further e-mails to "
        "one mailbox go hours apart."
    )
    async def sign_up(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SignUpInput, strawberry.argument(description="Who, and for what.")
        ],
    ) -> SignUpPayload:
        """Keep it."""
        network = info.context.count_sign_up()
        _, errors = await attempt(_sign_up(info.context, input, network), _find_fault)
        return SignUpPayload(is_mailed=not errors, user_errors=errors)

    @strawberry.mutation(
        description="Confirm a sign-up by the link that was written to its address: once, within "
        "seven days. It goes to the end of the reserve pool, or its promoter decides first."
    )
    async def confirm_sign_up(
        self,
        info: Info,
        input: _Link,  # noqa: A002
    ) -> ConfirmSignUpPayload:
        """Confirm it."""

        async def confirm() -> str:
            desk = require_link_desk(info.context.settings)
            told: str = await info.context.write_account(
                confirm_sign_up, secret=input.secret, desk=desk, now=now()
            )
            return told

        status_secret, errors = await attempt(confirm(), _find_fault)
        status = None if status_secret is None else await _read_status(info.context, status_secret)
        return ConfirmSignUpPayload(status=status, status_secret=status_secret, user_errors=errors)

    @strawberry.mutation(
        description="Withdraw a sign-up, unless it has a place already; its data are deleted "
        "30 days later."
    )
    async def withdraw_sign_up(
        self,
        info: Info,
        input: _Link,  # noqa: A002
    ) -> WithdrawSignUpPayload:
        """Withdraw it."""

        async def withdraw() -> Any:
            keyring = info.context.keyring
            return await info.context.write_account(
                withdraw_sign_up, secret=input.secret, keyring=keyring, now=now()
            )

        known, errors = await attempt(withdraw(), _find_fault)
        status = None if known is None else SignUpStatus(known=known)
        return WithdrawSignUpPayload(status=status, user_errors=errors)


async def _sign_up(context: Context, given: SignUpInput, network: str) -> None:
    wish = _read_wish(given)
    desk = require_link_desk(context.settings)
    if not given.website:
        await context.write_account(sign_up, wish=wish, network=network, desk=desk, now=now())


def _read_wish(given: SignUpInput) -> SignUpWish:
    return SignUpWish(
        slug=given.slug,
        name=given.name,
        tax_number=given.tax_number,
        email=given.email,
        cups=Cups(given.cups),
        tariff=given.tariff,
        contracted_kw=given.contracted_power_kw,
        language=given.language,
        notice_version=given.privacy_version,
        phone=given.phone,
        place=None if given.place is None else (given.place.lat, given.place.lon),
        yearly_kwh=given.yearly_consumption_kwh,
    )


async def _read_status(context: Context, secret: str) -> SignUpStatus | None:
    keyring = context.keyring
    found = await context.read_account(read_sign_up_status, secret=secret, keyring=keyring)
    return None if found is None else SignUpStatus(known=found)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownPageError() | ClosedSignUpError():
            return ["slug"]
        case StaleNoticeError():
            return ["privacyVersion"]
        case InvalidNameError():
            return ["name"]
        case InvalidIdentifierError(kind=kind):
            return [_CODES[kind]]
        case UnfitEmailError():
            return ["email"]
        case UnfitSignUpError(field=field):
            return [_FIELDS[field]]
        case TooFarFromPlantError() | PlaceError():
            return ["place"]
        case InvalidDataError():
            return ["contractedPowerKw"]
        case UnknownLinkError():
            return ["secret"]
    return []
