"""People and businesses, their supply points, and what they share in."""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, choice, place_on_earth, text_length
from models.values.modality import Modality
from models.values.tariff import Tariff


class Member(OfPromoter, SQLModel, table=True):
    """Somebody of a community, sharing or waiting; ``code`` is the promoter's own key."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        text_length("code", 100),
        text_length("kind", 100),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    community_id: UUID = Field(foreign_key="community.id", index=True)
    code: str = Field(max_length=100)
    kind: str | None = Field(default=None, max_length=100)


class SupplyPoint(OfPromoter, SQLModel, table=True):
    """A metered connection to the grid, known by its CUPS."""

    __tablename__ = "supply_point"
    __table_args__ = (
        UniqueConstraint("promoter_id", "cups"),
        CheckConstraint("contracted_power_w > 0", name="contracted_power_positive"),
        CheckConstraint("yearly_consumption_wh >= 0", name="yearly_consumption_at_least_zero"),
        place_on_earth(),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    member_id: UUID = Field(foreign_key="member.id", index=True)
    cups: str = Field(max_length=22)
    tariff: Tariff = Field(sa_type=choice(Tariff))
    contracted_power_w: int
    lat: float | None = None
    lon: float | None = None
    yearly_consumption_wh: int | None = Field(default=None, sa_type=BigInteger)
    """What its member declares, for where nothing was measured."""
    distributor_code: str | None = Field(default=None, max_length=8)
    """Code under which Datadis knows its distributor."""
    point_type: int | None = None
    """Type of its metering point, 1 to 5, as Datadis tells it."""


class Membership(OfPromoter, SQLModel, table=True):
    """A supply point that shares in an installation over a half-open period of days."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period_forward"),
        Index(
            "ix_membership_open",
            "installation_id",
            "supply_point_id",
            unique=True,
            sqlite_where=text("valid_until IS NULL"),
            postgresql_where=text("valid_until IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    position: int
    """Place in the promoter's list, which orders the distributor's file."""
    investment_cents: int | None = None
    modality: Modality | None = Field(default=None, sa_type=choice(Modality))
    """Modality of the supply point's own access contract, where it is known."""
    valid_from: date
    valid_until: date | None = None
