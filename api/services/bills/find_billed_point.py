"""Prepare one supply point, or say why its bills cannot be made."""

from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_point import BilledPoint, PointPreparer
from api.services.bills.prepare_points import prepare_points
from models.values.errors import CommunityError, NotFoundError


class UnknownSupplyPointError(NotFoundError):
    """The caller has no such supply point.

    Attributes
    ----------
    point_id : UUID
        What was asked for.
    """

    def __init__(self, point_id: UUID) -> None:
        super().__init__("there is no such supply point")
        self.point_id = point_id


def find_billed_point(
    session: Session, *, promoter_id: UUID, point_id: UUID, question: BillQuestion
) -> tuple[PointPreparer, BilledPoint]:
    """Gather what the bills of one supply point are made from.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    point_id : UUID
        The supply point.
    question : BillQuestion
        Which days, coefficients, contracts and law.

    Returns
    -------
    tuple of PointPreparer and BilledPoint
        What it was prepared with, and what it is made from.

    Raises
    ------
    UnknownSupplyPointError
        If the promoter has no such supply point.
    CommunityError
        If its bills cannot be made.
    """
    prepared = prepare_points(session, promoter_id=promoter_id, ids=[point_id], question=question)
    if not prepared:
        raise UnknownSupplyPointError(point_id)
    point = prepared[0].points[point_id]
    if isinstance(point, CommunityError):
        raise point
    return prepared[0].preparer, point
