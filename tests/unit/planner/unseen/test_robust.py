from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pulp
import pytest

from planner.coefficients.choose import Choice, choose_coefficients
from planner.coefficients.problem import InfeasibleBoundsError
from planner.goal import Goal, MissingPricesError, Objective, Weights, measure_value
from planner.sharing_year import SharingYear
from planner.unseen import worst_tail
from planner.unseen.robust import TailShareError, choose_for_mean, choose_for_worst
from planner.unseen.scenarios import UnequalScenariosError
from planner.unseen.summed_goal import UnsummedGoalError
from planner.unseen.worst_tail import UnprovenError, mean_of_worst
from tests.support.sharing_years import make_year, random_shares

GOALS = [
    Goal(),
    Goal(Objective.SAVINGS),
    Goal(Objective.MIX, mix=Weights(kwh=0.1, eur=1.0)),
]


def make_scenarios(
    n_scenarios: int, n_members: int = 4, n_steps: int = 72, seed: int = 0
) -> list[SharingYear]:
    return [
        make_year(n_members, n_steps, seed=100 * seed + number) for number in range(n_scenarios)
    ]


def solve_hourly_tail(scenarios: Sequence[SharingYear], tail_share: float) -> float:
    """Maximise the mean of the worst with one variable a member, scenario and interval."""
    n_members = scenarios[0].n_members
    program = pulp.LpProblem("hourly_tail", pulp.LpMaximize)
    beta = [program.add_variable(f"beta_{member}", 0, 1) for member in range(n_members)]
    program.addConstraint(pulp.lpSum(beta) == 1, "sum")
    threshold = program.add_variable("threshold")
    shortfalls = []
    for number, scenario in enumerate(scenarios):
        used = []
        for member in range(n_members):
            for step in np.flatnonzero(scenario.generation_kwh > 0).tolist():
                consumption = float(scenario.consumption_kwh[member, step])
                energy = program.add_variable(f"used_{number}_{member}_{step}", 0, consumption)
                generation = float(scenario.generation_kwh[step])
                program.addConstraint(energy - generation * beta[member] <= 0)
                used.append(energy)
        shortfall = program.add_variable(f"shortfall_{number}", 0)
        program.addConstraint(shortfall - threshold + pulp.lpSum(used) >= 0)
        shortfalls.append(shortfall)
    worst = 1 / (tail_share * len(scenarios))
    program.setObjective(threshold - worst * pulp.lpSum(shortfalls))
    program.solve(pulp.HiGHS(msg=False))
    assert program.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(program.objective))


