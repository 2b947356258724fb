"""Gather what the bills of supply points are made from, community by community."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import read_billed_energy
from api.services.bills.billed_point import BilledPoint, PointPreparer
from api.services.bills.price_curves import read_stored_prices
from api.services.bills.recorded_contracts import read_agreed
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.readings.meter_homes import find_meter_homes
from models.repositories.supply_points import map_supply_points
from models.tables import Community, SupplyPoint
from models.values.errors import CommunityError


@dataclass(frozen=True, slots=True)
class PreparedPoints:
    """The supply points of one community.

    Attributes
    ----------
    preparer : PointPreparer
        Days, question and prices that they share.
    points : mapping of UUID to BilledPoint or CommunityError
        What each one's bills are made from, or why there are none.
    """

    preparer: PointPreparer
    points: Mapping[UUID, BilledPoint | CommunityError]


def prepare_points(
    session: Session, *, promoter_id: UUID, ids: Collection[UUID], question: BillQuestion
) -> list[PreparedPoints]:
    """Gather what the bills of supply points are made from.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    ids : collection of UUID
        Supply points.
    question : BillQuestion
        Which days, coefficients, contracts and law.

    Returns
    -------
    list of PreparedPoints
        By community; without supply points that the promoter does not have.

    Raises
    ------
    BilledPeriodError
        If the days cannot be billed.
    UnknownAgreementError, UnknownProposalError
        If the caller has no such document.
    """
    homes = find_meter_homes(
        session, promoter_id=promoter_id, kind=SubjectKind.SUPPLY_POINT, ids=ids
    )
    points = map_supply_points(session, promoter_id=promoter_id, supply_point_ids=homes)
    communities = {home.community.id: home.community for home in homes.values()}
    owned: dict[UUID, list[SupplyPoint]] = defaultdict(list)
    for key, home in homes.items():
        owned[home.community.id].append(points[key])
    return [_prepare(session, communities[key], own, question) for key, own in owned.items()]


def _prepare(
    session: Session, community: Community, points: list[SupplyPoint], question: BillQuestion
) -> PreparedPoints:
    days = BilledDays(question.start, question.end, community.timezone)
    energy = read_billed_energy(
        session, community=community, points=points, days=days, document=question.document
    )
    prices = read_stored_prices(session, community=community, days=days)
    agreed = read_agreed(
        session,
        promoter_id=community.promoter_id,
        ids=[point.id for point in points],
        days=days,
    )
    preparer = PointPreparer(community.zone, days, question, prices, agreed)
    prepared: dict[UUID, BilledPoint | CommunityError] = {}
    for point in points:
        try:
            prepared[point.id] = preparer.prepare(point, energy[point.id])
        except CommunityError as error:
            prepared[point.id] = error
    return PreparedPoints(preparer, prepared)
