"""Reserve pools for tests, and the slow way to find the best group."""

from itertools import combinations

import numpy as np

from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import CoefficientProblem
from planner.curves import build_energy_curves
from planner.reserve.admission import AdmissionProblem
from planner.reserve.candidacy import Candidacy


def make_candidacy(
    n_candidates: int,
    *,
    ineligible: tuple[int, ...] = (),
    pinned: tuple[int, ...] = (),
    precedence: np.ndarray | None = None,
    bonus: np.ndarray | None = None,
) -> Candidacy:
    """State who may and must be admitted; by default everybody may, in the order of the list."""
    places = np.arange(n_candidates)
    return Candidacy(
        eligible=~np.isin(places, ineligible),
        pinned=np.isin(places, pinned),
        precedence=places if precedence is None else precedence,
        bonus=np.zeros(n_candidates) if bonus is None else bonus,
    )


def make_pool(
    n_members: int, n_candidates: int, seed: int, n_steps: int = 8760
) -> AdmissionProblem:
    """Make a year of habits: each consumer has its size, its hour and its noise."""
    rng = np.random.default_rng(seed)
    hour, day = np.arange(n_steps) % 24, np.arange(n_steps) // 24
    season = 1 + 0.4 * np.sin(2 * np.pi * day / 365 - 1.4)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * season * rng.uniform(0.3, 1, n_steps)
    n_people = n_members + n_candidates
    size = rng.lognormal(-0.5, 0.6, (n_people, 1))
    peak, width = rng.uniform(6, 23, (n_people, 1)), rng.uniform(1.5, 6, (n_people, 1))
    habit = 0.2 + np.exp(-(((hour - peak + 12) % 24 - 12) ** 2) / (2 * width**2))
    consumption = size * habit * rng.gamma(2.0, 0.5, (n_people, n_steps))
    curves = build_energy_curves(consumption, n_members * sun)
    return AdmissionProblem(
        members=curves[:n_members],
        candidates=curves[n_members:],
        lower=np.zeros(n_members, dtype=np.int64),
        upper=np.full(n_members, 1_000_000),
    )


def value_groups(
    problem: AdmissionProblem, candidacy: Candidacy, n_admitted: int
) -> dict[tuple[int, ...], float]:
    """Solve every group that may be admitted, each from its members' own curves."""
    values = {}
    for chosen in combinations(np.flatnonzero(candidacy.eligible).tolist(), n_admitted):
        if not set(np.flatnonzero(candidacy.pinned).tolist()) <= set(chosen):
            continue
        curves = problem.members + tuple(problem.candidates[each] for each in chosen)
        group = CoefficientProblem(
            curves,
            *problem.group_limits(n_admitted),
            np.full(len(curves), 1 / len(curves)),
            np.arange(len(curves)),
        )
        bonus = float(candidacy.bonus[list(chosen)].sum())
        values[chosen] = solve_exactly(group).upper_bound + bonus
    return values
