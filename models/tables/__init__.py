"""Stored state and its constraints; importing this package registers every table.

It bounds sessions too: what lies beyond the reach of a caller is left out of what it asks.
"""

from sqlalchemy import event
from sqlmodel import Session

from models.tables.agency import (
    AgencyAnswer,
    AgencyStatus,
    AgencySubmission,
    SubmissionState,
)
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
from models.tables.audit import AuditEntry
from models.tables.communities import Community, SelfConsumptionInstallation
from models.tables.debts import DebtStep, FinalSettlement, HolderChange, ProtectedSupply
from models.tables.erasures import Erasure
from models.tables.file_imports import FileImport, ImportSubject
from models.tables.invoices import (
    FIRST_ATTEMPT,
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
from models.tables.ledger import (
    Instalment,
    LedgerEntry,
    Payment,
    PaymentRefund,
    PaymentReturn,
)
from models.tables.mandates import (
    CreditorAccount,
    Debit,
    DebitRun,
    DebitStatus,
    Mandate,
    MandateAccount,
)
from models.tables.members import Member, Membership, SupplyPoint
from models.tables.notifications import Notification, NotificationKind
from models.tables.outbox import (
    AttemptOutcome,
    MessageState,
    OutboxAttachment,
    OutboxAttempt,
    OutboxMessage,
)
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
    ProposedBill,
    ProposedCoefficient,
    SimulatedYear,
)
from models.tables.reach import bound_statement
from models.tables.readings import Reading
from models.tables.reserve_pool import ApplicationState, ReserveApplication
from models.tables.retail_contracts import RetailContract
from models.tables.schedules import RemoteQuery, ScheduledSlot
from models.tables.sign_ins import ExternalIdentity, LinkPurpose, OneTimeLink, UserSession
from models.tables.sign_ups import PrivacyNotice, PublicPage, SignUp, SignUpState
from models.tables.studies import (
    CandidateSuitability,
    CapacitySharing,
    MemberAssignment,
    VacancyFilling,
)
from models.tables.users import AccountGrant, UserAccount
from models.values.metering import Channel

__all__ = [
    "FIRST_ATTEMPT",
    "MISSING_PRICE",
    "AccountGrant",
    "AgencyAnswer",
    "AgencyStatus",
    "AgencySubmission",
    "AgreementState",
    "AllocatedEnergy",
    "ApiToken",
    "ApplicationAct",
    "ApplicationState",
    "AppliedChange",
    "AppliedCoefficient",
    "AttemptOutcome",
    "AuditEntry",
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
    "CreditorAccount",
    "Debit",
    "DebitRun",
    "DebitStatus",
    "DebtStep",
    "DistributionAgreement",
    "DistributionCoefficient",
    "Erasure",
    "ExternalIdentity",
    "FileImport",
    "Filing",
    "FilingState",
    "FinalSettlement",
    "FiscalRecord",
    "FiscalRecordKind",
    "GeneratedFile",
    "GeneratedKind",
    "HolderChange",
    "HourlyCoefficients",
    "ImportSubject",
    "Instalment",
    "Invoice",
    "InvoiceFile",
    "InvoiceFileKind",
    "InvoiceIssuer",
    "InvoiceLine",
    "InvoiceSeries",
    "InvoiceTax",
    "JobRun",
    "JobState",
    "LedgerEntry",
    "LinkPurpose",
    "Mandate",
    "MandateAccount",
    "Member",
    "MemberAssignment",
    "Membership",
    "MessageState",
    "MonthAllocation",
    "Notification",
    "NotificationKind",
    "OneTimeLink",
    "OutboxAttachment",
    "OutboxAttempt",
    "OutboxMessage",
    "Payer",
    "Payment",
    "PaymentPlan",
    "PaymentRefund",
    "PaymentReturn",
    "PlanSubscription",
    "PlanTerm",
    "Price",
    "PriceKind",
    "PrivacyNotice",
    "Promoter",
    "ProposalReport",
    "ProposalState",
    "ProposedBill",
    "ProposedCoefficient",
    "ProtectedSupply",
    "PublicPage",
    "Reading",
    "RemoteQuery",
    "ReserveApplication",
    "RetailContract",
    "ScheduledSlot",
    "SelfConsumptionInstallation",
    "SignUp",
    "SignUpState",
    "SimulatedYear",
    "SubmissionState",
    "SupplyPoint",
    "Upload",
    "UserAccount",
    "UserSession",
    "VacancyFilling",
]

event.listen(Session, "do_orm_execute", bound_statement)
