"""From a year and its classes to one set of coefficients a class, with a proof."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from planner.classes.floors import YearlyFloors, keep_floors
from planner.classes.parts import solve_parts
from planner.classes.problem import ClassProblem, share_by_consumption, value_energy
from planner.classes.step_classes import StepClasses
from planner.coefficients.certificate import measure_gap
from planner.coefficients.problem import Millionths, Shares, check_bounds
from planner.goal import MAX_MIN, Goal, find_convex_steps
from planner.sharing_year import SharingYear

_EXACT = "exact: continuous knapsack over the sorted breakpoints of every class"
_PROGRAM = "linear program over chosen breakpoints of every class"


class UnsuitedGoalError(InvalidArgumentError):
    """Coefficients by class were asked for with a goal that is not a sum."""

    def __init__(self, goal: Goal) -> None:
        super().__init__(
            f"objective {goal.objective.value} is not offered by class; choose one that is a sum, "
            "with floors, or constant coefficients"
        )
        self.goal = goal


@dataclass(frozen=True, slots=True, eq=False)
class ClassChoice:
    """Coefficients by class on the grid, and the proof of how good they are.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients; they sum to 1,000,000 in every class.
    value, upper_bound : float
        What they bring, from the data, and what no feasible coefficients by class pass [unit of
        the objective].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    solver, method : str
        What solved it, and how.
    convex_steps : ndarray of int
        Intervals with generation in which surplus earns more than energy costs; savings may then
        not be concave, and the gap stay wide.
    """

    millionths: Millionths
    value: float
    upper_bound: float
    gap: float
    solver: str
    method: str
    convex_steps: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))

    def by_step(self, classes: StepClasses) -> Shares:
        """Write the coefficients out for every interval, shape (n_members, n_steps) [1]."""
        return (self.millionths / MILLIONTHS)[:, classes.of_step]


def choose_by_class(
    year: SharingYear,
    classes: StepClasses,
    goal: Goal,
    lower: Millionths,
    upper: Millionths,
    floors: YearlyFloors | None = None,
) -> ClassChoice:
    """Choose the coefficients by class that bring the community most.

    Parameters
    ----------
    year : SharingYear
        Energy, prices and members.
    classes : StepClasses
        Class of every interval of the year.
    goal : Goal
        A sum: what to make as large as possible.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits of each member's coefficient in every class [millionths].
    floors : YearlyFloors, optional
        What every member keeps over the year; nothing if left out.

    Returns
    -------
    ClassChoice
        On the grid of millionths.

    Raises
    ------
    UnsuitedGoalError
        If the goal raises the worst-off member instead of a sum.
    MissingPricesError
        If savings count and the year has no prices.
    InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    InfeasibleFloorsError
        If none keep the floors as well.
    UnprovenError
        If a linear program ends without a certified gap.

    Notes
    -----
    In energy the classes fall apart, and each is solved exactly. The monthly cap of savings
    couples the classes of a month, and a floor all classes: see ``coupled.py``.
    """
    if goal.objective in MAX_MIN:
        raise UnsuitedGoalError(goal)
    check_bounds(lower, upper)
    problem = ClassProblem(
        year=year,
        classes=classes,
        worth=value_energy(year, goal),
        lower=np.repeat(lower[:, np.newaxis], classes.count, axis=1),
        upper=np.repeat(upper[:, np.newaxis], classes.count, axis=1),
        target=share_by_consumption(year, classes),
    )
    found = solve_parts(problem, goal)
    if floors is not None:
        found = keep_floors(problem, goal, floors, found)
    value = found.measure_value(problem, goal)
    upper_bound = max(found.upper_bound, value)
    return ClassChoice(
        millionths=found.millionths,
        value=value,
        upper_bound=upper_bound,
        gap=measure_gap(upper_bound, value),
        solver="HiGHS" if found.rounds else "reparto",
        method=f"{_PROGRAM}, {found.rounds} rounds" if found.rounds else _EXACT,
        convex_steps=find_convex_steps(year, goal),
    )
