"""What binds classes together: the cap of a member's month, and its floor over the year."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.classes.problem import ClassProblem, StepWorth
from planner.classes.step_classes import StepClasses
from planner.coefficients.problem import Shares
from planner.goal import Goal
from planner.member_prices import take_intervals, write_out
from planner.sharing_year import SharingYear

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """Limits across classes.

    Attributes
    ----------
    caps_eur : ndarray, shape (n_members, n_months)
        What the cap of RD 244/2019, article 14, leaves a member to save: what all the energy that
        it consumes in the month adds to the limit of its compensation [EUR]. Infinite where money
        does not count.
    floors_kwh : ndarray, shape (n_members,)
        Least self-consumed energy over the year [kWh].
    """

    caps_eur: Values
    floors_kwh: Values


@dataclass(frozen=True, slots=True, eq=False)
class CouplingPrices:
    """Dual prices of limits across classes.

    Attributes
    ----------
    let_through : ndarray, shape (n_members, n_months)
        What one more euro under the cap still counts for, 0 to 1: one where the cap is not met.
    of_floors : ndarray, shape (n_members,)
        What one kWh less of a member's floor would bring [unit of the objective per kWh].
    """

    let_through: Values
    of_floors: Values


def couple_months(year: SharingYear, goal: Goal, floors_kwh: Values) -> Coupling:
    """State the limits across classes of a year.

    Parameters
    ----------
    year : SharingYear
        Energy and, where money counts, prices.
    goal : Goal
        What counts.
    floors_kwh : ndarray, shape (n_members,)
        Least self-consumed energy of each member; zeros without floors [kWh].

    Returns
    -------
    Coupling
        Of all members and months.
    """
    if not goal.weights.eur or year.prices is None:
        return Coupling(np.full((year.n_members, year.month_starts.size), np.inf), floors_kwh)
    limit = year.consumption_kwh * write_out(year.prices).ceiling
    return Coupling(np.add.reduceat(limit, year.month_starts, axis=1), floors_kwh)


def save_before_cap(year: SharingYear, beta: Shares) -> Values:
    """Sum what each month's cap would have to let through if there were none.

    Parameters
    ----------
    year : SharingYear
        Energy; without prices nothing is saved.
    beta : ndarray, shape (n_members, n_steps)
        Coefficients of every interval [1].

    Returns
    -------
    ndarray, shape (n_members, n_months)
        What surplus earns, and what the energy used takes from the limit [EUR]; the rest of what
        that energy saves passes by the cap.
    """
    if year.prices is None:
        return np.zeros((year.n_members, year.month_starts.size))
    prices = write_out(year.prices)
    allocated = beta * np.maximum(year.generation_kwh, 0.0)
    used = np.minimum(allocated, year.consumption_kwh)
    saved = (prices.ceiling - prices.surplus) * used + prices.surplus * allocated
    return np.add.reduceat(saved, year.month_starts, axis=1)


def weigh_by_prices(year: SharingYear, goal: Goal, prices: CouplingPrices) -> StepWorth:
    """Tell what a kWh counts for once limits across classes have a price.

    Parameters
    ----------
    year : SharingYear
        Prices of energy.
    goal : Goal
        What counts.
    prices : CouplingPrices
        Dual prices.

    Returns
    -------
    StepWorth
        Of each member.

    Notes
    -----
    ``min(A, cap)`` is the least of ``mu A + (1 - mu) cap`` over ``mu`` from 0 to 1, so with any
    ``mu`` the classes fall apart and their bounds, with the constants, bound the whole. What a
    kWh used saves beyond the limit of compensation stands outside of the minimum.
    """
    n_steps = year.generation_kwh.size
    used = np.repeat((goal.kwh_weight + prices.of_floors)[:, np.newaxis], n_steps, axis=1)
    if not goal.weights.eur or year.prices is None:
        return StepWorth(used, np.zeros((1, n_steps)))
    lengths = np.diff(np.append(year.month_starts, n_steps))
    through = np.repeat(prices.let_through, lengths, axis=1)
    euro, by_step = goal.weights.eur, write_out(year.prices)
    saved = by_step.beyond_limit + through * by_step.ceiling
    return StepWorth(used + euro * saved, euro * through * by_step.surplus)


def split_by_months(problem: ClassProblem) -> list[NDArray[np.intp]]:
    """List the parts of a year whose months share no class.

    Parameters
    ----------
    problem : ClassProblem
        Year and classes.

    Returns
    -------
    list of ndarray of int
        Intervals of each part, whole months, in order.

    Examples
    --------
    Classes that lie in one month each leave twelve parts; hours of the day leave one.
    """
    starts, of_step = problem.year.month_starts, problem.classes.of_step
    lengths = np.diff(np.append(starts, of_step.size))
    month_of_step = np.repeat(np.arange(starts.size), lengths)
    part = np.arange(starts.size)
    for number in range(problem.classes.count):
        touched = np.unique(part[month_of_step[problem.steps[number]]])
        part[np.isin(part, touched[1:])] = touched[0] if touched.size else 0
    return [np.flatnonzero(part[month_of_step] == each) for each in np.unique(part).tolist()]


def cut_out(
    problem: ClassProblem, steps: NDArray[np.intp]
) -> tuple[ClassProblem, NDArray[np.intp]]:
    """Cut a part of whole months out of a problem.

    Parameters
    ----------
    problem : ClassProblem
        The year.
    steps : ndarray of int
        Intervals of the part, whole months that share no class with the others.

    Returns
    -------
    tuple of ClassProblem and ndarray of int
        The part, its classes numbered anew, and their numbers in the year.
    """
    year = problem.year
    numbers, of_step = np.unique(problem.classes.of_step[steps], return_inverse=True)
    inside = np.isin(year.month_starts, steps)
    part = replace(
        year,
        generation_kwh=year.generation_kwh[steps],
        consumption_kwh=np.ascontiguousarray(year.consumption_kwh[:, steps]),
        month_starts=np.searchsorted(steps, year.month_starts[inside]),
        prices=None if year.prices is None else take_intervals(year.prices, steps),
    )
    return (
        ClassProblem(
            year=part,
            classes=StepClasses(of_step, numbers.size),
            worth=StepWorth(problem.worth.used[:, steps], problem.worth.spilled[:, steps]),
            lower=problem.lower[:, numbers],
            upper=problem.upper[:, numbers],
            target=problem.target[:, numbers],
        ),
        numbers,
    )
