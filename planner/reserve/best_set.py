"""The best set: which candidates to admit when all coefficients are chosen anew.

Branch and bound on the exact curves. ``planner/reserve/gains.py`` bounds every branch; a branch
is closed when its bound does not pass the best group found, whose value is exact.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.values.errors import InfeasibleError
from planner.coefficients.problem import check_bounds
from planner.reserve.admission import AdmissionProblem, Chosen, GroupValues
from planner.reserve.candidacy import Candidacy
from planner.reserve.gains import Bound, GainTable, Status

_NOISE = 1e-10
"""Share of the value below which two groups are worth the same."""


@dataclass(frozen=True, slots=True, eq=False)
class BestSet:
    """Who is admitted, and how good that is.

    Attributes
    ----------
    admitted : ndarray of int
        Positions of the admitted candidates, ascending.
    value : float
        What the group brings before rounding, on concave majorants, and the bonus of those
        admitted.
    upper_bound : float
        What no group of as many candidates brings, bonus included.
    is_proven : bool
        Whether the search ended by itself: no other group brings more than noise.
    groups_solved : int
        Groups whose optimum was computed.
    """

    admitted: Chosen
    value: float
    upper_bound: float
    is_proven: bool
    groups_solved: int


class EmptyGroupError(InfeasibleError):
    """There is neither a member nor a candidate who could be admitted."""

    def __init__(self) -> None:
        super().__init__("nobody would share: there is no member and no eligible candidate")


def never_stop() -> bool:
    """Let a search run to its end.

    Returns
    -------
    bool
        False.
    """
    return False


def choose_best_set(
    problem: AdmissionProblem,
    candidacy: Candidacy,
    vacancies: int,
    should_stop: Callable[[], bool] = never_stop,
) -> BestSet:
    """Choose the candidates that bring most when everybody's coefficient is chosen anew.

    Parameters
    ----------
    problem : AdmissionProblem
        Curves and limits of members and candidates.
    candidacy : Candidacy
        Who may, who must, who goes first.
    vacancies : int
        Places; with fewer eligible candidates, all of these are admitted.
    should_stop : callable
        Asked before every branch; once it says yes, the best group so far is returned, with the
        bound that is proven by then.

    Returns
    -------
    BestSet
        Of groups of equal value, one in which nobody could give way to a candidate of higher
        precedence without loss.

    Raises
    ------
    NoVacancyError
        If there is no place to fill.
    TooManyPinnedError
        If more are pinned than there are places.
    EmptyGroupError
        If there is nobody to share the plant.
    InfeasibleBoundsError
        If the group's limits do not enclose one.

    Notes
    -----
    For any price, ``price + members' gains + the largest so many candidates' gains`` bounds every
    group. The lowest bound of the root is that of the problem with fractional admissions; where
    the candidates it picks need exactly the whole plant, it is the answer at once.
    """
    places = candidacy.places_in(vacancies)
    if not problem.members and not places:
        raise EmptyGroupError
    check_bounds(*problem.group_limits(places))
    search = _Search(problem, candidacy, places)
    return search.run(should_stop)


class _Search:
    """One search: the best group so far, and the branches that are still open."""

    def __init__(self, problem: AdmissionProblem, candidacy: Candidacy, places: int) -> None:
        self.candidacy, self.places = candidacy, places
        self.values = GroupValues(problem)
        self.solved: dict[bytes, tuple[float, float]] = {}
        self.root: Status = np.where(candidacy.eligible, candidacy.pinned, -1).astype(np.int8)

    def run(self, should_stop: Callable[[], bool]) -> BestSet:
        """Search until no branch can be better, or until told to stop."""
        if self.places == 0:
            self.best = np.empty(0, dtype=np.intp)
            self.best_value = self.solve(self.best)[0]
            return self._report(self.best_value)
        self.table = GainTable(
            self.values, self.candidacy.bonus, self.candidacy.precedence, self.places, self.root
        )
        self.best = self.table.extend_greedily(self.root)
        self.best_value = self.solve(self.best)[0]
        open_bound = self._close_branches(should_stop)
        self._prefer_seniors()
        return self._report(open_bound)

    @property
    def enough(self) -> float:
        """Bound up to which a branch holds nothing better than the best group."""
        return self.best_value + _NOISE * abs(self.best_value)

    def solve(self, chosen: Chosen) -> tuple[float, float]:
        """Give a group's value with its bonus, and the price of the plant in it."""
        key = chosen.tobytes()
        if key not in self.solved:
            solution = self.values.solve(chosen)
            bonus = float(self.candidacy.bonus[chosen].sum())
            self.solved[key] = solution.upper_bound + bonus, solution.price
        return self.solved[key]

    def _close_branches(self, should_stop: Callable[[], bool]) -> float:
        """Take the branch of the highest bound, again and again; return what stays open."""
        number = 0
        queue = [(-self.table.bound_lowest(self.root).value, number, self.root)]
        while queue and -queue[0][0] > self.enough and not should_stop():
            _, _, status = heapq.heappop(queue)
            for child in self._branch(status):
                number += 1
                bound = self.table.bound_lowest(child).value
                heapq.heappush(queue, (-bound, number, child))
        return -queue[0][0] if queue else self.best_value

    def _branch(self, status: Status) -> list[Status]:
        """Try the group that the bound picks; split the rest on its least sure candidate."""
        bound = self._tighten(status)
        if bound.value <= self.enough:
            return []
        status = self._settle(status, bound)
        picked = bound.order[: self.places]
        unsure = picked[status[picked] == 0]
        if not unsure.size:
            return [_with(status, status == 0, -1)]
        least_sure = np.arange(status.size) == unsure[-1]
        children = [_with(status, least_sure, 1), _with(status, least_sure, -1)]
        return [child for child in children if (child >= 0).sum() >= self.places]

    def _tighten(self, status: Status) -> Bound:
        """Solve the group that the table picks, and bound the branch at its exact price as well."""
        bound = self.table.bound_lowest(status)
        group = np.sort(bound.order[: self.places])
        value, price = self.solve(group)
        if value > self.enough:
            self.best, self.best_value = group, value
        return min(bound, self.table.bound_at(price, status), key=lambda each: each.value)

    def _settle(self, status: Status, bound: Bound) -> Status:
        """Decide on candidates whose other fate would bring the bound down to the best group."""
        picked, passed = np.split(bound.order, [self.places])
        unsure, waiting = picked[status[picked] == 0], passed[status[passed] == 0]
        # Whoever comes in takes the place of the last one in; whoever goes leaves it to the next.
        last_in = bound.scores[unsure].min(initial=np.inf)
        next_in = bound.scores[waiting].max(initial=-np.inf)
        settled = status.copy()
        settled[unsure[bound.value - bound.scores[unsure] + next_in <= self.enough]] = 1
        settled[waiting[bound.value - last_in + bound.scores[waiting] <= self.enough]] = -1
        return settled

    def _prefer_seniors(self) -> None:
        """Let candidates of higher precedence take a place wherever that loses nothing."""
        while (better := self._find_exchange()) is not None:
            self.best = better

    def _find_exchange(self) -> Chosen | None:
        """Find a group of the same value in which somebody of higher precedence is admitted."""
        precedence, least = self.candidacy.precedence, 2 * self.best_value - self.enough
        scores = self.table.bound_at(self.solve(self.best)[1], self.root).scores
        noise = self.enough - self.best_value
        outside = np.setdiff1d(np.flatnonzero(self.root == 0), self.best)
        giving = self.best[self.root[self.best] == 0]
        for last in giving[np.argsort(-precedence[giving])].tolist():
            takers = outside[
                (precedence[outside] < precedence[last]) & (scores[outside] >= scores[last] - noise)
            ]
            for first in takers[np.argsort(precedence[takers])].tolist():
                group = np.sort(np.append(self.best[self.best != last], first))
                if self.solve(group)[0] >= least:
                    return group
        return None

    def _report(self, open_bound: float) -> BestSet:
        """State the best group, and the bound: what is open, or noise above its value."""
        value = self.solve(self.best)[0]
        return BestSet(
            admitted=self.best,
            value=value,
            upper_bound=max(self.enough, open_bound),
            is_proven=open_bound <= self.enough,
            groups_solved=len(self.solved),
        )


def _with(status: Status, which: np.ndarray[tuple[int], np.dtype[np.bool_]], fate: int) -> Status:
    """Decide on some candidates."""
    decided = status.copy()
    decided[which] = fate
    return decided
