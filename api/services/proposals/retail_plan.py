"""Make the yearly bills of a plan: where they are asked for, or as far as they can be made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_question import RetailQuestion
from api.services.proposals.retail_year import RetailSources, RetailYear, prepare_retail_year
from api.services.proposals.yearly_bills import YearlyBills, bill_year
from loaders.records import CommunityYear
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError
from planner.coefficients.choose import Choice
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


def bill_plan(
    *,
    retail: RetailYear | CommunityError,
    year: SharingYear,
    choice: Choice,
    request: PlanRequest,
) -> BilledPlan:
    """Bill the year of everybody who shares, if that is possible.

    Parameters
    ----------
    retail : RetailYear or CommunityError
        Contracts and law, or why they cannot be stated.
    year : SharingYear
        Energy and the coefficients in force.
    choice : Choice
        The proposed coefficients.
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
        bills = bill_year(retail=retail, year=year, proposed=choice.millionths / MILLIONTHS)
    except CommunityError as error:
        if request.needs_bills:
            raise
        return BilledPlan(reason=str(error))
    return BilledPlan(bills)
