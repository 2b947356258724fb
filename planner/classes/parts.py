"""The parts of a year that bind each other by nothing, each solved for itself."""

from dataclasses import dataclass

import numpy as np

from models.values.coefficient import MILLIONTHS
from planner.classes.coupled import CoupledSearch
from planner.classes.coupling import cut_out, split_by_months
from planner.classes.problem import ClassProblem
from planner.classes.separate import solve_class, solve_each_class
from planner.coefficients.certificate import measure_gap
from planner.coefficients.problem import Millionths
from planner.goal import Goal, build_value_curves, measure_value


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Coefficients by class, and what is known of them.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients; they sum to 1,000,000 in every class.
    upper_bound : float
        What no feasible coefficients pass [unit of the objective].
    rounds : int
        Linear programs that it took.
    """

    millionths: Millionths
    upper_bound: float
    rounds: int = 0

    def measure_value(self, problem: ClassProblem, goal: Goal) -> float:
        """Settle the year under these coefficients [unit of the objective]."""
        beta = (self.millionths / MILLIONTHS)[:, problem.classes.of_step]
        return measure_value(problem.year, goal, beta)

    def measure_gap(self, problem: ClassProblem, goal: Goal) -> float:
        """Express how far these coefficients may be from the best, as a share of the bound."""
        return measure_gap(self.upper_bound, self.measure_value(problem, goal))


def solve_parts(problem: ClassProblem, goal: Goal) -> Found:
    """Find the best coefficients of classes that monthly caps may bind.

    Parameters
    ----------
    problem : ClassProblem
        Feasible limits in every class.
    goal : Goal
        A sum.

    Returns
    -------
    Found
        Without floors.

    Raises
    ------
    UnprovenError
        If a linear program ends without a certified gap.

    Notes
    -----
    In energy every class stands alone. In money the classes of a month do not, so the year is
    cut into months that share no class; where a class is its month, its curve knows the cap.
    """
    if not goal.weights.eur:
        solution = solve_each_class(problem)
        return Found(solution.millionths, float(solution.bounds.sum()))
    idle = [number for number, steps in enumerate(problem.steps) if not steps.size]
    millionths, upper_bound, rounds = solve_each_class(problem, idle).millionths, 0.0, 0
    for steps in split_by_months(problem):
        part, numbers = cut_out(problem, steps)
        found = _solve_part(part, goal)
        millionths[:, numbers] = found.millionths
        upper_bound, rounds = upper_bound + found.upper_bound, rounds + found.rounds
    return Found(millionths, upper_bound, rounds)


def _solve_part(part: ClassProblem, goal: Goal) -> Found:
    """Solve months that share their classes: exactly, unless caps bind several classes."""
    if part.classes.count == 1:
        single, bound = solve_class(part, 0, build_value_curves(part.year, goal))
        return Found(single[:, np.newaxis], bound)
    relaxed = solve_each_class(part)
    no_floors = np.zeros(part.year.n_members)
    search = CoupledSearch(part, goal, no_floors, relaxed.millionths)
    if not search.has_capped_months:
        return Found(relaxed.millionths, float(relaxed.bounds.sum()))
    solution = search.solve(no_floors)
    return Found(solution.millionths, solution.upper_bound, solution.rounds)
