"""Members to plants against enumeration, hour-by-hour programs and weak duality by hand."""

import numpy as np
import pytest
from hypothesis import given, settings

from planner.assignment.assign import _Search, assign_members
from planner.assignment.problem import (
    NO_CAU,
    AssignmentProblem,
    Capacity,
    CapacityError,
    OutOfReachError,
)
from planner.assignment.rents import PlantPrices
from planner.coefficients.linear_program import GAP
from planner.curves import ValueCurve
from planner.goal import Objective
from tests.support.assignments import (
    enumerate_assignments,
    make_assignment_problem,
    make_plant_years,
    make_year_with,
    problems,
)
from tests.support.hourly_lp import solve_hourly_lp
from tests.support.sharing_years import make_year


def members_capacity(n_members: int, least: list[float], most: list[float]) -> Capacity:
    return Capacity("members", np.ones(n_members), np.array(least), np.array(most))


def assert_best(problem: AssignmentProblem) -> None:
    """Assert that the assignment found is the best of all, and the bound holds and is met."""
    found = assign_members(problem)
    values = enumerate_assignments(problem)
    best = max(values.values())
    assert values[tuple(found.cau_of.tolist())] == pytest.approx(found.value, rel=1e-9)
    assert found.upper_bound >= best * (1 - 1e-12)
    assert found.value == pytest.approx(best, rel=GAP)
    assert found.gap <= GAP


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n_members", "n_caus"), [(6, 2), (5, 3)])
def test_no_assignment_is_better(n_members: int, n_caus: int, seed: int) -> None:
    assert_best(make_assignment_problem(n_members, n_caus, seed))


@pytest.mark.parametrize("seed", range(3))
def test_no_assignment_saves_more(seed: int) -> None:
    assert_best(make_assignment_problem(6, 2, seed, objective=Objective.SAVINGS))


@pytest.mark.parametrize(
    ("lower", "upper"), [(0, 400_000), (150_000, 1_000_000), (200_000, 500_000)]
)
def test_limits_of_coefficients_hold_in_every_plant(lower: int, upper: int) -> None:
    assert_best(make_assignment_problem(6, 2, lower=lower, upper=upper))


@pytest.mark.parametrize("seed", range(3))
def test_capacities_hold(seed: int) -> None:
    kw = np.array([2.0, 3.0, 5.0, 2.0, 4.0, 6.0])
    capacities = (
        members_capacity(6, [0, 4], [np.inf, 5]),
        Capacity("kW", kw, np.array([7.0, 0.0]), np.array([9.0, 16.0])),
    )
    assert_best(make_assignment_problem(6, 2, seed, capacities=capacities))


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_sent_beyond_reach(seed: int) -> None:
    allowed = np.random.default_rng(seed).random((6, 3)) < 0.6
    allowed[:, 0] |= ~allowed.any(axis=1)
    allowed[0] = allowed[1] = True
    assert_best(make_assignment_problem(6, 3, seed, allowed=allowed))


@pytest.mark.parametrize("seed", range(3))
def test_some_may_be_left_out(seed: int) -> None:
    capacity = members_capacity(5, [0, 0], [2, 2])
    problem = make_assignment_problem(5, 2, seed, capacities=(capacity,), everybody_shares=False)

    assert_best(problem)
    assert (assign_members(problem).cau_of == NO_CAU).sum() == 1


def test_a_member_that_would_cost_is_left_out_where_it_may_be() -> None:
    """With a least coefficient, one that never consumes takes energy from the others."""
    year = make_year(4)
    year.consumption_kwh[3] = 0.0
    problem = make_assignment_problem(4, 1, lower=200_000)
    curves = (tuple(_flat() if i == 3 else problem.curves[0][i] for i in range(4)),)
    everybody = AssignmentProblem(curves, np.ones((4, 1), dtype=bool), lower=200_000)
    anybody = AssignmentProblem(
        curves, np.ones((4, 1), dtype=bool), lower=200_000, everybody_shares=False
    )

    assert assign_members(anybody).cau_of.tolist() == [0, 0, 0, NO_CAU]
    assert assign_members(anybody).value > assign_members(everybody).value


def _flat() -> ValueCurve:
    return ValueCurve(np.array([0.0, 1.0]), np.zeros(1), np.zeros(2))


def test_the_value_is_that_of_hourly_programs() -> None:
    years = make_plant_years(5, 2, seed=3)
    found = assign_members(make_assignment_problem(5, 2, seed=3))
    hourly = 0.0
    for cau, year in enumerate(years):
        rows = np.flatnonzero(found.cau_of == cau)
        narrowed = make_year_with(year, year.generation_kwh)
        object.__setattr__(narrowed, "consumption_kwh", year.consumption_kwh[rows])
        hourly += solve_hourly_lp(narrowed)

    assert found.value == pytest.approx(hourly, rel=1e-9)


def test_any_prices_bound_every_assignment() -> None:
    """Weak duality by hand: each member takes its best plant, at any prices whatever."""
    problem = make_assignment_problem(6, 3, seed=2)
    best = assign_members(problem).value
    plants = [PlantPrices(problem, cau) for cau in range(3)]
    bounds = []
    for prices in np.random.default_rng(1).uniform(0, 150, (200, 3)):
        cuts = [plant.cut_at(price) for plant, price in zip(plants, prices, strict=True)]
        bounds.append(prices.sum() + np.max([cut.rents for cut in cuts], axis=0).sum())

    assert min(bounds) >= best
    assert min(bounds) <= 1.3 * best


