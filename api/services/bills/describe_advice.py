"""Describe advice on power and contracts as JSON values."""

from collections.abc import Sequence
from typing import Any

from api.services.bills.advise_supply_power import SupplyPowerAdvice
from api.services.bills.compare_tariffs import ContractOutcome
from api.services.bills.describe_bills import describe_figure
from api.services.bills.reckon_late_activation import LateActivationReport
from api.services.bills.simulated_bills import SimulatedBills
from models.values.money import from_cents


def describe_power(report: SupplyPowerAdvice) -> dict[str, Any]:
    """Describe advice on power.

    Parameters
    ----------
    report : SupplyPowerAdvice
        The advice.

    Returns
    -------
    dict
        Powers as text in kW, amounts as text in EUR before taxes.
    """
    advice = report.advice
    payback, allowed = advice.payback_years, advice.allowed_from
    return {
        "cups": report.cups,
        "contracted_kw": str(report.contracted_kw),
        "maxima_kw": [str(power) for power in report.maxima_kw],
        "powers_kw": [str(power) for power in advice.powers_kw],
        "yearly_eur": str(advice.yearly_eur),
        "current_yearly_eur": str(advice.current_yearly_eur),
        "change_cost_eur": str(advice.change_cost_eur),
        "payback_years": None if payback is None else str(payback),
        "allowed_from": None if allowed is None else allowed.isoformat(),
        "has_quarter_hours": report.has_quarter_hours,
        "figures": [describe_figure(figure) for figure in report.figures],
    }


def describe_tariffs(outcomes: Sequence[ContractOutcome]) -> list[dict[str, Any]]:
    """Describe what each contract would have cost.

    Parameters
    ----------
    outcomes : sequence of ContractOutcome
        The contract in force first; its bills could be made.

    Returns
    -------
    list of dict
        Amounts as text in EUR, taxes included; the reason where a contract is not for the supply
        point.
    """
    now = outcomes[0].result
    assert isinstance(now, SimulatedBills)
    paid = int(now.sharing_cents.sum())
    return [_describe_outcome(each, paid) for each in outcomes]


def describe_late_activation(report: LateActivationReport) -> dict[str, Any]:
    """Describe what is owed for late activation.

    Parameters
    ----------
    report : LateActivationReport
        Bill by bill.

    Returns
    -------
    dict
        Amounts as text in EUR before taxes.
    """
    return {
        "cups": report.cups,
        "late_from": report.late.start.isoformat(),
        "late_until": None if report.late.end is None else report.late.end.isoformat(),
        "bills": [
            {
                "start": bill.days.start.isoformat(),
                "end": bill.days.end and bill.days.end.isoformat(),
                "discount_eur": str(bill.discount_eur),
                "grid_energy_eur": str(bill.grid_energy_eur),
            }
            for bill in report.bills
        ],
        "discount_eur": str(report.discount_eur),
        "figures": [describe_figure(figure) for figure in report.figures],
    }


def _describe_outcome(outcome: ContractOutcome, paid_cents: int) -> dict[str, Any]:
    bills = outcome.result
    if not isinstance(bills, SimulatedBills):
        return {"contract": outcome.contract, "error": str(bills)}
    sharing = int(bills.sharing_cents.sum())
    return {
        "contract": outcome.contract,
        "error": None,
        "without_eur": str(from_cents(int(bills.without_cents.sum()))),
        "sharing_eur": str(from_cents(sharing)),
        "cheaper_eur": str(from_cents(paid_cents - sharing)),
    }
