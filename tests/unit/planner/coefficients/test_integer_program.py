"""Rounding where members are tied together: against enumeration, and at its edges."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.values.coefficient import MILLIONTHS
from planner.coefficients import integer_program
from planner.coefficients.integer_program import (
    EmptyRegionError,
    find_on_grid,
    round_by_integer_program,
)
from planner.coefficients.linear_program import UnprovenError, solve_by_linear_program
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.region import GroupSum, Region, TotalChange
from planner.curves import ValueCurve
from tests.support.sharing_years import make_problem, make_year

GRID = 10


def group(name: str, members: list[int], lower: int = 0, upper: int = MILLIONTHS) -> GroupSum:
    return GroupSum(name, np.array(members, dtype=bool), lower, upper)


def coarse_problem(seed: int) -> CoefficientProblem:
    """Four members on tenths, tied by overlapping groups or a change that a point keeps."""
    rng = np.random.default_rng(seed)
    curves = []
    for _ in range(4):
        slopes = np.sort(rng.choice([0.5, 1.0, 2.0, 3.0, 5.0], GRID))[::-1]
        values = np.append(0.0, np.cumsum(slopes / GRID))
        curves.append(ValueCurve(np.arange(GRID + 1) / GRID, slopes, values))
    point = rng.multinomial(GRID, np.ones(4) / 4)
    masks = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 1, 0, 1]]
    sums = [int(point[np.array(mask, dtype=bool)].sum()) for mask in masks]
    change = TotalChange("change_in_total", point + rng.uniform(-1, 1, 4), 4 + rng.uniform(0, 3))
    return CoefficientProblem(
        curves=tuple(curves),
        lower=np.zeros(4, dtype=np.int64),
        upper=np.full(4, 7),
        target=np.full(4, 0.25),
        precedence=rng.permutation(4),
        grid=GRID,
        groups=(
            group("a", masks[0], lower=sums[0], upper=GRID),
            group("b", masks[1], upper=sums[1]),
            group("c", masks[2], upper=min(sums[2] + 1, GRID - 1)),
        ),
        change=change if seed % 2 else None,
    )


def enumerate_best(problem: CoefficientProblem) -> float:
    """Find the greatest value of all points of the grid that keep the limits."""
    best = -np.inf
    for first in product(*(range(8) for _ in range(3))):
        point = np.array((*first, GRID - sum(first)))
        change = problem.change
        if (
            0 <= point[3] <= 7
            and all(g.lower <= point[g.members].sum() <= g.upper for g in problem.groups)
            and (change is None or np.abs(point - change.around).sum() <= change.most)
        ):
            best = max(best, problem.value_of(point / GRID))
    return best


@pytest.mark.parametrize("seed", range(40))
def test_nothing_on_a_coarse_grid_is_better(seed: int) -> None:
    problem = coarse_problem(seed)
    best = enumerate_best(problem)
    rounded = round_by_integer_program(problem, np.full(4, 0.25))
    change = problem.change

    assert rounded.sum() == GRID
    assert problem.value_of(rounded / GRID) == pytest.approx(best, abs=1e-9)
    assert all(g.lower <= rounded[g.members].sum() <= g.upper for g in problem.groups)
    assert change is None or np.abs(rounded - change.around).sum() <= change.most + 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_near_the_optimum_no_exchange_of_a_few_millionths_is_better(seed: int) -> None:
    year = make_year(n_members=4, seed=seed)
    groups = (group("a", [1, 1, 0, 0], lower=555_555), group("b", [0, 1, 1, 0], upper=333_333))
    problem = replace(make_problem(year), groups=groups)
    rounded = round_by_integer_program(problem, solve_by_linear_program(problem).beta)
    value = problem.value_of(rounded / MILLIONTHS)

    assert rounded.sum() == MILLIONTHS
    for step in product((-1, 0, 1), repeat=3):
        other = rounded + np.array((*step, -sum(step)))
        if (
            (other >= 0).all()
            and other[:2].sum() >= 555_555
            and other[1:3].sum() <= 333_333
            and np.abs(other - rounded).max() <= 1
        ):
            assert problem.value_of(other / MILLIONTHS) <= value + 1e-9


@pytest.mark.parametrize(("away", "reach"), [(1, 2), (10, 16), (100, 128), (5_000, None)])
def test_a_wish_that_breaks_the_limits_is_moved_as_far_as_it_must(
    away: int, reach: int | None
) -> None:
    problem = replace(
        make_problem(make_year(n_members=2)), groups=(group("a", [1, 0], lower=500_000 + away),)
    )
    rounded = round_by_integer_program(problem, np.array([0.5, 0.5]))
    value = problem.value_of(rounded / MILLIONTHS)

    assert rounded[0] >= 500_000 + away
    assert rounded.sum() == MILLIONTHS
    if reach:
        firsts = range(500_000 + away, 500_000 + reach + 1)
        points = [np.array([first, MILLIONTHS - first]) / MILLIONTHS for first in firsts]
        assert value == pytest.approx(max(map(problem.value_of, points)), abs=1e-9)


def test_a_region_without_a_point_on_the_grid_is_an_error() -> None:
    # Each two of three sum to an odd number: only halves do.
    pairs = ([1, 1, 0], [0, 1, 1], [1, 0, 1])
    groups = [group(f"l{pair}", pair, lower=666_667) for pair in pairs]
    problem = replace(make_problem(make_year(n_members=3)), groups=tuple(groups))

    with pytest.raises(EmptyRegionError, match="relax one of them"):
        round_by_integer_program(problem, np.full(3, 1 / 3))
    assert find_on_grid(problem.region) is None


def test_any_point_of_the_grid_will_do_to_show_that_there_is_one() -> None:
    region = Region(
        grid=7,
        lower=np.array([1, 0, 0]),
        upper=np.array([7, 7, 2]),
        groups=(group("a", [0, 1, 0], lower=3, upper=7), group("b", [1, 1, 0], upper=5)),
        change=TotalChange("change_in_total", np.array([1.5, 3.5, 2.0]), 1.0),
    )
    found = find_on_grid(region)

    assert found is not None
    assert found.tolist() in ([1, 4, 2], [2, 3, 2])


def test_a_solver_that_finds_nothing_in_time_does_not_say_that_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The relaxation of pairs with an odd sum is no proof: the solver has to search.
    monkeypatch.setattr(integer_program, "_SECONDS", 0.0)
    pairs = ([1, 1, 0], [0, 1, 1], [1, 0, 1])
    groups = [group(f"l{pair}", pair, lower=666_667) for pair in pairs]
    region = replace(make_problem(make_year(n_members=3)), groups=tuple(groups)).region

    with pytest.raises(UnprovenError, match="HiGHS ended with No Solution Found") as caught:
        find_on_grid(region)
    assert caught.value.gap is None


def test_twins_get_what_the_limits_leave_them_by_precedence() -> None:
    curve = ValueCurve(np.array([0.0, 1.0]), np.array([1.0]), np.array([0.0, 1.0]))
    problem = CoefficientProblem(
        curves=(curve,) * 4,
        lower=np.zeros(4, dtype=np.int64),
        upper=np.full(4, MILLIONTHS),
        target=np.full(4, 0.25),
        precedence=np.array([2, 1, 0, 3]),
        groups=(group("a", [1, 1, 1, 0], upper=500_000), group("b", [0, 0, 0, 1], upper=500_000)),
    )

    assert round_by_integer_program(problem, np.array([0.5, 0.5, 0.5, 1.5]) / 3).tolist() == [
        166_666,
        166_667,
        166_667,
        500_000,
    ]
