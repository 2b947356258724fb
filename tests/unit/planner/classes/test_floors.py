from dataclasses import replace

import numpy as np
import pulp
import pytest

from planner.classes import chords
from planner.classes import floors as floors_module
from planner.classes.choose import choose_by_class
from planner.classes.chords import ClassChords
from planner.classes.coupled import CoupledSearch
from planner.classes.coupled_program import InfeasibleFloorsError
from planner.classes.floors import YearlyFloors, use_energy
from planner.classes.step_classes import StepClasses
from planner.coefficients.linear_program import UnprovenError
from planner.coefficients.rules import round_by_largest_remainder, share_equally
from planner.goal import Goal, Objective
from planner.sharing_year import SharingYear
from tests.support.class_years import (
    hours_of_day,
    make_class_problem,
    make_classes,
    make_sunny_year,
    solve_class_lp,
)
from tests.support.sharing_years import make_year

ENERGY, SAVINGS = Goal(), Goal(Objective.SAVINGS)
NONE, ALL = np.zeros(3, dtype=np.int64), np.full(3, 1_000_000)


def skew(year: SharingYear) -> np.ndarray:
    """Favour the member that consumes least, so that floors bind."""
    least = np.argsort(year.consumption_kwh.sum(axis=1))
    reference = np.full(3, 100_000)
    reference[least[0]] = 800_000
    return reference


def used_by(year: SharingYear, classes: StepClasses, millionths: np.ndarray) -> np.ndarray:
    beta = (millionths / 1e6)[:, classes.of_step]
    return np.minimum(beta * year.generation_kwh, year.consumption_kwh).sum(axis=1)


