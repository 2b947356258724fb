"""Energy communities and their installations."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, place_on_earth, text_length
from models.values.calendar import Zone
from models.values.modality import Modality


class Community(OfPromoter, SQLModel, table=True):
    """Neighbours who share; ``code`` is the id that its promoter gave it."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("promoter_id", "code"),
        text_length("code", 100),
        text_length("name", 200),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    code: str = Field(max_length=100)
    name: str = Field(max_length=200)
    timezone: str = Field(max_length=40)
    zone: Zone = Field(sa_type=choice(Zone))
    created_at: datetime = Field(sa_type=UtcDateTime)


class SelfConsumptionInstallation(OfPromoter, SQLModel, table=True):
    """A plant that several share, known to the distributor by its CAU."""

    __tablename__ = "self_consumption_installation"
    __table_args__ = (
        UniqueConstraint("promoter_id", "cau"),
        CheckConstraint("inverter_power_w > 0", name="inverter_power_positive"),
        text_length("file_profile", 64),
        place_on_earth(),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    cau: str = Field(max_length=26)
    position: int = 0
    """Place in the community's list."""
    inverter_power_w: int
    modality: Modality | None = Field(default=None, sa_type=choice(Modality))
    """What becomes of its surplus, where it is known."""
    is_internal: bool | None = None
    """Whether it is joined to its members' own network, not through the public one."""
    file_profile: str | None = Field(default=None, max_length=64)
    """How its distributor wants the file of coefficients; the recommended way when None."""
    lat: float | None = None
    lon: float | None = None
