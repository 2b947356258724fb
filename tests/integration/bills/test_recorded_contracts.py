"""Contracts that are recorded: what they bill, from which day, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from api.services.bills.contract_document import ContractsDocument
from api.services.bills.contract_terms import UnfitContractError
from api.services.bills.recorded_contracts import NobodysContractError, record_contracts
from api.services.bills.remarks import Remark
from models.session import write_session
from models.tables import RetailContract
from models.values.tariff import ExcessivePowerError
from tests.support.agreements import shared
from tests.support.databases import on_sqlite
from tests.support.stored_bills import (
    HOME,
    ask,
    change_point,
    contracts_of,
    homes,
    lines_of,
    simulate,
)
from tests.support.stored_records import StoredCommunity

__all__ = ["homes", "shared"]

pytestmark = on_sqlite
NO_CONTRACT = ContractsDocument()
DEARER = HOME | {"name": "dearer", "energy": {"eur_per_kwh": ["0.30", "0.25", "0.20"]}}


def record(
    engine: Engine,
    stored: StoredCommunity,
    *contracts: dict,
    valid_from: date = date(2026, 1, 1),
    second: int = 0,
) -> list[RetailContract]:
    with write_session(engine) as session:
        return record_contracts(
            session,
            promoter_id=stored.community.promoter_id,
            cups=[point.cups for point in stored.points],
            contracts=contracts_of(*contracts),
            valid_from=valid_from,
            now=datetime(2026, 5, 1, 9, 0, second, tzinfo=UTC),
        )


def test_bills_follow_what_is_recorded(engine: Engine, homes: StoredCommunity):
    first, others = homes.points[0].cups, [point.cups for point in homes.points[1:]]
    rows = record(engine, homes, HOME | {"cups": [first]})
    assert [row.supply_point_id for row in rows] == [homes.points[0].id]

    own, second, _ = simulate(engine, homes, ask(contracts=NO_CONTRACT))

    assert (own.contract, Remark.DEFAULT_CONTRACT in own.remarks) == ("home", False)
    assert own.without_cents.tolist() == [5424 + 2234]  # tests/golden/test_retail_bills.py
    assert Remark.DEFAULT_CONTRACT in second.remarks
    assert len(others) == 2


def test_what_is_asked_for_goes_before_what_is_recorded(engine: Engine, homes: StoredCommunity):
    record(engine, homes, DEARER)
    assert simulate(engine, homes, ask())[0].contract == "home"


def test_of_two_from_one_day_the_later_record_holds(engine: Engine, homes: StoredCommunity):
    record(engine, homes, DEARER)
    record(engine, homes, HOME, second=1)
    own = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]
    assert (own.contract, own.without_cents.tolist()) == ("home", [5424 + 2234])


def test_a_contract_that_changes_within_a_bill_counts_on_its_days(
    engine: Engine, homes: StoredCommunity
):
    record(engine, homes, HOME)
    record(engine, homes, DEARER, valid_from=date(2026, 3, 22))
    record(engine, homes, HOME | {"name": "later"}, valid_from=date(2026, 4, 1))

    own = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]

    # The home's prices on the days before, as in the bill made by hand; 0.10 EUR/kWh more after:
    # 4.90 / 0.20 + 4.20 / 0.15 + 6.20 / 0.10 = 24.5 + 28 + 62 kWh.
    energy = [line for line in lines_of(own) if line[0] == "energy"]
    assert energy == [
        ("energy", 1, "10.50"),
        ("energy", 2, "9.00"),
        ("energy", 3, "12.90"),
        ("energy", 1, "7.35"),
        ("energy", 2, "7.00"),
        ("energy", 3, "12.40"),
    ]
    assert own.contract == "home, dearer"


def test_before_the_first_contract_the_default_holds(engine: Engine, homes: StoredCommunity):
    record(engine, homes, HOME, valid_from=date(2026, 3, 22))
    own = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]
    assert own.contract.startswith("default")
    assert own.contract.endswith(", home")
    assert Remark.DEFAULT_CONTRACT in own.remarks
    assert ("energy", 1, "4.90") in lines_of(own)


def test_a_contract_of_nobody_is_refused(engine: Engine, homes: StoredCommunity):
    with pytest.raises(NobodysContractError):
        record(engine, homes, HOME | {"tariffs": ["6.1TD"]})


def test_a_contract_of_other_periods_is_refused_whole(engine: Engine, homes: StoredCommunity):
    six = HOME | {"name": "six", "energy": {"eur_per_kwh": ["0.1"] * 6}}
    first = homes.points[0].cups
    with pytest.raises(UnfitContractError, match=r"2\.0TD has 3 periods"):
        record(engine, homes, HOME | {"cups": [first]}, six)
    own = simulate(engine, homes, ask(contracts=NO_CONTRACT))[0]
    assert Remark.DEFAULT_CONTRACT in own.remarks
    assert Decimal(own.without_cents.item()) > 0


def test_nothing_is_recorded_of_more_power_than_the_tariff_is_for(
    engine: Engine, homes: StoredCommunity
):
    change_point(engine, homes, 1, contracted_power_w=40_000)

    with pytest.raises(ExcessivePowerError, match=r"2\.0TD is for at most 15 kW"):
        record(engine, homes, HOME)
    assert simulate(engine, homes, ask(contracts=NO_CONTRACT))[0].contract != "home"
