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
from api.services.proposals.report_notes import word_method
from loaders.report_texts import texts_in
from models.texts.phrases import translate
from models.values.language import Language
from planner.coefficients.rules import Rule
from planner.fairness.price_of_fairness import FairnessCurve
from planner.goal import MAX_MIN
from planner.unseen.survival import Check, Survival
from scripts.console import open_console
from scripts.texts import number, say, say_each, spoken
from scripts.yearly_bill_tables import print_yearly_bills


def print_plan(plan: PlannedYear) -> None:
    """Print the comparison of rules, the members and the proof."""
    console = open_console()
    described = describe_proposal(plan)
    # Names come from files: as Text, nothing in them is taken for markup.
    console.print(Text(plan.community.name, style="bold"))
    console.print(
        say(
            "plan.energy",
            cau=described["cau"],
            year=described["year"],
            generated=described["generation_kwh"],
            consumed=described["consumption_kwh"],
        ),
        highlight=False,
    )
    console.print(_tabulate_rules(plan))
    console.print(_tabulate_members(plan, described["members"]))
    print_yearly_bills(console, described)
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
    proven = say(
        "plan.proven_least" if plan.goal.objective in MAX_MIN else "plan.proven",
        bound=_amount(choice.upper_bound, unit),
        value=_amount(choice.value, unit),
        gap=choice.gap,
    )
    again = "" if plan.recheck is None else f" {say('plan.checked_again')}"
    method = tell_method(choice.method)
    solved = say("plan.solved", solver=choice.solver, seconds=plan.seconds, method=method)
    return f"{proven}{again}\n{solved}"


def tell_method(method: str) -> str:
    """Say how coefficients were found; in English by the planner's own words."""
    language = spoken()
    if language is Language.ENGLISH:
        return method
    return translate(word_method(method, language), language)


def _amount(value: float, unit: str) -> str:
    """Write a value of the objective; a share as a percentage."""
    return number(value, ".4%") if unit == "1" else f"{number(value, ',.6f')} {unit}"


def _state_classes(plan: PlannedYear, by_class: ClassPlan) -> str:
    """Say what coefficients by class of hours add."""
    choice, unit = by_class.choice, plan.goal.objective.unit
    told = say(
        "plan.by_class",
        kind=say(f"plan.kind_{by_class.kind.value}"),
        count=choice.millionths.shape[1],
        value=choice.value,
        unit=unit,
        gain=choice.value - plan.choice.value,
        bound=choice.upper_bound,
        gap=choice.gap,
    )
    return f"{told}\n"


def _state_robust(robust: RobustPlan, unit: str) -> str:
    """Say what the coefficients were chosen for, which this year's bound does not know."""
    drawn = robust.drawn
    return say(
        "plan.drawn_mean" if robust.kind is Robust.MEAN else "plan.drawn_worst_tenth",
        count=drawn.scenario_values.size,
        value=_amount(drawn.value, unit),
        bound=_amount(drawn.upper_bound, unit),
        gap=drawn.gap,
    )


def _tabulate_curve(curve: FairnessCurve, unit: str) -> Table:
    """Show what floors cost, in steps that fit on a screen."""
    rule = texts_in(spoken()).rules[curve.reference.value].lower()
    table = Table(say("plan.floor"), box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = say("plan.floor_legend", rule=rule)
    for heading in (unit, *say_each("plan.gain_kept", "plan.worst_member", "plan.gini")):
        table.add_column(heading, justify="right", no_wrap=True)
    # Floors that do not bind leave the coefficients as they are: one line for all of them.
    for _, alike in groupby(curve.points, key=lambda point: point.millionths.tolist()):
        first, *others = alike
        point = others[-1] if others else first
        table.add_row(
            _span(first.floor, point.floor) if others else f"{point.floor:.0%}",
            number(point.value, ",.2f"),
            number(point.gain_kept, ".1%"),
            number(point.least_ratio, ".1%"),
            "-" if point.gini is None else number(point.gini, ".3f"),
        )
    for floor in curve.infeasible_floors:
        table.add_row(f"{floor:.0%}", say("plan.infeasible"), "-", "-", "-")
    return table


def _tabulate_survival(survivals: Sequence[Survival], unit: str) -> Table:
    """Show how much of the gain is left on data that did not choose."""
    table = Table(say("plan.unseen"), box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = say("plan.unseen_legend", unit=unit)
    for heading in say_each("plan.promised", "plan.kept", "plan.survives", "plan.spread"):
        table.add_column(heading, justify="right", no_wrap=True)
    for survival in survivals:
        spread = survival.share_interval
        # Single months span the seasons, not the chances of another year.
        told = spread is not None and survival.check is not Check.MONTHS
        table.add_row(
            say(f"plan.check_{survival.check.name.lower()}"),
            number(survival.promised_gain, ",.1f"),
            number(survival.kept_gain, ",.1f"),
            "-" if survival.share is None else number(survival.share, ".1%"),
            _span(spread.low, spread.high) if spread and told else "-",
        )
    return table


def _span(low: float, high: float) -> str:
    return say("plan.span", low=low, high=high)


def _tabulate_rules(plan: PlannedYear) -> Table:
    """Compare the ways to share."""
    table = Table(say("plan.way"), box=box.SIMPLE_HEAD, title_justify="left")
    for heading in say_each("plan.used", "plan.of_the_sun", "plan.saved"):
        table.add_column(heading, justify="right", no_wrap=True)
    names = texts_in(spoken()).rules
    generated = float(plan.community.generation_kwh.sum())
    lines = [
        (name, float(settled.self_consumed_kwh.sum()), settled.savings_eur)
        for name, settled in plan.scenarios.items()
    ]
    for name, used, saved in [*lines, ("hourly_bound", plan.hourly_bound_kwh, None)]:
        table.add_row(
            names[name],
            number(used, ",.3f"),
            number(used / generated, ".1%") if generated else "-",
            "-" if saved is None else number(saved.sum(), ",.2f"),
            style="bold" if name == PROPOSAL else "",
        )
    return table


def _tabulate_members(plan: PlannedYear, lines: list[dict[str, object]]) -> Table:
    """Show each member's coefficient, and its change against sharing by consumption."""
    table = Table(say("plan.who"), box=box.SIMPLE_HEAD, caption_justify="left")
    table.caption = say("plan.change_legend")
    if has_filled_gaps(plan):
        table.caption += f"\n{say('plan.filled_legend')}"
    table.add_column("CUPS", no_wrap=True)
    for heading in ("β", *say_each("plan.used", "plan.change", "plan.saved")):
        table.add_column(heading, justify="right", no_wrap=True)
    by_consumption = plan.scenarios[Rule.CONSUMPTION].self_consumed_kwh.sum(axis=1)
    proposed = plan.proposal.self_consumed_kwh.sum(axis=1)
    for row, line in enumerate(lines):
        saved = line["savings_eur"]
        table.add_row(
            name_member(plan, row),
            str(line["cups"]),
            number(Decimal(str(line["beta"])), ".6f"),
            number(proposed[row], ",.1f"),
            number(round(float(proposed[row] - by_consumption[row]), 1) + 0.0, "+,.1f"),
            "-" if saved is None else number(Decimal(str(saved)), ","),
        )
    return table
