"""People who sign in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length


class UserRole(StrEnum):
    """What somebody may do."""

    OPERATOR = "operator"
    PROMOTER_ADMIN = "promoter-admin"


class UserAccount(OfPromoter, SQLModel, table=True):
    """Somebody who signs in with a password; an operator belongs to no promoter."""

    __tablename__ = "user_account"
    __table_args__ = (
        text_length("email", 254),
        text_length("name", 200),
        CheckConstraint("email = lower(email)", name="email_in_small_letters"),
        CheckConstraint(
            "(role = 'operator') = (promoter_id IS NULL)", name="operator_has_no_promoter"
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID | None = Field(default=None, foreign_key="promoter.id", index=True)
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=200)
    role: UserRole = Field(sa_type=choice(UserRole))
    password_hash: str = Field(max_length=200)
    """Argon2id, with its parameters."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
