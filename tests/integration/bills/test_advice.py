"""Advice on power and contracts of stored supply points, beyond what the command shows."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from api.services.bills.advise_supply_power import advise_supply_power
from api.services.bills.compare_tariffs import compare_tariffs
from api.services.bills.contract_terms import UnfitContractError
from api.services.bills.find_billed_point import UnknownSupplyPointError
from api.services.bills.simulated_bills import SimulatedBills
from models.repositories.readings import MissingMonthsError
from models.session import read_session
from models.values.calendar import Step
from models.values.tariff import Tariff
from tests.support.agreements import shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import (
    HOME,
    ask,
    change_point,
    contracts_of,
    homes,
    simulate,
    store_homes,
)
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

pytestmark = on_sqlite

JANUARY = (date(2026, 1, 1), date(2026, 2, 1))


def test_with_a_maximeter_the_excess_is_weighed_against_the_power(
    engine: Engine, shared: StoredCommunity
) -> None:
    change_point(
        engine, shared, 0, tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, contracted_power_w=20_000
    )
    store_homes(engine, shared, step=Step.QUARTER_HOUR)
    with read_session(engine) as session:
        found = advise_supply_power(
            session,
            promoter_id=shared.community.promoter_id,
            point_id=shared.points[0].id,
            question=ask(days=JANUARY, contracts=contracts_of()),
            powers_kw=[Decimal("0.1"), Decimal("0.5"), Decimal(16)],
        )

    # 0.5 kW at all hours of the periods of January, P1, P2 and P6; 16 kW in P6 keep the tariff.
    # A kW costs 20.38 EUR a year in P1; above the contract 0.171373 x 365 = 62.55 EUR.
    assert found.has_quarter_hours
    assert found.maxima_kw == tuple(map(Decimal, ("0.5", "0.5", "0", "0", "0", "0.5")))
    assert found.advice.powers_kw == tuple(map(Decimal, ("0.5", "0.5", "0.5", "0.5", "0.5", "16")))
    assert "price of excess power" in {figure.name for figure in found.figures}


def test_discounts_and_prices_by_the_day_count(engine: Engine, homes: StoredCommunity) -> None:
    contract = HOME | {
        "power": {
            "eur_per_kw": ["0.1"],
            "per": "day",
            "includes_tolls": False,
            "discount_share": "0.5",
        }
    }
    with read_session(engine) as session:
        found = advise_supply_power(
            session,
            promoter_id=homes.community.promoter_id,
            point_id=homes.points[0].id,
            question=ask(days=JANUARY, contracts=contracts_of(contract)),
            powers_kw=[Decimal(1)],
        )

    # Half of 0.1 x 365 x 2 + 27.704413 + 0.725423 = 50.7149 EUR.
    assert found.advice.yearly_eur == Decimal("50.71")


def test_unknown_and_unread_supply_points_have_no_advice(
    engine: Engine, homes: StoredCommunity
) -> None:
    with read_session(engine) as session:
        owner = homes.community.promoter_id
        with pytest.raises(UnknownSupplyPointError) as refused:
            advise_supply_power(session, promoter_id=owner, point_id=uuid4(), question=ask())
        with pytest.raises(MissingMonthsError):
            compare_tariffs(
                session,
                promoter_id=owner,
                point_id=homes.points[0].id,
                question=ask(days=(date(2025, 1, 1), date(2025, 2, 1))),
                contracts=contracts_of(HOME).contract,
            )

    assert refused.value.point_id is not None


def test_contracts_are_compared_by_whole_bills(engine: Engine, homes: StoredCommunity) -> None:
    cheap = HOME | {"name": "cheap", "energy": {"eur_per_kwh": ["0.01"]}}
    unfit = HOME | {"name": "unfit", "energy": {"eur_per_kwh": ["0.01"] * 6}}
    with read_session(engine) as session:
        current, cheaper, refused = compare_tariffs(
            session,
            promoter_id=homes.community.promoter_id,
            point_id=homes.points[0].id,
            question=ask(),
            contracts=contracts_of(cheap, unfit).contract,
        )

    for outcome, contract in ((current, HOME), (cheaper, cheap)):
        alone = simulate(engine, homes, ask(contracts=contracts_of(contract)))[0]
        assert outcome.contract == contract["name"]
        assert isinstance(outcome.result, SimulatedBills)
        assert outcome.result.sharing_cents.tolist() == alone.sharing_cents.tolist()
    assert isinstance(refused.result, UnfitContractError)
