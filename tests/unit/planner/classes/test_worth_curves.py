import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.classes.worth_curves import build_worth_curve
from planner.curves import is_concave


def value_slowly(
    beta: float,
    consumption: np.ndarray,
    generation: np.ndarray,
    used: np.ndarray,
    spilled: np.ndarray,
) -> float:
    total = 0.0
    for step in range(generation.size):
        got = beta * max(generation[step], 0.0)
        energy = min(got, consumption[step])
        total += used[step] * energy + spilled[step] * (got - energy)
    return total


@given(st.integers(0, 1000), st.floats(0, 1), st.booleans())
def test_the_curve_is_the_worth_of_energy(seed: int, beta: float, concave: bool) -> None:
    rng = np.random.default_rng(seed)
    consumption, generation = rng.gamma(1, 1, 6), rng.uniform(-0.5, 3, 6)
    spilled = rng.uniform(-0.2, 0.5, 6)
    used = spilled + rng.uniform(0 if concave else -0.5, 0.5, 6)
    curve = build_worth_curve(consumption, generation, used, spilled)

    expected = value_slowly(beta, consumption, generation, used, spilled)
    assert curve.value_at(beta) == pytest.approx(expected, abs=1e-12)
    assert not concave or is_concave(curve)


def test_worth_more_spilled_than_used_bends_upwards() -> None:
    one, two = np.array([1.0]), np.array([2.0])
    curve = build_worth_curve(one, two, np.array([0.1]), np.array([0.3]))

    assert not is_concave(curve)
    assert curve.value_at(0.5) == pytest.approx(0.1)
    assert curve.value_at(1.0) == pytest.approx(0.4)
