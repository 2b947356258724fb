"""Begin communities and their installations, without a folder."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.communities import Community
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.mutate_installations import InstallationPayload, PlaceInput
from api.graphql.scalars import Kw
from api.services.communities.create_community import (
    CommunityExistsError,
    InstallationExistsError,
    InvalidCodeError,
    PlaceError,
    create_community,
    create_installation,
)
from api.services.communities.find_community import UnknownCommunityError
from models.values.calendar import Zone
from models.values.cau import Cau
from models.values.errors import CommunityError, InvalidIdentifierError
from models.values.names import InvalidNameError


@strawberry.input(description="A community that has nothing yet.")
class CreateCommunityInput:
    """Its plants, members and readings come later."""

    code: str = strawberry.field(description="The promoter's own id of it, 1 to 100 characters.")
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    zone: Zone = strawberry.field(description="Tariff zone, whose clock makes its days.")


@strawberry.input(description="A plant of a community.")
class CreateInstallationInput:
    """Nobody shares in it until a list of members says so."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    cau: str = strawberry.field(description="Its code (CAU), 26 characters.")
    inverter_power_kw: Kw = strawberry.field(description="Power of its inverters [kW].")
    place: PlaceInput | None = strawberry.field(default=None, description="Where it stands.")


@strawberry.type(description="The community, or why it was not begun.")
class CreateCommunityPayload:
    """Answer of ``createCommunity``."""

    community: Community | None = strawberry.field(description="The community.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being begun.")


@strawberry.type
class CreationMutations:
    """Ways to begin."""

    @strawberry.mutation(description="Begin a community that has nothing yet.")
    async def create_community(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CreateCommunityInput, strawberry.argument(description="The community.")
        ],
    ) -> CreateCommunityPayload:
        """Store it."""
        info.context.require_every_community()

        async def store() -> Any:
            return await info.context.write(
                create_community, code=input.code, name=input.name, zone=input.zone, now=now()
            )

        community, errors = await attempt(store(), _find_fault)
        return CreateCommunityPayload(community=community, user_errors=errors)

    @strawberry.mutation(description="Add a plant to a community, behind those that it has.")
    async def create_installation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CreateInstallationInput, strawberry.argument(description="The plant.")
        ],
    ) -> InstallationPayload:
        """Store it."""

        async def store() -> Any:
            place = input.place
            return await info.context.write(
                create_installation,
                community_id=read_community(input.community_id),
                cau=Cau(input.cau),
                inverter_kw=input.inverter_power_kw,
                place=None if place is None else (place.lat, place.lon),
            )

        plant, errors = await attempt(store(), _find_fault)
        return InstallationPayload(installation=plant, user_errors=errors)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case InvalidCodeError() | CommunityExistsError():
            return ["code"]
        case InvalidNameError():
            return ["name"]
        case UnknownCommunityError():
            return ["communityId"]
        case InvalidIdentifierError() | InstallationExistsError():
            return ["cau"]
        case PlaceError():
            return ["place"]
    return ["inverterPowerKw"]
