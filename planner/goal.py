"""What the coefficients should bring: energy used, money saved, CO2 avoided, or a mix of them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.problem import Shares
from planner.curves import ValueCurve, add_curves, build_energy_curves
from planner.member_prices import list_rates
from planner.saving_curves import build_member_saving_curves
from planner.sharing_year import SharingYear


class Objective(StrEnum):
    """What the coefficients should make as large as they can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"
    CO2 = "co2"
    MIX = "mix"
    LEAST_SELF_SUFFICIENCY = "least-self-sufficiency"
    LEAST_SAVINGS = "least-savings"

    @property
    def unit(self) -> str:
        """Unit that the objective is counted in; 1 for a share."""
        return _UNITS[self]


_UNITS = {
    Objective.SELF_CONSUMPTION: "kWh",
    Objective.SAVINGS: "EUR",
    Objective.CO2: "kg",
    Objective.MIX: "points",
    Objective.LEAST_SELF_SUFFICIENCY: "1",
    Objective.LEAST_SAVINGS: "EUR",
}

_LEAST, _MOST = 1e-9, 1e9
"""Weights outside of these would drown in rounding, or drown all others."""

MAX_MIN = frozenset({Objective.LEAST_SELF_SUFFICIENCY, Objective.LEAST_SAVINGS})
"""Objectives that raise the worst-off member first, instead of a sum."""


class GoalError(InvalidArgumentError):
    """An objective lacks what it needs, or has what it cannot use."""


class MissingPricesError(InvalidArgumentError):
    """Savings were asked for, but there are no prices."""

    def __init__(self) -> None:
        super().__init__("savings need prices, and there are none; add a prices file")


@dataclass(frozen=True, slots=True)
class Weights:
    """What one kWh self-consumed, one euro saved and one kg of CO2 avoided count for."""

    kwh: float = 0.0
    eur: float = 0.0
    kg: float = 0.0


@dataclass(frozen=True, slots=True)
class CarbonFactor:
    """What a kWh from the grid emits [kg CO2], and where that figure comes from.

    Raises
    ------
    GoalError
        If the factor is not a number from 1e-9 to 1e9, or nobody is named for it.
    """

    kg_per_kwh: float
    label: str

    def __post_init__(self) -> None:
        if not _LEAST <= self.kg_per_kwh <= _MOST:
            raise GoalError(
                f"a CO2 factor of {self.kg_per_kwh:g} kg/kWh is not from {_LEAST:g} to {_MOST:g}"
            )
        if not self.label.strip():
            raise GoalError("a CO2 factor needs the name of the source that it comes from")


@dataclass(frozen=True, slots=True)
class Goal:
    """An objective, and what it needs beside the year.

    Attributes
    ----------
    objective : Objective
        What to make as large as possible.
    mix : Weights or None
        Only for the mix: what each part counts for.
    carbon : CarbonFactor or None
        For CO2, alone or in the mix.

    Raises
    ------
    GoalError
        If the mix has no positive weight, or CO2 no factor.
    """

    objective: Objective = Objective.SELF_CONSUMPTION
    mix: Weights | None = None
    carbon: CarbonFactor | None = None

    def __post_init__(self) -> None:
        weights = (self.mix.kwh, self.mix.eur, self.mix.kg) if self.mix else ()
        if not all(weight == 0 or _LEAST <= weight <= _MOST for weight in weights):
            raise GoalError(f"each weight of the mix must be 0, or from {_LEAST:g} to {_MOST:g}")
        if self.objective is Objective.MIX and not any(weights):
            raise GoalError(
                "the objective mix needs its weights, the mix: how much a kWh, a euro or a kg of "
                "CO2 counts for, at least one above 0"
            )
        if self.objective is not Objective.MIX and any(weights):
            raise GoalError(
                f"the objective {self.objective} takes no weights: leave out the mix, or choose "
                "the objective mix"
            )
        if self.weights.kg and self.carbon is None:
            raise GoalError("CO2 needs a factor [kg/kWh] and the source that it comes from")

    @property
    def weights(self) -> Weights:
        """What the objective, where it is a sum, counts."""
        if self.mix is not None:
            return self.mix
        return _WEIGHTS.get(self.objective, Weights())

    @property
    def kwh_weight(self) -> float:
        """What one kWh self-consumed counts for, by its energy and by its CO2."""
        carbon = self.carbon.kg_per_kwh if self.carbon else 0.0
        return self.weights.kwh + self.weights.kg * carbon


