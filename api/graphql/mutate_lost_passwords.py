"""Get back in without the password, and sign in with another address: both by a link."""

from typing import Annotated

import strawberry
from anyio import current_time, sleep_until

from api.clock import now
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.link_settings import require_link_desk
from api.services.accounts.accept_invitation import AddressHeldError
from api.services.accounts.change_email import change_email, confirm_email
from api.services.accounts.change_password import WrongPasswordError, read_password
from api.services.accounts.mailed_links import DeadLinkError, check_link
from api.services.accounts.passwords import (
    PasswordCheck,
    UnfitPasswordError,
    check_password,
    hash_new_password,
)
from api.services.accounts.reset_password import request_password_reset, reset_password
from models.tables import LinkPurpose
from models.values.email_address import UnfitEmailError
from models.values.errors import CommunityError

_ANSWER_SECONDS = 0.3


@strawberry.input(description="Who has lost their password.")
class RequestPasswordResetInput:
    """Names an address."""

    email: str = strawberry.field(description="Address of the account.")


@strawberry.input(description="What a link holds after its `#`, and a new password.")
class ResetPasswordInput:
    """How somebody will sign in."""

    secret: str = strawberry.field(description="What the link holds after its `#`.")
    password: str = strawberry.field(description="A new password of 12 to 200 characters.")


@strawberry.input(description="Another address to sign in with.")
class ChangeEmailInput:
    """The address, and the password that opens the account."""

    email: str = strawberry.field(description="The other address.")
    current_password: str = strawberry.field(description="The present password.")


@strawberry.input(description="What a link holds after its `#`.")
class ConfirmEmailInput:
    """What shows that an address is somebody's own."""

    secret: str = strawberry.field(description="What the link holds after its `#`.")


@strawberry.type(description="The same whoever asks and whatever the address.")
class RequestPasswordResetPayload:
    """Answer of ``requestPasswordReset``."""

    user_errors: list[UserError] = strawberry.field(
        description="What keeps anybody from getting a link."
    )


@strawberry.type(description="Empty once it is done: sign in with the new password.")
class ResetPasswordPayload:
    """Answer of ``resetPassword``."""

    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type(description="Empty once a link is on its way to the other address.")
class ChangeEmailPayload:
    """Answer of ``changeEmail``."""

    user_errors: list[UserError] = strawberry.field(description="What kept it from being sent.")


@strawberry.type(description="The address with which to sign in now, or why it is another.")
class ConfirmEmailPayload:
    """Answer of ``confirmEmail``."""

    email: str | None = strawberry.field(description="The address.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being changed.")


@strawberry.type
class LostPasswordMutations:
    """Ways back in."""

    @strawberry.mutation(
        description="Ask for a link to a new password, which works once, within an hour, three an "
        "hour at most. Whether there is an account for the address is not told."
    )
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RequestPasswordResetInput, strawberry.argument(description="Whose.")
        ],
    ) -> RequestPasswordResetPayload:
        """Ask for it."""
        _, errors = await attempt(_request(info.context, input), _find_fault)
        return RequestPasswordResetPayload(user_errors=errors)

    @strawberry.mutation(
        description="Choose a new password by a link: all sessions of the account end, and any "
        "lock. A second factor stays."
    )
    async def reset_password(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ResetPasswordInput, strawberry.argument(description="Which.")
        ],
    ) -> ResetPasswordPayload:
        """Choose it."""
        _, errors = await attempt(_reset(info.context, input), _find_fault)
        return ResetPasswordPayload(user_errors=errors)

    @strawberry.mutation(
        description="Sign in with another address from the moment on at which a link that is sent "
        "there is followed, within 24 hours."
    )
    async def change_email(
        self,
        info: Info,
        input: Annotated[ChangeEmailInput, strawberry.argument(description="Which.")],  # noqa: A002
    ) -> ChangeEmailPayload:
        """Send the link."""
        _, errors = await attempt(_change_email(info.context, input), _find_fault)
        return ChangeEmailPayload(user_errors=errors)

    @strawberry.mutation(
        description="Confirm another address by its link; the one before is told of it."
    )
    async def confirm_email(
        self,
        info: Info,
        input: Annotated[ConfirmEmailInput, strawberry.argument(description="By what.")],  # noqa: A002
    ) -> ConfirmEmailPayload:
        """Change it."""
        email, errors = await attempt(_confirm_email(info.context, input), _find_fault)
        return ConfirmEmailPayload(email=email, user_errors=errors)


async def _request(context: Context, given: RequestPasswordResetInput) -> None:
    """Ask for a link; whether one was stored must not be heard from the clock."""
    desk = require_link_desk(context.settings)
    began_at = current_time()
    await context.write_account(request_password_reset, email=given.email, desk=desk, now=now())
    await sleep_until(began_at + _ANSWER_SECONDS)


async def _reset(context: Context, given: ResetPasswordInput) -> None:
    """Look at the link before hashing: that is a lot of work for strangers."""
    purpose = LinkPurpose.PASSWORD_RESET
    await context.read_account(check_link, secret=given.secret, purpose=purpose, now=now())
    new_hash = await context.hash(hash_new_password, password=given.password)
    await context.write_account(reset_password, secret=given.secret, new_hash=new_hash, now=now())


async def _change_email(context: Context, given: ChangeEmailInput) -> None:
    account_id = context.principal.account_id
    desk = require_link_desk(context.settings)
    kept: str | None = await context.read_account(read_password, account_id=account_id)
    check: PasswordCheck = await context.hash(
        check_password, kept_hash=kept, password=given.current_password
    )
    is_sent = await context.write_account(
        change_email, account_id=account_id, email=given.email, check=check, desk=desk, now=now()
    )
    if not is_sent:
        raise WrongPasswordError


async def _confirm_email(context: Context, given: ConfirmEmailInput) -> str:
    language = context.settings.language
    account = await context.write_account(
        confirm_email, secret=given.secret, language=language, now=now()
    )
    email: str = account.email
    return email


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault; of a link only what it holds."""
    match error:
        case UnfitEmailError():
            return ["email"]
        case UnfitPasswordError():
            return ["password"]
        case WrongPasswordError():
            return ["currentPassword"]
        case DeadLinkError() | AddressHeldError():
            return ["secret"]
    return []
