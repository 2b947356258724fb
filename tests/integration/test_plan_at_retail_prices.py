"""``reparto plan`` in euros of the members' retail bills, and the bills that it hands out."""

import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from api.services.bills.contract_document import parse_contracts
from api.services.bills.folder_prices import NoFolderPricesError
from api.services.bills.segment_terms import LawChoice, UnknownLawError
from api.services.communities.narrow_community import narrow_community
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest
from api.services.proposals.retail_question import (
    LawYearError,
    PriceBasis,
    RetailQuestion,
    choose_price_basis,
)
from api.services.proposals.warn_of_plan import warn_of_plan
from api.services.studies.plan_several import plan_several
from loaders.community_folder_writer import write_community_folder
from loaders.records import CommunityYear
from models.values.errors import CommunityError
from models.values.tariff import Tariff
from planner.classes.step_classes import Classes
from planner.goal import Objective
from tests.support.command_line import Reparto
from tests.support.community_folders import build_community_year

CONTRACTS = """
[[contract]]
name = "Luz Clara"
tariffs = ["2.0TD"]
power = { eur_per_kw = ["0.08", "0.01"], per = "day" }
energy = { eur_per_kwh = ["0.20", "0.15", "0.10"] }
surplus = { eur_per_kwh = "0.06" }
"""
LAW_OF_2025 = RetailQuestion(choice=LawChoice(year=2025))
AMOUNTS = ("without_eur", "before_eur", "after_eur", "saving_eur", "gain_eur")


def build(*, has_current: bool = True, **options: Any) -> CommunityYear:
    """Build four members, one of them on another tariff, with an agreement or without."""
    plain = build_community_year(n_members=4, n_reserve=0, **options)
    members = [
        replace(member, current_beta=beta if has_current else None)
        for member, beta in zip(plain.members, (0.4, 0.3, 0.2, 0.1), strict=True)
    ]
    members[2] = replace(members[2], tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, contracted_kw=20.0)
    return replace(plain, members=tuple(members))


@pytest.fixture(scope="module")
def community() -> CommunityYear:
    return build()


@pytest.fixture(scope="module")
def planned(community: CommunityYear) -> PlannedYear:
    """The plan in euros of the bills, by the law of another year."""
    wish = PlanRequest(objective=Objective.SAVINGS, prices=PriceBasis.RETAIL, retail=LAW_OF_2025)
    return plan_coefficients(community=community, request=wish)


def test_the_planners_euros_are_those_of_the_exact_bills(planned: PlannedYear) -> None:
    bills = planned.billed.bills
    assert bills is not None
    assert planned.proposal.savings_eur is not None
    exact = (bills.without_cents - bills.after_cents) / 100

    # The taxes of 2025 have no cut by which the least electricity tax could bind.
    np.testing.assert_allclose(planned.proposal.savings_eur, exact, atol=0.1)
    assert planned.choice.gap < 1e-6
    assert planned.recheck is not None


def test_a_plan_by_stored_prices_saves_no_more_on_the_bills(
    community: CommunityYear, planned: PlannedYear
) -> None:
    by_stored = plan_coefficients(
        community=community, request=PlanRequest(objective=Objective.SAVINGS, retail=LAW_OF_2025)
    )

    assert by_stored.goal == planned.goal
    stored, retail = by_stored.billed.bills, planned.billed.bills
    assert stored is not None
    assert retail is not None
    assert stored.without_cents.tolist() == retail.without_cents.tolist()
    # A plan that counts other euros cannot be better but by rounding.
    assert retail.after_cents.sum() <= stored.after_cents.sum() + 50


def test_whoever_has_no_contract_is_marked_and_told_of(planned: PlannedYear) -> None:
    bills = planned.billed.bills
    assert bills is not None
    assert bills.contracts == (
        "default: regulated price (PVPC)",
        "default: regulated price (PVPC)",
        "default: fixed price, assumed",
        "default: regulated price (PVPC)",
    )
    assert bills.are_assumed == (True,) * 4
    assert [remark.value for remark in bills.remarks][:2] == [
        "default_contract",
        "law_of_another_year",
    ]
    assert {figure.name for figure in bills.unsure_figures} >= {"days of the year"}


def test_without_prices_of_the_folder_bills_rest_on_assumed_ones() -> None:
    community = build(has_current=False, year=2025, with_prices=False)
    wish = PlanRequest(objective=Objective.SAVINGS, prices=PriceBasis.RETAIL)

    planned = plan_coefficients(community=community, request=wish)

    bills = planned.billed.bills
    assert bills is not None
    assert bills.before_cents is None
    assert set(bills.contracts) == {"default: fixed price, assumed"}


def test_bills_that_nobody_asked_for_are_left_out_with_their_reason(
    community: CommunityYear,
) -> None:
    planned = plan_coefficients(community=community, request=PlanRequest())

    assert planned.billed.bills is None
    assert planned.billed.reason.startswith("no 2.0TD power tolls is known for 2023-01-01")
    assert planned.billed.reason.endswith("choose a year whose law is to be taken")


