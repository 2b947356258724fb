from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.coefficients.choose import choose_coefficients
from planner.coefficients.feasibility import enclose_limits
from planner.coefficients.limits import Blocks, CoefficientRange, Floor, Group, Limit
from planner.coefficients.region import enclose_region
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.fairness.indices import measure_gini, measure_jain
from planner.fairness.price_of_fairness import (
    MissingReferenceError,
    TooFewPointsError,
    trace_price_of_fairness,
)
from planner.goal import (
    Goal,
    GoalError,
    MissingPricesError,
    Objective,
    YearCurves,
    measure_value,
)
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, years

SAVINGS = Goal(Objective.SAVINGS)


@pytest.mark.parametrize("reference", [Rule.CONSUMPTION, Rule.EQUAL])
@pytest.mark.parametrize("goal", [Goal(), SAVINGS], ids=["kwh", "eur"])
@pytest.mark.parametrize("seed", range(4))
def test_every_point_is_the_choice_under_that_floor(seed: int, goal: Goal, reference: Rule) -> None:
    year = make_year(seed=seed)
    curve = trace_price_of_fairness(YearCurves(year), goal, reference, n_points=6)

    assert [point.floor for point in curve.points] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert curve.infeasible_floors == ()
    for point in curve.points:
        choice = choose_coefficients(year, goal, [Floor(point.floor, reference)])
        assert point.millionths.tolist() == choice.millionths.tolist()
        assert point.value == choice.value
        assert point.upper_bound == pytest.approx(choice.upper_bound, rel=1e-12)
        assert point.gap == pytest.approx(choice.gap, abs=1e-12)
        assert point.price == pytest.approx(choice.price, rel=1e-12)


@settings(max_examples=40)
@given(years(), st.integers(2, 8))
def test_a_higher_floor_never_raises_the_value(year: SharingYear, n_points: int) -> None:
    curve = trace_price_of_fairness(YearCurves(year), n_points=n_points)
    values = [point.value for point in curve.points]

    assert len(values) == n_points
    assert (np.diff(values) <= 1e-9).all()
    assert (np.diff([point.price for point in curve.points]) >= -1e-9).all()
    assert values[-1] >= curve.reference_value - 1e-9
    for point in curve.points:
        assert point.value <= point.upper_bound
        assert point.millionths.sum() == 1_000_000
        assert point.least_ratio >= point.floor - 1e-9


def test_gain_and_evenness_are_told_at_each_point() -> None:
    year = make_year(seed=3)
    curve = trace_price_of_fairness(YearCurves(year), n_points=11)
    reference = round_by_largest_remainder(year.share_by(Rule.CONSUMPTION), year.precedence) / 1e6
    best = curve.points[0].value

    assert curve.reference is Rule.CONSUMPTION
    assert curve.reference_value == measure_value(year, Goal(), reference)
    assert curve.points[0].gain_kept == 1.0
    for point in curve.points:
        gain = (point.value - curve.reference_value) / (best - curve.reference_value)
        saved = [measure_saving(year, point.millionths / 1e6, member) for member in range(4)]
        kept = [
            use(year, point.millionths / 1e6, member) / use(year, reference, member)
            for member in range(4)
        ]
        assert point.gain_kept == pytest.approx(gain)
        assert point.gini == pytest.approx(measure_gini(np.array(saved)))
        assert point.jain == pytest.approx(measure_jain(np.array(saved)))
        assert point.least_ratio == pytest.approx(min(kept))


def use(year: SharingYear, beta: np.ndarray, member: int) -> float:
    used = np.minimum(beta[member] * year.generation_kwh, year.consumption_kwh[member])
    return float(used.sum())


def measure_saving(year: SharingYear, beta: np.ndarray, member: int) -> float:
    one = year.pick(np.array([member]))
    return measure_value(one, SAVINGS, beta[[member]])


