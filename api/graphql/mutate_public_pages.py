"""Publish communities, and let those who sign up there into the reserve pool, or not."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from api.clock import now
from api.graphql.community_ids import read_community
from api.graphql.context import Info
from api.graphql.errors import UserError, attempt
from api.graphql.node import require_key
from api.graphql.sign_ups import PublicPage, SignUp
from api.link_settings import require_link_desk
from api.services.communities.find_community import UnknownCommunityError
from api.services.sign_ups.judge_sign_up import (
    UnfitReasonError,
    UnknownSignUpError,
    approve_sign_up,
    refuse_sign_up,
    renew_sign_up_link,
)
from api.services.sign_ups.publish_community import (
    MissingNoticeError,
    PageWish,
    SlugTakenError,
    TextlessPageError,
    UnfitPageError,
    UnfitSlugError,
    UnpublishedError,
    publish_community,
    unpublish_community,
)
from models import tables
from models.values.email_address import UnfitEmailError
from models.values.errors import CommunityError

_FIELDS = {
    "municipality": "municipality",
    "Spanish text": "textEs",
    "Catalan text": "textCa",
    "English text": "textEn",
    "number of free places": "freePlaces",
    "privacy notice": "privacyNotice",
}


@strawberry.input(description="What to tell everybody of a community; all of it is told anew.")
class PublishCommunityInput:
    """A page."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")
    slug: str = strawberry.field(
        description="Name of the page in addresses: 3 to 60 small letters and digits, with single "
        "hyphens between; unique in the installation."
    )
    municipality: str = strawberry.field(description="Where it is, 1 to 100 characters.")
    contact_email: str = strawberry.field(description="To whom people write.")
    text_es: str | None = strawberry.field(
        default=None, description="What it is about, in Spanish, 1 to 2,000 characters."
    )
    text_ca: str | None = strawberry.field(default=None, description="In Catalan.")
    text_en: str | None = strawberry.field(default=None, description="In English.")
    free_places: int | None = strawberry.field(
        default=None, description="How many more can join; null not to tell."
    )
    is_open: bool = strawberry.field(
        default=False, description="Whether people can sign up; that needs a privacy notice."
    )
    needs_approval: bool = strawberry.field(
        default=True,
        description="Whether you let each of them into the reserve pool; else those whose meter is "
        "new and near enough stand there as soon as their address is confirmed.",
    )
    privacy_notice: str | None = strawberry.field(
        default=None,
        description="What people read before they sign up, 1 to 10,000 characters (GDPR, article "
        "13); another text is another version. Without one, that of before stays.",
    )


@strawberry.input(description="Which community nobody is to find any more.")
class UnpublishCommunityInput:
    """A community."""

    community_id: strawberry.ID = strawberry.field(description="Global id of the community.")


@strawberry.input(description="A sign-up.")
class SignUpInputById:
    """Which."""

    sign_up_id: strawberry.ID = strawberry.field(description="Global id of the sign-up.")


@strawberry.input(description="A sign-up that is refused.")
class RefuseSignUpInput:
    """Which, and why."""

    sign_up_id: strawberry.ID = strawberry.field(description="Global id of the sign-up.")
    reason: str = strawberry.field(
        description="Why, 1 to 500 characters on one line; it is mailed to who signed up."
    )


@strawberry.type(description="The page of a community, or why it stays as it was.")
class PublicPagePayload:
    """Answer of ``publishCommunity`` and ``unpublishCommunity``."""

    page: PublicPage | None = strawberry.field(description="The page.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being changed.")


@strawberry.type(description="The sign-up, or why it stays as it was.")
class JudgedSignUpPayload:
    """Answer of ``approveSignUp``, ``refuseSignUp`` and ``renewSignUpLink``."""

    sign_up: SignUp | None = strawberry.field(description="The sign-up.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being done.")


