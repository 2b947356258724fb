"""Measure what supply points saved on their retailers' bills, where a part of it is charged."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_question import BillQuestion
from api.services.bills.remarks import Remark
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from api.services.invoices.billed_energy import cut_month
from api.services.invoices.billing_faults import Missing, MissingKind
from api.services.invoices.billing_scope import BillingScope, days_of, end_of
from models.values.errors import CommunityError
from models.values.invoicing import BillingBasis
from models.values.money import from_cents
from models.values.period import Period


@dataclass(frozen=True, slots=True)
class PieceSavings:
    """What a supply point saved on some days of a month.

    Attributes
    ----------
    days : Period
        Closed.
    without_eur, sharing_eur : Decimal
        Its retailer's bill of those days without self-consumption, and with it [EUR].
    contract : str
        Name of its retail contract.
    unsure_figures : tuple of str
        Figures of law behind it that are recalled, or open.
    """

    days: Period
    without_eur: Decimal
    sharing_eur: Decimal
    contract: str
    unsure_figures: tuple[str, ...]

    @property
    def saved_eur(self) -> Decimal:
        """Between the two; below zero where sharing costs [EUR]."""
        return self.without_eur - self.sharing_eur

    def as_source(self) -> dict[str, Any]:
        """Tell from what a line was worked out."""
        return {
            "days": [self.days.start.isoformat(), end_of(self.days).isoformat()],
            "without_eur": str(self.without_eur),
            "sharing_eur": str(self.sharing_eur),
            "contract": self.contract,
            "unsure_figures": list(self.unsure_figures),
        }


Savings = Mapping[UUID, Sequence[PieceSavings]]
"""By supply point, in the order of their days."""


def measure_savings(
    session: Session, *, scope: BillingScope, wanted: Collection[UUID]
) -> tuple[Savings, dict[UUID, Missing]]:
    """Measure what supply points saved that pay a part of it.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : BillingScope
        Who pays for what.
    wanted : collection of UUID
        Supply points that are billed.

    Returns
    -------
    tuple of Savings and dict of UUID to Missing
        Savings where they are known, and why they are not elsewhere: a bill cannot be made, or
        would stand on a contract that nobody recorded.

    Notes
    -----
    Each piece is billed by itself: days of one month on which nothing of the plan changes. The
    retailer's bills are simulated whole, taxes included (docs/billing-rules.md).
    """
    savings: dict[UUID, list[PieceSavings]] = defaultdict(list)
    unknown: dict[UUID, Missing] = {}
    for days, ids in _group_pieces(scope, wanted).items():
        question = BillQuestion(days.start, end_of(days))
        found = simulate_bills(
            session, promoter_id=scope.community.promoter_id, ids=ids, question=question
        )
        for key, bills in found.items():
            if fault := _find_fault(bills):
                cups = scope.points[key].cups
                missing = Missing(MissingKind.NO_SAVINGS, cups, days.start, because=fault)
                unknown.setdefault(key, missing)
            elif isinstance(bills, SimulatedBills):
                savings[key].append(_take_savings(days, bills))
    return savings, unknown


def _group_pieces(scope: BillingScope, wanted: Collection[UUID]) -> dict[Period, list[UUID]]:
    """Find on which days parts of savings are charged, and to whom."""
    sharing_plans = {
        plan_id
        for plan_id, terms in scope.terms.items()
        if any(term.basis is BillingBasis.SHARE_OF_SAVINGS for term in terms)
    }
    charged = {
        key: held
        for key in wanted
        if (held := [r for r in scope.subscriptions[key] if r.plan_id in sharing_plans])
    }
    groups: dict[Period, list[UUID]] = defaultdict(list)
    for month in scope.months if charged else ():
        pieces = cut_month(scope, month)
        for key, held in charged.items():
            for days in pieces[key]:
                if any(days_of(row).contains(days.start) for row in held):
                    groups[days].append(key)
    return groups


def _find_fault(bills: SimulatedBills | CommunityError) -> str:
    if isinstance(bills, CommunityError):
        return str(bills)
    return "its contract is not known" if Remark.DEFAULT_CONTRACT in bills.remarks else ""


def _take_savings(days: Period, bills: SimulatedBills) -> PieceSavings:
    return PieceSavings(
        days=days,
        without_eur=from_cents(int(bills.without_cents.sum())),
        sharing_eur=from_cents(int(bills.sharing_cents.sum())),
        contract=bills.contract,
        unsure_figures=tuple(figure.name for figure in bills.unsure_figures),
    )
