"""Distribution agreements, their coefficients, and what the distributor made of them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.tables.columns import OfPromoter, UtcDateTime, choice, text_length
from models.values.calendar import CLOCK_HOURS
from models.values.coefficient import MILLIONTHS


class AgreementState(StrEnum):
    """A draft is published, withdrawn or rejected; a published one only gives way to the next."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class CoefficientMode(StrEnum):
    """Whether a share is the same all year or stated for every hour beforehand."""

    CONSTANT = "constant"
    HOURLY = "hourly"


class DistributionAgreement(OfPromoter, SQLModel, table=True):
    """One set of coefficients for an installation, sealed once published."""

    __tablename__ = "distribution_agreement"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('published', 'superseded')) = (published_at IS NOT NULL)",
            name="published_has_instant",
        ),
        CheckConstraint(
            "(state IN ('withdrawn', 'rejected')) = (closed_at IS NOT NULL)"
            " AND (closed_at IS NULL) = (closed_because IS NULL)",
            name="closed_has_reason",
        ),
        text_length("closed_because", 500),
        Index(
            "ix_distribution_agreement_one_published",
            "installation_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    proposal_id: UUID | None = Field(default=None, foreign_key="coefficient_proposal.id")
    state: AgreementState = Field(default=AgreementState.DRAFT, sa_type=choice(AgreementState))
    mode: CoefficientMode = Field(
        default=CoefficientMode.CONSTANT,
        sa_type=choice(CoefficientMode),
        sa_column_kwargs={"server_default": "constant"},
    )
    file_year: int
    """Year of the distributor's file."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the draft was withdrawn or rejected."""
    closed_because: str | None = Field(default=None, max_length=500)


class DistributionCoefficient(OfPromoter, SQLModel, table=True):
    """One supply point's share under an agreement; of hourly shares, their mean over the file."""

    __tablename__ = "distribution_coefficient"
    __table_args__ = (
        CheckConstraint(f"millionths BETWEEN 0 AND {MILLIONTHS}", name="share_of_one"),
        UniqueConstraint("agreement_id", "position"),
    )

    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    position: int
    """Place in the distributor's file."""
    millionths: int


class HourlyCoefficients(OfPromoter, SQLModel, table=True):
    """One supply point's share in every hour of a year by the clock, without 29 February."""

    __tablename__ = "hourly_coefficients"
    __table_args__ = (
        CheckConstraint(f"length(millionths) = {4 * CLOCK_HOURS}", name="whole_year"),
    )

    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", primary_key=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    millionths: bytes
    """Little-endian int32, one for each of the 8,760 hours, as a profile counts them."""


class FilingState(StrEnum):
    """What became of an agreement that was sent to the distributor."""

    IN_FLIGHT = "in-flight"
    APPLIED = "applied"
    REFUSED = "refused"


class Filing(OfPromoter, SQLModel, table=True):
    """An agreement sent to the distributor; an installation has one change in flight at most."""

    __tablename__ = "filing"
    __table_args__ = (
        CheckConstraint("(state = 'in-flight') = (answered_on IS NULL)", name="answer_has_day"),
        CheckConstraint("(state = 'refused') = (refused_because IS NOT NULL)", name="refusal_said"),
        text_length("refused_because", 500),
        Index(
            "ix_filing_one_in_flight",
            "installation_id",
            unique=True,
            sqlite_where=text("state = 'in-flight'"),
            postgresql_where=text("state = 'in-flight'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", index=True)
    state: FilingState = Field(default=FilingState.IN_FLIGHT, sa_type=choice(FilingState))
    filed_on: date
    """Day on which it was complete and correct at the distributor's."""
    answered_on: date | None = None
    refused_because: str | None = Field(default=None, max_length=500)
    created_at: datetime = Field(sa_type=UtcDateTime)


class AppliedCoefficient(OfPromoter, SQLModel, table=True):
    """Days on which the distributor applied an agreement to a supply point.

    The periods of a supply point in an installation never overlap: the database sees to it.
    """

    __tablename__ = "applied_coefficient"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="period_forward"),
        UniqueConstraint("installation_id", "supply_point_id", "valid_from"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", index=True)
    valid_from: date
    valid_until: date | None = None


class ApplicationAct(StrEnum):
    """What was done to the record of what the distributor applied."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    ENDED = "ended"
    REMOVED = "removed"


class AppliedChange(OfPromoter, SQLModel, table=True):
    """One act on the record of what the distributor applied; only ever appended."""

    __tablename__ = "applied_change"
    __table_args__ = (text_length("reason", 500),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    installation_id: UUID = Field(foreign_key="self_consumption_installation.id", index=True)
    supply_point_id: UUID = Field(foreign_key="supply_point.id", index=True)
    agreement_id: UUID = Field(foreign_key="distribution_agreement.id")
    act: ApplicationAct = Field(sa_type=choice(ApplicationAct))
    valid_from: date
    """As the record stands after the act; of a removed one, as it stood."""
    valid_until: date | None = None
    reason: str | None = Field(default=None, max_length=500)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class GeneratedKind(StrEnum):
    """What was made of an agreement."""

    DISTRIBUTOR_FILE = "distributor-file"
    SHARING_AGREEMENT = "sharing-agreement"


class GeneratedFile(OfPromoter, SQLModel, table=True):
    """A file as it was handed out, kept with its digest; only ever appended."""

    __tablename__ = "generated_file"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="whole_digest"),
        text_length("file_name", 200),
        UniqueConstraint("agreement_id", "kind", "variant", "sha256"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    promoter_id: UUID = Field(foreign_key="promoter.id", index=True)
    agreement_id: UUID = Field(foreign_key="distribution_agreement.id", index=True)
    kind: GeneratedKind = Field(sa_type=choice(GeneratedKind))
    variant: str = Field(max_length=64)
    """Profile of a distributor's file, language of a document."""
    file_name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    content: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)
