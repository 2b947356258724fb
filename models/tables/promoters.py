"""The promoter, who is the tenant, and the tokens that open the API for it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, text_length


class Promoter(SQLModel, table=True):
    """Who runs installations: a town hall, an installer, a cooperative."""

    __tablename__ = "promoter"
    __table_args__ = (text_length("name", 200),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=200, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ApiToken(OfPromoter, SQLModel, table=True):
    """A bearer token; only its SHA-256 is kept, and a prefix to tell tokens apart."""

    __tablename__ = "api_token"
    __table_args__ = (text_length("name", 200), text_length("scopes", 500))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    name: str = Field(max_length=200)
    prefix: str = Field(max_length=16)
    sha256: str = Field(max_length=64, unique=True)
    scopes: str | None = Field(default=None, max_length=500)
    """What it may do, capabilities with spaces between; all that an integrator may when None."""
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """To the hour, so that reading does not write."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
