"""Stored state and its constraints; importing this package registers every table."""

from models.tables.agreements import (
    AgreementState,
    DistributionAgreement,
    DistributionCoefficient,
)
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.jobs import JobRun, JobState, Upload
from models.tables.members import Member, Membership, SupplyPoint
from models.tables.prices import Price, PriceKind
from models.tables.promoters import ApiToken, Promoter
from models.tables.proposals import (
    ClassCoefficients,
    CoefficientProposal,
    ProposalReport,
    ProposalState,
    ProposedCoefficient,
    SimulatedYear,
)
from models.tables.readings import Channel, Reading
from models.tables.reserve_pool import ApplicationState, ReserveApplication
from models.tables.studies import (
    CandidateSuitability,
    CapacitySharing,
    MemberAssignment,
    VacancyFilling,
)

__all__ = [
    "AgreementState",
    "ApiToken",
    "ApplicationState",
    "CandidateSuitability",
    "CapacitySharing",
    "Channel",
    "ClassCoefficients",
    "CoefficientProposal",
    "Community",
    "DistributionAgreement",
    "DistributionCoefficient",
    "JobRun",
    "JobState",
    "Member",
    "MemberAssignment",
    "Membership",
    "Price",
    "PriceKind",
    "Promoter",
    "ProposalReport",
    "ProposalState",
    "ProposedCoefficient",
    "Reading",
    "ReserveApplication",
    "SelfConsumptionInstallation",
    "SimulatedYear",
    "SupplyPoint",
    "Upload",
    "VacancyFilling",
]
