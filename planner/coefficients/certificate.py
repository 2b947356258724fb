"""The proof: one price for a share of the plant bounds the value of every possible choice."""

import math

from models.values.errors import InvalidDataError
from planner.coefficients.problem import CoefficientProblem


def prove_upper_bound(problem: CoefficientProblem, price: float) -> float:
    """Bound the value of all coefficients inside the limits that sum to one.

    Parameters
    ----------
    problem : CoefficientProblem
        Curves and limits.
    price : float
        Value of one more unit of coefficient [kWh or EUR]; any price gives a valid bound, the
        dual price of the optimum gives the tightest.

    Returns
    -------
    float
        A value that no feasible coefficients pass [kWh or EUR].

    Notes
    -----
    Weak duality: ``sum f_i(b_i) = sum (f_i(b_i) - price b_i) + price`` whenever the ``b_i`` sum
    to one, and each term is at most its own maximum over the member's limits.
    """
    terms = [price]
    lower, upper = (problem.lower / problem.grid).tolist(), (problem.upper / problem.grid).tolist()
    for curve, low, high in zip(problem.curves, lower, upper, strict=True):
        best = min(max(curve.reach(price), low), high)
        terms.append(curve.value_at(best) - price * best)
    return math.fsum(terms)


class UnknownGapError(InvalidDataError):
    """A value or its bound is not a number, so that nothing is proven.

    Attributes
    ----------
    upper_bound, value : float
        What was compared.
    """

    def __init__(self, upper_bound: float, value: float) -> None:
        super().__init__(f"bound {upper_bound} and value {value} cannot be compared")
        self.upper_bound = upper_bound
        self.value = value


def measure_gap(upper_bound: float, value: float) -> float:
    """Express how far a value may be from the best, as a share of the bound.

    Parameters
    ----------
    upper_bound, value : float
        Proven bound and achieved value [kWh or EUR].

    Returns
    -------
    float
        ``(bound - value) / bound``; zero if the bound is zero or float noise puts it below.

    Raises
    ------
    UnknownGapError
        If one of them is not a number.

    Examples
    --------
    >>> measure_gap(200.0, 199.0)
    0.005
    """
    if math.isnan(upper_bound) or math.isnan(value):
        raise UnknownGapError(upper_bound, value)
    return max(0.0, (upper_bound - value) / abs(upper_bound)) if upper_bound else 0.0
