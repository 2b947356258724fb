from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.projection import project_shares, project_to_grid


@given(st.integers(1, 6), st.integers(0, 10_000))
def test_the_projection_keeps_the_box_and_no_neighbour_is_nearer(n_members: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    inside = rng.dirichlet(np.ones(n_members))
    lower = inside * rng.uniform(0, 1, n_members)
    upper = inside + rng.uniform(0, 0.5, n_members)
    target = rng.uniform(-0.5, 1.5, n_members)
    nearest = project_shares(target, lower, upper)

    assert nearest.sum() == pytest.approx(1, abs=1e-12)
    assert (nearest >= lower - 1e-15).all()
    assert (nearest <= upper + 1e-15).all()
    distance = ((nearest - target) ** 2).sum()
    for giver, taker in product(range(n_members), repeat=2):
        step = min(nearest[giver] - lower[giver], upper[taker] - nearest[taker], 1e-4)
        moved = nearest.copy()
        moved[giver] -= step
        moved[taker] += step
        assert ((moved - target) ** 2).sum() >= distance - 1e-12


@pytest.mark.parametrize("seed", range(40))
def test_the_grid_projection_is_the_nearest_by_enumeration(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centre = np.array([333_333, 333_333, 333_334])
    lower, upper = centre - rng.integers(0, 5, 3), centre + rng.integers(0, 5, 3)
    target = (centre + rng.uniform(-6, 6, 3)) / 1e6
    chosen = project_to_grid(target, lower, upper, np.arange(3))
    points = [
        point
        for point in product(*(range(a, b + 1) for a, b in zip(lower, upper, strict=True)))
        if sum(point) == 1_000_000
    ]
    distances = [((np.array(point) / 1e6 - target) ** 2).sum() for point in points]

    assert ((chosen / 1e6 - target) ** 2).sum() == pytest.approx(min(distances), abs=1e-17)
    assert tuple(chosen) in points


def test_precedence_settles_what_distance_leaves_open() -> None:
    target = np.full(3, 1 / 3)
    box = np.zeros(3, dtype=np.int64), np.full(3, 1_000_000)

    assert project_to_grid(target, *box, np.array([2, 1, 0])).tolist() == [333333, 333333, 333334]


def test_a_lower_bound_above_the_wish_takes_from_the_last() -> None:
    # All three wish for 0.333334 - too much by two millionths; the last in order give them.
    target = np.full(3, 0.333334)
    lower = np.array([333_334, 0, 0])

    assert project_to_grid(target, lower, np.full(3, 1_000_000), np.arange(3)).tolist() == [
        333_334,
        333_333,
        333_333,
    ]
