"""Simulate the retail bills of supply points, with self-consumption and without."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_group import bill_group
from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_point import BilledPoint
from api.services.bills.prepare_points import prepare_points
from api.services.bills.simulated_bills import SimulatedBills
from models.values.calendar import Step
from models.values.errors import CommunityError
from models.values.tariff import Tariff


def simulate_bills(
    session: Session, *, promoter_id: UUID, ids: Collection[UUID], question: BillQuestion
) -> dict[UUID, SimulatedBills | CommunityError]:
    """Simulate the bills of many supply points at once.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    ids : collection of UUID
        Supply points.
    question : BillQuestion
        Which days, coefficients, contracts and law.

    Returns
    -------
    dict of UUID to SimulatedBills or CommunityError
        Of every supply point that the promoter has: its bills, or why there are none
        (``MissingMonthsError``, ``MissingPricesError``, ``UnknownFigureError``,
        ``UnfitContractError``, ``DifferentStepsError`` and others).

    Raises
    ------
    BilledPeriodError
        If the days cannot be billed.
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.

    Notes
    -----
    The rules stand in docs/billing-rules.md. Bills are of at most a month; within them every
    change of coefficients, prices, law and taxes counts on its days.
    """
    found: dict[UUID, SimulatedBills | CommunityError] = {}
    for prepared in prepare_points(session, promoter_id=promoter_id, ids=ids, question=question):
        groups: dict[tuple[Tariff, Step], list[BilledPoint]] = defaultdict(list)
        for key, point in prepared.points.items():
            if isinstance(point, CommunityError):
                found[key] = point
            else:
                groups[point.facts.tariff, point.energy.step].append(point)
        for group in groups.values():
            found |= bill_group(group, prepared.preparer)
    return {key: found[key] for key in ids if key in found}
