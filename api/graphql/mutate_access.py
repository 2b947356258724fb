"""Say what accounts reach, and whether they open anything."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.access_inputs import find_account_fault, read_account, read_subjects
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.graphql.user_accounts import Account
from api.policies import GIVES
from api.services.accounts.change_role import change_role
from api.services.accounts.disable_account import disable_account, enable_account
from api.services.accounts.grant_access import grant_access, withdraw_access
from models.values.access import Role


@strawberry.input(description="An account, and what it gets or loses.")
class AccessInput:
    """Names an account, and communities or members."""

    account_id: strawberry.ID = strawberry.field(description="Global id of the account.")
    community_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of communities that a manager looks after, at most 100.",
    )
    member_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of members that a member or candidate is, at most 100.",
    )


@strawberry.input(description="Names an account.")
class AccountInput:
    """One account."""

    account_id: strawberry.ID = strawberry.field(description="Global id of the account.")


@strawberry.input(description="An account, and what it will be.")
class ChangeAccountRoleInput:
    """Names an account and a role."""

    account_id: strawberry.ID = strawberry.field(description="Global id of the account.")
    role: Role = strawberry.field(description="What it will be, of what you may invite.")
    community_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of the communities that a manager will look after.",
    )
    member_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of the members that a member or candidate is; none where one of "
        "the two becomes the other and stays who it is.",
    )


@strawberry.type(description="The account as it stands now, or why nothing was done.")
class AccountPayload:
    """Answer of what is done about an account."""

    account: Account | None = strawberry.field(description="The account.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class AccessMutations:
    """What can be done about accounts."""

    @strawberry.mutation(
        description="Grant an account communities or members; it reaches them at once."
    )
    async def grant_access(
        self,
        info: Info,
        input: Annotated[AccessInput, strawberry.argument(description="What.")],  # noqa: A002
    ) -> AccountPayload:
        """Grant them."""
        return await _answer(_grant(info.context, input))

    @strawberry.mutation(
        description="Take communities or members from an account, as far as you see them; it "
        "reaches them no more."
    )
    async def withdraw_access(
        self,
        info: Info,
        input: Annotated[AccessInput, strawberry.argument(description="What.")],  # noqa: A002
    ) -> AccountPayload:
        """Take them."""
        return await _answer(_withdraw(info.context, input))

    @strawberry.mutation(
        description="Give an account another role, and what goes with it; its sessions end. A "
        "promoter's last admin stays one."
    )
    async def change_account_role(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ChangeAccountRoleInput, strawberry.argument(description="Which.")
        ],
    ) -> AccountPayload:
        """Change it."""
        return await _answer(_change_role(info.context, input))

    @strawberry.mutation(
        description="Shut an account: its sessions end, and nothing opens it. A promoter's last "
        "admin stays."
    )
    async def disable_account(
        self,
        info: Info,
        input: Annotated[AccountInput, strawberry.argument(description="Which.")],  # noqa: A002
    ) -> AccountPayload:
        """Shut it."""
        return await _answer(_write(info.context, disable_account, input.account_id, now=now()))

    @strawberry.mutation(description="Open an account again that was shut.")
    async def enable_account(
        self,
        info: Info,
        input: Annotated[AccountInput, strawberry.argument(description="Which.")],  # noqa: A002
    ) -> AccountPayload:
        """Open it."""
        return await _answer(_write(info.context, enable_account, input.account_id))


async def _answer(work: Any) -> AccountPayload:
    account, errors = await attempt(work, find_account_fault)
    return AccountPayload(account=account, user_errors=errors)


async def _grant(context: Context, given: AccessInput) -> Any:
    subjects = read_subjects(given.community_ids, given.member_ids)
    return await _write(context, grant_access, given.account_id, subjects=subjects, now=now())


async def _withdraw(context: Context, given: AccessInput) -> Any:
    subjects = read_subjects(given.community_ids, given.member_ids)
    return await _write(context, withdraw_access, given.account_id, subjects=subjects)


async def _change_role(context: Context, given: ChangeAccountRoleInput) -> Any:
    subjects = read_subjects(given.community_ids, given.member_ids)
    return await _write(
        context, change_role, given.account_id, role=given.role, subjects=subjects, now=now()
    )


async def _write(
    context: Context, use_case: Any, account_id: strawberry.ID, **arguments: object
) -> Any:
    """Do something about an account that the caller may look after."""
    return await context.write(
        use_case,
        gives=GIVES[context.principal.role],
        account_id=read_account(account_id),
        **arguments,
    )
