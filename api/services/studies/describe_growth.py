"""State how a grown plant is shared, as it is stored."""

from typing import Any

from api.services.proposals.describe_proposal import describe_bound
from api.services.proposals.settled_months import count_savings
from api.services.studies.share_growth import SharedGrowth
from loaders.records import MemberRole
from models.values.coefficient import format_coefficient
from models.values.money import from_micro_eur, round_to_cents


def state_growth(shared: SharedGrowth) -> dict[str, Any]:
    """State the coefficients of a grown plant and what they bring.

    Parameters
    ----------
    shared : SharedGrowth
        Coefficients, proof and settled year.

    Returns
    -------
    dict
        Ready for JSON: energy in kWh and power in kW as numbers, money and coefficients as text.
    """
    choice, savings = shared.growth.choice, count_savings(shared.settled)
    return {
        "cau": str(shared.installation.cau),
        "year": shared.community.year,
        "objective": shared.request.goal.objective.value,
        "old_kw": shared.installation.pv_kw,
        "new_kw": shared.request.new_kw,
        "self_consumed_kwh": round(float(shared.settled.self_consumed_kwh.sum()), 9),
        "savings_eur": None if savings is None else _write_eur(int(savings.sum())),
        **describe_bound(shared.request.goal.objective, choice.upper_bound),
        "gap": choice.gap,
        "members": [
            _state_member(shared, row)
            | {"savings_eur": None if savings is None else _write_eur(int(savings[row].sum()))}
            for row in range(len(shared.group))
        ],
        "solver": {"name": choice.solver, "method": choice.method},
    }


def _state_member(shared: SharedGrowth, row: int) -> dict[str, Any]:
    record, growth = shared.group[row], shared.growth
    return {
        "member_id": record.member_id,
        "cups": str(record.cups),
        "is_candidate": record.role is MemberRole.RESERVE,
        "current_beta": format_coefficient(int(shared.current[row])),
        "least_beta": format_coefficient(int(growth.kept[row])),
        "beta": format_coefficient(int(growth.choice.millionths[row])),
        "added_kw": round(float(growth.added_kw[row]), 9),
        "self_consumed_kwh": round(float(shared.settled.self_consumed_kwh[row].sum()), 9),
    }


def _write_eur(micro_eur: int) -> str:
    """Round an amount to cents once."""
    return str(round_to_cents(from_micro_eur(micro_eur)))
