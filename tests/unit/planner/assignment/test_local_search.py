"""The climb: never worse than its start, and no single step improves where it ends."""

from itertools import product

import numpy as np
import pytest

from planner.assignment.local_search import improve_assignment
from planner.assignment.problem import NO_CAU, AssignmentProblem, Capacity
from planner.assignment.rents import PlantPrices
from tests.support.assignments import enumerate_assignments, make_assignment_problem


def climb(problem: AssignmentProblem, start: list[int]) -> tuple[int, ...]:
    """Climb with tables fine enough to be exact."""
    prices = np.tile(np.linspace(0, 200, 4001), (problem.n_caus, 1))
    rents = np.array([PlantPrices(problem, cau).tabulate(row) for cau, row in enumerate(prices)])
    return tuple(improve_assignment(problem, prices, rents, np.array(start)).tolist())


def neighbours(cau_of: tuple[int, ...], places: range) -> set[tuple[int, ...]]:
    """List what one move or one swap makes of an assignment."""
    found = set()
    for member, place in product(range(len(cau_of)), places):
        found.add((*cau_of[:member], place, *cau_of[member + 1 :]))
    for one, other in product(range(len(cau_of)), repeat=2):
        swapped = list(cau_of)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        found.add(tuple(swapped))
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("everybody_shares", [True, False])
@pytest.mark.parametrize(
    "start", [[0, 0, 0, 1, 1, 1], [1, 0, 1, 0, 1, 0], [0, 1, 0, 0, 0, 1], [1, 1, 1, 0, 0, 0]]
)
def test_no_step_improves_where_the_climb_ends(
    seed: int, everybody_shares: bool, start: list[int]
) -> None:
    capacity = Capacity("members", np.ones(6), np.zeros(2), np.array([4.0, 3.0]))
    problem = make_assignment_problem(
        6, 2, seed, capacities=(capacity,), everybody_shares=everybody_shares
    )
    values = enumerate_assignments(problem)
    end = climb(problem, start)
    places = range(0 if everybody_shares else NO_CAU, 2)

    assert values[end] >= values[tuple(start)]
    nearby = [values[step] for step in neighbours(end, places) if step in values]
    assert max(nearby) <= values[end] * (1 + 1e-6)


def test_reach_holds_on_the_way() -> None:
    free = make_assignment_problem(6, 2, seed=1)
    allowed = np.ones((6, 2), dtype=bool)
    allowed[:3, 1] = False
    tied = AssignmentProblem(free.curves, allowed)

    assert climb(tied, [0, 0, 0, 1, 1, 0])[:3] == (0, 0, 0)
