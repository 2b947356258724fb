"""People who sign in, and how much each of them reaches."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.access import Role
from models.values.language import Language


class UserAccount(OfPromoter, SQLModel, table=True):
    """Somebody who signs in; an operator belongs to no promoter."""

    __tablename__ = "user_account"
    __table_args__ = (
        Index(
            "ix_user_account_held_email",
            "email",
            unique=True,
            sqlite_where=text("NOT awaits_acceptance"),
            postgresql_where=text("NOT awaits_acceptance"),
        ),
        text_length("email", 254),
        text_length("name", 200),
        CheckConstraint("email = lower(email)", name="email_in_small_letters"),
        CheckConstraint(
            "(role = 'operator') = (promoter_id IS NULL)", name="operator_has_no_promoter"
        ),
        CheckConstraint("role NOT IN ('integrator', 'public')", name="role_signs_in"),
        CheckConstraint("failed_sign_ins >= 0", name="counted_failures"),
        CheckConstraint(
            "totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name="confirmed_secret"
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id", index=True)
    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    role: Role = Field(sa_type=choice(Role))
    language: Language | None = Field(default=None, sa_type=choice(Language))
    """Which language they read; that of the installation when None."""
    password_hash: str | None = Field(default=None, max_length=200)
    """Argon2id, with its parameters; None before an invitation is taken up."""
    awaits_acceptance: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its owner has not taken the invitation up: anybody may be invited, and only who
    proves an address holds it among all promoters."""
    failed_sign_ins: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often in a row a wrong password was given."""
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When they may try again, after too many."""
    totp_secret: bytes | None = Field(default=None, max_length=200)
    """Secret of the second factor, sealed."""
    totp_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when a second factor is asked for."""
    totp_step: int | None = None
    """Time step of the code that was used last; it opens nothing again."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccountGrant(OfPromoter, SQLModel, table=True):
    """A community that an account looks after, or a member that it is."""

    __tablename__ = "account_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "community_id"),
        UniqueConstraint("account_id", "member_id"),
        CheckConstraint("(community_id IS NULL) <> (member_id IS NULL)", name="one_subject"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    account_id: UUID = Field(foreign_key="user_account.id")
    community_id: UUID | None = Field(default=None, foreign_key="community.id", index=True)
    member_id: UUID | None = Field(default=None, foreign_key="member.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
