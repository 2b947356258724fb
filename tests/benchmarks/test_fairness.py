"""How long the whole price-of-fairness curve and max-min take."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from planner.coefficients.max_min import choose_for_worst_off
from planner.fairness.price_of_fairness import trace_price_of_fairness
from planner.goal import Goal, Objective, YearCurves
from tests.support.big_years import make_big_year


@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
def test_price_of_fairness(benchmark: BenchmarkFixture, objective: Objective) -> None:
    year = make_big_year(100)
    curve = benchmark(lambda: trace_price_of_fairness(YearCurves(year), Goal(objective)))

    assert len(curve.points) == 21
    assert max(point.gap for point in curve.points) < 1e-6


@pytest.mark.parametrize("objective", [Objective.LEAST_SELF_SUFFICIENCY, Objective.LEAST_SAVINGS])
def test_max_min(benchmark: BenchmarkFixture, objective: Objective) -> None:
    year = make_big_year(100)
    choice = benchmark(lambda: choose_for_worst_off(YearCurves(year), objective))

    assert choice.gap < 1e-4
