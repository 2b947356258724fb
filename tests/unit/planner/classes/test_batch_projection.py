import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.classes.batch_projection import project_rows_to_grid
from planner.coefficients.projection import project_to_grid


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 10_000))
def test_every_row_is_what_the_single_projection_gives(
    n_members: int, n_rows: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    target = np.round(rng.dirichlet(np.ones(n_members), n_rows), rng.integers(1, 9))
    lower = rng.integers(0, 1_000_000 // n_members + 1, (n_rows, n_members))
    upper = np.maximum(lower, rng.integers(-(-1_000_000 // n_members), 1_000_001, lower.shape))
    precedence = rng.permutation(n_members)
    rows = project_rows_to_grid(target, lower, upper, precedence)

    assert (rows.sum(axis=1) == 1_000_000).all()
    for row, wish, low, high in zip(rows, target, lower, upper, strict=True):
        assert row.tolist() == project_to_grid(wish, low, high, precedence).tolist()


def test_a_box_that_is_a_point_is_the_answer() -> None:
    point = np.array([[250_000, 750_000]])
    rows = project_rows_to_grid(np.array([[0.9, 0.1]]), point, point, np.arange(2))

    assert rows.tolist() == point.tolist()


def test_ties_go_by_precedence_up_and_down() -> None:
    box = np.zeros((1, 3), int), np.full((1, 3), 1_000_000)
    third = np.full((1, 3), 1 / 3)

    assert project_rows_to_grid(third, *box, np.array([2, 0, 1])).tolist() == [
        [333_333, 333_334, 333_333]
    ]
