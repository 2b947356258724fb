"""Coefficients for many scenarios at once: best on average, or best in the worst of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.coefficients.certificate import measure_gap
from planner.coefficients.choose import Choice
from planner.coefficients.problem import Millionths
from planner.coefficients.projection import project_to_grid
from planner.coefficients.rules import Rule
from planner.curves import cover_concavely, is_concave
from planner.goal import Goal, build_value_curves, measure_value
from planner.sharing_year import SharingYear
from planner.unseen.scenarios import Values, lay_end_to_end, require_alike
from planner.unseen.summed_goal import require_sum
from planner.unseen.worst_tail import TailProblem, mean_of_worst, solve_worst_tail


class TailShareError(InvalidArgumentError):
    """A share of the scenarios is none.

    Attributes
    ----------
    tail_share : float
        What was asked for.
    """

    def __init__(self, tail_share: float) -> None:
        super().__init__(
            f"the worst {tail_share:g} of the scenarios cannot be raised; give a share above 0 and "
            "up to 1, such as 0.1"
        )
        self.tail_share = tail_share


@dataclass(frozen=True, slots=True, eq=False)
class RobustChoice:
    """Coefficients on the grid for many scenarios, and the proof of how good they are.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members,)
        Coefficients; they sum to 1,000,000.
    scenario_values : ndarray, shape (n_scenarios,)
        What they bring in each scenario, from the data [unit of the objective].
    value, upper_bound : float
        Mean over the scenarios, or over the worst of them, and what no feasible coefficients pass.
    gap : float
        ``(upper_bound - value) / upper_bound``.
    solver, method : str
        What solved it, and how.
    is_concave : bool
        Whether every scenario's curves are; where not, the bound holds but the gap may stay wide.
    """

    millionths: Millionths
    scenario_values: Values
    value: float
    upper_bound: float
    gap: float
    solver: str
    method: str
    is_concave: bool


def choose_for_mean(
    scenarios: Sequence[SharingYear], goal: Goal, choose: Callable[[SharingYear], Choice]
) -> RobustChoice:
    """Choose the coefficients that bring most on average over scenarios.

    Parameters
    ----------
    scenarios : sequence of SharingYear
        Years of the same members.
    goal : Goal
        What to make as large as possible; not one of ``MAX_MIN``.
    choose : callable
        Chooses for one year, with its proof and within its limits, by the same goal.

    Returns
    -------
    RobustChoice
        As good, and as proven, as the choice for one year is.

    Raises
    ------
    UnsummedGoalError
        If the objective raises the worst-off member.
    UnequalScenariosError
        If there are no scenarios, or of other members.
    InfeasibleError
        If the limits leave nothing to choose.

    Notes
    -----
    The sum over scenarios is the value of one long year, all laid end to end: every interval and
    every billing month with its cap counts by itself, so the method for one year serves.
    """
    require_sum(goal)
    choice = choose(lay_end_to_end(scenarios))
    values = _measure_values(scenarios, goal, choice.millionths)
    return RobustChoice(
        millionths=choice.millionths,
        scenario_values=values,
        value=float(values.mean()),
        upper_bound=choice.upper_bound / len(scenarios),
        gap=choice.gap,
        solver=choice.solver,
        method=f"{choice.method}, on {len(scenarios)} scenarios laid end to end",
        is_concave=choice.is_optimum,
    )


def choose_for_worst(
    scenarios: Sequence[SharingYear],
    goal: Goal,
    tail_share: float = 0.1,
    *,
    lower: Millionths | None = None,
    upper: Millionths | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> RobustChoice:
    """Choose the coefficients that bring most on average over the worst scenarios.

    Parameters
    ----------
    scenarios : sequence of SharingYear
        Years of the same members; the first one settles ties.
    goal : Goal
        What to make as large as possible; not one of ``MAX_MIN``.
    tail_share : float
        Share of the scenarios that counts, the worst under the chosen coefficients: 0.1 for the
        worst tenth, 1 for all.
    lower, upper : ndarray of int64, shape (n_members,), optional
        Limits [millionths]; 0 and 1,000,000 if left out.
    progress : callable, optional
        Told the number and the gap of each round.

    Returns
    -------
    RobustChoice
        Its gap counts the rounding too.

    Raises
    ------
    TailShareError
        If the share is not above 0 and at most 1.
    UnsummedGoalError
        If the objective raises the worst-off member.
    UnequalScenariosError
        If there are no scenarios, or of other members.
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    MissingPricesError
        If savings count and there are no prices.
    UnprovenError
        If the solver fails, or the gap stays above 1e-6 before rounding.

    Notes
    -----
    The mean of the worst share ``a`` is the conditional value at risk of Rockafellar and Uryasev
    (2000), ``max over t of t - sum of max(t - F_s, 0) / (a S)``, concave where the ``F_s`` are.
    """
    if not 0 < tail_share <= 1:
        raise TailShareError(tail_share)
    require_sum(goal)
    require_alike(scenarios)
    n_members = scenarios[0].n_members
    curves = [build_value_curves(scenario, goal) for scenario in scenarios]
    problem = TailProblem(
        curves=tuple(tuple(map(cover_concavely, members)) for members in curves),
        lower=np.zeros(n_members, dtype=np.int64) if lower is None else lower,
        upper=np.full(n_members, MILLIONTHS, dtype=np.int64) if upper is None else upper,
        target=scenarios[0].share_by(Rule.CONSUMPTION),
        precedence=scenarios[0].precedence,
        tail_share=tail_share,
    )
    solution = solve_worst_tail(problem, progress)
    millionths = project_to_grid(solution.beta, problem.lower, problem.upper, problem.precedence)
    values = _measure_values(scenarios, goal, millionths)
    value = mean_of_worst(values, tail_share)
    bound = max(solution.upper_bound, value)
    return RobustChoice(
        millionths=millionths,
        scenario_values=values,
        value=value,
        upper_bound=bound,
        gap=measure_gap(bound, value),
        solver="HiGHS",
        method=solution.method,
        is_concave=all(is_concave(curve) for members in curves for curve in members),
    )


def _measure_values(scenarios: Sequence[SharingYear], goal: Goal, millionths: Millionths) -> Values:
    """Settle every scenario under the same coefficients."""
    beta = millionths / MILLIONTHS
    return np.array([measure_value(scenario, goal, beta) for scenario in scenarios])
