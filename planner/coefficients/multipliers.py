"""What each limit costs: prices that prove a bound when members are tied together."""

import math
from dataclasses import dataclass, field

import numpy as np

from planner.coefficients.problem import CoefficientProblem, Shares


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Dual prices, each the value of one more unit of what its limit allows.

    Attributes
    ----------
    total : float
        Of the sum of all coefficients.
    groups : dict of str to float
        Of each group's sum, by label: at least 0 where the sum has a greatest value, at most 0
        where it has a least one.
    change : float
        Of the change in total, at least 0.
    """

    total: float
    groups: dict[str, float] = field(default_factory=dict)
    change: float = 0.0

    def price_members(self, problem: CoefficientProblem) -> Shares:
        """Give the price that each member faces: of the sum, and of the groups that it is in."""
        prices = np.full(len(problem.curves), self.total)
        for group in problem.groups:
            prices[group.members] += self.groups[group.label]
        return prices


def prove_bound(problem: CoefficientProblem, multipliers: Multipliers) -> float:
    """Bound the value of all coefficients inside the limits that sum to one.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.
    multipliers : Multipliers
        Any of the right sign give a valid bound; the duals of an optimum give the tightest.

    Returns
    -------
    float
        A value that no feasible coefficients pass [unit of the curves].

    Notes
    -----
    Weak duality: every limit that ties members together is priced and added to the objective,
    which can only raise it for coefficients that keep the limits. What is left splits by member,
    and each member's part is at most its own maximum between its own limits.
    """
    terms = [multipliers.total, *_price_limits(problem, multipliers)]
    prices = multipliers.price_members(problem).tolist()
    for member, price in enumerate(prices):
        terms.append(_best_of_member(problem, member, price, multipliers.change))
    return math.fsum(terms)


def _price_limits(problem: CoefficientProblem, multipliers: Multipliers) -> list[float]:
    """Price what groups and the change in total allow."""
    terms = []
    for group in problem.groups:
        price = multipliers.groups[group.label]
        terms.append(price * (group.upper if price > 0 else group.lower) / problem.grid)
    if problem.change is not None:
        terms.append(multipliers.change * problem.change.most / problem.grid)
    return terms


def _best_of_member(
    problem: CoefficientProblem, member: int, price: float, change_price: float
) -> float:
    """Find the most that a member's value can be above what its coefficient costs."""
    curve = problem.curves[member]
    low = float(problem.lower[member]) / problem.grid
    high = float(problem.upper[member]) / problem.grid
    best = curve.reach(price)
    around = 0.0
    if problem.change is not None:
        around = float(problem.change.around[member]) / problem.grid
        upward, downward = curve.reach(price + change_price), curve.reach(price - change_price)
        best = upward if upward > around else min(downward, around)
    best = min(max(best, low), high)
    beside: tuple[float, ...] = (best,)
    if problem.change is not None and best == around:
        # Between two blocks nobody can stay where it is.
        parts = float(problem.change.around[member])
        beside = math.floor(parts) / problem.grid, math.ceil(parts) / problem.grid
    return max(curve.value_at(b) - price * b - change_price * abs(b - around) for b in beside)
