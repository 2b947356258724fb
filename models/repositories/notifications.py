"""What happened to a promoter, numbered so that no reader misses or repeats any of it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from models.tables.notifications import Notification, NotificationKind


def add_notification(
    session: Session, *, promoter_id: UUID, kind: NotificationKind, subject_id: UUID, at: datetime
) -> Notification:
    """Note what happened, in the transaction that does it.

    Its place is taken in the order of commits, so a reader never sees a place before a lower one:
    until the transaction ends, nobody else notes anything of the promoter's. On SQLite nobody
    writes beside it anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(f"notifications of {promoter_id}", 0)
        session.execute(select(func.pg_advisory_xact_lock(key)))
    noted = Notification(
        promoter_id=promoter_id,
        position=find_newest_position(session, promoter_id=promoter_id) + 1,
        kind=kind,
        subject_id=subject_id,
        noted_at=at,
    )
    session.add(noted)
    session.flush()
    return noted


def find_newest_position(session: Session, *, promoter_id: UUID) -> int:
    """Tell the last place that was taken; 0 before the first."""
    newest = select(func.max(Notification.position)).where(Notification.promoter_id == promoter_id)
    return session.exec(newest).one() or 0


def map_newest_positions(session: Session, *, promoter_ids: Collection[UUID]) -> dict[UUID, int]:
    """Tell the last place of each promoter who has any."""
    newest = (
        select(Notification.promoter_id, func.max(Notification.position))
        .where(col(Notification.promoter_id).in_(promoter_ids))
        .group_by(col(Notification.promoter_id))
    )
    return dict(session.exec(newest).all())


def list_notifications(
    session: Session,
    *,
    promoter_id: UUID,
    kinds: Collection[NotificationKind],
    after: int,
    at_most: int,
) -> list[Notification]:
    """Read what happened after a place, in order."""
    rows = (
        select(Notification)
        .where(
            Notification.promoter_id == promoter_id,
            col(Notification.kind).in_(kinds),
            col(Notification.position) > after,
        )
        .order_by(col(Notification.position))
        .limit(at_most)
    )
    return list(session.exec(rows))


def remove_old_notifications(session: Session, *, noted_before: datetime, at_most: int) -> int:
    """Remove what happened long ago; return how much. The last of each stays, to count on."""
    newest = select(func.max(Notification.position), Notification.promoter_id).group_by(
        col(Notification.promoter_id)
    )
    newest_places = newest.subquery()
    old = (
        select(Notification.id)
        .join(newest_places, newest_places.c.promoter_id == Notification.promoter_id)
        .where(
            col(Notification.noted_at) < noted_before,
            col(Notification.position) < newest_places.c[0],
        )
        .limit(at_most)
    )
    return session.exec(delete(Notification).where(col(Notification.id).in_(old))).rowcount
