"""Whether limits can hold together; if not, which of them conflict and which floor would do."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
import pulp

from models.values.coefficient import MILLIONTHS
from models.values.errors import InfeasibleError
from planner.coefficients.integer_program import find_on_grid
from planner.coefficients.limits import Floor, Limit, list_restrictions
from planner.coefficients.region import Region, Restriction, enclose_region
from planner.goal import YearCurves

_FLOOR_GRID = 10_000
_MOST_TRIALS = 200
_MOST_SEARCHED = 100
_MOST_NAMED = 5


class InfeasibleLimitsError(InfeasibleError):
    """No coefficients that sum to one keep all limits.

    Attributes
    ----------
    conflict : tuple of str
        Labels of limits that cannot hold together with the sum of one; without any of them the
        others could, and no smaller set conflicts unless the search for it was cut short.
    needs : dict of int to tuple of two ints
        Within that conflict, the least and the greatest coefficient of each member, by position,
        that would need more than it may have [millionths].
    lower_sum, upper_sum : int
        Sums of the least and greatest coefficients that the conflict leaves [millionths].
    largest_floor : float or None
        The largest share that all floors together could ask for; None without floors, or if
        not even a floor of zero helps.
    """

    def __init__(
        self, conflict: tuple[str, ...], region: Region, largest_floor: float | None
    ) -> None:
        self.conflict = conflict
        self.largest_floor = largest_floor
        crossed = np.flatnonzero(region.lower > region.upper).tolist()
        self.needs = {
            member: (int(region.lower[member]), int(region.upper[member])) for member in crossed
        }
        self.lower_sum = int(region.lower.sum())
        self.upper_sum = int(region.upper.sum())
        super().__init__(self.explain(lambda member: f"number {member + 1}"))

    def explain(self, name: Callable[[int], str]) -> str:
        """Say what conflicts, and what to do; ``name`` names a member by its position."""
        named = " and ".join(self.conflict)
        verb = "cannot hold together" if len(self.conflict) > 1 else "cannot hold"
        return f"{named} {verb}: {self._find_reason(name)}{self._advise()}"

    def _find_reason(self, name: Callable[[int], str]) -> str:
        """Say where the conflict shows."""
        if self.needs:
            named = [
                f"{name(member)} needs {least / MILLIONTHS:.6f} and may have "
                f"{greatest / MILLIONTHS:.6f}"
                for member, (least, greatest) in islice(self.needs.items(), _MOST_NAMED)
            ]
            listed = ", ".join(named) + (", ..." if len(self.needs) > _MOST_NAMED else "")
            return f"{len(self.needs)} of the members need more than they may have: {listed}"
        if self.lower_sum > MILLIONTHS:
            return f"the least coefficients sum to {self.lower_sum / MILLIONTHS:.6f}, more than 1"
        if self.upper_sum < MILLIONTHS:
            total = f"{self.upper_sum / MILLIONTHS:.6f}"
            return f"the greatest coefficients sum to {total}, less than 1"
        return "no coefficients that sum to 1 keep them"

    def _advise(self) -> str:
        """Say what would help."""
        if self.largest_floor is not None:
            return f"; the largest feasible floor is {self.largest_floor:.4f}"
        return "; relax one of them"


def enclose_limits(curves: YearCurves, limits: Iterable[Limit]) -> Region:
    """Turn limits into a region that holds at least one set of coefficients.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    limits : iterable of Limit
        What was asked for.

    Returns
    -------
    Region
        Not empty.

    Raises
    ------
    InfeasibleLimitsError
        If no coefficients on the grid keep all limits and sum to one.
    LimitError
        If a limit cannot mean what it says, or lacks data.
    MissingPricesError
        If a limit is in euros and the year has no prices.
    """
    wanted = tuple(limits)
    n_members = curves.year.n_members
    restrictions = list_restrictions(curves, wanted)
    region = enclose_region(n_members, restrictions)
    if has_coefficients(region):
        return region
    conflict = find_smallest_conflict(
        restrictions, lambda kept: has_coefficients(enclose_region(n_members, kept))
    )
    raise InfeasibleLimitsError(
        tuple(dict.fromkeys(each.label for each in conflict)),
        enclose_region(n_members, conflict),
        find_largest_floor(curves, wanted),
    )


def has_coefficients(region: Region) -> bool:
    """Tell whether any coefficients on the grid, or in blocks, lie in a region.

    Parameters
    ----------
    region : Region
        Limits on a grid.

    Returns
    -------
    bool
        Decided by sums where members are free of each other, by an integer program where groups
        or a change in total tie them together.
    """
    cut = region.cut_to_blocks()
    if (cut.lower > cut.upper).any():
        return False
    if not cut.lower.sum() <= cut.grid <= cut.upper.sum():
        return False
    return not cut.couples_members or find_on_grid(cut) is not None


def find_smallest_conflict(
    restrictions: Sequence[Restriction], is_feasible: Callable[[Sequence[Restriction]], bool]
) -> list[Restriction]:
    """Find a smallest set of restrictions that cannot hold together, or one of the smaller ones.

    Parameters
    ----------
    restrictions : sequence of Restriction
        Infeasible together.
    is_feasible : callable
        Whether some of them can hold together; fewer never hold less.

    Returns
    -------
    list of Restriction
        No smaller set conflicts; of more than 100 restrictions, or after 200 trials, only no part
        of this one.

    Notes
    -----
    By implicit hitting sets: every set whose removal makes the rest feasible must be hit by any
    conflict. The smallest set that hits all known ones either conflicts, and is then a smallest
    conflict, or grows into a feasible set whose complement is one more set to hit.
    """
    trials = 0

    def conflicts(chosen: Iterable[int]) -> bool:
        nonlocal trials
        trials += 1
        return not is_feasible([restrictions[each] for each in chosen])

    everyone = range(len(restrictions))
    to_hit: list[set[int]] = []
    while len(restrictions) <= _MOST_SEARCHED and trials < _MOST_TRIALS:
        candidate = _hit_all(to_hit)
        if conflicts(candidate):
            return [restrictions[each] for each in candidate]
        kept = set(candidate)
        for each in everyone:
            if each not in kept and not conflicts(kept | {each}):
                kept.add(each)
        to_hit.append(set(everyone) - kept)
    return [restrictions[each] for each in _shrink(list(everyone), conflicts)]


def _shrink(left: list[int], conflicts: Callable[[Iterable[int]], bool]) -> list[int]:
    """Leave out ever smaller runs for as long as the rest conflicts, down to single ones."""
    size = len(left)
    while size > 1:
        size = (size + 1) // 2
        start = 0
        while start < len(left):
            without = left[:start] + left[start + size :]
            if conflicts(without):
                left = without
            else:
                start += size
    return left


def _hit_all(to_hit: Sequence[set[int]]) -> list[int]:
    """Find a smallest set that shares an element with each of many sets, by an integer program."""
    useful = sorted(set().union(*to_hit))
    program = pulp.LpProblem("hitting_set", pulp.LpMinimize)
    chosen = {
        each: program.add_variable(f"take_{each}", 0, 1, cat=pulp.LpInteger) for each in useful
    }
    program.setObjective(pulp.lpSum(chosen.values()))
    for number, elements in enumerate(to_hit):
        row = pulp.lpSum(chosen[each] for each in sorted(elements)) >= 1
        program.addConstraint(row, f"hit_{number}")
    if useful:
        program.solve(pulp.HiGHS(msg=False, gapRel=0.0))
    return [each for each, taken in chosen.items() if taken.value() > 0.5]


def find_largest_floor(curves: YearCurves, limits: Sequence[Limit]) -> float | None:
    """Find the largest share that every floor could ask for beside the other limits.

    Parameters
    ----------
    curves : YearCurves
        The year that is shared.
    limits : sequence of Limit
        Infeasible as they are.

    Returns
    -------
    float or None
        To four decimals, rounded down; None without floors, or if zero is infeasible too.
    """
    if not any(isinstance(limit, Floor) for limit in limits):
        return None
    low, high = -1, _FLOOR_GRID
    while high - low > 1:
        middle = (low + high) // 2
        cut = _cap_floors(limits, middle / _FLOOR_GRID)
        restrictions = list_restrictions(curves, cut)
        if has_coefficients(enclose_region(curves.year.n_members, restrictions)):
            low = middle
        else:
            high = middle
    return None if low < 0 else low / _FLOOR_GRID


def _cap_floors(limits: Sequence[Limit], share: float) -> list[Limit]:
    """Lower every floor that asks for more than a share."""
    return [
        replace(limit, share=min(limit.share, share)) if isinstance(limit, Floor) else limit
        for limit in limits
    ]
