"""Stored state and its constraints; importing this package registers every table."""

from models.tables.agreements import (
    AgreementState,
    ApplicationAct,
    AppliedChange,
    AppliedCoefficient,
    CoefficientMode,
    DistributionAgreement,
    DistributionCoefficient,
    Filing,
    FilingState,
    GeneratedFile,
    GeneratedKind,
    HourlyCoefficients,
)
from models.tables.allocations import AllocatedEnergy, MonthAllocation
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.file_imports import FileImport, ImportSubject
from models.tables.invoices import (
    BilledEnergy,
    BilledPeriod,
    BillingRun,
    FiscalRecord,
    FiscalRecordKind,
    Invoice,
    InvoiceFile,
    InvoiceFileKind,
    InvoiceLine,
    InvoiceSeries,
    InvoiceTax,
)
from models.tables.jobs import JobRun, JobState, Upload
from models.tables.members import Member, Membership, SupplyPoint
from models.tables.payment_plans import (
    InvoiceIssuer,
    Payer,
    PaymentPlan,
    PlanSubscription,
    PlanTerm,
)
from models.tables.prices import MISSING_PRICE, Price, PriceKind
from models.tables.promoters import ApiToken, Promoter
from models.tables.proposals import (
    ClassCoefficients,
    CoefficientProposal,
    ProposalReport,
    ProposalState,
    ProposedCoefficient,
    SimulatedYear,
)
from models.tables.readings import Reading
from models.tables.reserve_pool import ApplicationState, ReserveApplication
from models.tables.schedules import RemoteQuery, ScheduledSlot
from models.tables.studies import (
    CandidateSuitability,
    CapacitySharing,
    MemberAssignment,
    VacancyFilling,
)
from models.tables.users import UserAccount, UserRole
from models.values.metering import Channel

__all__ = [
    "MISSING_PRICE",
    "AgreementState",
    "AllocatedEnergy",
    "ApiToken",
    "ApplicationAct",
    "ApplicationState",
    "AppliedChange",
    "AppliedCoefficient",
    "BilledEnergy",
    "BilledPeriod",
    "BillingRun",
    "CandidateSuitability",
    "CapacitySharing",
    "Channel",
    "ClassCoefficients",
    "CoefficientMode",
    "CoefficientProposal",
    "Community",
    "DistributionAgreement",
    "DistributionCoefficient",
    "FileImport",
    "Filing",
    "FilingState",
    "FiscalRecord",
    "FiscalRecordKind",
    "GeneratedFile",
    "GeneratedKind",
    "HourlyCoefficients",
    "ImportSubject",
    "Invoice",
    "InvoiceFile",
    "InvoiceFileKind",
    "InvoiceIssuer",
    "InvoiceLine",
    "InvoiceSeries",
    "InvoiceTax",
    "JobRun",
    "JobState",
    "Member",
    "MemberAssignment",
    "Membership",
    "MonthAllocation",
    "Payer",
    "PaymentPlan",
    "PlanSubscription",
    "PlanTerm",
    "Price",
    "PriceKind",
    "Promoter",
    "ProposalReport",
    "ProposalState",
    "ProposedCoefficient",
    "Reading",
    "RemoteQuery",
    "ReserveApplication",
    "ScheduledSlot",
    "SelfConsumptionInstallation",
    "SimulatedYear",
    "SupplyPoint",
    "Upload",
    "UserAccount",
    "UserRole",
    "VacancyFilling",
]
