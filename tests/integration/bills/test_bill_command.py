"""``reparto bill``: bills and advice at a terminal and for programs."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.session import write_session
from models.tables import SupplyPoint
from models.values.tariff import Tariff
from tests.support.agreements import shared
from tests.support.command_line import Reparto
from tests.support.databases import on_sqlite
from tests.support.stored_bills import homes
from tests.support.stored_records import add_community

__all__ = ["homes", "shared"]

pytestmark = on_sqlite

CONTRACT = """
[[contract]]
name = "home"
power = { eur_per_kw = ["27.704413", "0.725423"] }
energy = { eur_per_kwh = ["0.20", "0.15", "0.10"] }
surplus = { eur_per_kwh = "0.05" }
"""
OFFERS = (
    CONTRACT.replace("0.20", "0.21").replace('"home"', '"dearer"')
    + """
[[contract]]
name = "six"
power = { eur_per_kw = ["1"] }
energy = { eur_per_kwh = ["0.1", "0.1", "0.1", "0.1", "0.1", "0.1"] }
"""
)
MARCH = ("--from", "2026-03-01", "--until", "2026-04-01")


@pytest.fixture(autouse=True)
def command_room(database_url: str, monkeypatch, tmp_path: Path) -> None:
    """Work with the test's database, in a folder with contracts."""
    monkeypatch.setenv("REPARTO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contract.toml").write_text(CONTRACT)
    (tmp_path / "offers.toml").write_text(OFFERS)


@pytest.fixture
def owner(promoter) -> tuple[str, str]:
    return ("--promoter", promoter.name)


def test_one_bill_shows_its_lines_causes_and_grounds(homes, owner, reparto: Reparto) -> None:
    cups = homes.points[0].cups
    run = reparto("bill", "simulate", cups, *MARCH, "--contract", "contract.toml", *owner)

    assert (run.code, run.err) == (0, "")
    assert f"{cups}, 2.0TD: home; coefficients: applied" in run.out
    assert "76.58 69.58 7.00" in " ".join(run.out.split())
    assert "compensation 3.10" in " ".join(run.out.split())
    assert "energy P1" in run.out
    assert "least electricity tax" in run.out
    assert "5.11269632 %" in run.out
    assert "each rate is on its days" in run.out


def test_a_year_shows_months_and_lines_on_request(homes, owner, reparto: Reparto) -> None:
    arguments = ("bill", "simulate", homes.points[0].cups, "--year", 2026, *owner)
    plain = reparto(*arguments)
    full = reparto(*arguments, "--lines")

    assert plain.out.count("Bill from") == 1
    assert full.out.count("with self-consumption") == 12
    assert "tax_cut_in_november_2026" in plain.out
    assert "OPEN" in plain.out


def test_programs_get_every_line(homes, owner, reparto: Reparto) -> None:
    cups = homes.points[0].cups
    run = reparto("bill", "simulate", cups, *MARCH, "--contract", "contract.toml", "--json", *owner)

    described = json.loads(run.out)
    assert described["total"]["saved_eur"] == "7.00"
    assert described["bills"][0]["lines"][0] == {
        "kind": "power",
        "tariff_period": 1,
        "start": "2026-03-01",
        "end": "2026-03-22",
        "quantity": "4.600",
        "unit": "kW",
        "unit_price": "27.704413",
        "price_per": "year",
        "year_days": 365,
        "sales_tax": None,
        "amount_eur": "7.33",
    }


def test_a_community_shows_everybody_and_who_has_no_bill(
    engine: Engine, homes, owner, reparto: Reparto
) -> None:
    with write_session(engine) as session:
        session.get_one(SupplyPoint, homes.points[2].id).tariff = Tariff.HIGH_VOLTAGE_1_TO_30_KV
    arguments = ("bill", "simulate", "c1", *MARCH, "--contract", "contract.toml", *owner)
    run = reparto(*arguments)
    described = json.loads(reparto(*arguments, "--json").out)

    assert run.code == 0
    assert "76.58 69.58 7.00" in " ".join(run.out.split())
    assert f"{homes.points[2].cups}: contract 'home' has 3 figures of energy" in run.out
    assert [each["total"]["saved_eur"] for each in described["bills"]] == ["7.00", "0.00"]
    assert list(described["failed"]) == [homes.points[2].cups]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--year", "2025"], 2, "no consumption is stored of"),
        (["--year", "2026", "--from", "2026-01-01"], 2, "either --year, or both"),
        (["--from", "2026-01-01"], 2, "either --year, or both"),
        ([], 2, "either --year, or both"),
        (["--from", "2026-02-01", "--until", "2026-01-01"], 2, "the end is not after the start"),
        (["--year", "2026", "--contract", "none.toml"], 2, "none.toml cannot be read"),
        (["--year", "2026", "--law-year", "2021"], 2, "choose a year whose law"),
        (["--from", "2026-02-30"], 2, "is not a date"),
    ],
)
@pytest.mark.parametrize("is_community", [True, False])
def test_what_cannot_be_billed_is_told(
    homes, owner, reparto: Reparto, arguments: list[str], code: int, told: str, is_community: bool
) -> None:
    target = "c1" if is_community else homes.points[0].cups
    run = reparto("bill", "simulate", target, *arguments, *owner)

    assert run.code == code
    assert told in " ".join(run.err.replace("│", " ").split())
    assert run.out == ""


