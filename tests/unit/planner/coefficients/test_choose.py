import numpy as np
import pytest

from planner.coefficients.choose import Method, choose_coefficients
from planner.coefficients.limits import CoefficientRange, Floor
from planner.coefficients.rules import Rule, round_by_largest_remainder
from planner.goal import Goal, MissingPricesError, Objective
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year, random_shares, self_consumed


def saved(year: SharingYear, beta: np.ndarray) -> float:
    """Sum the capped savings month by month, straight from their definition."""
    assert year.prices is not None
    energy, surplus = year.prices
    allocated = beta[:, np.newaxis] * year.generation_kwh
    used = np.minimum(allocated, year.consumption_kwh)
    gained = np.add.reduceat(
        used * energy + (allocated - used) * surplus, year.month_starts, axis=1
    )
    cap = np.add.reduceat(year.consumption_kwh * energy, year.month_starts, axis=1)
    return float(np.minimum(gained, cap).sum())


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("seed", range(4))
def test_the_value_is_that_of_the_data_and_close_to_the_bound(method: Method, seed: int) -> None:
    year = make_year(n_members=5, n_steps=240, seed=seed)
    choice = choose_coefficients(year, method=method)

    assert choice.millionths.sum() == 1_000_000
    assert choice.value == pytest.approx(self_consumed(year, choice.millionths / 1e6), rel=1e-12)
    assert 0 <= choice.gap <= 1e-5
    assert choice.convex_steps.size == 0


@pytest.mark.parametrize("seed", range(4))
def test_no_other_coefficients_save_more(seed: int) -> None:
    year = make_year(n_members=5, n_steps=240, seed=seed)
    choice = choose_coefficients(year, Goal(Objective.SAVINGS))

    assert choice.value == pytest.approx(saved(year, choice.millionths / 1e6), rel=1e-12)
    assert choice.gap <= 1e-5
    assert choice.convex_steps.size == 0
    for other in range(200):
        assert saved(year, random_shares(5, other)) <= choice.upper_bound


def test_savings_and_self_consumption_want_different_coefficients() -> None:
    year = make_year(n_members=5, n_steps=240)
    energy = choose_coefficients(year).millionths / 1e6
    money = choose_coefficients(year, Goal(Objective.SAVINGS)).millionths / 1e6

    assert self_consumed(year, energy) > self_consumed(year, money)
    assert saved(year, money) > saved(year, energy)


def test_where_surplus_earns_more_than_energy_costs_the_bound_still_holds() -> None:
    year = make_year(n_members=4, n_steps=240)
    assert year.prices is not None
    surplus = year.prices[1].copy()
    surplus[::5] = year.prices[0][::5] + 0.05
    odd = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        prices=(year.prices[0], surplus),
    )
    choice = choose_coefficients(odd, Goal(Objective.SAVINGS))
    lit = np.flatnonzero(year.generation_kwh > 0)

    assert choice.convex_steps.tolist() == [step for step in lit if step % 5 == 0]
    assert choice.value <= choice.upper_bound
    assert choice.value == pytest.approx(saved(odd, choice.millionths / 1e6), rel=1e-12)
    for other in range(200):
        assert saved(odd, random_shares(4, other)) <= choice.upper_bound


@pytest.mark.parametrize("rule", [Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION])
@pytest.mark.parametrize("objective", [Objective.SELF_CONSUMPTION, Objective.SAVINGS])
def test_a_floor_keeps_every_member_its_energy(rule: Rule, objective: Objective) -> None:
    year = make_year(n_members=5, n_steps=240)
    choice = choose_coefficients(year, Goal(objective), [Floor(0.9, rule)])
    reference = round_by_largest_remainder(year.share_by(rule), year.precedence) / 1e6

    def energy(beta: np.ndarray) -> np.ndarray:
        allocated = beta[:, np.newaxis] * year.generation_kwh
        return np.minimum(allocated, year.consumption_kwh).sum(axis=1)

    assert (energy(choice.millionths / 1e6) >= 0.9 * energy(reference) - 1e-9).all()
    assert choice.value < choose_coefficients(year, Goal(objective)).value


def test_a_floor_of_one_is_feasible_and_gives_the_reference_where_nobody_is_saturated() -> None:
    year = make_year(n_members=5, n_steps=240)
    choice = choose_coefficients(year, limits=[Floor(1.0, Rule.EQUAL)])

    assert choice.millionths.sum() == 1_000_000
    assert choice.value >= self_consumed(year, np.full(5, 0.2)) - 1e-6


def test_bounds_hold_with_a_floor() -> None:
    limits = [Floor(0.5), CoefficientRange(100_000, 300_000)]
    choice = choose_coefficients(make_year(n_members=5, n_steps=240), limits=limits)

    assert choice.millionths.min() >= 100_000
    assert choice.millionths.max() <= 300_000


def test_savings_without_prices_are_refused() -> None:
    with pytest.raises(MissingPricesError, match="add a prices file"):
        choose_coefficients(make_year(with_prices=False), Goal(Objective.SAVINGS))


def test_the_current_agreement_is_a_rule_where_it_is_known() -> None:
    year = make_year()
    known = SharingYear(
        generation_kwh=year.generation_kwh,
        consumption_kwh=year.consumption_kwh,
        contracted_power_kw=year.contracted_power_kw,
        precedence=year.precedence,
        month_starts=year.month_starts,
        current_beta=np.array([0.1, 0.2, 0.3, 0.4]),
    )

    assert list(year.rules()) == [Rule.EQUAL, Rule.CONTRACTED_POWER, Rule.CONSUMPTION]
    assert known.share_by(Rule.CURRENT).tolist() == [0.1, 0.2, 0.3, 0.4]
