"""The notes sheet of the report: sources, units, method and proof, in the report's language."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from api.services.plan_coefficients import PlannedYear
from loaders.report_texts import Language, texts_in
from planner.coefficients.rules import Rule
from planner.goal import Objective

_NOTICEABLE_SHARE = 1e-6


def write_notes_on(plan: PlannedYear, language: Language) -> list[tuple[str, str]]:
    """Write the notes of a plan's report.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    language : Language
        Language of the notes, one TOML file each beside this one.

    Returns
    -------
    list of tuple of str
        Topic and text.
    """
    texts = _read_texts(language)
    facts = _gather_facts(plan, texts, language)
    notes = list(texts["notes"])
    if not plan.choice.is_optimum:
        notes.append(texts["caution"])
    return [(note["topic"], note["text"].format(**facts)) for note in notes]


@cache
def _read_texts(language: Language) -> dict[str, Any]:
    """Read a language's notes."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def _gather_facts(plan: PlannedYear, texts: dict[str, Any], language: Language) -> dict[str, str]:
    """Fill the gaps of the notes."""
    request, choice, phrases = plan.request, plan.choice, texts["phrases"]
    unit = "EUR" if request.objective is Objective.SAVINGS else "kWh"
    return {
        "cau": str(plan.installation.cau),
        "year": str(plan.community.year),
        "objective": texts["objectives"][request.objective],
        "limits": _describe_limits(plan, phrases, language),
        "steps": str(plan.community.generation_kwh.shape[1]),
        "minutes": str(plan.community.step.seconds // 60),
        "members": str(len(plan.members)),
        "prices": phrases["unpriced" if plan.proposal.savings_eur is None else "priced"],
        "solver": choice.solver,
        "method": texts["methods"][request.method if choice.is_optimum else "search"],
        "bound": f"{choice.upper_bound:.6f} {unit}",
        "value": f"{choice.value:.6f} {unit}",
        "gap": f"{choice.gap:.1e}",
        "price": f"{choice.price:.6f} {unit}",
        "losers": str(_count_losers(plan)),
        "count": str(choice.convex_steps.size),
    }


def _describe_limits(plan: PlannedYear, phrases: dict[str, str], language: Language) -> str:
    """Say which limits were asked for."""
    request = plan.request
    limits = []
    if request.floor_share is not None:
        rule = texts_in(language).rules[request.reference]
        limits.append(phrases["floor"].format(share=request.floor_share, rule=rule.lower()))
    if request.min_beta > 0 or request.max_beta < 1:
        limits.append(phrases["bounds"].format(least=request.min_beta, greatest=request.max_beta))
    return "; ".join(limits) or phrases["no_limits"]


def _count_losers(plan: PlannedYear) -> int:
    """Count who loses more, against sharing by consumption, than a millionth of the plant."""
    proposed = plan.proposal.self_consumed_kwh.sum(axis=1)
    by_consumption = plan.scenarios[Rule.CONSUMPTION].self_consumed_kwh.sum(axis=1)
    noise_kwh = _NOTICEABLE_SHARE * plan.community.generation_kwh.sum()
    return int((proposed < by_consumption - noise_kwh).sum())
