"""The lists that hang on records, and the records of which there is one each, by name."""

from enum import Enum


class PagedList(Enum):
    """A list that grows, read page by page."""

    COMMUNITIES_OF_PROMOTER = "communities"
    JOBS_OF_PROMOTER = "jobs"
    AGENCY_SUBMISSIONS_OF_PROMOTER = "messages to the tax agency"
    MEMBERS_OF_COMMUNITY = "members"
    RESERVE_POOL_OF_COMMUNITY = "reserve pool"
    FILE_IMPORTS_OF_COMMUNITY = "file imports"
    AGREEMENTS_OF_INSTALLATION = "agreements"
    PROPOSALS_OF_INSTALLATION = "proposals"
    MESSAGES_OF_PROMOTER = "e-mails"
    TROUBLED_MESSAGES_OF_PROMOTER = "e-mails that failed or are uncertain"
    SUITABILITIES_OF_APPLICATION = "suitabilities"
    BILLING_RUNS_OF_COMMUNITY = "billing runs"
    INVOICES_OF_RUN = "invoices of a billing run"
    PAYMENTS_OF_ISSUER = "payments"
    ENTRIES_OF_ISSUER = "entries of the books"
    MANDATES_OF_ISSUER = "mandates"
    DEBIT_RUNS_OF_ISSUER = "runs of debits"
    TOKENS_OF_PROMOTER = "tokens"
    SIGN_UPS_OF_COMMUNITY = "sign-ups"
    ACCOUNTS_OF_PROMOTER = "accounts"


class WholeList(Enum):
    """A list that ends by its nature, read at once."""

    INSTALLATIONS_OF_COMMUNITY = "installations"
    CONTRACTS_OF_SUPPLY_POINT = "contracts"
    SUPPLY_POINTS_OF_MEMBER = "supply points"
    MEMBERSHIPS_OF_INSTALLATION = "memberships"
    COEFFICIENTS_OF_AGREEMENT = "coefficients of an agreement"
    HOURS_OF_AGREEMENT = "hourly coefficients of an agreement"
    FILINGS_OF_AGREEMENT = "filings of an agreement"
    FILINGS_OF_INSTALLATION = "filings"
    APPLIED_OF_AGREEMENT = "periods of an agreement"
    APPLIED_OF_INSTALLATION = "periods"
    CHANGES_OF_AGREEMENT = "history of an agreement"
    FILES_OF_AGREEMENT = "files of an agreement"
    PARTS_OF_ALLOCATION = "parts of a month"
    COEFFICIENTS_OF_PROPOSAL = "coefficients of a proposal"
    CLASSES_OF_PROPOSAL = "coefficients of a proposal by class of hours"
    BILLS_OF_PROPOSAL = "yearly bills of a proposal"
    ATTEMPTS_OF_MESSAGE = "attempts to send an e-mail"
    INVOICES_OF_MESSAGE = "invoices that go with an e-mail"
    YEARS_OF_SCENARIO = "simulated years of a proposal and rule"
    PLANS_OF_COMMUNITY = "payment plans"
    TERMS_OF_PLAN = "terms of a plan"
    SUBSCRIPTIONS_OF_SUPPLY_POINT = "subscriptions"
    LINES_OF_INVOICE = "lines of an invoice"
    TAXES_OF_INVOICE = "taxes of an invoice"
    RECORDS_OF_INVOICE = "fiscal records of an invoice"
    RECTIFYING_OF_INVOICE = "invoices that rectify an invoice"
    FILES_OF_INVOICE = "files of an invoice"
    ACCOUNTS_OF_MANDATE = "accounts of a mandate"
    DEBITS_OF_RUN = "debits of a run"
    GRANTS_OF_ACCOUNT = "what an account was granted"


LONG_LISTS = frozenset(
    {
        WholeList.MEMBERSHIPS_OF_INSTALLATION,
        WholeList.COEFFICIENTS_OF_AGREEMENT,
        WholeList.HOURS_OF_AGREEMENT,
        WholeList.APPLIED_OF_AGREEMENT,
        WholeList.APPLIED_OF_INSTALLATION,
        WholeList.CHANGES_OF_AGREEMENT,
        WholeList.PARTS_OF_ALLOCATION,
        WholeList.COEFFICIENTS_OF_PROPOSAL,
        WholeList.CLASSES_OF_PROPOSAL,
        WholeList.BILLS_OF_PROPOSAL,
        WholeList.YEARS_OF_SCENARIO,
        WholeList.INVOICES_OF_MESSAGE,
        WholeList.DEBITS_OF_RUN,
    }
)
"""Lists with a row for everybody who shares a plant, or who pays."""


class OneEach(Enum):
    """A record of which another has at most one."""

    PUBLISHED_AGREEMENT_OF_INSTALLATION = "published agreement"
    INSTALLATION_OF_CAU = "installation"
    SUPPLY_POINT_OF_CUPS = "supply point"
    PAYER_OF_MEMBER = "payer"
    SERIES_OF_INVOICES = "series"
    CREDITOR_ACCOUNT_OF_ISSUER = "creditor account"
    BALANCE_OF_MEMBER = "balance"
    PAGE_OF_COMMUNITY = "public page"
    NOTICE_OF_SIGN_UP = "privacy notice"
