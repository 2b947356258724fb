"""Record who issues invoices, who pays them, and by which plans of prices."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.node import require_key
from api.graphql.payment_plans import InvoiceIssuer, Payer, PaymentPlan, PlanSubscription
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.payment_plans import (
    PlanExistsError,
    UnfitTermError,
    UnknownIssuerError,
    UnknownPlanError,
    add_term,
    create_plan,
)
from api.services.invoices.record_parties import (
    IssuerElsewhereError,
    IssuerExistsError,
    OfficesError,
    PartyDetails,
    UnknownMemberError,
    UnknownTaxNumberError,
    create_issuer,
    set_payer,
    update_issuer,
)
from api.services.invoices.setup_document import SetupDocumentError, check_term
from api.services.invoices.subscriptions import (
    SubscriptionOverlapError,
    UnknownSubscriptionError,
    end_subscription,
    subscribe_point,
)
from models import tables
from models.values.cups import Cups
from models.values.email_address import UnfitEmailError
from models.values.errors import CommunityError, InvalidIdentifierError
from models.values.invoicing import BillingBasis, Exemption, TaxKind
from models.values.language import Language


@strawberry.input(description="Somebody as an invoice names them.")
class PartyInput:
    """Name, tax number and address."""

    tax_number: str = strawberry.field(description="NIF or NIE, without spaces.")
    name: str = strawberry.field(description="At most 120 characters.")
    address: str = strawberry.field(description="Street and number, at most 200 characters.")
    postal_code: str = strawberry.field(description="Five digits.")
    town: str = strawberry.field(description="At most 100 characters.")
    province: str = strawberry.field(description="At most 100 characters.")


@strawberry.input(description="In whose name invoices are issued.")
class IssuerInput:
    """An issuer."""

    party: PartyInput = strawberry.field(description="Who.")


@strawberry.input(description="Who is invoiced for a member.")
class SetPayerInput:
    """A payer."""

    member_id: strawberry.ID = strawberry.field(description="Global id of the member.")
    party: PartyInput = strawberry.field(description="Who pays.")
    language: Language = strawberry.field(default=Language.SPANISH, description="Of the invoices.")
    email: str | None = strawberry.field(default=None, description="Where the invoices go.")
    offices: list[str] = strawberry.field(
        default_factory=list,
        description="DIR3 codes of a public body: accounting office, managing body and "
        "processing unit; none for all others.",
    )


@strawberry.input(description="One price of a plan.")
class PlanTermInput:
    """A price."""

    charges: BillingBasis = strawberry.field(description="What it charges for.")
    price_eur: str = strawberry.field(
        description="Of a unit of it, exact decimal text with at most 8 decimals [EUR]."
    )
    description: str = strawberry.field(description="Text of its line, at most 150 characters.")
    tax: TaxKind = strawberry.field(default=TaxKind.VAT, description="Tax on it.")
    tax_percent: str = strawberry.field(description="Its rate, exact decimal text [%].")
    valid_from: date = strawberry.field(description="First day on which it holds.")
    valid_until: date | None = strawberry.field(
        default=None, description="First day on which it does not."
    )
    position: int | None = strawberry.field(
        default=None,
        description="Place of its line on the invoice; its place in the list without it.",
    )
    exemption: Exemption | None = strawberry.field(default=None, description="Why it bears no tax.")
    exempt_because: str | None = strawberry.field(default=None, description="The law that says so.")
    instalments: int = strawberry.field(
        default=1, description="Equal monthly parts of an entry fee, 1 to 120."
    )


@strawberry.input(description="A plan of prices.")
class CreatePaymentPlanInput:
    """A plan."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    issuer_id: strawberry.ID = strawberry.field(description="Global id of the issuer.")
    code: str = strawberry.field(description="Your own key of it, at most 50 characters.")
    name: str = strawberry.field(description="What people call it.")
    terms: list[PlanTermInput] = strawberry.field(
        default_factory=list, description="Its prices; free without any."
    )


@strawberry.input(description="A further price of a plan.")
class AddPlanTermInput:
    """One in a place that is taken follows on the earlier one."""

    plan_id: strawberry.ID = strawberry.field(description="Global id of the plan.")
    term: PlanTermInput = strawberry.field(
        description="The price; at place 0 unless it tells another."
    )


