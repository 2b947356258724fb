"""How long a year of retail bills takes, beside one plain pass over the readings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from timeit import timeit

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.contract import Fee, IndexedPrice, Per, Supply
from planner.billing.retail.difference import explain_difference
from planner.billing.retail.energy_sums import sum_shared_energy
from tests.support.big_years import make_big_year
from tests.support.retail_bills import HOME, LAW_2026, LOW_TAXES, make_grid

N_MEMBERS = 500
FIRSTS = [*(date(2026, month, 1) for month in range(1, 13)), date(2027, 1, 1)]
GRID = make_grid(FIRSTS, [date(2026, 3, 22)])


def make_supplies(contracted_power_kw: np.ndarray) -> list[Supply]:
    """Give every member its own contract, one in two by the market's hours."""
    laws = (*[LAW_2026] * 3, *[LOW_TAXES] * 10)
    supplies = []
    for member, power_kw in enumerate(contracted_power_kw.tolist()):
        contract = replace(HOME, services=Fee(Decimal(member), Per.MONTH))
        if member % 2:
            contract = replace(
                contract, energy=IndexedPrice("market"), surplus=IndexedPrice("surplus")
            )
        supplies.append(Supply((contract,), laws, ((Decimal(str(power_kw)),),)))
    return supplies


def test_a_year_of_bills_by_month_with_and_without_sharing(benchmark: BenchmarkFixture) -> None:
    year = make_big_year(N_MEMBERS)
    assert year.prices is not None
    curves = dict(zip(("market", "surplus"), year.prices, strict=True))
    beta = np.full(N_MEMBERS, 1 / N_MEMBERS)
    supplies = make_supplies(year.contracted_power_kw)
    passes: list[float] = []

    def time_one_pass() -> None:
        """Take the yardstick anew before each round: a shared machine is not always as fast."""
        passes.append(timeit(lambda: np.sum(year.consumption_kwh), number=1))

    def bill_year() -> int:
        sums = sum_shared_energy(GRID, beta, year.generation_kwh, year.consumption_kwh, curves)
        without = bill_supplies(GRID, supplies, sums.without_sharing())
        sharing = bill_supplies(GRID, supplies, sums.with_sharing())
        return int(explain_difference(without, sharing).cents.sum())

    saved = benchmark.pedantic(bill_year, setup=time_one_pass, rounds=5, warmup_rounds=1)
    benchmark.extra_info["times_one_sum"] = benchmark.stats.stats.min / min(passes)

    assert saved > 0
    assert benchmark.stats.stats.min < 1.0