@pytest.mark.parametrize(
    "wish", [PlanRequest(prices=PriceBasis.RETAIL), PlanRequest(retail=RetailQuestion())]
)
def test_bills_that_were_asked_for_must_be_made(
    community: CommunityYear, wish: PlanRequest
) -> None:
    with pytest.raises(UnknownLawError):
        plan_coefficients(community=community, request=wish)


def test_bills_too_large_to_reckon_with_fail_or_are_left_out() -> None:
    sound = build(year=2025)
    huge = replace(sound, consumption_kwh=sound.consumption_kwh * 1e9)

    with pytest.raises(CommunityError, match="no number that a bill can hold"):
        plan_coefficients(community=huge, request=PlanRequest(retail=RetailQuestion()))
    planned = plan_coefficients(community=huge, request=PlanRequest())
    assert "no number that a bill can hold" in planned.billed.reason


@pytest.mark.parametrize("kind", [Classes.MONTH, Classes.HOUR])
def test_coefficients_by_class_save_on_the_bills_what_they_promise(
    community: CommunityYear, kind: Classes
) -> None:
    wish = PlanRequest(
        objective=Objective.SAVINGS, prices=PriceBasis.RETAIL, retail=LAW_OF_2025, classes=kind
    )

    by_class = plan_coefficients(community=community, request=wish).by_class

    assert by_class is not None
    assert by_class.settled.savings_eur is not None
    bills = by_class.billed.bills
    assert bills is not None
    exact = (bills.without_cents - bills.after_cents) / 100
    np.testing.assert_allclose(by_class.settled.savings_eur, exact, atol=0.1)
    assert by_class.choice.value == pytest.approx(exact.sum(), abs=0.5)
    assert by_class.choice.gap < 2e-5


def test_contracts_choose_the_prices_unless_told_otherwise() -> None:
    assert choose_price_basis(None, None) is PriceBasis.STORED
    assert choose_price_basis(PriceBasis.RETAIL, None) is PriceBasis.RETAIL
    with pytest.raises(LawYearError, match="1999"):
        RetailQuestion(choice=LawChoice(year=1999))


@pytest.fixture
def folder(community: CommunityYear, tmp_path: Path) -> Path:
    write_community_folder(community, tmp_path / "community")
    return tmp_path / "community"


def test_a_contract_plans_by_the_bill_and_shows_every_bill(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "contracts.toml").write_text(CONTRACTS, "utf-8")
    options = ("--objective", "savings", "--contract", tmp_path / "contracts.toml")

    run = reparto("plan", folder, "--output", tmp_path / "out", *options, "--law-year", 2026)

    assert run.code == 0, run.err
    proposal = json.loads((tmp_path / "out" / "proposal.json").read_bytes())
    bills, members = proposal["bills"], proposal["members"]
    assert proposal["goal"]["prices"] == "retail"
    assert bills["law_year"] == 2026
    assert bills["n_assumed"] == 1
    assert [member["yearly_bill"]["contract"] for member in members] == [
        *["Luz Clara"] * 2, "default: fixed price, assumed", "Luz Clara"
    ]  # fmt: skip
    for name in AMOUNTS:
        of_all = sum(Decimal(member["yearly_bill"][name]) for member in members)
        assert of_all == Decimal(bills[name])
    assert Decimal(bills["saving_eur"]) == Decimal(bills["without_eur"]) - Decimal(
        bills["after_eur"]
    )
    assert "M3 *" in run.out
    assert "Contracts: Luz Clara (3), default: fixed price, assumed (1)." in run.out
    assert "Tolls, charges and taxes are those of 2026." in run.out
    changes = [Decimal(member["yearly_bill"]["gain_eur"]) for member in members]
    less, more = sum(each > 0 for each in changes), sum(each < 0 for each in changes)
    paying = f"{less} pay less than now, {more} more"
    assert f"{paying}." in run.out
    assert f"{Decimal(bills['after_eur']):,}" in run.out
    book = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")
    assert ("Yearly bills", paying) in [row[:2] for row in book["Summary"].values]
    assert "Cost of energy with sharing, taxes included (EUR)" in next(book["Months"].values)
    notes = [text for topic, text in book["Notes"].values if topic == "Savings"]
    assert [note[:42] for note in notes] == ["EUR of the members' retail bills, all taxe"]
    total = [cell.value for cell in book["Yearly bills"][8]]
    assert [f"{cell:.2f}" for cell in total[2:]] == [bills[name] for name in AMOUNTS]


def test_whose_bonus_stops_below_what_they_draw_is_named(community: CommunityYear) -> None:
    limited = CONTRACTS + 'social_bonus = { vulnerability = "vulnerable", kwh_per_year = 100 }'
    wish = PlanRequest(
        prices=PriceBasis.RETAIL,
        retail=replace(LAW_OF_2025, contracts=parse_contracts(tomllib.loads(limited))),
    )
    told = "the yearly limit of the social bonus binds, which the bound does not see: "

    named = warn_of_plan(plan_coefficients(community=community, request=wish))
    assert [text for text in named if "bonus" in text] == [f"{told}M1, M2, M4"]


