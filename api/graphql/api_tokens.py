"""Tokens that open the API for programs: listed, made, taken back."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.node import Node, require_key, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.policies import narrow_to_scopes
from api.services.accounts.create_token import (
    ForeignScopeError,
    NewToken,
    PastExpiryError,
    issue_token,
)
from api.services.accounts.manage_tokens import MissingTokenError, take_back_token
from api.services.communities.browse_records import PagedList
from models import tables
from models.values.access import Capability, Role
from models.values.errors import CommunityError
from models.values.names import InvalidNameError


@strawberry.type(description="A token, without the text that opens the API.")
@shows(tables.ApiToken)
class ApiToken(Node):
    """Shows a token."""

    scopes: strawberry.Private[str | None]

    name: str = strawberry.field(description="What it is for.")
    prefix: str = strawberry.field(description="How it begins, to tell tokens apart.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When it stops opening the API; null for never."
    )
    revoked_at: datetime | None = strawberry.field(description="When it was taken back.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was used last, to the hour."
    )

    @strawberry.field(name="scopes", description="What it may do.")
    def named_scopes(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[Capability]:
        """Page through them."""
        may = sorted(narrow_to_scopes(Role.INTEGRATOR, self.scopes))
        page: Connection[Capability] = info.context.loaders.cut(may, first, after)
        return page


@strawberry.input(description="A token to be made.")
class CreateApiTokenInput:
    """What it is for, and what it may do."""

    name: str = strawberry.field(description="What it is for, 1 to 200 characters.")
    scopes: list[Capability] = strawberry.field(
        description="What it may do, of what you may do yourself."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="When it stops opening the API; never by default."
    )


@strawberry.input(description="A token to be taken back.")
class RevokeApiTokenInput:
    """Names a token."""

    token_id: strawberry.ID = strawberry.field(description="Global id of the token.")


@strawberry.type(description="The token, or why there is none.")
class CreateApiTokenPayload:
    """Answer of ``createApiToken``."""

    token: ApiToken | None = strawberry.field(description="The token.")
    secret: str | None = strawberry.field(
        description="What a program sends as `Authorization: Bearer`; it is shown this once."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being made.")


@strawberry.type(description="The token as it stands now, or why nothing was done.")
class RevokeApiTokenPayload:
    """Answer of ``revokeApiToken``."""

    token: ApiToken | None = strawberry.field(description="The token.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being revoked.")


@strawberry.type
class TokenQueries:
    """Ways to tokens."""

    @strawberry.field(
        description="The promoter's tokens, newest first, revoked and expired ones too."
    )
    async def api_tokens(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ApiToken]:
        """Page through them."""
        listing, promoter_id = PagedList.TOKENS_OF_PROMOTER, info.context.principal.promoter_id
        return await info.context.loaders.page(listing, promoter_id, first, after)


@strawberry.type
class TokenMutations:
    """What can be done about tokens."""

    @strawberry.mutation(description="Make a token for a program; its text is shown once.")
    async def create_api_token(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CreateApiTokenInput, strawberry.argument(description="Which token.")
        ],
    ) -> CreateApiTokenPayload:
        """Make it."""
        made, errors = await attempt(_create(info, input), _find_fault)
        if made is None:
            return CreateApiTokenPayload(token=None, secret=None, user_errors=errors)
        token: Any = await info.context.loaders.record(tables.ApiToken, made.token_id)
        return CreateApiTokenPayload(token=token, secret=made.text, user_errors=[])

    @strawberry.mutation(description="Take a token back for good.")
    async def revoke_api_token(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RevokeApiTokenInput, strawberry.argument(description="Which token.")
        ],
    ) -> RevokeApiTokenPayload:
        """Revoke it."""
        token, errors = await attempt(_revoke(info, input), _find_fault)
        return RevokeApiTokenPayload(token=token, user_errors=errors)


async def _create(info: Info, given: CreateApiTokenInput) -> NewToken:
    made: NewToken = await info.context.write(
        issue_token,
        name=given.name,
        scopes=given.scopes,
        granted=info.context.principal.capabilities,
        expires_at=given.expires_at,
        now=now(),
    )
    return made


async def _revoke(info: Info, given: RevokeApiTokenInput) -> Any:
    key = require_key(tables.ApiToken, str(given.token_id), MissingTokenError)
    return await info.context.write(take_back_token, token_id=key, now=now())


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case InvalidNameError():
            return ["name"]
        case ForeignScopeError():
            return ["scopes"]
        case PastExpiryError():
            return ["expiresAt"]
        case MissingTokenError():
            return ["tokenId"]
    return []
