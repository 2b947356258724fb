"""Forget who one is to an OpenID provider."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.viewer import Viewer, show_viewer
from api.services.accounts.external_identities import UnknownIdentityError, unlink_identity
from models.values.errors import CommunityError


@strawberry.input(description="Of which provider to forget who one is.")
class UnlinkIdentityInput:
    """A provider."""

    issuer: str = strawberry.field(description="The provider's name, as `identities` gives it.")


@strawberry.type(description="Who was unlinked, or why nobody was.")
class UnlinkIdentityPayload:
    """Answer of ``unlinkIdentity``."""

    viewer: Viewer | None = strawberry.field(description="Whose account it is.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class IdentityMutations:
    """What can be done with links to providers."""

    @strawberry.mutation(
        description="Forget who one is to an OpenID provider; signing in there with the address "
        "of the account links it anew. Sessions go on."
    )
    async def unlink_identity(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            UnlinkIdentityInput, strawberry.argument(description="Which.")
        ],
    ) -> UnlinkIdentityPayload:
        """Forget it."""
        unlinking = info.context.write_account(
            unlink_identity, account_id=info.context.principal.account_id, issuer=input.issuer
        )
        _, errors = await attempt(unlinking, _find_fault)
        viewer = None if errors else await show_viewer(info)
        return UnlinkIdentityPayload(viewer=viewer, user_errors=errors)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["issuer"] if isinstance(error, UnknownIdentityError) else []
