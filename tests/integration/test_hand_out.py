"""The files of a plan, read back by other libraries than those that wrote them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import openpyxl
import pytest
from openpyxl.workbook import Workbook

from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.hand_out import render_distributor_file, render_report
from api.services.proposals.plan_coefficients import PlannedYear, plan_coefficients
from api.services.proposals.plan_request import PlanRequest, Robust
from models.values.coefficient import MILLIONTHS
from models.values.language import Language
from planner.classes.step_classes import Classes
from planner.goal import CarbonFactor, Objective, Weights
from planner.unseen.survival import Check, Interval, Survival
from tests.support.community_folders import build_community_year

RULES = {
    "equal": "Equal shares",
    "contracted_power": "By contracted power",
    "consumption": "By consumption",
}
DRAWN_AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> PlannedYear:
    return plan_coefficients(community=build_community_year(n_members=5), request=PlanRequest())


def open_report(plan: PlannedYear, language: Language = Language.ENGLISH) -> Workbook:
    document = render_report(plan, created_at=DRAWN_AT, language=language)
    return openpyxl.load_workbook(BytesIO(document))


def column(book: Workbook, sheet: str, heading: str) -> list[object]:
    """Read the cells under the last such heading, down to the first empty one."""
    for row in reversed(list(book[sheet].iter_rows())):
        for cell in row:
            if cell.value == heading:
                below = book[sheet].iter_rows(
                    min_row=cell.row + 1, min_col=cell.column, max_col=cell.column
                )
                values = [found.value for (found,) in below]
                return values[: values.index(None)] if None in values else values
    raise LookupError(heading)


def fact(book: Workbook, sheet: str, name: str) -> object:
    """Read the cell beside a name."""
    rows = book[sheet].iter_rows(values_only=True, max_col=2)
    return next(value for label, value in rows if label == name)


def test_the_summary_compares_the_rules_and_shows_a_chart(plan: PlannedYear) -> None:
    book = open_report(plan)
    described = describe_proposal(plan)
    energy = column(book, "Summary", "Self-consumed (kWh)")

    assert book.sheetnames == ["Summary", "Members", "Winners and losers", "Months", "Notes"]
    assert column(book, "Summary", "Way to share") == [
        "Proposal",
        "Equal shares",
        "By contracted power",
        "By consumption",
        "Bound of any coefficients, even hourly",
    ]
    assert energy == pytest.approx(
        [described["self_consumed_kwh"]]
        + [rule["self_consumed_kwh"] for rule in described["rules"].values()]
    )
    bound = described["upper_bound_kwh"]
    worth = described["certificate"]["worth_of_one_percent"]
    assert fact(book, "Summary", "Proven upper bound (kWh)") == pytest.approx(bound)
    assert fact(book, "Summary", "One more percent of the plant is worth (kWh)") == pytest.approx(
        worth
    )
    evenness = described["fairness"]["evenness"]
    assert column(book, "Summary", "Gini of savings")[:4] == pytest.approx(
        [index["gini"] for index in evenness.values()]
    )
    assert len(book["Summary"]._charts) == 1
    assert len(book["Months"]._charts) == 1


def test_every_member_has_one_line(plan: PlannedYear) -> None:
    book = open_report(plan)
    members = describe_proposal(plan)["members"]
    beta = [float(member["beta"]) for member in members]

    assert column(book, "Members", "CUPS")[:5] == [member["cups"] for member in members]
    assert column(book, "Members", "Coefficient") == pytest.approx([*beta, 1.0])
    assert column(book, "Members", "Savings (EUR)")[:5] == pytest.approx(
        [float(member["savings_eur"]) for member in members], abs=5e-3
    )
    assert column(book, "Members", "One more percent is worth (kWh)") == pytest.approx(
        [member["worth_of_one_percent"] for member in members]
    )


def test_winners_and_losers_are_those_of_the_comparison(plan: PlannedYear) -> None:
    rows = list(open_report(plan)["Winners and losers"].iter_rows(min_row=3, values_only=True))
    told = {rule: rows[0].index(f"Against: {name}") for rule, name in RULES.items()}

    for change in plan.comparison.changes:
        first = told[change.rule]
        assert [row[first] for row in rows[2:8]] == pytest.approx(
            [member.self_consumed_kwh for member in change.members]
            + [change.community.self_consumed_kwh]
        )
        assert [row[first + 1] for row in rows[2:8]] == pytest.approx(
            [member.savings_eur for member in change.members] + [change.community.savings_eur]
        )
        assert change.by_savings is not None
        assert [row[first : first + 2] for row in rows[8:]] == [
            (change.by_energy.winners, change.by_savings.winners),
            (change.by_energy.losers, change.by_savings.losers),
        ]


def test_months_add_up_to_the_year(plan: PlannedYear) -> None:
    book = open_report(plan)
    months = column(book, "Months", "Month")
    saved = column(book, "Months", "Savings (EUR)")

    assert months == [*(f"2023-{month:02d}" for month in range(1, 13)), "Total"]
    assert sum(saved[:12]) == pytest.approx(saved[12])  # type: ignore[arg-type]
    assert saved[12] == pytest.approx(float(describe_proposal(plan)["savings_eur"]), abs=5e-3)
    cost_without = column(book, "Months", "Cost of energy without sharing, before taxes (EUR)")
    cost_with = column(book, "Months", "Cost of energy with sharing, before taxes (EUR)")
    np.testing.assert_allclose(
        np.array(cost_without, float) - np.array(cost_with, float), np.array(saved, float)
    )


@pytest.mark.parametrize("sheet", ["Members", "Months", "Notes"])
def test_headings_stay_in_view(plan: PlannedYear, sheet: str) -> None:
    assert open_report(plan)[sheet].freeze_panes in {"B2", "A2"}


def test_numbers_carry_their_format(plan: PlannedYear) -> None:
    sheet = open_report(plan)["Members"]

    assert sheet["F2"].number_format == "0.000000"
    assert sheet["G2"].number_format == "#,##0.0"
    assert sheet["M2"].number_format == '#,##0.00 "€"'


def test_the_notes_state_source_units_method_and_certificate(plan: PlannedYear) -> None:
    notes = dict(open_report(plan)["Notes"].iter_rows(values_only=True))
    text = " ".join(str(value) for value in notes.values())

    assert plan.installation.cau in notes["What this is"]
    assert f"{plan.choice.upper_bound:,.6f} kWh" in notes["Certificate"]
    assert "RD 244/2019" in text
    assert "{" not in text


def test_a_name_that_looks_like_a_formula_stays_a_text(plan: PlannedYear) -> None:
    hostile = '=HYPERLINK("http://example.invalid","x")'
    members = tuple(
        replace(member, member_id=f"{hostile}{row}", kind="+1+1")
        for row, member in enumerate(plan.community.members)
    )
    community = replace(plan.community, name="@SUM(A1)", members=members)
    book = open_report(plan_coefficients(community=community, request=PlanRequest()))

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    assert book["Members"]["A2"].value == f"{hostile}0"


def test_the_report_speaks_spanish(plan: PlannedYear) -> None:
    book = open_report(plan, Language.SPANISH)
    notes = dict(book["Notas"].iter_rows(values_only=True))

    assert book.sheetnames == [
        *("Resumen", "Participantes", "Quién gana y quién pierde", "Meses", "Notas"),
    ]
    assert "energía autoconsumida" in notes["Objetivo"]
    assert "óptimo exacto" in notes["Método"]


def test_the_same_plan_gives_the_same_bytes(plan: PlannedYear) -> None:
    first, second = (
        render_report(plan, created_at=DRAWN_AT, language=Language.ENGLISH) for _ in range(2)
    )

    assert first == second


def test_without_prices_the_money_columns_are_empty() -> None:
    community = build_community_year(with_prices=False)
    book = open_report(plan_coefficients(community=community, request=PlanRequest()))
    notes = dict(book["Notes"].iter_rows(values_only=True))

    assert column(book, "Members", "Savings (EUR)") == []
    assert "EUR" not in {cell.value for cell in book["Winners and losers"][4]}
    assert "No prices were handed in" in notes["Savings"]


def test_limits_and_odd_prices_are_told(plan: PlannedYear) -> None:
    assert plan.community.energy_eur_per_kwh is not None
    odd = replace(plan.community, surplus_eur_per_kwh=plan.community.energy_eur_per_kwh + 0.1)
    request = PlanRequest(
        objective=Objective.SAVINGS,
        floor_share=PlanRequest().max_beta / 2,
        max_beta=PlanRequest().max_beta / 2,
    )
    planned = plan_coefficients(community=odd, request=request)
    notes = dict(open_report(planned)["Notes"].iter_rows(values_only=True))
    lit = int((odd.generation_kwh > 0).sum())

    assert notes["Limits"].splitlines() == [
        (
            "floor · everybody: at least 50 % of the kWh that this way to share would bring: "
            "by consumption."
        ),
        "greatest_coefficient · everybody: coefficient of at most 0.5.",
    ]
    assert f"In {lit:,d} intervals" in notes["Caution"]


@pytest.mark.parametrize(
    ("kind", "language", "first", "last"),
    [
        (Classes.MONTH, Language.ENGLISH, "January", "December"),
        (Classes.MONTH, Language.SPANISH, "Enero", "Diciembre"),
        (Classes.SEASON_DAY, Language.ENGLISH, "Winter, working day", "Autumn, rest day"),
        (Classes.HOUR, Language.ENGLISH, "00:00", "23:00"),
        (
            Classes.MONTH_HOUR_DAY,
            Language.SPANISH,
            "Enero, 00:00, día laborable",
            "Diciembre, 23:00, día no laborable",
        ),
    ],
)
def test_coefficients_by_class_stand_under_their_names(
    kind: Classes, language: Language, first: str, last: str
) -> None:
    community = build_community_year(n_members=2)
    planned = plan_coefficients(community=community, request=PlanRequest(classes=kind))
    by_class = planned.by_class
    assert by_class is not None
    name = "Classes of hours" if language is Language.ENGLISH else "Clases de horas"
    rows = list(open_report(planned, language)[name].iter_rows(values_only=True, max_col=3))
    gained = by_class.settled.self_consumed_kwh - planned.proposal.self_consumed_kwh

    lines = rows[-kind.n_classes :]
    assert (lines[0][0], lines[-1][0]) == (first, last)
    betas = [line[1:] for line in lines]
    np.testing.assert_allclose(np.array(betas, float), by_class.choice.millionths.T / MILLIONTHS)
    assert rows[-kind.n_classes - 2][1:] == pytest.approx(gained.sum(axis=1))
    assert fact(open_report(planned), "Classes of hours", "Result (kWh)") == pytest.approx(
        by_class.choice.value
    )


def test_hourly_coefficients_are_not_written_out() -> None:
    request = PlanRequest(classes=Classes.HOURLY)
    book = open_report(plan_coefficients(community=build_community_year(), request=request))

    assert column(book, "Summary", "Way to share")[1] == "Coefficients for every hour of the year"
    assert book["Classes of hours"].max_row == 13


def test_curve_drawn_years_and_checks_have_their_sheets() -> None:
    request = PlanRequest(has_curve=True, robust=Robust.MEAN)
    planned = plan_coefficients(community=build_community_year(), request=request)
    checks = (
        Survival(Check.MONTHS, 12, 0, 10.0, 9.0, Interval(1.0, 2.0), 0.9, Interval(0.1, 2.0)),
        Survival(Check.PROPOSAL_IN_DRAWN_YEARS, 200, 1, 10.0, 8.0, Interval(7.0, 9.0), None, None),
    )
    book = open_report(replace(planned, survivals=checks))
    rows = list(book["Unseen data"].iter_rows(min_row=4, values_only=True))

    assert planned.curve is not None
    assert planned.robust is not None
    assert column(book, "Price of fairness", "Result (kWh)") == pytest.approx(
        [point.value for point in planned.curve.points]
    )
    assert rows[0][1:] == (12, 0, 10, 9, None, None, 0.9, None, None)
    assert rows[1][1:] == (200, 1, 10, 8, 7, 9, None, None, None)
    assert fact(book, "Unseen data", "Chosen for drawn years") == "Highest mean"
    assert fact(book, "Unseen data", "Result (kWh)") == pytest.approx(planned.robust.drawn.value)


def test_the_mix_states_its_weights_and_its_factor(plan: PlannedYear) -> None:
    request = PlanRequest(
        objective=Objective.MIX, mix=Weights(0.05, 1.0, 0.1), carbon=CarbonFactor(0.25, "us")
    )
    book = open_report(plan_coefficients(community=plan.community, request=request))

    assert fact(book, "Summary", "What counts") == "0.05 per kWh + 1 per EUR + 0.1 per kg CO2"
    assert fact(book, "Summary", "Emissions of the grid") == "0.25 kg CO2/kWh: us"


def test_a_community_without_sun_or_consumption_has_a_report(plan: PlannedYear) -> None:
    dark = replace(
        plan.community,
        generation_kwh=np.zeros_like(plan.community.generation_kwh),
        consumption_kwh=np.zeros_like(plan.community.consumption_kwh),
    )
    planned = plan_coefficients(community=dark, request=PlanRequest())

    assert planned.millionths.tolist() == [200_000] * 5
    assert column(open_report(planned), "Members", "Self-sufficiency") == []
    assert planned.choice.gap == 0.0


def test_the_distributor_file_carries_the_coefficients(plan: PlannedYear) -> None:
    lines = render_distributor_file(plan, 2027).decode("ascii").split("\r\n")

    assert lines == [
        *(
            f"{member.cups};0,{share:06d}"
            for member, share in zip(plan.members, plan.millionths, strict=True)
        ),
        "",
    ]
