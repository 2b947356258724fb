"""Contracts of simulated bills: the default, those that follow prices, those that do not fit."""

from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import Engine

from api.services.bills.contract_document import ContractsDocument
from api.services.bills.contract_terms import UnfitContractError
from api.services.bills.remarks import Remark
from api.services.bills.simulated_bills import SimulatedBills
from models.repositories.prices import MissingPricesError
from models.tables import PriceKind
from models.values.calendar import Step, year_steps
from models.values.tariff import ExcessivePowerError, Tariff
from tests.support.agreements import MADRID, shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import (
    HOME,
    ask,
    change_point,
    contracts_of,
    homes,
    lines_of,
    simulate,
    store_prices,
)
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

NO_CONTRACT = ContractsDocument()


@on_sqlite
def test_the_regulated_price_is_the_default_where_its_prices_are_stored(
    engine: Engine, homes: StoredCommunity
):
    prices = np.linspace(0.05, 0.25, 8760).round(5)
    store_prices(engine, homes, PriceKind.ENERGY, prices)
    store_prices(engine, homes, PriceKind.SURPLUS, np.full(8760, 0.04))

    first = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]

    march = slice(1416, 1416 + 743)
    lines = dict.fromkeys((kind, days) for kind, days, _ in lines_of(first))
    assert first.contract == "default: regulated price (PVPC)"
    assert Remark.DEFAULT_CONTRACT in first.remarks
    assert ("power-tolls", 2) in lines
    assert ("power", 2) not in lines  # the margin of 3.113 EUR/kW is on P1 alone
    energy = sum(
        line.amount_eur for line in first.list_lines(0, sharing=False) if "energy" in line.kind
    )
    assert abs(energy - Decimal(prices[march].sum() / 2)) <= Decimal("0.01")
    earned = [line.amount_eur for line in first.list_lines(0) if "surplus" in line.kind]
    assert earned == [Decimal("-1.68"), Decimal("-0.80")]  # 42 and 20 kWh x 0.04


@on_sqlite
def test_without_a_price_of_surplus_the_default_gives_it_away(
    engine: Engine, homes: StoredCommunity
):
    store_prices(engine, homes, PriceKind.ENERGY, np.full(8760, 0.15))

    first = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]

    assert first.contract == "default: regulated price (PVPC)"
    assert not [line for line in first.list_lines(0) if "surplus" in line.kind]


@on_sqlite
@pytest.mark.parametrize("power_w", [4_600, 10_001])
def test_fixed_prices_are_the_default_elsewhere(
    engine: Engine, homes: StoredCommunity, power_w: int
):
    if power_w > 10_000:
        store_prices(engine, homes, PriceKind.ENERGY, np.full(8760, 0.15))
        change_point(engine, homes, 0, contracted_power_w=power_w)

    first = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]

    assert first.contract == "default: fixed price, assumed"
    prices = {line.unit_price for line in first.list_lines(0) if line.kind == "energy"}
    assert prices == {Decimal("0.15")}


