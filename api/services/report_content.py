"""Gather what the report workbook says about a plan."""

import numpy as np
from numpy.typing import NDArray

from api.services.plan_coefficients import PlannedYear
from api.services.report_notes import write_notes_on
from loaders.report_content import MemberLine, MonthLine, ReportContent, RuleLine
from loaders.report_texts import Language
from models.values.coefficient import MILLIONTHS
from planner.billing.simulator import Settlement
from planner.coefficients.rules import Rule


def gather_report_content(plan: PlannedYear, language: Language) -> ReportContent:
    """Gather the numbers and notes of the report.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.
    language : Language
        Language of the notes.

    Returns
    -------
    ReportContent
        Energy in kWh, money in EUR, neither rounded.
    """
    rules = [_rule_line(name, settled) for name, settled in plan.scenarios.items()]
    settled = plan.proposal
    return ReportContent(
        community=plan.community.name,
        cau=str(plan.installation.cau),
        year=plan.community.year,
        generation_kwh=_kwh(plan.community.generation_kwh),
        consumption_kwh=_kwh(settled.consumption_kwh),
        objective=plan.request.objective.value,
        upper_bound=plan.choice.upper_bound,
        gap=plan.choice.gap,
        rules=[*rules, RuleLine("hourly_bound", plan.hourly_bound_kwh, None, is_bound=True)],
        members=[_member_line(plan, row) for row in range(len(plan.members))],
        months=[_month_line(plan, month) for month in range(settled.allocated_kwh.shape[1])],
        notes=write_notes_on(plan, language),
    )


def _rule_line(name: str, settled: Settlement) -> RuleLine:
    """Sum a scenario for the comparison."""
    return RuleLine(name, _kwh(settled.self_consumed_kwh), _total_eur(settled.savings_eur))


def _member_line(plan: PlannedYear, row: int) -> MemberLine:
    """Sum a member's year under the proposal, and against the two rules people know."""
    member, settled = plan.members[row], plan.proposal
    used, saved = _kwh(settled.self_consumed_kwh[row]), _saved(settled, row)
    equal, by_consumption = plan.scenarios[Rule.EQUAL], plan.scenarios[Rule.CONSUMPTION]
    return MemberLine(
        member_id=member.member_id,
        kind=member.kind,
        cups=str(member.cups),
        tariff=member.tariff.value,
        contracted_kw=member.contracted_kw,
        beta=int(plan.millionths[row]) / MILLIONTHS,
        consumption_kwh=_kwh(settled.consumption_kwh[row]),
        allocated_kwh=_kwh(settled.allocated_kwh[row]),
        self_consumed_kwh=used,
        surplus_kwh=_kwh(settled.surplus_kwh[row]),
        grid_import_kwh=_kwh(settled.grid_import_kwh[row]),
        savings_eur=saved,
        against_equal_kwh=used - _kwh(equal.self_consumed_kwh[row]),
        against_equal_eur=_change(saved, _saved(equal, row)),
        against_consumption_kwh=used - _kwh(by_consumption.self_consumed_kwh[row]),
        against_consumption_eur=_change(saved, _saved(by_consumption, row)),
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
    """Sum a month's money."""
    return None if amounts_eur is None else _total_eur(amounts_eur[:, month])


def _saved(settled: Settlement, row: int) -> float | None:
    """Sum a member's savings."""
    return None if settled.savings_eur is None else _total_eur(settled.savings_eur[row])


def _total_eur(amounts_eur: NDArray[np.float64] | None) -> float | None:
    """Sum money; the cell shows cents and keeps the rest, so that totals agree."""
    return None if amounts_eur is None else float(amounts_eur.sum())


def _change(amount: float | None, reference: float | None) -> float | None:
    """Subtract what is known."""
    return None if amount is None or reference is None else amount - reference


def _kwh(energy_kwh: NDArray[np.float64]) -> float:
    """Sum energy."""
    return float(energy_kwh.sum())