@pytest.mark.parametrize("goal", [ENERGY, SAVINGS])
@pytest.mark.parametrize("share", [0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_floors_cost_what_the_full_program_says(seed: int, share: float, goal: Goal) -> None:
    year = make_sunny_year(seed=seed) if goal is SAVINGS else make_year(n_members=3, seed=seed)
    classes = hours_of_day(year)
    reference = skew(year)
    floors_kwh = share * used_by(year, classes, np.repeat(reference[:, np.newaxis], 6, axis=1))
    choice = choose_by_class(year, classes, goal, NONE, ALL, YearlyFloors(share, reference))
    optimum = solve_class_lp(year, classes, goal, floors_kwh=floors_kwh)

    assert (used_by(year, classes, choice.millionths) >= floors_kwh * (1 - 1e-12)).all()
    assert choice.upper_bound == pytest.approx(optimum, rel=1e-6)
    assert choice.upper_bound >= optimum * (1 - 1e-9)
    assert choice.value == pytest.approx(optimum, rel=2e-5)
    assert choice.solver == "HiGHS"
    free = choose_by_class(year, classes, goal, NONE, ALL)
    # In money the floors bind at one only.
    assert choice.upper_bound < free.upper_bound * (1 - (1e-4 if goal is ENERGY else -1e-9))


def test_floors_that_the_best_keeps_anyway_cost_nothing() -> None:
    year = make_year(n_members=3)
    classes = hours_of_day(year)
    equal = round_by_largest_remainder(share_equally(3), year.precedence)
    free = choose_by_class(year, classes, ENERGY, NONE, ALL)
    kept = choose_by_class(year, classes, ENERGY, NONE, ALL, YearlyFloors(0.3, equal))

    assert kept.millionths.tolist() == free.millionths.tolist()


def test_hour_by_hour_floors_cost_next_to_nothing() -> None:
    year = make_year(n_members=3)
    classes = make_classes(np.arange(72))
    floors = YearlyFloors(1.0, skew(year))
    free = choose_by_class(year, classes, ENERGY, NONE, ALL)
    kept = choose_by_class(year, classes, ENERGY, NONE, ALL, floors)

    assert kept.gap <= 1e-6
    assert kept.value == pytest.approx(free.value, rel=1e-6)
    reference = np.repeat(floors.reference[:, np.newaxis], 72, axis=1)
    problem = make_class_problem(year, classes, ENERGY)
    short = use_energy(problem, reference) - use_energy(problem, kept.millionths)
    assert short.max() <= 1e-9
    assert (use_energy(problem, free.millionths) < use_energy(problem, reference)).any()


def test_floors_outside_the_bounds_are_refused() -> None:
    year = make_year(n_members=3)
    upper = np.full(3, 400_000)
    floors = YearlyFloors(1.0, skew(year))

    with pytest.raises(InfeasibleFloorsError, match="floors of 3 members") as caught:
        choose_by_class(year, hours_of_day(year, 1), ENERGY, NONE, upper, floors)
    assert caught.value.floors_kwh.shape == (3,)


def test_floors_that_no_class_could_keep_alone_are_kept_over_the_year() -> None:
    # The reference breaks the upper bound, but other hours make up for it.
    year = make_year(n_members=3)
    classes = hours_of_day(year)
    upper = np.full(3, 790_000)
    floors = YearlyFloors(0.995, skew(year))
    choice = choose_by_class(year, classes, ENERGY, NONE, upper, floors)
    reference = np.repeat(floors.reference[:, np.newaxis], 6, axis=1)
    floors_kwh = 0.995 * used_by(year, classes, reference)

    assert choice.millionths.max() <= 790_000
    assert (used_by(year, classes, choice.millionths) >= floors_kwh * (1 - 1e-12)).all()
    optimum = solve_class_lp(year, classes, ENERGY, upper=0.79, floors_kwh=floors_kwh)
    assert choice.upper_bound == pytest.approx(optimum, rel=1e-6)


def test_floors_in_energy_need_no_prices() -> None:
    priced = make_year(n_members=3, seed=2)
    classes, floors = hours_of_day(priced), YearlyFloors(1.0, skew(priced))
    without = choose_by_class(replace(priced, prices=None), classes, ENERGY, NONE, ALL, floors)

    assert without.solver == "HiGHS"
    priced_choice = choose_by_class(priced, classes, ENERGY, NONE, ALL, floors)
    assert without.millionths.tolist() == priced_choice.millionths.tolist()


def test_where_rounding_falls_short_every_class_keeps_its_own_floor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    year = make_year(n_members=3, seed=1)
    classes, floors = hours_of_day(year), YearlyFloors(1.0, skew(year))
    best = choose_by_class(year, classes, ENERGY, NONE, ALL, floors)
    monkeypatch.setattr(floors_module, "_MOST_AIMS", 1)
    hasty = choose_by_class(year, classes, ENERGY, NONE, ALL, floors)

    assert hasty.value < best.value
    reference = np.repeat(floors.reference[:, np.newaxis], 6, axis=1)
    kept, needed = (used_by(year, classes, each) for each in (hasty.millionths, reference))
    assert (kept >= needed * (1 - 1e-12)).all()


def test_a_solver_that_gives_up_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = pulp.HiGHS(msg=False, timeLimit=0.0, presolve="off")
    monkeypatch.setattr(pulp, "HiGHS", lambda **_: solver)
    year = make_year(n_members=3)
    floors = YearlyFloors(1.0, skew(year))

    with pytest.raises(UnprovenError, match="HiGHS ended with"):
        choose_by_class(year, hours_of_day(year), ENERGY, NONE, ALL, floors)


def know_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every curve with a single chord."""
    monkeypatch.setattr(chords, "_TAKEN_WHOLE", 0)
    monkeypatch.setattr(chords, "_FIRST_POINTS", 2)
    monkeypatch.setattr(ClassChords, "learn", lambda *_: 0)


def test_chords_that_lie_too_low_do_not_refuse_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    year = make_year(n_members=3)
    classes, floors = hours_of_day(year), YearlyFloors(0.995, skew(year))
    upper = np.full(3, 790_000)
    informed = choose_by_class(year, classes, ENERGY, NONE, upper, floors)
    know_little(monkeypatch)
    ignorant = choose_by_class(year, classes, ENERGY, NONE, upper, floors)

    assert ignorant.upper_bound == pytest.approx(informed.upper_bound, rel=1e-6)


def test_a_reference_that_is_allowed_is_known_to_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CoupledSearch, "learn_everything", lambda _: pytest.fail("lost it"))
    year = make_year(n_members=3, n_steps=720)
    floors = YearlyFloors(1.0, skew(year))
    choice = choose_by_class(year, hours_of_day(year, 2), ENERGY, NONE, ALL, floors)

    assert choice.gap <= 1e-5


def test_learning_everything_is_told_once() -> None:
    year = make_year(n_members=3, n_steps=360)
    problem = make_class_problem(year, hours_of_day(year, 2), ENERGY)
    search = CoupledSearch(problem, ENERGY, np.ones(3), np.full((3, 2), 333_333))

    assert search.learn_everything()
    assert not search.learn_everything()
