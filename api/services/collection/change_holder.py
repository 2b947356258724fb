"""Hand a supply point on to another member, with subrogation or without."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from api.services.collection.last_days import check_billed
from api.services.collection.open_items import open_items
from api.services.collection.settlement import ALL_DAYS
from api.services.communities.find_points import find_points
from api.services.invoices.issue_billing_run import hold_plants
from loaders.invoice_checks import UnfitInvoiceError, check_text
from models.repositories.members import map_members, map_members_by_code
from models.repositories.supply_points import map_supply_points
from models.tables import HolderChange, Member, SupplyPoint
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.money import from_cents

__all__ = [
    "HolderDayError",
    "HolderWish",
    "PlanGoesOnError",
    "SameHolderError",
    "StandingDebtError",
    "UnfitInvoiceError",
    "change_holder",
]

_LONGEST_CODE = 100


class StandingDebtError(ConflictError):
    """A holder changes only when nothing is owed.

    Attributes
    ----------
    owed_eur : Decimal
        What the old holder owes [EUR].
    """

    def __init__(self, cups: str, owed_eur: Decimal) -> None:
        super().__init__(f"the holder of {cups} owes {owed_eur} EUR: it has to be paid first")
        self.cups = cups
        self.owed_eur = owed_eur


class HolderDayError(InvalidArgumentError):
    """A holder changes on the first day of a month, so that each month has one holder to bill.

    Attributes
    ----------
    changed_on : date
        What was asked for.
    """

    def __init__(self, changed_on: date) -> None:
        super().__init__(f"{changed_on} is not the first day of a month, on which holders change")
        self.changed_on = changed_on


class SameHolderError(ConflictError):
    """A supply point has that holder already.

    Attributes
    ----------
    cups : str
        The supply point.
    """

    def __init__(self, cups: str) -> None:
        super().__init__(f"{cups} has that holder already")
        self.cups = cups


class PlanGoesOnError(ConflictError):
    """Without subrogation the old holder's plan has to end with it.

    Attributes
    ----------
    cups : str
        The supply point.
    """

    def __init__(self, cups: str, changed_on: date) -> None:
        super().__init__(
            f"{cups} pays by the old holder's plan after {changed_on}: end its subscription there, "
            "or change the holder with subrogation"
        )
        self.cups = cups


@dataclass(frozen=True, slots=True)
class HolderWish:
    """Who hands what on to whom.

    Attributes
    ----------
    cups : str
        The supply point.
    member_code : str
        The new holder, a member of the same community; it begins as one where there is none.
    changed_on : date
        Its first day, the first of a month.
    is_subrogated : bool
        Whether it takes over what the old one agreed on: the plan goes on as it is, with what is
        left of an entry fee. Without, the old plan has ended, and the new holder agrees on its own.
    kind : str or None
        Kind of a member that begins.

    Raises
    ------
    HolderDayError
        If the day is another.
    UnfitInvoiceError
        If code or kind are not 1 to 100 printable characters.
    """

    cups: str
    member_code: str
    changed_on: date
    is_subrogated: bool
    kind: str | None = None

    def __post_init__(self) -> None:
        if self.changed_on.day != 1:
            raise HolderDayError(self.changed_on)
        check_text("member", self.member_code, _LONGEST_CODE)
        if self.kind is not None:
            check_text("kind", self.kind, _LONGEST_CODE)


def change_holder(
    session: Session, *, promoter_id: UUID, wish: HolderWish, now: datetime
) -> HolderChange:
    """Hand a supply point on to another member.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    wish : HolderWish
        Who, what and when.
    now : datetime
        The present instant.

    Returns
    -------
    HolderChange
        What was stored. Coefficients stay with the supply point; a mandate stays with whoever
        signed it, so that the new holder signs its own.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    SameHolderError
        If it has that holder.
    UnbilledDaysError, BilledAheadError
        If one of the old holder's days is not billed, or one of the new one's is.
    StandingDebtError
        If the old holder owes anything.
    PlanGoesOnError
        If the old plan goes on without subrogation.

    Notes
    -----
    With or without subrogation, refused while a debt stands: what retailers do (guide of a
    retailer, "Can I make a change of owner if there is a debt?").
    """
    (point_id,) = find_points(session, promoter_id=promoter_id, cups=[wish.cups])
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=[point_id])
    point = points[point_id]
    old = map_members(session, promoter_id=promoter_id, member_ids=[point.member_id])
    community_id = old[point.member_id].community_id
    hold_plants(session, promoter_id=promoter_id, community_id=community_id)
    new = _ensure_member(session, promoter_id, community_id, wish)
    if new.id == point.member_id:
        raise SameHolderError(wish.cups)
    _check_done(session, point, wish)
    change = HolderChange(
        promoter_id=promoter_id,
        supply_point_id=point.id,
        from_member_id=point.member_id,
        to_member_id=new.id,
        changed_on=wish.changed_on,
        is_subrogated=wish.is_subrogated,
        recorded_at=now,
    )
    session.add(change)
    point.member_id = new.id
    session.flush()
    return change


def _check_done(session: Session, point: SupplyPoint, wish: HolderWish) -> None:
    """Make sure that the old holder leaves nothing behind."""
    owner, until = point.promoter_id, wish.changed_on
    subscriptions = check_billed(session, promoter_id=owner, point=point, until=until)
    items = open_items(session, owner, on=ALL_DAYS, member_id=point.member_id)
    if items:
        raise StandingDebtError(wish.cups, from_cents(sum(item.open_cents for item in items)))
    goes_on = any(row.valid_until is None or row.valid_until > until for row in subscriptions)
    if goes_on and not wish.is_subrogated:
        raise PlanGoesOnError(wish.cups, until)


def _ensure_member(
    session: Session, promoter_id: UUID, community_id: UUID, wish: HolderWish
) -> Member:
    """Find the new holder among the community's members, or let it begin as one."""
    known = map_members_by_code(session, promoter_id=promoter_id, community_id=community_id)
    if wish.member_code in known:
        return known[wish.member_code]
    member = Member(
        promoter_id=promoter_id,
        community_id=community_id,
        code=wish.member_code,
        kind=wish.kind,
    )
    session.add(member)
    session.flush()
    return member
