"""Describe a plan of several plants in the form of its ``proposal.json``."""

from typing import Any

import numpy as np

from api.services.proposals.describe_proposal import describe_bound, describe_proposal
from api.services.proposals.describe_yearly_bills import describe_yearly_bills
from api.services.proposals.retail_plan import join_billed
from api.services.proposals.settled_months import count_savings
from api.services.studies.plan_several import PlannedSeveral
from models.values.money import from_micro_eur, round_to_cents

_SUMS = ("self_consumed_kwh", "generation_kwh", "consumption_kwh", "surplus_kwh", "grid_import_kwh")


def describe_several(planned: PlannedSeveral) -> dict[str, Any]:
    """Describe a plan of several plants as its ``proposal.json`` does.

    Parameters
    ----------
    planned : PlannedSeveral
        Assignment, plans and proof.

    Returns
    -------
    dict
        Ready for JSON: under ``caus`` each plant's own ``proposal.json``, beside it who shares
        where, the sums, the bound over all assignments, and what one more unit of coefficient
        is worth in each plant.
    """
    described = [describe_proposal(plan) for plan in planned.plans]
    assignment = planned.assignment
    caus = [str(plan.installation.cau) for plan in planned.plans]
    return {
        "caus": described,
        "assignment": {
            member.member_id: caus[plant]
            for member, plant in zip(planned.members, assignment.cau_of.tolist(), strict=True)
        },
        "year": planned.community.year,
        "objective": planned.request.objective.value,
        "n_members": len(planned.members),
        **{name: round(sum(each[name] for each in described), 9) for name in _SUMS},
        **describe_bound(planned.request.objective, planned.upper_bound),
        "gap": planned.gap,
        "savings_eur": _sum_savings(planned),
        "prices": planned.request.prices.value,
        "bills": describe_yearly_bills(join_billed([plan.billed for plan in planned.plans])),
        "dual_prices": dict(zip(caus, assignment.prices.tolist(), strict=True)),
        "distance_limit_m": float(planned.reach.limit.value),
        "distances_m": {
            member.member_id: [None if np.isnan(metres) else round(metres) for metres in row]
            for member, row in zip(planned.members, planned.reach.distances_m.tolist(), strict=True)
        },
        "solver": {"name": assignment.solver, "method": assignment.method},
    }


def _sum_savings(planned: PlannedSeveral) -> str | None:
    """Sum the savings of all plants and round them to cents once."""
    counted = [count_savings(plan.proposal) for plan in planned.plans]
    known = [savings for savings in counted if savings is not None]
    if not known:
        return None
    return str(round_to_cents(from_micro_eur(int(sum(savings.sum() for savings in known)))))
