"""Where the coefficients of a draft come from: a proposal, a table, an uploaded file."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from api.graphql.context import Info
from api.graphql.detections import read_upload_id
from api.graphql.node import require_key
from api.graphql.plant_names import InstallationNamedTwiceError, read_plant
from api.graphql.scalars import Coefficient
from api.services.agreements.draft_agreement import (
    CoefficientTableError,
    FileYearError,
    draft_of_proposal,
    draft_of_table,
)
from api.services.agreements.draft_of_file import draft_of_upload, read_uploaded_coefficients
from api.services.agreements.stated_coefficients import (
    FileYearContradictedError,
    UnnamedPlantError,
)
from api.services.communities.find_plant import UnknownInstallationError
from api.services.proposals.find_proposal import UnknownProposalError
from models import tables
from models.tables import CoefficientMode
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import CommunityError, InvalidArgumentError


class RepeatedCupsError(InvalidArgumentError):
    """A supply point stands twice in a table of coefficients."""

    def __init__(self, cups: str) -> None:
        super().__init__(f"{cups} stands twice in the table: give it one coefficient")
        self.cups = cups


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


@strawberry.input(
    description="An uploaded file of coefficients: a distributor's file, constant or hourly, or a "
    "table with a column of CUPS and one of coefficients (CSV or XLSX). It may be packed."
)
class UploadedCoefficientsInput:
    """At most one of ``installation_id`` and ``cau`` names the plant."""

    upload_id: strawberry.ID = strawberry.field(
        description="Id that POST /uploads answered with. A distributor's file must have been sent "
        "under its own name, with `?fileName=CAU_YYYY.txt`; a draft removes the upload."
    )
    installation_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Global id of the plant, or give its cau: a table needs one of them. A "
        "distributor's file names its plant; what is given here has to agree.",
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
    uploaded_file: UploadedCoefficientsInput | None = strawberry.field(
        default=UNSET, description="A file of coefficients that was sent to /uploads."
    )


async def draft_of_source(info: Info, source: AgreementSourceInput, **options: Any) -> Any:
    """Draft from the one source that is named."""
    if source.table:
        return await info.context.write(
            draft_of_table,
            installation=read_plant(source.table),
            millionths=_read_rows(source.table.coefficients),
            **options,
        )
    if source.uploaded_file:
        return await _draft_of_upload(info, source.uploaded_file, **options)
    mode, proposal_id = _read_proposal(source)
    return await info.context.write(
        draft_of_proposal, proposal_id=proposal_id, mode=mode, **options
    )


async def _draft_of_upload(
    info: Info, given: UploadedCoefficientsInput, file_year: int, **options: Any
) -> Any:
    """Read the file on a snapshot, so that a large one keeps nobody from writing."""
    is_named = given.installation_id is not None or given.cau is not None
    upload: dict[str, Any] = {
        "upload_id": read_upload_id(given.upload_id),
        "data_dir": info.context.settings.data_dir,
    }
    stated = await info.context.read(
        read_uploaded_coefficients,
        installation=read_plant(given) if is_named else None,
        file_year=file_year,
        **upload,
    )
    return await info.context.write(draft_of_upload, stated=stated, **upload, **options)


def _read_proposal(source: AgreementSourceInput) -> tuple[CoefficientMode, UUID]:
    """Read which of a proposal's coefficients are meant."""
    is_hourly = source.proposal_id is UNSET
    text = source.hourly_proposal_id if is_hourly else source.proposal_id
    proposal_id = require_key(tables.CoefficientProposal, str(text), UnknownProposalError)
    return CoefficientMode.HOURLY if is_hourly else CoefficientMode.CONSTANT, proposal_id


def _read_rows(rows: Sequence[AgreedCoefficientInput]) -> dict[str, int]:
    """Read a table of millionths by CUPS."""
    millionths: dict[str, int] = {}
    for row in rows:
        if row.cups in millionths:
            raise RepeatedCupsError(row.cups)
        millionths[row.cups] = row.coefficient
    return millionths


def find_source_fault(source: AgreementSourceInput, error: CommunityError) -> Sequence[str]:
    """Name the input of a draft at fault."""
    if isinstance(error, FileYearError | FileYearContradictedError):
        return ["fileYear"]
    is_of_plant = isinstance(
        error, InstallationNamedTwiceError | UnknownInstallationError | UnnamedPlantError
    )
    if source.uploaded_file:
        return ["source", "uploadedFile", *([] if is_of_plant else ["uploadId"])]
    if is_of_plant:
        return ["source", "table"]
    if isinstance(error, CoefficientTableError | RepeatedCupsError):
        return ["source", "table", "coefficients"]
    return ["source"]
