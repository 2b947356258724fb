"""What each supply point got of a month's generation, by the coefficients that were applied."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime


class MonthAllocation(OfPromoter, SQLModel, table=True):
    """One local month of one installation, shared out; another version when its inputs changed."""

    __tablename__ = "month_allocation"
    __table_args__ = (
        UniqueConstraint("installation_id", "starts_at", "version"),
        CheckConstraint("version >= 1", name="counted_version"),
        CheckConstraint("length(inputs_sha256) = 64", name="whole_digest"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    version: int
    generation_wh: int = Field(sa_type=BigInteger)
    unallocated_micro_wh: int = Field(sa_type=BigInteger)
    """Generation of steps in which what was applied does not sum to one [1e-6 Wh]."""
    inputs_sha256: str = Field(max_length=64)
    """Digest of the readings and coefficients that it was made from."""
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class AllocatedEnergy(OfPromoter, SQLModel, table=True):
    """One supply point's part of such a month, exact in millionths of a watt-hour."""

    __tablename__ = "allocated_energy"
    __table_args__ = (
        CheckConstraint(
            "0 <= self_consumed_micro_wh AND self_consumed_micro_wh <= allocated_micro_wh",
            name="used_of_allocated",
        ),
    )

    allocation_id: UUID = Field(foreign_key="month_allocation.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True, index=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    consumption_wh: int = Field(sa_type=BigInteger)
    allocated_micro_wh: int = Field(sa_type=BigInteger)
    self_consumed_micro_wh: int = Field(sa_type=BigInteger)
