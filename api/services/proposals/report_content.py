"""Gather what the report workbook says about a plan."""

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.completion_notes import name_profile, note_completions
from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.report_extras import (
    gather_bills,
    gather_class_facts,
    gather_fairness,
    gather_unseen_facts,
)
from api.services.proposals.report_notes import write_notes_on
from api.services.proposals.retail_question import PriceBasis
from loaders.report_content import (
    Amounts,
    ClassFacts,
    Gainers,
    GoalFacts,
    MemberLine,
    MonthLine,
    ReportContent,
    RuleChanges,
    RuleLine,
)
from models.values.coefficient import MILLIONTHS
from models.values.language import Language
from planner.fairness.comparison import (
    Change,
    Comparison,
    Outcome,
    Scenario,
    compare_with_rules,
)

_BY_CLASS, _BOUND = "by_class", "hourly_bound"
_ONE_PERCENT = 0.01


def gather_report_content(plan: PlannedYear, language: Language) -> ReportContent:
    """Gather the numbers and notes of the report.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    language : Language
        Language of the notes, and of classes and methods.

    Returns
    -------
    ReportContent
        Energy in kWh, money in EUR, neither rounded.
    """
    settled = plan.proposal
    by_class = _compare_with_classes(plan)
    return ReportContent(
        community=plan.community.name,
        cau=str(plan.installation.cau),
        year=plan.community.year,
        generation_kwh=_kwh(plan.community.generation_kwh),
        consumption_kwh=_kwh(settled.consumption_kwh),
        goal=_state_goal(plan),
        rules=_list_rules(plan, by_class),
        members=[_member_line(plan, row, language) for row in range(len(plan.members))],
        changes=[_list_changes(change) for change in plan.comparison.changes],
        months=[_month_line(plan, month) for month in range(settled.allocated_kwh.shape[1])],
        notes=[*write_notes_on(plan, language), *note_completions(plan.completions, language)],
        fairness=None if plan.curve is None else gather_fairness(plan.curve),
        classes=_describe_classes(plan, by_class, language),
        unseen=gather_unseen_facts(plan),
        bills=gather_bills(plan),
        has_retail_prices=plan.request.prices is PriceBasis.RETAIL,
    )


def _compare_with_classes(plan: PlannedYear) -> Comparison | None:
    """Compare the proposal with the coefficients by class, if there are any."""
    if plan.by_class is None:
        return None
    scenario = {_BY_CLASS: plan.by_class.settled}
    return compare_with_rules(plan.proposal, scenario, plan.hourly_bound_kwh)


def _describe_classes(
    plan: PlannedYear, compared: Comparison | None, language: Language
) -> ClassFacts | None:
    """Describe the coefficients by class, with what each member gains over constant ones."""
    if plan.by_class is None or compared is None:
        return None
    constant = compared.proposal.members
    gains = [
        _amounts(by_class - before)
        for by_class, before in zip(compared.rules[0].members, constant, strict=True)
    ]
    return gather_class_facts(plan, plan.by_class, gains, language)


def _state_goal(plan: PlannedYear) -> GoalFacts:
    """State what was counted, what came out, and the proof."""
    goal, choice = plan.goal, plan.choice
    mix, carbon = goal.mix, goal.carbon
    return GoalFacts(
        objective=goal.objective.value,
        unit=goal.objective.unit,
        value=choice.value,
        upper_bound=choice.upper_bound,
        gap=choice.gap,
        one_percent=None if choice.price is None else _ONE_PERCENT * choice.price,
        weights=None if mix is None else {"kWh": mix.kwh, "EUR": mix.eur, "kg": mix.kg},
        carbon_kg_per_kwh=None if carbon is None else carbon.kg_per_kwh,
        carbon_source="" if carbon is None else carbon.label,
    )


