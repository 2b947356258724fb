"""What a caller needs to be able to do for each field: the whole document is judged before it runs.

Rows stand for root fields and for the types that `node(id:)` finds; every other type is reached
through these alone. A field that leads into another realm has a row of its own. Which rows of the
database a caller sees is not decided here: its reach is a condition of every query.
"""

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

from models.values.access import Capability
from models.values.errors import CommunityError, ErrorCode

_NEEDED = {
    Capability.READ: """
        Community SelfConsumptionInstallation DistributionAgreement CoefficientProposal JobRun
        Filing VacancyFilling CapacitySharing MemberAssignment
        Query.communities Query.community Query.installation Query.node Query.nodes
        Query.jobs Mutation.exportData
        Query.fileProfiles
        Promoter.energy Promoter.benefits
        Subscription.job Subscription.notifications
    """,
    Capability.PERSONAL: """
        Member SupplyPoint ReserveApplication AppliedCoefficient RetailContract FileImport
        CandidateSuitability JobRun.importReport JobRun.fileReports JobRun.fetchedSupplyPoints
        JobRun.leftOut Finding.message
        VacancyFilling.places VacancyFilling.coefficients VacancyFilling.candidates
        VacancyFilling.downloads CapacitySharing.shares CapacitySharing.downloads
        MemberAssignment.plants MemberAssignment.bills MemberAssignment.downloads
        Community.fileImports
        Community.members Community.reservePool Community.completeness
        SelfConsumptionInstallation.memberships SelfConsumptionInstallation.appliedCoefficients
        SelfConsumptionInstallation.allocations
        DistributionAgreement.coefficients DistributionAgreement.hourlyShares
        DistributionAgreement.applied DistributionAgreement.appliedHistory
        CoefficientProposal.members CoefficientProposal.coefficients
        CoefficientProposal.settlements CoefficientProposal.curve CoefficientProposal.downloads
        CoefficientProposal.limits CoefficientProposal.classes
        CoefficientProposal.consumptionKwh CoefficientProposal.selfConsumedKwh
        CoefficientProposal.surplusKwh CoefficientProposal.gridImportKwh
        CoefficientProposal.savingsEur CoefficientProposal.upperBoundKwh
        CoefficientProposal.upperBoundEur CoefficientProposal.shareOfHourlyBound
        CoefficientProposal.totalSettlement CoefficientProposal.certificate
        CoefficientProposal.bills CoefficientProposal.rules CoefficientProposal.comparisons
        CoefficientProposal.evenness CoefficientProposal.unseen CoefficientProposal.robust
        VacancyFilling.selfConsumedKwh VacancyFilling.savingsEur
        VacancyFilling.upperBoundKwh VacancyFilling.upperBoundEur
        CapacitySharing.selfConsumedKwh CapacitySharing.savingsEur
        CapacitySharing.upperBoundKwh CapacitySharing.upperBoundEur
        MemberAssignment.selfConsumedKwh MemberAssignment.savingsEur
        MemberAssignment.upperBoundKwh MemberAssignment.upperBoundEur
        Query.checkRetailBill Query.checkDistributorFile Query.lateActivation
        SignUp Community.signUps
    """,
    Capability.RECORD: """
        Query.detectFile Mutation.importCommunity Mutation.createCommunity
        Mutation.createInstallation Mutation.recordRetailContract Mutation.importFile
        Mutation.importMembers Mutation.fillGaps Mutation.fetchReadings Mutation.fetchPrices
        Mutation.setInstallationDetails Mutation.setMembershipModality Mutation.allocateMonths
        Mutation.publishCommunity Mutation.unpublishCommunity Mutation.approveSignUp
        Mutation.refuseSignUp Mutation.renewSignUpLink
    """,
    Capability.PLAN: """
        Mutation.proposeCoefficients Mutation.fillVacancies Mutation.candidateSuitability
        Mutation.shareExtraCapacity Mutation.assignMembers
    """,
    Capability.AGREE: """
        Mutation.acceptProposal Mutation.draftAgreement Mutation.publishAgreement
        Mutation.withdrawAgreement Mutation.rejectAgreement Mutation.generateAgreementFile
        Mutation.fileAgreement Mutation.answerFiling Mutation.recordApplication
        Mutation.correctApplication Mutation.endApplication Mutation.removeApplication
    """,
    Capability.READ_MONEY: """
        Invoice InvoiceIssuer BillingRun PaymentPlan PlanSubscription Payer Mandate DebitRun
        Payment AgencySubmission OutboxMessage
        Community.paymentPlans Community.billingRuns JobRun.bankReport
        Member.payer Member.balance SupplyPoint.subscriptions
        Query.agencySubmissions Query.outboxMessages Query.previewBillingRun Query.invoices
        Query.invoiceIssuers Query.verifyInvoiceChain Query.previewDebitRun Query.openItems
        Query.payments Query.ledgerEntries Query.accountBalances Query.debts
        Mutation.exportAccounts Mutation.generateInvoiceFile Mutation.renderInvoices
    """,
    Capability.BILL: """
        Mutation.setPayer Mutation.createPaymentPlan Mutation.addPlanTerm
        Mutation.subscribeSupplyPoint Mutation.endSubscription Mutation.issueBillingRun
        Mutation.rectifyInvoice Mutation.cancelInvoice Mutation.sendFiscalRecords
        Mutation.mendFiscalRecord
        Mutation.mailInvoices Mutation.resendMessage
    """,
    Capability.COLLECT: """
        Mutation.recordMandate Mutation.changeMandateAccount Mutation.revokeMandate
        Mutation.createDebitRun Mutation.importDebitStatuses Mutation.importBankFile
        Mutation.recordPayment Mutation.assignReceipt Mutation.refundPayment Mutation.writeOff
        Mutation.agreeInstalments Mutation.takeDebtStep Mutation.sendDebtLetters
        Mutation.protectSupply Mutation.endProtection Mutation.settleMember Mutation.changeHolder
    """,
    Capability.ACCOUNT: """
        Mutation.changePassword Mutation.beginSecondFactor Mutation.confirmSecondFactor
        Mutation.removeSecondFactor Mutation.changeEmail Mutation.unlinkIdentity
    """,
    Capability.INVITE: """
        Account Query.accounts Mutation.inviteAccount Mutation.resendInvitation
        Mutation.grantAccess Mutation.withdrawAccess
    """,
    Capability.ADMINISTER: """
        Mutation.disableAccount Mutation.enableAccount Mutation.changeAccountRole
        AuditEntry Query.auditEntries
        Query.previewErasure Mutation.erasePerson Member.personalData
        ApiToken Query.apiTokens Mutation.createApiToken Mutation.revokeApiToken
        Mutation.createIssuer Mutation.updateIssuer Mutation.setCreditorAccount
    """,
}
"""A root field or type, by what its readers must be able to do."""

