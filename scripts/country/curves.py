"""Load curves of many: a few invented households of every kind, mixed and stretched."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from models.values.calendar import Step, month_starts
from scripts.demo_community.clock import TIMEZONE, read_clock
from scripts.demo_community.neighbours import MEMBERS, RESERVE, Neighbour
from scripts.demo_community.plant import simulate_plant
from scripts.demo_community.uses import Scene
from scripts.demo_community.weather import draw_weather

Energy = NDArray[np.float64]

CAST: tuple[Neighbour, ...] = MEMBERS + RESERVE
"""Kinds of supply points: those of the demonstration."""

_VARIANTS = 4
_SPREAD_OF_SIZES = 0.3
_SPREAD_OF_PLANTS = 0.3
_KWH_DIGITS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What everybody is mixed from: a year, and the January after it.

    Attributes
    ----------
    year_kwh : ndarray, shape (n_kinds, n_variants, n_steps)
        Consumption of the year [kWh].
    month_kwh : ndarray, shape (n_kinds, n_variants, n_month_steps)
        Consumption of the month [kWh].
    plant_year_kwh, plant_month_kwh : ndarray, shape (n_steps,), (n_month_steps,)
        Generation of the demonstration's plant [kWh].
    """

    year_kwh: Energy
    month_kwh: Energy
    plant_year_kwh: Energy
    plant_month_kwh: Energy


@dataclass(frozen=True, slots=True, eq=False)
class MixedEnergy:
    """Energy of a community in the year and the month [kWh], a row for each supply point.

    Attributes
    ----------
    plant_size : float
        How many times as large as the demonstration's its plant is.
    """

    year_kwh: Energy
    month_kwh: Energy
    plant_year_kwh: Energy
    plant_month_kwh: Energy
    plant_size: float


def draw_curves(year: int, seed: int) -> Curves:
    """Invent some variants of every kind of supply point, and the plant."""
    consumption, generation = _draw_year(year, seed)
    next_consumption, next_generation = _draw_year(year + 1, seed)
    january = slice(int(month_starts(year + 1, TIMEZONE, Step.HOUR)[1]))
    return Curves(
        consumption, next_consumption[..., january].copy(), generation, next_generation[january]
    )


def mix_energy(curves: Curves, kinds: NDArray[np.intp], rng: Generator) -> MixedEnergy:
    """Put everybody between two variants of its kind, and make some larger than others."""
    first, second = rng.integers(_VARIANTS, size=(2, kinds.size))
    sizes = np.exp(rng.normal(0.0, _SPREAD_OF_SIZES, kinds.size))
    shares = rng.random(kinds.size)
    limits_kw = np.array([neighbour.contracted_kw for neighbour in CAST])[kinds, np.newaxis]
    year_kwh, month_kwh = (
        (sizes * shares)[:, np.newaxis] * pool[kinds, first]
        + (sizes * (1 - shares))[:, np.newaxis] * pool[kinds, second]
        for pool in (curves.year_kwh, curves.month_kwh)
    )
    plant_size = kinds.size / len(MEMBERS) * rng.uniform(1 - _SPREAD_OF_PLANTS, 1.0)
    return MixedEnergy(
        year_kwh=np.round(np.minimum(year_kwh, limits_kw), _KWH_DIGITS),
        month_kwh=np.round(np.minimum(month_kwh, limits_kw), _KWH_DIGITS),
        plant_year_kwh=np.round(plant_size * curves.plant_year_kwh, _KWH_DIGITS),
        plant_month_kwh=np.round(plant_size * curves.plant_month_kwh, _KWH_DIGITS),
        plant_size=plant_size,
    )


def _draw_year(year: int, seed: int) -> tuple[Energy, Energy]:
    """Draw the weather of a year, and what supply points and plant do in it."""
    for_weather, *for_variants = (
        default_rng(child) for child in SeedSequence([seed, year]).spawn(1 + len(CAST) * _VARIANTS)
    )
    clock = read_clock(year)
    scene = Scene(clock, draw_weather(clock, for_weather))
    consumption = [
        CAST[number // _VARIANTS].habit.consume(scene, CAST[number // _VARIANTS].contracted_kw, rng)
        for number, rng in enumerate(for_variants)
    ]
    shape = (len(CAST), _VARIANTS, clock.hour.size)
    return np.reshape(consumption, shape), simulate_plant(clock, scene.weather)
