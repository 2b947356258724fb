"""Describe a plan in the form of ``proposal.json``, which others rely on."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.describe_extras import (
    describe_certificate,
    describe_classes,
    describe_curve,
    describe_fairness,
    describe_member_extras,
    describe_robust,
    describe_survival,
)
from api.services.proposals.describe_yearly_bills import describe_bill_of, describe_yearly_bills
from api.services.proposals.plan_coefficients import PROPOSAL, PlannedYear
from api.services.proposals.settled_months import count_savings, state_savings
from models.values.coefficient import format_coefficient
from planner.billing.simulator import Settlement
from planner.goal import Objective


def describe_proposal(plan: PlannedYear) -> dict[str, Any]:
    """Describe a plan as ``proposal.json`` does.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and scenarios.

    Returns
    -------
    dict
        Ready for JSON: energy in kWh as numbers, money and coefficients as text.
    """
    settled = plan.proposal
    savings = count_savings(settled)
    coefficients = [format_coefficient(int(share)) for share in plan.millionths]
    return {
        "cau": str(plan.installation.cau),
        "year": plan.community.year,
        "objective": plan.request.objective.value,
        "n_members": len(plan.members),
        "n_steps": int(plan.community.generation_kwh.shape[1]),
        "betas": {
            str(member.cups): beta for member, beta in zip(plan.members, coefficients, strict=True)
        },
        "self_consumed_kwh": _sum(settled.self_consumed_kwh),
        **describe_bound(plan.request.objective, plan.choice.upper_bound),
        "gap": plan.choice.gap,
        "generation_kwh": _sum(plan.community.generation_kwh),
        "consumption_kwh": _sum(settled.consumption_kwh),
        "surplus_kwh": _sum(settled.surplus_kwh),
        "grid_import_kwh": _sum(settled.grid_import_kwh),
        "savings_eur": state_savings(savings),
        "rules": {name: _describe_rule(plan.scenarios[name]) for name in _rule_names(plan)}
        | {"hourly_bound": {"self_consumed_kwh": plan.hourly_bound_kwh}},
        "members": [
            _describe_member(plan, row, beta, savings) for row, beta in enumerate(coefficients)
        ],
        "solver": {
            "name": plan.choice.solver,
            "method": plan.choice.method,
            "seconds": round(plan.seconds, 6),
        },
        "goal": _describe_goal(plan),
        "limits": plan.request.limits.model_dump(mode="json", exclude_defaults=True),
        "certificate": describe_certificate(plan),
        "fairness": describe_fairness(plan),
        "classes": None if plan.by_class is None else describe_classes(plan, plan.by_class),
        "curve": None if plan.curve is None else describe_curve(plan.curve, plan.members),
        "unseen": describe_survival(plan.survivals),
        "robust": None if plan.robust is None else describe_robust(plan.robust),
        "bills": describe_yearly_bills(plan.billed),
    }


def _describe_goal(plan: PlannedYear) -> dict[str, Any]:
    """State what was counted, and by which factor CO2 was."""
    weights, carbon = plan.goal.mix, plan.goal.carbon
    return {
        "objective": plan.goal.objective.value,
        "unit": plan.goal.objective.unit,
        "mix": None if weights is None else asdict(weights),
        "carbon": None if carbon is None else asdict(carbon),
        "prices": plan.request.prices.value,
    }


def describe_bound(objective: Objective, upper_bound: float) -> dict[str, float | str]:
    """Name a proven bound by the unit of its objective.

    Parameters
    ----------
    objective : Objective
        What was made as large as possible.
    upper_bound : float
        What nothing feasible passes [unit of the objective].

    Returns
    -------
    dict
        One key and its value; euros as text, rounded up, so that the bound stays proven. Other
        objectives have their bound in the certificate, with its unit.
    """
    match objective:
        case Objective.SELF_CONSUMPTION:
            return {"upper_bound_kwh": upper_bound}
        case Objective.SAVINGS:
            return {"upper_bound_eur": f"{math.ceil(upper_bound * 1e6) / 1e6:.6f}"}
        case _:
            return {}


def _rule_names(plan: PlannedYear) -> list[str]:
    """List the rules that were compared."""
    return [name for name in plan.scenarios if name != PROPOSAL]


def _describe_rule(settled: Settlement) -> dict[str, Any]:
    """Sum a rule's year."""
    return {
        "self_consumed_kwh": _sum(settled.self_consumed_kwh),
        "savings_eur": state_savings(count_savings(settled)),
    }


def _describe_member(
    plan: PlannedYear, row: int, beta: str, savings: NDArray[np.int64] | None
) -> dict[str, Any]:
    """Sum a member's year."""
    settled, member = plan.proposal, plan.members[row]
    return {
        "member_id": member.member_id,
        "cups": str(member.cups),
        "beta": beta,
        "allocated_kwh": _sum(settled.allocated_kwh[row]),
        "self_consumed_kwh": _sum(settled.self_consumed_kwh[row]),
        "surplus_kwh": _sum(settled.surplus_kwh[row]),
        "grid_import_kwh": _sum(settled.grid_import_kwh[row]),
        "savings_eur": state_savings(None if savings is None else savings[row]),
        **describe_member_extras(plan, row),
        "yearly_bill": describe_bill_of(plan.billed.bills, row),
    }


def _sum(energy_kwh: NDArray[np.float64]) -> float:
    """Sum energy, without the noise of float sums behind the micro-watt-hour."""
    return round(float(energy_kwh.sum()), 9)
