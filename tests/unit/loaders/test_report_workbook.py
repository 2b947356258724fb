from dataclasses import replace
from io import BytesIO

import pandas as pd
import pytest

from loaders.report_content import BillFacts, BillLine, GoalFacts, ReportContent, RuleChanges
from models.values.language import Language
from tests.support.report_contents import (
    build_report_content,
    open_content,
    read_rows,
    render_content,
    without_prices,
)

CONTENT = build_report_content()
BARE = replace(CONTENT, fairness=None, classes=None, unseen=None, rules=[CONTENT.rules[0]])


@pytest.mark.parametrize(
    ("content", "language", "names"),
    [
        (BARE, Language.ENGLISH, ["Summary", "Members", "Winners and losers", "Months", "Notes"]),
        (
            CONTENT,
            Language.SPANISH,
            [
                *("Resumen", "Participantes", "Quién gana y quién pierde", "Meses"),
                *("Precio de la equidad", "Clases de horas", "Datos no vistos", "Notas"),
            ],
        ),
    ],
)
def test_what_a_plan_holds_has_its_sheet(
    content: ReportContent, language: Language, names: list[str]
) -> None:
    book = open_content(content, language)

    assert book.sheetnames == names
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.oddHeader.left.text == "Comunidad && Peña · ES0031300009000001GH0FA000 · 2023"


def test_the_summary_states_result_proof_and_every_way_to_share() -> None:
    rows = read_rows(open_content(CONTENT), "Summary")

    assert rows[3:12] == [
        ["Objective", "Savings of all"],
        ["Generation (kWh)", 200],
        ["Consumption (kWh)", 400],
        ["Self-consumed (kWh)", 100],
        ["Self-sufficiency", 0.25],
        ["Savings (EUR)", 20],
        ["Proven upper bound (EUR)", 20.5],
        ["Gap to the bound", 0.02],
        ["One more percent of the plant is worth (EUR)", 0.125],
    ]
    assert rows[13][5:] == [
        *("Proposal gains (kWh)", "Proposal gains (EUR)", "Members who gain", "Members who lose"),
        *("Gini of savings", "Jain of savings"),
    ]
    assert rows[14:] == [
        ["Proposal", 100, 0.5, 0.25, 20, None, None, None, None, 0.1, 0.9],
        ["Coefficients by season and kind of day", 110, 0.55, 0.275, 22, -10, -2, 0, 2, 0.2, 0.8],
        ["Equal shares", 90, 0.45, 0.225, 19, 10, 1, 2, 0, 0.3, 0.7],
        ["Bound of any coefficients, even hourly", 120, 0.6, 0.3],
    ]


@pytest.mark.parametrize(("unit", "column"), [("kWh", "B"), ("EUR", "E")])
def test_the_chart_of_the_ways_shows_what_was_the_goal(unit: str, column: str) -> None:
    goal = replace(CONTENT.goal, objective="savings", unit=unit)
    (chart,) = open_content(replace(CONTENT, goal=goal))["Summary"]._charts
    (series,) = chart.series
    assert f"${column}$" in series.val.numRef.f


def test_without_prices_gains_are_counted_by_energy() -> None:
    rows = read_rows(open_content(without_prices(CONTENT)), "Summary")

    assert rows[16] == ["Equal shares", 90, 0.45, 0.225, None, 10, 1, 1, 1, 0.3, 0.7]


@pytest.mark.parametrize(
    ("goal", "facts"),
    [
        (
            GoalFacts("self-consumption", "kWh", 100.0, 100.5, 0.005, 1.5),
            [
                ["Objective", "Self-consumed energy of all"],
                ["Proven upper bound (kWh)", 100.5],
                ["One more percent of the plant is worth (kWh)", 1.5],
            ],
        ),
        (
            GoalFacts(
                "co2", "kg", 33.0, 34.0, 0.03, 0.5, carbon_kg_per_kwh=0.331, carbon_source="RITE"
            ),
            [
                ["Objective", "CO2 that all avoid"],
                ["Emissions of the grid", "0.331 kg CO2/kWh: RITE"],
                ["Result (kg CO2)", 33],
                ["Proven upper bound (kg CO2)", 34],
            ],
        ),
        (
            GoalFacts("mix", "points", 9.0, 9.5, 0.05, 0.1, {"kWh": 0.05, "EUR": 1, "kg": 0}),
            [
                ["Objective", "Weighted mix"],
                ["What counts", "0.05 per kWh + 1 per EUR"],
                ["Result (points)", 9],
                ["Proven upper bound (points)", 9.5],
            ],
        ),
        (
            GoalFacts("least-self-sufficiency", "1", 0.4, 0.5, 0.2),
            [
                ["Objective", "Self-sufficiency of the worst-off first"],
                ["Result (%)", 0.4],
                ["Proven upper bound (%)", 0.5],
            ],
        ),
        (
            GoalFacts("least-savings", "EUR", 4.0, 5.0, 0.2),
            [
                ["Objective", "Saving of the worst-off first"],
                ["Result (EUR)", 4],
                ["Proven upper bound (EUR)", 5],
            ],
        ),
    ],
)
def test_every_objective_states_its_unit_and_what_counts(
    goal: GoalFacts, facts: list[list[object]]
) -> None:
    rows = read_rows(open_content(replace(CONTENT, goal=goal)), "Summary")
    told = {str(row[0]): row for row in rows if len(row) == 2}

    assert [told[str(fact[0])] for fact in facts] == facts
    has_price = goal.one_percent is not None
    assert any(name.startswith("One more percent") for name in told) is has_price
    assert any(name.startswith("Result") for name in told) is (
        goal.objective not in {"self-consumption", "savings"}
    )


