"""The benchmark's communities: neighbours of the demonstration, as many as a name asks for.

A community follows from its name and a seed; no file and no network is read.
"""

from dataclasses import dataclass
from itertools import cycle, islice
from zlib import crc32

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from models.values.calendar import Step, month_starts
from planner.goal import Goal, Objective
from planner.sharing_year import SharingYear
from scripts.demo_community.clock import TIMEZONE, LocalClock, read_clock
from scripts.demo_community.neighbours import MEMBERS, RESERVE, Neighbour
from scripts.demo_community.plant import simulate_plant
from scripts.demo_community.prices import draw_prices
from scripts.demo_community.uses import Scene
from scripts.demo_community.weather import draw_weather

Values = NDArray[np.float64]

YEAR = 2025
SEED = 20_250_101
_SPREAD_OF_SIZES = 0.3
_SPREAD_OF_QUARTERS = 0.4


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a name stands for: how many share, how often they are metered, what they want."""

    n_members: int
    step: Step = Step.HOUR
    objective: Objective = Objective.SELF_CONSUMPTION


RECIPES = {
    "village-20": Recipe(20),
    "street-100": Recipe(100),
    "town-500": Recipe(500),
    "quarter-hours-100": Recipe(100, Step.QUARTER_HOUR),
    "savings-20": Recipe(20, objective=Objective.SAVINGS),
    "savings-100": Recipe(100, objective=Objective.SAVINGS),
}


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkCommunity:
    """A year to share, and what to make as large as possible."""

    name: str
    year: SharingYear
    goal: Goal


def generate_community(name: str, recipe: Recipe, seed: int = SEED) -> BenchmarkCommunity:
    """Invent a community; the same name, recipe and seed give the same bits."""
    for_weather, for_prices, for_sizes, for_quarters, *for_neighbours = (
        default_rng(child)
        for child in SeedSequence([seed, crc32(name.encode())]).spawn(4 + recipe.n_members)
    )
    clock = read_clock(YEAR)
    scene = Scene(clock, draw_weather(clock, for_weather))
    neighbours = list(islice(cycle(MEMBERS + RESERVE), recipe.n_members))
    consumption = _consume(neighbours, scene, for_sizes, for_neighbours)
    # The demonstration's plant, grown with the number of those who share it.
    generation = simulate_plant(clock, scene.weather) * (recipe.n_members / len(MEMBERS))
    n_parts = recipe.step.per_hour
    energy = _cut_hours(np.vstack((consumption, generation)), n_parts, for_quarters)
    year = SharingYear(
        generation_kwh=np.round(energy[-1], 3),
        consumption_kwh=np.round(energy[:-1], 3),
        contracted_power_kw=np.array([neighbour.contracted_kw for neighbour in neighbours]),
        precedence=np.arange(recipe.n_members),
        month_starts=month_starts(YEAR, TIMEZONE, recipe.step),
        prices=_draw_prices(clock, n_parts, for_prices),
    )
    return BenchmarkCommunity(name, year, Goal(recipe.objective))


def _consume(
    neighbours: list[Neighbour], scene: Scene, for_sizes: Generator, chances: list[Generator]
) -> Values:
    """Let neighbours live through the year; those of the same habits differ in size and chance."""
    sizes = for_sizes.lognormal(0, _SPREAD_OF_SIZES, len(neighbours)).tolist()
    return np.array(
        [
            size * neighbour.habit.consume(scene, neighbour.contracted_kw, chance)
            for neighbour, size, chance in zip(neighbours, sizes, chances, strict=True)
        ]
    )


def _cut_hours(energy: Values, n_parts: int, rng: Generator) -> Values:
    """Share the energy of each hour among its parts by chance."""
    if n_parts == 1:
        return energy
    weights = rng.lognormal(0, _SPREAD_OF_QUARTERS, (*energy.shape, n_parts))
    weights *= (energy / weights.sum(axis=2))[:, :, np.newaxis]
    return weights.reshape(len(energy), -1)


def _draw_prices(clock: LocalClock, n_parts: int, rng: Generator) -> tuple[Values, Values]:
    """Draw hourly prices, which serve every part of an hour."""
    energy, surplus = draw_prices(clock, rng)
    return energy.repeat(n_parts), surplus.repeat(n_parts)
