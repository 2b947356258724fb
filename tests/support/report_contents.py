"""A report's content in round numbers, and its workbook read back by another library."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
from openpyxl.workbook import Workbook

from loaders.report_content import (
    Amounts,
    CheckLine,
    ClassFacts,
    DrawnYears,
    FairnessFacts,
    FloorLine,
    Gainers,
    GoalFacts,
    MemberLine,
    MonthLine,
    ReportContent,
    RuleChanges,
    RuleLine,
    UnseenFacts,
)
from loaders.report_workbook import write_report_workbook
from models.values.language import Language

DRAWN_AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
NO_MONEY = Gainers(1, 1, None, None)
MONEY = Gainers(1, 1, 2, 0)


def build_report_content() -> ReportContent:
    """Two members, two rules and one month, with everything that a plan may hold beside them."""
    return ReportContent(
        community="Comunidad & Peña",
        cau="ES0031300009000001GH0FA000",
        year=2023,
        generation_kwh=200.0,
        consumption_kwh=400.0,
        goal=GoalFacts("savings", "EUR", 20.0, 20.5, 0.02, one_percent=0.125),
        rules=[
            RuleLine("proposal", Amounts(100.0, 20.0, 0.25), gini=0.1, jain=0.9),
            RuleLine(
                "by_class",
                Amounts(110.0, 22.0, 0.275),
                0.2,
                0.8,
                Amounts(-10.0, -2.0, -0.025),
                Gainers(0, 2, 0, 2),
            ),
            RuleLine(
                "equal", Amounts(90.0, 19.0, 0.225), 0.3, 0.7, Amounts(10.0, 1.0, 0.025), MONEY
            ),
            RuleLine("hourly_bound", Amounts(120.0, None, 0.3)),
        ],
        members=[_member("M1", 0.75, 300.0), _member("M2", 0.25, 100.0)],
        changes=[
            RuleChanges(
                "equal",
                [Amounts(15.0, 0.75, 0.05), Amounts(-5.0, 0.25, None)],
                Amounts(10.0, 1.0, 0.025),
                MONEY,
            )
        ],
        months=[MonthLine(1, 200.0, 400.0, 100.0, 100.0, 300.0, 60.0, 40.0, 5.0, 20.0)],
        notes=[("Method", "By hand."), ("Limits", "first\nsecond")],
        fairness=FairnessFacts(
            "consumption",
            18.0,
            [
                FloorLine(0.0, 20.0, 20.5, 0.02, 1.0, 0.4, 0.3, 0.8),
                FloorLine(0.5, 19.0, 19.0, 0.0, 0.5, 0.6, 0.2, 0.9),
            ],
            [0.95, 1.0],
        ),
        classes=ClassFacts(
            kind="season-day",
            method="by hand",
            count=8,
            value=22.0,
            upper_bound=22.5,
            gap=0.01,
            gain=2.0,
            names=["Winter, working day", "Winter, rest day"],
            betas=[[0.5, 0.5], [0.125, 0.875]],
            gains=[Amounts(4.0, 1.5, 0.01), Amounts(6.0, 0.5, None)],
        ),
        unseen=UnseenFacts(
            "consumption",
            [
                CheckLine("weeks", 200, 3, 2.0, 1.5, (0.5, 2.5), 0.75, (0.25, 1.25)),
                CheckLine("months", 12, 0, 2.0, 1.0, None, 0.5, None),
            ],
            DrawnYears("worst-tenth", [18.0, 20.0, 25.0], 18.0, 18.25, 0.01),
        ),
    )


def _member(member_id: str, beta: float, consumption_kwh: float) -> MemberLine:
    """Give a member what its coefficient says of 200 kWh, half of it used."""
    allocated = 200.0 * beta
    used = allocated / 2
    return MemberLine(
        member_id=member_id,
        kind="home",
        cups=f"ES00000000000000{member_id}",
        tariff="2.0TD",
        contracted_kw=3.45,
        beta=beta,
        consumption_kwh=consumption_kwh,
        allocated_kwh=allocated,
        surplus_kwh=allocated - used,
        grid_import_kwh=consumption_kwh - used,
        amounts=Amounts(used, 20.0 * beta, used / consumption_kwh),
        one_percent=0.125,
    )


def without_prices(content: ReportContent) -> ReportContent:
    """Forget the money that the summary's rules, the members and their changes know."""

    def forget(amounts: Amounts) -> Amounts:
        return replace(amounts, eur=None)

    assert content.classes is not None
    rules = [
        replace(line, amounts=forget(line.amounts), gainers=line.gainers and NO_MONEY)
        for line in content.rules
    ]
    members = [replace(line, amounts=forget(line.amounts)) for line in content.members]
    changes = [
        replace(
            change,
            members=[forget(amounts) for amounts in change.members],
            total=forget(change.total),
            gainers=NO_MONEY,
        )
        for change in content.changes
    ]
    gains = [forget(amounts) for amounts in content.classes.gains]
    return replace(
        content,
        rules=rules,
        members=members,
        changes=changes,
        classes=replace(content.classes, gains=gains),
    )


def render_content(content: ReportContent, language: Language = Language.ENGLISH) -> bytes:
    """Write the workbook."""
    file = BytesIO()
    write_report_workbook(file, content, created_at=DRAWN_AT, language=language)
    return file.getvalue()


def open_content(content: ReportContent, language: Language = Language.ENGLISH) -> Workbook:
    """Write the workbook and read it back."""
    return openpyxl.load_workbook(BytesIO(render_content(content, language)))


def read_rows(book: Workbook, sheet: str) -> list[list[object]]:
    """Read a sheet's lines without the empty cells at their ends."""
    rows = []
    for row in book[sheet].iter_rows(values_only=True):
        values = list(row)
        while values and values[-1] is None:
            values.pop()
        rows.append(values)
    return rows
