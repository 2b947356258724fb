"""List what a billing run lacks."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.energy.allocate_month import AllocatedMonth, read_allocations
from api.services.energy.unchanged_months import find_unchanged_months
from api.services.invoices.billing_faults import Missing, MissingKind
from api.services.invoices.billing_scope import BillingScope, cut, days_of, end_of
from models.repositories.invoices import list_billed_periods
from models.repositories.readings import list_latest_versions
from models.values.calendar import local_day
from models.values.local_month import LocalMonth
from models.values.metering import Channel
from models.values.period import Period, add_months

Allocated = Mapping[tuple[UUID, date], AllocatedMonth]
"""Months that were shared out, by plant and first day."""


def read_months(session: Session, scope: BillingScope) -> dict[tuple[UUID, date], AllocatedMonth]:
    """Read the months of a period that were shared out.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : BillingScope
        Whose period.

    Returns
    -------
    dict of (UUID, date) to AllocatedMonth
        By plant and first day.
    """
    since, until = _borders(scope)
    found = read_allocations(
        session,
        promoter_id=scope.community.promoter_id,
        installation_ids=scope.plants,
        since=since,
        until=until,
    )
    timezone = scope.community.timezone
    return {
        (each.allocation.installation_id, local_day(each.allocation.starts_at, timezone)): each
        for each in found
    }


def find_missing(
    session: Session,
    *,
    scope: BillingScope,
    allocated: Allocated,
    wanted: Collection[UUID],
    now: datetime,
) -> list[Missing]:
    """List all that keeps a period from being billed.

    Parameters
    ----------
    session : Session
        Open transaction.
    scope : BillingScope
        Who pays for what.
    allocated : Allocated
        Its months as they were shared out.
    wanted : collection of UUID
        Supply points that are to be billed.
    now : datetime
        The present instant.

    Returns
    -------
    list of Missing
        Empty when the period is ready.
    """
    is_over = end_of(scope.period) <= local_day(now, scope.community.timezone)
    future = [] if is_over else [Missing(MissingKind.PERIOD_NOT_OVER, scope.community.code)]
    return [
        *future,
        *_find_unallocated(session, scope, allocated),
        *_find_unplanned(scope, wanted),
        *_find_unpaid(scope, wanted),
        *_find_billed(session, scope, wanted),
    ]


def _find_unallocated(
    session: Session, scope: BillingScope, allocated: Allocated
) -> Iterator[Missing]:
    """Find months that were not shared out, or would be shared out in another way today."""
    months = scope.months
    unchanged = find_unchanged_months(
        session, community=scope.community, months=dict.fromkeys(scope.plants, months)
    )
    measured = _find_measured(session, scope)
    for plant in scope.plants.values():
        held = scope.shares.get(plant.id, {})
        for month in months:
            key, days = (plant.id, month), Period(month, add_months(month, 1))
            is_shared = any(
                share.period is None or share.period.overlaps(days)
                for shares in held.values()
                for share in shares
            )
            if not is_shared and key in measured:
                yield Missing(MissingKind.NOTHING_APPLIED, plant.cau, month)
            elif is_shared and key not in allocated:
                yield Missing(MissingKind.NOT_ALLOCATED, plant.cau, month)
            elif is_shared and key not in unchanged:
                yield Missing(MissingKind.STALE_ALLOCATION, plant.cau, month)


def _find_measured(session: Session, scope: BillingScope) -> set[tuple[UUID, date]]:
    """Find the months of which something of a plant's generation is stored."""
    since, until = _borders(scope)
    versions = list_latest_versions(
        session,
        promoter_id=scope.community.promoter_id,
        channel=Channel.GENERATION,
        meter_ids=scope.plants,
        since=since,
        until=until,
    )
    timezone = scope.community.timezone
    return {(each.meter_id, local_day(each.starts_at, timezone)) for each in versions}


def _find_unplanned(scope: BillingScope, wanted: Collection[UUID]) -> Iterator[Missing]:
    """Find supply points that share on days on which they pay by no plan."""
    for key in wanted:
        point = scope.points[key]
        for held in scope.shares.values():
            for share in held.get(key, ()):
                days = scope.period if share.period is None else cut(share.period, scope.period)
                since = days and _first_uncovered(
                    days, [days_of(r) for r in scope.subscriptions[key]]
                )
                if since:
                    yield Missing(MissingKind.NO_PLAN, point.cups, since)


def _first_uncovered(days: Period, covers: list[Period]) -> date | None:
    """Find the first of closed days that lies in none of the periods, which are in order."""
    reached = days.start
    for cover in covers:
        if cover.start > reached:
            break
        if cover.end is None:
            return None
        reached = max(reached, cover.end)
    return reached if reached < end_of(days) else None


def _find_unpaid(scope: BillingScope, wanted: Collection[UUID]) -> Iterator[Missing]:
    """Find members with something to pay for whom nobody pays."""
    for key in wanted:
        for holder in scope.holders[key]:
            charged = [row for row, _ in scope.list_charged_days(key, holder)]
            charged += scope.list_left(key, holder)
            has_terms = any(scope.terms[row.plan_id] for row in charged)
            if has_terms and holder.member_id not in scope.payers:
                yield Missing(MissingKind.NO_PAYER, scope.members[holder.member_id].code)


def _find_billed(
    session: Session, scope: BillingScope, wanted: Collection[UUID]
) -> Iterator[Missing]:
    """Find supply points of which some days were billed already."""
    found = list_billed_periods(
        session,
        promoter_id=scope.community.promoter_id,
        supply_point_ids=wanted,
        since=scope.period.start,
        until=end_of(scope.period),
    )
    first: dict[UUID, date] = {}
    for row in found:
        first.setdefault(row.supply_point_id, max(row.valid_from, scope.period.start))
    for key, since in first.items():
        yield Missing(MissingKind.BILLED_ALREADY, scope.points[key].cups, since)


def _borders(scope: BillingScope) -> tuple[datetime, datetime]:
    """Give the first instant of the period, and the first after it."""
    timezone, months = scope.community.timezone, scope.months
    first, last = (LocalMonth(day, timezone) for day in (months[0], months[-1]))
    return first.starts_at, last.ends_at
