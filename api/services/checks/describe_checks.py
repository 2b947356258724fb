"""Describe checks as JSON values: amounts as text, energy in kWh to three decimals."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from api.services.bills.describe_bills import describe_figure
from api.services.checks.curve_check import CurveCheck, CurvesCheck, CurveTotals
from api.services.checks.invoice_check import INVOICE_REMARK_TEXTS, InvoiceCheck
from api.services.checks.retail_check import RetailBillCheck
from models.values.energy import WH_PER_KWH
from models.values.money import from_cents
from planner.billing.checks.bill_terms import TermFigures
from planner.billing.checks.explain_bill import CauseShare


def describe_retail_check(check: RetailBillCheck) -> dict[str, Any]:
    """Describe what was found of a retailer's bill.

    Parameters
    ----------
    check : RetailBillCheck
        As it was found.

    Returns
    -------
    dict
        Totals, causes that sum to the difference, both bills by term, unsure figures, remarks.
    """
    return {
        "cups": check.document.cups,
        "start": check.document.start.isoformat(),
        "end": check.document.end.isoformat(),
        "contract": check.bills.contract,
        "ours_eur": str(from_cents(check.ours_cents)),
        "theirs_eur": str(from_cents(check.theirs_cents)),
        "lines_eur": str(check.lines_eur),
        "difference_eur": str(from_cents(check.theirs_cents - check.ours_cents)),
        "causes": [_describe_cause(share) for share in check.causes],
        "terms": [
            {
                "term": each.key.term.value,
                "tariff_period": each.key.tariff_period,
                "ours_eur": _eur(each.ours),
                "theirs_eur": _eur(each.theirs),
            }
            for each in check.terms
        ],
        "figures": [describe_figure(figure) for figure in check.bills.figures],
        "remarks": [{"code": code.value, "text": text} for code, text in check.texts],
    }


def _describe_cause(share: CauseShare) -> dict[str, Any]:
    return {
        "cause": share.cause.value,
        "tariff_period": share.tariff_period,
        "eur": str(from_cents(share.cents)),
        "taxes_eur": str(from_cents(share.tax_cents)),
    }


def _eur(figures: TermFigures | None) -> str | None:
    return None if figures is None else str(from_cents(figures.cents))


def describe_curves_check(check: CurvesCheck) -> dict[str, Any]:
    """Describe what was found of a distributor's curves.

    Parameters
    ----------
    check : CurvesCheck
        As it was found.

    Returns
    -------
    dict
        Of each supply point totals, hours and the likeliest cause; codes that could not be
        compared.
    """
    return {
        "format": check.format,
        "agrees": check.agrees,
        "rejected_rows": check.n_rejected,
        "curves": [_describe_curve(each) for each in check.checks],
        "failed": {cups: str(error) for cups, error in check.failed.items()},
        "notes": list(check.notes),
    }


def _describe_curve(check: CurveCheck) -> dict[str, Any]:
    finding = check.finding
    return {
        "cups": check.point.cups,
        "start": check.start.isoformat(),
        "end": check.end.isoformat(),
        "hours": check.n_hours,
        "missing_hours": check.n_missing,
        "differing_hours": check.n_differing,
        "ours": _describe_totals(check.ours),
        "theirs": _describe_totals(check.theirs),
        "cause": finding.cause.value,
        "agreement": finding.agreement,
        "coefficient": finding.coefficient,
        "shift_hours": finding.shift_hours,
        "worst_hours": [
            {
                "start": f"{np.datetime_as_string(hour.start, unit='s')}Z",
                "ours": _describe_totals(hour.ours),
                "theirs": _describe_totals(hour.theirs),
            }
            for hour in check.worst
        ],
    }


def _describe_totals(totals: CurveTotals) -> dict[str, float]:
    return {
        "grid_kwh": totals.grid_wh / WH_PER_KWH,
        "surplus_kwh": totals.surplus_wh / WH_PER_KWH,
    }


def describe_invoice_checks(checks: Sequence[InvoiceCheck]) -> list[dict[str, Any]]:
    """Describe what was found of a distributor's invoices.

    Parameters
    ----------
    checks : sequence of InvoiceCheck
        As they were found.

    Returns
    -------
    list of dict
        Of each invoice what differs, and remarks.
    """
    return [_describe_invoice(check) for check in checks]


def _describe_invoice(check: InvoiceCheck) -> dict[str, Any]:
    invoice = check.invoice
    return {
        "cups": invoice.cups,
        "number": invoice.number,
        "start": invoice.start.isoformat(),
        "end": invoice.end.isoformat(),
        "total_eur": f"{invoice.stated_total:f}",
        "differences": [
            {
                "cause": each.cause.value,
                "tariff_period": each.tariff_period,
                "ours": each.ours,
                "theirs": each.theirs,
                "unit": each.unit,
                "eur": None if each.eur is None else str(each.eur),
            }
            for each in check.differences
        ],
        "remarks": [
            {"code": each.value, "text": INVOICE_REMARK_TEXTS[each]} for each in check.remarks
        ],
        "detail": check.detail,
    }
