"""Settle with members that leave, and hand supply points on."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.graphql.payment_plans import InvoiceIssuer
from api.graphql.scalars import Euro
from api.graphql.supply_points import SupplyPoint
from api.services.collection.change_holder import (
    HolderDayError,
    HolderWish,
    PlanGoesOnError,
    SameHolderError,
    UnfitInvoiceError,
    change_holder,
)
from api.services.collection.settle_member import (
    DaysToComeError,
    StillSubscribedError,
    settle_member,
)
from api.services.communities.find_points import UnknownCupsError
from models import tables
from models.values.cups import Cups
from models.values.errors import CommunityError
from models.values.money import from_cents


@strawberry.input(description="Which supply point left, and when.")
class SettleMemberInput:
    """Its subscription has ended, and its last days are billed."""

    cups: Cups = strawberry.field(description="The supply point.")
    left_on: date = strawberry.field(description="First local day on which it took part no more.")


@strawberry.input(description="Who takes over a supply point.")
class ChangeHolderInput:
    """On the first day of a month."""

    cups: Cups = strawberry.field(description="The supply point.")
    member_code: str = strawberry.field(
        description="Code of the new holder in the same community; begun where there is none."
    )
    changed_on: date = strawberry.field(description="Its first day, the first of a month.")
    is_subrogated: bool = strawberry.field(
        description="Whether it takes over what the old one agreed on."
    )
    kind: str | None = strawberry.field(
        default=None, description="Kind of a member that begins, 1 to 100 characters."
    )


@strawberry.type(description="What stood between a member and an issuer when it left.")
class FinalSettlement:
    """Shows a settlement."""

    issuer_id: strawberry.Private[UUID]

    left_on: date = strawberry.field(description="First local day on which it took part no more.")
    owed_eur: Euro = strawberry.field(description="What the member still owes [EUR].")
    prepaid_eur: Euro = strawberry.field(description="What is to be refunded [EUR].")
    settled_at: datetime = strawberry.field(description="When it was settled.")

    @strawberry.field(description="To whom, or by whom.")
    async def issuer(self, info: Info) -> InvoiceIssuer:
        """Find the issuer."""
        return await info.context.loaders.record(tables.InvoiceIssuer, self.issuer_id)


@strawberry.type(description="The settlements, or why there are none.")
class SettleMemberPayload:
    """Answer of ``settleMember``."""

    settled: strawberry.Private[list[FinalSettlement]]

    user_errors: list[UserError] = strawberry.field(description="What kept it from being settled.")

    @strawberry.field(description="One for each issuer that it paid.")
    def settlements(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FinalSettlement]:
        """Page through them."""
        return paginate(self.settled, first, after)


@strawberry.type(description="The supply point with its new holder, or why it stays.")
class ChangeHolderPayload:
    """Answer of ``changeHolder``."""

    supply_point: SupplyPoint | None = strawberry.field(description="As it stands now.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from changing.")


@strawberry.type
class HolderMutations:
    """What can be done when members come and go."""

    @strawberry.mutation(
        description="Settle with the member of a supply point that left: its money is set against "
        "what it owes, and one of the two is left."
    )
    async def settle_member(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SettleMemberInput, strawberry.argument(description="Which, and when.")
        ],
    ) -> SettleMemberPayload:
        """Settle."""

        async def settle() -> Any:
            return await info.context.write(
                settle_member, cups=input.cups, left_on=input.left_on, now=now()
            )

        rows, errors = await attempt(settle(), _find_fault)
        return SettleMemberPayload(settled=[_show(row) for row in rows or ()], user_errors=errors)

    @strawberry.mutation(
        description="Hand a supply point on to another member of its community; refused while its "
        "holder owes anything."
    )
    async def change_holder(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ChangeHolderInput, strawberry.argument(description="To whom, and how.")
        ],
    ) -> ChangeHolderPayload:
        """Hand it on."""
        point, errors = await attempt(_change(info, input), _find_fault)
        return ChangeHolderPayload(supply_point=point, user_errors=errors)


async def _change(info: Info, given: ChangeHolderInput) -> Any:
    wish = HolderWish(
        cups=given.cups,
        member_code=given.member_code,
        changed_on=given.changed_on,
        is_subrogated=given.is_subrogated,
        kind=given.kind,
    )
    change = await info.context.write(change_holder, wish=wish, now=now())
    return await info.context.loaders.record(tables.SupplyPoint, change.supply_point_id)


def _show(row: tables.FinalSettlement) -> FinalSettlement:
    return FinalSettlement(
        issuer_id=row.issuer_id,
        left_on=row.left_on,
        owed_eur=Euro(from_cents(row.owed_cents)),
        prepaid_eur=Euro(from_cents(row.prepaid_cents)),
        settled_at=row.settled_at,
    )


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownCupsError():
            return ["cups"]
        case DaysToComeError() | StillSubscribedError():
            return ["leftOn"]
        case HolderDayError():
            return ["changedOn"]
        case SameHolderError():
            return ["memberCode"]
        case PlanGoesOnError():
            return ["isSubrogated"]
        case UnfitInvoiceError():
            return ["kind" if error.subject == "kind" else "memberCode"]
    return ["cups"]
