import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.fairness.indices import measure_gini, measure_jain

AMOUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=12).map(
    lambda cents: np.array(cents) / 100
)


@given(AMOUNTS)
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts: np.ndarray) -> None:
    gini = measure_gini(amounts)

    if amounts.sum() == 0:
        assert gini == 0
    else:
        differences = np.abs(np.subtract.outer(amounts, amounts)).mean()
        assert gini == pytest.approx(differences / (2 * amounts.mean()), abs=1e-12)


@given(AMOUNTS)
def test_jain_is_the_squared_sum_over_the_sum_of_squares(amounts: np.ndarray) -> None:
    jain = measure_jain(amounts)

    if amounts.sum() == 0:
        assert jain == 1
    else:
        direct = amounts.sum() ** 2 / (amounts.size * (amounts**2).sum())
        assert jain == pytest.approx(direct, rel=1e-12)
        assert jain >= 1 / amounts.size - 1e-12


@pytest.mark.parametrize(
    ("amounts", "gini", "jain"),
    [
        ([5.0], 0.0, 1.0),
        ([0.0, 0.0], 0.0, 1.0),
        ([-2.0, -2.0], 0.0, 1.0),
        ([0.0, 10.0], 0.5, 0.5),
        ([-1.0, 1.0], None, None),
        ([-3.0, 1.0], None, None),
        ([-1.0, 3.0], 1.0, 0.2),
    ],
)
def test_zeros_and_losses(amounts: list[float], gini: float | None, jain: float | None) -> None:
    assert measure_gini(np.array(amounts)) == (gini and pytest.approx(gini))
    assert measure_jain(np.array(amounts)) == (jain and pytest.approx(jain))
