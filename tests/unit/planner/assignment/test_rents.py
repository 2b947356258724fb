"""Prices and rents of one plant against the exact optimum of its members."""

import numpy as np
import pytest

from planner.assignment.rents import PlantPrices
from tests.support.assignments import make_assignment_problem, value_plant


@pytest.mark.parametrize(
    ("lower", "upper"), [(0, 1_000_000), (0, 400_000), (100_000, 1_000_000), (250_000, 250_000)]
)
def test_the_tightest_cut_is_what_its_members_bring(lower: int, upper: int) -> None:
    problem = make_assignment_problem(6, 1, lower=lower, upper=upper)
    plant = PlantPrices(problem, 0)
    for members in ([0, 1, 2, 3], [1, 2, 4, 5], [0, 2, 3, 5]):
        chosen = np.isin(np.arange(6), members).astype(float)
        assert plant.cut_for(chosen).bound(chosen) == pytest.approx(
            value_plant(problem, 0, members), rel=1e-12
        )


def test_half_members_count_half() -> None:
    """Two equal halves of one member are that member."""
    problem = make_assignment_problem(3, 1)
    curve = problem.curves[0][0]
    twice = type(problem)(((curve, curve),), np.ones((2, 1), dtype=bool))
    halves = np.full(2, 0.5)
    cut = PlantPrices(twice, 0).cut_for(halves)

    assert cut.bound(halves) == pytest.approx(curve.value_at(1.0), rel=1e-12)


def test_a_table_has_the_rents_of_every_price() -> None:
    plant = PlantPrices(make_assignment_problem(4, 1), 0)
    prices = np.array([0.0, 20.0, 60.0])
    table = plant.tabulate(prices)

    for column, price in enumerate(prices.tolist()):
        np.testing.assert_array_equal(table[:, column], plant.cut_at(price).rents)
        for curve, rent in zip(plant.curves, table[:, column], strict=True):
            grid = np.linspace(0, 1, 5001)
            keeps = np.interp(grid, curve.knots, curve.values) - price * grid
            assert keeps.max() <= rent <= keeps.max() + 0.05
