"""What people see at a terminal when one plant is planned."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from rich import box
from rich.table import Table
from rich.text import Text

from api.services.proposals.describe_proposal import describe_proposal
from api.services.proposals.plan_by_class import ClassPlan
from api.services.proposals.plan_coefficients import PROPOSAL, PlannedYear
from api.services.proposals.plan_request import Robust
from api.services.proposals.plan_unseen import RobustPlan
from loaders.report_texts import Language, texts_in
from planner.coefficients.rules import Rule
from planner.fairness.price_of_fairness import FairnessCurve
from planner.goal import MAX_MIN
from planner.unseen.survival import Check, Survival
from scripts.console import open_console

FILLED_LEGEND = "*: partly or wholly a profile, not measured"
"""What the star behind a member means."""

_CLAIMS = {
    False: "no coefficients within the limits bring more than",
    True: "no coefficients within the limits raise all who can rise above",
}


def print_plan(plan: PlannedYear) -> None:
    """Print the comparison of rules, the members and the proof."""
    console = open_console()
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
    if plan.by_class is not None:
        console.print(_state_classes(plan, plan.by_class), highlight=False)
    if plan.curve is not None:
        console.print(_tabulate_curve(plan.curve, plan.goal.objective.unit))
    if plan.survivals:
        console.print(_tabulate_survival(plan.survivals, plan.goal.objective.unit))
    if plan.robust is not None:
        console.print(_state_robust(plan.robust, plan.goal.objective.unit), highlight=False)
    console.print(_state_proof(plan), highlight=False)


def has_filled_gaps(plan: PlannedYear) -> bool:
    """Tell whether a profile stands in for what was not measured of somebody."""
    return any(completion.profile for completion in plan.completions)


def name_member(plan: PlannedYear, row: int) -> Text:
    """Name a member, with a star if its year is partly or wholly a profile."""
    star = " *" if plan.completions[row].profile else ""
    return Text(f"{plan.members[row].member_id}{star}")


def _state_proof(plan: PlannedYear) -> str:
    """Say how good the coefficients are, and how that is known."""
    choice, unit = plan.choice, plan.goal.objective.unit
    again = "" if plan.recheck is None else " The proof was checked again by other means."
    return (
        f"Proven: {_CLAIMS[plan.goal.objective in MAX_MIN]}\n"
        f"[bold]{_amount(choice.upper_bound, unit)}[/]; these bring "
        f"[bold]{_amount(choice.value, unit)}[/] (gap {choice.gap:.1e}).{again}\n"
        f"Solved by {choice.solver} in {plan.seconds:.3f} s: {choice.method}."
    )


def _amount(value: float, unit: str) -> str:
    """Write a value of the objective; a share as a percentage."""
    return f"{value:.4%}" if unit == "1" else f"{value:,.6f} {unit}"


def _state_classes(plan: PlannedYear, by_class: ClassPlan) -> str:
    """Say what coefficients by class of hours add."""
    choice, unit = by_class.choice, plan.goal.objective.unit
    gain = choice.value - plan.choice.value
    return (
        f"By {by_class.kind.value}, {choice.millionths.shape[1]:,} classes: "
        f"[bold]{choice.value:,.3f} {unit}[/], {gain:+,.3f} over constant coefficients "
        f"(bound {choice.upper_bound:,.3f}, gap {choice.gap:.1e}).\n"
    )


def _state_robust(robust: RobustPlan, unit: str) -> str:
    """Say what the coefficients were chosen for, which this year's bound does not know."""
    drawn, what = robust.drawn, {Robust.MEAN: "mean", Robust.WORST_TENTH: "worst tenth"}
    return (
        f"Chosen for the {what[robust.kind]} of {drawn.scenario_values.size} drawn years: "
        f"[bold]{_amount(drawn.value, unit)}[/] there (bound {_amount(drawn.upper_bound, unit)}, "
        f"gap {drawn.gap:.1e}). In the planned year:"
    )


def _tabulate_curve(curve: FairnessCurve, unit: str) -> Table:
    """Show what floors cost, in steps that fit on a screen."""
    rule = texts_in(Language.ENGLISH).rules[curve.reference.value].lower()
    table = Table("Floor", box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = f"floor: share of each member's kWh under this rule: {rule}"
    for heading in (unit, "gain kept", "worst member", "Gini of savings"):
        table.add_column(heading, justify="right", no_wrap=True)
    # Floors that do not bind leave the coefficients as they are: one line for all of them.
    for _, alike in groupby(curve.points, key=lambda point: point.millionths.tolist()):
        first, *others = alike
        point = others[-1] if others else first
        table.add_row(
            f"{first.floor:.0%} to {point.floor:.0%}" if others else f"{point.floor:.0%}",
            f"{point.value:,.2f}",
            f"{point.gain_kept:.1%}",
            f"{point.least_ratio:.1%}",
            "-" if point.gini is None else f"{point.gini:.3f}",
        )
    for floor in curve.infeasible_floors:
        table.add_row(f"{floor:.0%}", "infeasible", "-", "-", "-")
    return table


def _tabulate_survival(survivals: Sequence[Survival], unit: str) -> Table:
    """Show how much of the gain is left on data that did not choose."""
    table = Table("On unseen data", box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = f"gains over the reference rule, {unit} a year; 5 to 95 % of the trials"
    for heading in ("promised", "kept", "survives", "5 to 95 %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for survival in survivals:
        spread = survival.share_interval
        # Single months span the seasons, not the chances of another year.
        told = spread is not None and survival.check is not Check.MONTHS
        table.add_row(
            survival.check.value,
            f"{survival.promised_gain:,.1f}",
            f"{survival.kept_gain:,.1f}",
            "-" if survival.share is None else f"{survival.share:.1%}",
            f"{spread.low:.0%} to {spread.high:.0%}" if spread and told else "-",
        )
    return table


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
    if has_filled_gaps(plan):
        table.caption += f"\n{FILLED_LEGEND}"
    table.add_column("CUPS", no_wrap=True)
    for heading in ("β", "kWh used", "± kWh", "EUR saved"):
        table.add_column(heading, justify="right", no_wrap=True)
    by_consumption = plan.scenarios[Rule.CONSUMPTION].self_consumed_kwh.sum(axis=1)
    proposed = plan.proposal.self_consumed_kwh.sum(axis=1)
    for row, line in enumerate(lines):
        saved = line["savings_eur"]
        table.add_row(
            name_member(plan, row),
            str(line["cups"]),
            str(line["beta"]),
            f"{proposed[row]:,.1f}",
            f"{round(float(proposed[row] - by_consumption[row]), 1) + 0.0:+,.1f}",
            "-" if saved is None else f"{Decimal(str(saved)):,}",
        )
    return table
