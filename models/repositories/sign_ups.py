"""Those who ask to join a community.

Whoever follows a link belongs to no promoter: those questions name the digest of its secret.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, exists, func, or_, select, update

from models.repositories.by_key import map_by_key
from models.repositories.page import Listing, Page, PageRequest
from models.tables.communities import SelfConsumptionInstallation
from models.tables.members import Membership
from models.tables.outbox import MessageState, OutboxAttempt, OutboxMessage
from models.tables.reserve_pool import ApplicationState, ReserveApplication
from models.tables.sign_ups import SignUp, SignUpState
from models.values.listing import EVERYTHING, ListWish

_MAIL = "sign-up "
"""How the keys of e-mails begin that are about one, in front of its id; their kind, too."""

_NEWEST_FIRST = Listing(SignUp, parent="community_id", order="created_at", newest_first=True)


def page_sign_ups(
    session: Session, *, promoter_id: UUID, community_ids: Collection[UUID], request: PageRequest
) -> dict[UUID, Page[SignUp]]:
    """Read the same page of many communities' sign-ups, newest first."""
    tenant = col(SignUp.promoter_id) == promoter_id
    return _NEWEST_FIRST.read_pages(session, tenant, parent_ids=community_ids, request=request)


def count_sign_ups(
    session: Session,
    *,
    promoter_id: UUID,
    community_ids: Collection[UUID],
    wish: ListWish = EVERYTHING,
) -> dict[UUID, int]:
    """Count the sign-ups of many communities."""
    tenant = col(SignUp.promoter_id) == promoter_id
    return _NEWEST_FIRST.count_rows(session, tenant, parent_ids=community_ids, wish=wish)


def map_sign_ups(
    session: Session, *, promoter_id: UUID, sign_up_ids: Collection[UUID]
) -> dict[UUID, SignUp]:
    """Read sign-ups by id."""
    return map_by_key(session, SignUp, sign_up_ids, promoter_id=promoter_id)