_WEIGHTS = {
    Objective.SELF_CONSUMPTION: Weights(kwh=1.0),
    Objective.SAVINGS: Weights(eur=1.0),
    Objective.CO2: Weights(kg=1.0),
}


class YearCurves:
    """The curves of a year's members, each kind built once, when it is first asked for."""

    def __init__(self, year: SharingYear) -> None:
        self.year = year

    @cached_property
    def energy(self) -> tuple[ValueCurve, ...]:
        """Self-consumed energy of each member by its coefficient [kWh]."""
        return build_energy_curves(self.year.consumption_kwh, self.year.generation_kwh)

    @cached_property
    def savings(self) -> tuple[ValueCurve, ...]:
        """Yearly saving of each member by its coefficient [EUR].

        Raises
        ------
        MissingPricesError
            If the year has no prices.
        """
        if self.year.prices is None:
            raise MissingPricesError
        return build_member_saving_curves(
            self.year.consumption_kwh,
            self.year.generation_kwh,
            self.year.prices,
            self.year.month_starts,
        )

    def serve(self, goal: Goal) -> tuple[ValueCurve, ...]:
        """Build each member's part of an objective that is a sum, in the objective's unit.

        Raises
        ------
        GoalError
            If the objective raises the worst-off member.
        MissingPricesError
            If savings count and the year has no prices.
        """
        if goal.objective in MAX_MIN:
            raise GoalError(f"the objective {goal.objective} is no sum of the members' values")
        parts: list[tuple[ValueCurve, ...]] = []
        if goal.kwh_weight:
            parts.append(tuple(curve.scale(goal.kwh_weight) for curve in self.energy))
        if goal.weights.eur:
            parts.append(tuple(curve.scale(goal.weights.eur) for curve in self.savings))
        if len(parts) == 1:
            return parts[0]
        return tuple(add_curves(pair) for pair in zip(*parts, strict=True))


def build_value_curves(year: SharingYear, goal: Goal) -> tuple[ValueCurve, ...]:
    """Build each member's part of an objective that is a sum.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.
    goal : Goal
        Not one of ``MAX_MIN``.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in the unit of the objective: kWh, EUR, kg, or what the mix counts.

    Raises
    ------
    GoalError
        If the objective is one of ``MAX_MIN``.
    MissingPricesError
        If savings count and the year has no prices.
    """
    return YearCurves(year).serve(goal)


def measure_value(year: SharingYear, goal: Goal, beta: Shares) -> float:
    """Settle the year under coefficients and sum what the objective counts.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.
    goal : Goal
        Not one of ``MAX_MIN``.
    beta : ndarray, shape (n_members,)
        Coefficients [1].

    Returns
    -------
    float
        From the data, not from the curves [unit of the objective].

    Raises
    ------
    MissingPricesError
        If savings count and the year has no prices.
    """
    prices = year.prices if goal.weights.eur else None
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, prices
    )
    return sum_value(settled, goal)


def sum_value(settled: Settlement, goal: Goal) -> float:
    """Sum what the objective counts in a settled year.

    Parameters
    ----------
    settled : Settlement
        Energy and money of each member and month.
    goal : Goal
        Not one of ``MAX_MIN``.

    Returns
    -------
    float
        Of all members together [unit of the objective].

    Raises
    ------
    MissingPricesError
        If savings count and the year was settled without prices.
    """
    value = goal.kwh_weight * float(settled.self_consumed_kwh.sum())
    if goal.weights.eur:
        if settled.savings_eur is None:
            raise MissingPricesError
        value += goal.weights.eur * float(settled.savings_eur.sum())
    return value


def find_convex_steps(year: SharingYear, goal: Goal) -> NDArray[np.intp]:
    """List the intervals in which using energy is worth less than spilling it.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.
    goal : Goal
        What counts.

    Returns
    -------
    ndarray of int
        Intervals with generation in which a member's surplus price passes its energy price by
        more than the weight of energy makes up for, or its ceiling does; savings may not be
        concave there.
    """
    saves = goal.weights.eur or goal.objective is Objective.LEAST_SAVINGS
    if not saves or year.prices is None:
        return np.empty(0, dtype=np.intp)
    convex = np.zeros(year.generation_kwh.shape, dtype=np.bool_)
    for rate in list_rates(year.prices, year.n_members):
        premium = (goal.weights.eur or 1.0) * (rate.energy - rate.surplus) + goal.kwh_weight
        convex |= (premium < 0) | (rate.ceiling > rate.energy)
    return np.flatnonzero(convex & (year.generation_kwh > 0))
