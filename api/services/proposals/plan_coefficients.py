"""Plan a community's year: choose its coefficients, and settle it under them and every rule."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from api.services.jobs.progress import Progress, tell_nobody
from api.services.proposals.complete_community import complete_community
from api.services.proposals.plan_by_class import ClassPlan, plan_by_class
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.plan_unseen import RobustPlan, check_on_unseen_data, plan_robustly
from api.services.proposals.recheck_plan import recheck_plan
from api.services.proposals.retail_plan import (
    BilledPlan,
    bill_plan,
    price_year,
    try_retail_year,
)
from api.services.proposals.retail_year import (
    RetailSources,
    RetailYear,
    find_folder_sources,
)
from api.services.proposals.sharing_year import build_sharing_year
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.coefficient import MILLIONTHS
from models.values.errors import CommunityError, InfeasibleError, InvalidArgumentError
from planner.allocation import bound_hourly
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.choose import Choice, choose_within
from planner.coefficients.feasibility import InfeasibleLimitsError, enclose_limits
from planner.coefficients.problem import Millionths
from planner.fairness.comparison import Comparison, compare_with_rules
from planner.fairness.price_of_fairness import (
    FairnessCurve,
    MissingReferenceError,
    trace_price_of_fairness,
)
from planner.goal import Goal, YearCurves
from planner.profiles import Completion
from planner.recheck import Recheck
from planner.sharing_year import SharingYear
from planner.unseen.survival import Survival

PROPOSAL = "proposal"
"""Name of the scenario in which the chosen coefficients apply."""


class SeveralInstallationsError(InvalidArgumentError):
    """A plan shares one plant, and the community has several.

    Attributes
    ----------
    caus : tuple of str
        The installations' codes.
    """

    def __init__(self, caus: tuple[str, ...]) -> None:
        super().__init__(
            f"a plan shares one installation, and this community has {len(caus)}: "
            f"{', '.join(caus)}; give each its own folder, with the members that share in it"
        )
        self.caus = caus


class InfeasiblePlanError(InfeasibleError):
    """No coefficients keep all that was asked for.

    Attributes
    ----------
    conflict : tuple of str
        Labels of a smallest set of limits that cannot hold together.
    needs : dict of str to tuple of two ints
        By member id, the least and the greatest coefficient that cross [millionths].
    largest_floor : float or None
        The largest share that a floor could ask for beside the other limits.
    """

    def __init__(self, error: InfeasibleLimitsError, members: Sequence[MemberRecord]) -> None:
        super().__init__(error.explain(lambda row: members[row].member_id))
        self.conflict = error.conflict
        self.needs = {members[row].member_id: both for row, both in error.needs.items()}
        self.largest_floor = error.largest_floor


@dataclass(frozen=True, slots=True, eq=False)
class PlannedYear:
    """Coefficients with their proof, and the year under them and under every rule.

    Attributes
    ----------
    community : CommunityYear
        What was planned, gaps filled.
    request : PlanRequest
        What was asked for.
    goal : Goal
        The objective with its weights and its CO2 factor.
    members : tuple of MemberRecord, length n_members
        Those who share, in the order of the list.
    choice : Choice
        Coefficients, bound and gap.
    seconds : float
        Time spent on choosing and rounding [s].
    scenarios : dict of str to Settlement
        The proposal first, then every rule; arrays of shape (n_members, 12).
    hourly_bound_kwh : float
        Energy that no coefficients, not even hourly ones, can pass [kWh].
    comparison : Comparison
        Who wins and who loses against every rule.
    completions : tuple of Completion, length n_members
        How much of each member's year was measured, and what filled the rest.
    by_class : ClassPlan or None
        Coefficients by class of hours, if they were asked for.
    curve : FairnessCurve or None
        The price of fairness, if it was asked for.
    survivals : tuple of Survival
        What remains of the gain on unseen data, if that was asked for.
    robust : RobustPlan or None
        The drawn years that the coefficients were chosen for, if that was asked for.
    recheck : Recheck or None
        The same claims checked again by other means; None for objectives that are no sum.
    billed : BilledPlan
        Everybody's yearly bills, or why there are none.
    """

    community: CommunityYear
    request: PlanRequest
    goal: Goal
    members: tuple[MemberRecord, ...]
    choice: Choice
    seconds: float
    scenarios: dict[str, Settlement]
    hourly_bound_kwh: float
    comparison: Comparison
    completions: tuple[Completion, ...]
    by_class: ClassPlan | None = None
    curve: FairnessCurve | None = None
    survivals: tuple[Survival, ...] = ()
    robust: RobustPlan | None = None
    recheck: Recheck | None = None
    billed: BilledPlan = field(default_factory=BilledPlan)

    @property
    def installation(self) -> InstallationRecord:
        """The plant that is shared."""
        return self.community.installations[0]

    @property
    def millionths(self) -> Millionths:
        """The chosen coefficients, in the order of the members."""
        return self.choice.millionths

    @property
    def proposal(self) -> Settlement:
        """The year under the chosen coefficients."""
        return self.scenarios[PROPOSAL]


def plan_coefficients(
    *,
    community: CommunityYear,
    request: PlanRequest,
    production: Sequence[NDArray[np.float64]] = (),
    sources: RetailSources | None = None,
    progress: Progress | None = None,
) -> PlannedYear:
    """Choose the best coefficients for those who share, and settle the year in every scenario.

    Parameters
    ----------
    community : CommunityYear
        A year of a community with one installation; gaps in its consumption are filled.
    request : PlanRequest
        Objective, limits, and what else to work out.
    production : sequence of ndarray, each of shape (n_steps,)
        Net generation of the same plant in other years, to check the plan on [kWh].
    sources : RetailSources, optional
        What is known of contracts and prices; the community's own prices by default.
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    PlannedYear
        Coefficients, proof and scenarios.

    Raises
    ------
    SeveralInstallationsError
        If the community has more than one installation.
    UnfillableGapsError
        If consumption has gaps and nobody has a whole year to take a profile from.
    GoalError, MissingPricesError
        If the objective lacks weights, a CO2 factor or prices.
    MissingReferenceError
        If the year lacks what the reference rule shares by.
    LimitError, LimitsDocumentError, UnknownMembersError
        If a limit cannot mean what it says, lacks data, or names somebody who does not share.
    InfeasiblePlanError
        If no coefficients keep the limits and sum to one.
    UnprovenError
        If a linear program ends without a certified gap.
    RefutedClaimError
        If the proof does not hold when it is checked again.
    UnknownLawError, UnfitContractError, MissingPricesError
        If retail bills are asked for and cannot be made.
    """
    report = progress or tell_nobody
    if len(community.installations) > 1:
        raise SeveralInstallationsError(tuple(str(i.cau) for i in community.installations))
    ready = _make_ready(community, request, sources)
    year, goal = ready.curves.year, request.state_goal(community)
    report(0.1, "choosing coefficients")
    choice, seconds = _choose(ready, goal, request)
    robust = None
    if request.robust is not None:
        report(0.3, "planning for drawn years")
        robust = plan_robustly(
            year=year,
            step=community.step,
            goal=goal,
            choice=choice,
            kind=request.robust,
            production=production,
        )
        choice = robust.choice
    report(0.35, "checking the proof again")
    recheck = recheck_plan(year=year, goal=goal, choice=choice)
    report(0.4, "settling every scenario")
    plan = _settle_plan(ready, request, goal, choice, seconds)
    plan = replace(plan, robust=robust, recheck=recheck)
    return _add_extras(plan, ready, production, report)


@dataclass(frozen=True, slots=True, eq=False)
class _ReadyYear:
    """Who shares, their year with the prices that count, and what is known of their bills."""

    community: CommunityYear
    members: tuple[MemberRecord, ...]
    completions: tuple[Completion, ...]
    curves: YearCurves
    retail: RetailYear | CommunityError


def _make_ready(
    community: CommunityYear, request: PlanRequest, sources: RetailSources | None
) -> _ReadyYear:
    """Fill gaps, keep those who share, and put the prices that count over their year."""
    community, completions = complete_community(community)
    rows = community.positions(MemberRole.MEMBER)
    known = sources or find_folder_sources(community)
    retail = try_retail_year(community=community, rows=rows, request=request, sources=known)
    year = price_year(build_sharing_year(community, rows), retail, request)
    if request.reference not in year.rules():
        raise MissingReferenceError(request.reference)
    return _ReadyYear(
        community=community,
        members=tuple(community.members[row] for row in rows),
        completions=tuple(completions[row] for row in rows),
        curves=YearCurves(year),
        retail=retail,
    )


def _choose(ready: _ReadyYear, goal: Goal, request: PlanRequest) -> tuple[Choice, float]:
    """Choose within the limits, and tell how long it took; name members where limits cross."""
    started = time.perf_counter()
    limits = request.list_limits(ready.members, ready.community.installations[0].pv_kw)
    try:
        region = enclose_limits(ready.curves, limits)
    except InfeasibleLimitsError as error:
        raise InfeasiblePlanError(error, ready.members) from error
    choice = choose_within(ready.curves, goal, region, request.method)
    return choice, time.perf_counter() - started


def _settle_plan(
    ready: _ReadyYear, request: PlanRequest, goal: Goal, choice: Choice, seconds: float
) -> PlannedYear:
    """Settle and bill the year under the coefficients, and compare it with every rule."""
    year = ready.curves.year
    scenarios = _settle(year, choice)
    bound = bound_hourly(year.generation_kwh, year.consumption_kwh)
    rules = {name: settled for name, settled in scenarios.items() if name != PROPOSAL}
    shares = choice.millionths / MILLIONTHS
    return PlannedYear(
        community=ready.community,
        request=request,
        goal=goal,
        members=ready.members,
        choice=choice,
        seconds=seconds,
        scenarios=scenarios,
        hourly_bound_kwh=bound,
        comparison=compare_with_rules(scenarios[PROPOSAL], rules, bound),
        completions=ready.completions,
        billed=bill_plan(retail=ready.retail, year=year, proposed=shares, request=request),
    )


def _settle(year: SharingYear, choice: Choice) -> dict[str, Settlement]:
    """Settle the year under the proposal and every rule."""
    shares = {PROPOSAL: choice.millionths / MILLIONTHS} | {
        rule.value: beta for rule, beta in year.rules().items()
    }
    return {
        name: simulate_year(
            beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
        )
        for name, beta in shares.items()
    }


def _add_extras(
    plan: PlannedYear,
    ready: _ReadyYear,
    production: Sequence[NDArray[np.float64]],
    report: Progress,
) -> PlannedYear:
    """Work out what was asked for beside the coefficients."""
    request, curves = plan.request, ready.curves
    if request.classes is not None:
        report(0.5, "choosing coefficients by class of hours")
        by_class = plan_by_class(
            community=plan.community,
            curves=curves,
            goal=plan.goal,
            request=request,
            members=plan.members,
            retail=ready.retail,
        )
        plan = replace(plan, by_class=by_class)
    if request.has_curve:
        report(0.6, "tracing the price of fairness")
        traced = trace_price_of_fairness(
            curves, plan.goal, request.reference, region=plan.choice.region
        )
        plan = replace(plan, curve=traced)
    if request.is_checked:
        report(0.7, "checking on unseen data")
        survivals = check_on_unseen_data(
            year=curves.year,
            step=plan.community.step,
            goal=plan.goal,
            choice=plan.choice,
            reference=request.reference,
            production=production,
            progress=lambda share, stage: report(0.7 + 0.3 * share, stage),
        )
        plan = replace(plan, survivals=survivals)
    report(1.0, "planned")
    return plan
