import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from planner.allocation import bound_hourly
from planner.billing.simulator import Settlement, simulate_year
from planner.fairness.comparison import Comparison, Outcome, Tally, compare_with_rules
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year


def settle(year: SharingYear, beta: np.ndarray) -> Settlement:
    return simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )


def compare(year: SharingYear, beta: np.ndarray) -> Comparison:
    rules = {rule.value: settle(year, share) for rule, share in year.rules().items()}
    hourly = bound_hourly(year.generation_kwh, year.consumption_kwh)
    return compare_with_rules(settle(year, beta), rules, hourly)


def test_three_neighbours_by_head() -> None:
    year = SharingYear(
        generation_kwh=np.array([6.0, 0.0]),
        consumption_kwh=np.array([[1.0, 1.0], [4.0, 4.0], [0.0, 0.0]]),
        contracted_power_kw=np.ones(3),
        precedence=np.arange(3),
        month_starts=np.array([0]),
        prices=(np.array([0.2, 0.2]), np.array([0.1, 0.0])),
    )
    compared = compare(year, np.array([1 / 6, 5 / 6, 0.0]))
    equal = compared.changes[0]

    assert compared.proposal.members == (
        Outcome(1.0, pytest.approx(0.2), 0.5),
        Outcome(4.0, pytest.approx(0.9), 0.5),
        Outcome(0.0, 0.0, None),
    )
    assert compared.proposal.community == Outcome(5.0, pytest.approx(1.1), 0.5)
    assert compared.proposal.gini == pytest.approx((3 - 1) * 0.9 / (3 * 1.1))
    assert compared.proposal.jain == pytest.approx(1.21 / (3 * (0.04 + 0.81)))
    # By equal shares everybody is allocated 2 kWh: the first earns 0.1 with one of them.
    assert equal.rule == "equal"
    assert equal.members[0] == Outcome(0.0, pytest.approx(-0.1), 0.0)
    assert equal.members[1] == Outcome(2.0, pytest.approx(0.5), 0.25)
    assert equal.members[2] == Outcome(0.0, 0.0, None)
    assert equal.community == Outcome(2.0, pytest.approx(0.4), 0.2)
    assert equal.by_energy == Tally(winners=1, losers=0)
    assert equal.by_savings == Tally(winners=1, losers=1)
    assert compared.share_of_hourly_bound == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_changes_add_up_to_those_of_the_community(seed: int) -> None:
    year = make_year(seed=seed)
    year = replace(
        year,
        current_beta=np.array([0.4, 0.3, 0.2, 0.1]),
        investment_eur=np.array([100.0, 0.0, 50.0, 50.0]),
    )
    compared = compare(year, np.array([0.1, 0.2, 0.3, 0.4]))

    assert [change.rule for change in compared.changes] == [rule.value for rule in year.rules()]
    assert [rule.name for rule in compared.rules] == [rule.value for rule in year.rules()]
    for change in compared.changes:
        kwh = sum(each.self_consumed_kwh for each in change.members)
        eur = sum(each.savings_eur or 0.0 for each in change.members)
        assert change.community.self_consumed_kwh == pytest.approx(kwh)
        assert change.community.savings_eur == pytest.approx(eur)
        assert change.by_energy.winners + change.by_energy.losers <= 4


def test_a_rule_against_itself_makes_nobody_a_winner() -> None:
    year = make_year()
    equal = compare(year, np.full(4, 0.25)).changes[0]

    assert (equal.by_energy, equal.by_savings) == (Tally(0, 0), Tally(0, 0))
    assert equal.community == Outcome(0.0, 0.0, 0.0)


def test_changes_that_nobody_would_see_are_not_counted() -> None:
    consumed = np.array([[10.0], [10.0], [10.0], [10.0]])

    def use(kwh: list[float]) -> Settlement:
        used = np.array(kwh)[:, np.newaxis]
        cost = (10 - used) * 10
        return Settlement(consumed, used, used, 0 * used, 10 - used, 10 * consumed, cost, 0 * cost)

    changes = compare_with_rules(
        use([5.0004, 4.9996, 5.0006, 4.9994]), {"before": use([5.0] * 4)}, 20.0
    ).changes

    assert changes[0].by_energy == Tally(winners=1, losers=1)
    # Ten euros a kWh: each of these is less than half a cent.
    assert changes[0].by_savings == Tally(winners=1, losers=1)


def test_without_prices_only_energy_is_compared() -> None:
    year = make_year(with_prices=False)
    compared = compare(year, np.array([0.1, 0.2, 0.3, 0.4]))

    assert compared.proposal.community.savings_eur is None
    assert (compared.proposal.gini, compared.proposal.jain) == (None, None)
    assert compared.changes[0].by_savings is None
    assert compared.changes[0].members[0].savings_eur is None


def test_without_sun_there_is_no_bound_to_reach() -> None:
    year = replace(make_year(), generation_kwh=np.zeros(72))

    assert compare(year, np.full(4, 0.25)).share_of_hourly_bound is None


def test_a_comparison_is_plain_enough_for_json() -> None:
    told = json.loads(json.dumps(asdict(compare(make_year(), np.full(4, 0.25)))))

    assert told["changes"][2]["rule"] == "consumption"
    assert set(told["proposal"]["members"][0]) == {
        "self_consumed_kwh",
        "savings_eur",
        "self_sufficiency_share",
    }
