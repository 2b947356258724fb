"""Write about debts, note what was decided, and what protects a supply."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.debts import DebtStep, HeldLetter, show_held, show_step
from api.graphql.errors import UserError, attempt
from api.graphql.node import require_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.collection.payment_faults import UnknownPaymentError
from api.services.collection.protect_supply import (
    ProtectedAlreadyError,
    UnprotectedError,
    end_protection,
    protect_supply,
)
from api.services.collection.send_debt_letters import DebtLetters, send_debt_letters
from api.services.collection.take_debt_step import (
    ProtectedSupplyError,
    StepOutOfTurnError,
    UnsaidDecisionError,
    WaitingReceiptsError,
    take_debt_step,
)
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.payment_plans import UnknownIssuerError
from api.services.invoices.record_parties import UnknownMemberError
from models import tables
from models.values.cups import Cups
from models.values.debts import DebtStage, SupplyProtection
from models.values.errors import CommunityError, InvalidDataError


@strawberry.input(description="What to do about a member's debt.")
class TakeDebtStepInput:
    """The next step of its timeline."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of who is owed.")
    member_id: strawberry.ID = strawberry.field(description="Global id of who owes.")
    stage: DebtStage = strawberry.field(description="What.")
    because: str | None = strawberry.field(
        default=None, description="Why, of a suspension or a termination; kept as it is."
    )
    despite_payment_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Payments of nobody that hold nothing back, being none of this member's.",
    )


@strawberry.input(description="Whom to write to.")
class SendDebtLettersInput:
    """All who are due a letter."""

    issuer_id: strawberry.ID = strawberry.field(description="Global id of who is owed.")
    community_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only in this community."
    )
    last_stage: DebtStage = strawberry.field(
        default=DebtStage.DEMAND, description="Up to which letter; notices have to be asked for."
    )
    despite_payment_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Payments of nobody that hold nothing back, being none of these members'.",
    )


@strawberry.input(description="What protects a supply point from being cut off.")
class ProtectSupplyInput:
    """From a day on."""

    cups: Cups = strawberry.field(description="The supply point.")
    protection: SupplyProtection = strawberry.field(description="Why.")
    valid_from: date = strawberry.field(description="First local day.")
    because: str = strawberry.field(
        description="Which document says so, 1 to 500 characters; nothing about anybody's health."
    )


@strawberry.input(description="Which protection ends.")
class EndProtectionInput:
    """On a day."""

    cups: Cups = strawberry.field(description="The supply point.")
    protection: SupplyProtection = strawberry.field(description="Which.")
    valid_until: date = strawberry.field(description="First local day without it.")


@strawberry.type(description="Days on which a supply is not cut off for a debt.")
class ProtectedSupply:
    """Shows a protection."""

    protection: SupplyProtection = strawberry.field(description="Why.")
    valid_from: date = strawberry.field(description="First local day.")
    valid_until: date | None = strawberry.field(description="First local day without it.")
    because: str = strawberry.field(description="Which document says so.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")


