"""Issuers, payers, and the plans by which supply points pay."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from models.repositories.by_key import group_by_key, map_by_key
from models.tables.payment_plans import (
    InvoiceIssuer,
    Payer,
    PaymentPlan,
    PlanSubscription,
    PlanTerm,
)


def find_issuer(session: Session, *, promoter_id: UUID, tax_number: str) -> InvoiceIssuer | None:
    """Read the issuer of a NIF."""
    rows = select(InvoiceIssuer).where(
        InvoiceIssuer.promoter_id == promoter_id, InvoiceIssuer.tax_number == tax_number
    )
    return session.exec(rows).one_or_none()


def is_issuing(session: Session, *, tax_number: str) -> bool:
    """Tell whether any promoter of the installation issues under a NIF."""
    rows = select(InvoiceIssuer.id).where(InvoiceIssuer.tax_number == tax_number)
    return session.exec(rows).first() is not None


def list_issuers(session: Session, *, promoter_id: UUID) -> list[InvoiceIssuer]:
    """Read all issuers of a promoter, by NIF."""
    rows = select(InvoiceIssuer).where(InvoiceIssuer.promoter_id == promoter_id)
    return list(session.exec(rows.order_by(col(InvoiceIssuer.tax_number))))


def map_issuers(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID]
) -> dict[UUID, InvoiceIssuer]:
    """Read issuers by id."""
    return map_by_key(session, InvoiceIssuer, issuer_ids, promoter_id=promoter_id)


def lock_issuers(
    session: Session, *, promoter_id: UUID, issuer_ids: Collection[UUID]
) -> dict[UUID, InvoiceIssuer]:
    """Read issuers in whose names this transaction is going to issue, one transaction at a time.

    On SQLite the writing transaction is the only one already.
    """
    rows = (
        select(InvoiceIssuer)
        .where(InvoiceIssuer.promoter_id == promoter_id, col(InvoiceIssuer.id).in_(issuer_ids))
        .order_by(col(InvoiceIssuer.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {issuer.id: issuer for issuer in session.exec(rows)}


def map_payers(
    session: Session, *, promoter_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, Payer]:
    """Read payers by member."""
    return map_by_key(session, Payer, member_ids, promoter_id=promoter_id, key="member_id")


def map_payers_by_id(
    session: Session, *, promoter_id: UUID, payer_ids: Collection[UUID]
) -> dict[UUID, Payer]:
    """Read payers by id."""
    return map_by_key(session, Payer, payer_ids, promoter_id=promoter_id)


def get_plan(session: Session, *, promoter_id: UUID, plan_id: UUID) -> PaymentPlan | None:
    """Read one plan."""
    return map_plans(session, promoter_id=promoter_id, plan_ids=[plan_id]).get(plan_id)


def map_plans(
    session: Session, *, promoter_id: UUID, plan_ids: Collection[UUID]
) -> dict[UUID, PaymentPlan]:
    """Read plans by id."""
    return map_by_key(session, PaymentPlan, plan_ids, promoter_id=promoter_id)


def group_plans(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID]
) -> dict[UUID, list[PaymentPlan]]:
    """Read the plans of many communities, by code."""
    return group_by_key(
        session,
        PaymentPlan,
        community_ids,
        promoter_id=promoter_id,
        key="community_id",
        order=("code",),
    )


def find_plan(
    session: Session, *, promoter_id: UUID, community_id: UUID, code: str
) -> PaymentPlan | None:
    """Read the plan of a community's code."""
    rows = select(PaymentPlan).where(
        PaymentPlan.promoter_id == promoter_id,
        PaymentPlan.community_id == community_id,
        PaymentPlan.code == code,
    )
    return session.exec(rows).one_or_none()


def group_plan_terms(
    session: Session, *, promoter_id: UUID, plan_ids: Collection[UUID]
) -> dict[UUID, list[PlanTerm]]:
    """Read the terms of many plans, by position and then by day."""
    return group_by_key(
        session,
        PlanTerm,
        plan_ids,
        promoter_id=promoter_id,
        key="plan_id",
        order=("position", "valid_from"),
    )


def group_subscriptions(
    session: Session,
    *,
    promoter_id: UUID,
    supply_point_ids: Collection[UUID],
    since: date,
    until: date,
) -> dict[UUID, list[PlanSubscription]]:
    """Read by which plans many supply points pay on days in [since, until), by day."""
    row = PlanSubscription
    rows = (
        select(row)
        .where(
            row.promoter_id == promoter_id,
            col(row.supply_point_id).in_(supply_point_ids),
            col(row.valid_from) < until,
            or_(col(row.valid_until).is_(None), col(row.valid_until) > since),
        )
        .order_by(col(row.valid_from))
    )
    groups: dict[UUID, list[PlanSubscription]] = {key: [] for key in supply_point_ids}
    for subscription in session.exec(rows):
        groups[subscription.supply_point_id].append(subscription)
    return groups


def group_all_subscriptions(
    session: Session, *, promoter_id: UUID, supply_point_ids: Collection[UUID]
) -> dict[UUID, list[PlanSubscription]]:
    """Read by which plans many supply points ever paid, by day."""
    return group_subscriptions(
        session,
        promoter_id=promoter_id,
        supply_point_ids=supply_point_ids,
        since=date.min,
        until=date.max,
    )


def map_subscriptions(
    session: Session, *, promoter_id: UUID, subscription_ids: Collection[UUID]
) -> dict[UUID, PlanSubscription]:
    """Read subscriptions by id."""
    return map_by_key(session, PlanSubscription, subscription_ids, promoter_id=promoter_id)


def count_subscriptions(
    session: Session, *, promoter_id: UUID, plan_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Count the subscriptions of many plans."""
    rows = (
        select(PlanSubscription.plan_id, func.count())
        .where(
            PlanSubscription.promoter_id == promoter_id, col(PlanSubscription.plan_id).in_(plan_ids)
        )
        .group_by(col(PlanSubscription.plan_id))
    )
    return dict.fromkeys(plan_ids, 0) | dict(session.exec(rows).all())


def get_subscription(
    session: Session, *, promoter_id: UUID, subscription_id: UUID
) -> PlanSubscription | None:
    """Read one subscription, which this transaction is going to change."""
    rows = (
        select(PlanSubscription)
        .where(PlanSubscription.promoter_id == promoter_id, PlanSubscription.id == subscription_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()
