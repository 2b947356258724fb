"""Small years cut into classes, and the obvious linear program by class: slow, and an oracle."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pulp

from planner.classes.problem import ClassProblem, share_by_consumption, value_energy
from planner.classes.step_classes import StepClasses
from planner.goal import Goal
from planner.member_prices import list_rates
from planner.sharing_year import SharingYear
from tests.support.priced_years import make_member_prices
from tests.support.sharing_years import make_year


def make_sunny_year(n_members: int = 3, seed: int = 1, n_steps: int = 72) -> SharingYear:
    """Make a year of so much sun that monthly caps bind."""
    year = make_year(n_members=n_members, n_steps=n_steps, seed=seed)
    assert year.prices is not None
    rng = np.random.default_rng(seed)
    dear_surplus = year.prices[0] * rng.uniform(0.6, 0.95, n_steps)
    return replace(
        year, generation_kwh=3 * year.generation_kwh, prices=(year.prices[0], dear_surplus)
    )


def make_priced_sunny_year(n_members: int = 3, seed: int = 1, n_steps: int = 72) -> SharingYear:
    """Make such a year of members who pay differently, some under a ceiling of their own."""
    year = make_sunny_year(n_members, seed, n_steps)
    prices = make_member_prices(year, seed)
    return replace(year, prices=replace(prices, surplus=np.maximum(prices.surplus, 0.02)))


def make_classes(of_step: np.ndarray) -> StepClasses:
    return StepClasses(of_step.astype(np.intp), int(of_step.max()) + 1)


def hours_of_day(year: SharingYear, n_hours: int = 6) -> StepClasses:
    """Cut a year into classes that every month has."""
    return make_classes(np.arange(year.generation_kwh.size) % n_hours)


def hours_of_month(year: SharingYear, n_hours: int = 6) -> StepClasses:
    """Cut a year into classes that lie in one month each."""
    steps = np.arange(year.generation_kwh.size)
    month = np.searchsorted(year.month_starts, steps, side="right") - 1
    return make_classes(month * n_hours + steps % n_hours)


def make_class_problem(
    year: SharingYear, classes: StepClasses, goal: Goal, lower: int = 0, upper: int = 1_000_000
) -> ClassProblem:
    shape = year.n_members, classes.count
    return ClassProblem(
        year=year,
        classes=classes,
        worth=value_energy(year, goal),
        lower=np.full(shape, lower),
        upper=np.full(shape, upper),
        target=share_by_consumption(year, classes),
    )


def solve_class_lp(
    year: SharingYear,
    classes: StepClasses,
    goal: Goal,
    *,
    lower: float = 0.0,
    upper: float = 1.0,
    floors_kwh: np.ndarray | None = None,
) -> float:
    """Maximise the goal with one variable a member and interval; return its value."""
    program = pulp.LpProblem("by_class", pulp.LpMaximize)
    value: list[pulp.LpAffineExpression] = []
    beta = [
        [program.add_variable(f"beta_{i}_{k}", lower, upper) for k in range(classes.count)]
        for i in range(year.n_members)
    ]
    for k in range(classes.count):
        program.addConstraint(pulp.lpSum(row[k] for row in beta) == 1)
    for i in range(year.n_members):
        used = []
        for step, k in enumerate(classes.of_step.tolist()):
            energy = program.add_variable(
                f"used_{i}_{step}", 0, float(year.consumption_kwh[i, step])
            )
            program.addConstraint(energy <= float(year.generation_kwh[step]) * beta[i][k])
            used.append(energy)
        value.append(goal.kwh_weight * pulp.lpSum(used))
        if floors_kwh is not None:
            program.addConstraint(pulp.lpSum(used) >= float(floors_kwh[i]))
        if goal.weights.eur:
            value += add_savings(program, year, classes, goal, i, beta[i], used)
    program.setObjective(pulp.lpSum(value))
    program.solve(pulp.HiGHS(msg=False))
    assert program.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(program.objective))


def add_savings(
    program: pulp.LpProblem,
    year: SharingYear,
    classes: StepClasses,
    goal: Goal,
    i: int,
    beta: list[pulp.LpVariable],
    used: list[pulp.LpVariable],
) -> list[pulp.LpAffineExpression]:
    """Add a member's monthly savings: what it uses, and surplus up to the limit of the rest."""
    assert year.prices is not None
    rate = next(each for each in list_rates(year.prices, year.n_members) if i in each.members)
    savings = []
    borders = [*year.month_starts.tolist(), year.generation_kwh.size]
    for month, (start, end) in enumerate(pairwise(borders)):
        paid = program.add_variable(f"compensated_{i}_{month}", None, None)
        steps = range(start, end)
        spilled = {
            t: float(year.generation_kwh[t]) * beta[classes.of_step[t]] - used[t] for t in steps
        }
        drawn = {t: float(year.consumption_kwh[i, t]) - used[t] for t in steps}
        program.addConstraint(
            paid <= pulp.lpSum(float(rate.surplus[t]) * spilled[t] for t in steps)
        )
        program.addConstraint(paid <= pulp.lpSum(float(rate.ceiling[t]) * drawn[t] for t in steps))
        saved = paid + pulp.lpSum(float(rate.energy[t]) * used[t] for t in steps)
        savings.append(goal.weights.eur * saved)
    return savings