_OWN_FIELDS = {
    "Mutation": "exportData",
    "Subscription": "job notifications",
    "JobRun": "id kind state stage progress attempts createdAt startedAt finishedAt error download",
    "CoefficientProposal": "id state year createdAt installation coefficients",
    "Query": "communities community installation node nodes invoices jobs",
    "Community": "id name timezone zone installations members reservePool sharedMonths prices",
    "SelfConsumptionInstallation": "id cau modality isInternal inverterPowerKw community "
    "publishedAgreement proposals",
    "DistributionAgreement": "id state mode fileYear publishedAt closedAt installation "
    "coefficients applied",
    "Member": "id code kind community supplyPoints payer balance energy benefits personalData",
    "SupplyPoint": "id cups tariff lat lon contractedPowerKw member energy benefits "
    "energyByTariffPeriod "
    "simulateBill retailContracts subscriptions readings completeness",
    "ReserveApplication": "id position appliedOn state supplyPoint community",
    "AppliedCoefficient": "id validFrom validUntil supplyPoint agreement",
    "RetailContract": "id name validFrom recordedAt text",
    "PlanSubscription": "id validFrom validUntil plan supplyPoint",
    "PaymentPlan": "id code name issuer terms",
    "InvoiceIssuer": "id taxNumber name address postalCode town province",
    "Payer": "id taxNumber name address postalCode town province email language member",
    "Mandate": "id reference kind signedOn lastUsedOn recordedAt endedOn issuer member accounts",
    "Invoice": "id number kind issuedOn issuedAt dueOn periodStart periodEnd rectification "
    "rectifiedBecause series netEur taxEur totalEur description selfConsumedKwh surplusKwh plants "
    "issuer recipient language member supplyPoint lines taxes rectifies rectifiedBy isCancelled "
    "qrAddress files",
}
"""What anybody may see of what lies within its own reach: its supply, its bills."""