def test_a_community_without_supply_points_has_no_bills(
    engine: Engine, promoter, owner, reparto: Reparto
) -> None:
    with write_session(engine) as session:
        add_community(session, promoter.id, number=2, n_members=0)

    run = reparto("bill", "simulate", "c2", *MARCH, *owner)

    assert (run.code, run.out, run.err) == (0, "", "")


def test_unknown_codes_are_told(homes, owner, reparto: Reparto) -> None:
    assert reparto("bill", "simulate", "nowhere", *MARCH, *owner).code == 2
    other = "ES0021000000000001RK0F"
    run = reparto("bill", "power", other, *MARCH, *owner)
    assert (run.code, run.err) == (2, f"error: there is no {other} here\n")


def test_power_is_advised(homes, owner, reparto: Reparto) -> None:
    cups = homes.points[0].cups
    arguments = ("bill", "power", cups, "--year", 2026, "--last-changed-on", "2026-05-01", *owner)
    run = reparto(*arguments)
    described = json.loads(reparto(*arguments, "--json").out)

    # 0.5 kW at all hours: 0.5 x (27.704413 + 0.725423) = 14.21 instead of 4.6 x ... = 130.78 EUR;
    # less power costs 9.04 EUR once, paid back in 9.04 / 116.57 years.
    assert "14.21 EUR instead of 130.78 EUR" in run.out
    assert "pays itself in 0.08 years" in run.out
    assert "It may be asked for from 2027-05-01" in run.out
    assert "Readings are by the hour" in run.out
    assert described["powers_kw"] == ["0.5", "0.5"]
    assert described["maxima_kw"] == ["0.500", "0.500"]
    assert {"tolls of power", "change of power: reduction"} <= {
        figure["name"] for figure in described["figures"]
    }


def test_power_is_chosen_from_a_list_that_reaches_the_demand(
    homes, owner, reparto: Reparto
) -> None:
    cups = homes.points[0].cups
    arguments = ("bill", "power", cups, "--year", 2026, *owner)
    dearer = reparto(*arguments, "--powers", "5.75,6.9")
    small = reparto(*arguments, "--powers", "0.1,0.2")

    assert "never pays itself" in dearer.out
    assert (small.code, "no listed power reaches" in small.err) == (4, True)


@pytest.mark.parametrize(
    ("power_w", "tariff", "code"), [(20_000, "3.0TD", 0), (60_000, "3.0TD", 2)]
)
def test_large_powers(
    engine: Engine, homes, owner, reparto: Reparto, power_w: int, tariff: str, code: int
) -> None:
    with write_session(engine) as session:
        point = session.get_one(SupplyPoint, homes.points[0].id)
        point.tariff, point.contracted_power_w = Tariff(tariff), power_w

    run = reparto("bill", "power", homes.points[0].cups, "--year", 2026, *owner, "--json")

    assert run.code == code
    if code:
        assert "there is advice up to 50 kW only" in run.err
    else:
        # More than 15 kW in P6, or it would not be 3.0TD.
        assert json.loads(run.out)["powers_kw"] == ["1", "1", "1", "1", "1", "16"]


def test_contracts_are_compared(homes, owner, reparto: Reparto) -> None:
    cups = homes.points[0].cups
    arguments = (
        "bill", "tariff", cups, "--offers", "offers.toml", *MARCH, "--contract", "contract.toml",
        *owner,
    )  # fmt: skip
    run = reparto(*arguments)
    described = json.loads(reparto(*arguments, "--json").out)

    assert run.code == 0
    assert [each["contract"] for each in described] == ["home", "dearer", "six"]
    assert described[0]["cheaper_eur"] == "0.00"
    # P1 with sharing: 11.03 - 10.50 and 5.15 - 4.90 more, taxes 0.03, 0.12 and 0.02.
    assert described[1]["cheaper_eur"] == "-0.95"
    assert "2.0TD has 3 periods" in described[2]["error"]
    assert "-0.95" in run.out


def test_nothing_to_compare_with_is_refused(homes, owner, reparto: Reparto, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("")
    cups = homes.points[0].cups
    run = reparto("bill", "tariff", cups, "--offers", "empty.toml", *MARCH, *owner)

    assert (run.code, run.err) == (2, "error: name at least one contract to compare with\n")


def test_recorded_contracts_are_billed_without_naming_them(homes, owner, reparto: Reparto) -> None:
    run = reparto("bill", "contract", "c1", "contract.toml", "--from", "2026-01-01", *owner)
    cups = homes.points[0].cups
    told = json.loads(reparto("bill", "simulate", cups, *MARCH, *owner, "--json").out)

    assert (run.code, run.out) == (0, "home: 3 supply points from 2026-01-01 on\n")
    assert (told["contract"], told["total"]["without_eur"]) == ("home", "76.58")


def test_a_contract_of_other_periods_is_not_recorded(homes, owner, reparto: Reparto) -> None:
    (Path("six.toml")).write_text(OFFERS.split("[[contract]]")[-1].join(["[[contract]]", ""]))
    run = reparto("bill", "contract", "c1", "six.toml", "--from", "2026-01-01", *owner)
    assert (run.code, "2.0TD has 3 periods" in run.err) == (2, True)
