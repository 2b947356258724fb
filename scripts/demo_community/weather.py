"""Clouds and temperature of a Mediterranean year, shared by the plant and the neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scripts.demo_community.clock import LocalClock
from scripts.demo_community.noise import persistent_noise

_WARMEST = 2 * np.pi * 213 / 365
"""The first of August, as an angle within the year."""


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """Sky and air of every hour, shape (n_steps,) each.

    Attributes
    ----------
    cloud_cover : ndarray of float
        Share of the sky, 0 clear to 1 overcast.
    temperature_c : ndarray of float
        Air temperature [degrees Celsius].
    """

    cloud_cover: NDArray[np.float64]
    temperature_c: NDArray[np.float64]


def draw_weather(clock: LocalClock, rng: Generator) -> Weather:
    """Draw a year of clouds, and the temperatures that go with them."""
    cloud_cover = _draw_clouds(clock, rng)
    return Weather(cloud_cover, _draw_temperature(clock, cloud_cover, rng))


def _draw_clouds(clock: LocalClock, rng: Generator) -> NDArray[np.float64]:
    """Let cloudy days follow cloudy days, most of them from autumn to spring."""
    summer = np.cos(clock.season - _WARMEST)
    by_day = clock.by_day(persistent_noise(rng, clock.dates.size, 0.5))
    by_hour = persistent_noise(rng, clock.hour.size, 0.85)
    return 1 / (1 + np.exp(0.55 + 1.1 * summer - 1.9 * by_day - 0.9 * by_hour))


def _draw_temperature(
    clock: LocalClock, cloud_cover: NDArray[np.float64], rng: Generator
) -> NDArray[np.float64]:
    """Follow season and hour; clouds cool the day and keep the night warm."""
    season = 18.0 + 7.8 * np.cos(clock.season - _WARMEST)
    daily_swing = (5.2 - 3.4 * cloud_cover) * np.cos(2 * np.pi * (clock.hour - 15) / 24)
    spell = 1.9 * clock.by_day(persistent_noise(rng, clock.dates.size, 0.75))
    return season + daily_swing + spell - 1.2 * (cloud_cover - 0.4)
