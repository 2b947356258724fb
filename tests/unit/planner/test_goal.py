"""What is counted: each objective against its definition, and goals that cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from models.values.errors import ErrorCode
from planner.billing.simulator import simulate_year
from planner.curves import is_concave
from planner.goal import (
    MAX_MIN,
    CarbonFactor,
    Goal,
    GoalError,
    MissingPricesError,
    Objective,
    Weights,
    YearCurves,
    build_value_curves,
    find_convex_steps,
    measure_value,
    sum_value,
)
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, random_shares, self_consumed

CARBON = CarbonFactor(0.12, "grid of 2024")
MIX = Goal(Objective.MIX, Weights(kwh=0.5, eur=2.0, kg=3.0), CARBON)


def saved(year: SharingYear, beta: np.ndarray) -> float:
    """Sum the capped savings month by month, straight from their definition."""
    assert year.prices is not None
    energy, surplus = year.prices
    allocated = beta[:, np.newaxis] * year.generation_kwh
    used = np.minimum(allocated, year.consumption_kwh)
    starts = year.month_starts
    gained = np.add.reduceat(used * energy + (allocated - used) * surplus, starts, axis=1)
    cap = np.add.reduceat(year.consumption_kwh * energy, starts, axis=1)
    return float(np.minimum(gained, cap).sum())


@pytest.mark.parametrize("seed", range(4))
def test_every_objective_counts_what_it_says(seed: int) -> None:
    year = make_year(seed=seed)
    beta = random_shares(4, seed)
    kwh, eur = self_consumed(year, beta), saved(year, beta)

    expected = {
        Goal(): kwh,
        Goal(Objective.SAVINGS): eur,
        Goal(Objective.CO2, carbon=CARBON): 0.12 * kwh,
        MIX: 0.5 * kwh + 2 * eur + 3 * 0.12 * kwh,
        Goal(Objective.MIX, Weights(eur=4.0)): 4 * eur,
        Goal(Objective.MIX, Weights(kg=0.25), CARBON): 0.03 * kwh,
    }
    for goal, value in expected.items():
        curves = build_value_curves(year, goal)
        from_curves = sum(
            curve.value_at(share) for curve, share in zip(curves, beta.tolist(), strict=True)
        )
        assert measure_value(year, goal, beta) == pytest.approx(value, rel=1e-12)
        assert from_curves == pytest.approx(value, rel=1e-9)


def test_curves_of_one_kind_are_built_once() -> None:
    curves = YearCurves(make_year())

    assert curves.serve(Goal()) == curves.energy
    assert curves.energy is curves.energy
    assert curves.serve(Goal(Objective.SAVINGS)) == curves.savings
    assert curves.savings is curves.savings


def test_a_mix_has_no_prices_to_count_euros_with() -> None:
    year = make_year(with_prices=False)
    settled = simulate_year(
        np.full(4, 0.25), year.generation_kwh, year.consumption_kwh, year.month_starts, None
    )

    with pytest.raises(MissingPricesError, match="add a prices file"):
        build_value_curves(year, MIX)
    with pytest.raises(MissingPricesError):
        sum_value(settled, MIX)
    assert sum_value(settled, Goal()) == pytest.approx(self_consumed(year, np.full(4, 0.25)))


@pytest.mark.parametrize("objective", sorted(MAX_MIN))
def test_an_objective_that_raises_the_worst_off_has_no_curves_to_add(objective: Objective) -> None:
    goal = Goal(objective)

    assert goal.weights == Weights()
    assert goal.kwh_weight == 0
    with pytest.raises(GoalError, match=f"{objective} is no sum"):
        build_value_curves(make_year(), goal)


@pytest.mark.parametrize(
    ("objective", "mix", "carbon", "says"),
    [
        (Objective.MIX, None, None, "needs its weights"),
        (Objective.MIX, Weights(), None, "at least one above 0"),
        (Objective.SAVINGS, Weights(kwh=1.0), None, "the objective savings takes no weights"),
        (Objective.MIX, Weights(kwh=float("nan")), None, "must be 0, or from 1e-09 to"),
        (Objective.MIX, Weights(kwh=1.0, eur=float("inf")), None, "must be 0, or from 1e-09 to"),
        (Objective.MIX, Weights(kwh=2.0, kg=-1.0), CARBON, "must be 0, or from 1e-09 to"),
        (Objective.MIX, Weights(kg=1.0), None, "CO2 needs a factor"),
        (Objective.CO2, None, None, "CO2 needs a factor"),
    ],
)
def test_goals_that_mean_nothing_are_refused(
    objective: Objective, mix: Weights | None, carbon: CarbonFactor | None, says: str
) -> None:
    with pytest.raises(GoalError, match=says) as caught:
        Goal(objective, mix, carbon)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize("factor", [0.0, -0.1, float("nan"), float("inf")])
def test_a_carbon_factor_that_is_no_number_above_0_is_refused(factor: float) -> None:
    with pytest.raises(GoalError, match="is not from 1e-09 to"):
        CarbonFactor(factor, "somebody")


def test_a_carbon_factor_of_nobody_is_refused() -> None:
    with pytest.raises(GoalError, match="name of the source"):
        CarbonFactor(0.1, " ")


def test_every_objective_has_a_unit() -> None:
    assert {objective: objective.unit for objective in Objective} == {
        Objective.SELF_CONSUMPTION: "kWh",
        Objective.SAVINGS: "EUR",
        Objective.CO2: "kg",
        Objective.MIX: "points",
        Objective.LEAST_SELF_SUFFICIENCY: "1",
        Objective.LEAST_SAVINGS: "EUR",
    }


def dear_surplus() -> SharingYear:
    """Surplus earns 0.05 more than energy costs in every fifth interval."""
    year = make_year()
    assert year.prices is not None
    surplus = year.prices[0] * 0.5
    surplus[::5] = year.prices[0][::5] + 0.05
    return replace(year, prices=(year.prices[0], surplus))


def test_intervals_in_which_spilling_pays_are_listed_where_euros_count() -> None:
    year = dear_surplus()
    lit = [step for step in range(0, 72, 5) if year.generation_kwh[step] > 0]

    for goal in (Goal(Objective.SAVINGS), Goal(Objective.LEAST_SAVINGS)):
        assert find_convex_steps(year, goal).tolist() == lit
    for goal in (Goal(), Goal(Objective.LEAST_SELF_SUFFICIENCY)):
        assert find_convex_steps(year, goal).tolist() == []
    assert find_convex_steps(replace(year, prices=None), Goal(Objective.SAVINGS)).tolist() == []


@pytest.mark.parametrize(("kwh", "concave"), [(0.0, False), (0.09, False), (0.11, True)])
def test_energy_that_counts_enough_makes_up_for_dear_surplus(kwh: float, concave: bool) -> None:
    year = dear_surplus()
    goal = Goal(Objective.MIX, Weights(kwh=kwh, eur=2.0))

    assert (find_convex_steps(year, goal).size == 0) is concave
    if concave:
        assert all(is_concave(curve) for curve in build_value_curves(year, goal))
