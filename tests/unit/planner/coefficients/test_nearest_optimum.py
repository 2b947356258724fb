"""Of several optima the nearest to the target: against a search of all of them, in any order."""

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from planner.coefficients import nearest_optimum
from planner.coefficients.integer_program import round_by_integer_program
from planner.coefficients.linear_program import solve_by_linear_program
from planner.coefficients.multipliers import Multipliers
from planner.coefficients.nearest_optimum import take_nearest_optimum
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.region import GroupSum, TotalChange
from planner.curves import ValueCurve

GROUPS = (
    GroupSum("a", np.array([True, True, False, False]), 500_000, MILLIONTHS),
    GroupSum("b", np.array([False, True, True, False]), 0, 450_000),
)
TARGET = np.array([0.13, 0.17, 0.24, 0.46])
AROUND = np.array([450_000.0, 250_000.0, 50_000.0, 250_000.0])


def state(*curves: ValueCurve, change: float | None = None) -> CoefficientProblem:
    """Tie four members by groups that overlap, and by a change in total if one is given."""
    return CoefficientProblem(
        curves=curves,
        lower=np.zeros(4, dtype=np.int64),
        upper=np.full(4, MILLIONTHS),
        target=TARGET,
        precedence=np.array([2, 0, 3, 1]),
        groups=GROUPS,
        change=None if change is None else TotalChange("change_in_total", AROUND, change),
    )


def bend(*slopes: float, at: tuple[float, ...] = ()) -> ValueCurve:
    """Draw a curve by its slopes and where they change."""
    knots = np.array([0.0, *at, 1.0])
    return ValueCurve(knots, np.array(slopes), np.append(0.0, np.cumsum(slopes * np.diff(knots))))


def saturated(change: float | None = None) -> CoefficientProblem:
    """Let hundredths of the plant be all that anybody needs."""
    return state(*(bend(10.0, 0.0, at=(knot,)) for knot in (0.01, 0.02, 0.03, 0.04)), change=change)


def value_points(problem: CoefficientProblem, points: np.ndarray) -> np.ndarray:
    """Read off the curves what points are worth."""
    pairs = zip(problem.curves, points.T, strict=True)
    return sum((np.interp(shares, curve.knots, curve.values) for curve, shares in pairs), 0.0)


def keep_limits(problem: CoefficientProblem, points: np.ndarray) -> np.ndarray:
    """Tell which points are of no negative share and within every limit."""
    kept = (points > -1e-12).all(axis=1)
    for group in problem.groups:
        total = points[:, group.members].sum(axis=1) * MILLIONTHS
        kept &= (total > group.lower - 1e-6) & (total < group.upper + 1e-6)
    if problem.change is not None:
        moved = np.abs(points * MILLIONTHS - problem.change.around).sum(axis=1)
        kept &= moved < problem.change.most + 1e-6
    return kept


def search_nearest(problem: CoefficientProblem, value: float) -> float:
    """Search ever finer grids for the least squared distance of what is worth a value."""
    steps = np.array(list(product(np.linspace(-1, 1, 21), repeat=3)))
    centre, width, least = np.full(3, 0.5), 0.5, np.inf
    for _ in range(60):
        firsts = centre + width * steps
        points = np.column_stack((firsts, 1 - firsts.sum(axis=1)))
        kept = keep_limits(problem, points) & (value_points(problem, points) > value - 1e-9)
        distances = np.where(kept, ((points - problem.target) ** 2).sum(axis=1), np.inf)
        best = int(distances.argmin())
        if distances[best] < least:
            least, centre = distances[best], firsts[best]
        else:
            width *= 0.6
    return float(least)


@pytest.mark.parametrize("change", [None, 300_000, 200_000])
def test_of_several_optima_the_nearest_is_taken_in_any_order(change: float | None) -> None:
    problem = saturated(change)
    solution = solve_by_linear_program(problem)
    parts = round_by_integer_program(problem, solution.beta)
    distance = float(((solution.beta - TARGET) ** 2).sum())

    assert distance == pytest.approx(search_nearest(problem, 1.0), abs=1e-6)
    for order in map(np.array, permutations(range(4))):
        permuted = problem.list_in(order)
        beta = solve_by_linear_program(permuted).beta
        assert np.abs(beta - solution.beta[order]).max() < 1e-9
        assert round_by_integer_program(permuted, beta).tolist() == parts[order].tolist()


def draw_ties(seed: int) -> CoefficientProblem:
    """Tie members whose slopes are often the same, by limits that some coefficients keep."""
    rng = np.random.default_rng(seed)
    curves = [
        bend(*np.sort(rng.integers(0, 4, 10))[::-1].tolist(), at=tuple(np.arange(1, 10) / 10))
        for _ in range(4)
    ]
    point = rng.multinomial(10, np.ones(4) / 4) * 100_000
    a, b = GROUPS
    change = TotalChange(
        "change_in_total",
        np.array(rng.multinomial(10, np.ones(4) / 4) * 100_000.0),
        float(rng.integers(0, 10) * 100_000),
    )
    far = float(np.abs(point - change.around).sum())
    return replace(
        state(*curves),
        target=rng.dirichlet(np.ones(4)),
        groups=(
            replace(a, lower=int(point[a.members].sum())),
            replace(b, upper=min(int(point[b.members].sum()), MILLIONTHS - 1)),
        ),
        change=replace(change, most=max(far, change.most)) if seed % 2 else None,
    )


TWENTIETHS = np.array([each for each in product(range(21), repeat=4) if sum(each) == 20]) / 20


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_towards_no_other_optimum_is_the_target_nearer(seed: int, order: list[int]) -> None:
    problem = draw_ties(seed)
    points = TWENTIETHS[keep_limits(problem, TWENTIETHS)]
    values = value_points(problem, points)
    solution = solve_by_linear_program(problem)
    beta = solution.beta
    others = points[values > values.max() - 1e-9]

    assert problem.value_of(beta) == pytest.approx(values.max(), abs=1e-7)
    # The nearest point of a convex set: no other of its points lies on the target's side.
    assert ((others - beta) @ (problem.target - beta)).max() < 1e-6
    permuted = problem.list_in(np.array(order))
    assert np.abs(solve_by_linear_program(permuted).beta - beta[order]).max() < 1e-9


def test_the_last_millionth_goes_by_precedence() -> None:
    problem = replace(saturated(), groups=(replace(GROUPS[0], lower=0, upper=900_000), GROUPS[1]))
    problem = replace(problem, target=np.array([1, 1, 1, 3]) / 6)
    parts = round_by_integer_program(problem, solve_by_linear_program(problem).beta)

    assert parts.tolist() == [166_667, 166_667, 166_666, 500_000]


def test_prices_too_rough_to_tell_what_is_as_good_change_nothing() -> None:
    beta = np.array([0.3, 0.2, 0.2, 0.3])
    rough = Multipliers(5.0, {"a": 0.0, "b": 0.0})

    assert take_nearest_optimum(saturated(), beta, rough) is beta


def test_projections_that_have_not_met_yet_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_optimum, "_MOST_SWEEPS", 1)
    beta = np.array([0.3, 0.2, 0.2, 0.3])
    free = Multipliers(0.0, {"a": 0.0, "b": 0.0})

    assert take_nearest_optimum(saturated(), beta, free) is beta
