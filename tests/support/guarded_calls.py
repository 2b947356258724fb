"""Calls on what another promoter has: each must find nothing, and leave nothing behind.

A wish names a kind of record where it means the owner's one of that kind.
"""

from functools import cache
from typing import Any

from graphql import GraphQLSchema, build_schema, get_nullable_type

from api.graphql.schema import export_schema
from tests.support.agreement_calls import table
from tests.support.api import CAU, YEAR
from tests.support.community_folders import make_cau, make_cups
from tests.support.sepa_messages import CREDITOR_ID, IBAN

OTHER_CAU = make_cau(7)
"""A plant of the caller itself."""

_AGREEMENT = {"agreementId": "DistributionAgreement"}
_STUDY = {"cau": CAU, "year": YEAR}
_OWN_STUDY = {"cau": OTHER_CAU, "year": YEAR}

_PARTY = {
    "taxNumber": "12345678Z",
    "name": "x",
    "address": "x",
    "postalCode": "46001",
    "town": "x",
    "province": "x",
}
_TERM = {
    "charges": "FIXED",
    "priceEur": "1",
    "description": "x",
    "taxPercent": "21",
    "validFrom": "2024-01-01",
}

_GUEST = {"email": "nova@vila.example", "name": "x"}

GUARDED_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("proposeCoefficients", {"cau": CAU, "year": YEAR}),
    (
        "proposeCoefficients",
        {"installationId": "SelfConsumptionInstallation", "year": YEAR},
    ),
    ("acceptProposal", {"proposalId": "CoefficientProposal", "fileYear": 2024}),
    ("importCommunity", {"uploadId": "Upload"}),
    ("importFile", {"communityId": "Community", "uploadId": "Upload"}),
    ("importMembers", {"communityId": "Community", "uploadId": "Upload"}),
    ("fillGaps", {"communityId": "Community", "year": YEAR, "rules": ["LINEAR"]}),
    (
        "fetchReadings",
        {"communityId": "Community", "firstMonth": "2024-01", "lastMonth": "2024-01"},
    ),
    ("fetchPrices", {"communityId": "Community"}),
    (
        "createInstallation",
        {"communityId": "Community", "cau": OTHER_CAU, "inverterPowerKw": 5},
    ),
    ("fillVacancies", _STUDY | {"what": {"vacancies": 1}}),
    (
        "fillVacancies",
        {
            "installationId": "SelfConsumptionInstallation",
            "year": YEAR,
            "what": {"vacancies": 1},
        },
    ),
    (
        "fillVacancies",
        _OWN_STUDY
        | {"what": {"vacancies": 1}, "pinned": [{"applicationId": "ReserveApplication"}]},
    ),
    ("candidateSuitability", _STUDY | {"candidate": {"cups": make_cups(4)}}),
    ("candidateSuitability", _OWN_STUDY | {"candidate": {"cups": make_cups(4)}}),
    (
        "candidateSuitability",
        _OWN_STUDY | {"candidate": {"applicationId": "ReserveApplication"}},
    ),
    ("shareExtraCapacity", _STUDY | {"newKw": 12.0}),
    ("shareExtraCapacity", _OWN_STUDY | {"newKw": 12.0, "candidates": [{"cups": make_cups(4)}]}),
    ("assignMembers", {"communityId": "Community", "year": YEAR}),
    ("draftAgreement", {"source": {"proposalId": "CoefficientProposal"}, "fileYear": 2024}),
    ("draftAgreement", {"source": table("0.5", "0.3", "0.2"), "fileYear": 2024}),
    ("draftAgreement", {"source": {"uploadedFile": {"uploadId": "Upload"}}, "fileYear": 2024}),
    ("publishAgreement", _AGREEMENT),
    ("withdrawAgreement", _AGREEMENT | {"reason": "x"}),
    ("rejectAgreement", _AGREEMENT | {"reason": "x"}),
    ("generateAgreementFile", _AGREEMENT | {"kind": "DISTRIBUTOR_FILE"}),
    ("generateAgreementFile", _AGREEMENT | {"kind": "SHARING_AGREEMENT"}),
    ("fileAgreement", _AGREEMENT | {"filedOn": "2023-12-01"}),
    (
        "answerFiling",
        {"filingId": "Filing", "answeredOn": "2023-12-02", "answer": {"applied": {}}},
    ),
    (
        "answerFiling",
        {
            "filingId": "Filing",
            "answeredOn": "2023-12-02",
            "answer": {"refused": {"reason": "x"}},
        },
    ),
    ("recordApplication", _AGREEMENT | {"validFrom": "2024-01-01"}),
    (
        "correctApplication",
        {"appliedIds": ["AppliedCoefficient"], "validFrom": "2024-02-01", "reason": "x"},
    ),
    (
        "endApplication",
        {"appliedIds": ["AppliedCoefficient"], "validUntil": "2024-02-01", "reason": "x"},
    ),
    ("removeApplication", {"appliedIds": ["AppliedCoefficient"], "reason": "x"}),
    ("setInstallationDetails", {"cau": CAU, "modality": "SOLD_SURPLUS"}),
    (
        "setInstallationDetails",
        {"installationId": "SelfConsumptionInstallation", "isInternal": True},
    ),
    ("setMembershipModality", {"cau": CAU, "modality": "SOLD_SURPLUS"}),
    ("allocateMonths", {"communityId": "Community"}),
    ("setPayer", {"memberId": "Member", "party": _PARTY}),
    (
        "createPaymentPlan",
        {"communityId": "Community", "issuerId": "InvoiceIssuer", "code": "x", "name": "x"},
    ),
    ("addPlanTerm", {"planId": "PaymentPlan", "term": _TERM}),
    (
        "subscribeSupplyPoint",
        {"planId": "PaymentPlan", "cups": make_cups(1), "validFrom": "2024-01-01"},
    ),
    ("endSubscription", {"subscriptionId": "PlanSubscription", "validUntil": "2024-02-01"}),
    (
        "issueBillingRun",
        {
            "communityId": "Community",
            "start": "2023-10-01",
            "end": "2023-11-01",
            "series": "A",
            "idempotencyKey": "other",
        },
    ),
    (
        "rectifyInvoice",
        {
            "invoiceId": "Invoice",
            "method": "SUBSTITUTION",
            "series": "R",
            "reason": "LINES",
            "because": "x",
        },
    ),
    (
        "setCreditorAccount",
        {"issuerId": "InvoiceIssuer", "creditorId": CREDITOR_ID, "iban": IBAN},
    ),
    (
        "recordMandate",
        {
            "issuerId": "InvoiceIssuer",
            "memberId": "Member",
            "holder": "x",
            "iban": IBAN,
            "signedOn": "2023-12-05",
        },
    ),
    ("changeMandateAccount", {"mandateId": "Mandate", "holder": "x", "iban": IBAN}),
    ("revokeMandate", {"mandateId": "Mandate", "revokedOn": "2023-12-05"}),
    (
        "createDebitRun",
        {"issuerId": "InvoiceIssuer", "dueUntil": "2023-12-31", "idempotencyKey": "x"},
    ),
    ("importDebitStatuses", {"uploadId": "Upload"}),
    ("cancelInvoice", {"invoiceId": "Invoice", "because": "x"}),
    ("mendFiscalRecord", {"invoiceId": "Invoice"}),
    ("generateInvoiceFile", {"invoiceId": "Invoice", "kind": "PDF"}),
    ("renderInvoices", {"runId": "BillingRun"}),
    ("exportAccounts", {"communityId": "Community", "start": "2023-10-01", "end": "2024-01-01"}),
    (
        "exportAccounts",
        {"issuerId": "InvoiceIssuer", "start": "2023-10-01", "end": "2024-01-01"},
    ),
    (
        "exportData",
        {
            "communityId": "Community",
            "subject": "ENERGY",
            "format": "CSV",
            "start": "2023-01-01",
            "end": "2024-01-01",
        },
    ),
    (
        "recordPayment",
        {
            "issuerId": "InvoiceIssuer",
            "memberId": "Member",
            "amountEur": "1.00",
            "receivedOn": "2023-12-05",
            "method": "CARD",
            "sourceKey": "x",
        },
    ),
    (
        "importBankFile",
        {"issuerId": "InvoiceIssuer", "uploadId": "Upload"},
    ),
    ("assignReceipt", {"paymentId": "Payment", "memberId": "Member"}),
    (
        "refundPayment",
        {
            "paymentId": "Payment",
            "refundedOn": "2023-12-05",
            "because": "x",
            "sourceKey": "x",
        },
    ),
    ("writeOff", {"invoiceId": "Invoice", "because": "x"}),
    ("agreeInstalments", {"invoiceId": "Invoice", "days": ["2040-01-01"]}),
    (
        "takeDebtStep",
        {"issuerId": "InvoiceIssuer", "memberId": "Member", "stage": "REMINDER"},
    ),
    ("sendDebtLetters", {"issuerId": "InvoiceIssuer"}),
    (
        "protectSupply",
        {
            "cups": make_cups(1),
            "protection": "ESSENTIAL",
            "validFrom": "2024-01-01",
            "because": "x",
        },
    ),
    (
        "endProtection",
        {"cups": make_cups(1), "protection": "ESSENTIAL", "validUntil": "2024-01-01"},
    ),
    ("erasePerson", {"memberId": "Member", "confirmation": "M1"}),
    ("settleMember", {"cups": make_cups(1), "leftOn": "2024-01-01"}),
    (
        "changeHolder",
        {
            "cups": make_cups(1),
            "memberCode": "x",
            "changedOn": "2024-01-01",
            "isSubrogated": True,
        },
    ),
    (
        "recordRetailContract",
        {
            "cups": [make_cups(1)],
            "contract": {
                "name": "x",
                "power": {"eurPerKw": ["1"]},
                "energy": {"eurPerKwh": ["1"]},
            },
            "validFrom": "2024-01-01",
        },
    ),
    (
        "updateIssuer",
        {
            "party": {
                "taxNumber": "F12345674",
                "name": "x",
                "address": "x",
                "postalCode": "46001",
                "town": "x",
                "province": "x",
            }
        },
    ),
    ("sendFiscalRecords", {"taxNumber": "F12345674"}),
    ("mailInvoices", {"invoiceIds": ["Invoice"]}),
    ("mailInvoices", {"billingRunId": "BillingRun"}),
    ("resendMessage", {"messageId": "OutboxMessage"}),
    (
        "publishCommunity",
        {
            "communityId": "Community",
            "slug": "other-page",
            "municipality": "x",
            "contactEmail": "x@y.example",
            "textEs": "x",
        },
    ),
    ("unpublishCommunity", {"communityId": "Community"}),
    ("approveSignUp", {"signUpId": "SignUp"}),
    ("refuseSignUp", {"signUpId": "SignUp", "reason": "x"}),
    ("renewSignUpLink", {"signUpId": "SignUp"}),
    ("revokeApiToken", {"tokenId": "ApiToken"}),
    ("inviteAccount", _GUEST | {"role": "MEMBER", "memberIds": ["Member"]}),
    ("inviteAccount", _GUEST | {"role": "COMMUNITY_MANAGER", "communityIds": ["Community"]}),
    ("resendInvitation", {"accountId": "Account"}),
    ("grantAccess", {"accountId": "Account", "memberIds": ["Member"]}),
    ("withdrawAccess", {"accountId": "Account", "memberIds": ["Member"]}),
    ("changeAccountRole", {"accountId": "Account", "role": "CANDIDATE"}),
    ("disableAccount", {"accountId": "Account"}),
    ("enableAccount", {"accountId": "Account"}),
]

