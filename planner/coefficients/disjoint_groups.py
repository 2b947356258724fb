"""Groups that share no member, exactly: a group whose limit binds is a plant of its own.

Its members share as much as the limit says, and all others share the rest. Each part is then a
problem that only a sum ties together.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.coefficients.exact import solve_exactly
from planner.coefficients.multipliers import Multipliers, prove_bound
from planner.coefficients.problem import CoefficientProblem, Millionths, Shares
from planner.coefficients.region import GroupSum
from planner.coefficients.rounding import round_with_least_loss
from planner.coefficients.solution import ContinuousSolution
from planner.curves import ValueCurve

_NOISE = 1e-12
"""Share of the plant by which a sum may pass a limit: what float sums leave of keeping it."""

_NOTHING = ValueCurve(np.array([0.0, 1.0]), np.zeros(1), np.zeros(2))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Members that share a part of the plant [parts of the grid], and the limit that sets it."""

    members: NDArray[np.intp]
    total: int
    limit: GroupSum | None

    def state(self, problem: CoefficientProblem) -> CoefficientProblem:
        """State the problem of these members; one more holds what the others share."""
        others = problem.grid - self.total
        return replace(
            problem,
            curves=(*(problem.curves[member] for member in self.members.tolist()), _NOTHING),
            lower=np.append(problem.lower[self.members], others),
            upper=np.append(problem.upper[self.members], others),
            target=np.append(problem.target[self.members], 0.0),
            precedence=np.append(problem.precedence[self.members], problem.precedence.size),
            groups=(),
            intervals=(),
        )


def has_disjoint_groups(problem: CoefficientProblem) -> bool:
    """Tell whether nothing but groups that share no member tie members together.

    Parameters
    ----------
    problem : CoefficientProblem
        Curves and limits.

    Returns
    -------
    bool
        Also if there are no groups; two limits of the same members count as one group.
    """
    masks = {group.members.tobytes(): group.members for group in problem.groups}
    crowded = np.sum(list(masks.values()), axis=0) > 1
    return problem.change is None and not np.any(crowded)


def solve_by_groups(problem: CoefficientProblem) -> ContinuousSolution:
    """Find the optimal coefficients under disjoint groups, and the prices that prove them.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves, and limits that some coefficients keep.

    Returns
    -------
    ContinuousSolution
        Of several optima, the one nearest to the problem's target by least squares.

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits of single members and sum to one.

    Notes
    -----
    By relaxation (Bitran and Hax, 1981): share the plant without groups and see which limits are
    broken. If more is taken above greatest sums than is missing below least ones, every group
    above takes its greatest sum in the optimum too, else every group below its least; those leave
    with their sums, and what is left is shared anew.
    """
    parts = _split(problem, _share)
    solutions = [solve_exactly(part.state(problem)) for part in parts]
    beta = np.empty(len(problem.curves))
    for part, solution in zip(parts, solutions, strict=True):
        beta[part.members] = solution.beta[:-1]
    prices = [solution.price for solution in solutions]
    multipliers = _price_parts(problem, parts, prices)
    return ContinuousSolution(
        beta=beta,
        multipliers=multipliers,
        upper_bound=prove_bound(problem, multipliers),
        solver="reparto",
        method="exact: continuous knapsack over the sorted breakpoints, by groups",
    )


def round_by_groups(problem: CoefficientProblem) -> Millionths:
    """Find the best coefficients on the grid under disjoint groups.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves, and limits that some coefficients on the grid keep.

    Returns
    -------
    ndarray of int64, shape (n_members,)
        An optimum of the grid; of several, the one nearest to the target, then by precedence
        [parts of the grid].

    Raises
    ------
    InfeasibleBoundsError
        If no coefficients keep the limits of single members and sum to one.
    """
    grid = np.empty_like(problem.lower)
    for part in _split(problem, _share_on_grid):
        grid[part.members] = _share_on_grid(part.state(problem))[:-1]
    return grid


def _share(part: CoefficientProblem) -> Shares:
    """Share a part of the plant [parts of the grid]."""
    return solve_exactly(part).beta * part.grid


def _share_on_grid(part: CoefficientProblem) -> Millionths:
    """Share a part of the plant in whole parts of the grid."""
    return round_with_least_loss(part, solve_exactly(part).price)


def _split(
    problem: CoefficientProblem, share: Callable[[CoefficientProblem], Shares | Millionths]
) -> list[_Part]:
    """Part the groups whose limits bind from the rest, which comes last.

    The rest keeps members: if all were in groups above their greatest sums, there would be more
    to share than limits that can be kept allow.
    """
    parts: list[_Part] = []
    free = list(problem.groups)
    rest = _Part(np.arange(len(problem.curves)), problem.grid, None)
    while True:
        taken = np.zeros(len(problem.curves))
        taken[rest.members] = share(rest.state(problem))[:-1]
        binding = _find_binding(problem, free, taken)
        if not binding:
            return [*parts, rest]
        for part in binding:
            left = np.setdiff1d(rest.members, part.members)
            rest = _Part(left, rest.total - part.total, None)
        parts += binding
        free = [group for group in free if group.members[rest.members].any()]


def _find_binding(
    problem: CoefficientProblem, groups: list[GroupSum], taken: Shares
) -> list[_Part]:
    """Find groups whose limits bind in the optimum too, by what all take without them."""
    above: list[tuple[float, _Part]] = []
    below: list[tuple[float, _Part]] = []
    for group in groups:
        total, members = float(taken[group.members].sum()), np.flatnonzero(group.members)
        if total > group.upper + _NOISE * problem.grid:
            above.append((total - group.upper, _Part(members, group.upper, group)))
        if total < group.lower - _NOISE * problem.grid:
            below.append((group.lower - total, _Part(members, group.lower, group)))
    excess, too_much = _keep_tightest(above)
    lack, too_little = _keep_tightest(below)
    return too_much if excess >= lack else too_little


def _keep_tightest(broken: list[tuple[float, _Part]]) -> tuple[float, list[_Part]]:
    """Keep, of several limits of the same members, the one that is broken most; sum what is."""
    ascending = sorted(broken, key=lambda each: each[0])
    tightest = {part.members.tobytes(): (amount, part) for amount, part in ascending}
    return sum(amount for amount, _ in tightest.values()), [part for _, part in tightest.values()]


def _price_parts(
    problem: CoefficientProblem, parts: list[_Part], prices: list[float]
) -> Multipliers:
    """Turn the price within each part into that of the sum of all, and what its limit adds."""
    priced = [(part.limit, price) for part, price in zip(parts, prices, strict=True)]
    total = min(price for limit, price in priced if not limit or not limit.lower)
    groups = dict.fromkeys((group.label for group in problem.groups), 0.0)
    for limit, price in priced:
        if limit:
            groups[limit.label] = min(0.0, price - total) if limit.lower else price - total
    return Multipliers(total, groups)
