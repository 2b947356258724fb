"""Of several optima the one nearest to the target, where limits tie members together.

The prices that prove an optimum tell what else is as good: each member anywhere its curve is as
steep as its price, each limit that has a price used up. These sets are simple one by one;
projections onto them in turn lead to the nearest point that they have in common.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.coefficients.multipliers import Multipliers
from planner.coefficients.problem import CoefficientProblem, Shares
from planner.coefficients.projection import project_shares
from planner.curves import ValueCurve

_TIE = 1e-9
"""Share of the steepest slope below which two prices are one: what solvers leave of equal ones."""

_NOISE = 1e-9
"""How far a limit may be missed [1], and how much of the value may be lost: float noise."""

_STILL = 1e-12
_MOST_SWEEPS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """Where members may be, and the sum of how far some of them are from given coefficients."""

    lower: Shares
    upper: Shares
    members: NDArray[np.bool_]
    around: Shares
    least: float
    most: float

    def project(self, point: Shares) -> Shares:
        """Move a point into the face, as little as possible."""
        nearest = np.clip(point, self.lower, self.upper)
        # Nobody has a reason to pass the coefficient that its distance counts from.
        upwards = (nearest >= self.around) & (self.upper > self.around)
        side = np.where(upwards, 1.0, -1.0)
        ends = side * (self.lower - self.around), side * (self.upper - self.around)
        near, far = np.maximum(np.minimum(*ends), 0), np.maximum(*ends)
        moves = side * (point - self.around)
        some = self.members
        total = min(max(self.measure(nearest), self.least), self.most)
        moves[some] = project_shares(moves[some], near[some], far[some], total)
        nearest[some] = (self.around + side * moves)[some]
        return nearest

    def measure(self, point: Shares) -> float:
        """Sum how far the members are from where they are counted from."""
        return float(np.abs(point - self.around)[self.members].sum())

    def holds(self, point: Shares) -> bool:
        """Tell whether the sum is right but for noise."""
        return self.least - _NOISE <= self.measure(point) <= self.most + _NOISE


def take_nearest_optimum(
    problem: CoefficientProblem, beta: Shares, multipliers: Multipliers
) -> Shares:
    """Find the coefficients as good as given ones that are nearest to the target.

    Parameters
    ----------
    problem : CoefficientProblem
        Concave curves and limits.
    beta : ndarray, shape (n_members,)
        Coefficients that keep the limits [1].
    multipliers : Multipliers
        Dual prices that prove them best.

    Returns
    -------
    ndarray, shape (n_members,)
        The nearest by least squares [1]; ``beta`` itself where the prices are too rough to tell
        what is as good.

    Notes
    -----
    Optimal is what keeps the limits and is complementary to any one optimal dual solution: the
    result does not depend on which of several the solver found. Dykstra's alternating
    projections (Boyle and Dykstra, 1986).
    """
    faces = _list_faces(problem, multipliers)
    moved = _project_in_turn(problem.target, faces)
    value = problem.value_of(beta)
    as_good = problem.value_of(moved) >= value - _NOISE * abs(value)
    return moved if as_good and all(face.holds(moved) for face in faces) else beta


def _list_faces(problem: CoefficientProblem, multipliers: Multipliers) -> list[_Face]:
    """List the sets whose common part are the optima: one for the sum, one a limit."""
    tie = _TIE * max(float(np.abs(curve.slopes).max()) for curve in problem.curves)
    lower, upper = _enclose_ties(problem, multipliers, tie)
    everybody, nothing = np.ones(lower.size, dtype=np.bool_), np.zeros(lower.size)
    faces = [_Face(lower, upper, everybody, nothing, 1.0, 1.0)]
    for group in problem.groups:
        low, high = group.lower / problem.grid, group.upper / problem.grid
        price = multipliers.groups[group.label]
        ends = high if price > tie else low, low if price < -tie else high
        faces.append(_Face(lower, upper, group.members, nothing, *ends))
    if problem.change is not None:
        around, most = problem.change.around / problem.grid, problem.change.most / problem.grid
        least = most if multipliers.change > tie else 0.0
        faces.append(_Face(lower, upper, everybody, around, least, most))
    return faces


def _enclose_ties(
    problem: CoefficientProblem, multipliers: Multipliers, tie: float
) -> tuple[Shares, Shares]:
    """Find from where to where each member is worth its price, change in total included."""
    change = multipliers.change if multipliers.change > tie else 0.0
    prices = multipliers.price_members(problem)
    sides = prices + change, prices - change
    surely = [_look_up(problem, ValueCurve.reach, side + tie) for side in sides]
    at_most = [_look_up(problem, ValueCurve.reach_of_ties, side - tie) for side in sides]
    around = np.zeros(prices.size) if problem.change is None else problem.change.around
    # Upwards a change costs its price, downwards it saves it: in between nobody moves.
    lower, upper = (np.clip(around / problem.grid, *ends) for ends in (surely, at_most))
    limits = problem.lower / problem.grid, problem.upper / problem.grid
    return np.clip(lower, *limits), np.clip(upper, *limits)


def _look_up(
    problem: CoefficientProblem, reach: Callable[[ValueCurve, float], float], prices: Shares
) -> Shares:
    """Read from each member's curve how far it goes at its price."""
    pairs = zip(problem.curves, prices.tolist(), strict=True)
    return np.array([reach(curve, price) for curve, price in pairs])


def _project_in_turn(target: Shares, faces: list[_Face]) -> Shares:
    """Project onto each set in turn, taking back first what its last projection did."""
    point = target
    taken = np.zeros((len(faces), target.size))
    for _ in range(_MOST_SWEEPS):
        before = taken.copy()
        for number, face in enumerate(faces):
            wish = point + taken[number]
            point = face.project(wish)
            taken[number] = wish - point
        # The point may stand still long before these do.
        if np.abs(taken - before).max() < _STILL:
            break
    return point
