"""Small problems of members and plants, and the oracle that tries every assignment."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from planner.assignment.problem import NO_CAU, AssignmentProblem
from planner.coefficients.exact import solve_exactly
from planner.coefficients.problem import CoefficientProblem, InfeasibleBoundsError
from planner.curves import build_energy_curves, cover_concavely
from planner.goal import Goal, Objective, build_value_curves
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year


def make_plant_years(
    n_members: int, n_caus: int, seed: int = 1, n_steps: int = 72
) -> list[SharingYear]:
    """Make plants whose sun comes at other hours, all for the same members."""
    first = make_year(n_members, n_steps, seed)
    rng = np.random.default_rng(seed)
    return [
        make_year_with(first, np.roll(first.generation_kwh, 3 * cau) * rng.uniform(0.5, 2))
        for cau in range(n_caus)
    ]


def make_year_with(year: SharingYear, generation_kwh: np.ndarray) -> SharingYear:
    """Give the same members another plant."""
    return SharingYear(
        generation_kwh=generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        prices=year.prices,
    )


def make_assignment_problem(
    n_members: int = 6,
    n_caus: int = 2,
    seed: int = 1,
    *,
    objective: Objective = Objective.SELF_CONSUMPTION,
    **limits: object,
) -> AssignmentProblem:
    """State a problem in which everybody may share everywhere, unless limits say otherwise."""
    years = make_plant_years(n_members, n_caus, seed)
    curves = tuple(
        tuple(cover_concavely(curve) for curve in build_value_curves(year, Goal(objective)))
        for year in years
    )
    everywhere = {"allowed": np.ones((n_members, n_caus), dtype=bool)}
    return AssignmentProblem(curves=curves, **(everywhere | limits))  # type: ignore[arg-type]


def enumerate_assignments(problem: AssignmentProblem) -> dict[tuple[int, ...], float]:
    """Value every assignment that keeps reach and capacities, each plant by its exact optimum."""
    places = range(NO_CAU if not problem.everybody_shares else 0, problem.n_caus)
    values: dict[tuple[int, ...], float] = {}
    optima: dict[tuple[int, frozenset[int]], float] = {}
    for cau_of in product(places, repeat=problem.n_members):
        groups = [
            frozenset(member for member, place in enumerate(cau_of) if place == cau)
            for cau in range(problem.n_caus)
        ]
        if not _keeps_limits(problem, groups):
            continue
        for cau, group in enumerate(groups):
            if (cau, group) not in optima:
                optima[cau, group] = value_plant(problem, cau, sorted(group))
        values[cau_of] = sum(optima[cau, group] for cau, group in enumerate(groups))
    return {cau_of: value for cau_of, value in values.items() if np.isfinite(value)}


def _keeps_limits(problem: AssignmentProblem, groups: list[frozenset[int]]) -> bool:
    """Check reach and capacities the slow way."""
    for cau, group in enumerate(groups):
        if not group or not all(problem.allowed[member, cau] for member in group):
            return False
        for capacity in problem.capacities:
            total = sum(capacity.size[member] for member in group)
            if not capacity.least[cau] <= total <= capacity.most[cau]:
                return False
    return True


def value_plant(problem: AssignmentProblem, cau: int, members: list[int]) -> float:
    """Value one plant with given members; minus infinity where its limits cannot be kept."""
    n_members = len(members)
    inner = CoefficientProblem(
        curves=tuple(problem.curves[cau][member] for member in members),
        lower=np.full(n_members, problem.lower, dtype=np.int64),
        upper=np.full(n_members, problem.upper, dtype=np.int64),
        target=np.full(n_members, 1 / n_members),
        precedence=np.arange(n_members),
    )
    try:
        return inner.value_of(solve_exactly(inner).beta)
    except InfeasibleBoundsError:
        return -np.inf


def problems() -> st.SearchStrategy[AssignmentProblem]:
    """Any problem of two to four members and one or two plants, zeros and ties included."""
    energy = st.integers(0, 3).map(float)

    def build(n_members: int, n_caus: int) -> st.SearchStrategy[AssignmentProblem]:
        consumption = st.lists(energy, min_size=6 * n_members, max_size=6 * n_members)
        generation = st.lists(energy, min_size=6 * n_caus, max_size=6 * n_caus)
        return st.builds(
            lambda used, made: AssignmentProblem(
                curves=tuple(
                    build_energy_curves(np.reshape(used, (n_members, 6)), plant)
                    for plant in np.reshape(made, (n_caus, 6))
                ),
                allowed=np.ones((n_members, n_caus), dtype=bool),
            ),
            consumption,
            generation,
        )

    return st.tuples(st.integers(2, 4), st.integers(1, 2)).flatmap(lambda sizes: build(*sizes))
