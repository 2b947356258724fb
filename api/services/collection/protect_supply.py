"""Note which supplies are not cut off for a debt, and since when they may be again."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_points import find_points
from loaders.invoice_checks import MOST_TEXT, check_text
from models.repositories.debts import find_protection
from models.tables import ProtectedSupply
from models.values.debts import SupplyProtection
from models.values.errors import ConflictError, NotFoundError
from models.values.period import Period


class ProtectedAlreadyError(ConflictError):
    """A supply point has that protection.

    Attributes
    ----------
    cups : str
        The supply point.
    """

    def __init__(self, cups: str, protection: SupplyProtection) -> None:
        super().__init__(f"{cups} is {protection} already: end that protection first")
        self.cups = cups


class UnprotectedError(NotFoundError):
    """A supply point has no such protection that could end.

    Attributes
    ----------
    cups : str
        The supply point.
    """

    def __init__(self, cups: str, protection: SupplyProtection) -> None:
        super().__init__(f"{cups} is not protected as {protection}")
        self.cups = cups


def protect_supply(
    session: Session,
    *,
    promoter_id: UUID,
    cups: str,
    protection: SupplyProtection,
    valid_from: date,
    because: str,
    now: datetime,
) -> ProtectedSupply:
    """Protect a supply point from being cut off.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    cups : str
        The supply point.
    protection : SupplyProtection
        Why.
    valid_from : date
        First local day.
    because : str
        Which document says so, 1 to 500 characters; nothing about anybody's health.
    now : datetime
        The present instant.

    Returns
    -------
    ProtectedSupply
        What was stored; while it holds, its member is asked to pay, and no more.

    Raises
    ------
    UnfitInvoiceError
        If the reason is unfit.
    UnknownCupsError
        If the promoter has no such supply point.
    ProtectedAlreadyError
        If it has that protection.

    Notes
    -----
    Ley 24/2013, article 52.4; RD 897/2017.
    """
    check_text("reason", because, MOST_TEXT)
    (point_id,) = find_points(session, promoter_id=promoter_id, cups=[cups])
    if (
        find_protection(
            session, promoter_id=promoter_id, supply_point_id=point_id, protection=protection
        )
        is not None
    ):
        raise ProtectedAlreadyError(cups, protection)
    row = ProtectedSupply(
        promoter_id=promoter_id,
        supply_point_id=point_id,
        protection=protection,
        valid_from=valid_from,
        because=because,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    return row


def end_protection(
    session: Session,
    *,
    promoter_id: UUID,
    cups: str,
    protection: SupplyProtection,
    valid_until: date,
) -> ProtectedSupply:
    """End the protection of a supply point.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    cups : str
        The supply point.
    protection : SupplyProtection
        Which.
    valid_until : date
        First local day without it.

    Returns
    -------
    ProtectedSupply
        As it stands now.

    Raises
    ------
    UnknownCupsError
        If the promoter has no such supply point.
    UnprotectedError
        If it has no such protection that could end.
    InvalidDataError
        If it would end before it begins.
    """
    (point_id,) = find_points(session, promoter_id=promoter_id, cups=[cups])
    row = find_protection(
        session, promoter_id=promoter_id, supply_point_id=point_id, protection=protection
    )
    if row is None:
        raise UnprotectedError(cups, protection)
    row.valid_until = Period(row.valid_from, valid_until).end
    session.flush()
    return row
