"""Enter what the rules ask of a plant and of those who share in it; share out its months."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.installations import SelfConsumptionInstallation
from api.graphql.jobs import JobRun
from api.graphql.node import read_key
from api.graphql.plant_names import InstallationNamedTwiceError, NamesPlant, read_plant
from api.services.communities.find_community import UnknownCommunityError
from api.services.communities.find_plant import UnknownInstallationError
from api.services.communities.find_points import UnknownCupsError
from api.services.communities.set_installation_details import (
    InstallationDetails,
    set_installation_details,
    set_membership_modality,
)
from api.services.jobs.request_community_job import request_community_job
from api.services.jobs.request_job import JobKind
from api.services.proposals.render_downloads import UnknownChoiceError
from models import tables
from models.values.cau import Cau
from models.values.cups import Cups
from models.values.errors import CommunityError
from models.values.modality import Modality


@strawberry.input(description="A point on the map.")
class PlaceInput:
    """Both coordinates."""

    lat: float = strawberry.field(description="Latitude [degrees north].")
    lon: float = strawberry.field(description="Longitude [degrees east].")


@strawberry.input(description="What to enter of a plant; what is left out stays as it is.")
class SetInstallationDetailsInput:
    """Exactly one of ``installation_id`` and ``cau`` names the plant."""

    installation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the plant; or give its cau."
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Code of the plant; or give its installationId."
    )
    modality: Modality | None = strawberry.field(
        default=UNSET, description="What becomes of its surplus; null for not known."
    )
    is_internal: bool | None = strawberry.field(
        default=UNSET,
        description="Whether it is joined to its members' own network; null for not known.",
    )
    file_profile: str | None = strawberry.field(
        default=UNSET,
        description="How its distributor wants the file, one of `fileProfiles`; null for the "
        "recommended way.",
    )
    place: PlaceInput | None = strawberry.field(
        default=UNSET, description="Where it stands; null for not known."
    )


@strawberry.input(description="In which modality the members of a plant are.")
class SetMembershipModalityInput:
    """Exactly one of ``installation_id`` and ``cau`` names the plant."""

    modality: Modality | None = strawberry.field(
        description="Modality of their own access contracts; null for not known."
    )
    installation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Global id of the plant; or give its cau."
    )
    cau: Cau | None = strawberry.field(
        default=None, description="Code of the plant; or give its installationId."
    )
    cups: list[Cups] | None = strawberry.field(
        default=None, description="Whose contracts; those of all who share without them."
    )


@strawberry.input(description="Whose months to share out.")
class AllocateMonthsInput:
    """Names a community."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="The caller's own name for the request, 1 to 100 characters: the same key "
        "finds the same job again.",
    )


@strawberry.type(description="The plant as it stands now, or why it stays as it was.")
class InstallationPayload:
    """Answer of what is entered of a plant."""

    installation: SelfConsumptionInstallation | None = strawberry.field(description="The plant.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being entered.")


@strawberry.type(description="The job that shares out the months, or why there is none.")
class AllocateMonthsPayload:
    """Answer of ``allocateMonths``."""

    job: JobRun | None = strawberry.field(description="The job; its result is the community.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type
class InstallationMutations:
    """What can be done about plants."""

    @strawberry.mutation(
        description="Enter what the rules of filing ask of a plant, and how its distributor wants "
        "the file of coefficients."
    )
    async def set_installation_details(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SetInstallationDetailsInput, strawberry.argument(description="What to enter.")
        ],
    ) -> InstallationPayload:
        """Enter the details."""

        async def enter() -> Any:
            return await info.context.write(
                set_installation_details,
                installation=read_plant(input),
                details=_read_details(input),
            )

        plant, errors = await attempt(enter(), lambda error: _find_fault(error, input))
        return InstallationPayload(installation=plant, user_errors=errors)

    @strawberry.mutation(
        description="Enter the modality of those who share in a plant; all must be in one before "
        "an agreement is filed."
    )
    async def set_membership_modality(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SetMembershipModalityInput, strawberry.argument(description="Whose, and which.")
        ],
    ) -> InstallationPayload:
        """Enter the modality."""

        async def enter() -> Any:
            return await info.context.write(
                set_membership_modality,
                installation=read_plant(input),
                modality=input.modality,
                cups=input.cups,
            )

        plant, errors = await attempt(enter(), lambda error: _find_fault(error, input))
        return InstallationPayload(installation=plant, user_errors=errors)

    @strawberry.mutation(
        description="Share out, in a job, every month of a community whose readings or applied "
        "coefficients have changed; each night does the same."
    )
    async def allocate_months(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AllocateMonthsInput, strawberry.argument(description="Whose months.")
        ],
    ) -> AllocateMonthsPayload:
        """Queue the job."""
        job, errors = await attempt(_queue(info, input), _find_queue_fault)
        return AllocateMonthsPayload(job=job, user_errors=errors)


def _read_details(given: SetInstallationDetailsInput) -> InstallationDetails:
    """Keep what was given, nulls too."""
    details: InstallationDetails = {}
    if given.modality is not UNSET:
        details["modality"] = given.modality
    if given.is_internal is not UNSET:
        details["is_internal"] = given.is_internal
    if given.file_profile is not UNSET:
        details["file_profile"] = given.file_profile
    if given.place is not UNSET:
        details["place"] = (given.place.lat, given.place.lon) if given.place else None
    return details


async def _queue(info: Info, given: AllocateMonthsInput) -> Any:
    key = read_key(tables.Community, str(given.community_id))
    if key is None:
        raise UnknownCommunityError(str(given.community_id))
    return await info.context.write(
        request_community_job,
        community_id=key,
        kind=JobKind.ALLOCATE_MONTHS,
        idempotency_key=given.idempotency_key,
        now=now(),
    )


def _find_fault(error: CommunityError, given: NamesPlant) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownInstallationError():
            return ["installationId" if given.cau is None else "cau"]
        case InstallationNamedTwiceError():
            return []
        case UnknownCupsError():
            return ["cups"]
        case UnknownChoiceError():
            return ["fileProfile"]
    return ["place"]


def _find_queue_fault(error: CommunityError) -> list[str]:
    return ["communityId" if isinstance(error, UnknownCommunityError) else "idempotencyKey"]
