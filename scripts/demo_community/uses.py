"""Uses of electricity: each turns the local clock, the weather and chance into power.

Hours of the day are local and may have a fraction. Power [kW] of an hour is also its energy [kWh].
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scripts.demo_community.clock import DayKind, LocalClock
from scripts.demo_community.noise import persistent_factor
from scripts.demo_community.weather import Weather

Power = NDArray[np.float64]
Spans = tuple[tuple[float, float, float], ...]
"""From hour, to hour, kW."""

EVERY_DAY = tuple(DayKind)
WORKDAYS = (DayKind.WORKDAY,)
OPEN_DAYS = (DayKind.WORKDAY, DayKind.SATURDAY)
DAYS_OFF = (DayKind.SATURDAY, DayKind.SUNDAY)


@dataclass(frozen=True, slots=True)
class Scene:
    """What all neighbours share: the clock on the wall and the weather outside."""

    clock: LocalClock
    weather: Weather


class Use(Protocol):
    """Something that draws power."""

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Draw the power of every hour [kW], shape (n_steps,)."""
        ...


@dataclass(frozen=True, slots=True)
class Routine:
    """A daily round that repeats with variations: people at home, a business that opens."""

    workday: Spans = ()
    saturday: Spans = ()
    sunday: Spans = ()
    variation: float = 0.35

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Follow the kind of day; good days and busy hours come in runs."""
        clock = scene.clock
        rounds = np.array([_round(spans) for spans in (self.workday, self.saturday, self.sunday)])
        usual = rounds[clock.day_kind[clock.day], clock.hour.astype(np.intp)]
        busy_day = persistent_factor(rng, clock.dates.size, 0.3, self.variation / 2)
        busy_hour = persistent_factor(rng, clock.hour.size, 0.4, self.variation)
        return usual * busy_day[clock.day] * busy_hour


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that somebody starts on some days: a washer, an oven, a car's charger."""

    kw: float
    hours: float
    start: float
    spread: float = 0.0
    per_week: float = 7.0
    days: tuple[DayKind, ...] = EVERY_DAY

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Run once on the days that chance picks, near the usual hour."""
        clock = scene.clock
        n_days = clock.dates.size
        usual = np.isin(clock.day_kind, self.days)
        runs = usual & (rng.random(n_days) < self.per_week / (7 * usual.mean()))
        start = self.start + self.spread * rng.standard_normal(n_days)
        length = self.hours * rng.uniform(0.75, 1.25, n_days) * runs
        return self.kw * _overlap(clock.hour, start[clock.day], (start + length)[clock.day])


@dataclass(frozen=True, slots=True)
class Heating:
    """A heat pump or radiators, in the hours in which somebody wants warmth."""

    kw_per_degree: float
    most_kw: float
    spans: Spans = ((0, 24, 1),)
    below_c: float = 17.0
    days: tuple[DayKind, ...] = EVERY_DAY

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Follow the cold outside."""
        missing = np.maximum(self.below_c - scene.weather.temperature_c, 0)
        wanted = self.kw_per_degree * missing * _presence(scene.clock, self.spans, self.days)
        return np.minimum(wanted * _mood(scene.clock, rng), self.most_kw)


@dataclass(frozen=True, slots=True)
class Cooling:
    """Air conditioning or cold storage, in the hours in which it is wanted."""

    kw_per_degree: float
    most_kw: float
    spans: Spans = ((0, 24, 1),)
    above_c: float = 24.0
    days: tuple[DayKind, ...] = EVERY_DAY

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Follow the heat outside."""
        excess = np.maximum(scene.weather.temperature_c - self.above_c, 0)
        wanted = self.kw_per_degree * excess * _presence(scene.clock, self.spans, self.days)
        return np.minimum(wanted * _mood(scene.clock, rng), self.most_kw)


@dataclass(frozen=True, slots=True)
class NightLighting:
    """Lamps that burn while it is dark."""

    kw: float

    def power(self, scene: Scene, rng: Generator) -> Power:
        """Switch at dusk and dawn, earlier and later with the season."""
        half_night = 5.9 + 1.4 * np.cos(scene.clock.season - 2 * np.pi * 355 / 365)
        from_midnight = np.abs((scene.clock.hour + 0.5 - 1.5 + 12) % 24 - 12)
        lamps = persistent_factor(rng, scene.clock.hour.size, 0.9, 0.05)
        return self.kw * lamps * np.clip(half_night - from_midnight + 0.5, 0, 1)


@dataclass(frozen=True, slots=True)
class Habit:
    """One consumer's year: what always runs, what people switch on, and when they are away."""

    standby_kw: float
    uses: tuple[Use, ...]
    away: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = field(default=())

    def consume(self, scene: Scene, limit_kw: float, rng: Generator) -> Power:
        """Add up the uses of every hour, cut at the power that the meter lets through."""
        clock = scene.clock
        absent = np.zeros(clock.dates.size, dtype=np.bool_)
        for first, last in self.away:
            absent |= clock.days_between(first, last)
        active = sum((use.power(scene, rng) for use in self.uses), np.zeros(clock.hour.size))
        standby = self.standby_kw * persistent_factor(rng, clock.hour.size, 0.2, 0.15)
        return np.minimum(standby + np.where(absent[clock.day], 0, active), limit_kw)


def _presence(clock: LocalClock, spans: Spans, days: tuple[DayKind, ...]) -> Power:
    """Tell how far somebody is there to want warmth or cold, 0 to 1."""
    by_hour = _round(spans)[clock.hour.astype(np.intp)]
    return np.where(np.isin(clock.day_kind, days)[clock.day], by_hour, 0.0)


def _mood(clock: LocalClock, rng: Generator) -> Power:
    """Draw how warm or cold somebody wants it, hour after hour."""
    return persistent_factor(rng, clock.hour.size, 0.7, 0.3)


def _round(spans: Spans) -> Power:
    """Turn spans into the 24 hours of a day, with soft edges."""
    hours = np.arange(24.0)
    day = np.zeros(24)
    for start, end, kw in spans:
        day += kw * _overlap(hours, start, end)
    soft: Power = 0.1 * np.roll(day, 1) + 0.8 * day + 0.1 * np.roll(day, -1)
    return soft


def _overlap(hour: Power, start: Power | float, end: Power | float) -> Power:
    """Measure how much of each hour lies between start and end, 0 to 1."""
    shared: Power = np.minimum(hour + 1, end) - np.maximum(hour, start)
    return np.maximum(shared, 0.0)