def lock_sign_up(session: Session, *, promoter_id: UUID, sign_up_id: UUID) -> SignUp | None:
    """Read a sign-up that nobody else changes before the transaction has ended."""
    rows = (
        select(SignUp)
        .where(SignUp.promoter_id == promoter_id, SignUp.id == sign_up_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(rows).one_or_none()


def take_confirmation(session: Session, *, sha256: str, now: datetime) -> SignUp | None:
    """Confirm the sign-up of a link that was not used and is not too old: once, whoever comes."""
    confirmed = (
        update(SignUp)
        .where(
            col(SignUp.confirmation_sha256) == sha256,
            col(SignUp.state) == SignUpState.UNCONFIRMED,
            col(SignUp.expires_at) > now,
        )
        .values(
            state=SignUpState.CONFIRMED,
            confirmation_sha256=None,
            network_index=None,
            confirmed_at=now,
        )
        .returning(SignUp)
        .execution_options(populate_existing=True)
    )
    return session.scalars(confirmed).one_or_none()


def find_by_status_link(session: Session, *, sha256: str, holds: bool = False) -> SignUp | None:
    """Read the sign-up of a link that tells how it stands, held for a change if need be."""
    rows = select(SignUp).where(SignUp.status_sha256 == sha256)
    if holds:
        rows = rows.with_for_update().execution_options(populate_existing=True)
    return session.exec(rows).one_or_none()


def list_sign_ups_of_mailbox(
    session: Session, *, email_index: bytes, expires_after: datetime
) -> list[SignUp]:
    """Read the sign-ups of an e-mail address, wherever they were made."""
    rows = select(SignUp).where(
        SignUp.email_index == email_index, col(SignUp.expires_at) > expires_after
    )
    return list(session.exec(rows))


def find_waiting(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    email_index: bytes,
    network_index: bytes,
    expires_after: datetime,
) -> SignUp | None:
    """Read the sign-up of an address from a network that expires after an instant, the last one."""
    rows = select(SignUp).where(
        SignUp.promoter_id == promoter_id,
        SignUp.community_id == community_id,
        SignUp.state == SignUpState.UNCONFIRMED,
        SignUp.email_index == email_index,
        SignUp.network_index == network_index,
        col(SignUp.expires_at) > expires_after,
    )
    return session.exec(rows.order_by(col(SignUp.expires_at).desc()).limit(1)).one_or_none()


def find_crowding(session: Session, *, promoter_id: UUID, community_id: UUID) -> UUID:
    """Find the oldest unconfirmed sign-up of the network that has most of a community's."""
    unconfirmed = (
        col(SignUp.promoter_id) == promoter_id,
        col(SignUp.community_id) == community_id,
        col(SignUp.state) == SignUpState.UNCONFIRMED,
    )
    network = col(SignUp.network_index)
    by_network = select(network).where(*unconfirmed).group_by(network)
    most = by_network.order_by(func.count().desc(), func.min(SignUp.created_at)).limit(1)
    crowd = network.is_not_distinct_from(session.exec(most).one())
    oldest = select(SignUp.id).where(*unconfirmed, crowd).order_by(col(SignUp.created_at))
    return session.exec(oldest.limit(1)).one()


def remove_sign_up(session: Session, *, sign_up_id: UUID) -> None:
    """Forget a sign-up, and what was written to its address."""
    _remove(session, col(SignUp.id) == sign_up_id, at_most=1)


def count_unconfirmed(session: Session, *, promoter_id: UUID, community_id: UUID) -> int:
    """Count the sign-ups of a community that nobody has confirmed."""
    rows = (
        select(func.count())
        .select_from(SignUp)
        .where(
            SignUp.promoter_id == promoter_id,
            SignUp.community_id == community_id,
            SignUp.state == SignUpState.UNCONFIRMED,
        )
    )
    return session.exec(rows).one()


def has_other_open(session: Session, *, sign_up: SignUp) -> bool:
    """Tell whether the meter of a sign-up waits for its promoter's approval in another one."""
    other = exists().where(
        col(SignUp.promoter_id) == sign_up.promoter_id,
        col(SignUp.meter_index) == sign_up.meter_index,
        col(SignUp.state) == SignUpState.CONFIRMED,
        col(SignUp.id) != sign_up.id,
    )
    return session.exec(select(other)).one()


def find_last_position(session: Session, *, promoter_id: UUID, community_id: UUID) -> int:
    """Find the last place in a community's list, of those who share and those who wait; -1."""
    waiting = select(func.max(ReserveApplication.position)).where(
        ReserveApplication.promoter_id == promoter_id,
        ReserveApplication.community_id == community_id,
    )
    plant = SelfConsumptionInstallation
    sharing = (
        select(func.max(Membership.position))
        .join(plant, col(plant.id) == Membership.installation_id)
        .where(Membership.promoter_id == promoter_id, plant.community_id == community_id)
    )
    found = (session.exec(waiting).one(), session.exec(sharing).one())
    return max((place for place in found if place is not None), default=-1)


def is_sharing(session: Session, *, promoter_id: UUID, supply_point_id: UUID) -> bool:
    """Tell whether a supply point shares in any plant."""
    open_one = exists().where(
        col(Membership.promoter_id) == promoter_id,
        col(Membership.supply_point_id) == supply_point_id,
        col(Membership.valid_until).is_(None),
    )
    return session.exec(select(open_one)).one()


def find_application(
    session: Session, *, promoter_id: UUID, community_id: UUID, supply_point_id: UUID
) -> ReserveApplication | None:
    """Read the application of a supply point to a community, whatever became of it."""
    rows = select(ReserveApplication).where(
        ReserveApplication.promoter_id == promoter_id,
        ReserveApplication.community_id == community_id,
        ReserveApplication.supply_point_id == supply_point_id,
    )
    return session.exec(rows).one_or_none()


def withdraw_application(session: Session, *, promoter_id: UUID, application_id: UUID) -> bool:
    """Take back an application that waits; False when it does not wait any more."""
    withdrawn = (
        update(ReserveApplication)
        .where(
            col(ReserveApplication.promoter_id) == promoter_id,
            col(ReserveApplication.id) == application_id,
            col(ReserveApplication.state) == ApplicationState.WAITING,
        )
        .values(state=ApplicationState.WITHDRAWN)
    )
    return session.exec(withdrawn).rowcount == 1


def count_waiting_before(session: Session, application: ReserveApplication) -> int:
    """Count who waits in front of an application."""
    kind = ReserveApplication
    before = or_(
        col(kind.position) < application.position,
        and_(col(kind.position) == application.position, col(kind.id) < application.id),
    )
    rows = (
        select(func.count())
        .select_from(kind)
        .where(
            kind.promoter_id == application.promoter_id,
            kind.community_id == application.community_id,
            kind.state == ApplicationState.WAITING,
            before,
        )
    )
    return session.exec(rows).one()


def remove_unconfirmed_sign_ups(session: Session, *, expired_before: datetime, at_most: int) -> int:
    """Forget sign-ups that nobody confirmed, and what was written to their addresses."""
    unconfirmed = col(SignUp.state) == SignUpState.UNCONFIRMED
    return _remove(session, and_(unconfirmed, col(SignUp.expires_at) < expired_before), at_most)


def remove_closed_sign_ups(session: Session, *, decided_before: datetime, at_most: int) -> int:
    """Forget sign-ups that were refused or withdrawn, and what was written to their addresses."""
    closed = col(SignUp.state).in_((SignUpState.REFUSED, SignUpState.WITHDRAWN))
    return _remove(session, and_(closed, col(SignUp.decided_at) < decided_before), at_most)


def name_mails(sign_up_id: UUID) -> str:
    """Give how the keys of all e-mails of a sign-up begin."""
    return f"{_MAIL}{sign_up_id} "


def _remove(session: Session, which: ColumnElement[bool], at_most: int) -> int:
    rows = select(SignUp.id).where(which).order_by(col(SignUp.id)).limit(at_most)
    keys = list(session.exec(rows))
    named = func.substr(OutboxMessage.idempotency_key, len(_MAIL) + 1, len(str(UUID(int=0))))
    theirs = and_(
        col(OutboxMessage.kind) == _MAIL.strip(),
        named.in_([str(key) for key in keys]),
        # Of one that is going out right now a worker will want to note the answer.
        col(OutboxMessage.state) != MessageState.SENDING,
    )
    mails = list(session.exec(select(OutboxMessage.id).where(theirs)))
    session.exec(delete(OutboxAttempt).where(col(OutboxAttempt.message_id).in_(mails)))
    session.exec(delete(OutboxMessage).where(col(OutboxMessage.id).in_(mails)))
    session.exec(delete(SignUp).where(col(SignUp.id).in_(keys)))
    return len(keys)
