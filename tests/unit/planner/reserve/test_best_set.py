"""The best set against the enumeration of all groups."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.coefficients.problem import InfeasibleBoundsError
from planner.curves import ValueCurve, build_energy_curves
from planner.reserve.admission import AdmissionProblem
from planner.reserve.best_set import BestSet, EmptyGroupError, choose_best_set, never_stop
from planner.reserve.candidacy import Candidacy, NoVacancyError, TooManyPinnedError
from tests.support.admissions import make_candidacy, make_pool, value_groups


def state_problem(
    consumption: np.ndarray,
    generation: np.ndarray,
    n_members: int,
    limits: tuple[int, int] = (0, 1_000_000),
) -> AdmissionProblem:
    curves = build_energy_curves(consumption, generation)
    least, greatest = (np.full(n_members, limit, dtype=np.int64) for limit in limits)
    return AdmissionProblem(curves[:n_members], curves[n_members:], least, greatest, limits)


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_all_220_groups_is_found_and_proven(seed: int) -> None:
    problem, candidacy = make_pool(17, 12, seed), make_candidacy(12)
    groups = value_groups(problem, candidacy, 3)
    best = choose_best_set(problem, candidacy, 3)

    assert len(groups) == 220
    assert tuple(best.admitted.tolist()) == max(groups, key=groups.__getitem__)
    assert best.value == pytest.approx(max(groups.values()), rel=1e-12)
    assert best.is_proven
    assert max(groups.values()) <= best.upper_bound <= best.value * (1 + 1.1e-10)


def test_200_candidates_for_10_vacancies_take_seconds() -> None:
    problem = make_pool(17, 200, seed=5)
    started = time.perf_counter()
    best = choose_best_set(problem, make_candidacy(200), 10)

    assert time.perf_counter() - started < 30
    assert best.admitted.size == 10
    assert best.is_proven
    assert (best.upper_bound - best.value) / best.upper_bound < 1e-9


def check(best: BestSet, problem: AdmissionProblem, candidacy: Candidacy, places: int) -> None:
    """Assert that no group is better, and that no senior could take a place for free."""
    groups = value_groups(problem, candidacy, places)
    top = max(groups.values())

    assert best.value == pytest.approx(top, rel=1e-9, abs=1e-9)
    assert best.upper_bound >= top - 1e-9
    assert best.is_proven
    admitted = set(best.admitted.tolist())
    for group, value in groups.items():
        if len(admitted - set(group)) == 1 and value >= top - 1e-12:
            (gives,), (takes,) = admitted - set(group), set(group) - admitted
            assert candidacy.precedence[takes] > candidacy.precedence[gives]


@st.composite
def cases(draw: st.DrawFn) -> tuple[AdmissionProblem, Candidacy, int]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_members, n_candidates = draw(st.integers(0, 4)), draw(st.integers(1, 7))
    n_steps = draw(st.integers(1, 6))
    consumption = rng.integers(0, 5, (n_members + n_candidates, n_steps)).astype(float)
    generation = rng.integers(0, 6, n_steps).astype(float)
    limits = draw(st.sampled_from([(0, 1_000_000), (50_000, 1_000_000), (0, 400_000)]))
    ineligible = rng.random(n_candidates) < 0.1
    pinned = ~ineligible & (rng.random(n_candidates) < 0.1)
    candidacy = make_candidacy(
        n_candidates,
        ineligible=tuple(np.flatnonzero(ineligible).tolist()),
        pinned=tuple(np.flatnonzero(pinned).tolist()),
        precedence=rng.permutation(n_candidates),
        bonus=draw(st.sampled_from([0.0, 0.5])) * rng.integers(0, 3, n_candidates),
    )
    vacancies = max(int(pinned.sum()), draw(st.integers(1, 4)))
    problem = state_problem(consumption, generation, n_members, limits)
    return problem, candidacy, vacancies


@given(cases())
def test_no_group_is_better_and_no_senior_could_take_a_place_for_free(
    case: tuple[AdmissionProblem, Candidacy, int],
) -> None:
    problem, candidacy, vacancies = case
    places = min(vacancies, int(candidacy.eligible.sum()))
    try:
        best = choose_best_set(problem, candidacy, vacancies)
    except (InfeasibleBoundsError, EmptyGroupError):
        size, (least, greatest) = len(problem.members) + places, problem.candidate_limits
        assert size * greatest < 1_000_000 or size * least > 1_000_000
        return
    check(best, problem, candidacy, places)


# Cases in which the search ends in a junior of equal worth, or settles everybody without a branch.
@pytest.mark.parametrize("seed", [4, 7, 27, 34, 375, 1100, 1477])
def test_equal_groups_and_settled_branches_come_out_right(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_members, n_candidates = int(rng.integers(0, 3)), int(rng.integers(3, 7))
    n_steps, vacancies = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    consumption = rng.integers(0, 7, (n_members + n_candidates, n_steps)).astype(float)
    problem = state_problem(consumption, rng.integers(1, 6, n_steps).astype(float), n_members)
    precedence = rng.permutation(n_candidates)
    bonus = rng.integers(0, 4, n_candidates) * 0.5 * (seed % 2)
    candidacy = make_candidacy(n_candidates, precedence=precedence, bonus=bonus)

    check(choose_best_set(problem, candidacy, vacancies), problem, candidacy, vacancies)


def test_a_search_that_is_stopped_states_the_bound_it_has() -> None:
    # Consumers that are on or off: a fraction of one more beats every whole group at the root.
    rng = np.random.default_rng(8)
    on = rng.random((30, 400)) < rng.uniform(0.2, 1, (30, 1))
    problem = state_problem(on * rng.uniform(0.05, 0.4, (30, 1)), np.ones(400), 3)
    whole = choose_best_set(problem, make_candidacy(27), 4)
    stopped = choose_best_set(problem, make_candidacy(27), 4, should_stop=lambda: True)

    assert whole.is_proven
    assert not stopped.is_proven
    assert stopped.value <= whole.value <= stopped.upper_bound
    assert whole.groups_solved > stopped.groups_solved
    assert never_stop() is False


def test_more_vacancies_than_candidates_admit_all_who_may() -> None:
    problem = make_pool(3, 4, seed=1, n_steps=240)
    best = choose_best_set(problem, make_candidacy(4, ineligible=(2,)), 9)

    assert best.admitted.tolist() == [0, 1, 3]
    assert best.is_proven


def test_without_anybody_eligible_the_members_stay_among_themselves() -> None:
    problem = make_pool(3, 2, seed=1, n_steps=240)
    best = choose_best_set(problem, make_candidacy(2, ineligible=(0, 1)), 1)

    assert best.admitted.size == 0
    assert best.value == pytest.approx(value_groups(problem, make_candidacy(2), 0)[()], rel=1e-12)


def test_candidates_who_bring_nothing_go_in_the_order_of_precedence() -> None:
    consumption = np.zeros((6, 3))
    consumption[0] = 1.0
    problem = state_problem(consumption, np.ones(3), 1)
    best = choose_best_set(problem, make_candidacy(5, precedence=np.array([4, 3, 2, 1, 0])), 2)

    assert best.admitted.tolist() == [3, 4]


def test_years_of_waiting_outweigh_energy() -> None:
    problem = state_problem(np.array([[1.0], [3.0], [2.0]]), np.array([10.0]), 1)
    plain = choose_best_set(problem, make_candidacy(2), 1)
    weighted = choose_best_set(problem, make_candidacy(2, bonus=np.array([0.0, 1.5])), 1)

    assert (plain.admitted.tolist(), plain.value) == ([0], 4.0)
    assert (weighted.admitted.tolist(), weighted.value) == ([1], 4.5)


def test_curves_that_are_not_concave_are_bounded_by_their_majorants() -> None:
    knots, values = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 4.0])
    bent = ValueCurve(knots, np.diff(values) / 0.5, values)
    nothing = np.empty(0, dtype=np.int64)
    problem = AdmissionProblem((), (bent, bent), nothing, nothing)

    assert choose_best_set(problem, make_candidacy(2), 2).upper_bound == pytest.approx(4.0)


def test_requests_without_an_answer_are_refused() -> None:
    problem = state_problem(np.ones((3, 1)), np.ones(1), 1, (0, 400_000))
    nobody = state_problem(np.ones((1, 1)), np.ones(1), 0)

    with pytest.raises(NoVacancyError, match="at least one"):
        choose_best_set(problem, make_candidacy(2), 0)
    with pytest.raises(TooManyPinnedError, match="2 candidates must be admitted"):
        choose_best_set(problem, make_candidacy(2, pinned=(0, 1)), 1)
    with pytest.raises(InfeasibleBoundsError, match=r"sum to 0\.800000, less than 1"):
        choose_best_set(problem, make_candidacy(2), 1)
    with pytest.raises(EmptyGroupError):
        choose_best_set(nobody, make_candidacy(1, ineligible=(0,)), 1)
