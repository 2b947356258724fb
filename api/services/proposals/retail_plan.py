"""Make the yearly bills of a plan: where they are asked for, or as far as they can be made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from api.services.proposals.retail_year import RetailSources, RetailYear, prepare_retail_year
from api.services.proposals.yearly_bills import YearlyBills, bill_year, join_bills
from loaders.records import CommunityYear
from models.values.errors import CommunityError
from planner.coefficients.problem import Shares
from planner.sharing_year import SharingYear


@dataclass(frozen=True, slots=True, eq=False)
class BilledPlan:
    """The yearly bills of a plan.

    Attributes
    ----------
    bills : YearlyBills or None
        None where they could not be made, and nobody asked for them.
    reason : str
        Why there are none.
    """

    bills: YearlyBills | None = None
    reason: str = ""


def try_retail_year(
    *,
    community: CommunityYear,
    rows: NDArray[np.intp],
    request: PlanRequest,
    sources: RetailSources,
) -> RetailYear | CommunityError:
    """State contracts and law of the planned year, if that is possible.

    Parameters
    ----------
    community : CommunityYear
        The planned year, without gaps.
    rows : ndarray of int
        Who shares, by position in the list.
    request : PlanRequest
        Says whether a plan without bills is none.
    sources : RetailSources
        What is known of contracts and prices.

    Returns
    -------
    RetailYear or CommunityError
        Or why they cannot be stated.

    Raises
    ------
    CommunityError
        If they cannot be stated and are needed; see ``prepare_retail_year``.
    """
    question = request.retail or RetailQuestion()
    try:
        return prepare_retail_year(
            community=community, rows=rows, question=question, sources=sources
        )
    except CommunityError as error:
        if request.needs_bills:
            raise
        return error


def price_year(
    year: SharingYear, retail: RetailYear | CommunityError, request: PlanRequest
) -> SharingYear:
    """Put the members' own prices over the year, if euros are to be counted by them.

    Parameters
    ----------
    year : SharingYear
        Of the members of ``retail``, in their order.
    retail : RetailYear or CommunityError
        Contracts and law, or why they cannot be stated.
    request : PlanRequest
        Says by which prices euros count.

    Returns
    -------
    SharingYear
        At the community's own prices unless retail ones are asked for.
    """
    if request.prices is PriceBasis.STORED or isinstance(retail, CommunityError):
        return year
    return replace(year, prices=retail.price_members())


def bill_plan(
    *,
    retail: RetailYear | CommunityError,
    year: SharingYear,
    proposed: Shares,
    request: PlanRequest,
) -> BilledPlan:
    """Bill the year of everybody who shares, if that is possible.

    Parameters
    ----------
    retail : RetailYear or CommunityError
        Contracts and law, or why they cannot be stated.
    year : SharingYear
        Energy and the coefficients in force.
    proposed : ndarray, shape (n_members,) or (n_members, n_steps)
        Coefficients [1].
    request : PlanRequest
        Says whether a plan without bills is none.

    Returns
    -------
    BilledPlan
        Bills, or why there are none.

    Raises
    ------
    CommunityError
        If a bill cannot be made and bills are needed; see ``bill_year``.
    """
    if isinstance(retail, CommunityError):
        return BilledPlan(reason=str(retail))
    try:
        bills = bill_year(retail=retail, year=year, proposed=proposed)
    except CommunityError as error:
        if request.needs_bills:
            raise
        return BilledPlan(reason=str(error))
    return BilledPlan(bills)


def join_billed(parts: Sequence[BilledPlan]) -> BilledPlan:
    """Put the yearly bills of several plants together.

    Parameters
    ----------
    parts : sequence of BilledPlan
        Each plant's own.

    Returns
    -------
    BilledPlan
        Everybody's bills; where a plant has none, its reason.
    """
    made = [part.bills for part in parts if part.bills is not None]
    if len(made) < len(parts):
        return BilledPlan(reason=next(part.reason for part in parts if part.bills is None))
    return BilledPlan(join_bills(made))
