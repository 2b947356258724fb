"""Accounts of people who sign in: who they are, and what they were granted."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.communities import Community
from api.graphql.context import Info
from api.graphql.list_wishes import WHICH, AccountFilter, read_wish
from api.graphql.members import Member
from api.graphql.node import Node, shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.services.communities.browse_records import PagedList, WholeList
from models import tables
from models.values.access import Role
from models.values.language import Language


@strawberry.type(description="A community that an account looks after, or a member that it is.")
class AccountGrant:
    """Shows what was granted."""

    community_id: strawberry.Private[UUID | None]
    member_id: strawberry.Private[UUID | None]

    created_at: datetime = strawberry.field(description="Since when.")

    @strawberry.field(description="The community that it looks after; null for a member.")
    async def community(self, info: Info) -> Community | None:
        """Find it."""
        found: Community | None = await _find(info, tables.Community, self.community_id)
        return found

    @strawberry.field(description="The member that it is; null for a community.")
    async def member(self, info: Info) -> Member | None:
        """Find it."""
        found: Member | None = await _find(info, tables.Member, self.member_id)
        return found


@strawberry.type(description="Somebody who signs in, or was invited to.")
@shows(tables.UserAccount)
class Account(Node):
    """Shows an account."""

    totp_confirmed_at: strawberry.Private[datetime | None]

    email: str = strawberry.field(description="Address with which they sign in.")
    name: str = strawberry.field(description="What they are called.")
    role: Role = strawberry.field(description="What they may do.")
    language: Language | None = strawberry.field(
        description="Language that they read; null for that of the installation."
    )
    awaits_acceptance: bool = strawberry.field(
        description="Whether their invitation was not taken up yet."
    )
    created_at: datetime = strawberry.field(description="When it was made, or they were invited.")
    disabled_at: datetime | None = strawberry.field(
        description="Since when nothing opens it; null while it may be used."
    )

    @strawberry.field(description="Whether a code is asked for when they sign in.")
    def has_second_factor(self) -> bool:
        """Tell whether one was confirmed."""
        return self.totp_confirmed_at is not None

    @strawberry.field(
        description="What they look after, or who they are, oldest first, as far as you see it."
    )
    async def grants(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AccountGrant]:
        """Page through them."""
        return await info.context.loaders.whole(WholeList.GRANTS_OF_ACCOUNT, self.id, first, after)


@strawberry.type
class UserAccountQueries:
    """Ways to accounts."""

    @strawberry.field(
        description="The promoter's accounts, by address: those invited and those disabled too. "
        "Who looks after some communities sees those of their members."
    )
    async def accounts(
        self,
        info: Info,
        first: First = DEFAULT_PAGE,
        after: After = None,
        filter: Annotated[AccountFilter | None, WHICH] = None,  # noqa: A002
    ) -> Connection[Account]:
        """Page through them."""
        return await info.context.loaders.page(
            PagedList.ACCOUNTS_OF_PROMOTER,
            info.context.principal.promoter_id,
            first,
            after,
            read_wish(filter, None),
        )


async def _find(info: Info, table: Any, key: UUID | None) -> Any:
    return None if key is None else await info.context.loaders.record(table, key)
