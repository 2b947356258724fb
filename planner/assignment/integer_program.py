"""Who shares where as an integer program: one binary a member and plant, one value a plant.

Coefficients do not appear in it. For a set of members they are found exactly, and what they can
bring is bounded by cuts, each the weak duality of one price. The program's own bound therefore
holds for all assignments with all coefficients, however few cuts it has; cuts at the prices of its
solution make it tight there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pulp
from highspy import HighsModelStatus
from numpy.typing import NDArray

from planner.assignment.problem import NO_CAU, AssignmentProblem, Capacity, CapacityError, CauOf
from planner.assignment.rents import Cut
from planner.coefficients.linear_program import UnprovenError

_SIZE = 1000.0
"""Value that prices and rents are scaled to, so that the solver's tolerances mean little."""

_TOLERANCE = 1e-9
_MARGIN = 1e-5
"""By how much its bound is raised, of that size: far above what its tolerances can hide."""

_WHOLE = 0.5

Choices = NDArray[Any]
"""A variable for each member and plant within reach, None beyond; shape (n_members, n_caus)."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgramSolution:
    """What one solution of the program says.

    Attributes
    ----------
    shares : ndarray, shape (n_members, n_caus)
        How much of each member is in each plant.
    upper_bound : float
        What no assignment passes [unit of the objective].
    seconds : float
        Time that the solver took [s].
    """

    shares: NDArray[np.float64]
    upper_bound: float
    seconds: float

    @property
    def cau_of(self) -> CauOf:
        """Plant of each member, from shares that are whole."""
        chosen = np.argmax(self.shares, axis=1)
        return np.where(self.shares.max(axis=1) > _WHOLE, chosen, NO_CAU)


def solve_integer_program(
    problem: AssignmentProblem,
    cuts: Sequence[Cut],
    *,
    relaxed: bool = False,
    gap: float = 0.0,
    seconds: float | None = None,
) -> ProgramSolution:
    """Find the assignment that is best as far as the cuts can tell, and a bound for all.

    Parameters
    ----------
    problem : AssignmentProblem
        Reach, capacities and limits.
    cuts : sequence of Cut
        At least one of each plant.
    relaxed : bool
        Whether members may be split among plants: a quick and weaker bound.
    gap : float
        Relative gap at which the solver may stop.
    seconds : float, optional
        Time that the solver may take [s]; its bound holds whenever it stops.

    Returns
    -------
    ProgramSolution
        Shares and bound.

    Raises
    ------
    CapacityError
        If no assignment keeps the capacities.
    UnprovenError
        If the solver fails, or the time ends before it finds any assignment.
    """
    scale = _scale(problem, cuts)
    program = pulp.LpProblem("assignment", pulp.LpMaximize)
    choices = _add_choices(program, problem)
    values = [program.add_variable(f"value_{cau}") for cau in range(problem.n_caus)]
    program.setObjective(pulp.LpAffineExpression([(value, 1.0) for value in values]))
    for number, cut in enumerate(cuts):
        terms = [(values[cut.cau], 1.0), *_terms(choices[:, cut.cau], -scale * cut.rents)]
        row = pulp.LpAffineExpression(terms) <= scale * cut.price
        program.addConstraint(row, f"price_{cut.cau}_{number}")
    for capacity in problem.list_capacities():
        _add_capacity(program, choices, capacity)
    program.solve(_solver(relaxed=relaxed, gap=gap, seconds=seconds))
    if program.sol_status == pulp.LpSolutionInfeasible:
        raise _explain(problem)
    return _read_solution(program, choices, scale, relaxed=relaxed)


def _scale(problem: AssignmentProblem, cuts: Sequence[Cut]) -> float:
    """Choose the factor by which values of this problem come to the program's size."""
    most = np.full(problem.n_caus, np.inf)
    for cut in cuts:
        most[cut.cau] = min(most[cut.cau], abs(cut.price) + float(np.abs(cut.rents).sum()))
    total = float(most.sum())
    return _SIZE / total if total > 0 else 1.0


def _solver(*, relaxed: bool, gap: float, seconds: float | None) -> pulp.HiGHS:
    """Set HiGHS up with tolerances far below the gap that is to be proven."""
    return pulp.HiGHS(
        msg=False,
        mip=not relaxed,
        gapRel=gap,
        gapAbs=0.0,
        timeLimit=seconds,
        mip_feasibility_tolerance=_TOLERANCE,
        primal_feasibility_tolerance=_TOLERANCE,
        dual_feasibility_tolerance=_TOLERANCE,
    )