def test_further_limits_hold_and_leave_some_floors_infeasible() -> None:
    year = make_year(seed=2)
    shares = year.share_by(Rule.CONSUMPTION)
    most = int(shares.max() * 1e6 * 0.9)
    upper = np.full(4, most)
    free = enclose_region(4, ())
    curve = trace_price_of_fairness(
        YearCurves(year), n_points=21, region=replace(free, upper=upper)
    )

    assert len(curve.points) + len(curve.infeasible_floors) == 21
    assert 0 < len(curve.infeasible_floors) < 21
    assert curve.infeasible_floors[0] > curve.points[-1].floor
    assert all((point.millionths <= upper).all() for point in curve.points)
    limits = [Floor(curve.points[4].floor), CoefficientRange(greatest=most)]
    choice = choose_coefficients(year, limits=limits)
    assert curve.points[4].millionths.tolist() == choice.millionths.tolist()
    low = replace(free, lower=np.full(4, 240_000))
    least = trace_price_of_fairness(YearCurves(year), region=low)
    assert all(point.millionths.min() >= 240_000 for point in least.points)
    empty = replace(free, lower=np.full(4, 300_000))
    none = trace_price_of_fairness(YearCurves(year), region=empty, n_points=3)
    assert (none.points, none.infeasible_floors) == ((), (0.0, 0.5, 1.0))


def test_without_sun_there_is_nothing_to_gain_or_lose() -> None:
    year = replace(make_year(), generation_kwh=np.zeros(72))
    curve = trace_price_of_fairness(YearCurves(year), n_points=3)

    for point in curve.points:
        assert (point.value, point.upper_bound, point.gap) == (0.0, 0.0, 0.0)
        assert (point.gain_kept, point.least_ratio, point.gini, point.jain) == (1.0, 1.0, 0.0, 1.0)


def test_without_prices_evenness_of_savings_is_unknown() -> None:
    curves = YearCurves(make_year(with_prices=False))

    assert trace_price_of_fairness(curves, n_points=2).points[0].gini is None
    assert trace_price_of_fairness(curves, n_points=2).points[0].jain is None
    with pytest.raises(MissingPricesError):
        trace_price_of_fairness(curves, SAVINGS)


@pytest.mark.parametrize("surplus", [0.15, 0.3])
def test_where_savings_are_not_concave_the_reference_is_never_better(surplus: float) -> None:
    year = replace(make_year(seed=5), prices=(np.full(72, 0.1), np.full(72, surplus)))
    curve = trace_price_of_fairness(YearCurves(year), SAVINGS, n_points=5)

    for point in curve.points:
        assert curve.reference_value - 1e-9 <= point.value <= point.upper_bound
        assert point.millionths.sum() == 1_000_000


def test_a_curve_has_two_ends_a_reference_and_a_sum() -> None:
    curves = YearCurves(make_year())

    with pytest.raises(TooFewPointsError, match="at least 2"):
        trace_price_of_fairness(curves, n_points=1)
    with pytest.raises(MissingReferenceError, match="current"):
        trace_price_of_fairness(curves, reference=Rule.CURRENT)
    with pytest.raises(GoalError):
        trace_price_of_fairness(curves, Goal(Objective.LEAST_SAVINGS))


@pytest.mark.parametrize(
    "limits",
    [
        [Group("a", (0, 1), greatest=300_000)],
        [Group("a", (0, 1), greatest=400_000), Group("b", (1, 2), least=450_000)],
        [Blocks(16)],
    ],
    ids=["disjoint", "overlapping", "blocks"],
)
def test_every_point_keeps_the_limits_that_tie_members_together(limits: list[Limit]) -> None:
    year = make_year(seed=2)
    curves = YearCurves(year)
    curve = trace_price_of_fairness(curves, n_points=5, region=enclose_limits(curves, limits))

    assert len(curve.points) + len(curve.infeasible_floors) == 5
    assert len(curve.points) > 2
    for point in curve.points:
        choice = choose_coefficients(year, limits=[*limits, Floor(point.floor)])
        assert point.value == pytest.approx(choice.value, rel=1e-9)
        assert point.upper_bound == pytest.approx(choice.upper_bound, rel=1e-9)
