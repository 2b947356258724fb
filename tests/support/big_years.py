"""Years as large as those that the project makes promises about."""

import numpy as np

from models.values.calendar import Step, month_starts
from planner.sharing_year import SharingYear


def make_big_year(n_members: int, seed: int = 1, step: Step = Step.HOUR) -> SharingYear:
    """Make a year: sun by day and season, consumption by habit and chance, in whole Wh."""
    rng = np.random.default_rng(seed)
    n_steps = 8760 * step.per_hour
    hour = np.arange(n_steps) / step.per_hour
    season = 1 + 0.35 * np.cos(2 * np.pi * (hour / 24 - 172) / 365)
    sun = np.clip(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0, None) * season
    clouds = rng.uniform(0.3, 1, 365).repeat(n_steps // 365)
    phase = rng.uniform(0, 24, (n_members, 1))
    habit = 1.2 + np.cos(2 * np.pi * (hour % 24 - phase) / 24)
    scale = rng.lognormal(-1.2, 0.7, (n_members, 1)) / step.per_hour
    energy = rng.uniform(0.05, 0.25, n_steps)
    return SharingYear(
        generation_kwh=np.round(0.55 / step.per_hour * n_members * sun * clouds, 3),
        consumption_kwh=np.round(scale * habit * rng.gamma(2, 0.5, (n_members, n_steps)), 3),
        contracted_power_kw=rng.choice([2.3, 3.45, 4.6, 5.75], n_members),
        precedence=np.arange(n_members),
        month_starts=month_starts(2023, "Europe/Madrid", step),
        prices=(energy, energy * 0.4),
    )


def multiply_once(year: SharingYear) -> float:
    """Read and multiply all arrays once: the least that any method must do, and the yardstick."""
    beta = np.full(year.n_members, 1 / year.n_members)
    return float(np.minimum(beta[:, np.newaxis] * year.generation_kwh, year.consumption_kwh).sum())
