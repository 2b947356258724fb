"""Hourly prices of a community, packed by month."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice

MISSING_PRICE = -(2**63)
"""Stands for an interval of a month whose price is not known."""


class PriceKind(StrEnum):
    """What a price is paid for."""

    ENERGY = "energy"
    SURPLUS = "surplus"
    DAY_AHEAD = "day-ahead"


class Price(OfPromoter, SQLModel, table=True):
    """One local month of prices, as little-endian int64 billionths of a euro per kWh."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("community_id", "kind", "starts_at", "version"),
        CheckConstraint("step_seconds IN (900, 3600)", name="known_step"),
        CheckConstraint("version >= 1", name="counted_version"),
        CheckConstraint(
            "interval_count > 0 AND length(price_nano_eur_per_kwh) = 8 * interval_count",
            name="whole_intervals",
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    kind: PriceKind = Field(sa_type=choice(PriceKind))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    step_seconds: int
    interval_count: int
    version: int
    price_nano_eur_per_kwh: bytes
    """Little-endian int64, one an interval; ``MISSING_PRICE`` where it is not known."""
    crc32: int = Field(sa_type=BigInteger)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
