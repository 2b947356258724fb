"""Bring communities in."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, show_error
from api.graphql.jobs import JobRun
from api.services.community_folders.request_import import (
    ForbiddenFolderError,
    request_folder_import,
    request_upload_import,
)
from api.services.jobs.request_upload_job import UnknownUploadError
from models.values.errors import CommunityError, InvalidArgumentError


class SourceNamedTwiceError(InvalidArgumentError):
    """Neither or both of the two sources were named."""

    def __init__(self) -> None:
        super().__init__("give exactly one of uploadId and folder")


@strawberry.input(description="Where the community folder is.")
class ImportCommunityInput:
    """Exactly one of ``upload_id`` and ``folder`` names it."""

    upload_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Id that POST /uploads answered with: a zip archive of the community folder.",
    )
    folder: str | None = strawberry.field(
        default=None,
        description="Path of a folder below the one from which the operator allows imports.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type(description="The job that imports, or why there is none.")
class ImportCommunityPayload:
    """Answer of ``importCommunity``."""

    job: JobRun | None = strawberry.field(description="The job; its result is the community.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type
class CommunityMutations:
    """What can be done about communities."""

    @strawberry.mutation(
        description="Read a community folder and store it, all or nothing, in a job: ask for its "
        "state by `node(id:)` until it has ended. What is stored already stays as it is."
    )
    async def import_community(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ImportCommunityInput, strawberry.argument(description="What to import.")
        ],
    ) -> ImportCommunityPayload:
        """Queue the job."""
        info.context.require_every_community()
        try:
            job = await _queue(info, input)
        except CommunityError as error:
            shown = show_error(error, *_find_fault(error))
            return ImportCommunityPayload(job=None, user_errors=[shown])
        return ImportCommunityPayload(job=job, user_errors=[])


async def _queue(info: Info, given: ImportCommunityInput) -> Any:
    """Ask for the import from the one source that is named."""
    if (given.upload_id is None) == (given.folder is None):
        raise SourceNamedTwiceError
    shared = {"idempotency_key": given.idempotency_key, "now": now()}
    if given.upload_id is not None:
        upload_id = _read_upload_id(given.upload_id)
        return await info.context.write(request_upload_import, upload_id=upload_id, **shared)
    return await info.context.write(
        request_folder_import,
        folder=given.folder,
        root=info.context.settings.import_root,
        **shared,
    )


def _read_upload_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UnknownUploadError(None) from error


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case SourceNamedTwiceError():
            return ["input"]
        case UnknownUploadError():
            return ["input", "uploadId"]
        case ForbiddenFolderError():
            return ["input", "folder"]
        case _:
            return ["input", "idempotencyKey"]
