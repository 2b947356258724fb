"""What people see at a terminal when several plants are planned together."""

from rich import box
from rich.table import Table
from rich.text import Text

from api.services.studies.describe_several import describe_several
from api.services.studies.plan_several import PlannedSeveral
from scripts.console import open_console
from scripts.plan_tables import has_filled_gaps, name_member, tell_method
from scripts.texts import coefficient, number, say, say_each
from scripts.yearly_bill_tables import print_yearly_bills

_WIDTH_WHEN_PIPED = 100


def print_several(planned: PlannedSeveral) -> None:
    """Print the plants, who shares where, and the proof over all assignments."""
    console = open_console(_WIDTH_WHEN_PIPED)
    # Names come from files: as Text, nothing in them is taken for markup.
    console.print(Text(planned.community.name, style="bold"))
    console.print(_tabulate_plants(planned))
    console.print(_tabulate_members(planned))
    described = describe_several(planned)
    members = [member for plant in described["caus"] for member in plant["members"]]
    print_yearly_bills(console, {"members": members, "bills": described["bills"]})
    wishes = (planned.request.classes, planned.request.has_curve, planned.request.is_checked)
    if any(wishes):
        console.print(say("plan.elsewhere"))
    console.print(_state_proof(planned), highlight=False)


def _tabulate_plants(planned: PlannedSeveral) -> Table:
    """Show what each plant brings to those who share in it."""
    table = Table(say("plan.installation"), box=box.SIMPLE_HEAD)
    worth = say("plan.one_percent", unit=planned.request.objective.unit)
    for heading in (*say_each("plan.members", "plan.made", "plan.used"), worth):
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in planned.plans:
        table.add_row(
            str(plan.installation.cau),
            str(len(plan.members)),
            number(plan.community.generation_kwh.sum(), ",.1f"),
            number(plan.proposal.self_consumed_kwh.sum(), ",.1f"),
            "-" if plan.choice.price is None else number(plan.choice.price / 100, ",.3f"),
        )
    return table


def _tabulate_members(planned: PlannedSeveral) -> Table:
    """Show each member's installation and coefficient, plant by plant."""
    table = Table(say("plan.member"), box=box.SIMPLE_HEAD, caption_justify="left")
    if any(has_filled_gaps(plan) for plan in planned.plans):
        table.caption = say("plan.filled_legend")
    for heading in ("CUPS", say("plan.installation")):
        table.add_column(heading, no_wrap=True)
    for heading in ("β", say("plan.used")):
        table.add_column(heading, justify="right", no_wrap=True)
    for plan in planned.plans:
        used = plan.proposal.self_consumed_kwh.sum(axis=1)
        lines = zip(plan.members, plan.millionths, used, strict=True)
        for row, (member, share, used_kwh) in enumerate(lines):
            table.add_row(
                name_member(plan, row),
                str(member.cups),
                str(plan.installation.cau),
                coefficient(int(share)),
                number(used_kwh, ",.1f"),
            )
    return table


def _state_proof(planned: PlannedSeveral) -> str:
    """Say how good the assignment is, and how that is known."""
    unit = planned.request.objective.unit
    proven = say(
        "plan.proven_several",
        bound=f"{number(planned.upper_bound, ',.6f')} {unit}",
        value=f"{number(planned.value, ',.6f')} {unit}",
        gap=planned.gap,
    )
    found = planned.assignment
    solved = say("plan.solved_several", solver=found.solver, method=tell_method(found.method))
    return f"{proven}\n{solved}"