def test_spanish_numbers_in_texts_have_spanish_separators() -> None:
    goal = GoalFacts("mix", "points", 9.0, 9.5, 0.05, 0.1, {"kWh": 0.05, "EUR": 1000, "kg": 0})
    book = open_content(replace(CONTENT, goal=goal), Language.SPANISH)

    assert ["Qué cuenta", "0,05 por kWh + 1.000 por EUR"] in read_rows(book, "Resumen")


def test_every_member_has_one_line_and_what_more_is_worth() -> None:
    rows = read_rows(open_content(CONTENT), "Members")

    assert rows[0][-1] == "One more percent is worth (EUR)"
    assert rows[1] == [
        *("M1", "home", "ES00000000000000M1", "2.0TD", 3.45, 0.75),
        *(300, 150, 75, 75, 225, 0.25, 15, 0.125),
    ]
    assert rows[3] == ["Total", *[None] * 4, 1, 400, 200, 100, 100, 300, None, 20]


def test_winners_and_losers_are_told_for_each_rule_in_three_units() -> None:
    book = open_content(CONTENT)
    sheet = book["Winners and losers"]

    assert read_rows(book, "Winners and losers")[2:] == [
        [None, "Against: Equal shares"],
        ["Member", "kWh", "EUR", "Points"],
        ["M1", 15, 0.75, 5],
        ["M2", -5, 0.25],
        ["Total", 10, 1, 2.5],
        ["Members who gain", 1, 2],
        ["Members who lose", 1, 0],
    ]
    rules = {
        str(area.sqref): [(rule.operator, rule.formula) for rule in area.rules]
        for area in sheet.conditional_formatting
    }
    assert rules == {
        "B5:B6": [("greaterThanOrEqual", ["0.0005"]), ("lessThanOrEqual", ["-0.0005"])],
        "C5:C6": [("greaterThanOrEqual", ["0.005"]), ("lessThanOrEqual", ["-0.005"])],
        "D5:D6": [("greaterThanOrEqual", ["0.05"]), ("lessThanOrEqual", ["-0.05"])],
    }


def test_without_prices_nobody_wins_or_loses_money() -> None:
    book = open_content(without_prices(CONTENT))

    assert read_rows(book, "Winners and losers")[3:] == [
        ["Member", "kWh", "Points"],
        ["M1", 15, 5],
        ["M2", -5],
        ["Total", 10, 2.5],
        ["Members who gain", 1],
        ["Members who lose", 1],
    ]
    labels = [row[0] for row in read_rows(book, "Classes of hours")[10:]]
    assert "Gain over constant (kWh)" in labels
    assert "Gain over constant (EUR)" not in labels


def test_the_price_of_fairness_is_a_table_and_a_chart_of_two_lines() -> None:
    book = open_content(CONTENT)
    rows = read_rows(book, "Price of fairness")
    (chart,) = book["Price of fairness"]._charts

    assert rows[1] == ["Result of that way to share (EUR): 18.00"]
    assert rows[2] == ["The limits leave no room for floors of 95 %, 100 %."]
    assert rows[5:] == [
        [0, 20, 20.5, 0.02, 1, 0.4, 0.3, 0.8],
        [0.5, 19, 19, 0, 0.5, 0.6, 0.2, 0.9],
    ]
    drawn = [series.val.numRef.f for part in chart._charts for series in part.series]
    assert drawn == ["'Price of fairness'!$B$6:$B$7", "'Price of fairness'!$G$6:$G$7"]


