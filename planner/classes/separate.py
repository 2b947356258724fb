"""Every class for itself: exact wherever nothing across classes binds their coefficients."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from planner.classes.batch import ClassBatch, solve_batch
from planner.classes.problem import ClassProblem, ClassSolution
from planner.classes.worth_curves import build_worth_curve
from planner.coefficients.exact import solve_exactly
from planner.coefficients.exchanges import choose_by_exchanges
from planner.coefficients.problem import CoefficientProblem, Millionths
from planner.coefficients.rounding import round_with_least_loss
from planner.curves import ValueCurve, cover_concavely, is_concave

_FEW_STEPS = 8
"""Intervals of a class that is solved in tables: an hour of quarters that comes twice."""

_TABLE_SIZE = 2_000_000
"""Numbers in one such table, so that memory stays small beside the data."""


def solve_each_class(problem: ClassProblem, only: Iterable[int] | None = None) -> ClassSolution:
    """Find the best coefficients of classes that do not bind each other.

    Parameters
    ----------
    problem : ClassProblem
        Feasible limits in every class.
    only : iterable of int, optional
        The classes to solve; all if left out. The others keep zeros.

    Returns
    -------
    ClassSolution
        An optimum on the grid in every class, of several the nearest to the target, where energy
        is never worth more spilled than used; elsewhere good coefficients, and a bound.
    """
    chosen = np.arange(problem.classes.count) if only is None else np.array(list(only), dtype=int)
    solution = ClassSolution(np.zeros_like(problem.lower), np.zeros(problem.classes.count))
    n_steps = np.array([problem.steps[number].size for number in chosen.tolist()], dtype=int)
    concave = [problem.worth.is_concave(problem.steps[number]) for number in chosen.tolist()]
    in_tables = (n_steps <= _FEW_STEPS) & np.array(concave, dtype=bool)
    for size in np.unique(n_steps[in_tables]).tolist():
        alike = chosen[in_tables & (n_steps == size)]
        at_once = max(1, _TABLE_SIZE // (problem.year.n_members * (2 * size + 2)))
        for start in range(0, alike.size, at_once):
            _solve_in_tables(problem, alike[start : start + at_once], solution)
    for number in chosen[~in_tables].tolist():
        curves = build_class_curves(problem, number)
        millionths, bound = solve_class(problem, number, curves)
        solution.millionths[:, number], solution.bounds[number] = millionths, bound
    return solution


def _solve_in_tables(
    problem: ClassProblem, numbers: NDArray[np.intp], solution: ClassSolution
) -> None:
    """Solve classes of equally many intervals together, and write their results down."""
    steps = np.array([problem.steps[number] for number in numbers.tolist()], dtype=np.intp)
    batch = ClassBatch(
        consumption_kwh=_by_class(problem.year.consumption_kwh, steps),
        generation_kwh=_by_class(np.maximum(problem.year.generation_kwh, 0.0)[np.newaxis], steps),
        used_worth=_by_class(problem.worth.used, steps),
        spilled_worth=_by_class(problem.worth.spilled, steps),
        lower=problem.lower[:, numbers].T,
        upper=problem.upper[:, numbers].T,
        target=problem.target[:, numbers].T,
        precedence=problem.year.precedence,
    )
    millionths, bounds = solve_batch(batch)
    solution.millionths[:, numbers], solution.bounds[numbers] = millionths.T, bounds


def _by_class(rows: NDArray[np.float64], steps: NDArray[np.intp]) -> NDArray[np.float64]:
    """Cut rows by interval into a table of classes, rows and intervals."""
    return np.ascontiguousarray(rows[:, steps].swapaxes(0, 1))


def build_class_curves(problem: ClassProblem, number: int) -> tuple[ValueCurve, ...]:
    """Build what each member's coefficient in a class is worth, without any cap.

    Parameters
    ----------
    problem : ClassProblem
        Energy and its worth.
    number : int
        The class.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in the unit of the objective.
    """
    steps, n_members = problem.steps[number], problem.year.n_members
    used, spilled = (
        np.broadcast_to(rows[:, steps], (n_members, steps.size))
        for rows in (problem.worth.used, problem.worth.spilled)
    )
    generation = problem.year.generation_kwh[steps]
    consumption = problem.year.consumption_kwh[:, steps]
    return tuple(
        build_worth_curve(consumption[row], generation, used[row], spilled[row])
        for row in range(n_members)
    )


def solve_class(
    problem: ClassProblem, number: int, curves: tuple[ValueCurve, ...]
) -> tuple[Millionths, float]:
    """Find the best coefficients of one class, and bound it.

    Parameters
    ----------
    problem : ClassProblem
        Limits and target.
    number : int
        The class.
    curves : tuple of ValueCurve, length n_members
        What its coefficients are worth.

    Returns
    -------
    tuple of ndarray of int64, shape (n_members,), and float
        Coefficients [millionths], and what none pass. Where a curve is not concave the bound is
        that of the least concave majorants, and exchanges improve what they suggest.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    """
    single = CoefficientProblem(
        curves=tuple(cover_concavely(curve) for curve in curves),
        lower=problem.lower[:, number],
        upper=problem.upper[:, number],
        target=problem.target[:, number],
        precedence=problem.year.precedence,
    )
    solved = solve_exactly(single)
    millionths = round_with_least_loss(single, solved.price)
    if not all(is_concave(curve) for curve in curves):
        millionths = choose_by_exchanges(single, curves, [millionths])
    return millionths, solved.upper_bound