@strawberry.input(description="That a supply point pays by a plan.")
class SubscribeSupplyPointInput:
    """A subscription."""

    plan_id: strawberry.ID = strawberry.field(description="Global id of the plan.")
    cups: Cups = strawberry.field(description="The supply point.")
    valid_from: date = strawberry.field(description="First day.")
    valid_until: date | None = strawberry.field(default=None, description="First day after those.")


@strawberry.input(description="That a subscription ends.")
class EndSubscriptionInput:
    """An end."""

    subscription_id: strawberry.ID = strawberry.field(description="Global id of the subscription.")
    valid_until: date = strawberry.field(description="First day that is not paid for.")


@strawberry.type(description="The issuer, or why there is none.")
class IssuerPayload:
    """Answer of what is done to an issuer."""

    issuer: InvoiceIssuer | None = strawberry.field(description="The issuer.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being recorded.")


@strawberry.type(description="The payer as it stands now, or why it stays as it was.")
class SetPayerPayload:
    """Answer of ``setPayer``."""

    payer: Payer | None = strawberry.field(description="The payer.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being set.")


@strawberry.type(description="The plan as it stands now, or why it stays as it was.")
class PaymentPlanPayload:
    """Answer of what is done to a plan."""

    plan: PaymentPlan | None = strawberry.field(description="The plan.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="The subscription as it stands now, or why it stays as it was.")
class SubscriptionPayload:
    """Answer of what is done to a subscription."""

    subscription: PlanSubscription | None = strawberry.field(description="The subscription.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class PaymentPlanMutations:
    """What can be done before anything is invoiced."""

    @strawberry.mutation(description="Record somebody in whose name invoices are issued.")
    async def create_issuer(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            IssuerInput, strawberry.argument(description="Who.")
        ],
    ) -> IssuerPayload:
        """Record the issuer."""

        async def create() -> Any:
            return await info.context.write(create_issuer, details=_read_party(input.party))

        issuer, errors = await attempt(create(), _find_party_fault)
        return IssuerPayload(issuer=issuer, user_errors=errors)

    @strawberry.mutation(
        description="Give an issuer another name or address, by its NIF; what was issued stays as "
        "it is."
    )
    async def update_issuer(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            IssuerInput, strawberry.argument(description="Who, as it is now.")
        ],
    ) -> IssuerPayload:
        """Update the issuer."""

        async def update() -> Any:
            return await info.context.write(update_issuer, details=_read_party(input.party))

        issuer, errors = await attempt(update(), _find_party_fault)
        return IssuerPayload(issuer=issuer, user_errors=errors)

    @strawberry.mutation(
        description="Record who is invoiced for a member; what was issued stays as it is."
    )
    async def set_payer(
        self,
        info: Info,
        input: Annotated[SetPayerInput, strawberry.argument(description="Who.")],  # noqa: A002
    ) -> SetPayerPayload:
        """Set the payer."""
        payer, errors = await attempt(_set_payer(info, input), _find_party_fault)
        return SetPayerPayload(payer=payer, user_errors=errors)

    @strawberry.mutation(description="Write down a plan of prices.")
    async def create_payment_plan(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CreatePaymentPlanInput, strawberry.argument(description="The plan.")
        ],
    ) -> PaymentPlanPayload:
        """Store the plan."""
        plan, errors = await attempt(_create_plan(info, input), _find_plan_fault)
        return PaymentPlanPayload(plan=plan, user_errors=errors)

    @strawberry.mutation(
        description="Add a price to a plan; in a place that is taken it follows on the earlier "
        "one. What was invoiced before stays as it is."
    )
    async def add_plan_term(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AddPlanTermInput, strawberry.argument(description="Which plan, and the price.")
        ],
    ) -> PaymentPlanPayload:
        """Store the price."""
        plan, errors = await attempt(_add_term(info, input), _find_term_fault)
        return PaymentPlanPayload(plan=plan, user_errors=errors)

    @strawberry.mutation(description="Let a supply point pay by a plan.")
    async def subscribe_supply_point(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SubscribeSupplyPointInput, strawberry.argument(description="Which, and since when.")
        ],
    ) -> SubscriptionPayload:
        """Store the subscription."""
        subscription, errors = await attempt(_subscribe(info, input), _find_subscription_fault)
        return SubscriptionPayload(subscription=subscription, user_errors=errors)

    @strawberry.mutation(
        description="End a subscription, on a day after those that were billed; what is left of "
        "an entry fee falls due with its last month."
    )
    async def end_subscription(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            EndSubscriptionInput, strawberry.argument(description="Which, and when.")
        ],
    ) -> SubscriptionPayload:
        """Store the end."""
        subscription, errors = await attempt(_end(info, input), _find_subscription_fault)
        return SubscriptionPayload(subscription=subscription, user_errors=errors)


