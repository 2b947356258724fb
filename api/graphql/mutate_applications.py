"""Keep the record of what the distributor applied: enter, correct, end and take back."""

from collections.abc import Awaitable, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.applied_coefficients import AppliedCoefficient
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.mutate_agreements import AgreementInput, AgreementPayload, read_agreement
from api.graphql.node import read_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.agreements.find_agreement import (
    AgreementStateError,
    ReasonError,
    UnknownAgreementError,
)
from api.services.agreements.record_application import (
    NotInAgreementError,
    PeriodError,
    UnknownApplicationError,
    correct_applications,
    end_applications,
    record_application,
    remove_applications,
)
from api.services.communities.find_points import UnknownCupsError, find_points
from models import tables
from models.values.cups import Cups
from models.values.errors import CommunityError


@strawberry.input(description="To whom the distributor applied which agreement, and when.")
class RecordApplicationInput(AgreementInput):
    """A period of some or all members of an agreement."""

    valid_from: date = strawberry.field(description="First local day.")
    valid_until: date | None = strawberry.field(
        default=None, description="First local day after it; null while it is applied."
    )
    cups: list[Cups] | None = strawberry.field(
        default=None, description="To which supply points; to all of the agreement without them."
    )
    reason: str | None = strawberry.field(
        default=None, description="What to keep beside it, 1 to 500 characters."
    )


@strawberry.input(description="Which records of what was applied, and why they change.")
class RemoveApplicationInput:
    """Names periods."""

    applied_ids: list[strawberry.ID] = strawberry.field(
        description="Global ids of AppliedCoefficients."
    )
    reason: str = strawberry.field(description="Why, 1 to 500 characters; it is kept.")


@strawberry.input(description="Which records end, when, and why.")
class EndApplicationInput(RemoveApplicationInput):
    """An end."""

    valid_until: date = strawberry.field(
        description="First local day on which nothing is applied any more."
    )


@strawberry.input(description="Which records get other days, which days, and why.")
class CorrectApplicationInput(RemoveApplicationInput):
    """The days of all of them."""

    valid_from: date = strawberry.field(description="First local day of all of them.")
    valid_until: date | None = strawberry.field(
        default=None, description="First local day after; null while it is applied."
    )


@strawberry.type(description="The records as they stand now, or why they stay as they were.")
class ApplicationPayload:
    """Answer of what is done to records of what was applied."""

    rows: strawberry.Private[Sequence[Any]]

    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")

    @strawberry.field(description="The records that were named, but for those that are gone.")
    def applied(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AppliedCoefficient]:
        """Page through them."""
        page: Connection[AppliedCoefficient] = info.context.loaders.cut(self.rows, first, after)
        return page


@strawberry.type
class ApplicationMutations:
    """What can be done about the record of what was applied."""

    @strawberry.mutation(
        description="Record that the distributor applied an agreement, to all of its members or to "
        "some. What was applied before without an end is ended. Recording the same again changes "
        "nothing."
    )
    async def record_application(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RecordApplicationInput, strawberry.argument(description="What was applied.")
        ],
    ) -> AgreementPayload:
        """Record the periods."""
        agreement, errors = await attempt(_record(info, input), _find_fault)
        return AgreementPayload(agreement=agreement, user_errors=errors)

    @strawberry.mutation(
        description="Give records of what was applied other days. What was applied before each of "
        "them follows its new start."
    )
    async def correct_application(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CorrectApplicationInput, strawberry.argument(description="Which, and their days.")
        ],
    ) -> ApplicationPayload:
        """Correct the periods."""
        days = {"valid_from": input.valid_from, "valid_until": input.valid_until}
        return await _change(info, correct_applications, input, **days)

    @strawberry.mutation(description="End records of what was applied, as when a member leaves.")
    async def end_application(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            EndApplicationInput, strawberry.argument(description="Which, and when they end.")
        ],
    ) -> ApplicationPayload:
        """End the periods."""
        return await _change(info, end_applications, input, valid_until=input.valid_until)

    @strawberry.mutation(
        description="Take back what was recorded by mistake; the history keeps it. What was "
        "applied before each of them goes on to its end."
    )
    async def remove_application(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RemoveApplicationInput, strawberry.argument(description="Which, and why.")
        ],
    ) -> ApplicationPayload:
        """Remove the periods."""
        return await _change(info, remove_applications, input)


async def _record(info: Info, given: RecordApplicationInput) -> Any:
    """Record periods, and find the agreement as it stands then."""
    key = read_agreement(given)
    points = None
    if given.cups is not None:
        points = await info.context.read(find_points, cups=given.cups)
    await info.context.write(
        record_application,
        agreement_id=key,
        valid_from=given.valid_from,
        valid_until=given.valid_until,
        supply_point_ids=points,
        reason=given.reason,
        now=now(),
    )
    return await info.context.loaders.record(tables.DistributionAgreement, key)


async def _change(
    info: Info, use_case: Any, given: RemoveApplicationInput, **days: date | None
) -> ApplicationPayload:
    """Change records of what was applied, and find them as they stand then."""

    async def change() -> list[Any]:
        keys = list(dict.fromkeys(map(_read_applied, given.applied_ids)))
        await info.context.write(use_case, applied_ids=keys, reason=given.reason, now=now(), **days)
        loaders = info.context.loaders
        found: list[Awaitable[Any]] = [
            loaders.record(tables.AppliedCoefficient, key) for key in keys
        ]
        rows: list[Any] = [await row for row in found]
        return [row for row in rows if row is not None]

    rows, errors = await attempt(change(), _find_fault)
    return ApplicationPayload(rows=rows or [], user_errors=errors)


def _read_applied(text: strawberry.ID) -> UUID:
    key = read_key(tables.AppliedCoefficient, str(text))
    if key is None:
        raise UnknownApplicationError([])
    return key


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownAgreementError() | AgreementStateError():
            return ["agreementId"]
        case UnknownApplicationError():
            return ["appliedIds"]
        case UnknownCupsError() | NotInAgreementError():
            return ["cups"]
        case PeriodError():
            return ["validUntil"]
        case ReasonError():
            return ["reason"]
    return ["validFrom"]
