"""What a community tells everybody, and those who ask to join it there."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.language import Language
from models.values.tariff import Tariff


class PublicPage(OfPromoter, SQLModel, table=True):
    """What a promoter tells everybody of a community, while it is published."""

    __tablename__ = "public_page"
    __table_args__ = (
        UniqueConstraint("community_id"),
        UniqueConstraint("slug"),
        CheckConstraint("slug = lower(slug)", name="slug_in_small_letters"),
        text_length("slug", 60),
        text_length("municipality", 100),
        text_length("text_es", 2_000),
        text_length("text_ca", 2_000),
        text_length("text_en", 2_000),
        text_length("contact_email", 254),
        CheckConstraint("free_places >= 0", name="counted_places"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id")
    slug: str = Field(max_length=60)
    """Name of the page in addresses, unique in the installation."""
    municipality: str = Field(max_length=100)
    text_es: str | None = Field(default=None, max_length=2_000)
    text_ca: str | None = Field(default=None, max_length=2_000)
    text_en: str | None = Field(default=None, max_length=2_000)
    contact_email: str = Field(max_length=254)
    free_places: int | None = None
    """How many more can join, if the promoter tells."""
    is_open: bool = False
    """Whether people can sign up."""
    needs_approval: bool = True
    """Whether the promoter lets each of them into the reserve pool."""
    is_published: bool = True
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PrivacyNotice(OfPromoter, SQLModel, table=True):
    """What people read before they hand their data in; another text is another version."""

    __tablename__ = "privacy_notice"
    __table_args__ = (
        UniqueConstraint("community_id", "version"),
        CheckConstraint("version >= 1", name="counted_version"),
        text_length("text", 10_000),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id")
    version: int
    text: str = Field(max_length=10_000)
    published_at: datetime = Field(sa_type=UtcDateTime)


class SignUpState(StrEnum):
    """Where a sign-up stands."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SignUp(OfPromoter, SQLModel, table=True):
    """Somebody who asks to join; who it is rests sealed."""

    __tablename__ = "sign_up"
    __table_args__ = (
        Index("ix_sign_up_list", "community_id", "created_at", "id"),
        CheckConstraint("contracted_power_w > 0", name="contracted_power_positive"),
        CheckConstraint("yearly_consumption_wh >= 0", name="yearly_consumption_at_least_zero"),
        CheckConstraint("distance_m >= 0", name="distance_at_least_zero"),
        CheckConstraint("expires_at > created_at", name="lasts_a_while"),
        CheckConstraint("length(email_index) = 32", name="whole_email_index"),
        CheckConstraint("length(meter_index) = 32", name="whole_meter_index"),
        CheckConstraint(
            "(state = 'unconfirmed') = (confirmation_sha256 IS NOT NULL)",
            name="unconfirmed_has_link",
        ),
        CheckConstraint(
            "(state = 'unconfirmed') = (confirmed_at IS NULL)", name="confirmed_has_instant"
        ),
        CheckConstraint(
            "(state IN ('unconfirmed', 'confirmed')) = (decided_at IS NULL)",
            name="decided_has_instant",
        ),
        CheckConstraint(
            "(state = 'refused') = (refused_because IS NOT NULL)", name="refused_has_reason"
        ),
        CheckConstraint(
            "state <> 'accepted' OR application_id IS NOT NULL", name="accepted_has_application"
        ),
        CheckConstraint(
            "network_index IS NULL OR (state = 'unconfirmed' AND length(network_index) = 32)",
            name="network_until_confirmed",
        ),
        text_length("refused_because", 500),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id")
    notice_id: UUID = Field(foreign_key="privacy_notice.id")
    """What was read and agreed to, at ``created_at``."""
    state: SignUpState = Field(default=SignUpState.UNCONFIRMED, sa_type=choice(SignUpState))
    sealed_details: bytes
    """Name, tax number, addresses, CUPS and place, which open in this row alone."""
    email_index: bytes = Field(index=True)
    """By which the same e-mail address is found."""
    meter_index: bytes = Field(index=True)
    """By which the same meter is found."""
    network_index: bytes | None = None
    """By which sign-ups from the same network are counted, until they are confirmed."""
    tariff: Tariff = Field(sa_type=choice(Tariff))
    contracted_power_w: int
    yearly_consumption_wh: int | None = Field(default=None, sa_type=BigInteger)
    distance_m: int | None = None
    """To the nearest plant; None where it was not checked."""
    language: Language = Field(sa_type=choice(Language))
    confirmation_sha256: str | None = Field(default=None, max_length=64, unique=True)
    """Digest of the secret in the link that confirms, until it was used."""
    status_sha256: str | None = Field(default=None, max_length=64, unique=True)
    """Digest of the secret in the link that tells how it stands."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    """When it is forgotten, if nobody confirms it."""
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_because: str | None = Field(default=None, max_length=500)
    application_id: UUID | None = Field(
        default=None, foreign_key="reserve_application.id", index=True
    )
