"""The list of those who wait for a vacancy."""

from datetime import date
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, choice


class ApplicationState(StrEnum):
    """Where a reserve application stands."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    WITHDRAWN = "withdrawn"


class ReserveApplication(OfPromoter, SQLModel, table=True):
    """A supply point that would like to share in a community."""

    __tablename__ = "reserve_application"
    __table_args__ = (UniqueConstraint("community_id", "supply_point_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    position: int
    """Place in the promoter's list."""
    investment_cents: int | None = None
    applied_on: date | None = None
    state: ApplicationState = Field(
        default=ApplicationState.WAITING, sa_type=choice(ApplicationState)
    )
