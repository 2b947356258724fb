"""How long it takes to assign members to plants, and to prove it."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from planner.assignment.assign import Assignment, assign_members
from planner.assignment.problem import AssignmentProblem
from planner.coefficients.linear_program import GAP
from planner.curves import build_energy_curves
from tests.support.big_years import make_big_year


@pytest.mark.parametrize(("n_members", "n_caus"), [(24, 2), (60, 3), (200, 4)])
def test_assignment(benchmark: BenchmarkFixture, n_members: int, n_caus: int) -> None:
    benchmark.group = "members to plants, hours, curves included"
    year = make_big_year(n_members)

    def assign() -> Assignment:
        plants = [np.roll(year.generation_kwh, 2 * cau) / n_caus for cau in range(n_caus)]
        curves = tuple(build_energy_curves(year.consumption_kwh, plant) for plant in plants)
        return assign_members(AssignmentProblem(curves, np.ones((n_members, n_caus), dtype=bool)))

    assert benchmark.pedantic(assign, rounds=3, warmup_rounds=1).gap <= GAP
