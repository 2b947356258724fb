"""Charge one subscription's days by the terms of its plan: the lines of an invoice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from api.services.invoices.billed_energy import PieceEnergy
from api.services.invoices.billing_scope import BillingScope, cut, days_of, end_of, list_months
from api.services.invoices.entry_fees import FeePart, list_due_parts
from api.services.invoices.invoice_texts import name_days, name_unit
from api.services.invoices.measure_savings import PieceSavings
from loaders.invoice_parts import InvoiceLine
from models.tables import PlanSubscription, PlanTerm
from models.values.coefficient import MILLIONTHS
from models.values.invoicing import BillingBasis
from models.values.language import Language
from models.values.period import Period, add_months
from planner.billing.charges import Charge, Span, charge_instalment, charge_spans

_ENERGY = {BillingBasis.SELF_CONSUMED, BillingBasis.SURPLUS}
_W_PER_KW = 1000


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line with the term that charges it and what it was worked out from.

    Attributes
    ----------
    line : InvoiceLine
        As the invoice shows it.
    term : PlanTerm
        The price.
    source : dict of str to Any
        Ids of the term, the subscription and the allocations, and the days.
    """

    line: InvoiceLine
    term: PlanTerm
    source: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BilledDays:
    """A subscription's days of a billing period, with their energy.

    Attributes
    ----------
    subscription : PlanSubscription
        By which plan they are paid.
    days : Period
        Closed.
    energy : tuple of PieceEnergy
        Of each plant and month.
    savings : tuple of PieceSavings
        Of each month, where a part of them is charged.
    """

    subscription: PlanSubscription
    days: Period
    energy: tuple[PieceEnergy, ...]
    savings: tuple[PieceSavings, ...] = ()


def draft_lines(scope: BillingScope, billed: BilledDays, language: Language) -> list[DraftLine]:
    """Charge a subscription's days.

    Parameters
    ----------
    scope : BillingScope
        Plans and coefficients.
    billed : BilledDays
        What is charged.
    language : Language
        Of the invoice.

    Returns
    -------
    list of DraftLine
        By position of the terms; a term that does not hold on the days has no line.

    Notes
    -----
    Each line is the shown quantity times the price, rounded once, halves away from zero.
    """
    lines = []
    subscription = billed.subscription
    terms = scope.terms[subscription.plan_id]
    for term, holds in _date_terms(terms):
        for charge, note, source in _charge_days(scope, term, holds, billed):
            lines.append(_write_line(term, charge, note, source, subscription.id, language))
    parts = list_due_parts(subscription, terms, billed.days)
    lines += [write_part(part, language) for part in parts if part.key not in scope.charged]
    return lines


def write_part(part: FeePart, language: Language) -> DraftLine:
    """Charge a part of an entry fee.

    Parameters
    ----------
    part : FeePart
        Which.
    language : Language
        Of the invoice.

    Returns
    -------
    DraftLine
        With its number among the parts, where there are more.
    """
    term, number, n_parts = part.term, part.number, part.term.instalments
    charge = charge_instalment(Decimal(term.price), n_parts, number)
    note = f" ({number}/{n_parts})" if n_parts > 1 else ""
    source = {"instalment": number, "of": n_parts}
    return _write_line(term, charge, note, source, part.subscription_id, language)


def _date_terms(terms: Sequence[PlanTerm]) -> Iterator[tuple[PlanTerm, Period]]:
    """Give each term that is charged by days its own, up to the next one in its position."""
    for _, group in groupby(terms, attrgetter("position")):
        held = list(group)
        for place, term in enumerate(held):
            days = days_of(term)
            if place + 1 < len(held):
                days = cut(days, Period(days.start, held[place + 1].valid_from)) or days
            if term.basis is not BillingBasis.ENTRY_FEE:
                yield term, days


_Charged = Iterator[tuple[Charge, str, dict[str, Any]]]
"""A charge, what is added to its text, and its source."""


def _charge_days(
    scope: BillingScope, term: PlanTerm, holds: Period, billed: BilledDays
) -> _Charged:
    """Charge what is counted by days or by energy."""
    days = cut(billed.days, holds)
    if days is None:
        return
    source: dict[str, Any] = {"days": [days.start.isoformat(), end_of(days).isoformat()]}
    if term.basis in _ENERGY:
        pieces = [each for each in billed.energy if days.overlaps(each.days)]
        spans = [
            Span(each.days, self_consumed_wh=each.self_consumed_wh, surplus_wh=each.surplus_wh)
            for each in pieces
        ]
        source["allocations"] = [
            {"id": str(each.allocation.id), "version": each.allocation.version} for each in pieces
        ]
    elif term.basis is BillingBasis.SHARE_OF_SAVINGS:
        saved = [each for each in billed.savings if days.overlaps(each.days)]
        spans = [Span(each.days, savings_eur=each.saved_eur) for each in saved]
        source["savings"] = [each.as_source() for each in saved]
    elif term.basis is BillingBasis.PARTICIPATION:
        spans, source["coefficients"] = _span_shares(scope, billed, days)
    else:
        spans = list(_cut_months(days))
    note = "" if days == scope.period else f" ({name_days(days)})"
    yield charge_spans(term.basis, Decimal(term.price), spans), note, source


def _span_shares(
    scope: BillingScope, billed: BilledDays, days: Period
) -> tuple[list[Span], list[dict[str, Any]]]:
    """Cut days where the applied coefficient changes; give the member's part of the power."""
    spans: list[Span] = []
    sources: list[dict[str, Any]] = []
    for key, plant in scope.plants.items():
        shares = scope.shares.get(key, {}).get(billed.subscription.supply_point_id, ())
        for share in shares:
            held = days if share.period is None else cut(share.period, days)
            if held is None:
                continue
            part = Decimal(plant.inverter_power_w * share.millionths)
            power_kw = part / (_W_PER_KW * MILLIONTHS)
            spans += _cut_months(held, power_kw)
            sources.append(
                {
                    "cau": plant.cau,
                    "millionths": share.millionths,
                    "days": [held.start.isoformat(), end_of(held).isoformat()],
                }
            )
    return spans, sources


def _cut_months(days: Period, participation_kw: Decimal = Decimal(0)) -> Iterator[Span]:
    """Cut days at the borders of months."""
    for month in list_months(days):
        inside = cut(days, Period(month, add_months(month, 1)))
        if inside:
            yield Span(inside, participation_kw=participation_kw)


def _write_line(
    term: PlanTerm,
    charge: Charge,
    note: str,
    source: dict[str, Any],
    subscription_id: UUID,
    language: Language,
) -> DraftLine:
    line = InvoiceLine(
        description=term.description + note,
        quantity=charge.quantity,
        unit=name_unit(charge.unit, language),
        unit_price_eur=charge.price,
        base_eur=charge.net_eur,
        tax=term.tax,
        rate_percent=Decimal(term.tax_percent),
    )
    known: dict[str, UUID] = {"term_id": term.id, "subscription_id": subscription_id}
    return DraftLine(line, term, {key: str(value) for key, value in known.items()} | source)
