"""What people see at a terminal: progress on standard error, tables on standard output."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from api.services.describe_proposal import describe_proposal
from api.services.plan_coefficients import PROPOSAL, PlannedYear
from api.services.progress import Progress
from loaders.report_texts import Language, texts_in
from planner.coefficients.rules import Rule
from planner.goal import Objective

_WIDTH_WHEN_PIPED = 80


@contextmanager
def show_progress(title: str) -> Iterator[Progress]:
    """Show a bar on standard error; the caller reports the share done and the stage."""
    console = Console(stderr=True)
    bar = ProgressBar(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(title, total=1.0)

        def report(share: float, stage: str) -> None:
            bar.update(task, completed=share, description=f"{title}: {stage}")

        yield report


def part_of(report: Progress, start: float, end: float) -> Progress:
    """Let a step of a longer work report its own share, 0 to 1."""
    return lambda share, stage: report(start + (end - start) * share, stage)


def print_plan(plan: PlannedYear) -> None:
    """Print the comparison of rules, the members and the proof."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_WHEN_PIPED)
    described = describe_proposal(plan)
    # Names come from files: as Text, nothing in them is taken for markup.
    console.print(Text(plan.community.name, style="bold"))
    console.print(
        f"{described['cau']}, {described['year']}: "
        f"{described['generation_kwh']:,.0f} kWh generated, "
        f"{described['consumption_kwh']:,.0f} kWh consumed",
        highlight=False,
    )
    console.print(_tabulate_rules(plan))
    console.print(_tabulate_members(plan, described["members"]))
    console.print(_state_proof(plan), highlight=False)


def _state_proof(plan: PlannedYear) -> str:
    """Say how good the coefficients are, and how that is known."""
    unit = "EUR" if plan.request.objective is Objective.SAVINGS else "kWh"
    choice = plan.choice
    return (
        f"Proven: no coefficients within the limits bring more than\n"
        f"[bold]{choice.upper_bound:,.6f} {unit}[/]; these bring "
        f"[bold]{choice.value:,.6f} {unit}[/] (gap {choice.gap:.1e}).\n"
        f"Solved by {choice.solver} in {plan.seconds:.3f} s: {choice.method}."
    )


def _tabulate_rules(plan: PlannedYear) -> Table:
    """Compare the ways to share."""
    table = Table("Way to share", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("kWh used", "of the sun", "EUR saved"):
        table.add_column(heading, justify="right", no_wrap=True)
    names = texts_in(Language.ENGLISH).rules
    generated = float(plan.community.generation_kwh.sum())
    lines = [
        (name, float(settled.self_consumed_kwh.sum()), settled.savings_eur)
        for name, settled in plan.scenarios.items()
    ]
    for name, used, saved in [*lines, ("hourly_bound", plan.hourly_bound_kwh, None)]:
        table.add_row(
            names[name],
            f"{used:,.3f}",
            f"{used / generated:.1%}" if generated else "-",
            "-" if saved is None else f"{saved.sum():,.2f}",
            style="bold" if name == PROPOSAL else "",
        )
    return table


def _tabulate_members(plan: PlannedYear, lines: list[dict[str, object]]) -> Table:
    """Show each member's coefficient, and its change against sharing by consumption."""
    table = Table("Member", box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = "± kWh: against sharing by consumption"
    table.add_column("CUPS", no_wrap=True)
    for heading in ("β", "kWh used", "± kWh", "EUR saved"):
        table.add_column(heading, justify="right", no_wrap=True)
    by_consumption = plan.scenarios[Rule.CONSUMPTION].self_consumed_kwh.sum(axis=1)
    proposed = plan.proposal.self_consumed_kwh.sum(axis=1)
    for row, line in enumerate(lines):
        saved = line["savings_eur"]
        table.add_row(
            Text(str(line["member_id"])),
            str(line["cups"]),
            str(line["beta"]),
            f"{proposed[row]:,.1f}",
            f"{round(float(proposed[row] - by_consumption[row]), 1) + 0.0:+,.1f}",
            "-" if saved is None else f"{Decimal(str(saved)):,}",
        )
    return table
