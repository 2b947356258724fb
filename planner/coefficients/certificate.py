"""The proof: one price for a share of the plant bounds the value of every possible choice."""

import math

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

    Examples
    --------
    >>> measure_gap(200.0, 199.0)
    0.005
    """
    return max(0.0, (upper_bound - value) / abs(upper_bound)) if upper_bound else 0.0
