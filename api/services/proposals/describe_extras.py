"""Describe what a plan holds beside its coefficients: proof, fairness, classes, unseen data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.services.proposals.describe_yearly_bills import describe_amounts
from api.services.proposals.plan_by_class import ClassPlan
from api.services.proposals.plan_coefficients import PlannedYear
from api.services.proposals.plan_unseen import RobustPlan
from api.services.proposals.settled_months import count_savings, state_savings
from loaders.records import MemberRecord
from models.values.coefficient import format_coefficient
from planner.classes.step_classes import Classes, name_class
from planner.fairness.price_of_fairness import FairnessCurve
from planner.unseen.survival import Survival

_ONE_PERCENT = 0.01


def describe_certificate(plan: PlannedYear) -> dict[str, Any]:
    """Describe the proof: value and bound in the unit of the objective, and the dual prices.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients and proof.

    Returns
    -------
    dict
        Ready for JSON; ``worth_of_one_percent`` is what one more percent of the plant would bring
        to all together, ``groups`` what one more percent of a group's limit would; ``rechecked``
        names what was found true again by other means.
    """
    choice = plan.choice
    proof = choice.multipliers
    return {
        "unit": plan.goal.objective.unit,
        "value": choice.value,
        "upper_bound": choice.upper_bound,
        "gap": choice.gap,
        "is_optimum": choice.is_optimum,
        "worth_of_one_percent": None if proof is None else _ONE_PERCENT * proof.total,
        "groups": {}
        if proof is None
        else {label: _ONE_PERCENT * price for label, price in proof.groups.items()},
        "change": None if proof is None else _ONE_PERCENT * proof.change,
        "convex_steps": int(choice.convex_steps.size),
        "rechecked": []
        if plan.recheck is None
        else [check.name for check in plan.recheck.checks if check.is_ok],
    }


def describe_member_extras(plan: PlannedYear, row: int) -> dict[str, Any]:
    """Describe what a member is worth to the plan, what it wins or loses, and what is known of it.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients, proof and comparison.
    row : int
        Position of the member.

    Returns
    -------
    dict
        Ready for JSON; changes are those of the proposal against each rule.
    """
    completion = plan.completions[row]
    levels = plan.choice.levels
    return {
        "self_sufficiency_share": plan.comparison.proposal.members[row].self_sufficiency_share,
        "worth_of_one_percent": _ONE_PERCENT * float(plan.choice.worth[row]),
        "level": None if levels is None or np.isnan(levels[row]) else float(levels[row]),
        "changes": {change.rule: asdict(change.members[row]) for change in plan.comparison.changes},
        "known_share": completion.known_share,
        "profile": completion.profile,
        "profile_scale": None if completion.scale is None else completion.scale.value,
    }


def describe_fairness(plan: PlannedYear) -> dict[str, Any]:
    """Describe how evenly savings fall, and who wins and loses against each rule.

    Parameters
    ----------
    plan : PlannedYear
        Coefficients and comparison.

    Returns
    -------
    dict
        Ready for JSON, by scenario and by rule.
    """
    compared = plan.comparison
    return {
        "share_of_hourly_bound": compared.share_of_hourly_bound,
        "evenness": {
            scenario.name: {"gini": scenario.gini, "jain": scenario.jain}
            for scenario in (compared.proposal, *compared.rules)
        },
        "against": {
            change.rule: {
                "by_energy": asdict(change.by_energy),
                "by_savings": None if change.by_savings is None else asdict(change.by_savings),
                "change": asdict(change.community),
            }
            for change in compared.changes
        },
    }


def describe_classes(plan: PlannedYear, by_class: ClassPlan) -> dict[str, Any]:
    """Describe coefficients by class of hours, and what they gain over constant ones.

    Parameters
    ----------
    plan : PlannedYear
        The constant coefficients.
    by_class : ClassPlan
        Those by class.

    Returns
    -------
    dict
        Ready for JSON; coefficients by class and CUPS, but for fully hourly ones, which stand in
        the distributor's file only.
    """
    savings = count_savings(by_class.settled)
    used = float(by_class.settled.self_consumed_kwh.sum())
    bills = by_class.billed.bills
    return {
        "kind": by_class.kind.value,
        "n_classes": by_class.choice.millionths.shape[1],
        "value": by_class.choice.value,
        "upper_bound": by_class.choice.upper_bound,
        "gap": by_class.choice.gap,
        "gain_over_constant": by_class.choice.value - plan.choice.value,
        "self_consumed_kwh": used,
        "gain_over_constant_kwh": used - float(plan.proposal.self_consumed_kwh.sum()),
        "savings_eur": state_savings(savings),
        "bills": None if bills is None else describe_amounts(bills),
        "convex_steps": int(by_class.choice.convex_steps.size),
        "solver": {"name": by_class.choice.solver, "method": by_class.choice.method},
        "betas": name_class_betas(
            by_class.kind,
            [str(member.cups) for member in plan.members],
            by_class.choice.millionths,
        ),
    }


def name_class_betas(
    kind: Classes, cups: Sequence[str], millionths: NDArray[np.int64]
) -> dict[str, dict[str, str]] | None:
    """Name every class and give each supply point its coefficient in it.

    Parameters
    ----------
    kind : Classes
        What the hours of a class have in common.
    cups : sequence of str, length n_members
        Supply points.
    millionths : ndarray of int64, shape (n_members, n_classes)
        Their coefficients.

    Returns
    -------
    dict of str to dict, or None
        Coefficients as text by class and CUPS; None for fully hourly ones.
    """
    if kind is Classes.HOURLY:
        return None
    return {
        name_class(kind, number): {
            each: format_coefficient(int(share)) for each, share in zip(cups, shares, strict=True)
        }
        for number, shares in enumerate(millionths.T)
    }


def describe_curve(curve: FairnessCurve, members: Sequence[MemberRecord]) -> dict[str, Any]:
    """Describe the price of fairness.

    Parameters
    ----------
    curve : FairnessCurve
        Points from no floor upwards.
    members : sequence of MemberRecord
        Those who share.

    Returns
    -------
    dict
        Ready for JSON.
    """
    points = [
        {
            "floor": round(point.floor, 9),
            "value": point.value,
            "upper_bound": point.upper_bound,
            "gap": point.gap,
            "gain_kept": point.gain_kept,
            "gini": point.gini,
            "jain": point.jain,
            "least_ratio": point.least_ratio,
            "betas": {
                str(member.cups): format_coefficient(int(share))
                for member, share in zip(members, point.millionths, strict=True)
            },
        }
        for point in curve.points
    ]
    return {
        "reference": curve.reference.value,
        "reference_value": curve.reference_value,
        "points": points,
        "infeasible_floors": [round(floor, 9) for floor in curve.infeasible_floors],
    }


def describe_survival(survivals: Sequence[Survival]) -> list[dict[str, Any]]:
    """Describe what remains of the gain on unseen data.

    Parameters
    ----------
    survivals : sequence of Survival
        One a check.

    Returns
    -------
    list of dict
        Ready for JSON.
    """
    return [asdict(survival) | {"check": survival.check.value} for survival in survivals]


def describe_robust(robust: RobustPlan) -> dict[str, Any]:
    """Describe the drawn years that the coefficients were chosen for.

    Parameters
    ----------
    robust : RobustPlan
        Coefficients with their values in those years.

    Returns
    -------
    dict
        Ready for JSON.
    """
    drawn = robust.drawn
    return {
        "kind": robust.kind.value,
        "n_years": int(drawn.scenario_values.size),
        "value": drawn.value,
        "upper_bound": drawn.upper_bound,
        "gap": drawn.gap,
        "values": drawn.scenario_values.tolist(),
    }
