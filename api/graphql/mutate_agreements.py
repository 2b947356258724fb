"""Draft agreements, publish or close them, and make their files."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.agreement_sources import (
    AgreementSourceInput,
    draft_of_source,
    find_source_fault,
)
from api.graphql.agreements import DistributionAgreement
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.generated_files import GeneratedFile
from api.graphql.node import require_key
from api.services.agreements.find_agreement import ReasonError, UnknownAgreementError
from api.services.agreements.generate_agreement_files import (
    generate_distributor_file,
    generate_sharing_agreement,
)
from api.services.agreements.publish_agreement import (
    publish_agreement,
    reject_agreement,
    withdraw_agreement,
)
from api.services.communities.browse_records import WholeList
from api.services.proposals.render_downloads import UnknownChoiceError
from models import tables
from models.tables import GeneratedKind
from models.values.errors import CommunityError
from models.values.language import Language


@strawberry.input(description="What to draft an agreement of.")
class DraftAgreementInput:
    """A source and a year."""

    source: AgreementSourceInput = strawberry.field(description="Where its coefficients come from.")
    file_year: int = strawberry.field(description="Year of the distributor's file, 2000 to 2099.")


@strawberry.input(description="Which agreement.")
class AgreementInput:
    """Names an agreement."""

    agreement_id: strawberry.ID = strawberry.field(description="Global id of the agreement.")


@strawberry.input(description="Which draft to close, and why.")
class CloseAgreementInput(AgreementInput):
    """Names a draft."""

    reason: str = strawberry.field(description="Why, 1 to 500 characters; it is kept.")


@strawberry.input(description="Which file to make of an agreement.")
class GenerateAgreementFileInput(AgreementInput):
    """A kind and its variant."""

    kind: GeneratedKind = strawberry.field(description="What to make.")
    profile: str | None = strawberry.field(
        default=None,
        description="How to write the distributor's file, one of `fileProfiles`; without it the "
        "installation's, else the recommended way.",
    )
    language: Language = strawberry.field(
        default=Language.SPANISH, description="Language of the document to sign, ES or CA."
    )


@strawberry.type(description="The agreement as it stands now, or why it stays as it was.")
class AgreementPayload:
    """Answer of what is done to an agreement."""

    agreement: DistributionAgreement | None = strawberry.field(description="The agreement.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="The file, or why there is none.")
class GenerateAgreementFilePayload:
    """Answer of ``generateAgreementFile``."""

    file: GeneratedFile | None = strawberry.field(description="The file, which is kept.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being made.")


ToClose = Annotated[CloseAgreementInput, strawberry.argument(description="Which, and why.")]


@strawberry.type
class AgreementMutations:
    """What can be done about agreements before they are filed."""

    @strawberry.mutation(
        description="Draft an agreement of a proposal, of a table that the members agreed on, or "
        "of an uploaded file. Drafting a proposal again for the same year gives the draft that "
        "stands."
    )
    async def draft_agreement(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            DraftAgreementInput, strawberry.argument(description="What to draft.")
        ],
    ) -> AgreementPayload:
        """Store the draft."""
        agreement, errors = await attempt(
            draft_of_source(info, input.source, file_year=input.file_year, now=now()),
            partial(find_source_fault, input.source),
        )
        return AgreementPayload(agreement=agreement, user_errors=errors)

    @strawberry.mutation(
        description="Seal a draft and let it take the place of the agreement in force; that one "
        "again changes nothing. Energy is shared by it only once the distributor applies it."
    )
    async def publish_agreement(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AgreementInput, strawberry.argument(description="Which draft.")
        ],
    ) -> AgreementPayload:
        """Publish the draft."""
        return await _change(info, publish_agreement, input)

    @strawberry.mutation(description="Take a draft back; another can be made of its proposal.")
    async def withdraw_agreement(
        self,
        info: Info,
        input: ToClose,  # noqa: A002
    ) -> AgreementPayload:
        """Close the draft."""
        return await _change(info, withdraw_agreement, input, reason=input.reason)

    @strawberry.mutation(description="Note that those who share did not agree to a draft.")
    async def reject_agreement(
        self,
        info: Info,
        input: ToClose,  # noqa: A002
    ) -> AgreementPayload:
        """Close the draft."""
        return await _change(info, reject_agreement, input, reason=input.reason)

    @strawberry.mutation(
        description="Make a file of an agreement, judge it as the distributor would, and keep it. "
        "The document to sign is kept together with the distributor's file whose digest it names. "
        "The same bytes again are the same file."
    )
    async def generate_agreement_file(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            GenerateAgreementFileInput, strawberry.argument(description="Which file.")
        ],
    ) -> GenerateAgreementFilePayload:
        """Make the file."""
        file, errors = await attempt(_generate(info, input), _find_fault)
        return GenerateAgreementFilePayload(file=file, user_errors=errors)


def read_agreement(given: AgreementInput) -> UUID:
    """Open the id of an agreement."""
    return require_key(tables.DistributionAgreement, str(given.agreement_id), UnknownAgreementError)


async def _change(
    info: Info, use_case: Any, given: AgreementInput, **arguments: str
) -> AgreementPayload:
    """Do something to an agreement."""

    async def change() -> Any:
        key = read_agreement(given)
        return await info.context.write(use_case, agreement_id=key, now=now(), **arguments)

    agreement, errors = await attempt(change(), _find_fault)
    return AgreementPayload(agreement=agreement, user_errors=errors)


async def _generate(info: Info, given: GenerateAgreementFileInput) -> Any:
    """Make a file, and find it without its content."""
    key = read_agreement(given)
    shared = {"agreement_id": key, "profile": given.profile, "now": now()}
    if given.kind is GeneratedKind.DISTRIBUTOR_FILE:
        file = await info.context.write(generate_distributor_file, **shared)
    else:
        language = given.language.value
        file = await info.context.write(generate_sharing_agreement, language=language, **shared)
    heads: list[Any] = await info.context.loaders.rows(WholeList.FILES_OF_AGREEMENT, key)
    return next(head for head in heads if head.id == file.id)


def _find_fault(error: CommunityError) -> Sequence[str]:
    """Name the input at fault."""
    match error:
        case ReasonError():
            return ["reason"]
        case UnknownChoiceError():
            return ["profile"]
    return ["agreementId"]
