"""What people see at a terminal when vacancies are filled."""

from rich import box
from rich.table import Table
from rich.text import Text

from api.services.studies.admission_reasons import word_reason
from api.services.studies.fill_vacancies import CandidateOutcome, FilledVacancies
from models.values.language import Language
from planner.goal import Objective
from planner.reserve.reasons import Reason, ReasonCode
from scripts.console import open_console
from scripts.plan_tables import tell_method
from scripts.texts import coefficient, number, say, say_each

_WIDTH_WHEN_PIPED = 100


def print_admission(filled: FilledVacancies, language: Language) -> None:
    """Print the candidates with what became of them, the new group and the proof."""
    console = open_console(_WIDTH_WHEN_PIPED)
    # Names come from files: as Text, nothing in them is taken for markup.
    console.print(Text(filled.community.name, style="bold"))
    console.print(_tabulate_candidates(filled, language))
    console.print(_tabulate_group(filled))
    console.print(_state_proof(filled), highlight=False)


def _tabulate_candidates(filled: FilledVacancies, language: Language) -> Table:
    """Show each candidate, what it would add alone, and why it is in or out."""
    table = Table(*say_each("admission.candidate", "admission.result"), box=box.SIMPLE_HEAD)
    table.add_column(say("admission.alone"), justify="right", no_wrap=True)
    table.add_column(say("admission.why"))
    for each in filled.candidates:
        state = "admitted" if each.admitted else "waits" if each.eligible else "not_eligible"
        table.add_row(
            Text(each.record.member_id),
            say(f"admission.{state}"),
            number(each.marginal_kwh, ",.1f"),
            Text(" ".join(word_reason(reason, language) for reason in _pick_reasons(each))),
            style="bold" if each.admitted else "",
        )
    return table


def _pick_reasons(outcome: CandidateOutcome) -> list[Reason]:
    """Leave out what a warning says once for all, and what the figures beside it say."""
    told = {ReasonCode.DISTANCE_UNKNOWN, ReasonCode.ADDS_ENERGY}
    return [reason for reason in outcome.reasons if reason.code not in told]


def _tabulate_group(filled: FilledVacancies) -> Table:
    """Show the coefficients of the new group."""
    table = Table(say("plan.member"), box=box.SIMPLE_HEAD)
    table.add_column("CUPS", no_wrap=True)
    for heading in ("β", say("plan.used")):
        table.add_column(heading, justify="right", no_wrap=True)
    admitted = set(filled.admitted_ids)
    used = filled.settled.self_consumed_kwh.sum(axis=1)
    for record, share, used_kwh in zip(filled.group, filled.millionths, used, strict=True):
        table.add_row(
            Text(record.member_id),
            str(record.cups),
            coefficient(int(share)),
            number(used_kwh, ",.1f"),
            style="bold" if record.member_id in admitted else "",
        )
    return table


def _state_proof(filled: FilledVacancies) -> str:
    """Say how good the admission is, and how that is known."""
    unit = "EUR" if filled.request.goal.objective is Objective.SAVINGS else "kWh"
    return say(
        "admission.proven",
        bound=filled.upper_bound,
        value=filled.value,
        unit=unit,
        gap=filled.gap,
        method=tell_method(filled.method),
    )
