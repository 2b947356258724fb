"""The linear program of classes that bind each other: chords, sums, caps and floors."""

from dataclasses import dataclass

import numpy as np
import pulp
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InfeasibleError
from planner.classes.chords import ClassChords
from planner.classes.coupling import Coupling, CouplingPrices
from planner.classes.problem import ClassProblem
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.problem import Shares
from planner.goal import Goal

Values = NDArray[np.float64]
Terms = list[tuple[pulp.LpVariable, float]]


class InfeasibleFloorsError(InfeasibleError):
    """No coefficients by class keep every member's floor inside the bounds.

    Attributes
    ----------
    floors_kwh : ndarray, shape (n_members,)
        What each member should self-consume over the year [kWh].
    """

    def __init__(self, floors_kwh: Values) -> None:
        super().__init__(
            f"no coefficients by class inside the bounds keep the floors of {floors_kwh.size} "
            f"members, {floors_kwh.sum():.3f} kWh in all; lower the floor or widen the bounds"
        )
        self.floors_kwh = floors_kwh


@dataclass(frozen=True, slots=True, eq=False)
class ProgramSolution:
    """One solution of the program.

    Attributes
    ----------
    beta : ndarray, shape (n_members, n_classes)
        Coefficients; zeros in classes that the program leaves out [1].
    prices : CouplingPrices
        Dual prices of caps and floors.
    """

    beta: Shares
    prices: CouplingPrices


@dataclass(frozen=True, slots=True, eq=False)
class _Across:
    """What all classes bring to the objective and to the rows across classes.

    ``saved_below`` and ``used_below`` is what the lower limits bring before any chord.
    """

    value: Terms
    saved: dict[tuple[int, int], Terms]
    used: dict[int, Terms]
    saved_below: Values
    used_below: Values


def solve_class_program(
    problem: ClassProblem,
    goal: Goal,
    coupling: Coupling,
    watched: NDArray[np.bool_],
    chords: dict[int, ClassChords],
) -> ProgramSolution:
    """Build the program in PuLP, solve it with HiGHS, and read coefficients and prices.

    Parameters
    ----------
    problem : ClassProblem
        Limits of every class.
    goal : Goal
        What counts.
    coupling : Coupling
        Caps and floors.
    watched : ndarray of bool, shape (n_members, n_months)
        Caps that the program knows; the others are taken not to bind.
    chords : dict of int to ClassChords
        The classes that the program decides.

    Returns
    -------
    ProgramSolution
        Attainable coefficients: what they bring is at least what the program counts.

    Raises
    ------
    InfeasibleFloorsError
        If the floors cannot be kept.
    UnprovenError
        If the solver fails otherwise.

    Notes
    -----
    Rows ``sum_of_coefficients_k``, ``saving_i_m`` and ``floor_i``; the cap of a month is the upper
    bound of the variable ``saved_i_m``.
    """
    program = pulp.LpProblem("classes", pulp.LpMaximize)
    floored = np.flatnonzero(coupling.floors_kwh > 0).tolist()
    across = _Across(
        value=[],
        saved={(member, month): [] for member, month in np.argwhere(watched).tolist()},
        used={member: [] for member in floored},
        saved_below=np.zeros(watched.shape),
        used_below=np.zeros(problem.year.n_members),
    )
    pieces = {
        number: _add_class(program, problem, goal, number, of_class, across)
        for number, of_class in chords.items()
    }
    caps = {cell: _add_cap(program, goal, coupling, cell, across) for cell in across.saved}
    floors = {member: _add_floor(program, coupling, member, across) for member in floored}
    program.setObjective(pulp.LpAffineExpression(across.value))
    program.solve(pulp.HiGHS(msg=False))
    if program.sol_status == pulp.LpSolutionInfeasible and floored:
        raise InfeasibleFloorsError(coupling.floors_kwh)
    if program.sol_status != pulp.LpSolutionOptimal:
        raise UnprovenError(f"HiGHS ended with {pulp.LpSolution[program.sol_status]}", None)
    beta = np.zeros(problem.lower.shape)
    for number, of_class in pieces.items():
        beta[:, number] = problem.lower[:, number] / MILLIONTHS
        np.add.at(beta[:, number], of_class.members, [each.value() for each in of_class.variables])
    return ProgramSolution(beta, _read_prices(goal, watched, caps, floors))


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """The chords of a class: whose each is, and how much of it is taken."""

    members: NDArray[np.intp]
    variables: list[pulp.LpVariable]


