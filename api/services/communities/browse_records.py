"""Read what a promoter owns: records by id, and lists by the record they hang on.

Every function answers for many records in one query, so that a caller can gather first.
"""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlmodel import Session, SQLModel

from api.services.agreements.agreement_shares import summarise_hours
from api.services.collection.balances import map_member_balances
from api.services.communities.record_lists import OneEach, PagedList, WholeList
from models.repositories import (
    agency,
    agreements,
    allocations,
    applied_coefficients,
    audit,
    class_coefficients,
    communities,
    debits,
    file_imports,
    filings,
    generated_files,
    installations,
    invoice_lists,
    jobs,
    ledger,
    mandates,
    members,
    memberships,
    outbox,
    payment_plans,
    payments,
    promoters,
    proposals,
    public_pages,
    reserve_pool,
    retail_contracts,
    sign_ups,
    studies,
    supply_points,
    user_accounts,
)
from models.repositories.page import Page, PageRequest, SortKey
from models.tables import (
    AgencySubmission,
    ApiToken,
    AppliedCoefficient,
    AuditEntry,
    BillingRun,
    CandidateSuitability,
    CapacitySharing,
    CoefficientProposal,
    Community,
    DebitRun,
    DistributionAgreement,
    FileImport,
    Filing,
    Invoice,
    InvoiceIssuer,
    JobRun,
    Mandate,
    Member,
    MemberAssignment,
    OutboxMessage,
    Payer,
    Payment,
    PaymentPlan,
    PlanSubscription,
    ReserveApplication,
    RetailContract,
    SelfConsumptionInstallation,
    SignUp,
    SupplyPoint,
    UserAccount,
    VacancyFilling,
)
from models.values.listing import EVERYTHING, ListWish

__all__ = [
    "OneEach",
    "PagedList",
    "WholeList",
    "count_records",
    "group_records",
    "map_one_each",
    "map_records",
    "page_records",
]

Row = TypeVar("Row", bound=SQLModel)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _Query:
    """A question to the repositories, and the name of its argument that takes the keys."""

    ask: Callable[..., Any]
    keys: str
    count: Callable[..., Any] | None = None


def _page_communities(
    session: Session, *, promoter_id: UUID, promoter_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[Community]]:
    page = communities.page_communities(session, promoter_id=promoter_id, request=request)
    return dict.fromkeys(promoter_ids, page)


