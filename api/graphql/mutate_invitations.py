"""Invite people, remind them, and take an invitation up."""

from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.access_inputs import find_account_fault, read_account, read_subjects
from api.graphql.context import Context, Info
from api.graphql.errors import UserError, attempt
from api.graphql.mutate_sign_ins import enter
from api.graphql.user_accounts import Account
from api.graphql.viewer import Viewer, show_viewer
from api.link_settings import require_link_desk
from api.policies import GIVES
from api.services.accounts.accept_invitation import accept_invitation
from api.services.accounts.invite_account import (
    Invitation,
    SentInvitation,
    invite_account,
    invite_first_admin,
)
from api.services.accounts.mailed_links import check_link
from api.services.accounts.passwords import UnfitPasswordError, hash_new_password
from api.services.accounts.resend_invitation import resend_invitation
from api.services.accounts.sessions import OpenedSession
from models.tables import LinkPurpose
from models.values.access import Role
from models.values.errors import CommunityError, InvalidArgumentError
from models.values.language import Language


class ForeignPromoterError(InvalidArgumentError):
    """Somebody of one promoter names another one."""

    def __init__(self) -> None:
        super().__init__("operators alone name a promoter: leave it out")


@strawberry.input(description="Who is invited, and as what.")
class InviteAccountInput:
    """Somebody's address, and what they will do."""

    email: str = strawberry.field(
        description="Address to which the link goes, and with which they will sign in."
    )
    name: str = strawberry.field(description="What they are called, 1 to 200 characters.")
    role: Role = strawberry.field(
        description="What they will be: an operator invites admins; an admin admins, staff, "
        "managers, members and candidates; staff the last three; managers and programs the last "
        "two."
    )
    language: Language | None = strawberry.field(
        default=None, description="Which they read; that of the installation by default."
    )
    community_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of the 1 to 100 communities that a manager will look after.",
    )
    member_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Global ids of the 1 to 100 members that a member or candidate is.",
    )
    promoter: str | None = strawberry.field(
        default=None,
        description="Name of the promoter, made if need be: what operators say, and nobody else.",
    )


@strawberry.input(description="Whom to remind.")
class ResendInvitationInput:
    """Names an account."""

    account_id: strawberry.ID = strawberry.field(description="Global id of the account.")


@strawberry.input(description="What a link holds after its `#`, and a password.")
class AcceptInvitationInput:
    """How somebody will sign in."""

    secret: str = strawberry.field(description="What the link holds after its `#`.")
    password: str = strawberry.field(description="A password of 12 to 200 characters.")


@strawberry.type(description="The account that waits for its owner, or why there is none.")
class InvitationPayload:
    """Answer of ``inviteAccount`` and ``resendInvitation``."""

    account: Account | None = strawberry.field(description="The account.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being sent.")


@strawberry.type(description="Who is signed in now, or why nobody is.")
class AcceptInvitationPayload:
    """Answer of ``acceptInvitation``."""

    viewer: Viewer | None = strawberry.field(
        description="Who has signed in; null without errors: their account sees more now."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept them out.")


@strawberry.type
class InvitationMutations:
    """Ways to an account."""

    @strawberry.mutation(
        description="Invite somebody: an e-mail brings a link that works once, within seven days, "
        "and leads to `/invitation` below the address of the installation."
    )
    async def invite_account(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            InviteAccountInput, strawberry.argument(description="Whom.")
        ],
    ) -> InvitationPayload:
        """Invite them."""
        made, errors = await attempt(_invite(info.context, input), _find_invitation_fault)
        account: Any = made.account if made else None
        return InvitationPayload(account=account, user_errors=errors)

    @strawberry.mutation(
        description="Send an invitation again, three times an hour at most; earlier links open "
        "nothing any more."
    )
    async def resend_invitation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ResendInvitationInput, strawberry.argument(description="To whom.")
        ],
    ) -> InvitationPayload:
        """Remind them."""
        made, errors = await attempt(_resend(info.context, input), find_account_fault)
        account: Any = made.account if made else None
        return InvitationPayload(account=account, user_errors=errors)

    @strawberry.mutation(
        description="Take an invitation up: the account gets its password, and the answer sets "
        "the cookie of its first session. Where the address signs in already as a member of the "
        "same promoter, that account is granted what the invitation was for: no password changes, "
        "and `viewer` is null."
    )
    async def accept_invitation(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            AcceptInvitationInput, strawberry.argument(description="Which, and how.")
        ],
    ) -> AcceptInvitationPayload:
        """Take it up."""
        opened, errors = await attempt(_accept(info.context, input), _find_fault)
        viewer = await show_viewer(info) if opened else None
        return AcceptInvitationPayload(viewer=viewer, user_errors=errors)


async def _invite(context: Context, given: InviteAccountInput) -> SentInvitation:
    """Invite for the caller's promoter, or as an operator for any."""
    invitation = Invitation(
        given.email,
        given.name,
        given.role,
        given.language,
        read_subjects(given.community_ids, given.member_ids),
    )
    desk, caller = require_link_desk(context.settings), context.principal.role
    invited: SentInvitation
    if caller is Role.OPERATOR:
        invited = await context.write_account(
            invite_first_admin,
            promoter=given.promoter or "",
            invitation=invitation,
            desk=desk,
            now=now(),
        )
    elif given.promoter is not None:
        raise ForeignPromoterError
    else:
        invited = await context.write(
            invite_account, gives=GIVES[caller], invitation=invitation, desk=desk, now=now()
        )
    return invited


async def _resend(context: Context, given: ResendInvitationInput) -> SentInvitation:
    invited: SentInvitation = await context.write(
        resend_invitation,
        gives=GIVES[context.principal.role],
        account_id=read_account(given.account_id),
        desk=require_link_desk(context.settings),
        now=now(),
    )
    return invited


async def _accept(context: Context, given: AcceptInvitationInput) -> OpenedSession | None:
    """Look at the link before hashing: that is a lot of work for strangers."""
    purpose = LinkPurpose.INVITATION
    await context.read_account(check_link, secret=given.secret, purpose=purpose, now=now())
    new_hash = await context.hash(hash_new_password, password=given.password)
    opened: OpenedSession | None = await context.write_account(
        accept_invitation, secret=given.secret, new_hash=new_hash, now=now()
    )
    if opened is not None:
        await enter(context, opened)
    return opened


def _find_invitation_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["promoter"] if isinstance(error, ForeignPromoterError) else find_account_fault(error)


def _find_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["password" if isinstance(error, UnfitPasswordError) else "secret"]
