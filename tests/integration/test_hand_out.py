"""The files of a plan, read back by other libraries than those that wrote them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import openpyxl
import pytest
from openpyxl.workbook import Workbook

from api.services.describe_proposal import describe_proposal
from api.services.hand_out import render_distributor_file, render_report
from api.services.plan_coefficients import PlannedYear, plan_coefficients
from api.services.plan_request import PlanRequest
from loaders.report_texts import Language
from planner.goal import Objective
from tests.support.community_folders import build_community_year

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


def test_the_summary_compares_the_rules_and_shows_a_chart(plan: PlannedYear) -> None:
    book = open_report(plan)
    described = describe_proposal(plan)
    energy = column(book, "Summary", "Self-consumed (kWh)")

    assert book.sheetnames == ["Summary", "Members", "Months", "Notes"]
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
    assert book["Summary"]["B8"].value == pytest.approx(described["upper_bound_kwh"])
    assert len(book["Summary"]._charts) == 1
    assert len(book["Months"]._charts) == 1


def test_every_member_has_one_line_with_its_changes(plan: PlannedYear) -> None:
    book = open_report(plan)
    members = describe_proposal(plan)["members"]
    beta = [float(member["beta"]) for member in members]

    assert column(book, "Members", "CUPS")[:5] == [member["cups"] for member in members]
    assert column(book, "Members", "Coefficient") == pytest.approx([*beta, 1.0])
    assert column(book, "Members", "Savings (EUR)")[:5] == pytest.approx(
        [float(member["savings_eur"]) for member in members], abs=5e-3
    )
    for heading, rule in (
        ("Against equal (kWh)", "equal"),
        ("Against by consumption (kWh)", "consumption"),
    ):
        change = (plan.proposal.self_consumed_kwh - plan.scenarios[rule].self_consumed_kwh).sum(
            axis=1
        )
        assert column(book, "Members", heading) == pytest.approx([*change, change.sum()])


def test_months_add_up_to_the_year(plan: PlannedYear) -> None:
    book = open_report(plan)
    months = column(book, "Months", "Month")
    saved = column(book, "Months", "Savings (EUR)")

    assert months == [*(f"2023-{month:02d}" for month in range(1, 13)), "Total"]
    assert sum(saved[:12]) == pytest.approx(saved[12])  # type: ignore[arg-type]
    assert saved[12] == pytest.approx(float(describe_proposal(plan)["savings_eur"]), abs=5e-3)
    cost_without = column(book, "Months", "Cost without sharing (EUR)")
    cost_with = column(book, "Months", "Cost with sharing (EUR)")
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
    assert f"{plan.choice.upper_bound:.6f} kWh" in notes["Certificate"]
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

    assert book.sheetnames == ["Resumen", "Participantes", "Meses", "Notas"]
    assert "energía autoconsumida" in notes["Qué es"]
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
    assert column(book, "Members", "Against equal (EUR)") == []
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

    assert notes["What this is"].endswith(
        "Limits: every member uses at least 0.5 of the kWh it would use when shared by "
        "consumption; each coefficient between 0 and 0.5."
    )
    assert f"In {lit} intervals" in notes["Caution"]


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
