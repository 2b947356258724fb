"""What uploaded files are, and what can be done with them."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First, paginate
from api.services.file_imports.advise_on_file import FileAdvice, NextStep, advise_on_upload
from api.services.jobs.request_upload_job import UnknownUploadError
from api.spoken_language import say


class DetectionConfidence(StrEnum):
    """How sure a detection is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


describe(
    DetectionConfidence,
    "How sure it is what a file is.",
    CERTAIN="It has a mark that no other format has.",
    LIKELY="Its shape fits, and nothing else that is known has it.",
    AMBIGUOUS="It fits several formats, and its name does not tell which.",
    NONE="Nothing that is known fits.",
)
describe(
    NextStep,
    "What a file is good for.",
    IMPORT_FILE="It brings readings or prices: `importFile`.",
    IMPORT_MEMBERS="It is a list of members or candidates: `importMembers`.",
    IMPORT_COMMUNITY="It is a zip of a community folder: `importCommunity`.",
    DRAFT_AGREEMENT="It holds coefficients, of which an agreement can be drafted: "
    "`draftAgreement`.",
    BOOK_BANK_FILE="It tells what moved on a bank account: `importBankFile`.",
    READ_DEBIT_STATUSES="It is a bank's report on a file of debits: `importDebitStatuses`.",
    NOTHING="It is not imported; the reason says what it is.",
)


@strawberry.type(description="A format that a file may be of.")
class FormatChoice:
    """One of several."""

    format: str = strawberry.field(description="Its name, such as simel-f5d.")


@strawberry.type(description="What a file seems to be.")
class FileDetection:
    """Shows a detection, and what lies inside."""

    seen: strawberry.Private[Any]

    @strawberry.field(description="Name of the format, such as datadis-csv; `unknown` for none.")
    def format(self) -> str:
        """Read the detection."""
        return str(self.seen.format.value)

    @strawberry.field(description="Why it seems to be that.")
    def reason(self) -> str:
        """Read the detection."""
        return say(self.seen.reason)

    @strawberry.field(description="How sure that is.")
    def confidence(self) -> DetectionConfidence:
        """Read the detection."""
        return DetectionConfidence(self.seen.confidence.value)

    @strawberry.field(description="What else it may be, when that is ambiguous.")
    def alternatives(
        self, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FormatChoice]:
        """Page through them."""
        choices = [FormatChoice(format=each.value) for each in self.seen.alternatives]
        return paginate(choices, first, after)

    @strawberry.field(description="What a packed file seems to hold first; null for plain ones.")
    def inside(self) -> "FileDetection | None":
        """Read the detection."""
        inside = self.seen.inside
        return None if inside is None else FileDetection(seen=inside)


@strawberry.type(
    name="FileAdvice", description="What an uploaded file seems to be, and what to do with it."
)
class ShownAdvice:
    """Shows the advice."""

    advice: strawberry.Private[FileAdvice]

    next_step: NextStep = strawberry.field(description="What it is good for.")
    needs: str = strawberry.field(
        description="What must be said beside it, with semicolons between; empty for nothing."
    )

    @strawberry.field(description="What it seems to be.")
    def detection(self) -> FileDetection:
        """Read the advice."""
        return FileDetection(seen=self.advice.detection)


@strawberry.type
class DetectionQueries:
    """Ways to what files are."""

    @strawberry.field(description="What an uploaded file seems to be, why, and what to do with it.")
    async def detect_file(
        self,
        info: Info,
        upload_id: Annotated[
            strawberry.ID, strawberry.argument(description="Id that POST /uploads answered with.")
        ],
    ) -> ShownAdvice | None:
        """Look at the first bytes."""
        advice = await info.context.read(
            advise_on_upload,
            upload_id=read_upload_id(upload_id),
            data_dir=info.context.settings.data_dir,
        )
        needs = "; ".join(map(say, advice.needs))
        return ShownAdvice(advice=advice, next_step=advice.next_step, needs=needs)


def read_upload_id(text: str) -> UUID:
    """Read the id of an upload; any other text names none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise UnknownUploadError(None) from error
