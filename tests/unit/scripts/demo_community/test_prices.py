"""Invented prices: the range and the shape of the regulated tariff."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from loaders.records import CommunityYear
from scripts.demo_community.clock import read_clock
from scripts.demo_community.prices import draw_prices

Prices = tuple[NDArray[np.float64], NDArray[np.float64]]


@pytest.fixture(scope="module")
def prices(demo: CommunityYear) -> tuple[pd.Series, pd.Series]:
    local = pd.DatetimeIndex(demo.starts, tz="UTC").tz_convert("Europe/Madrid")
    return pd.Series(demo.energy_eur_per_kwh, local), pd.Series(demo.surplus_eur_per_kwh, local)


def test_energy_costs_what_the_regulated_tariff_costs(
    prices: tuple[pd.Series, pd.Series],
) -> None:
    energy, _ = prices
    assert 0.12 <= energy.mean() <= 0.15
    assert energy.min() > 0
    assert energy.max() < 0.5


def test_prices_have_five_decimals(prices: tuple[pd.Series, pd.Series]) -> None:
    for series in prices:
        np.testing.assert_array_equal(series, series.round(5))


def test_surplus_never_earns_more_than_energy_costs(
    prices: tuple[pd.Series, pd.Series],
) -> None:
    energy, surplus = prices
    assert (energy >= surplus).all()


def test_surplus_earns_least_at_noon_in_spring_and_sometimes_costs(
    prices: tuple[pd.Series, pd.Series],
) -> None:
    _, surplus = prices
    spring = surplus[surplus.index.month.isin([3, 4, 5])]
    noon, evening = (spring[spring.index.hour == hour].mean() for hour in (14, 21))
    assert noon < evening / 4
    assert 10 <= (spring < 0).sum() <= 200
    assert surplus.min() == -0.0065
    winter_noon = surplus[(surplus.index.month == 12) & (surplus.index.hour == 14)].mean()
    assert noon < winter_noon / 2


@pytest.mark.parametrize(
    ("moment", "toll"),
    [
        ("2025-04-16 10:00", 0.092539),
        ("2025-04-16 14:00", 0.028201),
        ("2025-04-16 22:00", 0.028201),
        ("2025-04-16 07:00", 0.002994),
        ("2025-04-18 10:00", 0.092539),  # Good Friday is a normal day
        ("2025-04-19 10:00", 0.002994),  # Saturday
        ("2025-05-01 10:00", 0.002994),  # national holiday
        ("2025-10-09 10:00", 0.092539),  # regional holiday
    ],
)
def test_tolls_follow_the_periods(
    prices: tuple[pd.Series, pd.Series], moment: str, toll: float
) -> None:
    energy, surplus = (series.loc[pd.Timestamp(moment, tz="Europe/Madrid")] for series in prices)
    assert energy == pytest.approx((surplus + 0.0015) * 1.17 + 0.024 + toll, abs=1.2e-5)


def test_off_peak_hours_of_a_year_are_counted_as_published() -> None:
    clock = read_clock(2025)
    energy, surplus = draw_prices(clock, np.random.default_rng(1))
    tolls = np.round(energy - (surplus + 0.0015) * 1.17 - 0.024, 3)
    # 24-hour days of 2025 give 2,040, 2,040 and 4,680; both clock changes fall on Sundays
    assert [(tolls == toll).sum() for toll in (0.093, 0.028, 0.003)] == [2040, 2040, 4680]
