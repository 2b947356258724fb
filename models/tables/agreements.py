"""Distribution agreements and their coefficients."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import UtcDateTime, choice
from models.values.coefficient import MILLIONTHS


class AgreementState(StrEnum):
    """A draft can change; a published agreement only gives way to the next."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class DistributionAgreement(SQLModel, table=True):
    """One set of constant coefficients for an installation, sealed once published."""

    __tablename__ = "distribution_agreement"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_has_instant"),
        Index(
            "ix_distribution_agreement_one_published",
            "installation_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    proposal_id: UUID | None = Field(default=None, foreign_key="coefficient_proposal.id")
    state: AgreementState = Field(default=AgreementState.DRAFT, sa_type=choice(AgreementState))
    file_year: int
    """Year of the distributor's file."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DistributionCoefficient(SQLModel, table=True):
    """One supply point's share under an agreement."""

    __tablename__ = "distribution_coefficient"
    __table_args__ = (
        CheckConstraint(f"millionths BETWEEN 0 AND {MILLIONTHS}", name="share_of_one"),
        UniqueConstraint("agreement_id", "position"),
    )

    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    position: int
    """Place in the distributor's file."""
    millionths: int