@pytest.mark.parametrize("tail_share", [0.01, 0.2, 0.5, 0.55, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_worst_are_as_good_as_the_full_program_makes_them(tail_share: float, seed: int) -> None:
    scenarios = make_scenarios(6, seed=seed)
    choice = choose_for_worst(scenarios, Goal(), tail_share)
    optimum = solve_hourly_tail(scenarios, tail_share)

    assert choice.millionths.sum() == 1_000_000
    assert choice.value == pytest.approx(optimum, rel=2e-6)
    assert choice.upper_bound == pytest.approx(optimum, rel=2e-6)
    assert choice.upper_bound >= optimum * (1 - 1e-9)
    assert 0 <= choice.gap <= 1e-5
    assert choice.is_concave


@pytest.mark.parametrize("goal", GOALS)
def test_enumeration_finds_nothing_better(goal: Goal) -> None:
    scenarios = make_scenarios(5, n_members=3)
    choice = choose_for_worst(scenarios, goal, 0.4)
    values = np.array([measure_value(each, goal, choice.millionths / 1e6) for each in scenarios])
    cuts = combinations(range(42), 2)  # three parts of forty
    enumerated = [
        mean_of_worst(
            np.array([measure_value(each, goal, np.array(parts) / 40) for each in scenarios]), 0.4
        )
        for parts in ((a, b - a - 1, 41 - b) for a, b in cuts)
    ]

    assert choice.scenario_values.tolist() == values.tolist()
    assert choice.value == pytest.approx(np.sort(values)[:2].mean(), rel=1e-12)
    assert max(enumerated) <= choice.upper_bound
    assert choice.value >= max(enumerated) - 1e-5 * choice.upper_bound
    assert choice.value == pytest.approx(max(enumerated), rel=1e-2)
    assert choice.gap <= 1e-5


@pytest.mark.parametrize("goal", GOALS)
def test_the_whole_tail_is_the_mean_and_the_mean_is_exact(goal: Goal) -> None:
    scenarios = make_scenarios(5, n_steps=96)
    mean = choose_for_mean(scenarios, goal, lambda year: choose_coefficients(year, goal))
    tail = choose_for_worst(scenarios, goal, 1.0)

    assert mean.gap <= 1e-6
    assert mean.value == pytest.approx(mean.scenario_values.mean(), rel=1e-12)
    assert mean.upper_bound == pytest.approx(tail.upper_bound, rel=1e-6)
    assert tail.value == pytest.approx(mean.value, rel=1e-5)
    for seed in range(100):
        beta = random_shares(4, seed)
        others = [measure_value(scenario, goal, beta) for scenario in scenarios]
        assert np.mean(others) <= mean.upper_bound


def test_one_scenario_is_the_ordinary_choice() -> None:
    year = make_year(n_members=5, n_steps=240)
    choice, robust = choose_coefficients(year), choose_for_worst([year], Goal(), 0.1)

    assert robust.value == pytest.approx(choice.value, rel=1e-6)
    assert robust.upper_bound == pytest.approx(choice.upper_bound, rel=1e-9)


def test_the_worst_tenth_gives_up_some_of_the_mean() -> None:
    scenarios = make_scenarios(20, n_members=5)
    mean = choose_for_mean(scenarios, Goal(), choose_coefficients)
    tail = choose_for_worst(scenarios, Goal(), 0.1)

    assert tail.value > mean_of_worst(mean.scenario_values, 0.1)
    assert tail.scenario_values.mean() < mean.value


@pytest.mark.parametrize("goal", GOALS)
def test_limits_hold_and_bind(goal: Goal) -> None:
    scenarios = make_scenarios(6)
    lower = np.array([0, 333_333, 0, 123_457])
    upper = np.array([150_001, 1_000_000, 300_007, 1_000_000])
    free = choose_for_worst(scenarios, goal, 0.3)
    held = choose_for_worst(scenarios, goal, 0.3, lower=lower, upper=upper)

    assert (held.millionths >= lower).all()
    assert (held.millionths <= upper).all()
    assert held.millionths.sum() == 1_000_000
    assert held.upper_bound < free.upper_bound
    assert held.gap <= 1e-5
    random = np.random.default_rng(1)
    for share in random.uniform(0, 1, 50):
        beta = np.array([0.150001 * share, 0.0, 0.3 * share, 0.2])
        beta[1] = 1 - beta.sum()
        values = np.array([measure_value(scenario, goal, beta) for scenario in scenarios])
        assert mean_of_worst(values, 0.3) <= held.upper_bound


def test_limits_that_leave_one_choice_give_it() -> None:
    fixed = np.array([100_000, 200_000, 300_000, 400_000])
    choice = choose_for_worst(make_scenarios(3), Goal(), lower=fixed, upper=fixed)

    assert choice.millionths.tolist() == fixed.tolist()
    assert choice.gap <= 1e-9


def test_where_surplus_earns_more_than_energy_costs_the_bound_still_holds() -> None:
    scenarios = []
    for scenario in make_scenarios(4, n_members=3):
        assert scenario.prices is not None
        energy, surplus = scenario.prices[0], scenario.prices[1].copy()
        surplus[::2] = energy[::2] + 2.0
        scenarios.append(replace(scenario, prices=(energy, surplus)))
    goal = Goal(Objective.SAVINGS)
    choice = choose_for_worst(scenarios, goal, 0.5)

    assert not choice.is_concave
    assert choice.value <= choice.upper_bound
    for seed in range(200):
        beta = random_shares(3, seed)
        values = np.array([measure_value(scenario, goal, beta) for scenario in scenarios])
        assert mean_of_worst(values, 0.5) <= choice.upper_bound


def test_without_sun_any_coefficients_do() -> None:
    dark = [replace(year, generation_kwh=np.zeros(72)) for year in make_scenarios(3)]
    choice = choose_for_worst(dark, Goal())

    assert choice.millionths.sum() == 1_000_000
    assert (choice.value, choice.upper_bound, choice.gap) == (0, 0, 0)


def test_permuting_scenarios_changes_no_value() -> None:
    scenarios = make_scenarios(8)
    ours, theirs = (choose_for_worst(each, Goal(), 0.3) for each in (scenarios, scenarios[::-1]))

    assert ours.value == pytest.approx(theirs.value, rel=2e-6)


def test_rounds_are_told() -> None:
    told: list[tuple[int, float]] = []
    choose_for_worst(make_scenarios(6), Goal(), 0.3, progress=lambda n, gap: told.append((n, gap)))

    assert [number for number, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][1] <= 1e-6


@pytest.mark.parametrize("tail_share", [0.0, -0.1, 1.01, np.nan])
def test_a_share_that_is_none_is_refused(tail_share: float) -> None:
    with pytest.raises(TailShareError, match="give a share above 0") as caught:
        choose_for_worst(make_scenarios(2), Goal(), tail_share)
    assert caught.value.tail_share is tail_share


def test_what_cannot_be_judged_is_refused() -> None:
    unsummed = Goal(Objective.LEAST_SAVINGS)
    with pytest.raises(UnsummedGoalError):
        choose_for_worst(make_scenarios(2), unsummed)
    with pytest.raises(UnsummedGoalError):
        choose_for_mean(make_scenarios(2), unsummed, choose_coefficients)
    with pytest.raises(UnequalScenariosError):
        choose_for_worst([], Goal())
    with pytest.raises(MissingPricesError):
        choose_for_worst([make_year(with_prices=False)], Goal(Objective.SAVINGS))
    with pytest.raises(InfeasibleBoundsError):
        choose_for_worst(make_scenarios(2), Goal(), upper=np.full(4, 100_000))


def test_where_savings_are_searched_the_mean_says_so() -> None:
    year = make_year()

    def choose(long: SharingYear) -> Choice:
        return replace(choose_coefficients(long), is_optimum=False)

    assert choose_for_mean([year], Goal(), choose_coefficients).is_concave
    assert not choose_for_mean([year], Goal(), choose).is_concave


def test_a_gap_that_stays_open_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worst_tail, "_MOST_ROUNDS", 1)
    monkeypatch.setattr(worst_tail, "_FIRST_POINTS", 2)

    with pytest.raises(UnprovenError, match="after 1 rounds") as caught:
        choose_for_worst(make_scenarios(6), Goal(), 0.3)
    assert caught.value.gap is not None
    assert caught.value.gap > 1e-6


def test_a_solver_that_stops_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = pulp.HiGHS(msg=False, timeLimit=0.0, presolve="off")
    monkeypatch.setattr(pulp, "HiGHS", lambda **_: solver)

    with pytest.raises(UnprovenError, match="HiGHS ended with"):
        choose_for_worst(make_scenarios(6), Goal(), 0.3)