def test_without_savings_the_chart_has_no_second_line() -> None:
    assert CONTENT.fairness is not None
    lines = [replace(line, gini=None, jain=None) for line in CONTENT.fairness.lines]
    facts = replace(CONTENT.fairness, lines=lines, infeasible_floors=[])
    book = open_content(replace(CONTENT, fairness=facts))
    (chart,) = book["Price of fairness"]._charts

    assert read_rows(book, "Price of fairness")[2] == []
    assert sum(len(part.series) for part in chart._charts) == 1


def test_classes_stand_in_lines_below_what_they_gain() -> None:
    book = open_content(CONTENT)
    sheet = book["Classes of hours"]

    assert read_rows(book, "Classes of hours")[9:] == [
        ["Class", "M1", "M2"],
        ["Constant coefficient", 0.75, 0.25],
        ["Gain over constant (kWh)", 4, 6],
        ["Gain over constant (EUR)", 1.5, 0.5],
        ["Winter, working day", 0.5, 0.5],
        ["Winter, rest day", 0.125, 0.875],
    ]
    assert sheet.freeze_panes == "B14"
    colored = {
        str(area.sqref): [rule.type for rule in area.rules] for area in sheet.conditional_formatting
    }
    assert colored == {
        "B12:C12": ["cellIs", "cellIs"],
        "B13:C13": ["cellIs", "cellIs"],
        "B14:C15": ["colorScale"],
    }


def test_hourly_coefficients_are_left_to_the_distributors_file() -> None:
    assert CONTENT.classes is not None
    classes = replace(CONTENT.classes, kind="hourly", count=8760, names=[], betas=[])
    rows = read_rows(open_content(replace(CONTENT, classes=classes)), "Classes of hours")

    assert rows[0] == ["Coefficients for every hour of the year"]
    assert str(rows[7][0]).startswith("8,760 sets of coefficients")
    assert rows[-1] == ["Gain over constant (EUR)", 1.5, 0.5]


def test_checks_on_unseen_data_are_told_and_read_out() -> None:
    rows = read_rows(open_content(CONTENT), "Unseen data")

    assert rows[3][1:] == [200, 3, 2, 1.5, 0.5, 2.5, 0.75, 0.25, 1.25]
    assert rows[4][1:] == [12, 0, 2, 1, None, None, 0.5]
    assert str(rows[6][0]).endswith(
        "kept 75 % of the gain that they promised. In nine trials of ten it was between 25 % and "
        "125 %."
    )
    assert rows[8:] == [
        ["Chosen for drawn years", "Highest mean of the worst tenth"],
        ["Years", 3],
        ["Result (EUR)", 18],
        ["Proven upper bound (EUR)", 18.25],
        ["Gap to the bound", 0.01],
        ["Worst year (EUR)", 18],
        ["Mean year (EUR)", 21],
        ["Best year (EUR)", 25],
    ]


def test_a_plan_that_promises_nothing_has_nothing_to_lose() -> None:
    assert CONTENT.unseen is not None
    weeks, months = CONTENT.unseen.checks
    nothing = replace(weeks, share=None, share_interval=None)
    for first, told in ((nothing, "promises no gain"), (months, "kept 50 %")):
        unseen = replace(CONTENT.unseen, checks=[first], drawn=None)
        rows = read_rows(open_content(replace(CONTENT, unseen=unseen)), "Unseen data")

        assert told in str(rows[-1][0])
        assert "nine trials" not in str(rows[-1][0])


def test_drawn_years_without_a_check_stand_alone() -> None:
    assert CONTENT.unseen is not None
    unseen = replace(CONTENT.unseen, checks=[])
    rows = read_rows(open_content(replace(CONTENT, unseen=unseen)), "Unseen data")

    assert rows[0] == ["Chosen for drawn years", "Highest mean of the worst tenth"]


def test_notes_are_as_high_as_their_lines() -> None:
    sheet = open_content(CONTENT)["Notes"]

    assert sheet["B3"].value == "first\nsecond"
    assert sheet.row_dimensions[3].height == sheet.row_dimensions[2].height + 15


@pytest.mark.parametrize("language", Language)
def test_columns_show_large_numbers_whole(language: Language) -> None:
    huge = [replace(line, consumption_kwh=-123_456_789.25) for line in CONTENT.members]
    content = replace(CONTENT, members=huge, consumption_kwh=9_876_543_210.125)
    book = open_content(content, language)

    widths = [
        book[book.sheetnames[sheet]].column_dimensions[column].width
        for sheet, column in ((0, "B"), (1, "G"))
    ]
    assert widths[0] > len("9,876,543,210.125")
    assert widths[1] > len("-246,913,578.5")


