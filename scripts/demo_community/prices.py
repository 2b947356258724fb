"""Hourly prices like those of the regulated tariff: market, tolls by period, solar valley."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scripts.demo_community.clock import DayKind, LocalClock
from scripts.demo_community.noise import persistent_factor, persistent_noise

_TOLLS_EUR_PER_KWH = np.array([0.092539, 0.028201, 0.002994])
"""Tolls and charges of 2.0TD by period, of 2025 (BOE-A-2024-26218, BOE-A-2024-27289)."""
_PERIOD_OF_HOUR = np.array([2] * 8 + [1] * 2 + [0] * 4 + [1] * 4 + [0] * 4 + [1] * 2)
_LOSSES = 1.17
"""What the market must deliver for a kilowatt-hour at the meter."""
_SERVICES_EUR_PER_KWH = 0.024
"""Balancing, capacity payments and the retailer's margin."""
_DEVIATION_EUR_PER_KWH = 0.0015
"""What the cost of deviations takes from the price of surplus."""
_LOWEST_MARKET_EUR_PER_KWH = -0.005


def draw_prices(
    clock: LocalClock, rng: Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the price of energy and of surplus of every hour [EUR/kWh], five decimals."""
    market = _draw_market(clock, rng)
    energy = market * _LOSSES + _tolls(clock) + _SERVICES_EUR_PER_KWH
    return np.round(energy, 5), np.round(market - _DEVIATION_EUR_PER_KWH, 5)


def _tolls(clock: LocalClock) -> NDArray[np.float64]:
    """Look up the toll of each hour; weekends and national holidays are all off-peak."""
    weekend = (clock.dates.astype(np.int64) + 3) % 7 >= 5
    off_peak = (weekend | clock.is_national_holiday)[clock.day]
    period = np.where(off_peak, 2, _PERIOD_OF_HOUR[clock.hour.astype(np.intp)])
    return _TOLLS_EUR_PER_KWH[period]


def _draw_market(clock: LocalClock, rng: Generator) -> NDArray[np.float64]:
    """Draw the day-ahead price: two peaks, and at noon a valley that is deepest in spring."""
    spring = np.cos(clock.season - 2 * np.pi * 120 / 365)
    winter = np.cos(clock.season - 2 * np.pi * 15 / 365)
    shape = (
        1.0
        + (0.22 + 0.10 * winter) * _bell(clock.hour, 8, 1.3)
        + (0.62 + 0.10 * winter) * _bell(clock.hour, 20.5, 1.8)
        - (0.66 + 0.34 * spring) * _bell(clock.hour, 13.8, 2.9)
    )
    free_day = clock.day_kind != DayKind.WORKDAY
    wind = persistent_factor(rng, clock.dates.size, 0.6, 0.24) * np.where(free_day, 0.88, 1.0)
    level = (0.076 - 0.013 * spring + 0.010 * winter) * clock.by_day(wind)
    jitter = 0.003 * persistent_noise(rng, clock.hour.size, 0.6)
    return np.maximum(level * shape + jitter, _LOWEST_MARKET_EUR_PER_KWH)


def _bell(hour: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    return np.exp(-(((hour + 0.5 - centre) / width) ** 2) / 2)