def _add_choices(program: pulp.LpProblem, problem: AssignmentProblem) -> Choices:
    """Add one binary a member and plant within reach, and the row that gives each its plant."""
    choices = np.full(problem.allowed.shape, None, dtype=object)
    for member, cau in np.argwhere(problem.allowed).tolist():
        choices[member, cau] = program.add_variable(f"shares_{member}_{cau}", 0, 1, pulp.LpInteger)
    for member in np.flatnonzero(problem.allowed.any(axis=1)).tolist():
        total = pulp.LpAffineExpression(_terms(choices[member], np.ones(problem.n_caus)))
        row = total == 1 if problem.everybody_shares else total <= 1
        program.addConstraint(row, f"one_plant_{member}")
    return choices


def _add_capacity(
    program: pulp.LpProblem,
    choices: Choices,
    capacity: Capacity,
    lack: Sequence[pulp.LpVariable] = (),
) -> None:
    """Keep each plant's sum between its limits, or let it lack what a variable measures."""
    for cau, (least, most) in enumerate(zip(capacity.least, capacity.most, strict=True)):
        terms = _terms(choices[:, cau], capacity.size)
        if least > 0:
            filled = [*terms, *((each, 1.0) for each in lack[cau : cau + 1])]
            row = pulp.LpAffineExpression(filled) >= float(least)
            program.addConstraint(row, f"least_{capacity.label}_{cau}")
        if np.isfinite(most):
            row = pulp.LpAffineExpression(terms) <= float(most)
            program.addConstraint(row, f"most_{capacity.label}_{cau}")


def _terms(variables: Choices, factors: NDArray[np.float64]) -> list[tuple[pulp.LpVariable, float]]:
    """Pair variables with factors, where there is a variable."""
    pairs = zip(variables.tolist(), factors.tolist(), strict=True)
    return [(variable, factor) for variable, factor in pairs if variable is not None]


def _read_solution(
    program: pulp.LpProblem, choices: Choices, scale: float, *, relaxed: bool
) -> ProgramSolution:
    """Read what the solver found, and the bound that it proved before it stopped."""
    model = program.solverModel
    ended = model.getModelStatus()
    proven = ended in {HighsModelStatus.kOptimal, HighsModelStatus.kTimeLimit}
    if not proven or program.sol_status == pulp.LpSolutionNoSolutionFound:
        raise UnprovenError(f"HiGHS ended with no assignment: {ended.name}", None)
    # PuLP hands HiGHS the minimisation of the negative.
    bound = -(model.getObjectiveValue() if relaxed else model.getInfo().mip_dual_bound)
    shares = np.array(
        [[0.0 if each is None else each.value() for each in row] for row in choices],
        dtype=np.float64,
    )
    return ProgramSolution(
        shares=np.clip(shares, 0.0, 1.0),
        upper_bound=(bound + _MARGIN) / scale,
        seconds=model.getRunTime(),
    )


def _explain(problem: AssignmentProblem) -> CapacityError:
    """Count who has no room and what plants lack, by a program that allows and minimises both."""
    program = pulp.LpProblem("shortage", pulp.LpMinimize)
    choices = _add_choices(program, replace(problem, everybody_shares=False))
    placed = [(variable, -1.0) for variable in choices.flat if variable is not None]
    cost = list(placed) if problem.everybody_shares else []
    lacks: list[tuple[str, int, pulp.LpVariable]] = []
    for capacity in problem.list_capacities():
        lack = [
            program.add_variable(f"lack_{capacity.label}_{cau}", 0) for cau in range(problem.n_caus)
        ]
        _add_capacity(program, choices, capacity, lack)
        lacks += [(capacity.label, cau, variable) for cau, variable in enumerate(lack)]
        cost += [(variable, 1.0 / max(float(capacity.size.sum()), 1.0)) for variable in lack]
    program.setObjective(pulp.LpAffineExpression(cost))
    program.solve(_solver(relaxed=False, gap=0.0, seconds=None))
    n_placed = sum(round(variable.value()) for variable, _ in placed)
    shortfalls = [(label, cau, round(lack.value(), 6)) for label, cau, lack in lacks]
    return CapacityError(
        missing=problem.n_members - n_placed if problem.everybody_shares else 0,
        shortfalls=tuple(each for each in shortfalls if each[2]),
    )
