"""Proposals of coefficients, and what they and the rules they are compared with would bring."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice
from models.values.coefficient import MILLIONTHS


class ProposalState(StrEnum):
    """Whether a proposal became an agreement."""

    OPEN = "open"
    ACCEPTED = "accepted"


class CoefficientProposal(OfPromoter, SQLModel, table=True):
    """Coefficients that a plan found best, with the proof of how good they are."""

    __tablename__ = "coefficient_proposal"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    job_run_id: UUID = Field(foreign_key="job_run.id", unique=True)
    year: int
    state: ProposalState = Field(default=ProposalState.OPEN, sa_type=choice(ProposalState))
    request: dict[str, object] = Field(sa_type=JSON)
    """The objective and limits that were asked for, in the names of the command line."""
    result: dict[str, object] = Field(sa_type=JSON)
    """``proposal.json`` as it is handed out, but for the coefficients by class of hours."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class ProposedCoefficient(OfPromoter, SQLModel, table=True):
    """One supply point's share under a proposal."""

    __tablename__ = "proposed_coefficient"
    __table_args__ = (
        CheckConstraint(f"millionths BETWEEN 0 AND {MILLIONTHS}", name="share_of_one"),
        UniqueConstraint("proposal_id", "position"),
    )

    proposal_id: UUID = Field(foreign_key="coefficient_proposal.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    position: int
    millionths: int


class ClassCoefficients(OfPromoter, SQLModel, table=True):
    """One supply point's share in every class of hours, beside its constant one."""

    __tablename__ = "class_coefficients"
    __table_args__ = (
        CheckConstraint(
            "class_count > 0 AND length(millionths) = 4 * class_count", name="whole_classes"
        ),
    )

    proposal_id: UUID = Field(foreign_key="coefficient_proposal.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    class_count: int
    millionths: bytes
    """Little-endian int32, one a class."""


class SimulatedYear(OfPromoter, SQLModel, table=True):
    """One supply point's year, by local month, under a proposal or a rule."""

    __tablename__ = "simulated_year"

    proposal_id: UUID = Field(foreign_key="coefficient_proposal.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    scenario: str = Field(max_length=32, primary_key=True)
    """``proposal`` or the name of a rule to compare with."""
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    months: dict[str, list[int]] = Field(sa_type=JSON)
    """Twelve values under each name: energy in millionths of a kWh, money in those of a euro."""


class ProposedBill(OfPromoter, SQLModel, table=True):
    """What one supply point's retail bills of the year come to, before a proposal and after."""

    __tablename__ = "proposed_bill"

    proposal_id: UUID = Field(foreign_key="coefficient_proposal.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    without_cents: int = Field(sa_type=BigInteger)
    before_cents: int | None = Field(default=None, sa_type=BigInteger)
    """Under the coefficients in force when it was made; null where there were none."""
    after_cents: int = Field(sa_type=BigInteger)
    months: dict[str, list[int]] = Field(sa_type=JSON)
    """Twelve amounts in cents under ``without``, ``before`` if known, and ``after``."""


class ProposalReport(OfPromoter, SQLModel, table=True):
    """A proposal's report as it was drawn when the proposal was made, in one language."""

    __tablename__ = "proposal_report"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="whole_digest"),)

    proposal_id: UUID = Field(foreign_key="coefficient_proposal.id", primary_key=True)
    language: str = Field(max_length=2, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    sha256: str = Field(max_length=64)
    content: bytes
    """An XLSX workbook."""
