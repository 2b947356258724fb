"""Forget who one is to an OpenID provider."""

from typing import Annotated

import strawberry

from api.clock import now
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.graphql.viewer import Viewer, show_viewer
from api.services.accounts.change_password import WrongPasswordError, read_password
from api.services.accounts.external_identities import UnknownIdentityError, unlink_identity
from api.services.accounts.passwords import PasswordCheck, check_password
from models.values.errors import CommunityError


@strawberry.input(description="Of which provider to forget who one is.")
class UnlinkIdentityInput:
    """A provider, and the password that opens the account."""

    issuer: str = strawberry.field(description="The provider's name, as `identities` gives it.")
    current_password: str = strawberry.field(description="The present password.")


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
        _, errors = await attempt(_unlink(info.context, input), _find_fault)
        viewer = None if errors else await show_viewer(info)
        return UnlinkIdentityPayload(viewer=viewer, user_errors=errors)


async def _unlink(context: Context, given: UnlinkIdentityInput) -> None:
    account_id = context.principal.account_id
    kept: str | None = await context.read_account(read_password, account_id=account_id)
    check: PasswordCheck = await context.hash(
        check_password, kept_hash=kept, password=given.current_password
    )
    is_unlinked = await context.write_account(
        unlink_identity, account_id=account_id, issuer=given.issuer, check=check, now=now()
    )
    if not is_unlinked:
        raise WrongPasswordError


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnknownIdentityError():
            return ["issuer"]
        case WrongPasswordError():
            return ["currentPassword"]
    return []
