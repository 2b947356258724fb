"""Classes that bind each other: a linear program, refined until it is proven, then rounded.

The cap of RD 244/2019 counts a member's whole month, a floor its whole year: neither falls apart
by class. The dual prices of the program turn caps and floors into worths of energy, under which
the classes do fall apart: their exact optima, with constants, bound the whole. Where bound and
value differ, the chords around the solution are split.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.coefficient import MILLIONTHS
from planner.classes.chords import ClassChords
from planner.classes.coupled_program import ProgramSolution, solve_class_program
from planner.classes.coupling import (
    Coupling,
    CouplingPrices,
    couple_months,
    save_before_cap,
    weigh_by_prices,
)
from planner.classes.problem import ClassProblem, ClassSolution
from planner.classes.separate import solve_each_class
from planner.coefficients.certificate import measure_gap
from planner.coefficients.linear_program import GAP, UnprovenError
from planner.coefficients.problem import Millionths, Shares
from planner.goal import Goal, find_convex_steps, measure_value

Values = NDArray[np.float64]

WIDEST_GAP = 1e-4
"""Relative gap above which a program counts as unproven, if concave."""

_MOST_ROUNDS = 30
_NOISE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class CoupledSolution:
    """Coefficients of classes that bind each other.

    Attributes
    ----------
    millionths : ndarray of int64, shape (n_members, n_classes)
        Coefficients; they sum to 1,000,000 in every class.
    upper_bound : float
        What no feasible coefficients pass [unit of the objective].
    rounds : int
        Programs that were solved.
    """

    millionths: Millionths
    upper_bound: float
    rounds: int


class CoupledSearch:
    """Solves a part of the year; what it has learnt of the curves serves every further call."""

    def __init__(
        self, problem: ClassProblem, goal: Goal, floors_kwh: Values, relaxed: Millionths
    ) -> None:
        self._problem = problem
        self._goal = goal
        self._coupling = couple_months(problem.year, goal, floors_kwh)
        self._relaxed = beta = relaxed / MILLIONTHS
        self._watched = self._find_capped(beta)
        self._chords = {
            number: ClassChords(problem, number)
            for number, steps in enumerate(problem.steps)
            if (problem.year.generation_kwh[steps] > 0).any()
        }
        self.learn(relaxed)

    @property
    def has_capped_months(self) -> bool:
        """Whether the classes for themselves save more than a cap lets through."""
        return bool(self._watched.any())

    def learn(self, millionths: Millionths) -> None:
        """Make the program exact around coefficients that are known to be allowed, or good."""
        self._learn(millionths / MILLIONTHS)

    def learn_everything(self) -> bool:
        """Make the program exact everywhere, however large that makes it; tell if it was not."""
        was_exact = all(chords.known.all() for chords in self._chords.values())
        for chords in self._chords.values():
            chords.known[:] = True
        return not was_exact

    def solve(self, aims_kwh: Values) -> CoupledSolution:
        """Find coefficients within the widest gap of a proven bound, and round them.

        The floors are what the bound counts; the aims, at least the floors, what the program
        keeps, so that rounding has room.
        """
        aims = replace(self._coupling, floors_kwh=aims_kwh)
        bound, value, gap, rounds = np.inf, -np.inf, np.inf, 0
        while gap > GAP and rounds < _MOST_ROUNDS:
            rounds += 1
            solved = self._solve_program(aims)
            lagrangian, proven = self._prove(solved.prices)
            if proven < bound:
                bound, prices = proven, solved.prices
            reached = self._measure(solved.beta)
            if reached > value:
                value, beta = reached, solved.beta
            gap = measure_gap(bound, value)
            if not self._refine(solved.beta, lagrangian.millionths / MILLIONTHS):
                break
        if gap > WIDEST_GAP and not find_convex_steps(self._problem.year, self._goal).size:
            raise UnprovenError(f"gap of {gap:.1e} after {rounds} rounds by class", gap)
        return CoupledSolution(self._round(beta, prices), bound, rounds)

    def _solve_program(self, aims: Coupling) -> ProgramSolution:
        """Solve one program; classes without sun keep the coefficients that they have."""
        solved = solve_class_program(self._problem, self._goal, aims, self._watched, self._chords)
        decided = np.isin(np.arange(self._problem.classes.count), list(self._chords))
        beta = np.where(decided, solved.beta, self._relaxed)
        return replace(solved, beta=beta)

    def _prove(self, prices: CouplingPrices) -> tuple[ClassSolution, float]:
        """Solve every class under prices of caps and floors, and bound the whole."""
        worth = weigh_by_prices(self._problem.year, self._goal, prices)
        lagrangian = solve_each_class(self._problem.weigh(worth))
        held_back = 1 - prices.let_through
        # A cap that lets everything through may be infinite.
        caps = np.where(held_back > 0, self._coupling.caps_eur, 0.0)
        constants = self._goal.weights.eur * float((held_back * caps).sum())
        constants -= float(prices.of_floors @ self._coupling.floors_kwh)
        return lagrangian, float(lagrangian.bounds.sum()) + constants

    def _measure(self, beta: Shares) -> float:
        """Settle the part of the year under coefficients by class."""
        return measure_value(self._problem.year, self._goal, self._by_step(beta))

    def _by_step(self, beta: Shares) -> Shares:
        return beta[:, self._problem.classes.of_step]

    def _find_capped(self, beta: Shares) -> NDArray[np.bool_]:
        """Find the months in which a member would save more than the cap lets through."""
        saved = save_before_cap(self._problem.year, self._by_step(beta))
        caps = self._coupling.caps_eur
        return saved > caps + _NOISE * np.where(np.isfinite(caps), np.abs(caps), 0.0)

    def _refine(self, beta: Shares, wished: Shares) -> bool:
        """Watch caps that were passed and split chords; tell whether anything was new."""
        unseen = self._find_capped(beta) & ~self._watched
        self._watched |= unseen
        return bool(self._learn(beta) + self._learn(wished) + unseen.sum())

    def _learn(self, beta: Shares) -> int:
        return sum(chords.learn(beta[:, number]) for number, chords in self._chords.items())

    def _round(self, beta: Shares, prices: CouplingPrices) -> Millionths:
        """Round with least loss under the prices, a few millionths around the solution."""
        near = np.floor(beta * MILLIONTHS).astype(np.int64)
        reach = self._problem.year.n_members
        boxed = replace(
            self._problem.weigh(weigh_by_prices(self._problem.year, self._goal, prices)),
            lower=np.clip(near - reach, self._problem.lower, self._problem.upper),
            upper=np.clip(near + 1 + reach, self._problem.lower, self._problem.upper),
            target=beta,
        )
        return solve_each_class(boxed).millionths
