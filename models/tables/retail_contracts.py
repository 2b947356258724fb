"""What members agreed on with their retailers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, text_length


class RetailContract(OfPromoter, SQLModel, table=True):
    """A supply point's contract from a day on, until a later one begins; it never changes.

    Of two that begin on one day, the one recorded last holds.
    """

    __tablename__ = "retail_contract"
    __table_args__ = (
        UniqueConstraint("supply_point_id", "valid_from", "recorded_at"),
        text_length("name", 100),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    name: str = Field(max_length=100)
    valid_from: date
    document: dict[str, Any] = Field(sa_type=JSON)
    """As docs/retail-contracts.md describes it, without the supply points that it is for."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)