GUARDED_QUERIES = {
    "accountBalances": '(issuerId: "$InvoiceIssuer") { edges { node { debitEur creditEur } } }',
    "auditEntries": '(filter: { accountId: "$Account" }) { totalCount edges { node { at } } }',
    "checkDistributorFile": '(uploadId: "$Upload") { __typename }',
    "checkRetailBill": f"""(bill: {{ cups: "{make_cups(1)}", start: "2023-07-01", end: "2023-08-01",
      totalEur: "1", line: [
      {{ kind: POWER, amountEur: "1", quantity: "1", price: "1" }},
      {{ kind: ENERGY, amountEur: "1", quantity: "1", price: "1" }}] }}) {{ __typename }}""",
    "community": '(id: "$Community") { name }',
    "debts": '(issuerId: "$InvoiceIssuer", on: "2024-12-31") { totalCount }',
    "detectFile": '(uploadId: "$Upload") { nextStep }',
    "installation": f'(cau: "{CAU}") {{ cau }}',
    "invoices": '(where: { issuerId: "$InvoiceIssuer" }) { totalCount edges { node { number } } }',
    "lateActivation": f"""(cups: "{make_cups(1)}", start: "2023-06-01", end: "2023-07-01",
      late: {{ documentsOn: "2023-01-10", profileUploadId: "$Upload" }}) {{ discountEur }}""",
    "ledgerEntries": '(issuerId: "$InvoiceIssuer") { totalCount edges { node { event } } }',
    "node": '(id: "$Member") { id }',
    "jobs": '(filter: { communityId: "$Community" }) { totalCount edges { node { id } } }',
    "openItems": '(input: { issuerId: "$InvoiceIssuer", on: "2024-12-31" }) { totalCount }',
    "payments": '(issuerId: "$InvoiceIssuer") { totalCount edges { node { id } } }',
    "previewErasure": '(memberId: "$Member") { code }',
    "previewBillingRun": """(communityId: "$Community", start: "2023-10-01", end: "2023-11-01")
      { __typename }""",
    "previewDebitRun": """(input: { issuerId: "$InvoiceIssuer", dueUntil: "2023-12-31" })
      { __typename }""",
}
"""What each query that is given an id shows of it; ``$Kind`` stands for the owner's one."""


def write_call(mutation: str) -> str:
    """Write a mutation that asks for its errors only."""
    return f"""mutation ($input: {input_kind(mutation)}!) {{
      {mutation}(input: $input) {{ userErrors {{ __typename code message path }} }} }}"""


def input_kind(mutation: str) -> str:
    """Tell the type of a mutation's input."""
    root = _exported_schema().mutation_type
    assert root is not None
    return str(get_nullable_type(root.fields[mutation].args["input"].type))


@cache
def _exported_schema() -> GraphQLSchema:
    """Give the schema as callers read it."""
    return build_schema(export_schema())


def name_ids(wish: Any, ids: dict[str, str]) -> Any:
    """Put the owner's ids where a wish names the kind of a record."""
    if isinstance(wish, dict):
        return {name: name_ids(value, ids) for name, value in wish.items()}
    if isinstance(wish, list):
        return [name_ids(value, ids) for value in wish]
    return ids.get(wish, wish)