def _count_communities(
    session: Session,
    *,
    promoter_id: UUID,
    promoter_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    count = communities.count_communities(session, promoter_id=promoter_id, wish=wish)
    return dict.fromkeys(promoter_ids, count)


_RECORDS: dict[type[SQLModel], _Query] = {
    Community: _Query(communities.map_communities, "community_ids"),
    SelfConsumptionInstallation: _Query(installations.map_installations, "installation_ids"),
    Member: _Query(members.map_members, "member_ids"),
    SupplyPoint: _Query(supply_points.map_supply_points, "supply_point_ids"),
    RetailContract: _Query(retail_contracts.map_retail_contracts, "contract_ids"),
    ReserveApplication: _Query(reserve_pool.map_reserve_applications, "application_ids"),
    DistributionAgreement: _Query(agreements.map_agreements, "agreement_ids"),
    Filing: _Query(filings.map_filings, "filing_ids"),
    AppliedCoefficient: _Query(applied_coefficients.map_applied, "applied_ids"),
    CoefficientProposal: _Query(proposals.map_proposals, "proposal_ids"),
    FileImport: _Query(file_imports.map_file_imports, "file_import_ids"),
    JobRun: _Query(jobs.map_jobs, "job_ids"),
    OutboxMessage: _Query(outbox.map_messages, "message_ids"),
    AgencySubmission: _Query(agency.map_submissions, "submission_ids"),
    VacancyFilling: _Query(partial(studies.map_studies, kind=VacancyFilling), "study_ids"),
    CandidateSuitability: _Query(
        partial(studies.map_studies, kind=CandidateSuitability), "study_ids"
    ),
    CapacitySharing: _Query(partial(studies.map_studies, kind=CapacitySharing), "study_ids"),
    MemberAssignment: _Query(partial(studies.map_studies, kind=MemberAssignment), "study_ids"),
    InvoiceIssuer: _Query(payment_plans.map_issuers, "issuer_ids"),
    Payer: _Query(payment_plans.map_payers_by_id, "payer_ids"),
    PaymentPlan: _Query(payment_plans.map_plans, "plan_ids"),
    PlanSubscription: _Query(payment_plans.map_subscriptions, "subscription_ids"),
    BillingRun: _Query(invoice_lists.map_runs, "run_ids"),
    Invoice: _Query(invoice_lists.map_issued, "invoice_ids"),
    Mandate: _Query(mandates.map_mandates, "mandate_ids"),
    Payment: _Query(payments.map_payments, "payment_ids"),
    DebitRun: _Query(debits.map_debit_runs, "run_ids"),
    ApiToken: _Query(promoters.map_tokens, "token_ids"),
    SignUp: _Query(sign_ups.map_sign_ups, "sign_up_ids"),
    AuditEntry: _Query(audit.map_entries, "entry_ids"),
    UserAccount: _Query(user_accounts.map_accounts, "account_ids"),
}

_PAGED_LISTS = {
    PagedList.COMMUNITIES_OF_PROMOTER: _Query(
        _page_communities, "promoter_ids", _count_communities
    ),
    PagedList.AGENCY_SUBMISSIONS_OF_PROMOTER: _Query(
        agency.page_submissions, "promoter_ids", agency.count_submissions
    ),
    PagedList.JOBS_OF_PROMOTER: _Query(jobs.page_jobs, "promoter_ids", jobs.count_jobs),
    PagedList.MEMBERS_OF_COMMUNITY: _Query(
        members.page_members, "community_ids", members.count_members
    ),
    PagedList.RESERVE_POOL_OF_COMMUNITY: _Query(
        reserve_pool.page_reserve_pool, "community_ids", reserve_pool.count_reserve_pool
    ),
    PagedList.FILE_IMPORTS_OF_COMMUNITY: _Query(
        file_imports.page_file_imports, "community_ids", file_imports.count_file_imports
    ),
    PagedList.AGREEMENTS_OF_INSTALLATION: _Query(
        agreements.page_agreements, "installation_ids", agreements.count_agreements
    ),
    PagedList.PROPOSALS_OF_INSTALLATION: _Query(
        proposals.page_proposals, "installation_ids", proposals.count_proposals
    ),
    PagedList.MESSAGES_OF_PROMOTER: _Query(
        outbox.page_messages, "promoter_ids", outbox.count_messages
    ),
    PagedList.TROUBLED_MESSAGES_OF_PROMOTER: _Query(
        partial(outbox.page_messages, states=outbox.TROUBLED),
        "promoter_ids",
        partial(outbox.count_messages, states=outbox.TROUBLED),
    ),
    PagedList.SUITABILITIES_OF_APPLICATION: _Query(
        studies.page_suitabilities, "application_ids", studies.count_suitabilities
    ),
    PagedList.BILLING_RUNS_OF_COMMUNITY: _Query(
        invoice_lists.page_runs, "community_ids", invoice_lists.count_runs
    ),
    PagedList.INVOICES_OF_RUN: _Query(
        invoice_lists.page_run_invoices, "run_ids", invoice_lists.count_run_invoices
    ),
    PagedList.PAYMENTS_OF_ISSUER: _Query(
        payments.page_payments, "issuer_ids", payments.count_payments
    ),
    PagedList.ENTRIES_OF_ISSUER: _Query(ledger.page_entries, "issuer_ids", ledger.count_entries),
    PagedList.MANDATES_OF_ISSUER: _Query(
        mandates.page_mandates, "issuer_ids", mandates.count_mandates
    ),
    PagedList.DEBIT_RUNS_OF_ISSUER: _Query(
        debits.page_debit_runs, "issuer_ids", debits.count_debit_runs
    ),
    PagedList.SIGN_UPS_OF_COMMUNITY: _Query(
        sign_ups.page_sign_ups, "community_ids", sign_ups.count_sign_ups
    ),
    PagedList.TOKENS_OF_PROMOTER: _Query(
        promoters.page_tokens, "promoter_ids", promoters.count_tokens
    ),
    PagedList.ACCOUNTS_OF_PROMOTER: _Query(
        user_accounts.page_accounts, "promoter_ids", user_accounts.count_accounts
    ),
}

_WHOLE_LISTS = {
    WholeList.INSTALLATIONS_OF_COMMUNITY: _Query(
        installations.group_installations, "community_ids"
    ),
    WholeList.SUPPLY_POINTS_OF_MEMBER: _Query(supply_points.group_supply_points, "member_ids"),
    WholeList.MEMBERSHIPS_OF_INSTALLATION: _Query(
        memberships.group_open_memberships, "installation_ids"
    ),
    WholeList.COEFFICIENTS_OF_AGREEMENT: _Query(agreements.group_coefficients, "agreement_ids"),
    WholeList.HOURS_OF_AGREEMENT: _Query(summarise_hours, "agreement_ids"),
    WholeList.FILINGS_OF_AGREEMENT: _Query(filings.group_filings, "agreement_ids"),
    WholeList.FILINGS_OF_INSTALLATION: _Query(filings.group_plant_filings, "installation_ids"),
    WholeList.APPLIED_OF_AGREEMENT: _Query(
        applied_coefficients.group_agreement_applied, "agreement_ids"
    ),
    WholeList.APPLIED_OF_INSTALLATION: _Query(
        applied_coefficients.group_applied, "installation_ids"
    ),
    WholeList.CHANGES_OF_AGREEMENT: _Query(
        applied_coefficients.group_agreement_changes, "agreement_ids"
    ),
    WholeList.FILES_OF_AGREEMENT: _Query(generated_files.group_generated_files, "agreement_ids"),
    WholeList.PARTS_OF_ALLOCATION: _Query(allocations.group_allocated_energy, "allocation_ids"),
    WholeList.COEFFICIENTS_OF_PROPOSAL: _Query(
        proposals.group_proposed_coefficients, "proposal_ids"
    ),
    WholeList.CLASSES_OF_PROPOSAL: _Query(
        class_coefficients.group_class_coefficients, "proposal_ids"
    ),
    WholeList.CONTRACTS_OF_SUPPLY_POINT: _Query(
        retail_contracts.group_retail_contracts, "supply_point_ids"
    ),
    WholeList.BILLS_OF_PROPOSAL: _Query(proposals.group_proposed_bills, "proposal_ids"),
    WholeList.ATTEMPTS_OF_MESSAGE: _Query(outbox.group_attempts, "message_ids"),
    WholeList.INVOICES_OF_MESSAGE: _Query(outbox.group_attached_invoices, "message_ids"),
    WholeList.YEARS_OF_SCENARIO: _Query(proposals.group_simulated_years, "scenarios"),
    WholeList.PLANS_OF_COMMUNITY: _Query(payment_plans.group_plans, "community_ids"),
    WholeList.TERMS_OF_PLAN: _Query(payment_plans.group_plan_terms, "plan_ids"),
    WholeList.SUBSCRIPTIONS_OF_SUPPLY_POINT: _Query(
        payment_plans.group_all_subscriptions, "supply_point_ids"
    ),
    WholeList.LINES_OF_INVOICE: _Query(invoice_lists.group_lines, "invoice_ids"),
    WholeList.TAXES_OF_INVOICE: _Query(invoice_lists.group_taxes, "invoice_ids"),
    WholeList.RECORDS_OF_INVOICE: _Query(invoice_lists.group_records, "invoice_ids"),
    WholeList.RECTIFYING_OF_INVOICE: _Query(invoice_lists.group_rectifying, "invoice_ids"),
    WholeList.FILES_OF_INVOICE: _Query(invoice_lists.group_files, "invoice_ids"),
    WholeList.ACCOUNTS_OF_MANDATE: _Query(mandates.group_mandate_accounts, "mandate_ids"),
    WholeList.DEBITS_OF_RUN: _Query(debits.group_run_debits, "run_ids"),
    WholeList.GRANTS_OF_ACCOUNT: _Query(user_accounts.group_grants, "account_ids"),
}

_ONE_EACH = {
    OneEach.PUBLISHED_AGREEMENT_OF_INSTALLATION: _Query(
        agreements.map_published_agreements, "installation_ids"
    ),
    OneEach.INSTALLATION_OF_CAU: _Query(installations.map_installations_by_cau, "caus"),
    OneEach.SUPPLY_POINT_OF_CUPS: _Query(supply_points.map_supply_points_by_cups, "cups"),
    OneEach.PAYER_OF_MEMBER: _Query(payment_plans.map_payers, "member_ids"),
    OneEach.SERIES_OF_INVOICES: _Query(invoice_lists.map_series, "series_ids"),
    OneEach.BALANCE_OF_MEMBER: _Query(map_member_balances, "member_ids"),
    OneEach.PAGE_OF_COMMUNITY: _Query(public_pages.map_pages, "community_ids"),
    OneEach.NOTICE_OF_SIGN_UP: _Query(public_pages.map_notices, "notice_ids"),
    OneEach.CREDITOR_ACCOUNT_OF_ISSUER: _Query(mandates.map_creditor_accounts, "issuer_ids"),
}


def map_records(
    session: Session, *, promoter_id: UUID, table: type[Row], ids: Collection[UUID]
) -> dict[UUID, Row]:
    """Read records by id.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    table : type
        Kind of record.
    ids : collection of UUID
        Which ones.

    Returns
    -------
    dict of UUID to record
        Without those that do not exist or belong to somebody else.
    """
    found = _ask(session, promoter_id, _RECORDS[table], ids)
    return cast("dict[UUID, Row]", found)


def map_one_each(
    session: Session, *, promoter_id: UUID, relation: OneEach, keys: Collection[Key]
) -> dict[Key, Any]:
    """Read the one record that belongs to each key.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    relation : OneEach
        What of what.
    keys : collection
        Ids or codes of the records they belong to.

    Returns
    -------
    dict of key to record
        Without the keys that have none.
    """
    return _ask(session, promoter_id, _ONE_EACH[relation], keys)


def page_records(
    session: Session,
    *,
    promoter_id: UUID,
    listing: PagedList,
    parent_ids: Collection[UUID],
    first: int,
    after: SortKey | None,
    wish: ListWish = EVERYTHING,
) -> dict[UUID, Page[Any]]:
    """Read the same page of many lists.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    listing : PagedList
        What of what.
    parent_ids : collection of UUID
        The records on which the lists hang.
    first : int
        Most rows of each list.
    after : SortKey or None
        Place after which the page begins.
    wish : ListWish, optional
        Which rows, in which order; all in the list's own by default.

    Returns
    -------
    dict of UUID to Page
        One page, possibly empty, for every parent.
    """
    request = PageRequest(first, after, wish)
    return _ask(session, promoter_id, _PAGED_LISTS[listing], parent_ids, request=request)


def count_records(
    session: Session,
    *,
    promoter_id: UUID,
    listing: PagedList,
    parent_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the rows of many lists.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    listing : PagedList
        What of what.
    parent_ids : collection of UUID
        The records on which the lists hang.
    wish : ListWish, optional
        Which rows; all by default. Of lists that can be narrowed.

    Returns
    -------
    dict of UUID to int
        One number for every parent.
    """
    query = _PAGED_LISTS[listing]
    assert query.count is not None
    narrowed = {} if wish == EVERYTHING else {"wish": wish}
    return _ask(session, promoter_id, _Query(query.count, query.keys), parent_ids, **narrowed)


def group_records(
    session: Session, *, promoter_id: UUID, listing: WholeList, keys: Collection[Key]
) -> dict[Key, list[Any]]:
    """Read many short lists whole.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        Whose records.
    listing : WholeList
        What of what.
    keys : collection
        Ids of the records on which the lists hang; a proposal's id and a rule for its years.

    Returns
    -------
    dict of key to list
        One list, possibly empty, for every key.
    """
    return _ask(session, promoter_id, _WHOLE_LISTS[listing], keys)


def _ask(
    session: Session, promoter_id: UUID, query: _Query, keys: Collection[Any], **more: object
) -> dict[Any, Any]:
    """Put one question, with its keys where they belong."""
    answer: dict[Any, Any] = query.ask(
        session, promoter_id=promoter_id, **{query.keys: keys}, **more
    )
    return answer
