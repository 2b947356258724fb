"""Words of the books: accounts, what moves money between them, and how it is paid."""

from enum import StrEnum


class LedgerAccount(StrEnum):
    """Accounts of an issuer's books."""

    RECEIVABLE = "receivable"
    """What members owe for invoices."""
    REVENUE = "revenue"
    OUTPUT_TAX = "output-tax"
    BANK = "bank"
    """Money that came in, whatever the means, less what went back."""
    PREPAYMENT = "prepayment"
    """A member's money that no invoice has taken yet."""
    UNKNOWN_RECEIPTS = "unknown-receipts"
    """Money of nobody who is known."""
    BANK_CHARGES = "bank-charges"
    WRITE_OFF = "write-off"
    """What is given up."""


class LedgerEvent(StrEnum):
    """What an entry is about."""

    ISSUED = "issued"
    RECTIFIED = "rectified"
    CANCELLED = "cancelled"
    PAID = "paid"
    APPLIED = "applied"
    """A prepayment pays an invoice."""
    FREED = "freed"
    """An invoice shrank below what was paid: the rest is the member's again."""
    ASSIGNED = "assigned"
    """Money of nobody got its member."""
    RETURNED = "returned"
    CHARGED = "charged"
    """The bank's charge for a return."""
    REFUNDED = "refunded"
    WRITTEN_OFF = "written-off"
    WRITTEN_BACK = "written-back"
    """An invoice shrank below what was given up."""


class PaymentMethod(StrEnum):
    """How a member pays."""

    DIRECT_DEBIT = "direct-debit"
    TRANSFER = "transfer"
    CARD = "card"
    """By a link that was sent."""
    CASH = "cash"
