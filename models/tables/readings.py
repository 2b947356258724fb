"""Meter readings, packed by month, and their versions."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice
from models.values.metering import Channel


class Reading(OfPromoter, SQLModel, table=True):
    """One local month of one channel of one meter, as little-endian int32 watt-hours.

    Generation belongs to an installation, all else to a supply point. A correction is a new
    version; nothing is overwritten.
    """

    __tablename__ = "reading"
    __table_args__ = (
        CheckConstraint(
            "(channel = 'generation') = (installation_id IS NOT NULL)"
            " AND (channel <> 'generation') = (supply_point_id IS NOT NULL)",
            name="one_meter",
        ),
        CheckConstraint("step_seconds IN (900, 3600)", name="known_step"),
        CheckConstraint("version >= 1", name="counted_version"),
        CheckConstraint(
            "interval_count > 0 AND length(energy_wh) = 4 * interval_count"
            " AND length(quality) IN (1, interval_count)",
            name="whole_intervals",
        ),
        UniqueConstraint("supply_point_id", "channel", "starts_at", "version"),
        UniqueConstraint("installation_id", "starts_at", "version"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    supply_point_id: UUID | None = Field(default=None, foreign_key="supply_point.id")
    installation_id: UUID | None = Field(
        default=None, foreign_key="self_consumption_installation.id"
    )
    channel: Channel = Field(sa_type=choice(Channel))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    step_seconds: int
    interval_count: int
    version: int
    energy_wh: bytes
    """Little-endian int32, one an interval."""
    quality: bytes
    """One ``Quality`` an interval, or a single one that all share."""
    crc32: int = Field(sa_type=BigInteger)
    """Of the energy, then the quality."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)
