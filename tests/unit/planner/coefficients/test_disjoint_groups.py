"""Disjoint groups by parts: against enumeration of the grid, and the proof against the value."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.coefficients.disjoint_groups import (
    has_disjoint_groups,
    round_by_groups,
    solve_by_groups,
)
from planner.coefficients.exact import solve_exactly
from planner.coefficients.linear_program import solve_by_linear_program
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.region import GroupSum, TotalChange
from planner.curves import ValueCurve

GRID = 12
TWELFTHS = np.array(
    [
        (*firsts, GRID - sum(firsts))
        for firsts in product(range(GRID + 1), repeat=4)
        if sum(firsts) <= GRID
    ]
)
"""Every way to share between five members."""


def least(name: str, members: list[int], lower: int) -> GroupSum:
    return GroupSum(name, np.array(members, dtype=bool), lower, GRID)


def greatest(name: str, members: list[int], upper: int) -> GroupSum:
    return GroupSum(name, np.array(members, dtype=bool), 0, upper)


def coarse_problem(seed: int, groups: tuple[GroupSum, ...] = ()) -> CoefficientProblem:
    """Five members on a grid of twelfths; few different slopes make ties everywhere."""
    rng = np.random.default_rng(seed)
    curves = []
    for _ in range(5):
        knots = np.append(np.sort(rng.choice(np.arange(48), 6, replace=False)) / 48, 1.0)
        knots[0] = 0.0
        slopes = np.sort(rng.choice([-1.0, 0.0, 1.0, 2.0, 3.0], 6))[::-1]
        values = np.append(0.0, np.cumsum(slopes * np.diff(knots)))
        curves.append(ValueCurve(knots, slopes, values))
    return CoefficientProblem(
        curves=tuple(curves),
        lower=rng.integers(0, 2, 5),
        upper=rng.integers(6, GRID + 1, 5),
        target=rng.dirichlet(np.ones(5)),
        precedence=rng.permutation(5),
        grid=GRID,
        groups=groups,
    )


def with_groups(seed: int) -> CoefficientProblem:
    """Limit disjoint groups, some from both sides or twice, around a point of the grid."""
    rng = np.random.default_rng(seed + 1000)
    problem = coarse_problem(seed)
    owner = rng.integers(0, 3, 5)
    point = rng.choice(list_points(problem))
    groups: list[GroupSum] = []
    for group in range(3):
        members = (owner == group).astype(int).tolist()
        held = int(point[owner == group].sum())
        low, high = max(1, held - int(rng.integers(0, 2))), held + int(rng.integers(0, 2))
        if held and rng.random() < 0.7:
            groups.append(least(f"least_{group}", members, low))
        if any(members) and high < GRID - 1:
            groups.append(greatest(f"greatest_{group}", members, high))
            groups.append(greatest(f"wider_{group}", members, high + 1))
    return replace(problem, groups=tuple(groups))


def list_points(problem: CoefficientProblem) -> np.ndarray:
    """List every point of the grid that keeps the limits."""
    kept = ((problem.lower <= TWELFTHS) & (problem.upper >= TWELFTHS)).all(axis=1)
    for group in problem.groups:
        total = TWELFTHS[:, group.members].sum(axis=1)
        kept &= (group.lower <= total) & (total <= group.upper)
    return TWELFTHS[kept]


def enumerate_grid(problem: CoefficientProblem) -> list[tuple[float, float]]:
    """Measure value and distance to the target of every point that keeps the limits."""
    return [
        (
            problem.value_of(point / problem.grid),
            float(((point / problem.grid - problem.target) ** 2).sum()),
        )
        for point in list_points(problem)
    ]


@pytest.mark.parametrize("seed", range(60))
def test_nothing_on_the_grid_is_better_or_as_good_and_nearer(seed: int) -> None:
    problem = with_groups(seed)
    points = enumerate_grid(problem)
    rounded = round_by_groups(problem)
    best = max(value for value, _ in points)
    nearest = min(distance for value, distance in points if value >= best - 1e-12)

    assert rounded.sum() == GRID
    assert problem.value_of(rounded / GRID) == pytest.approx(best, abs=1e-12)
    assert ((rounded / GRID - problem.target) ** 2).sum() == pytest.approx(nearest, abs=1e-12)
    assert all(g.lower <= rounded[g.members].sum() <= g.upper for g in problem.groups)


@pytest.mark.parametrize("seed", range(60))
def test_prices_prove_the_optimum_between_grid_points(seed: int) -> None:
    problem = with_groups(seed)
    points = enumerate_grid(problem)
    solution = solve_by_groups(problem)
    by_program = solve_by_linear_program(problem)

    assert solution.beta.sum() == pytest.approx(1, abs=1e-12)
    assert problem.value_of(solution.beta) == pytest.approx(solution.upper_bound, abs=1e-10)
    assert by_program.upper_bound == pytest.approx(solution.upper_bound, abs=1e-5)
    assert solution.upper_bound >= max(value for value, _ in points) - 1e-12
    for group in problem.groups:
        share = solution.beta[group.members].sum() * GRID
        price = solution.multipliers.groups[group.label]
        assert group.lower - 1e-9 <= share <= group.upper + 1e-9
        assert price == 0 or (price > 0) == (group.upper < GRID)
        assert price == 0 or share == pytest.approx(group.upper if price > 0 else group.lower)


def test_without_groups_it_is_the_exact_method() -> None:
    problem = coarse_problem(7)
    plain, by_groups = solve_exactly(problem), solve_by_groups(problem)

    assert by_groups.beta.tolist() == pytest.approx(plain.beta.tolist(), abs=1e-12)
    assert by_groups.upper_bound == pytest.approx(plain.upper_bound, abs=1e-12)
    assert by_groups.multipliers.groups == {}


def test_groups_that_are_all_members_leave_no_rest() -> None:
    groups = (greatest("a", [1, 1, 0, 0, 0], 4), greatest("b", [0, 0, 1, 1, 1], 8))
    problem = coarse_problem(3, groups)
    rounded, solution = round_by_groups(problem), solve_by_groups(problem)

    assert rounded[:2].sum() == 4
    assert problem.value_of(solution.beta) == pytest.approx(solution.upper_bound, abs=1e-12)


def test_least_sums_that_are_all_members_leave_no_rest() -> None:
    groups = (least("a", [1, 1, 0, 0, 0], 7), least("b", [0, 0, 1, 1, 1], 5))
    problem = coarse_problem(3, groups)
    solution = solve_by_groups(problem)

    assert round_by_groups(problem)[:2].sum() == 7
    assert problem.value_of(solution.beta) == pytest.approx(solution.upper_bound, abs=1e-12)


@pytest.mark.parametrize(
    ("groups", "disjoint"),
    [
        ((), True),
        ((least("a", [1, 1, 0, 0, 0], 1), greatest("b", [0, 0, 1, 0, 0], 9)), True),
        ((least("a", [1, 1, 0, 0, 0], 1), greatest("b", [1, 1, 0, 0, 0], 9)), True),
        ((least("a", [1, 1, 0, 0, 0], 1), greatest("b", [0, 1, 1, 0, 0], 9)), False),
        ((least("a", [1, 1, 0, 0, 0], 1), greatest("b", [1, 1, 1, 0, 0], 9)), False),
    ],
)
def test_groups_are_disjoint_unless_a_member_is_in_two(
    groups: tuple[GroupSum, ...], disjoint: bool
) -> None:
    assert has_disjoint_groups(coarse_problem(1, groups)) is disjoint


def test_a_change_in_total_ties_members_together_too() -> None:
    change = TotalChange("change_in_total", np.full(5, GRID / 5), 3.0)

    assert not has_disjoint_groups(replace(coarse_problem(1), change=change))
