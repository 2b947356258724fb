"""Show what a billing run would issue, and all that keeps it from being issued.

Nothing is numbered and nothing is stored: it may be asked for as often as one likes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_points import UnknownCupsError
from api.services.invoices.billing_faults import HeldBill, Missing, MissingKind
from api.services.invoices.billing_scope import BillingScope, end_of, gather_scope, list_months
from api.services.invoices.draft_invoices import DraftInvoice, draft_invoices, measure_energy
from api.services.invoices.find_missing import find_missing, read_months
from api.services.invoices.measure_savings import measure_savings
from models.repositories.invoices import group_last_totals
from models.values.money import from_cents, round_to_cents
from models.values.period import Period, add_months

UNUSUAL = 3
"""How many times the usual bill is held for a look."""

_REMEMBERED_MONTHS = 12
_OF_ENERGY = {MissingKind.NOTHING_APPLIED, MissingKind.NOT_ALLOCATED, MissingKind.STALE_ALLOCATION}


@dataclass(frozen=True, slots=True)
class BillingPreview:
    """What a billing run would issue.

    Attributes
    ----------
    scope : BillingScope
        Who pays for what.
    drafts : tuple of DraftInvoice
        By member and CUPS; none while energy is missing, and none of whose savings are not known.
    missing : tuple of Missing
        What keeps it from being issued.
    held : tuple of HeldBill
        Bills that somebody has to look at.
    """

    scope: BillingScope
    drafts: tuple[DraftInvoice, ...]
    missing: tuple[Missing, ...]
    held: tuple[HeldBill, ...]

    @property
    def total_eur(self) -> Decimal:
        """All drafts together [EUR]."""
        return sum((draft.total_eur for draft in self.drafts), Decimal("0.00"))


def preview_billing_run(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    period: Period,
    now: datetime,
    cups: Collection[str] | None = None,
    anew: Collection[UUID] = (),
) -> BillingPreview:
    """Show what a billing run would issue.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        Whose members are billed.
    period : Period
        1 to 12 whole months.
    now : datetime
        The present instant.
    cups : collection of str, optional
        Only these supply points; all that share or pay when None.
    anew : collection of UUID
        Invoices that are drafted anew: what they charged of entry fees is to be charged.

    Returns
    -------
    BillingPreview
        Drafts, and everything that is missing.

    Raises
    ------
    BillingPeriodError
        If it is another period.
    UnknownCommunityError
        If the promoter has no such community.
    UnknownCupsError
        If a supply point neither shares nor pays in the period.
    UnbalancedEnergyError
        If the parts of a month do not sum to its generation.
    """
    scope = gather_scope(
        session, promoter_id=promoter_id, community_id=community_id, period=period, anew=anew
    )
    wanted = _choose_points(scope, cups)
    allocated = read_months(session, scope)
    missing = find_missing(session, scope=scope, allocated=allocated, wanted=wanted, now=now)
    if any(each.kind in _OF_ENERGY for each in missing):
        return BillingPreview(scope, (), tuple(missing), ())
    energy = measure_energy(session, scope=scope, allocated=allocated)

    def draft(keys: Collection[UUID]) -> tuple[list[DraftInvoice], list[Missing]]:
        savings, unknown = measure_savings(session, scope=scope, wanted=keys)
        known = [key for key in keys if key not in unknown]
        return draft_invoices(scope, energy, savings, known), list(unknown.values())

    def draft_others() -> list[DraftInvoice]:
        return draft(scope.points.keys() - set(wanted))[0]

    drafts, unknown = draft(wanted)
    held = hold_unusual(session, scope, drafts, draft_others)
    return BillingPreview(scope, tuple(drafts), (*missing, *unknown), tuple(held))


def hold_unusual(
    session: Session,
    scope: BillingScope,
    drafts: Sequence[DraftInvoice],
    draft_others: Callable[[], Sequence[DraftInvoice]],
) -> list[HeldBill]:
    """Find bills of more than three times what is usual.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : BillingScope
        Whose bills.
    drafts : sequence of DraftInvoice
        The bills.
    draft_others : callable
        Drafts those of the community's other supply points, which are not billed now.

    Returns
    -------
    list of HeldBill
        Against the median of the holder's bills of the supply point of a year before; where there
        are none, against the median of all bills of the community for the period, whichever of
        them are billed now.
    """
    history = group_last_totals(
        session,
        promoter_id=scope.community.promoter_id,
        supply_point_ids={draft.point.id for draft in drafts},
        since=add_months(scope.period.start, -_REMEMBERED_MONTHS),
    )
    among: Decimal | None = None
    held = []
    for draft in drafts:
        own = [
            from_cents(cents) * _count_months(draft.period) / _count_months(billed)
            for billed, cents in history[draft.member.id, draft.point.id]
            if end_of(billed) <= draft.period.start
        ]
        usual_eur = _find_median(own)
        if usual_eur is None:
            among = among or _find_median([e.total_eur for e in (*drafts, *draft_others())])
            usual_eur = among
        if usual_eur and draft.total_eur > UNUSUAL * usual_eur:
            held.append(HeldBill(draft.point.cups, draft.total_eur, usual_eur))
    return held


def _choose_points(scope: BillingScope, cups: Collection[str] | None) -> list[UUID]:
    """Give the supply points that are to be billed."""
    ids = {point.cups: key for key, point in scope.points.items()}
    if cups is None:
        return list(ids.values())
    if unknown := set(cups) - ids.keys():
        raise UnknownCupsError(unknown)
    return [ids[code] for code in sorted(set(cups))]


def _find_median(totals_eur: Sequence[Decimal]) -> Decimal | None:
    """Give the median of bills above zero."""
    paid = [total for total in totals_eur if total > 0]
    return round_to_cents(median(paid)) if paid else None


def _count_months(days: Period) -> int:
    return len(list(list_months(days)))