def test_a_plan_without_bills_says_why(reparto: Reparto, folder: Path, tmp_path: Path) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out")

    assert run.code == 0, run.err
    told = " ".join(run.out.split())
    assert "Yearly bills were not worked out: no 2.0TD power tolls is known" in told
    book = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")
    assert "Yearly bills" not in book.sheetnames


def test_a_year_without_law_is_refused_where_bills_count(
    reparto: Reparto, folder: Path, tmp_path: Path
) -> None:
    run = reparto("plan", folder, "--output", tmp_path / "out", "--prices", "retail")

    assert run.code == 2
    assert "choose a year whose law is to be taken" in run.err


@pytest.fixture(scope="module")
def two_plants() -> CommunityYear:
    """Two plants of other hours, and members on two tariffs."""
    plain = build_community_year(n_members=4, n_reserve=0, n_installations=2)
    members = list(plain.members)
    members[2] = replace(members[2], tariff=Tariff.LOW_VOLTAGE_ABOVE_15_KW, contracted_kw=20.0)
    shifted = np.roll(plain.generation_kwh[1], 3)
    return replace(
        plain,
        members=tuple(members),
        generation_kwh=np.stack([plain.generation_kwh[0], shifted]),
    )


def test_no_assignment_saves_more_on_the_bills(two_plants: CommunityYear) -> None:
    contracts = parse_contracts(tomllib.loads(CONTRACTS))
    wish = PlanRequest(
        objective=Objective.SAVINGS,
        prices=PriceBasis.RETAIL,
        retail=replace(LAW_OF_2025, contracts=contracts),
    )

    planned = plan_several(community=two_plants, request=wish, day=date(2026, 4, 1))

    exact = 0.0
    for plan in planned.plans:
        bills = plan.billed.bills
        assert bills is not None
        exact += (bills.without_cents - bills.after_cents).sum() / 100
    assert planned.value == pytest.approx(exact, abs=0.5)
    best = max(
        sum(
            plan_coefficients(
                community=narrow_community(two_plants, plant, group), request=wish
            ).choice.value
            for plant, group in enumerate(groups)
        )
        for groups in split_in_two(4)
    )
    assert planned.value == pytest.approx(best, rel=1e-6)
    assert best <= planned.upper_bound
    assert planned.gap < 1e-6


def split_in_two(n_members: int) -> list[tuple[list[int], list[int]]]:
    """List every way to put members into two plants, nobody's plant empty."""
    everybody = range(n_members)
    chosen = (set(each) for n in range(1, n_members) for each in combinations(everybody, n))
    return [(sorted(each), sorted(set(everybody) - each)) for each in chosen]


def test_several_plants_are_billed_together(
    reparto: Reparto, two_plants: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(two_plants, tmp_path / "two")
    options = ("--objective", "savings", "--prices", "retail", "--law-year", 2026)

    run = reparto("plan", tmp_path / "two", "--output", tmp_path / "out", *options)

    assert run.code == 0, run.err
    whole = json.loads((tmp_path / "out" / "proposal.json").read_bytes())
    assert whole["prices"] == "retail"
    for name in ("without_eur", "after_eur", "saving_eur"):
        of_all = sum(Decimal(plant["bills"][name]) for plant in whole["caus"])
        assert of_all == Decimal(whole["bills"][name])
    assert f"{Decimal(whole['bills']['after_eur']):,}" in run.out
    assert "Tolls, charges and taxes are those of 2026." in run.out


def test_several_plants_without_law_say_why_there_are_no_bills(
    reparto: Reparto, two_plants: CommunityYear, tmp_path: Path
) -> None:
    write_community_folder(two_plants, tmp_path / "two")

    run = reparto("plan", tmp_path / "two", "--output", tmp_path / "out")

    assert run.code == 0, run.err
    told = " ".join(run.out.split())
    assert "Yearly bills were not worked out: no 2.0TD power tolls is known" in told


def test_contracts_of_a_folder_follow_its_market(community: CommunityYear) -> None:
    def plan(surplus: str, folder: CommunityYear) -> PlannedYear:
        text = CONTRACTS.replace('{ eur_per_kwh = "0.06" }', surplus)
        contracts = parse_contracts(tomllib.loads(text))
        question = replace(LAW_OF_2025, contracts=contracts)
        wish = PlanRequest(objective=Objective.SAVINGS, prices=PriceBasis.RETAIL, retail=question)
        return plan_coefficients(community=folder, request=wish)

    market = '{ follows = "day-ahead", margin_eur_per_kwh = "0.01" }'
    flat = np.full(community.starts.size, 0.05)
    followed = plan(market, replace(community, day_ahead_eur_per_kwh=flat))
    fixed = plan('{ eur_per_kwh = "0.06" }', community)

    assert followed.billed.bills is not None
    assert fixed.billed.bills is not None
    np.testing.assert_array_equal(followed.billed.bills.after_cents, fixed.billed.bills.after_cents)
    with pytest.raises(NoFolderPricesError, match="add day_ahead_eur_kwh to prices"):
        plan(market, community)