@on_sqlite
def test_the_market_is_raised_by_losses_and_tolls_are_beside_it(
    engine: Engine, homes: StoredCommunity
):
    quarters = year_steps(2026, MADRID, Step.QUARTER_HOUR).size
    by_quarter = np.tile([0.02, 0.04, 0.06, 0.08], quarters // 4)
    store_prices(engine, homes, PriceKind.DAY_AHEAD, by_quarter, step=Step.QUARTER_HOUR)
    market = HOME | {
        "name": "market",
        "energy": {"follows": "day-ahead", "margin_eur_per_kwh": ["0.01"]},
        "surplus": {"follows": "day-ahead", "margin_eur_per_kwh": "-0.01"},
    }

    first = simulate(engine, homes, ask(contracts=contracts_of(market)))[0]

    # 60, 60 and 132 kWh until the 21st: 0.05 x (1.167 x 60 + 1.163 x 60 + 1.18 x 132) + 252 x 0.01
    # = 17.298; from the 22nd 28, 28 and 63.5 kWh: 0.05 x (...) + 1.195 = 8.2037.
    without = lines_of(first, sharing=False)
    assert [amount for kind, _, amount in without if kind == "indexed-energy"] == ["17.30", "8.20"]
    # Tolls of P1: 60 x 0.097553 = 5.853, 28 x 0.097553 = 2.731.
    tolls = [amount for kind, period, amount in without if (kind, period) == ("energy-tolls", 1)]
    assert tolls == ["5.85", "2.73"]
    # Surplus: 42 and 20 kWh x 0.04, without losses.
    shared_lines = lines_of(first)
    assert [each for kind, _, each in shared_lines if "surplus" in kind] == ["-1.68", "-0.80"]


@on_sqlite
def test_prices_that_are_not_stored_fail_only_those_who_follow_them(
    engine: Engine, homes: StoredCommunity
):
    market = HOME | {
        "name": "market",
        "energy": {"follows": "day-ahead"},
        "cups": [homes.points[0].cups],
    }

    first, second, _ = simulate(engine, homes, ask(contracts=contracts_of(market, HOME)))

    assert isinstance(first, MissingPricesError)
    assert (first.kind, first.year, first.months) == (PriceKind.DAY_AHEAD, 2026, (3,))
    assert second.contract == "home"


@on_sqlite
def test_a_contract_that_does_not_fit_is_refused_for_its_supply_point(
    engine: Engine, homes: StoredCommunity
):
    six = HOME | {"energy": {"eur_per_kwh": ["0.1"] * 6}}
    change_point(engine, homes, 1, contracted_power_w=10_001)
    regulated = HOME | {"name": "pvpc", "power": {"follows": "regulated"}}

    wrong = simulate(engine, homes, ask(contracts=contracts_of(six)))[0]
    fits, large, _ = simulate(engine, homes, ask(contracts=contracts_of(regulated)))

    assert isinstance(wrong, UnfitContractError)
    assert "6 figures of energy; 2.0TD has 3 periods" in str(wrong)
    assert isinstance(fits, SimulatedBills)
    assert isinstance(large, UnfitContractError)
    assert "at most 10 kW, not 10.001 kW" in str(large)


@on_sqlite
def test_more_power_than_the_tariff_is_for_is_refused(engine: Engine, homes: StoredCommunity):
    change_point(engine, homes, 1, contracted_power_w=15_001)

    first, large, _ = simulate(engine, homes, ask(contracts=contracts_of(HOME)))

    assert isinstance(first, SimulatedBills)
    assert isinstance(large, ExcessivePowerError)
    assert large.contracted_kw == Decimal("15.001")


@on_sqlite
def test_a_bill_beyond_all_numbers_does_not_keep_the_others_from_theirs(
    engine: Engine, homes: StoredCommunity
):
    dear = HOME | {
        "name": "dear",
        "cups": [homes.points[0].cups],
        "power": {"eur_per_kw": ["9999"], "per": "day"},
        "energy": {"eur_per_kwh": ["0.20"]},
    }
    change_point(
        engine,
        homes,
        0,
        tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW,
        contracted_power_w=2**31 - 1,
    )

    first, second, _ = simulate(engine, homes, ask(contracts=contracts_of(dear, HOME)))

    assert not isinstance(first, SimulatedBills)
    assert second.without_cents.tolist() == [7658]


@on_sqlite
def test_services_and_the_social_bonus_are_billed(engine: Engine, homes: StoredCommunity):
    whole = HOME | {
        "services": {"eur": "3"},
        "fixed_discount": {"eur": "0.10", "per": "day"},
        "meter": {"eur": "1", "per": "month"},
        "social_bonus": {"vulnerability": "severe", "kwh_per_year": "1380"},
    }

    first = simulate(engine, homes, ask(contracts=contracts_of(whole)))[0]

    kinds = [kind for kind, _, _ in lines_of(first)]
    assert {"social-bonus-discount", "services", "services-tax", "fixed-discount"} <= set(kinds)
    names = {figure.name for figure in first.figures}
    assert {"VAT on services", "discount of the social bonus"} <= names
    assert "rent of the meter" not in names
