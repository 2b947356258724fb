"""What people see at a terminal when several plants are planned together."""

from rich import box
from rich.table import Table
from rich.text import Text

from api.services.studies.plan_several import PlannedSeveral
from models.values.coefficient import format_coefficient
from scripts.console import open_console
from scripts.plan_tables import FILLED_LEGEND, has_filled_gaps, name_member

_WIDTH_WHEN_PIPED = 100


def print_several(planned: PlannedSeveral) -> None:
    """Print the plants, who shares where, and the proof over all assignments."""
    console = open_console(_WIDTH_WHEN_PIPED)
    # Names come from files: as Text, nothing in them is taken for markup.
    console.print(Text(planned.community.name, style="bold"))
    console.print(_tabulate_plants(planned))
    console.print(_tabulate_members(planned))
    wishes = (planned.request.classes, planned.request.has_curve, planned.request.is_checked)
    if any(wishes):
        console.print("Classes, curve and unseen data of each plant stand in proposal.json.")
    console.print(_state_proof(planned), highlight=False)


def _tabulate_plants(planned: PlannedSeveral) -> Table:
    """Show what each plant brings to those who share in it."""
    table = Table("Installation", box=box.SIMPLE_HEAD)
    headings = (
        "Members",
        "kWh made",
        "kWh used",
        f"+1 % is worth, {planned.request.objective.unit}",
    )
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in planned.plans:
        table.add_row(
            str(plan.installation.cau),
            str(len(plan.members)),
            f"{plan.community.generation_kwh.sum():,.1f}",
            f"{plan.proposal.self_consumed_kwh.sum():,.1f}",
            "-" if plan.choice.price is None else f"{plan.choice.price / 100:,.3f}",
        )
    return table


def _tabulate_members(planned: PlannedSeveral) -> Table:
    """Show each member's installation and coefficient, plant by plant."""
    table = Table("Member", box=box.SIMPLE_HEAD, caption_justify="left")
    if any(has_filled_gaps(plan) for plan in planned.plans):
        table.caption = FILLED_LEGEND
    for heading in ("CUPS", "Installation"):
        table.add_column(heading, no_wrap=True)
    for heading in ("β", "kWh used"):
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in planned.plans:
        used = plan.proposal.self_consumed_kwh.sum(axis=1)
        lines = zip(plan.members, plan.millionths, used, strict=True)
        for row, (member, share, used_kwh) in enumerate(lines):
            table.add_row(
                name_member(plan, row),
                str(member.cups),
                str(plan.installation.cau),
                format_coefficient(int(share)),
                f"{used_kwh:,.1f}",
            )
    return table


def _state_proof(planned: PlannedSeveral) -> str:
    """Say how good the assignment is, and how that is known."""
    unit = planned.request.objective.unit
    return (
        f"Proven: no assignment of members with any coefficients brings more than\n"
        f"[bold]{planned.upper_bound:,.6f} {unit}[/]; this one brings "
        f"[bold]{planned.value:,.6f} {unit}[/] (gap {planned.gap:.1e}).\n"
        f"Solved by {planned.assignment.solver}: {planned.assignment.method}."
    )
