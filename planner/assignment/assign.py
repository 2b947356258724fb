"""Members to plants, and a proof of how good that is: cuts, a first climb, an integer program."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.assignment.integer_program import ProgramSolution, solve_integer_program
from planner.assignment.local_search import improve_assignment
from planner.assignment.problem import NO_CAU, AssignmentProblem, CauOf, check_reach
from planner.assignment.rents import Cut, PlantPrices
from planner.coefficients.certificate import measure_gap
from planner.coefficients.linear_program import GAP, UnprovenError

_PROGRAM_GAP = GAP / 8
_FIRST_GAP = 1e-3
"""Where the first integer program stops: the climb from there is quicker than the solver."""

_MOST_RELAXED_ROUNDS = 100
_NEAR = np.geomspace(1e-4, 0.3, 8)
"""How far from the relaxed program's prices more cuts are laid: they save whole rounds."""

_SEARCHED = np.geomspace(1e-5, 0.5, 100)
"""How far from its start's prices a climb looks values up."""


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Who shares in which plant, and the proof of how good that is.

    Attributes
    ----------
    cau_of : ndarray of int, shape (n_members,)
        Position of each member's plant; ``NO_CAU`` for those who share in none.
    value : float
        What the best coefficients in all plants bring, before rounding [unit of the objective].
    upper_bound : float
        What no assignment, with any coefficients, passes [unit of the objective].
    gap : float
        ``(upper_bound - value) / upper_bound``.
    prices : ndarray, shape (n_caus,)
        What one more unit of coefficient is worth in each plant [unit of the objective].
    solver, method : str
        What solved it, and how.
    """

    cau_of: CauOf
    value: float
    upper_bound: float
    gap: float
    prices: NDArray[np.float64]
    solver: str
    method: str


def assign_members(problem: AssignmentProblem, *, seconds: float = 60.0) -> Assignment:
    """Choose each member's plant so that the best coefficients in all plants bring most.

    Parameters
    ----------
    problem : AssignmentProblem
        Curves, reach, capacities and limits.
    seconds : float
        Time for the programs [s]; when it ends, the gap is what it is. The first assignment,
        within 1e-3 of what the cuts then allow, is always waited for.

    Returns
    -------
    Assignment
        The best that was found, with a bound proven over all.

    Raises
    ------
    OutOfReachError
        If a member that must share is allowed in no plant.
    CapacityError
        If no assignment keeps the capacities, or there are fewer members than plants.
    UnprovenError
        If the solver fails.

    Notes
    -----
    Generalised Benders decomposition (Geoffrion, 1972): the coefficients are projected out, each
    cut is ``value_j <= price + sum of rents_ij x_ij``, the weak duality of the plant's sum of one.
    Cuts first close the relaxed program, then each solution of the integer one.
    """
    check_reach(problem)
    search = _Search(problem)
    search.relax()
    search.try_solution(search.solve(gap=_FIRST_GAP))
    more = True
    while more and search.gap > GAP and search.seconds < seconds:
        more = search.step(seconds)
    return Assignment(
        cau_of=search.cau_of,
        value=search.value,
        upper_bound=max(search.upper_bound, search.value),
        gap=search.gap,
        prices=search.prices,
        solver="HiGHS",
        method=f"integer program over price cuts of the exact curves, {search.rounds} rounds",
    )


class _Search:
    """The cuts so far, the best assignment, and the least bound."""

    def __init__(self, problem: AssignmentProblem) -> None:
        self.problem = problem
        self.plants = [PlantPrices(problem, cau) for cau in range(problem.n_caus)]
        self.cuts: list[Cut] = []
        self.add_cuts(problem.allowed / np.maximum(problem.allowed.sum(axis=1, keepdims=True), 1))
        self.upper_bound = math.fsum(
            cut.price + float(np.maximum(cut.rents, 0).sum()) for cut in self.cuts
        )
        self.value = -math.inf
        self.cau_of = np.full(problem.n_members, NO_CAU)
        self.prices = np.zeros(problem.n_caus)
        self.tried: set[bytes] = set()
        self.seconds, self.rounds = 0.0, 0

    @property
    def gap(self) -> float:
        """Share of the bound that is not reached yet."""
        return measure_gap(self.upper_bound, self.value)

    def add_cuts(self, shares: NDArray[np.float64]) -> float:
        """Add the cuts that are tight for shares in plants; return what those bring."""
        fresh = [plant.cut_for(shares[:, plant.cau]) for plant in self.plants]
        self.cuts += fresh
        return math.fsum(cut.bound(shares[:, cut.cau]) for cut in fresh)

    def latest_prices(self) -> NDArray[np.float64]:
        """Give each plant's price in the cuts that were added last."""
        return np.array([cut.price for cut in self.cuts[-self.problem.n_caus :]])

    def solve(
        self, *, relaxed: bool = False, gap: float = 0.0, seconds: float | None = None
    ) -> ProgramSolution:
        """Solve the program of all cuts, and keep its bound."""
        solved = solve_integer_program(
            self.problem, self.cuts, relaxed=relaxed, gap=gap, seconds=seconds
        )
        self.upper_bound = min(self.upper_bound, solved.upper_bound)
        self.seconds += solved.seconds
        self.rounds += 1
        return solved

    def relax(self) -> None:
        """Close the relaxed program, and add cuts at prices near its own."""
        for _ in range(_MOST_RELAXED_ROUNDS):
            solved = self.solve(relaxed=True)
            if measure_gap(self.upper_bound, self.add_cuts(solved.shares)) <= _PROGRAM_GAP:
                break
        around = _spread(self.latest_prices(), _NEAR)
        self.cuts += [
            plant.cut_at(price)
            for plant, prices in zip(self.plants, around, strict=True)
            for price in prices.tolist()
        ]

    def step(self, seconds: float) -> bool:
        """Solve the program once more; tell whether that led anywhere new in the time left."""
        try:
            solved = self.solve(gap=_PROGRAM_GAP, seconds=max(seconds - self.seconds, 0.0))
        except UnprovenError:
            return False
        return self.try_solution(solved)

    def try_solution(self, solved: ProgramSolution) -> bool:
        """Value a solution exactly, climb from it, and tell whether it is new."""
        start = solved.cau_of
        if start.tobytes() in self.tried:
            return False
        self.adopt(start)
        prices = _spread(self.latest_prices(), _SEARCHED)
        rents = [plant.tabulate(row) for plant, row in zip(self.plants, prices, strict=True)]
        self.adopt(improve_assignment(self.problem, prices, np.array(rents), start))
        return True

    def adopt(self, cau_of: CauOf) -> None:
        """Add the cuts of an assignment, and keep it if it is the best."""
        self.tried.add(cau_of.tobytes())
        value = self.add_cuts(np.equal.outer(cau_of, np.arange(self.problem.n_caus)).astype(float))
        if value > self.value:
            self.cau_of, self.value, self.prices = cau_of, value, self.latest_prices()


def _spread(prices: NDArray[np.float64], away: NDArray[np.float64]) -> NDArray[np.float64]:
    """List prices around each, below and above by shares, shape (n_caus, 2 * n_away + 1)."""
    factors = np.concatenate((1 - away, [1.0], 1 + away))
    return np.multiply.outer(prices, factors)
