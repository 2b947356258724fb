"""Sign in with a password, sign out, choose another password."""

from typing import Annotated

import strawberry
from anyio import current_time, sleep_until

from api.authentication import PUBLIC, authenticate_session
from api.clock import now
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.graphql.viewer import Viewer, show_viewer
from api.services.accounts.change_password import (
    WrongPasswordError,
    change_password,
    read_password,
)
from api.services.accounts.passwords import (
    PasswordCheck,
    UnfitPasswordError,
    check_password,
    hash_new_password,
)
from api.services.accounts.sessions import OpenedSession, sign_out
from api.services.accounts.sign_in import WrongSignInError, find_password, sign_in
from api.session_cookie import write_cookie, write_end
from models.values.errors import CommunityError

_FAILURE_SECONDS = 1.0


@strawberry.input(description="With what to sign in.")
class SignInInput:
    """An address and a password."""

    email: str = strawberry.field(description="Address of the account.")
    password: str = strawberry.field(description="Its password.")


@strawberry.input(description="What to sign out of.")
class SignOutInput:
    """One session, or all."""

    everywhere: bool = strawberry.field(
        default=False, description="Whether to end all sessions of the account, on any device."
    )


@strawberry.input(description="A new password.")
class ChangePasswordInput:
    """The old one and the new one."""

    current_password: str = strawberry.field(description="The present password.")
    new_password: str = strawberry.field(description="The new one, 12 to 200 characters.")


@strawberry.type(description="Who is signed in now, or why nobody is.")
class SignInPayload:
    """Answer of ``signIn``."""

    viewer: Viewer | None = strawberry.field(description="Who has signed in.")
    awaits_second_factor: bool = strawberry.field(
        description="Whether a code is asked for now, within ten minutes; nothing opens before."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept them out.")


@strawberry.type(description="What kept the session from being ended; it is gone otherwise.")
class SignOutPayload:
    """Answer of ``signOut``."""

    user_errors: list[UserError] = strawberry.field(description="What kept it from being ended.")


@strawberry.type(description="Whose password was changed, or why it was not.")
class ChangePasswordPayload:
    """Answer of ``changePassword``."""

    viewer: Viewer | None = strawberry.field(description="Whose password.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being changed.")


@strawberry.type
class SignInMutations:
    """Ways in and out."""

    @strawberry.mutation(
        description="Sign in with a password: the answer sets the cookie of the session. After "
        "five failures in a row the account is locked for a minute, then for longer; that is told "
        "like a wrong password."
    )
    async def sign_in(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SignInInput, strawberry.argument(description="With what.")
        ],
    ) -> SignInPayload:
        """Begin a session."""
        info.context.count_sign_in()
        opened, errors = await attempt(_sign_in(info.context, input), _find_fault)
        return SignInPayload(
            viewer=await show_viewer(info) if opened else None,
            awaits_second_factor=opened is not None and opened.awaits_second_factor,
            user_errors=errors,
        )

    @strawberry.mutation(description="Sign out; nothing happens where nobody is signed in.")
    async def sign_out(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SignOutInput | None, strawberry.argument(description="Of what.")
        ] = None,
    ) -> SignOutPayload:
        """End the session."""
        _, errors = await attempt(
            _sign_out(info.context, everywhere=input is not None and input.everywhere), _find_fault
        )
        return SignOutPayload(user_errors=errors)

    @strawberry.mutation(
        description="Choose another password; all other sessions of the account end."
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ChangePasswordInput, strawberry.argument(description="Which.")
        ],
    ) -> ChangePasswordPayload:
        """Keep it."""
        _, errors = await attempt(_change_password(info.context, input), _find_fault)
        viewer = None if errors else await show_viewer(info)
        return ChangePasswordPayload(viewer=viewer, user_errors=errors)


async def enter(context: Context, opened: OpenedSession) -> None:
    """Go on as who has just been let in, and hand the cookie over."""
    context.cookie = write_cookie(opened.secret, opened.expires_at)
    context.principal = await context.read_account(
        authenticate_session,
        secret=opened.secret,
        promoters_need_second_factor=context.settings.promoters_need_second_factor,
        at=now(),
    )
    context.loaders.forget()


async def _sign_in(context: Context, given: SignInInput) -> OpenedSession:
    """Begin a session; whether a failure was written down must not be heard from the clock."""
    began_at = current_time()
    kept: str | None = await context.read_account(find_password, email=given.email)
    check: PasswordCheck = await context.hash(
        check_password, kept_hash=kept, password=given.password
    )
    opened: OpenedSession | None = await context.write_account(
        sign_in,
        email=given.email,
        check=check,
        replaced_id=context.principal.session_id,
        now=now(),
    )
    if opened is None:
        await sleep_until(began_at + _FAILURE_SECONDS)
        raise WrongSignInError
    await enter(context, opened)
    return opened


async def _sign_out(context: Context, *, everywhere: bool) -> None:
    who = context.principal
    if who.session_id is not None:
        await context.write_account(
            sign_out,
            account_id=who.account_id,
            session_id=who.session_id,
            everywhere=everywhere,
            now=now(),
        )
        context.principal = PUBLIC
        context.loaders.forget()
    context.cookie = write_end()


async def _change_password(context: Context, given: ChangePasswordInput) -> None:
    who = context.principal
    new_hash = await context.hash(hash_new_password, password=given.new_password)
    kept: str | None = await context.read_account(read_password, account_id=who.account_id)
    check: PasswordCheck = await context.hash(
        check_password, kept_hash=kept, password=given.current_password
    )
    is_changed = await context.write_account(
        change_password,
        account_id=who.account_id,
        session_id=who.session_id,
        check=check,
        new_hash=new_hash,
        now=now(),
    )
    if not is_changed:
        raise WrongPasswordError


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault; of a sign-in none is named."""
    match error:
        case UnfitPasswordError():
            return ["newPassword"]
        case WrongPasswordError():
            return ["currentPassword"]
    return []
