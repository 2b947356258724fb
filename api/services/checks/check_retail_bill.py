"""Hold a retailer's bill against what the member's contract, readings and law make of its days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_question import BillQuestion
from api.services.bills.simulate_bills import simulate_bills
from api.services.bills.simulated_bills import SimulatedBills
from api.services.checks.bill_document import Readings, RetailBillDocument, TypedLine
from api.services.checks.count_estimated import count_estimated
from api.services.checks.retail_check import CheckRemark, RetailBillCheck, TermComparison
from api.services.checks.stated_lines import state_ours, state_theirs
from api.services.communities.find_points import find_points
from models.values.errors import CommunityError
from models.values.money import to_cents
from planner.billing.checks.bill_state import BillPart
from planner.billing.checks.bill_terms import TERM_OF_KIND, StatedLine, Term, gather_terms
from planner.billing.checks.explain_bill import explain_bill
from planner.billing.retail.bill_lines import ELECTRICITY_TAXES, BillLine

_GRID_ENERGY = (Term.ENERGY, Term.ENERGY_DISCOUNT)


def check_retail_bill(
    session: Session, *, promoter_id: UUID, document: RetailBillDocument, question: BillQuestion
) -> RetailBillCheck:
    """Hold a typed bill against our simulation of its days.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    document : RetailBillDocument
        Their bill.
    question : BillQuestion
        Contract, coefficients and law that ours is made by; its days are those of the bill.

    Returns
    -------
    RetailBillCheck
        The difference by cause: days, power, energy and surplus with their prices, limit of the
        compensation, discounts, fees, tax rates and bases, rounding, and what stays unexplained.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    CommunityError
        If its bill cannot be simulated.

    Notes
    -----
    Our bill is turned into theirs figure by figure, in the order of ``BillCause``; what a figure
    changes, taxes included, is its cause's. So the causes sum to the difference to the cent.
    """
    point_id = find_points(session, promoter_id=promoter_id, cups=[document.cups])[0]
    question = replace(question, start=document.start, end=document.end)
    bills = simulate_bills(session, promoter_id=promoter_id, ids=[point_id], question=question)
    ours = bills[point_id]
    if isinstance(ours, CommunityError):
        raise ours
    lines = [line for place in range(len(ours.bill_days)) for line in ours.list_lines(place)]
    parts = _cut_parts(lines, document)
    theirs_cents = to_cents(document.total_eur)
    stated = [line for part in parts for line in part.theirs]
    terms = gather_terms([state_ours(line) for line in lines], stated)
    estimated = count_estimated(session, point=ours.point, start=document.start, end=document.end)
    return RetailBillCheck(
        document=document,
        bills=ours,
        ours_cents=int(ours.sharing_cents.sum()),
        theirs_cents=theirs_cents,
        causes=explain_bill(parts, theirs_cents),
        terms=tuple(TermComparison(key, *pair) for key, pair in terms.items()),
        check_remarks=_remark(ours, document, lines, parts, estimated),
    )


def _cut_parts(lines: Sequence[BillLine], document: RetailBillDocument) -> list[BillPart]:
    """Cut both bills where taxes change, if all of their lines tell their days."""
    borders = _list_tax_starts(lines)
    if len(borders) == 1 or not all(line.start for line in document.line):
        return [_make_part(document, lines, document.line)]
    return [
        _make_part(
            document,
            [line for line in lines if _place(line.days.start, borders) == place],
            [line for line in document.line if _place(line.start, borders) == place],
        )
        for place in range(len(borders))
    ]


def _list_tax_starts(lines: Sequence[BillLine]) -> list[date]:
    return sorted({line.days.start for line in lines if line.kind in ELECTRICITY_TAXES}) or [
        min(line.days.start for line in lines)
    ]


def _place(day: date | None, borders: Sequence[date]) -> int:
    """Find the last border that a day has reached; the first for what begins before all."""
    return max(sum(border <= (day or border) for border in borders) - 1, 0)


def _make_part(
    document: RetailBillDocument, lines: Sequence[BillLine], typed: Sequence[TypedLine]
) -> BillPart:
    ours = [state_ours(line) for line in lines]
    return BillPart(ours, state_theirs(document, typed), _tell_cap(ours))


def _tell_cap(ours: Sequence[StatedLine]) -> int:
    """Tell what compensation may reach: where it reached it, what is left of the surplus."""
    by_term = {
        term: sum(line.cents for line in ours if TERM_OF_KIND[line.kind] is term)
        for term in (*_GRID_ENERGY, Term.SURPLUS, Term.COMPENSATION_LIMIT)
    }
    if by_term[Term.COMPENSATION_LIMIT]:
        return -by_term[Term.SURPLUS] - by_term[Term.COMPENSATION_LIMIT]
    return sum(by_term[term] for term in _GRID_ENERGY)


def _remark(
    ours: SimulatedBills,
    document: RetailBillDocument,
    lines: Sequence[BillLine],
    parts: Sequence[BillPart],
    n_estimated: int,
) -> tuple[CheckRemark, ...]:
    rates = {(line.kind, line.unit_price) for line in lines if line.kind.is_tax}
    has_several_taxes = len(rates) > len({TERM_OF_KIND[kind] for kind, _ in rates})
    holds = {
        CheckRemark.THEIRS_ESTIMATED: document.readings is Readings.ESTIMATED,
        CheckRemark.REGULARISES: document.regularises_from is not None,
        CheckRemark.OURS_ESTIMATED: n_estimated > 0,
        CheckRemark.SEVERAL_MONTHS: len(ours.bill_days) > 1,
        CheckRemark.TAXES_TOGETHER: has_several_taxes and len(parts) == 1,
    }
    return tuple(remark for remark, is_so in holds.items() if is_so)
