"""What people see at a terminal: progress on standard error, tables on standard output."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from api.services.describe_proposal import describe_proposal
from api.services.plan_coefficients import PROPOSAL, PlannedYear
from api.services.progress import Progress
from loaders.report_texts import Language, texts_in
from planner.coefficients.choose import Objective

_WIDTH_WHEN_PIPED = 100


@contextmanager
def show_progress(title: str) -> Iterator[Progress]:
    """Show a bar on standard error; the caller reports the share done and the stage."""
    bar = ProgressBar(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
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
    console = open_output()
    described = describe_proposal(plan)
    console.print(
        f"\n[bold]{plan.community.name}[/]  {described['cau']}  {described['year']}  "
        f"{described['generation_kwh']:,.0f} kWh generated, "
        f"{described['consumption_kwh']:,.0f} kWh consumed\n",
        highlight=False,
    )
    console.print(_tabulate_rules(plan))
    console.print(_tabulate_members(plan))
    unit = "EUR" if plan.request.objective is Objective.SAVINGS else "kWh"
    console.print(
        f"Proven: no coefficients within the limits bring more than "
        f"[bold]{plan.choice.upper_bound:,.3f} {unit}[/]; these bring "
        f"[bold]{plan.choice.value:,.3f} {unit}[/] (gap {plan.choice.gap:.1e}).\n"
        f"{plan.choice.solver}, {plan.choice.method}: {plan.seconds:.3f} s.",
        highlight=False,
    )


def open_output() -> Console:
    """Open standard output, wide enough for a table where it is not a terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_WHEN_PIPED)


def _tabulate_rules(plan: PlannedYear) -> Table:
    """Compare the ways to share."""
    table = Table("Way to share", title="Self-consumption of the year", title_justify="left")
    for heading in ("kWh", "of generation", "EUR saved"):
        table.add_column(heading, justify="right")
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


def _tabulate_members(plan: PlannedYear) -> Table:
    """Show each member's coefficient, and its change against sharing by consumption."""
    table = Table("Member", "CUPS", title="Members", title_justify="left")
    for heading in ("coefficient", "kWh", "against consumption", "EUR saved"):
        table.add_column(heading, justify="right")
    by_consumption = plan.scenarios["consumption"].self_consumed_kwh.sum(axis=1)
    for row, line in enumerate(describe_proposal(plan)["members"]):
        used = line["self_consumed_kwh"]
        table.add_row(
            line["member_id"],
            line["cups"],
            line["beta"],
            f"{used:,.3f}",
            f"{used - by_consumption[row]:+,.3f}",
            f"{Decimal(line['savings_eur']):,}" if line["savings_eur"] else "-",
        )
    return table
