"""Who an account is to OpenID providers, and whether there is one to sign in at."""

from datetime import datetime

import strawberry

from api.graphql.context import Info
from api.openid_flow import START_PATH


@strawberry.type(description="Who an account is to an OpenID provider that vouches for it.")
class ExternalIdentity:
    """Shows a link."""

    issuer: str = strawberry.field(description="The provider's name, an address.")
    linked_at: datetime = strawberry.field(description="Since when it is linked.")


@strawberry.type(description="How people may sign in.")
class SignInMethods:
    """Shows the ways."""

    openid_path: str | None = strawberry.field(
        description="Path to which a page sends those who sign in at the OpenID provider, with "
        "`returnTo` for the path to come back to; null where there is none."
    )


@strawberry.type
class SignInQueries:
    """What is asked before anybody is known."""

    @strawberry.field(
        description="How people may sign in here, besides by `signIn` with a password."
    )
    def sign_in_methods(self, info: Info) -> SignInMethods:
        """Tell."""
        has_provider = info.context.settings.openid_issuer is not None
        return SignInMethods(openid_path=START_PATH if has_provider else None)
