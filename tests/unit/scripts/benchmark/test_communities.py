import numpy as np
import pytest

from models.values.calendar import Step
from planner.goal import Objective
from scripts.benchmark.communities import RECIPES, Recipe, generate_community


def test_a_name_and_a_seed_give_the_same_bits() -> None:
    first, again = (generate_community("hamlet", Recipe(3)).year for _ in range(2))

    np.testing.assert_array_equal(first.consumption_kwh, again.consumption_kwh)
    np.testing.assert_array_equal(first.generation_kwh, again.generation_kwh)
    assert first.prices is not None
    assert again.prices is not None
    np.testing.assert_array_equal(first.prices, again.prices)


@pytest.mark.parametrize(("name", "seed"), [("hamlet", 8), ("manor", 7)])
def test_another_name_or_seed_gives_another_community(name: str, seed: int) -> None:
    one = generate_community("hamlet", Recipe(2), 7).year
    other = generate_community(name, Recipe(2), seed).year

    assert not np.array_equal(one.consumption_kwh, other.consumption_kwh)
    assert not np.array_equal(one.generation_kwh, other.generation_kwh)


def test_neighbours_of_the_same_habits_are_not_the_same() -> None:
    year = generate_community("hamlet", Recipe(30)).year

    assert year.contracted_power_kw[0] == year.contracted_power_kw[28]
    assert not np.array_equal(year.consumption_kwh[0], year.consumption_kwh[28])


def test_energy_is_in_whole_watt_hours_and_dark_at_night() -> None:
    year = generate_community("hamlet", Recipe(2)).year

    assert year.consumption_kwh.shape == (2, 8760)
    for energy in (year.consumption_kwh, year.generation_kwh):
        np.testing.assert_array_equal(energy, np.round(energy, 3))
        assert energy.min() >= 0
    assert 0.4 < (year.generation_kwh > 0).mean() < 0.55


def test_quarter_hours_share_the_energy_of_their_hours() -> None:
    hours = generate_community("hamlet", Recipe(2)).year
    quarters = generate_community("hamlet", Recipe(2, Step.QUARTER_HOUR)).year

    assert quarters.consumption_kwh.shape == (2, 35_040)
    np.testing.assert_array_equal(quarters.month_starts, 4 * hours.month_starts)
    by_hour = quarters.consumption_kwh.reshape(2, 8760, 4).sum(axis=2)
    np.testing.assert_allclose(by_hour, hours.consumption_kwh, atol=0.0026)
    assert quarters.prices is not None
    assert hours.prices is not None
    np.testing.assert_array_equal(quarters.prices[1][::4], hours.prices[1])


def test_the_published_names() -> None:
    sizes = {name: (recipe.n_members, recipe.step) for name, recipe in RECIPES.items()}

    assert sizes == {
        "village-20": (20, Step.HOUR),
        "street-100": (100, Step.HOUR),
        "town-500": (500, Step.HOUR),
        "quarter-hours-100": (100, Step.QUARTER_HOUR),
        "savings-20": (20, Step.HOUR),
        "savings-100": (100, Step.HOUR),
    }
    in_euros = {name for name, r in RECIPES.items() if r.objective is Objective.SAVINGS}
    assert in_euros == {"savings-20", "savings-100"}
