"""Links that were sent by e-mail and work once."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, delete, func, select, update

from models.tables.sign_ins import LinkPurpose, OneTimeLink


def find_live_link(
    session: Session, *, sha256: str, purpose: LinkPurpose, at: datetime
) -> OneTimeLink | None:
    """Read the link of a digest if it opens something at an instant."""
    rows = select(OneTimeLink).where(
        OneTimeLink.sha256 == sha256,
        OneTimeLink.purpose == purpose,
        col(OneTimeLink.used_at).is_(None),
        OneTimeLink.expires_at > at,
    )
    return session.exec(rows).one_or_none()


def use_link(session: Session, *, sha256: str, purpose: LinkPurpose, used_at: datetime) -> bool:
    """Use a link up; tell whether it was this transaction, among all who try at once."""
    rows = (
        update(OneTimeLink)
        .where(
            col(OneTimeLink.sha256) == sha256,
            col(OneTimeLink.purpose) == purpose,
            col(OneTimeLink.used_at).is_(None),
            col(OneTimeLink.expires_at) > used_at,
        )
        .values(used_at=used_at)
    )
    return session.exec(rows).rowcount == 1


def use_up_links(
    session: Session, *, account_id: UUID, used_at: datetime, purpose: LinkPurpose | None = None
) -> None:
    """Let the links of an account open nothing any more: all, or those of one purpose."""
    rows = update(OneTimeLink).where(
        col(OneTimeLink.account_id) == account_id, col(OneTimeLink.used_at).is_(None)
    )
    if purpose is not None:
        rows = rows.where(col(OneTimeLink.purpose) == purpose)
    session.exec(rows.values(used_at=used_at))


def count_links(
    session: Session, *, account_id: UUID, purpose: LinkPurpose, since: datetime
) -> int:
    """Count the links of one purpose that an account was sent since an instant."""
    rows = select(func.count()).where(
        OneTimeLink.account_id == account_id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.created_at > since,
    )
    return session.exec(rows).one()


def remove_old_links(session: Session, *, over_before: datetime, at_most: int) -> int:
    """Remove links that expired long ago; return how many."""
    old = select(OneTimeLink.id).where(OneTimeLink.expires_at < over_before).limit(at_most)
    return session.exec(delete(OneTimeLink).where(col(OneTimeLink.id).in_(old))).rowcount