async def _set_payer(info: Info, given: SetPayerInput) -> Any:
    key = require_key(tables.Member, str(given.member_id), UnknownMemberError)
    return await info.context.write(
        set_payer,
        member_id=key,
        details=_read_party(given.party),
        language=given.language,
        email=given.email,
        offices=given.offices,
    )


async def _create_plan(info: Info, given: CreatePaymentPlanInput) -> Any:
    issuer = require_key(tables.InvoiceIssuer, str(given.issuer_id), UnknownIssuerError)
    return await info.context.write(
        create_plan,
        community_id=read_community(given.community_id),
        issuer_id=issuer,
        code=given.code,
        name=given.name,
        terms=[check_term(asdict(term), place) for place, term in enumerate(given.terms)],
        now=now(),
    )


async def _add_term(info: Info, given: AddPlanTermInput) -> Any:
    key = require_key(tables.PaymentPlan, str(given.plan_id), UnknownPlanError)
    term = check_term(asdict(given.term), 0)
    await info.context.write(add_term, plan_id=key, term=term)
    return await info.context.loaders.record(tables.PaymentPlan, key)


async def _subscribe(info: Info, given: SubscribeSupplyPointInput) -> Any:
    key = require_key(tables.PaymentPlan, str(given.plan_id), UnknownPlanError)
    return await info.context.write(
        subscribe_point,
        plan_id=key,
        cups=str(given.cups),
        valid_from=given.valid_from,
        valid_until=given.valid_until,
    )


async def _end(info: Info, given: EndSubscriptionInput) -> Any:
    key = require_key(tables.PlanSubscription, str(given.subscription_id), UnknownSubscriptionError)
    return await info.context.write(
        end_subscription, subscription_id=key, valid_until=given.valid_until
    )


def _read_party(given: PartyInput) -> PartyDetails:
    return PartyDetails(**asdict(given))


def _find_party_fault(error: CommunityError) -> Sequence[str]:
    """Name the input of a party at fault."""
    match error:
        case UnknownMemberError():
            return ["memberId"]
        case (
            IssuerExistsError()
            | IssuerElsewhereError()
            | UnknownTaxNumberError()
            | InvalidIdentifierError()
        ):
            return ["party", "taxNumber"]
        case UnfitEmailError():
            return ["email"]
        case OfficesError():
            return ["offices"]
    return ["party"]


def _find_plan_fault(error: CommunityError) -> Sequence[str]:
    """Name the input of a plan at fault."""
    match error:
        case UnknownCommunityError():
            return ["communityId"]
        case UnknownIssuerError():
            return ["issuerId"]
        case PlanExistsError():
            return ["code"]
        case SetupDocumentError() | UnfitTermError():
            return ["terms"]
    return []


def _find_term_fault(error: CommunityError) -> Sequence[str]:
    """Name the input of a price at fault."""
    return ["planId"] if isinstance(error, UnknownPlanError) else ["term"]


def _find_subscription_fault(error: CommunityError) -> Sequence[str]:
    """Name the input of a subscription at fault."""
    match error:
        case UnknownPlanError():
            return ["planId"]
        case UnknownSubscriptionError():
            return ["subscriptionId"]
        case UnknownCupsError():
            return ["cups"]
        case SubscriptionOverlapError():
            return ["validFrom"]
    return ["validUntil"]