@strawberry.type(description="What was done, or why nothing was.")
class DebtStepPayload:
    """Answer of ``takeDebtStep``."""

    step: DebtStep | None = strawberry.field(description="What was done.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="The letters, or why there are none.")
class SendDebtLettersPayload:
    """Answer of ``sendDebtLetters``."""

    letters: strawberry.Private[DebtLetters]

    user_errors: list[UserError] = strawberry.field(description="What kept them from being sent.")

    @strawberry.field(description="One for each who was due one.")
    def steps(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[DebtStep]:
        """Page through them."""
        steps = [show_step(each.step) for each in self.letters.taken]
        return paginate(steps, first, after)

    @strawberry.field(
        description="Letters that are due and wait: assign the payments of nobody that may have "
        "paid, or name those that are others' and write again."
    )
    def held(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[HeldLetter]:
        """Page through them."""
        return paginate([show_held(each) for each in self.letters.held], first, after)


@strawberry.type(description="The protection, or why it stays as it was.")
class ProtectionPayload:
    """Answer of what is done about protections."""

    protected: ProtectedSupply | None = strawberry.field(description="As it stands now.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class DebtMutations:
    """What can be done about debts."""

    @strawberry.mutation(
        description="Do what the timeline of a debt allows next: write, or note what a person "
        "decided."
    )
    async def take_debt_step(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            TakeDebtStepInput, strawberry.argument(description="What, and about whom.")
        ],
    ) -> DebtStepPayload:
        """Do it."""
        taken, errors = await attempt(_take(info, input), _find_fault)
        return DebtStepPayload(step=taken and show_step(taken.step), user_errors=errors)

    @strawberry.mutation(
        description="Write to all who are late and may not have paid, as far as the timeline "
        "allows today; once, however often it is asked for."
    )
    async def send_debt_letters(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SendDebtLettersInput, strawberry.argument(description="To whom.")
        ],
    ) -> SendDebtLettersPayload:
        """Write."""
        letters, errors = await attempt(_write(info, input), _find_fault)
        return SendDebtLettersPayload(
            letters=letters or DebtLetters(taken=(), held=()), user_errors=errors
        )

    @strawberry.mutation(
        description="Protect a supply point: its member is asked to pay, and no more."
    )
    async def protect_supply(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ProtectSupplyInput, strawberry.argument(description="Which, and why.")
        ],
    ) -> ProtectionPayload:
        """Protect it."""

        async def protect() -> Any:
            return await info.context.write(
                protect_supply,
                cups=input.cups,
                protection=input.protection,
                valid_from=input.valid_from,
                because=input.because,
                now=now(),
            )

        row, errors = await attempt(protect(), _find_fault)
        return ProtectionPayload(protected=row and _show(row), user_errors=errors)

    @strawberry.mutation(description="End the protection of a supply point.")
    async def end_protection(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            EndProtectionInput, strawberry.argument(description="Which, and when.")
        ],
    ) -> ProtectionPayload:
        """End it."""

        async def end() -> Any:
            return await info.context.write(
                end_protection,
                cups=input.cups,
                protection=input.protection,
                valid_until=input.valid_until,
            )

        row, errors = await attempt(end(), _find_end_fault)
        return ProtectionPayload(protected=row and _show(row), user_errors=errors)


async def _take(info: Info, given: TakeDebtStepInput) -> Any:
    return await info.context.write(
        take_debt_step,
        issuer_id=require_key(tables.InvoiceIssuer, given.issuer_id, UnknownIssuerError),
        member_id=require_key(tables.Member, given.member_id, UnknownMemberError),
        stage=given.stage,
        because=given.because,
        despite=_open_payments(given.despite_payment_ids),
        now=now(),
    )


async def _write(info: Info, given: SendDebtLettersInput) -> Any:
    place = given.community_id
    return await info.context.write(
        send_debt_letters,
        issuer_id=require_key(tables.InvoiceIssuer, given.issuer_id, UnknownIssuerError),
        community_id=None if place is None else read_community(place),
        last_stage=given.last_stage,
        despite=_open_payments(given.despite_payment_ids),
        now=now(),
    )


def _open_payments(texts: list[strawberry.ID]) -> frozenset[UUID]:
    return frozenset(require_key(tables.Payment, text, UnknownPaymentError) for text in texts)


def _show(row: tables.ProtectedSupply) -> ProtectedSupply:
    return ProtectedSupply(
        protection=row.protection,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        because=row.because,
        recorded_at=row.recorded_at,
    )


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownIssuerError():
            return ["issuerId"]
        case UnknownMemberError():
            return ["memberId"]
        case UnknownCommunityError():
            return ["communityId"]
        case UnsaidDecisionError():
            return ["because"]
        case StepOutOfTurnError() | ProtectedSupplyError():
            return ["stage"]
        case UnknownPaymentError() | WaitingReceiptsError():
            return ["despitePaymentIds"]
        case UnknownCupsError():
            return ["cups"]
        case ProtectedAlreadyError() | UnprotectedError():
            return ["protection"]
        case InvalidDataError():
            return ["because"]
    return []


def _find_end_fault(error: CommunityError) -> list[str]:
    return ["validUntil"] if isinstance(error, InvalidDataError) else _find_fault(error)
