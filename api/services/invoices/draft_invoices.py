"""Draft the invoices of a billing period: one for each supply point, holder and issuer."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.invoices.billed_energy import PieceEnergy, cut_month, measure_month
from api.services.invoices.billing_scope import BillingScope, Holder, cut
from api.services.invoices.draft_lines import BilledDays, DraftLine, draft_lines, write_part
from api.services.invoices.find_missing import Allocated
from api.services.invoices.measure_savings import PieceSavings, Savings
from loaders.invoice_parts import TaxAmount
from loaders.invoice_record import sum_taxes
from models.tables import InvoiceIssuer, Member, Payer, SupplyPoint
from models.values.period import Period

Energy = Mapping[UUID, Sequence[PieceEnergy]]
"""Whole watt-hours by supply point."""


@dataclass(frozen=True, slots=True)
class DraftInvoice:
    """An invoice without a number.

    Attributes
    ----------
    issuer : InvoiceIssuer
        In whose name.
    payer : Payer
        To whom.
    member : Member
        For whom.
    point : SupplyPoint
        For which supply point.
    period : Period
        Days of the billing period on which it was the member's.
    lines : tuple of DraftLine
        What is charged.
    taxes : tuple of TaxAmount
        By tax and rate.
    billed : tuple of BilledDays
        Days and energy.
    """

    issuer: InvoiceIssuer
    payer: Payer
    member: Member
    point: SupplyPoint
    period: Period
    lines: tuple[DraftLine, ...]
    taxes: tuple[TaxAmount, ...]
    billed: tuple[BilledDays, ...]

    @property
    def total_eur(self) -> Decimal:
        """Bases and quotas [EUR]."""
        return sum((each.base_eur + each.quota_eur for each in self.taxes), Decimal("0.00"))


def measure_energy(session: Session, *, scope: BillingScope, allocated: Allocated) -> Energy:
    """Give every supply point the whole watt-hours of a period.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : BillingScope
        Who pays.
    allocated : Allocated
        The period's months as they were shared out.

    Returns
    -------
    Energy
        Over all supply points, and with what was not allocated, each plant's month sums to its
        generation.

    Raises
    ------
    UnbalancedEnergyError
        If the parts of a month do not sum to its generation.
    """
    energy: dict[UUID, list[PieceEnergy]] = {key: [] for key in scope.points}
    for month in scope.months:
        pieces = cut_month(scope, month)
        for key, plant in scope.plants.items():
            if (key, month) not in allocated:
                continue
            measured = measure_month(
                session,
                plant=plant,
                month=month,
                allocated=allocated[key, month],
                pieces=pieces,
            )
            for point_id, held in measured.items():
                energy[point_id] += held
    return energy


def draft_invoices(
    scope: BillingScope, energy: Energy, savings: Savings, wanted: Collection[UUID]
) -> list[DraftInvoice]:
    """Draft the invoices of supply points.

    Parameters
    ----------
    scope : BillingScope
        Who pays for what.
    energy : Energy
        Whole watt-hours.
    savings : Savings
        Of supply points that pay a part of them.
    wanted : collection of UUID
        Supply points that are billed.

    Returns
    -------
    list of DraftInvoice
        By member, CUPS and day; none for who pays by plans without prices, or has no payer.
    """

    def order(held: tuple[UUID, Holder]) -> tuple[str, str, date]:
        key, holder = held
        return scope.members[holder.member_id].code, scope.points[key].cups, holder.days.start

    drafts: list[DraftInvoice] = []
    for key, holder in sorted(((k, each) for k in wanted for each in scope.holders[k]), key=order):
        if holder.member_id in scope.payers:
            drafts += _draft_point(scope, key, holder, energy[key], savings.get(key, ()))
    return drafts


def _draft_point(
    scope: BillingScope,
    point_id: UUID,
    holder: Holder,
    energy: Sequence[PieceEnergy],
    savings: Sequence[PieceSavings],
) -> Iterator[DraftInvoice]:
    """Draft one invoice for each issuer that a holder of a supply point pays."""
    payer = scope.payers[holder.member_id]
    within = replace(scope, period=cut(holder.days, scope.period) or scope.period)
    by_issuer: defaultdict[UUID, list[BilledDays]] = defaultdict(list)
    lines: defaultdict[UUID, list[DraftLine]] = defaultdict(list)
    for row, days in scope.list_charged_days(point_id, holder):
        held = tuple(each for each in energy if each.days.overlaps(days))
        saved = tuple(each for each in savings if each.days.overlaps(days))
        billed = BilledDays(row, days, held, saved)
        issuer_id = scope.plans[row.plan_id].issuer_id
        by_issuer[issuer_id].append(billed)
        lines[issuer_id] += draft_lines(within, billed, payer.language)
    for row in scope.list_left(point_id, holder):
        rest = [write_part(part, payer.language) for part in scope.list_rest(row)]
        lines[scope.plans[row.plan_id].issuer_id] += rest
    for issuer_id, charged in lines.items():
        if not charged:
            continue
        charged.sort(key=lambda line: line.term.position)
        yield DraftInvoice(
            issuer=scope.issuers[issuer_id],
            payer=payer,
            member=scope.members[holder.member_id],
            point=scope.points[point_id],
            period=within.period,
            lines=tuple(charged),
            taxes=_sum_taxes(charged),
            billed=tuple(by_issuer[issuer_id]),
        )


def _sum_taxes(lines: Sequence[DraftLine]) -> tuple[TaxAmount, ...]:
    """Sum lines by tax and rate, and say why one bears none."""
    exempt = {
        (each.line.tax, each.line.rate_percent): (each.term.exemption, each.term.exempt_because)
        for each in lines
        if each.term.exemption is not None
    }
    return tuple(
        replace(amount, exemption=reason[0], exempt_because=reason[1] or "")
        if (reason := exempt.get((amount.tax, amount.rate_percent)))
        else amount
        for amount in sum_taxes(tuple(each.line for each in lines))
    )
