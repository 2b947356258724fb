"""Debts that are followed, supplies that are protected, holders that change, settlements."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.debts import DebtStage, SupplyProtection


class DebtStep(OfPromoter, SQLModel, table=True):
    """What was done about a member's debt to an issuer.

    It counts for as long as the oldest amount that is overdue was due by its day.
    """

    __tablename__ = "debt_step"
    __table_args__ = (
        UniqueConstraint("issuer_id", "member_id", "stage", "oldest_due_on"),
        CheckConstraint("open_cents >= 1", name="of_something"),
        CheckConstraint("taken_on > oldest_due_on", name="after_due_day"),
        CheckConstraint(
            "(stage IN ('suspension', 'termination')) = (because IS NOT NULL)",
            name="decisions_said",
        ),
        CheckConstraint(
            "message_id IS NULL OR stage IN ('reminder', 'demand', 'notice')", name="letters_sent"
        ),
        text_length("because", 500),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    stage: DebtStage = Field(sa_type=choice(DebtStage))
    taken_on: date
    oldest_due_on: date
    """Due day of the oldest amount that was overdue."""
    open_cents: int = Field(sa_type=BigInteger)
    """What was overdue."""
    because: str | None = Field(default=None, max_length=500)
    message_id: UUID | None = Field(default=None, foreign_key="outbox_message.id")
    """E-mail that told of it; none where there was no address, or a letter went by post."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class ProtectedSupply(OfPromoter, SQLModel, table=True):
    """Days on which a supply point is not cut off for a debt."""

    __tablename__ = "protected_supply"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period_forward"),
        text_length("because", 500),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    protection: SupplyProtection = Field(sa_type=choice(SupplyProtection))
    valid_from: date
    valid_until: date | None = None
    because: str = Field(max_length=500)
    """Which document says so; nothing about anybody's health."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class HolderChange(OfPromoter, SQLModel, table=True):
    """A supply point that went from one member to another."""

    __tablename__ = "holder_change"
    __table_args__ = (UniqueConstraint("supply_point_id", "changed_on"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    from_member_id: UUID = Field(foreign_key="member.id", index=True)
    to_member_id: UUID = Field(foreign_key="member.id", index=True)
    changed_on: date
    """First day of the new holder."""
    is_subrogated: bool
    """Whether the new one takes over what the old one agreed on."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class FinalSettlement(OfPromoter, SQLModel, table=True):
    """What stood between a member and an issuer when a supply point left."""

    __tablename__ = "final_settlement"
    __table_args__ = (
        UniqueConstraint("supply_point_id", "issuer_id", "left_on"),
        CheckConstraint("owed_cents >= 0 AND prepaid_cents >= 0", name="at_least_zero"),
        CheckConstraint("owed_cents = 0 OR prepaid_cents = 0", name="set_against_each_other"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    issuer_id: UUID = Field(foreign_key="invoice_issuer.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    left_on: date
    """First day on which it no longer took part."""
    owed_cents: int = Field(sa_type=BigInteger)
    """What the member still owes."""
    prepaid_cents: int = Field(sa_type=BigInteger)
    """What is the member's, to be refunded."""
    settled_at: datetime = Field(sa_type=UtcDateTime)
