"""Invented weather: Mediterranean seasons, clouds that come in spells, and the plant under them."""

import numpy as np
import pytest

from scripts.demo_community.clock import LocalClock, read_clock
from scripts.demo_community.noise import persistent_factor, persistent_noise
from scripts.demo_community.plant import simulate_plant
from scripts.demo_community.weather import Weather, draw_weather


@pytest.fixture(scope="module")
def clock() -> LocalClock:
    return read_clock(2025)


@pytest.fixture(scope="module")
def weather(clock: LocalClock) -> Weather:
    return draw_weather(clock, np.random.default_rng(3))


def test_clouds_are_shares_and_rarer_in_summer(clock: LocalClock, weather: Weather) -> None:
    assert 0 <= weather.cloud_cover.min() <= weather.cloud_cover.max() <= 1
    summer, winter = (np.isin(clock.month, months) for months in ((6, 7, 8), (12, 1, 2)))
    assert weather.cloud_cover[summer].mean() < weather.cloud_cover[winter].mean() - 0.15


def test_cloudy_days_follow_cloudy_days(clock: LocalClock, weather: Weather) -> None:
    by_day = np.bincount(clock.day, weather.cloud_cover) / np.bincount(clock.day)
    autumn = by_day[244:]
    assert np.corrcoef(autumn[1:], autumn[:-1])[0, 1] > 0.25


def test_temperatures_are_those_of_the_coast(clock: LocalClock, weather: Weather) -> None:
    january, august = (weather.temperature_c[clock.month == month].mean() for month in (1, 8))
    assert 8 < january < 14
    assert 23 < august < 28
    assert weather.temperature_c.min() > -6
    assert weather.temperature_c.max() < 42


def test_clouds_dim_the_plant_hour_by_hour(clock: LocalClock) -> None:
    mild = np.full(clock.hour.size, 18.0)
    clear = simulate_plant(clock, Weather(np.zeros(clock.hour.size), mild))
    overcast = simulate_plant(clock, Weather(np.ones(clock.hour.size), mild))
    producing = clear > 0.5
    assert (overcast[producing] < 0.5 * clear[producing]).all()
    assert (overcast[clear == 0] == 0).all()


def test_heat_costs_power(clock: LocalClock) -> None:
    clear = np.zeros(clock.hour.size)
    cool, hot = (
        simulate_plant(clock, Weather(clear, np.full(clock.hour.size, degrees))).sum()
        for degrees in (10.0, 35.0)
    )
    # 0.37 % of power a degree, a little less where the inverter is poorly loaded
    assert 0.085 < 1 - hot / cool < 0.1


def test_noise_has_the_variance_and_memory_that_were_asked_for() -> None:
    series = persistent_noise(np.random.default_rng(0), 200_000, 0.8)
    assert series.std() == pytest.approx(1, abs=0.02)
    assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(0.8, abs=0.01)


def test_factors_are_positive_and_leave_the_mean_alone() -> None:
    factors = persistent_factor(np.random.default_rng(0), 200_000, 0.5, 0.3)
    assert factors.min() > 0
    assert factors.mean() == pytest.approx(1, abs=0.01)
