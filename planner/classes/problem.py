"""The problem by class: what energy is worth in each interval, and limits of every coefficient."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.classes.step_classes import StepClasses
from planner.coefficients.problem import Millionths, Shares
from planner.coefficients.rules import Rule
from planner.goal import Goal, MissingPricesError
from planner.member_prices import write_out
from planner.sharing_year import SharingYear

Values = NDArray[np.float64]

_ALL = slice(None)


@dataclass(frozen=True, slots=True, eq=False)
class StepWorth:
    """What a kWh counts for in each interval, for all members or for each.

    Attributes
    ----------
    used, spilled : ndarray, shape (1, n_steps) or (n_members, n_steps)
        Worth of a kWh self-consumed and of a kWh of surplus [unit of the objective per kWh].
    """

    used: Values
    spilled: Values

    def is_concave(self, steps: NDArray[np.intp] | slice = _ALL) -> bool:
        """Tell whether a kWh is never worth more spilled than used, in given intervals or all."""
        return bool((self.used[:, steps] >= self.spilled[:, steps]).all())


@dataclass(frozen=True)
class ClassProblem:
    """Maximise the worth of energy over coefficients by class that sum to one in every class.

    Attributes
    ----------
    year : SharingYear
        Energy and members.
    classes : StepClasses
        Class of every interval.
    worth : StepWorth
        What energy counts for.
    lower, upper : ndarray of int64, shape (n_members, n_classes)
        Limits [millionths].
    target : ndarray, shape (n_members, n_classes)
        Of several optima, the one nearest to these coefficients is chosen [1].
    """

    year: SharingYear
    classes: StepClasses
    worth: StepWorth
    lower: Millionths
    upper: Millionths
    target: Shares

    @cached_property
    def steps(self) -> list[NDArray[np.intp]]:
        """Intervals of every class."""
        return self.classes.list_steps()

    def weigh(self, worth: StepWorth) -> "ClassProblem":
        """Count energy differently."""
        return replace(self, worth=worth)


@dataclass(frozen=True, slots=True, eq=False)
class ClassSolution:
    """The best coefficients of every class on the grid, each class for itself.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients; they sum to 1,000,000 in every class.
    bounds : ndarray, shape (n_classes,)
        What no feasible coefficients of a class pass, even off the grid [unit of the objective].
    """

    millionths: Millionths
    bounds: Values


def value_energy(year: SharingYear, goal: Goal) -> StepWorth:
    """Tell what a kWh counts for as long as no monthly cap cuts it off.

    Parameters
    ----------
    year : SharingYear
        Prices.
    goal : Goal
        A sum; not one of ``MAX_MIN``.

    Returns
    -------
    StepWorth
        The same for all members, or of each where their prices differ.

    Raises
    ------
    MissingPricesError
        If savings count and the year has no prices.
    """
    if not goal.weights.eur:
        used = np.full((1, year.generation_kwh.size), goal.kwh_weight)
        return StepWorth(used, np.zeros(used.shape))
    if year.prices is None:
        raise MissingPricesError
    prices, euro = write_out(year.prices), goal.weights.eur
    return StepWorth(goal.kwh_weight + euro * prices.energy, euro * prices.surplus)


def share_by_consumption(year: SharingYear, classes: StepClasses) -> Shares:
    """Share every class in proportion to what each member consumes in its intervals.

    Parameters
    ----------
    year : SharingYear
        Energy.
    classes : StepClasses
        Class of every interval.

    Returns
    -------
    ndarray, shape (n_members, n_classes)
        Coefficients [1]; those of the whole year where a class has no sun or nobody consumes.
    """
    consumed = np.stack(
        [np.bincount(classes.of_step, row, classes.count) for row in year.consumption_kwh]
    )
    generated = np.bincount(
        classes.of_step, np.maximum(year.generation_kwh, 0.0), minlength=classes.count
    )
    total = consumed.sum(axis=0)
    yearly = year.share_by(Rule.CONSUMPTION)[:, np.newaxis]
    told = (total > 0) & (generated > 0)
    return np.where(told, consumed / np.where(told, total, 1.0), yearly)
