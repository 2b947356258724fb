from dataclasses import replace
from itertools import product

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.projection import project_to_grid
from planner.coefficients.water_filling import find_common_level, raise_lowest_first
from planner.curves import ValueCurve


def make_curve(slopes: list[float], bends: list[float]) -> ValueCurve:
    knots = np.array([0.0, *bends, 1.0])
    values = np.append(0.0, np.cumsum(np.array(slopes) * np.diff(knots)))
    return ValueCurve(knots, np.array(slopes), values)


def make_random_problem(
    seed: int, n_members: int, grid: int, *, falls: bool = False, steep: float = 1.0
) -> CoefficientProblem:
    """Make concave curves that bend between grid points, and limits that enclose one."""
    rng = np.random.default_rng(seed)
    least = -2.0 if falls else 0.0
    curves = []
    for _ in range(n_members):
        bends = np.sort(rng.uniform(0, 1, 4)).tolist()
        slopes = np.sort(rng.choice(np.linspace(least, 4.0, 13), 5))[::-1] * steep
        curves.append(make_curve(slopes.tolist(), bends))
    while True:
        lower = rng.integers(0, grid // n_members + 1, n_members) * rng.integers(0, 2, n_members)
        upper = np.maximum(lower, rng.integers(grid // n_members, grid + 1, n_members))
        if lower.sum() <= grid <= upper.sum():
            break
    target = rng.dirichlet(np.ones(n_members))
    return CoefficientProblem(
        tuple(curves), lower, upper, target, rng.permutation(n_members), grid=grid
    )


def levels_of(problem: CoefficientProblem, parts: np.ndarray) -> np.ndarray:
    pairs = zip(problem.curves, parts / problem.grid, strict=True)
    return np.array([curve.value_at(share) for curve, share in pairs])


def list_points(problem: CoefficientProblem) -> np.ndarray:
    """List every point of the grid within the limits of each member."""
    *spans, last = (
        range(low, high + 1) for low, high in zip(problem.lower, problem.upper, strict=True)
    )
    firsts = ((point, problem.grid - sum(point)) for point in product(*spans))
    return np.array([(*point, rest) for point, rest in firsts if rest in last])


def levels_on_grid(problem: CoefficientProblem, points: np.ndarray) -> np.ndarray:
    """Look up the levels of many points."""
    alike = np.ones(len(problem.curves), dtype=np.int64)
    table = np.array([levels_of(problem, part * alike) for part in range(problem.grid + 1)])
    return table[points, np.arange(points.shape[1])]


def ranks(problem: CoefficientProblem, points: np.ndarray) -> list[list[float]]:
    """Sort the levels, lowest first: lists compare as lexicographic max-min does."""
    return np.round(np.sort(levels_on_grid(problem, points), axis=1), 9).tolist()


def solve_first_level(problem: CoefficientProblem) -> float:
    """Raise the least level of all by a linear program over every piece of every curve."""
    program = pulp.LpProblem("first_level", pulp.LpMaximize)
    least = program.add_variable("least")
    shares = []
    for member, curve in enumerate(problem.curves):
        low, high = problem.lower[member] / problem.grid, problem.upper[member] / problem.grid
        share = program.add_variable(f"share_{member}", float(low), float(high))
        shares.append(share)
        for slope, knot, value in zip(curve.slopes, curve.knots, curve.values, strict=False):
            tangent = pulp.LpAffineExpression([(share, -float(slope)), (least, 1.0)])
            program.addConstraint(tangent <= float(value - slope * knot))
    program.setObjective(pulp.LpAffineExpression([(least, 1.0)]))
    program.addConstraint(pulp.LpAffineExpression([(share, 1.0) for share in shares]) == 1)
    program.solve(pulp.HiGHS(msg=False))
    assert program.sol_status == pulp.LpSolutionOptimal
    return float(least.value())


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize(("n_members", "grid"), [(2, 40), (3, 24), (4, 13), (5, 8)])
@pytest.mark.parametrize("seed", range(25))
def test_nothing_on_the_grid_is_lexicographically_better(
    seed: int, n_members: int, grid: int, falls: bool
) -> None:
    problem = make_random_problem(seed, n_members, grid, falls=falls)
    filled = raise_lowest_first(problem)

    assert filled.parts.sum() == grid
    assert (filled.parts >= problem.lower).all()
    assert (filled.parts <= problem.upper).all()
    assert ranks(problem, filled.parts[np.newaxis]) == [max(ranks(problem, list_points(problem)))]


@pytest.mark.parametrize("seed", range(25))
def test_of_equals_the_nearest_to_the_target_is_taken(seed: int) -> None:
    problem = make_random_problem(seed, 3, 20, steep=10.0)
    saturating = tuple(
        make_curve([own.slopes[0] + 1, 0.0], [0.05 + 0.05 * member])
        for member, own in enumerate(problem.curves)
    )
    problem = replace(problem, curves=saturating)
    filled = raise_lowest_first(problem)
    points = list_points(problem)
    (reached,) = ranks(problem, filled.parts[np.newaxis])
    equal = points[[each == reached for each in ranks(problem, points)]]
    distances = ((equal / 20 - problem.target) ** 2).sum(axis=1)

    assert ((filled.parts / 20 - problem.target) ** 2).sum() == pytest.approx(distances.min())


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_the_first_level_is_that_of_a_linear_program(seed: int, falls: bool) -> None:
    problem = make_random_problem(seed, 5, 1_000_000, falls=falls)
    filled = raise_lowest_first(problem)
    least = levels_of(problem, filled.parts).min()
    first = solve_first_level(problem)

    assert least == pytest.approx(first, abs=2e-5)
    assert filled.upper_bound >= first - 1e-7


@pytest.mark.parametrize("seed", range(30))
def test_no_coefficients_pass_the_bound(seed: int) -> None:
    problem = make_random_problem(seed, 3, 24, falls=seed % 2 == 1)
    filled = raise_lowest_first(problem)
    levels = levels_on_grid(problem, list_points(problem))
    reached = [find_common_level(each, filled.best) for each in levels]

    assert max(reached) <= filled.upper_bound + 1e-9
    assert find_common_level(levels_of(problem, filled.parts), filled.best) == max(reached)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_grid_costs_the_bound_at_most_a_step_a_member(seed: int, n_members: int) -> None:
    problem = make_random_problem(seed, n_members, 1_000_000)
    filled = raise_lowest_first(problem)
    reached = find_common_level(levels_of(problem, filled.parts), filled.best)

    assert reached <= filled.upper_bound + 1e-9
    assert filled.upper_bound - reached <= 4.0 * n_members / 1e6 + 1e-9


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_permuting_members_permutes_the_coefficients(seed: int, n_members: int) -> None:
    problem = make_random_problem(seed, n_members, 1_000_000, falls=seed % 2 == 1)
    order = np.random.default_rng(seed).permutation(n_members)
    permuted = CoefficientProblem(
        tuple(problem.curves[member] for member in order),
        problem.lower[order],
        problem.upper[order],
        problem.target[order],
        problem.precedence[order],
    )

    filled, again = raise_lowest_first(problem), raise_lowest_first(permuted)
    assert again.parts.tolist() == filled.parts[order].tolist()
    assert again.upper_bound == pytest.approx(filled.upper_bound, rel=1e-12)


def test_who_is_at_its_best_stays_and_the_others_go_on() -> None:
    small = make_curve([2.0, 0.0], [0.1])
    problem = CoefficientProblem(
        (small, make_curve([1.0, 1.0], [0.5]), make_curve([0.5, 0.5], [0.5])),
        np.zeros(3, dtype=np.int64),
        np.full(3, 10),
        np.full(3, 1 / 3),
        np.arange(3),
        grid=10,
    )
    filled = raise_lowest_first(problem)

    assert filled.parts.tolist() == [1, 3, 6]
    assert filled.best.tolist() == pytest.approx([0.2, 1.0, 0.5])
    assert filled.upper_bound == pytest.approx(0.3)
    assert filled.prices.tolist() == [0.0, 1.0, 0.5]


def test_what_nobody_needs_goes_nearest_to_the_target() -> None:
    curves = tuple(make_curve([5.0, 0.0], [bend]) for bend in (0.1, 0.2, 0.05))
    target = np.array([0.7, 0.2, 0.1])
    free = np.zeros(3, dtype=np.int64), np.full(3, 1_000_000)
    precedence = np.array([2, 0, 1])
    filled = raise_lowest_first(CoefficientProblem(curves, *free, target, precedence))
    needs = np.array([100_000, 200_000, 50_000])

    assert filled.upper_bound == pytest.approx(1.0)
    assert filled.parts.tolist() == project_to_grid(target, needs, free[1], precedence).tolist()


def test_a_best_between_two_grid_points_is_at_the_better_one() -> None:
    peak = make_curve([10.0, -10.0], [0.17])
    problem = CoefficientProblem(
        (peak, make_curve([1.0, 0.0], [0.8])),
        np.zeros(2, dtype=np.int64),
        np.full(2, 10),
        np.full(2, 0.5),
        np.arange(2),
        grid=10,
    )

    assert raise_lowest_first(problem).parts.tolist() == [2, 8]
    assert raise_lowest_first(problem).best.tolist() == pytest.approx([1.4, 0.8])


def test_of_two_that_would_fall_to_one_level_the_lower_falls() -> None:
    curves = (
        make_curve([12.0, -8.0, -8.0], [0.25, 0.5]),
        make_curve([8.0, -4.0, -8.0], [0.25, 0.5]),
        make_curve([1.0], []),
    )
    limits = np.array([0, 0, 1]), np.array([4, 4, 1])
    third = np.full(3, 1 / 3)
    problem = CoefficientProblem(curves, *limits, third, np.arange(3), grid=4)

    # Both would fall to 1; that the first keeps 3 is better than that the second keeps 2.
    assert raise_lowest_first(problem).parts.tolist() == [1, 2, 1]


def test_identical_members_differ_by_the_last_part_in_their_order() -> None:
    line = make_curve([1.0, 0.5], [0.5])
    limits = np.zeros(3, dtype=np.int64), np.full(3, 1_000_000)
    third = np.full(3, 1 / 3)
    problem = CoefficientProblem((line,) * 3, *limits, third, np.array([2, 0, 1]))

    assert raise_lowest_first(problem).parts.tolist() == [333_333, 333_334, 333_333]


def test_steps_too_small_for_floats_are_taken_one_by_one() -> None:
    flat = make_curve([1.0, 1e-10], [0.4])
    problem = CoefficientProblem(
        (flat, flat),
        np.array([499_990, 499_990]),
        np.full(2, 1_000_000),
        np.full(2, 0.5),
        np.arange(2),
    )

    assert raise_lowest_first(problem).parts.tolist() == [500_000, 500_000]


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("seed", range(25))
def test_groups_are_kept_and_who_they_block_is_left_behind(seed: int, falls: bool) -> None:
    problem = make_random_problem(seed, 4, 13, falls=falls)
    points = list_points(problem)
    points = points[points[:, :2].sum(axis=1) <= 6]
    if points.size == 0:
        pytest.skip("the limits leave the group no room")

    def is_feasible(lower: np.ndarray) -> bool:
        return bool((points >= lower).all(axis=1).any())

    filled = raise_lowest_first(problem, is_feasible)

    assert filled.parts.tolist() in points.tolist()
    levels = levels_on_grid(problem, points)
    reached = [find_common_level(each, filled.best) for each in levels]
    assert max(reached) <= filled.upper_bound + 1e-9
    if not falls:
        assert ranks(problem, filled.parts[np.newaxis]) == [max(ranks(problem, points))]
