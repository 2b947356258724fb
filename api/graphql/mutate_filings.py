"""File agreements, and note what the distributor answers."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.filings import Filing
from api.graphql.mutate_agreements import AgreementInput, read_agreement
from api.graphql.node import require_key
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.rule_checks import Finding, page_findings
from api.services.agreements.answer_filing import (
    FilingStateError,
    UnknownFilingError,
    confirm_filing,
    refuse_filing,
)
from api.services.agreements.applied_record import AppliedOverlapError
from api.services.agreements.file_agreement import FilingRefusedError, file_agreement
from api.services.agreements.filing_rules import findings
from api.services.agreements.find_agreement import ReasonError, UnknownAgreementError
from models import tables
from models.values.errors import CommunityError


@strawberry.input(description="Which agreement is at the distributor's, and since when.")
class FileAgreementInput(AgreementInput):
    """Names a published agreement."""

    filed_on: date = strawberry.field(
        description="Local day on which it was complete and correct there, today at the latest."
    )


@strawberry.input(description="That the distributor sent a filing back.")
class RefusalInput:
    """A refusal."""

    reason: str = strawberry.field(description="What it said, 1 to 500 characters.")


@strawberry.input(description="That the distributor applies a filing.")
class ConfirmationInput:
    """To all members that have no dates yet."""

    valid_from: date | None = strawberry.field(
        default=None,
        description="First local day; without it the first on which the law lets it hold.",
    )


@strawberry.input(one_of=True, description="What the distributor answered.")
class FilingAnswerInput:
    """Exactly one answer."""

    refused: RefusalInput | None = strawberry.field(
        default=UNSET, description="It sent the agreement back."
    )
    applied: ConfirmationInput | None = strawberry.field(
        default=UNSET, description="It applies the agreement to all members that have no dates yet."
    )


@strawberry.input(description="Which filing was answered, when, and how.")
class AnswerFilingInput:
    """Names a filing in flight."""

    filing_id: strawberry.ID = strawberry.field(description="Global id of the filing.")
    answered_on: date = strawberry.field(description="Local day of the answer.")
    answer: FilingAnswerInput = strawberry.field(description="What the distributor said.")


@strawberry.type(description="The filing, or why there is none; and what the rules found.")
class FileAgreementPayload:
    """Answer of ``fileAgreement``."""

    found: strawberry.Private[Sequence[findings.Finding]]

    filing: Filing | None = strawberry.field(description="It waits for the distributor's answer.")
    first_day_on: date | None = strawberry.field(description="First local day that it can hold.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being filed.")

    @strawberry.field(description="Errors, warnings, and what could not be checked.")
    def findings(self, first: First = DEFAULT_PAGE, after: After = None) -> Connection[Finding]:
        """Page through them."""
        return page_findings(self.found, first, after)


@strawberry.type(description="The filing as it stands now, or why it stays as it was.")
class AnswerFilingPayload:
    """Answer of ``answerFiling``."""

    filing: Filing | None = strawberry.field(description="The filing.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being noted.")


@strawberry.type
class FilingMutations:
    """What can be done about agreements at the distributor's."""

    @strawberry.mutation(
        description="Note that an agreement is complete and correct at the distributor's, unless "
        "the rules forbid it."
    )
    async def file_agreement(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            FileAgreementInput, strawberry.argument(description="Which agreement, and when.")
        ],
    ) -> FileAgreementPayload:
        """Note the filing."""
        refused: list[findings.Finding] = []

        def find_fault(error: CommunityError) -> Sequence[str]:
            if isinstance(error, FilingRefusedError):
                refused.extend(error.findings)
            return _find_file_fault(error)

        done, errors = await attempt(_file(info, input), find_fault)
        if done is None:
            return FileAgreementPayload(
                found=refused, filing=None, first_day_on=None, user_errors=errors
            )
        filing, check = done
        return FileAgreementPayload(
            found=check.findings,
            filing=filing,
            first_day_on=check.first_day_on,
            user_errors=[],
        )

    @strawberry.mutation(description="Note what the distributor answered to a filing.")
    async def answer_filing(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AnswerFilingInput, strawberry.argument(description="Which filing, and the answer.")
        ],
    ) -> AnswerFilingPayload:
        """Note the answer."""
        filing, errors = await attempt(_answer(info, input), _find_answer_fault)
        return AnswerFilingPayload(filing=filing, user_errors=errors)


async def _file(info: Info, given: FileAgreementInput) -> Any:
    key = read_agreement(given)
    return await info.context.write(
        file_agreement, agreement_id=key, filed_on=given.filed_on, now=now()
    )


async def _answer(info: Info, given: AnswerFilingInput) -> Any:
    """Note the one answer that is given."""
    key = require_key(tables.Filing, str(given.filing_id), UnknownFilingError)
    shared = {"filing_id": key, "answered_on": given.answered_on, "now": now()}
    if given.answer.refused:
        reason = given.answer.refused.reason
        return await info.context.write(refuse_filing, reason=reason, **shared)
    valid_from = given.answer.applied.valid_from if given.answer.applied else None
    return await info.context.write(confirm_filing, valid_from=valid_from, **shared)


def _find_file_fault(error: CommunityError) -> list[str]:
    """Name the input of a filing at fault."""
    if isinstance(error, UnknownAgreementError | FilingRefusedError):
        return ["agreementId"]
    return ["filedOn"]


def _find_answer_fault(error: CommunityError) -> list[str]:
    """Name the input of an answer at fault."""
    match error:
        case UnknownFilingError() | FilingStateError():
            return ["filingId"]
        case ReasonError():
            return ["answer", "refused", "reason"]
        case AppliedOverlapError():
            return ["answer", "applied", "validFrom"]
    return ["answeredOn"]
