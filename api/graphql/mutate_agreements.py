"""Draft agreements, publish or close them, and make their files."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.clock import now
from api.graphql.agreements import DistributionAgreement
from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.errors import UserError, attempt
from api.graphql.generated_files import GeneratedFile
from api.graphql.node import read_key
from api.graphql.plant_names import InstallationNamedTwiceError, read_plant
from api.graphql.scalars import Coefficient
from api.services.agreements.draft_agreement import (
    CoefficientTableError,
    FileYearError,
    draft_of_proposal,
    draft_of_table,
)
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
from api.services.communities.find_plant import UnknownInstallationError
from api.services.proposals.find_proposal import UnknownProposalError
from api.services.proposals.render_downloads import UnknownChoiceError
from models import tables
from models.tables import CoefficientMode, GeneratedKind
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidArgumentError


class RepeatedCupsError(InvalidArgumentError):
    """A supply point stands twice in a table of coefficients."""

    def __init__(self, cups: str) -> None:
        super().__init__(f"{cups} stands twice in the table: give it one coefficient")
        self.cups = cups


class DocumentLanguage(StrEnum):
    """Language of a document to sign, by its ISO 639-1 code."""

    ES = "es"
    CA = "ca"


describe(DocumentLanguage, "Language of a document to sign.", ES="Spanish.", CA="Catalan.")


@strawberry.input(description="One supply point's share.")
class AgreedCoefficientInput:
    """A row of a table."""

    cups: Cups = strawberry.field(description="Code of the supply point.")
    coefficient: Coefficient = strawberry.field(description="Its share; all sum to exactly 1.")


@strawberry.input(description="Coefficients that the members agreed on.")
class AgreedTableInput:
    """Exactly one of ``installation_id`` and ``cau`` names the plant."""

    coefficients: list[AgreedCoefficientInput] = strawberry.field(
        description="One for everybody who shares."
    )
    installation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the plant; or give its cau."
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Code of the plant; or give its installationId."
    )


@strawberry.input(one_of=True, description="Where the coefficients come from.")
class AgreementSourceInput:
    """Exactly one source."""

    proposal_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="The constant coefficients of a proposal, by its global id."
    )
    hourly_proposal_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="The coefficients by class of hours of a proposal, written out for every hour.",
    )
    table: AgreedTableInput | None = strawberry.field(
        default=UNSET, description="A table that the members agreed on."
    )


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
    language: DocumentLanguage = strawberry.field(
        default=DocumentLanguage.ES, description="Language of the document to sign."
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
        description="Draft an agreement of a proposal, or of a table that the members agreed on. "
        "Drafting a proposal again for the same year gives the draft that stands."
    )
    async def draft_agreement(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            DraftAgreementInput, strawberry.argument(description="What to draft.")
        ],
    ) -> AgreementPayload:
        """Store the draft."""
        agreement, errors = await attempt(_draft(info, input), _find_source_fault)
        return AgreementPayload(agreement=agreement, user_errors=errors)

    @strawberry.mutation(
        description="Seal a draft and let it take the place of the agreement in force. Energy is "
        "shared by it only once the distributor applies it."
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
    key = read_key(tables.DistributionAgreement, str(given.agreement_id))
    if key is None:
        raise UnknownAgreementError(key)
    return key


async def _draft(info: Info, given: DraftAgreementInput) -> Any:
    """Draft from the one source that is named."""
    shared = {"file_year": given.file_year, "now": now()}
    table = given.source.table
    if table:
        return await info.context.write(
            draft_of_table,
            installation=read_plant(table),
            millionths=_read_table(table.coefficients),
            **shared,
        )
    is_hourly = given.source.proposal_id is UNSET
    text = given.source.hourly_proposal_id if is_hourly else given.source.proposal_id
    proposal_id = read_key(tables.CoefficientProposal, str(text))
    if proposal_id is None:
        raise UnknownProposalError(proposal_id)
    mode = CoefficientMode.HOURLY if is_hourly else CoefficientMode.CONSTANT
    return await info.context.write(draft_of_proposal, proposal_id=proposal_id, mode=mode, **shared)


def _read_table(rows: Sequence[AgreedCoefficientInput]) -> dict[str, int]:
    """Read a table of millionths by CUPS."""
    millionths: dict[str, int] = {}
    for row in rows:
        if row.cups in millionths:
            raise RepeatedCupsError(row.cups)
        millionths[row.cups] = row.coefficient
    return millionths


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


def _find_source_fault(error: CommunityError) -> Sequence[str]:
    """Name the input of a draft at fault."""
    match error:
        case FileYearError():
            return ["fileYear"]
        case InstallationNamedTwiceError() | UnknownInstallationError():
            return ["source", "table"]
        case CoefficientTableError() | RepeatedCupsError():
            return ["source", "table", "coefficients"]
    return ["source"]


def _find_fault(error: CommunityError) -> Sequence[str]:
    """Name the input at fault."""
    match error:
        case ReasonError():
            return ["reason"]
        case UnknownChoiceError():
            return ["profile"]
    return ["agreementId"]
