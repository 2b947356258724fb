import numpy as np
import pytest

from planner.goal import Goal, Objective
from scripts.benchmark.communities import BenchmarkCommunity
from scripts.benchmark.methods import Line, Patience, compare_methods
from tests.support.sharing_years import make_year, self_consumed

PATIENT = Patience(seconds=60, most_terms=1000)


def compare(objective: Objective, patience: Patience = PATIENT) -> dict[str, Line]:
    community = BenchmarkCommunity("hamlet", make_year(seed=2), Goal(objective))
    return {line.method: line for line in compare_methods(community, patience)}


@pytest.mark.parametrize(
    ("objective", "unit"), [(Objective.SELF_CONSUMPTION, "kWh"), (Objective.SAVINGS, "EUR")]
)
def test_all_that_claim_the_optimum_agree_and_no_rule_passes_it(
    objective: Objective, unit: str
) -> None:
    lines = compare(objective)
    best = lines["ours, exact"].value

    assert list(lines) == [
        *("ours, exact", "ours, linear-program"),
        *("hourly program, HiGHS", "hourly program, CBC"),
        *("rule, equal", "rule, contracted_power", "rule, consumption"),
    ]
    assert best is not None
    for method, line in lines.items():
        assert (line.community, line.n_members, line.n_steps) == ("hamlet", 4, 72)
        assert line.unit == unit
        assert line.value is not None
        assert line.bound == pytest.approx(best, rel=1e-6)
        if not method.startswith("rule"):
            assert line.value == pytest.approx(best, rel=1e-6)
        assert line.value <= best * (1 + 1e-6)


def test_a_line_says_what_the_data_says() -> None:
    year = make_year(seed=2)
    line = compare(Objective.SELF_CONSUMPTION)["rule, equal"]
    used = self_consumed(year, np.full(4, 0.25))

    assert line.value == pytest.approx(used)
    assert line.self_consumption_share == pytest.approx(used / year.generation_kwh.sum())
    assert line.bound is not None
    assert line.gap == pytest.approx((line.bound - used) / line.bound)


def test_programs_that_are_too_large_or_too_slow_are_excused() -> None:
    n_rows = 4 * int((make_year(seed=2).generation_kwh > 0).sum())
    too_large = compare(Objective.SELF_CONSUMPTION, Patience(60, n_rows - 1))
    too_slow = compare(Objective.SELF_CONSUMPTION, Patience(0, n_rows))

    assert too_large["hourly program, CBC"].note == f"not run: {n_rows} rows"
    assert too_large["hourly program, CBC"].value is None
    assert too_slow["hourly program, HiGHS"].note.endswith("within 0 s")
    assert too_slow["rule, equal"].bound is not None
