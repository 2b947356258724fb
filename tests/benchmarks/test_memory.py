"""How much memory choosing takes, beside the arrays that it is given."""

import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from pytest_benchmark.fixture import BenchmarkFixture

from models.values.calendar import Step
from planner.coefficients.choose import choose_coefficients
from tests.support.big_years import make_big_year


def measure_peak(n_members: int) -> float:
    """Choose in this process; count inputs and peak in units of the inputs."""
    year = make_big_year(n_members, step=Step.QUARTER_HOUR)
    given = year.consumption_kwh.nbytes + year.generation_kwh.nbytes
    tracemalloc.start()
    choose_coefficients(year)
    return 1 + tracemalloc.get_traced_memory()[1] / given


def measure_peak_elsewhere(n_members: int) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure_peak, n_members).result()


def test_peak_of_1000_members_in_quarter_hours(benchmark: BenchmarkFixture) -> None:
    peak = benchmark.pedantic(measure_peak_elsewhere, (1000,), rounds=1)
    benchmark.extra_info["times_the_input_arrays"] = peak

    assert peak <= 3
