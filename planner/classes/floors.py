"""Floors over the whole year: nobody falls below a share of what constant coefficients give."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.classes.coupled import CoupledSearch
from planner.classes.coupled_program import InfeasibleFloorsError
from planner.classes.parts import Found, solve_parts
from planner.classes.problem import ClassProblem
from planner.coefficients.linear_program import GAP
from planner.coefficients.problem import InfeasibleBoundsError, Millionths, check_bounds
from planner.goal import Goal

Values = NDArray[np.float64]

_MOST_AIMS = 6
_NOISE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class YearlyFloors:
    """What every member keeps over the whole year, whatever it has in single hours.

    Attributes
    ----------
    share : float
        Least share of the self-consumed energy that the reference gives, 0 to 1.
    reference : ndarray of int64, shape (n_members,)
        Constant coefficients to compare with [millionths].
    """

    share: float
    reference: Millionths


def keep_floors(problem: ClassProblem, goal: Goal, floors: YearlyFloors, free: Found) -> Found:
    """Find coefficients that keep the floors.

    Parameters
    ----------
    problem : ClassProblem
        Feasible limits in every class.
    goal : Goal
        A sum.
    floors : YearlyFloors
        What every member keeps.
    free : Found
        The best without floors; if it keeps them, it is the answer.

    Returns
    -------
    Found
        The floors hold for the coefficients on the grid.

    Raises
    ------
    InfeasibleFloorsError
        If no coefficients inside the limits keep the floors.
    UnprovenError
        If a linear program ends without a certified gap.

    Notes
    -----
    A floor in every class is more than a floor over the year, but makes the classes fall apart.
    Hour by hour that costs nothing, since any way to use all energy is as good: tried first.
    """
    reference = np.repeat(floors.reference[:, np.newaxis], problem.classes.count, axis=1)
    least_kwh = floors.share * use_energy(problem, reference) * (1 - _NOISE)
    if not _fall_short(problem, free, least_kwh).any():
        return free
    candidates = list(_keep_in_every_class(problem, goal, floors, free.upper_bound))
    if not candidates or candidates[0].measure_gap(problem, goal) > GAP:
        search = CoupledSearch(problem, goal, least_kwh, free.millionths)
        for found in candidates:
            search.learn(found.millionths)
        candidates += _keep_over_the_year(problem, search, least_kwh)
    allowed = [found for found in candidates if not _fall_short(problem, found, least_kwh).any()]
    if not allowed:
        raise InfeasibleFloorsError(least_kwh)
    best = max(allowed, key=lambda found: found.measure_value(problem, goal))
    return replace(
        best,
        upper_bound=min(found.upper_bound for found in candidates),
        rounds=sum(found.rounds for found in candidates),
    )


def use_energy(problem: ClassProblem, millionths: Millionths) -> Values:
    """Sum what each member self-consumes over the year.

    Parameters
    ----------
    problem : ClassProblem
        Year and classes.
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients.

    Returns
    -------
    ndarray, shape (n_members,)
        Energy [kWh].
    """
    beta = (millionths / MILLIONTHS)[:, problem.classes.of_step]
    allocated = beta * np.maximum(problem.year.generation_kwh, 0.0)
    used: Values = np.minimum(allocated, problem.year.consumption_kwh).sum(axis=1)
    return used


def _keep_in_every_class(
    problem: ClassProblem, goal: Goal, floors: YearlyFloors, upper_bound: float
) -> Iterator[Found]:
    """Keep the share of the reference in every class, if the limits let it.

    A curve that is concave and begins at zero keeps at least a share of its value at that share
    of the coefficient, and beyond saturation nothing is used.
    """
    saturated = np.zeros(problem.lower.shape)
    in_sun = np.flatnonzero(problem.year.generation_kwh > 0)
    bends = problem.year.consumption_kwh[:, in_sun] / problem.year.generation_kwh[in_sun]
    of_step = problem.classes.of_step[in_sun]
    np.maximum.at(saturated.T, of_step, bends.T)
    useful = np.minimum(floors.reference[:, np.newaxis], saturated * MILLIONTHS)
    # Rounded up from a hair below, so that a share of one keeps the reference and no more.
    least = np.ceil(floors.share * useful - _NOISE * MILLIONTHS).astype(np.int64)
    tighter = replace(problem, lower=np.maximum(problem.lower, least))
    try:
        for lower, upper in zip(tighter.lower.T, tighter.upper.T, strict=True):
            check_bounds(lower, upper)
    except InfeasibleBoundsError:
        return
    yield replace(solve_parts(tighter, goal), upper_bound=upper_bound)


def _keep_over_the_year(
    problem: ClassProblem, search: CoupledSearch, least_kwh: Values
) -> Iterator[Found]:
    """Keep the floors by linear programs; where rounding falls short of one, aim higher."""
    n_in_sun = np.unique(problem.classes.of_step[problem.year.generation_kwh > 0]).size
    millionth_kwh = np.maximum(problem.year.generation_kwh, 0.0).sum() / n_in_sun / MILLIONTHS
    aims_kwh = least_kwh
    for attempt in range(1, _MOST_AIMS + 1):
        try:
            solution = search.solve(aims_kwh)
        except InfeasibleFloorsError:
            # Chords lie below the curves: only with all of them the verdict is certain.
            if not search.learn_everything():
                return
            continue
        found = Found(solution.millionths, solution.upper_bound, solution.rounds)
        yield found
        short = _fall_short(problem, found, least_kwh)
        if not short.any():
            return
        aims_kwh = aims_kwh + attempt * np.where(short > 0, short + millionth_kwh, 0.0)


def _fall_short(problem: ClassProblem, found: Found, least_kwh: Values) -> Values:
    """Measure by how much the members' floors are missed [kWh]."""
    return np.maximum(least_kwh - use_energy(problem, found.millionths), 0.0)
