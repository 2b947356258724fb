import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from planner.unseen.worst_tail import _weigh_exactly, mean_of_worst

shares = st.floats(0.01, 1.0)


@pytest.mark.parametrize(
    ("tail_share", "expected"), [(0.1, 1.0), (0.25, 1.0), (0.5, 1.5), (0.625, 1.8), (1.0, 2.5)]
)
def test_the_last_of_the_worst_counts_in_part(tail_share: float, expected: float) -> None:
    # 0.625 of four is two and a half: (1 + 2 + 3 / 2) / 2.5
    assert mean_of_worst(np.array([3.0, 1.0, 4.0, 2.0]), tail_share) == pytest.approx(expected)


@given(hnp.arrays(float, st.integers(1, 12), elements=st.floats(-1e6, 1e6)), shares)
def test_the_mean_of_the_worst_is_the_conditional_value_at_risk(
    values: np.ndarray, tail_share: float
) -> None:
    most = 1 / (tail_share * values.size)
    at_thresholds = [
        threshold - most * np.maximum(threshold - values, 0).sum() for threshold in values
    ]
    assert mean_of_worst(values, tail_share) == pytest.approx(max(at_thresholds), abs=1e-6)


@given(hnp.arrays(float, st.integers(1, 12), elements=st.floats(0, 2)), shares)
def test_weights_sum_to_one_and_none_is_too_heavy(duals: np.ndarray, tail_share: float) -> None:
    most = min(1.0, 1.0 / (tail_share * duals.size))
    weights = _weigh_exactly(duals, most)

    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights.min() >= 0
    assert weights.max() <= most * (1 + 1e-9)