def _list_rules(plan: PlannedYear, by_class: Comparison | None) -> list[RuleLine]:
    """List the proposal, coefficients by class, every rule, and the bound of all."""
    bound_kwh, consumption_kwh = plan.hourly_bound_kwh, _kwh(plan.proposal.consumption_kwh)
    share = bound_kwh / consumption_kwh if consumption_kwh else None
    lines = [_rule_line(plan.comparison.proposal, None)]
    for compared in (by_class, plan.comparison):
        if compared is not None:
            lines += map(_rule_line, compared.rules, compared.changes)
    return [*lines, RuleLine(_BOUND, Amounts(bound_kwh, None, share))]


def _rule_line(scenario: Scenario, change: Change | None) -> RuleLine:
    """Sum a scenario, and what the proposal changes against it."""
    return RuleLine(
        name=scenario.name,
        amounts=_amounts(scenario.community),
        gini=scenario.gini,
        jain=scenario.jain,
        change=None if change is None else _amounts(change.community),
        gainers=None if change is None else _count(change),
    )


def _list_changes(change: Change) -> RuleChanges:
    """List what the proposal changes against a rule."""
    members = [_amounts(outcome) for outcome in change.members]
    return RuleChanges(change.rule, members, _amounts(change.community), _count(change))


def _amounts(outcome: Outcome) -> Amounts:
    """Hand a planner's outcome on."""
    return Amounts(outcome.self_consumed_kwh, outcome.savings_eur, outcome.self_sufficiency_share)


def _count(change: Change) -> Gainers:
    """Hand the planner's tallies on."""
    energy, money = change.by_energy, change.by_savings
    return Gainers(
        energy.winners,
        energy.losers,
        None if money is None else money.winners,
        None if money is None else money.losers,
    )


def _member_line(plan: PlannedYear, row: int, language: Language) -> MemberLine:
    """Sum a member's year under the proposal."""
    member, settled, completion = plan.members[row], plan.proposal, plan.completions[row]
    return MemberLine(
        member_id=member.member_id,
        kind=member.kind,
        cups=str(member.cups),
        tariff=member.tariff.value,
        contracted_kw=member.contracted_kw,
        beta=int(plan.millionths[row]) / MILLIONTHS,
        consumption_kwh=_kwh(settled.consumption_kwh[row]),
        allocated_kwh=_kwh(settled.allocated_kwh[row]),
        surplus_kwh=_kwh(settled.surplus_kwh[row]),
        grid_import_kwh=_kwh(settled.grid_import_kwh[row]),
        amounts=_amounts(plan.comparison.proposal.members[row]),
        one_percent=_ONE_PERCENT * float(plan.choice.worth[row]),
        known_share=completion.known_share,
        filled_from=name_profile(completion, language),
    )


def _month_line(plan: PlannedYear, month: int) -> MonthLine:
    """Sum the community's month under the proposal."""
    settled = plan.proposal
    return MonthLine(
        month=month + 1,
        generation_kwh=_kwh(settled.allocated_kwh[:, month]),
        consumption_kwh=_kwh(settled.consumption_kwh[:, month]),
        self_consumed_kwh=_kwh(settled.self_consumed_kwh[:, month]),
        surplus_kwh=_kwh(settled.surplus_kwh[:, month]),
        grid_import_kwh=_kwh(settled.grid_import_kwh[:, month]),
        cost_without_eur=_month_eur(settled.cost_without_eur, month),
        cost_with_eur=_month_eur(settled.cost_with_eur, month),
        compensation_eur=_month_eur(settled.surplus_compensation_eur, month),
        savings_eur=_month_eur(settled.savings_eur, month),
    )


def _month_eur(amounts_eur: NDArray[np.float64] | None, month: int) -> float | None:
    """Sum a month's money; the cell shows cents and keeps the rest, so that totals agree."""
    return None if amounts_eur is None else float(amounts_eur[:, month].sum())


def _kwh(energy_kwh: NDArray[np.float64]) -> float:
    """Sum energy."""
    return float(energy_kwh.sum())
