"""State what a candidate would bring and get, in no language, as it is stored."""

from dataclasses import asdict
from typing import Any

from api.services.studies.admission_reasons import state_reason
from api.services.studies.assess_suitability import AssessedCandidate
from models.values.coefficient import format_coefficient
from models.values.money import round_to_cents
from planner.reserve.payment import Economics
from planner.reserve.suitability import FilledHours


def state_suitability(assessed: AssessedCandidate) -> dict[str, Any]:
    """State an assessment.

    Parameters
    ----------
    assessed : AssessedCandidate
        Figures and reasons.

    Returns
    -------
    dict
        Ready for JSON: energy in kWh as numbers, money and coefficients as text, tables of twelve
        months by 24 hours, reasons as codes with their figures.
    """
    found = assessed.suitability
    return {
        "cau": str(assessed.installation.cau),
        "year": assessed.community.year,
        "objective": assessed.request.goal.objective.value,
        "member_id": assessed.record.member_id,
        "cups": str(assessed.record.cups),
        "eligible": assessed.eligibility.eligible,
        "recommended": assessed.is_recommended,
        "beta": format_coefficient(found.millionths),
        "marginal_kwh": round(found.marginal_kwh, 9),
        "marginal_eur": _write_eur(found.marginal_eur),
        "self_consumed_kwh": round(found.self_consumed_kwh, 9),
        "known_share": assessed.completion.known_share,
        "economics": None if found.economics is None else _state_economics(found.economics),
        "filled": _state_hours(found.filled),
        "reasons": [state_reason(reason) for reason in assessed.reasons],
    }


def _state_economics(economics: Economics) -> dict[str, Any]:
    """Write amounts in whole cents; years as they are."""
    stated = asdict(economics)
    years = stated.pop("payback_years")
    return {name: _write_eur(amount) for name, amount in stated.items()} | {"payback_years": years}


def _state_hours(filled: FilledHours) -> dict[str, Any]:
    """Write the tables by month and hour, and the shares of their sums."""
    return {
        "former_surplus_kwh": filled.former_surplus_kwh.round(6).tolist(),
        "used_kwh": filled.used_kwh.round(6).tolist(),
        "share_by_hour": filled.share_by_hour.round(9).tolist(),
        "share_by_month": filled.share_by_month.round(9).tolist(),
    }


def _write_eur(amount_eur: float | None) -> str | None:
    """Round an amount to cents once."""
    return None if amount_eur is None else str(round_to_cents(amount_eur))
