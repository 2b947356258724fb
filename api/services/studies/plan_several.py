"""Plan a community with several plants: who shares in which, and coefficients inside each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from api.services.communities.narrow_community import narrow_community
from api.services.jobs.progress import Progress, tell_nobody
from api.services.proposals.complete_community import complete_community
from api.services.proposals.limits_document import LimitsDocument, cut_down, cut_up
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_plan import price_year, try_retail_year
from api.services.proposals.retail_year import RetailSources, find_folder_sources
from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.find_reach import Reach, find_reach
from loaders.records import CommunityYear, MemberRecord, MemberRole
from models.values.errors import InfeasibleError, InvalidArgumentError
from planner.assignment.assign import Assignment, assign_members
from planner.assignment.problem import AssignmentProblem, Capacity, CapacityError
from planner.coefficients.certificate import measure_gap
from planner.curves import ValueCurve, cover_concavely
from planner.goal import MAX_MIN, build_value_curves
from planner.profiles import Completion

_SECONDS = 60.0


class OnePlantOnlyError(InvalidArgumentError):
    """A plan of several plants was asked for what only one plant's plan can keep.

    Attributes
    ----------
    wish : str
        What was asked for.
    """

    def __init__(self, wish: str) -> None:
        super().__init__(
            f"{wish} cannot be asked of a community with several installations, whose members "
            "are not assigned yet; give each installation its own folder"
        )
        self.wish = wish


class NoRoomError(InfeasibleError):
    """Members and installations do not fit together.

    Attributes
    ----------
    missing : int
        Members for whom no installation within reach has room.
    shortfalls : dict of str to float
        By CAU, how many members it lacks.
    """

    def __init__(self, missing: int, shortfalls: dict[str, float]) -> None:
        facts = [f"{missing} members find no room in an installation in reach"] if missing else []
        facts += [f"{cau} is short of {lack:g} members" for cau, lack in shortfalls.items()]
        super().__init__(f"{'; '.join(facts)}: change the capacities, min-beta or max-beta")
        self.missing = missing
        self.shortfalls = shortfalls


@dataclass(frozen=True, slots=True, eq=False)
class PlannedSeveral:
    """Members in plants, coefficients in each, and one proof for all.

    Attributes
    ----------
    community : CommunityYear
        What was planned.
    request : PlanRequest
        What was asked for, of every plant.
    members : tuple of MemberRecord, length n_members
        Those who share, in the order of the list.
    reach : Reach
        Who was near enough to which plant.
    assignment : Assignment
        Who shares in which plant.
    plans : tuple of PlannedYear, length n_caus
        Each plant's own plan, in the order of the installations.
    value, upper_bound : float
        What all plants bring, from the data, and what no assignment with any coefficients passes
        [unit of the objective].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    """

    community: CommunityYear
    request: PlanRequest
    members: tuple[MemberRecord, ...]
    reach: Reach
    assignment: Assignment
    plans: tuple[PlannedYear, ...]
    value: float
    upper_bound: float
    gap: float


def plan_several(
    *,
    community: CommunityYear,
    request: PlanRequest,
    day: date,
    most_members: int | None = None,
    production: Sequence[NDArray[np.float64]] = (),
    sources: RetailSources | None = None,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
) -> PlannedSeveral:
    """Assign those who share to plants, and choose the coefficients in each.

    Parameters
    ----------
    community : CommunityYear
        A year of a community; with one installation everybody shares in that.
    request : PlanRequest
        Objective and limits, the same in every plant.
    day : date
        Local day whose distance limit holds.
    most_members : int, optional
        How many may share in one plant.
    production : sequence of ndarray, each of shape (n_installations, n_steps)
        Net generation of the same plants in other years, to check the plan on [kWh].
    sources : RetailSources, optional
        What is known of contracts and prices; the community's own prices by default.
    seconds : float
        Time for the integer programs [s].
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    PlannedSeveral
        Assignment, plans and proof. Floors are kept inside each plant but do not guide the
        assignment; the bound holds all the same. With several plants there is no comparison with
        the coefficients in force, since the list does not say which plant those are of.

    Raises
    ------
    OnePlantOnlyError
        If the request holds what only one plant's plan can keep.
    TooFarError
        If somebody is too far from every plant.
    UnfillableGapsError
        If consumption has gaps and nobody has a whole year to take a profile from.
    NoRoomError
        If the capacities are too small, or a plant is left without members.
    UnknownFigureError
        If the distance limit of the day is not known.
    MissingPricesError
        If savings are asked for without prices.
    InfeasiblePlanError
        If no coefficients in some plant keep the limits and sum to one.
    UnprovenError
        If the solver fails.
    UnknownLawError, UnfitContractError, MissingPricesError
        If retail bills are asked for and cannot be made.
    """
    report = progress or tell_nobody
    _check_request(request)
    report(0.0, "measuring distances")
    community, completions = complete_community(community)
    if len(community.installations) > 1:
        community = _forget_agreement(community)
    rows = community.positions(MemberRole.MEMBER)
    members = tuple(community.members[row] for row in rows)
    reach = find_reach(community, members, day)
    report(0.1, "assigning members to installations")
    known = sources or find_folder_sources(community)
    problem = _state_problem(community, request, known, reach, most_members)
    assignment = _assign(community, problem, seconds)
    report(0.6, "choosing coefficients")
    plans = tuple(_plan_plants(community, request, assignment, completions, production, known))
    value = math.fsum(plan.choice.value for plan in plans)
    upper_bound = max(assignment.upper_bound, value)
    report(1.0, "planned")
    return PlannedSeveral(
        community=community,
        request=request,
        members=members,
        reach=reach,
        assignment=assignment,
        plans=plans,
        value=value,
        upper_bound=upper_bound,
        gap=measure_gap(upper_bound, value),
    )


def _forget_agreement(community: CommunityYear) -> CommunityYear:
    """Leave the coefficients in force out: the list does not say which plant they are of."""
    members = tuple(replace(member, current_beta=None) for member in community.members)
    return replace(community, members=members)


def _check_request(request: PlanRequest) -> None:
    """Refuse what is about members of one plant, or not a sum over plants."""
    wishes = {
        f"the objective {request.objective}": request.objective in MAX_MIN,
        "a file of limits": request.limits != LimitsDocument(),
        "a robust plan": request.robust is not None,
    }
    for wish, is_asked in wishes.items():
        if is_asked:
            raise OnePlantOnlyError(wish)


def _state_problem(
    community: CommunityYear,
    request: PlanRequest,
    sources: RetailSources,
    reach: Reach,
    most_members: int | None,
) -> AssignmentProblem:
    """Build what a coefficient in each plant is worth to each member."""
    goal, rows = request.state_goal(community), community.positions(MemberRole.MEMBER)
    retail = try_retail_year(community=community, rows=rows, request=request, sources=sources)
    n_caus = len(community.installations)
    curves: list[tuple[ValueCurve, ...]] = []
    for plant in range(n_caus):
        narrowed = narrow_community(community, plant, rows.tolist())
        year = price_year(build_sharing_year(narrowed, np.arange(rows.size)), retail, request)
        curves.append(tuple(cover_concavely(curve) for curve in build_value_curves(year, goal)))
    most = Capacity(
        label="members",
        size=np.ones(rows.size),
        least=np.ones(n_caus),
        most=np.full(n_caus, np.inf if most_members is None else float(most_members)),
    )
    return AssignmentProblem(
        curves=tuple(curves),
        allowed=reach.allowed,
        capacities=(most,),
        lower=cut_up(request.min_beta),
        upper=cut_down(request.max_beta),
    )


def _assign(community: CommunityYear, problem: AssignmentProblem, seconds: float) -> Assignment:
    """Assign, and name the installations where the planner can only count them."""
    try:
        return assign_members(problem, seconds=seconds)
    except CapacityError as error:
        shortfalls: dict[str, float] = {}
        for _, plant, lack in error.shortfalls:
            cau = str(community.installations[plant].cau)
            shortfalls[cau] = max(lack, shortfalls.get(cau, 0.0))
        raise NoRoomError(error.missing, shortfalls) from error


def _plan_plants(
    community: CommunityYear,
    request: PlanRequest,
    assignment: Assignment,
    completions: Sequence[Completion],
    production: Sequence[NDArray[np.float64]],
    sources: RetailSources,
) -> Iterator[PlannedYear]:
    """Plan every plant for those who share in it."""
    rows = community.positions(MemberRole.MEMBER)
    for plant in range(len(community.installations)):
        group = rows[assignment.cau_of == plant].tolist()
        planned = plan_coefficients(
            community=narrow_community(community, plant, group),
            request=request,
            production=[generation_kwh[plant] for generation_kwh in production],
            sources=sources,
        )
        yield replace(planned, completions=tuple(completions[row] for row in group))