def test_many_members_print_their_classes_on_several_pages() -> None:
    assert CONTENT.classes is not None
    members = [replace(CONTENT.members[0], member_id=f"M{row}") for row in range(40)]
    changes = replace(CONTENT.changes[0], members=[CONTENT.changes[0].members[0]] * 40)
    classes = replace(
        CONTENT.classes,
        betas=[[0.025] * 40, [0.025] * 40],
        gains=[CONTENT.classes.gains[0]] * 40,
    )
    content = replace(CONTENT, members=members, changes=[changes], classes=classes)
    sheet = open_content(content)["Classes of hours"]

    assert sheet.page_setup.fitToWidth == 3
    assert sheet.print_title_cols == "$A:$A"


def _of_first_member() -> RuleChanges:
    """Keep the first member's changes only."""
    return replace(CONTENT.changes[0], members=CONTENT.changes[0].members[:1])


def test_long_texts_wrap_in_lines_that_are_high_enough() -> None:
    members = [replace(CONTENT.members[0], kind="a very long kind of member, " * 3)]
    sheet = open_content(replace(BARE, members=members, changes=[_of_first_member()]))["Members"]

    assert sheet.row_dimensions[2].height == 3 * 15 + 6
    assert sheet["B2"].alignment.wrap_text


def test_texts_are_never_formulas_or_links() -> None:
    hostile = '=HYPERLINK("http://example.invalid","x")'
    goal = GoalFacts("co2", "kg", 1.0, 1.0, 0.0, carbon_kg_per_kwh=0.3, carbon_source=hostile)
    members = [replace(line, member_id=hostile, kind="+1+1") for line in CONTENT.members]
    content = replace(CONTENT, community=hostile, goal=goal, members=members)
    cells = [cell for sheet in open_content(content) for row in sheet.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)


def test_another_reader_finds_the_same_table() -> None:
    table = pd.read_excel(
        BytesIO(render_content(CONTENT)),
        sheet_name="Members",
        engine="calamine",
        dtype={"CUPS": str},
    )

    assert table["CUPS"].tolist()[:2] == ["ES00000000000000M1", "ES00000000000000M2"]
    assert table["Savings (EUR)"].tolist() == [15.0, 5.0, 20.0]


def test_the_same_content_gives_the_same_bytes() -> None:
    assert render_content(CONTENT) == render_content(CONTENT)


def test_members_can_be_filtered_without_their_total() -> None:
    sheet = open_content(CONTENT)["Members"]

    assert sheet.auto_filter.ref == "A1:N3"
    assert sheet.freeze_panes == "B2"


BILLS = BillFacts(
    lines=[
        BillLine("M1", "Luz Clara", False, 900.0, 700.0, 650.25),
        BillLine("M2", "default", True, 400.0, 280.0, 300.0),
    ],
    law_year=2026,
    unsure_figures=["electricity tax (OPEN)", "days of the year (R)"],
)


def test_yearly_bills_stand_side_by_side_with_what_changes() -> None:
    book = open_content(replace(CONTENT, bills=BILLS))
    rows = read_rows(book, "Yearly bills")

    assert rows[2] == [
        "Member",
        "Retail contract",
        "Without sharing (EUR)",
        "Now (EUR)",
        "Proposal (EUR)",
        "Saving (EUR)",
        "Gain (EUR)",
    ]
    assert rows[3:6] == [
        ["M1", "Luz Clara", 900, 700, 650.25, 249.75, 49.75],
        ["M2", "default (assumed)", 400, 280, 300, 100, -20],
        ["Total", None, 1300, 980, 950.25, 349.75, 29.75],
    ]
    assert [row[0] for row in rows[7:9]] == [
        "Tolls, charges and taxes are those of 2026.",
        "Figures of law that are not sure: electricity tax (OPEN), days of the year (R).",
    ]
    (chart,) = book["Yearly bills"]._charts
    assert len(chart.series) == 3
    assert book["Yearly bills"].conditional_formatting


def test_without_coefficients_in_force_bills_say_nothing_of_now() -> None:
    lines = [replace(line, before_eur=None) for line in BILLS.lines]
    bills = BillFacts(lines, law_year=None, unsure_figures=[])
    book = open_content(replace(CONTENT, bills=bills), Language.SPANISH)
    rows = read_rows(book, "Facturas anuales")

    assert rows[2][2:] == ["Sin reparto (EUR)", "Propuesta (EUR)", "Ahorro (EUR)"]
    assert rows[3] == ["M1", "Luz Clara", 900, 650.25, 249.75]
    assert len(rows) == 6
    (chart,) = book["Facturas anuales"]._charts
    assert len(chart.series) == 2
