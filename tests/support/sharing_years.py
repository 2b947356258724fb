"""Small years for planner tests: random but reproducible, and strategies that make them."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planner.coefficients.problem import CoefficientProblem
from planner.coefficients.rules import share_in_proportion
from planner.curves import build_energy_curves
from planner.sharing_year import SharingYear

N_STEPS = 24


def make_year(
    n_members: int = 4, n_steps: int = 72, seed: int = 1, *, with_prices: bool = True
) -> SharingYear:
    """Make days of sun and habits; three months of equal length."""
    rng = np.random.default_rng(seed)
    sun = np.clip(np.sin(np.linspace(0, 6 * np.pi, n_steps)), 0, None)
    energy = rng.uniform(0.1, 0.3, n_steps)
    return SharingYear(
        generation_kwh=np.round(6 * sun * rng.uniform(0.4, 1, n_steps), 3),
        consumption_kwh=np.round(rng.gamma(1.2, 1.0, (n_members, n_steps)), 3),
        contracted_power_kw=rng.choice([2.3, 3.45, 4.6, 5.75], n_members),
        precedence=np.arange(n_members),
        month_starts=np.arange(3) * (n_steps // 3),
        prices=(energy, energy * rng.uniform(-0.2, 0.9, n_steps)) if with_prices else None,
    )


def make_problem(
    year: SharingYear, lower: int | np.ndarray = 0, upper: int | np.ndarray = 1_000_000
) -> CoefficientProblem:
    """State the self-consumption problem of a year."""
    n_members = year.consumption_kwh.shape[0]
    return CoefficientProblem(
        curves=build_energy_curves(year.consumption_kwh, year.generation_kwh),
        lower=np.broadcast_to(np.asarray(lower, dtype=np.int64), n_members).copy(),
        upper=np.broadcast_to(np.asarray(upper, dtype=np.int64), n_members).copy(),
        target=share_in_proportion(year.consumption_kwh.sum(axis=1)),
        precedence=year.precedence,
    )


def self_consumed(year: SharingYear, beta: np.ndarray) -> float:
    """Sum self-consumed energy straight from its definition."""
    allocated = beta[:, np.newaxis] * year.generation_kwh
    return float(np.minimum(allocated, year.consumption_kwh).sum())


def years() -> st.SearchStrategy[SharingYear]:
    """Any year of one to five members, ties, zeros and dark hours included."""
    watt_hours = st.integers(0, 4000)

    def build(n_members: int) -> st.SearchStrategy[SharingYear]:
        return st.builds(
            lambda consumption, generation: SharingYear(
                generation_kwh=generation / 1000,
                consumption_kwh=consumption / 1000,
                contracted_power_kw=np.ones(n_members),
                precedence=np.arange(n_members),
                month_starts=np.array([0, N_STEPS // 2]),
            ),
            hnp.arrays(np.int64, (n_members, N_STEPS), elements=watt_hours),
            hnp.arrays(np.int64, (N_STEPS,), elements=watt_hours),
        )

    return st.integers(1, 5).flatmap(build)


def random_shares(n_members: int, seed: int) -> np.ndarray:
    """Draw coefficients that sum to one."""
    return np.random.default_rng(seed).dirichlet(np.ones(n_members))
