"""What the coefficients should bring: energy used, money saved, CO2 avoided, or a mix of them."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError
from planner.billing.simulator import simulate_year
from planner.coefficients.problem import Shares
from planner.curves import ValueCurve, add_curves, build_energy_curves, build_saving_curves
from planner.sharing_year import SharingYear


class Objective(StrEnum):
    """What the coefficients should make as large as they can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"
    CO2 = "co2"
    MIX = "mix"
    LEAST_SELF_SUFFICIENCY = "least-self-sufficiency"
    LEAST_SAVINGS = "least-savings"


MAX_MIN = frozenset({Objective.LEAST_SELF_SUFFICIENCY, Objective.LEAST_SAVINGS})
"""Objectives that raise the worst-off member first, instead of a sum."""


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
    """What a kWh from the grid emits [kg CO2], and where that figure comes from."""

    kg_per_kwh: float
    label: str


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
        if not all(np.isfinite(weight) and weight >= 0 for weight in weights):
            raise GoalError("the weights of the mix must be numbers of at least 0")
        if (self.objective is Objective.MIX) != any(weights):
            raise GoalError(
                "the objective mix, and no other, needs weights: how much a kWh, a euro or a kg "
                "of CO2 counts for, at least one above 0"
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


class GoalError(InvalidArgumentError):
    """An objective lacks what it needs, or has what it cannot use."""


def build_year_saving_curves(year: SharingYear) -> tuple[ValueCurve, ...]:
    """Build each member's yearly saving as a function of its coefficient.

    Parameters
    ----------
    year : SharingYear
        Energy and prices.

    Returns
    -------
    tuple of ValueCurve, length n_members
        Values in EUR.

    Raises
    ------
    MissingPricesError
        If the year has no prices.
    """
    if year.prices is None:
        raise MissingPricesError
    return build_saving_curves(
        year.consumption_kwh, year.generation_kwh, *year.prices, year.month_starts
    )


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
    MissingPricesError
        If savings count and the year has no prices.
    """
    parts: list[tuple[ValueCurve, ...]] = []
    if goal.kwh_weight:
        energy = build_energy_curves(year.consumption_kwh, year.generation_kwh)
        parts.append(tuple(curve.scale(goal.kwh_weight) for curve in energy))
    if goal.weights.eur:
        savings = build_year_saving_curves(year)
        parts.append(tuple(curve.scale(goal.weights.eur) for curve in savings))
    if len(parts) == 1:
        return parts[0]
    return tuple(add_curves(pair) for pair in zip(*parts, strict=True))


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
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )
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
        Intervals with generation whose surplus price passes the energy price by more than the
        weight of energy makes up for; savings may not be concave there.
    """
    saves = goal.weights.eur or goal.objective is Objective.LEAST_SAVINGS
    if not saves or year.prices is None:
        return np.empty(0, dtype=np.intp)
    energy_price, surplus_price = year.prices
    convex = surplus_price > energy_price
    return np.flatnonzero(convex & (year.generation_kwh > 0))
