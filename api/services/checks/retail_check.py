"""A retailer's bill held against ours: what it is asked with, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from api.services.bills.remarks import REMARK_TEXTS, Remark
from api.services.bills.simulated_bills import SimulatedBills
from api.services.checks.bill_document import RetailBillDocument
from planner.billing.checks.bill_terms import TermFigures, TermKey
from planner.billing.checks.explain_bill import CauseShare
from planner.billing.checks.term_steps import BillCause

__all__ = [
    "CHECK_REMARK_TEXTS",
    "BillCause",
    "CheckRemark",
    "RetailBillCheck",
    "TermComparison",
]


class CheckRemark(StrEnum):
    """What whoever reads a check should know beside the causes."""

    THEIRS_ESTIMATED = "theirs-estimated"
    REGULARISES = "regularises"
    OURS_ESTIMATED = "ours-estimated"
    SEVERAL_MONTHS = "several-months"
    TAXES_TOGETHER = "taxes-together"


CHECK_REMARK_TEXTS = {
    CheckRemark.THEIRS_ESTIMATED: "their energy is estimated: a later bill regularises it with "
    "the real reading, and only both together can be held against ours",
    CheckRemark.REGULARISES: "the bill regularises earlier ones: hold those of all these days "
    "against ours together",
    CheckRemark.OURS_ESTIMATED: "of these days we have consumption that the distributor "
    "estimated or that was filled in: import the final readings before complaining",
    CheckRemark.SEVERAL_MONTHS: "the bill is longer than a month: ours are bills of a month, "
    "because surplus is compensated within a month (RD 244/2019, article 14)",
    CheckRemark.TAXES_TOGETHER: "taxes change within the bill and its lines do not tell their "
    "first day, so that each tax is compared at its mean rate",
}
"""Each remark as a sentence."""


@dataclass(frozen=True, slots=True)
class TermComparison:
    """A term of both bills.

    Attributes
    ----------
    key : TermKey
        Which.
    ours, theirs : TermFigures or None
        None where a bill does not have it.
    """

    key: TermKey
    ours: TermFigures | None
    theirs: TermFigures | None


@dataclass(frozen=True, slots=True, eq=False)
class RetailBillCheck:
    """What was found.

    Attributes
    ----------
    document : RetailBillDocument
        Their bill.
    bills : SimulatedBills
        Ours of the same days.
    ours_cents, theirs_cents : int
        What they amount to [cents].
    causes : tuple of CauseShare
        Why they differ; they sum to theirs less ours.
    terms : tuple of TermComparison
        Both bills, term by term.
    check_remarks : tuple of CheckRemark
        What should be known.
    """

    document: RetailBillDocument
    bills: SimulatedBills
    ours_cents: int
    theirs_cents: int
    causes: tuple[CauseShare, ...]
    terms: tuple[TermComparison, ...]
    check_remarks: tuple[CheckRemark, ...]

    @property
    def lines_eur(self) -> Decimal:
        """What the lines of their bill sum to [EUR]."""
        return sum((line.amount_eur for line in self.document.line), Decimal("0.00"))

    @property
    def deviation_cents(self) -> int:
        """How far the bills are apart, not counting rounding and not netting causes [cents]."""
        return sum(
            abs(share.cents) for share in self.causes if share.cause is not BillCause.ROUNDING
        )

    def agrees(self, tolerance_cents: int = 0) -> bool:
        """Tell whether rounding and a tolerance explain everything."""
        return self.deviation_cents <= tolerance_cents

    @property
    def texts(self) -> Sequence[tuple[CheckRemark | Remark, str]]:
        """Remarks on the check and on our bills, each with its sentence."""
        own = [(each, CHECK_REMARK_TEXTS[each]) for each in self.check_remarks]
        return [*own, *((each, REMARK_TEXTS[each]) for each in self.bills.remarks)]
