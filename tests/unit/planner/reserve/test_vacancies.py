"""The assignment program against every assignment."""

from itertools import combinations, permutations

import numpy as np
import pulp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.linear_program import UnprovenError
from planner.reserve.candidacy import Candidacy, NoVacancyError, TooManyPinnedError
from planner.reserve.vacancies import (
    FreedSumError,
    InvalidVacancyError,
    UnknownWorthError,
    assign_vacancies,
    check_freed,
)
from tests.support.admissions import make_candidacy


def list_assignments(worth: np.ndarray, candidacy: Candidacy) -> list[tuple[float, list[int]]]:
    """Value every assignment, with the ranks of those admitted."""
    eligible = np.flatnonzero(candidacy.eligible).tolist()
    places = min(worth.shape[1], len(eligible))
    listed = []
    for people in permutations(eligible, places):
        if not set(np.flatnonzero(candidacy.pinned).tolist()) <= set(people):
            continue
        ranks = sorted(candidacy.precedence[list(people)].tolist())
        for seats in combinations(range(worth.shape[1]), places):
            value = sum(
                worth[i, j] + candidacy.bonus[i] for i, j in zip(people, seats, strict=True)
            )
            listed.append((float(value), ranks))
    return listed


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 3), st.sampled_from([-1, 0]))
def test_no_assignment_is_better_nor_equal_with_more_senior_people(
    seed: int, n_candidates: int, n_vacancies: int, least: int
) -> None:
    rng = np.random.default_rng(seed)
    worth = rng.integers(least, 5, (n_candidates, n_vacancies)).astype(float)
    eligible = rng.random(n_candidates) < 0.85
    pinned = eligible & (rng.random(n_candidates) < 0.15)
    pinned &= np.cumsum(pinned) <= n_vacancies
    candidacy = Candidacy(
        eligible, pinned, rng.permutation(n_candidates), rng.integers(0, 2, n_candidates) * 1.0
    )
    found = assign_vacancies(worth, candidacy)
    every = list_assignments(worth, candidacy)
    top = max(value for value, _ in every)
    admitted = found.candidate_of[found.candidate_of >= 0]

    assert found.value == pytest.approx(top, abs=1e-9)
    assert found.upper_bound == pytest.approx(top, abs=1e-9)
    assert len(set(admitted.tolist())) == admitted.size
    assert sorted(candidacy.precedence[admitted].tolist()) == min(
        ranks for value, ranks in every if value >= top - 1e-9
    )


def test_equal_worth_gives_the_dearer_vacancy_to_the_senior() -> None:
    worth = np.array([[1.0, 3.0], [1.0, 3.0], [1.0, 3.0]])
    found = assign_vacancies(worth, make_candidacy(3, precedence=np.array([2, 1, 0])))

    assert found.candidate_of.tolist() == [1, 2]
    assert found.value == 4.0


def test_vacancies_that_nobody_is_left_for_stay_open() -> None:
    found = assign_vacancies(np.array([[1.0, 2.0], [9.0, 9.0]]), make_candidacy(2, ineligible=(1,)))

    assert found.candidate_of.tolist() == [-1, 0]
    assert (found.value, found.upper_bound) == (2.0, 2.0)


def test_nobody_eligible_leaves_every_vacancy_open() -> None:
    found = assign_vacancies(np.ones((1, 2)), make_candidacy(1, ineligible=(0,)))

    assert found.candidate_of.tolist() == [-1, -1]
    assert found.value == found.upper_bound == 0.0


def test_requests_without_an_answer_are_refused() -> None:
    with pytest.raises(NoVacancyError):
        assign_vacancies(np.ones((1, 0)), make_candidacy(1))
    with pytest.raises(TooManyPinnedError) as error:
        assign_vacancies(np.ones((2, 1)), make_candidacy(2, pinned=(0, 1)))
    assert (error.value.pinned, error.value.vacancies) == (2, 1)


@pytest.mark.parametrize(
    ("freed", "says"),
    [([100_000, 50_000], "0.050000 too much"), ([40_000, 50_000], "0.010000 too little")],
)
def test_coefficients_that_do_not_make_one_say_by_how_much(freed: list[int], says: str) -> None:
    with pytest.raises(FreedSumError, match=says) as error:
        check_freed(np.array([900_000]), np.array(freed))
    assert (error.value.kept, error.value.freed) == (900_000, sum(freed))


@pytest.mark.parametrize("freed", [0, -1, 1_000_001])
def test_a_freed_coefficient_is_a_share_of_the_plant(freed: int) -> None:
    with pytest.raises(InvalidVacancyError) as error:
        check_freed(np.array([1_000_000 - freed]), np.array([freed]))
    assert error.value.millionths == freed


def test_coefficients_that_make_one_pass() -> None:
    check_freed(np.array([900_000]), np.array([60_000, 40_000]))


def test_a_solver_that_stops_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = pulp.HiGHS(msg=False, timeLimit=0.0, presolve="off")
    monkeypatch.setattr(pulp, "HiGHS", lambda **_: solver)
    worth = np.random.default_rng(1).random((30, 5))

    with pytest.raises(UnprovenError, match="HiGHS ended with"):
        assign_vacancies(worth, make_candidacy(30))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_worth_that_is_no_number_is_refused(bad: float) -> None:
    worth = np.array([[1.0, bad], [2.0, 1.0]])

    with pytest.raises(UnknownWorthError, match="must be a finite number"):
        assign_vacancies(worth, make_candidacy(2))
