"""One candidate's figures against the optima and settlements they stand for."""

from dataclasses import replace

import numpy as np
import pytest

from planner.billing.simulator import simulate_year
from planner.coefficients.choose import choose_coefficients
from planner.goal import Goal, Objective
from planner.reserve.payment import PaymentModel
from planner.reserve.reasons import ReasonCode
from planner.reserve.suitability import Suitability, assess_candidate
from planner.sharing_year import SharingYear
from tests.support.sharing_years import make_year

HOURS, MONTHS = np.arange(72) % 24, np.arange(72) // 24


def assess(year: SharingYear, payment: PaymentModel | None = None, **goal: object) -> Suitability:
    return assess_candidate(
        year,
        goal=Goal(**goal),  # type: ignore[arg-type]
        payment=payment or PaymentModel(),
        plant_kw=6.0,
        months=MONTHS,
        hours=HOURS,
    )


def codes(found: Suitability) -> list[ReasonCode]:
    return [reason.code for reason in found.reasons]


def test_marginal_figures_are_optima_with_and_without() -> None:
    year = make_year(4)
    found = assess(year)
    without = year.pick(np.arange(3))
    with_it = choose_coefficients(year)

    assert found.marginal_kwh == pytest.approx(
        with_it.upper_bound - choose_coefficients(without).upper_bound
    )
    savings = [choose_coefficients(y, Goal(Objective.SAVINGS)).upper_bound for y in (year, without)]
    assert found.marginal_eur == pytest.approx(savings[0] - savings[1])
    assert found.millionths == with_it.millionths[-1]
    assert found.recommended


def test_own_figures_are_those_of_the_settled_year() -> None:
    year = make_year(4)
    found = assess(year, PaymentModel(upfront_eur_per_kw=10.0, annual_fee_eur=1.0))
    beta = choose_coefficients(year).millionths / 1e6
    settled = simulate_year(
        beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
    )

    assert found.self_consumed_kwh == pytest.approx(settled.self_consumed_kwh[-1].sum())
    assert found.economics is not None
    assert found.economics.saving_eur == pytest.approx(settled.savings_eur[-1].sum())
    assert found.economics.upfront_eur == pytest.approx(60 * beta[-1])


def test_the_hours_filled_sum_to_what_the_community_gains() -> None:
    year = make_year(4)
    found = assess(year)
    beta = choose_coefficients(year.pick(np.arange(3))).millionths / 1e6
    spilled = year.generation_kwh - np.minimum(
        beta[:, np.newaxis] * year.generation_kwh, year.consumption_kwh[:3]
    ).sum(axis=0)

    assert found.filled.used_kwh.sum() == pytest.approx(found.marginal_kwh, abs=1e-4)
    assert found.filled.former_surplus_kwh[1, 5] == pytest.approx(spilled[24 + 5])
    assert found.filled.share_by_hour.shape == (24,)
    assert found.filled.share_by_hour[23] == 0.0
    assert found.filled.share_by_month[3:].tolist() == [0.0] * 9


def test_the_reasons_name_hour_month_and_payback() -> None:
    found = assess(make_year(4), PaymentModel(upfront_eur=10.0))
    by_hour = found.filled.used_kwh.sum(axis=0)
    fills = found.reasons[2]

    assert codes(found) == [
        ReasonCode.ADDS_ENERGY,
        ReasonCode.ADDS_SAVINGS,
        ReasonCode.FILLS_HOURS,
        ReasonCode.FILLS_MONTH,
        ReasonCode.SAVES_A_YEAR,
        ReasonCode.PAYS_BACK,
        ReasonCode.NET_OF_HORIZON,
    ]
    assert fills.figures["from_hour"] == f"{int(by_hour.argmax()):02d}:00"
    assert fills.figures["kwh"] == by_hour.max()


def test_who_never_consumes_brings_nothing() -> None:
    year = make_year(4)
    consumption = year.consumption_kwh.copy()
    consumption[-1] = 0.0
    found = assess(replace(year, consumption_kwh=consumption))

    assert found.marginal_kwh == pytest.approx(0.0, abs=1e-9)
    assert not found.recommended
    assert codes(found)[0] is ReasonCode.ADDS_NO_ENERGY


def test_who_would_pay_more_than_it_saves_is_not_recommended() -> None:
    found = assess(make_year(4), PaymentModel(upfront_eur=1.0, annual_fee_eur=1000.0))

    assert not found.recommended
    assert codes(found)[-3:-1] == [ReasonCode.LOSES_A_YEAR, ReasonCode.NEVER_PAYS_BACK]


def test_without_an_entry_there_is_nothing_to_pay_back() -> None:
    assert ReasonCode.NOTHING_TO_PAY_BACK in codes(assess(make_year(4)))


def test_without_prices_money_is_unknown() -> None:
    found = assess(make_year(4, with_prices=False))

    assert found.marginal_eur is None
    assert found.economics is None
    assert codes(found)[-1] is ReasonCode.SAVINGS_UNKNOWN
    assert found.recommended


def test_for_savings_the_euros_decide() -> None:
    found = assess(make_year(4), objective=Objective.SAVINGS)
    assert found.recommended is (found.marginal_eur is not None and found.marginal_eur >= 0.01)


def test_a_year_in_which_energy_costs_less_than_nothing_loses_savings() -> None:
    year = make_year(4)
    assert year.prices is not None
    cheap = replace(year, prices=(-year.prices[0], -2 * year.prices[0]))
    found = assess(cheap)

    assert found.marginal_eur is not None
    assert codes(found)[1] is (
        ReasonCode.LOSES_SAVINGS if found.marginal_eur < 0 else ReasonCode.ADDS_SAVINGS
    )


def test_where_coefficients_serve_no_energy_no_hour_is_claimed() -> None:
    # Energy is free, so savings leave the coefficients to consumption, which is at night.
    steps = np.arange(72)
    night = np.where(HOURS < 20, 0.1, 100.0)
    year = replace(
        make_year(2),
        generation_kwh=np.where(HOURS < 20, 2.0, 0.0),
        consumption_kwh=np.stack([np.ones(72), night]),
        prices=(0.0 * steps, 0.0 * steps),
    )
    found = assess(year, objective=Objective.SAVINGS)

    assert found.marginal_kwh == pytest.approx(6.0)
    assert (found.filled.used_kwh <= 0).all()
    assert codes(found)[:2] == [ReasonCode.ADDS_ENERGY, ReasonCode.ADDS_SAVINGS]
    assert ReasonCode.FILLS_HOURS not in codes(found)
