"""How long settling a year takes, beside the least that any way must do: read the arrays once."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from planner.billing.simulator import simulate_year
from tests.benchmarks.test_planner import make_big_year


@pytest.mark.benchmark(group="500 members, one year")
def test_settle_a_year(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(500)
    beta = np.full(500, 1 / 500)
    settled = benchmark(
        simulate_year,
        beta,
        year.generation_kwh,
        year.consumption_kwh,
        year.month_starts,
        year.prices,
    )

    assert settled.self_consumed_kwh.shape == (500, 12)


@pytest.mark.benchmark(group="500 members, one year")
def test_one_pass_over_the_array(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(500)

    benchmark(np.sum, year.consumption_kwh)
