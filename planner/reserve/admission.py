"""The problem of admission: members who stay, candidates who wait, coefficients chosen anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares
from planner.coefficients.solution import ContinuousSolution
from planner.curves import ValueCurve, cover_concavely

Chosen = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class AdmissionProblem:
    """Admit some candidates and choose all coefficients anew.

    Attributes
    ----------
    members, candidates : tuple of ValueCurve
        What a coefficient is worth to each who stays and to each who waits.
    lower, upper : ndarray of int64, shape (n_members,)
        Limits of the members [millionths].
    candidate_limits : tuple of int
        Least and greatest coefficient of whoever is admitted [millionths].

    Notes
    -----
    Where curves are not concave, every bound and every comparison of groups stands on their
    least concave majorants.
    """

    members: tuple[ValueCurve, ...]
    candidates: tuple[ValueCurve, ...]
    lower: Millionths
    upper: Millionths
    candidate_limits: tuple[int, int] = (0, MILLIONTHS)

    def group_limits(self, n_admitted: int) -> tuple[Millionths, Millionths]:
        """Give the limits of the members and of so many admitted candidates."""
        least, greatest = (np.full(n_admitted, limit) for limit in self.candidate_limits)
        return np.concatenate((self.lower, least)), np.concatenate((self.upper, greatest))


class GroupValues:
    """The exact value of groups: the members, taken together as one curve, and some candidates."""

    def __init__(self, problem: AdmissionProblem) -> None:
        covers = tuple(cover_concavely(curve) for curve in problem.members)
        self.members = pool_curves(covers, problem.lower / MILLIONTHS, problem.upper / MILLIONTHS)
        self.member_limits = (
            min(int(problem.lower.sum()), MILLIONTHS),
            min(int(problem.upper.sum()), MILLIONTHS),
        )
        self.candidates = tuple(cover_concavely(curve) for curve in problem.candidates)
        self.candidate_limits = problem.candidate_limits

    def solve(self, chosen: Chosen) -> ContinuousSolution:
        """Find the optimum of the members and some candidates; its bound is its value."""
        limits = np.array([self.member_limits, *[self.candidate_limits] * chosen.size])
        curves = (self.members, *(self.candidates[candidate] for candidate in chosen.tolist()))
        lower, upper = limits.T.astype(np.int64)
        precedence = np.arange(len(curves))
        return solve_exactly(
            CoefficientProblem(curves, lower, upper, lower / MILLIONTHS, precedence)
        )


def measure_marginals(
    members: tuple[ValueCurve, ...], candidates: tuple[ValueCurve, ...]
) -> NDArray[np.float64]:
    """Measure what the members gain when one candidate alone joins them.

    Parameters
    ----------
    members, candidates : tuple of ValueCurve
        What a coefficient is worth to each; curves that are not concave are covered.

    Returns
    -------
    ndarray, shape (n_candidates,)
        Optimum with the candidate less optimum without, both without limits and exact.

    Examples
    --------
    >>> knots, slopes = np.array([0.0, 0.5, 1.0]), np.array([4.0, 0.0])
    >>> bent = ValueCurve(knots, slopes, np.array([0.0, 2.0, 2.0]))
    >>> measure_marginals((bent,), (bent,)).tolist()
    [2.0]
    """
    none, most = np.zeros(len(members), np.int64), np.full(len(members), MILLIONTHS)
    values = GroupValues(AdmissionProblem(members, candidates, none, most))
    alone = values.solve(np.empty(0, dtype=np.intp)).upper_bound if members else 0.0
    joined = [values.solve(np.array([c])).upper_bound for c in range(len(candidates))]
    return np.array(joined) - alone


def pool_curves(curves: tuple[ValueCurve, ...], lower: Shares, upper: Shares) -> ValueCurve:
    """Give the best that concave curves bring together for every sum of their coefficients.

    Parameters
    ----------
    curves : tuple of ValueCurve
        Concave; none at all bring nothing.
    lower, upper : ndarray, shape (n_curves,)
        Limits of each coefficient [1].

    Returns
    -------
    ValueCurve
        Concave, of the sum, from the least sum up to one or the greatest sum.

    Notes
    -----
    The pieces of all curves between their limits, steepest first: the supremal convolution.

    Examples
    --------
    >>> knots, slopes = np.array([0.0, 0.5, 1.0]), np.array([4.0, 0.0])
    >>> bent = ValueCurve(knots, slopes, np.array([0.0, 2.0, 2.0]))
    >>> pool_curves((bent, bent), np.zeros(2), np.ones(2)).value_at(1.0)
    4.0
    """
    limits = list(zip(curves, lower.tolist(), upper.tolist(), strict=True))
    widths = [np.diff(np.clip(curve.knots, low, high)) for curve, low, high in limits]
    width = np.concatenate([*widths, np.zeros(1)])
    slope = np.concatenate([*(curve.slopes for curve in curves), np.zeros(1)])
    inside = np.flatnonzero(width > 0)
    order = inside[np.argsort(-slope[inside], kind="stable")]
    sums = float(lower.sum()) + np.append(0.0, np.cumsum(width[order]))
    last = int(np.searchsorted(sums, 1.0)) + 1
    knots, slopes = sums[:last], slope[order][: last - 1]
    start = sum(curve.value_at(low) for curve, low, _ in limits)
    values = start + np.append(0.0, np.cumsum(slopes * np.diff(knots)))
    if knots.size == 1:
        return ValueCurve(np.append(knots, knots + 1.0), np.zeros(1), np.repeat(values, 2))
    return ValueCurve(knots, slopes, values)