@strawberry.type
class PublicPageMutations:
    """The promoter's part of what is public."""

    @strawberry.mutation(
        description="Publish the page of a community, or change what it says: its name, plants and "
        "sums are told to everybody."
    )
    async def publish_community(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            PublishCommunityInput, strawberry.argument(description="What to tell.")
        ],
    ) -> PublicPagePayload:
        """Store it."""

        async def store() -> Any:
            return await info.context.write(
                publish_community,
                community_id=read_community(input.community_id),
                wish=_read_page(input),
                privacy_notice=input.privacy_notice,
                now=now(),
            )

        page, errors = await attempt(store(), _find_page_fault)
        return PublicPagePayload(page=page, user_errors=errors)

    @strawberry.mutation(
        description="Take the page of a community back: nobody finds it any more, and those who "
        "signed up stay."
    )
    async def unpublish_community(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            UnpublishCommunityInput, strawberry.argument(description="Of which.")
        ],
    ) -> PublicPagePayload:
        """Take it back."""

        async def store() -> Any:
            key = read_community(input.community_id)
            return await info.context.write(unpublish_community, community_id=key, now=now())

        page, errors = await attempt(store(), lambda _: ["communityId"])
        return PublicPagePayload(page=page, user_errors=errors)

    @strawberry.mutation(
        description="Put a confirmed sign-up at the end of the reserve pool, as a new member with "
        "its supply point."
    )
    async def approve_sign_up(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SignUpInputById, strawberry.argument(description="Which.")
        ],
    ) -> JudgedSignUpPayload:
        """Accept it."""
        return await _judge(
            info, approve_sign_up, input.sign_up_id, lambda: {"keyring": info.context.keyring}
        )

    @strawberry.mutation(
        description="Refuse a confirmed sign-up and mail the reason; its data are deleted 30 days "
        "later."
    )
    async def refuse_sign_up(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            RefuseSignUpInput, strawberry.argument(description="Which, and why.")
        ],
    ) -> JudgedSignUpPayload:
        """Refuse it."""
        told = {"reason": input.reason, "keyring": info.context.keyring}
        return await _judge(info, refuse_sign_up, input.sign_up_id, lambda: told)

    @strawberry.mutation(
        description="Mail who signed up a new link to follow it; the old one opens nothing then."
    )
    async def renew_sign_up_link(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            SignUpInputById, strawberry.argument(description="Which.")
        ],
    ) -> JudgedSignUpPayload:
        """Write to them."""
        return await _judge(
            info,
            renew_sign_up_link,
            input.sign_up_id,
            lambda: {"desk": require_link_desk(info.context.settings)},
        )


async def _judge(
    info: Info,
    use_case: Callable[..., Any],
    sign_up_id: strawberry.ID,
    tell: Callable[[], dict[str, Any]],
) -> JudgedSignUpPayload:
    async def change() -> Any:
        key = require_key(tables.SignUp, sign_up_id, UnknownSignUpError)
        return await info.context.write(use_case, sign_up_id=key, now=now(), **tell())

    changed, errors = await attempt(change(), _find_sign_up_fault)
    return JudgedSignUpPayload(sign_up=changed, user_errors=errors)


def _read_page(given: PublishCommunityInput) -> PageWish:
    return PageWish(
        slug=given.slug,
        municipality=given.municipality,
        contact_email=given.contact_email,
        text_es=given.text_es,
        text_ca=given.text_ca,
        text_en=given.text_en,
        free_places=given.free_places,
        is_open=given.is_open,
        needs_approval=given.needs_approval,
    )


def _find_page_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    match error:
        case UnfitSlugError() | SlugTakenError():
            return ["slug"]
        case UnfitEmailError():
            return ["contactEmail"]
        case MissingNoticeError():
            return ["privacyNotice"]
        case UnknownCommunityError() | UnpublishedError():
            return ["communityId"]
        case UnfitPageError(field=field):
            return [_FIELDS[field]]
        case TextlessPageError():
            return ["textEs"]
    return []


def _find_sign_up_fault(error: CommunityError) -> list[str]:
    """Name the input at fault."""
    return ["reason"] if isinstance(error, UnfitReasonError) else ["signUpId"]
