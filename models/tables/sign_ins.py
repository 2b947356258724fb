"""How people get in: sessions, links that work once, and identities that others vouch for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length


class LinkPurpose(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password-reset"  # noqa: S105  the name of a purpose
    EMAIL_CONFIRMATION = "email-confirmation"


class UserSession(OfPromoter, SQLModel, table=True):
    """A time for which somebody is signed in; only the digest of its cookie is kept."""

    __tablename__ = "user_session"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="lasts_a_while"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id", index=True)
    account_id: UUID = Field(foreign_key="user_account.id", index=True)
    sha256: str = Field(max_length=64, unique=True)
    awaits_second_factor: bool = False
    """Whether it opens nothing yet but the question for a code."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    """To the quarter of an hour, so that reading does not write."""
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OneTimeLink(OfPromoter, SQLModel, table=True):
    """A link that was sent by e-mail and works once; only its digest is kept."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="lasts_a_while"),
        CheckConstraint(
            "(purpose = 'email-confirmation') = (email IS NOT NULL)", name="confirms_an_address"
        ),
        text_length("email", 254),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    """That of the e-mail which carries it, too."""
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id", index=True)
    account_id: UUID = Field(foreign_key="user_account.id", index=True)
    purpose: LinkPurpose = Field(sa_type=choice(LinkPurpose))
    sha256: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    email: str | None = Field(default=None, max_length=254)
    """The address that it confirms."""


class ExternalIdentity(OfPromoter, SQLModel, table=True):
    """Who an account is to an OpenID provider."""

    __tablename__ = "external_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        text_length("issuer", 300),
        text_length("subject", 255),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id", index=True)
    account_id: UUID = Field(foreign_key="user_account.id", index=True)
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=255)
    created_at: datetime = Field(sa_type=UtcDateTime)
