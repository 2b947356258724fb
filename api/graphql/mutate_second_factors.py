"""Set up a second factor, show its codes, take it away."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.graphql.mutate_sign_ins import SignInPayload, enter
from api.graphql.viewer import Viewer, show_viewer
from api.services.accounts.second_factor import (
    SecondFactorSetup,
    WrongCodeError,
    begin_second_factor,
    confirm_second_factor,
    confirm_sign_in,
    remove_second_factor,
)
from api.services.accounts.sessions import OpenedSession
from api.services.accounts.sign_in import WrongSignInError
from models.values.access import Role
from models.values.errors import CommunityError


@strawberry.input(description="What an authenticator app shows.")
class CodeInput:
    """A code."""

    code: str = strawberry.field(description="Six digits, good for half a minute and once.")


@strawberry.type(description="What an authenticator app needs, or why there is nothing.")
class BeginSecondFactorPayload:
    """Answer of ``beginSecondFactor``."""

    secret: str | None = strawberry.field(
        description="The secret in base 32, to be typed in; it is shown this once."
    )
    otpauth_uri: str | None = strawberry.field(description="The same, to be shown as a QR.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being drawn.")


@strawberry.type(description="Whose second factor it is, or why nothing was done.")
class SecondFactorPayload:
    """Answer of ``confirmSecondFactor`` and ``removeSecondFactor``."""

    viewer: Viewer | None = strawberry.field(description="Whose it is.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class SecondFactorMutations:
    """What can be done with codes."""

    @strawberry.mutation(
        description="Draw the secret of a second factor (RFC 6238): codes are asked for once the "
        "first one was confirmed."
    )
    async def begin_second_factor(self, info: Info) -> BeginSecondFactorPayload:
        """Draw it."""
        setup, errors = await attempt(_begin(info.context), _find_fault)
        if setup is None:
            return BeginSecondFactorPayload(secret=None, otpauth_uri=None, user_errors=errors)
        return BeginSecondFactorPayload(secret=setup.secret, otpauth_uri=setup.uri, user_errors=[])

    @strawberry.mutation(
        description="Confirm the second factor by its first code: from now on one is asked for "
        "after the password."
    )
    async def confirm_second_factor(
        self,
        info: Info,
        input: Annotated[CodeInput, strawberry.argument(description="The code.")],  # noqa: A002
    ) -> SecondFactorPayload:
        """Confirm it."""
        return await _use(info, confirm_second_factor, input)

    @strawberry.mutation(description="Take the second factor away, by a last code.")
    async def remove_second_factor(
        self,
        info: Info,
        input: Annotated[CodeInput, strawberry.argument(description="The code.")],  # noqa: A002
    ) -> SecondFactorPayload:
        """Remove it."""
        return await _use(info, remove_second_factor, input)

    @strawberry.mutation(
        description="Show the code of the second factor after a right password; a wrong one "
        "counts as a failure to sign in."
    )
    async def confirm_sign_in(
        self,
        info: Info,
        input: Annotated[CodeInput, strawberry.argument(description="The code.")],  # noqa: A002
    ) -> SignInPayload:
        """Begin the session."""
        opened, errors = await attempt(_confirm_sign_in(info.context, input), _find_fault)
        viewer = await show_viewer(info) if opened else None
        return SignInPayload(viewer=viewer, awaits_second_factor=False, user_errors=errors)


async def _begin(context: Context) -> SecondFactorSetup:
    setup: SecondFactorSetup = await context.write_account(
        begin_second_factor,
        account_id=context.principal.account_id,
        keyring=context.keyring,
    )
    return setup


async def _use(info: Info, use_case: Any, given: CodeInput) -> SecondFactorPayload:
    """Do what needs a code, and answer with whose second factor it is."""
    _, errors = await attempt(_show_code(info.context, use_case, given), _find_fault)
    viewer = None if errors else await show_viewer(info)
    return SecondFactorPayload(viewer=viewer, user_errors=errors)


async def _show_code(context: Context, use_case: Any, given: CodeInput) -> None:
    is_right = await context.write_account(
        use_case,
        account_id=context.principal.account_id,
        code=given.code,
        keyring=context.keyring,
        now=now(),
    )
    if not is_right:
        raise WrongCodeError


async def _confirm_sign_in(context: Context, given: CodeInput) -> OpenedSession:
    who = context.principal
    if who.session_id is None or who.role is not Role.PUBLIC:
        raise WrongSignInError
    opened: OpenedSession | None = await context.write_account(
        confirm_sign_in,
        account_id=who.account_id,
        session_id=who.session_id,
        code=given.code,
        keyring=context.keyring,
        now=now(),
    )
    if opened is None:
        raise WrongCodeError
    await enter(context, opened)
    return opened


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["code"] if isinstance(error, WrongCodeError) else []