def _add_class(
    program: pulp.LpProblem,
    problem: ClassProblem,
    goal: Goal,
    number: int,
    chords: ClassChords,
    across: _Across,
) -> _Pieces:
    """Add the chords of a class, the row of their sum, and what they bring across classes."""
    points = chords.points()
    yields = chords.measure(points)
    used, saved = yields.used, yields.capped
    watched = np.array(
        [[(i, m) in across.saved for m in chords.months.tolist()] for i in range(len(points))]
    )
    unwatched = np.where(watched[:, np.newaxis, :], 0.0, saved).sum(axis=2)
    worth = goal.kwh_weight * used + goal.weights.eur * (yields.beyond + unwatched)
    widths = np.diff(points, axis=1)
    members, places = np.nonzero(widths > 0)
    width = widths[members, places]
    rises = [np.diff(each, axis=1)[members, places] for each in (worth, used, saved)]
    variables = [
        program.add_variable(f"chord_{number}_{piece}", 0, most)
        for piece, most in enumerate(width.tolist())
    ]
    across.value.extend(zip(variables, (rises[0] / width).tolist(), strict=True))
    _bring_across(across, chords.months, members, variables, rises[1] / width, rises[2].T / width)
    across.used_below[:] += used[:, 0]
    across.saved_below[:, chords.months] += saved[:, 0]
    room = (MILLIONTHS - int(problem.lower[:, number].sum())) / MILLIONTHS
    total = pulp.LpAffineExpression([(each, 1.0) for each in variables]) == room
    program.addConstraint(total, f"sum_of_coefficients_{number}")
    return _Pieces(members, variables)


def _bring_across(
    across: _Across,
    months: NDArray[np.intp],
    members: NDArray[np.intp],
    variables: list[pulp.LpVariable],
    used: Values,
    saved: Values,
) -> None:
    """Enter the chords of a class into the rows of floors and watched caps."""
    owners = members.tolist()
    for owner, variable, kwh in zip(owners, variables, used.tolist(), strict=True):
        if owner in across.used:
            across.used[owner].append((variable, kwh))
    for month, of_month in zip(months.tolist(), saved.tolist(), strict=True):
        for owner, variable, euros in zip(owners, variables, of_month, strict=True):
            if (owner, month) in across.saved:
                across.saved[owner, month].append((variable, euros))


def _add_cap(
    program: pulp.LpProblem,
    goal: Goal,
    coupling: Coupling,
    cell: tuple[int, int],
    across: _Across,
) -> pulp.LpConstraint:
    """Add what a member saves in a month: what its chords bring, but never more than the cap."""
    member, month = cell
    room = float(coupling.caps_eur[cell] - across.saved_below[cell])
    saved = program.add_variable(f"saved_{member}_{month}", None, room)
    across.value.append((saved, goal.weights.eur))
    terms = [(saved, 1.0), *((chord, -slope) for chord, slope in across.saved[cell])]
    row = pulp.LpAffineExpression(terms) <= 0
    program.addConstraint(row, f"saving_{member}_{month}")
    return row


def _add_floor(
    program: pulp.LpProblem, coupling: Coupling, member: int, across: _Across
) -> pulp.LpConstraint:
    """Add the least energy that a member self-consumes over the year."""
    least = float(coupling.floors_kwh[member] - across.used_below[member])
    row = pulp.LpAffineExpression(across.used[member]) >= least
    program.addConstraint(row, f"floor_{member}")
    return row


def _read_prices(
    goal: Goal,
    watched: NDArray[np.bool_],
    caps: dict[tuple[int, int], pulp.LpConstraint],
    floors: dict[int, pulp.LpConstraint],
) -> CouplingPrices:
    """Read the dual prices; PuLP hands on those of the minimisation that HiGHS was given."""
    let_through, of_floors = np.ones(watched.shape), np.zeros(len(watched))
    for cell, row in caps.items():
        let_through[cell] = min(max(-float(row.pi) / goal.weights.eur, 0.0), 1.0)
    for member, row in floors.items():
        of_floors[member] = max(float(row.pi), 0.0)
    return CouplingPrices(let_through, of_floors)