_PUBLIC = frozenset(
    [
        "Query.viewer",
        "Query.signInMethods",
        "Mutation.signIn",
        "Mutation.confirmSignIn",
        "Mutation.signOut",
        "Mutation.acceptInvitation",
        "Mutation.requestPasswordReset",
        "Mutation.resetPassword",
        "Mutation.confirmEmail",
        "Query.publicCommunity",
        "Query.publicCommunities",
        "Query.signUpStatus",
        "Mutation.signUp",
        "Mutation.confirmSignUp",
        "Mutation.withdrawSignUp",
    ]
)
"""Root fields that need nobody to be known."""

_ABOUT_SCHEMA = frozenset({"__schema", "__type"})
_ROOTS = frozenset({"Query", "Mutation", "Subscription"})
_CAPABILITY_OF = {
    name: capability for capability, names in _NEEDED.items() for name in names.split()
}
_OWN = frozenset(f"{kind}.{name}" for kind, names in _OWN_FIELDS.items() for name in names.split())


def list_openers(kind: str, field: str) -> frozenset[Capability] | None:
    """Tell the capabilities of which any one opens a field; None for what is open by itself.

    A root field without a row is closed to everybody.
    """
    name = f"{kind}.{field}"
    needed = _CAPABILITY_OF.get(name) or _CAPABILITY_OF.get(kind)
    openers = {needed} if needed else set[Capability]()
    if name in _OWN:
        openers.add(Capability.OWN)
    is_closed = kind in _ROOTS and name not in _PUBLIC
    return frozenset(openers) if openers or is_closed else None


class UnknownCallerError(CommunityError):
    """A field is for callers who say who they are.

    Attributes
    ----------
    field : str
        Its type and name.
    """

    code = ErrorCode.UNAUTHENTICATED

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is for callers who sign in or send a token")
        self.field = field


class ClosedFieldError(CommunityError):
    """A field is not for this caller.

    Attributes
    ----------
    field : str
        Its type and name.
    openers : list of str
        The capabilities of which any one opens it, by name.
    """

    code = ErrorCode.FORBIDDEN

    def __init__(self, field: str, openers: frozenset[Capability]) -> None:
        self.field = field
        self.openers = sorted(openers)
        wanted = " or ".join(self.openers) or "more"
        super().__init__(f"{field} is not for this caller: it needs {wanted}")


class _Judge(Visitor):
    """Collect the fields of a document that a caller may not read."""

    def __init__(self, types: TypeInfo, held: frozenset[Capability], *, tells_schema: bool) -> None:
        super().__init__()
        self.tells_schema = tells_schema
        self.types = types
        self.held = held
        self.refused: dict[str, tuple[FieldNode, frozenset[Capability]]] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Judge one field; every fragment is visited once, wherever it is spread."""
        parent = self.types.get_parent_type()
        name = node.name.value
        if name in _ABOUT_SCHEMA and not self.tells_schema:
            self.refused.setdefault(name, (node, frozenset()))
        if parent is None or name.startswith("__"):
            return
        openers = list_openers(parent.name, name)
        if openers is not None and not openers & self.held:
            self.refused.setdefault(f"{parent.name}.{name}", (node, openers))


def judge_document(
    schema: GraphQLSchema,
    document: DocumentNode,
    held: frozenset[Capability],
    *,
    tells_schema: bool = True,
) -> tuple[GraphQLError, ...]:
    """Refuse every field of a document which a caller lacks the capability for."""
    types = TypeInfo(schema)
    judge = _Judge(types, held, tells_schema=tells_schema)
    visit(document, TypeInfoVisitor(types, judge))
    return tuple(
        _refuse(name, node, openers, is_known=bool(held))
        for name, (node, openers) in judge.refused.items()
    )


def _refuse(
    name: str, node: FieldNode, openers: frozenset[Capability], *, is_known: bool
) -> GraphQLError:
    """Say what is missing: to be known at all, or a capability."""
    error = ClosedFieldError(name, openers) if is_known else UnknownCallerError(name)
    return GraphQLError(str(error), node, original_error=error)
