"""Any prices of the right sign bound every choice; the bound is the sum of members' own maxima."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.values.coefficient import MILLIONTHS
from planner.coefficients.certificate import prove_upper_bound
from planner.coefficients.multipliers import Multipliers, prove_bound
from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.region import GroupSum, TotalChange
from planner.curves import ValueCurve
from tests.support.sharing_years import make_problem, make_year

PRICES = st.floats(0, 500)


def tied_problem(seed: int = 1) -> CoefficientProblem:
    """Four members with limits of their own, two overlapping groups and a change in total."""
    first, second = np.array([[1, 1, 0, 0], [0, 1, 1, 0]], dtype=bool)
    return replace(
        make_problem(make_year(seed=seed), [50_000, 0, 0, 0], [600_000, 10**6, 10**6, 300_000]),
        groups=(
            GroupSum("group_least_a", first, 450_000, MILLIONTHS),
            GroupSum("group_greatest_b", second, 0, 400_000),
        ),
        change=TotalChange("change_in_total", np.array([4e5, 2e5, 2e5, 2e5]), 500_000.0),
    )


def keeps(problem: CoefficientProblem, beta: np.ndarray) -> bool:
    """Tell whether coefficients keep every limit."""
    assert problem.change is not None
    moved = np.abs(beta * MILLIONTHS - problem.change.around).sum()
    sums = [float(beta[group.members].sum()) * MILLIONTHS for group in problem.groups]
    limits = [(group.lower, group.upper) for group in problem.groups]
    own = (beta * MILLIONTHS >= problem.lower).all() and (beta * MILLIONTHS <= problem.upper).all()
    tied = all(low <= total <= high for total, (low, high) in zip(sums, limits, strict=True))
    return bool(own and tied and moved <= problem.change.most)


@given(st.floats(-100, 500), PRICES, PRICES, PRICES, st.integers(0, 5))
def test_no_feasible_coefficients_pass_the_bound_of_any_prices(
    total: float, least: float, greatest: float, change: float, seed: int
) -> None:
    problem = tied_problem(seed)
    groups = {"group_least_a": -least, "group_greatest_b": greatest}
    bound = prove_bound(problem, Multipliers(total, groups, change))
    drawn = np.random.default_rng(seed).dirichlet([8, 4, 4, 4], 200)
    feasible = [beta for beta in drawn if keeps(problem, beta)]

    assert len(feasible) > 20
    assert max(problem.value_of(beta) for beta in feasible) <= bound + 1e-9


@given(
    st.floats(-2, 6),
    st.floats(0, 3),
    st.integers(0, MILLIONTHS),
    st.integers(0, MILLIONTHS),
    st.integers(0, MILLIONTHS),
)
def test_a_members_best_is_that_of_a_scan(
    price: float, change_price: float, held: int, one: int, other: int
) -> None:
    knots, slopes = np.array([0.0, 0.2, 0.5, 0.7, 1.0]), np.array([5.0, 3.0, 1.0, -1.0])
    curve = ValueCurve(knots, slopes, np.append(0.0, np.cumsum(slopes * np.diff(knots))))
    low, high = sorted((one, other))
    around = held / MILLIONTHS
    problem = CoefficientProblem(
        curves=(curve,),
        lower=np.array([low]),
        upper=np.array([high]),
        target=np.ones(1),
        precedence=np.zeros(1, dtype=np.intp),
        change=TotalChange("change_in_total", np.array([float(held)]), 0.0),
    )
    ends = np.array([low, high]) / MILLIONTHS
    scanned = np.clip(np.concatenate((np.linspace(0, 1, 101), knots, [around])), *ends)
    best = max(
        curve.value_at(beta) - price * beta - change_price * abs(beta - around)
        for beta in scanned.tolist()
    )

    bound = prove_bound(problem, Multipliers(price, {}, change_price))
    assert bound == pytest.approx(price + best, abs=1e-9)


@pytest.mark.parametrize("price", [-2.0, 0.5, 2.5, 3.0, 6.0])
@pytest.mark.parametrize("change_price", [0.0, 0.7, 3.0])
@pytest.mark.parametrize(("low", "high"), [(0, 10), (3, 5)])
def test_in_blocks_a_members_best_is_one_of_its_blocks(
    price: float, change_price: float, low: int, high: int
) -> None:
    slopes = np.array([5.0, 4.0, 4.0, 3.0, 3.0, 2.0, 1.0, 1.0, 0.0, -1.0])
    curve = ValueCurve(np.arange(11) / 10, slopes, np.append(0.0, np.cumsum(slopes)) / 10)
    for held in np.arange(0, 10.1, 0.25).tolist():
        problem = CoefficientProblem(
            curves=(curve,),
            lower=np.array([low]),
            upper=np.array([high]),
            target=np.ones(1),
            precedence=np.zeros(1, dtype=np.intp),
            grid=10,
            change=TotalChange("change_in_total", np.array([held]), 0.0),
        )
        best = max(
            curve.value_at(block / 10) - price * block / 10 - change_price * abs(block - held) / 10
            for block in range(low, high + 1)
        )
        bound = prove_bound(problem, Multipliers(price, {}, change_price))
        assert bound == pytest.approx(price + best, abs=1e-9)


def test_prices_of_a_bound_worked_by_hand() -> None:
    # Both members gain 4 a unit up to a half, then 1. At a price of 3, and 2 more in the group:
    # the first takes nothing at 5, the second a half at 3, which leaves it 0.5.
    curve = ValueCurve(np.array([0.0, 0.5, 1.0]), np.array([4.0, 1.0]), np.array([0.0, 2.0, 2.5]))
    problem = CoefficientProblem(
        curves=(curve, curve),
        lower=np.zeros(2, dtype=np.int64),
        upper=np.full(2, MILLIONTHS),
        target=np.full(2, 0.5),
        precedence=np.arange(2),
        groups=(GroupSum("group_greatest_x", np.array([True, False]), 0, 250_000),),
    )
    multipliers = Multipliers(3.0, {"group_greatest_x": 2.0})

    assert multipliers.price_members(problem).tolist() == [5.0, 3.0]
    assert prove_bound(problem, multipliers) == 3.0 + 2.0 * 0.25 + 0.0 + 0.5


def test_without_groups_it_is_the_bound_of_one_price() -> None:
    problem = make_problem(make_year(), 100_000, 400_000)
    for price in (-5.0, 0.0, 40.0, 1e4):
        bound = prove_bound(problem, Multipliers(price))
        assert bound == pytest.approx(prove_upper_bound(problem, price), rel=1e-14)