@settings(max_examples=60, deadline=None)
@given(problems())
def test_zeros_and_ties_do_no_harm(problem: AssignmentProblem) -> None:
    found = assign_members(problem)
    best = max(enumerate_assignments(problem).values())

    assert found.upper_bound >= best - 1e-9
    assert found.value == pytest.approx(best, rel=GAP, abs=1e-9)
    assert found.gap <= GAP


def test_the_order_of_members_changes_nothing() -> None:
    problem = make_assignment_problem(8, 2, seed=4)
    order = np.random.default_rng(1).permutation(8)
    turned = AssignmentProblem(
        curves=tuple(tuple(row[i] for i in order) for row in problem.curves),
        allowed=problem.allowed,
    )
    first, second = assign_members(problem), assign_members(turned)

    assert first.value == pytest.approx(second.value, rel=GAP)
    assert first.cau_of[order].tolist() == second.cau_of.tolist()


def test_plants_without_sun_have_a_trivial_answer() -> None:
    found = assign_members(AssignmentProblem(((_flat(),) * 3,) * 2, np.ones((3, 2), dtype=bool)))

    assert (found.value, found.upper_bound, found.gap) == (0.0, 0.0, 0.0)
    assert set(found.cau_of.tolist()) == {0, 1}
    assert found.prices.tolist() == [0.0, 0.0]


def test_one_plant_is_for_all() -> None:
    problem = make_assignment_problem(4, 1)
    found = assign_members(problem)

    assert found.cau_of.tolist() == [0, 0, 0, 0]
    assert found.gap <= GAP


def test_when_the_time_ends_the_gap_is_what_it_is() -> None:
    problem = make_assignment_problem(12, 4, seed=1)
    hurried, patient = assign_members(problem, seconds=0.0), assign_members(problem)

    assert hurried.gap > GAP
    assert patient.gap <= GAP
    assert hurried.upper_bound >= patient.value
    assert hurried.value <= patient.upper_bound


def test_a_step_without_time_leads_nowhere() -> None:
    search = _Search(make_assignment_problem(12, 4, seed=1))
    search.relax()
    bound = search.upper_bound

    assert not search.step(0.0)
    assert search.upper_bound == bound


def test_a_gap_that_tolerances_hide_ends_the_search() -> None:
    """Two great slopes that cancel leave a value too small for the solver to see."""
    steep, falling = (
        ValueCurve(np.array([0.0, 1.0]), np.array([slope]), np.array([0.0, slope]))
        for slope in (1e6, -1e6 + 1)
    )
    problem = AssignmentProblem(
        ((steep, falling),), np.ones((2, 1), dtype=bool), lower=500_000, upper=500_000
    )
    found = assign_members(problem)

    assert found.value == 0.5
    assert 0.5 < found.upper_bound < 0.52


def test_members_out_of_reach_are_named() -> None:
    allowed = np.array([[True, True], [False, False], [True, False], [False, False]])
    problem = make_assignment_problem(4, 2, allowed=allowed)
    with pytest.raises(OutOfReachError, match="members number 2, 4") as caught:
        assign_members(problem)

    assert caught.value.members == (1, 3)


def test_members_out_of_reach_are_left_out_where_they_may_be() -> None:
    allowed = np.array([[True, True], [False, False], [True, False], [False, True]])
    assert_best(make_assignment_problem(4, 2, allowed=allowed, everybody_shares=False))


def test_small_capacities_say_how_many_are_missing() -> None:
    problem = make_assignment_problem(6, 2, capacities=(members_capacity(6, [0, 0], [2, 1]),))
    with pytest.raises(CapacityError, match="3 members find no room") as caught:
        assign_members(problem)

    assert caught.value.missing == 3
    assert caught.value.shortfalls == ()


def test_least_coefficients_too_large_for_all_leave_somebody_out() -> None:
    """With at least 0.4 each, two share a plant: two plants have room for four of five."""
    with pytest.raises(CapacityError, match="1 members find no room"):
        assign_members(make_assignment_problem(5, 2, lower=400_000))


def test_greatest_coefficients_too_small_leave_plants_short() -> None:
    """With at most 0.4 each, a plant needs three: six for two plants, and there are five."""
    with pytest.raises(CapacityError) as caught:
        assign_members(make_assignment_problem(5, 2, upper=400_000))

    assert sum(lack for _, _, lack in caught.value.shortfalls) == 1.0


def test_later_rounds_go_on_from_new_assignments() -> None:
    found = assign_members(make_assignment_problem(20, 4, seed=5))

    assert found.gap <= GAP
    assert found.value >= assign_members(make_assignment_problem(20, 4, seed=5), seconds=0).value


def test_kilowatts_that_do_not_fit_are_told() -> None:
    """By kW there is room for 10, but not in such pieces: no two of 3 fit into 5."""
    capacity = Capacity("kW", np.full(3, 3.0), np.zeros(2), np.full(2, 5.0))
    with pytest.raises(CapacityError, match="1 members find no room"):
        assign_members(make_assignment_problem(3, 2, capacities=(capacity,)))


def test_more_plants_than_members_are_refused() -> None:
    with pytest.raises(CapacityError, match="is short of 1 members to share it") as caught:
        assign_members(make_assignment_problem(2, 3))

    assert caught.value.missing == 0
    assert [lack for _, _, lack in caught.value.shortfalls] == [1.0]


def test_a_plant_that_lacks_kilowatts_is_told() -> None:
    capacity = Capacity("kW", np.ones(3), np.array([0.0, 2.5]), np.full(2, np.inf))
    problem = make_assignment_problem(3, 2, capacities=(capacity,), everybody_shares=False)
    with pytest.raises(CapacityError, match="plant number 2 is short of") as caught:
        assign_members(problem)

    assert caught.value.shortfalls == (("kW", 1, 0.5),)
