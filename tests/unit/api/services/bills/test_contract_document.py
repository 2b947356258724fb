"""The contracts document: what it takes, what it refuses, and whom a contract is for."""

from decimal import Decimal
from pathlib import Path

import pytest

from api.services.bills.contract_document import (
    ContractDocumentError,
    parse_contracts,
    read_contracts_file,
)
from models.values.tariff import Tariff
from tests.support.community_folders import make_cups
from tests.support.stored_bills import HOME, contracts_of

TWO, THREE = Tariff.LOW_VOLTAGE_UP_TO_15_KW, Tariff.LOW_VOLTAGE_ABOVE_15_KW


def test_a_file_is_read_with_exact_figures(tmp_path: Path) -> None:
    path = tmp_path / "contracts.toml"
    path.write_text(
        '[[contract]]\nname = "a"\npower = { eur_per_kw = [27.704413] }\n'
        'energy = { eur_per_kwh = ["0.123456789"] }\n'
    )

    (contract,) = read_contracts_file(path).contract

    assert contract.power.eur_per_kw == (Decimal("27.704413"),)
    assert contract.energy.eur_per_kwh == (Decimal("0.123456789"),)
    assert contract.energy.has_tolls


def test_one_figure_alone_is_that_of_all_periods(tmp_path: Path) -> None:
    path = tmp_path / "contracts.toml"
    path.write_text(
        '[[contract]]\nname = "a"\npower = { eur_per_kw = 30 }\nenergy = { eur_per_kwh = 0.145 }\n'
    )

    (contract,) = read_contracts_file(path).contract

    assert contract.power.eur_per_kw == (Decimal(30),)
    assert contract.energy.eur_per_kwh == (Decimal("0.145"),)


def test_the_most_special_contract_is_found() -> None:
    named, of_tariff, of_all = make_cups(1), HOME | {"tariffs": ["3.0TD"]}, HOME | {"name": "all"}
    document = contracts_of(
        of_all, of_tariff | {"name": "three"}, HOME | {"name": "own", "cups": [named]}
    )

    found = [document.find(named, THREE), document.find(make_cups(2), THREE)]
    found.append(document.find(make_cups(2), TWO))

    assert [each and each.name for each in found] == ["own", "three", "all"]
    assert contracts_of(of_tariff).find(named, TWO) is None


def test_the_markets_price_is_beside_tolls_unless_it_says_otherwise() -> None:
    market = HOME | {"energy": {"follows": "day-ahead"}}
    inside = HOME | {"energy": {"follows": "day-ahead", "includes_tolls": True}}

    document = contracts_of(market, inside, HOME | {"energy": {"follows": "energy"}})

    assert [each.energy.has_tolls for each in document.contract] == [False, True, True]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": " "}, "is no name"),
        ({"name": "a\x1b[2J"}, "is no name"),
        ({"power": {}}, "power: give exactly one of eur_per_kw and follows"),
        ({"power": {"eur_per_kw": ["-1"]}}, "power.eur_per_kw.1: has to be 0 at least"),
        ({"power": {"eur_per_kw": ["NaN"]}}, "power.eur_per_kw.1: has to be a finite number"),
        ({"power": {"follows": "regulated", "per": "day"}}, "is for a year, beside tolls"),
        ({"power": {"eur_per_kw": ["1"] * 4}}, "4 figures; give one, or one for each"),
        ({"energy": {"eur_per_kwh": ["1"], "follows": "energy"}}, "exactly one of eur_per_kwh"),
        ({"energy": {"eur_per_kwh": ["1"], "margin_eur_per_kwh": ["1"]}}, "goes with follows"),
        ({"energy": {"eur_per_kwh": ["0.1"] * 5}}, "5 figures"),
        ({"energy": {"eur_per_kwh": "0,145"}}, "eur_per_kwh.1: write 0.145 with a point"),
        ({"energy": {"eur_per_kwh": "cheap"}}, "eur_per_kwh.1: write a number, such as 2.40"),
        ({"energy": {"eur_per_kwh": {}}}, "eur_per_kwh.1: write a number, such as 2.40"),
        ({"energy": "0.145"}, "energy: write its parts in braces, { name = value }"),
        ({"tariffs": "2.0TD"}, "tariffs: write a list in brackets, [ first, second ]"),
        ({"energy": {"eur_per_kwh": ["0.0000000001"]}}, "no more than 9 decimal places"),
        ({"surplus": {"follows": "energy"}}, "'surplus' or 'day-ahead'"),
        ({"meter": {}}, "give exactly one of kind and eur"),
        ({"cups": ["ES1"]}, "cups: CUPS 'ES1': has 3 characters"),
        ({"social_bonus": {"vulnerability": "rich"}}, "social_bonus.vulnerability"),
        ({"price": 1}, "price: is no key that is known here"),
    ],
)
def test_a_slip_is_named(changed: dict, told: str) -> None:
    with pytest.raises(ContractDocumentError) as refused:
        parse_contracts({"contract": [HOME | changed]})

    assert told in str(refused.value)
    assert "contract.1" in str(refused.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ContractDocumentError) as refused:
        parse_contracts({"contract": [HOME | {"power": {}}, HOME | {"energy": {}}], "other": 1})

    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = ", "is not TOML"),
        (None, "cannot be read"),
        ("a = 1\neur = 2,40", r"is not TOML: line 2: write 2\.40 with a point"),
        ("energy = { eur_per_kwh = 0,145 }", r"line 1: write 0\.145 with a point"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "contracts.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ContractDocumentError, match=told):
        read_contracts_file(path)
