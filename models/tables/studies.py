"""What was found out for a promoter to decide on: admissions, candidates, growth, assignments.

Each row keeps what was asked for and the document that answers it, as they were.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime


class Study(SQLModel):
    """What every study keeps."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    job_run_id: UUID = Field(foreign_key="job_run.id", unique=True)
    year: int
    request: dict[str, object] = Field(sa_type=JSON)
    """What was asked for, and the day whose limits hold."""
    result: dict[str, object] = Field(sa_type=JSON)
    """What was found, in no language."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class VacancyFilling(OfPromoter, Study, table=True):
    """Who of the reserve should take the vacancies of a plant, and everybody's coefficients."""

    __tablename__ = "vacancy_filling"

    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)


class CandidateSuitability(OfPromoter, Study, table=True):
    """What one of the reserve would bring those who share a plant, and what it would get."""

    __tablename__ = "candidate_suitability"

    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    reserve_application_id: UUID = Field(foreign_key="reserve_application.id", index=True)


class CapacitySharing(OfPromoter, Study, table=True):
    """Who should get how much of a plant that grows."""

    __tablename__ = "capacity_sharing"

    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)


class MemberAssignment(OfPromoter, Study, table=True):
    """Who of a community should share in which of its plants, and with which coefficients."""

    __tablename__ = "member_assignment"

    community_id: UUID = Field(foreign_key="community.id", index=True)
