"""Uses of electricity, one by one, under a calm clock and a steady sky."""

import numpy as np
import pytest

from scripts.demo_community.clock import DayKind, read_clock
from scripts.demo_community.uses import (
    DAYS_OFF,
    WORKDAYS,
    Cooling,
    Habit,
    Heating,
    Machine,
    NightLighting,
    Routine,
    Scene,
    Use,
)
from scripts.demo_community.weather import Weather


def scene_at(temperature_c: float) -> Scene:
    clock = read_clock(2025)
    steady = np.full(clock.hour.size, temperature_c)
    return Scene(clock, Weather(np.zeros(clock.hour.size), steady))


@pytest.fixture(scope="module")
def mild() -> Scene:
    return scene_at(20.0)


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_a_machine_that_runs_daily_keeps_its_hours_and_its_energy(mild: Scene) -> None:
    power = Machine(kw=2.0, hours=1.5, start=13.0).power(mild, rng())
    by_day = np.bincount(mild.clock.day, power)
    assert set(mild.clock.hour[power > 0]) == {13, 14}
    assert by_day.min() >= 2.0 * 1.5 * 0.75
    assert by_day.max() <= 2.0 * 1.5 * 1.25
    assert power.max() == 2.0


@pytest.mark.parametrize(("days", "n_days"), [(WORKDAYS, 251), (DAYS_OFF, 114)])
def test_a_machine_runs_as_often_as_asked_on_its_days_only(
    mild: Scene, days: tuple[DayKind, ...], n_days: int
) -> None:
    power = Machine(kw=1.0, hours=1.0, start=12.0, per_week=1.5, days=days).power(mild, rng())
    used = np.bincount(mild.clock.day, power) > 0
    assert np.isin(mild.clock.day_kind, days).sum() == n_days
    assert np.isin(mild.clock.day_kind[used], days).all()
    assert used.sum() == pytest.approx(1.5 * 365 / 7, rel=0.25)


def test_a_routine_without_variation_is_its_spans_with_soft_edges(mild: Scene) -> None:
    power = Routine(workday=((8, 10, 1.0),), variation=0.0).power(mild, rng())
    workday = np.flatnonzero(mild.clock.dates == np.datetime64("2025-05-13"))[0]
    expected = np.zeros(24)
    expected[7:11] = [0.1, 0.9, 0.9, 0.1]
    np.testing.assert_allclose(power[mild.clock.day == workday], expected, atol=1e-12)
    np.testing.assert_array_equal(power[mild.clock.day == workday + 4], 0)  # a Saturday


@pytest.mark.parametrize(
    ("use", "idle_c", "busy_c"),
    [(Heating(0.1, 1.0), 17.0, 2.0), (Cooling(0.1, 1.0), 24.0, 39.0)],
)
def test_climate_follows_the_weather_up_to_the_machines_power(
    use: Use, idle_c: float, busy_c: float
) -> None:
    assert use.power(scene_at(idle_c), rng()).max() == 0
    busy = use.power(scene_at(busy_c), rng())
    assert busy.min() > 0
    assert busy.max() == 1.0


def test_climate_rests_on_other_days(mild: Scene) -> None:
    power = Cooling(0.1, 1.0, above_c=10.0, days=WORKDAYS).power(mild, rng())
    running = mild.clock.day_kind[mild.clock.day[power > 0]]
    assert set(running.tolist()) == {DayKind.WORKDAY}


def test_lamps_burn_at_night_and_longer_in_december(mild: Scene) -> None:
    power = NightLighting(0.2).power(mild, rng())
    assert power[(mild.clock.hour >= 9) & (mild.clock.hour < 17)].max() == 0
    assert power[mild.clock.hour == 1].min() > 0.15
    june, december = (power[mild.clock.month == month].sum() for month in (6, 12))
    assert december > 1.3 * june


def test_standby_goes_on_while_everybody_is_away(mild: Scene) -> None:
    habit = Habit(0.1, (Machine(1.0, 1.0, 12.0),), away=(((8, 1), (8, 2)), ((8, 30), (8, 31))))
    power = habit.consume(mild, 5.0, rng())
    away = np.isin(mild.clock.dates[mild.clock.day], np.array(["2025-08-01"], "datetime64[D]"))
    assert 0.05 < power[away].min() < power[away].max() < 0.2
    home = mild.clock.dates[mild.clock.day] == np.datetime64("2025-08-03")
    assert power[home].max() > 0.7


def test_the_meter_lets_no_more_through_than_was_contracted(mild: Scene) -> None:
    habit = Habit(0.1, (Machine(9.0, 2.0, 12.0),))
    assert habit.consume(mild, 3.45, rng()).max() == 3.45
