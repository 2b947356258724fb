"""Put who signed up at the end of a community's reserve pool."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.services.sign_ups.sealed_details import METER, SignUpDetails
from models.repositories.communities import lock_known_community
from models.repositories.members import map_members
from models.repositories.sign_ups import (
    find_application,
    find_last_position,
    has_other_open,
    is_sharing,
)
from models.repositories.supply_points import (
    count_supply_points_of_meter,
    list_supply_points_of_meters,
)
from models.tables import (
    ApplicationState,
    Community,
    Member,
    ReserveApplication,
    SignUp,
    SignUpState,
    SupplyPoint,
)
from models.values.calendar import local_day
from models.values.errors import ConflictError

_LONGEST_CODE = 12


class KnownMeterError(ConflictError):
    """The promoter has the meter of a sign-up already.

    Attributes
    ----------
    cups : str
        Its code.
    """

    def __init__(self, cups: str) -> None:
        super().__init__(
            f"{cups} shares or waits already, here or in another community of yours: refuse the"
            " sign-up, or end what stands in its way first"
        )
        self.cups = cups


def is_meter_new(session: Session, *, sign_up: SignUp, details: SignUpDetails) -> bool:
    """Tell whether nobody of the promoter has the meter of a sign-up, nor asks for it beside.

    Parameters
    ----------
    session : Session
        Open transaction.
    sign_up : SignUp
        Who asks.
    details : SignUpDetails
        The meter that they named.

    Returns
    -------
    bool
        Whether it is known from nowhere else.
    """
    known = list_supply_points_of_meters(
        session, promoter_id=sign_up.promoter_id, meters=[details.cups[:METER]]
    )
    return not known and not has_other_open(session, sign_up=sign_up)


def enter_pool(
    session: Session, *, sign_up: SignUp, details: SignUpDetails, now: datetime
) -> ReserveApplication:
    """Make the member, supply point and application of a confirmed sign-up.

    A meter that has left, or withdrew before, applies anew.

    Parameters
    ----------
    session : Session
        Open writing transaction that holds the sign-up.
    sign_up : SignUp
        Confirmed; it is accepted then.
    details : SignUpDetails
        Who signed up.
    now : datetime
        The present instant.

    Returns
    -------
    ReserveApplication
        The last of the list.

    Raises
    ------
    KnownMeterError
        If the meter shares or waits already, or is another community's.
    """
    owner: dict[str, Any] = {
        "promoter_id": sign_up.promoter_id,
        "community_id": sign_up.community_id,
    }
    community = lock_known_community(session, **owner)
    assert community is not None, "a sign-up is of a community"
    point = _find_or_make_point(session, community, sign_up, details)
    standing = find_application(session, **owner, supply_point_id=point.id)
    if standing is not None and standing.state is ApplicationState.WAITING:
        raise KnownMeterError(details.cups)
    application = standing or ReserveApplication(**owner, supply_point_id=point.id, position=0)
    application.position = 1 + find_last_position(session, **owner)
    application.applied_on = local_day(now, community.timezone)
    application.state = ApplicationState.WAITING
    session.add(application)
    session.flush()
    sign_up.state, sign_up.decided_at = SignUpState.ACCEPTED, now
    sign_up.application_id = application.id
    session.flush()
    return application


def _find_or_make_point(
    session: Session, community: Community, sign_up: SignUp, details: SignUpDetails
) -> SupplyPoint:
    owner = community.promoter_id
    declared: dict[str, Any] = {
        "tariff": sign_up.tariff,
        "contracted_power_w": sign_up.contracted_power_w,
        "yearly_consumption_wh": sign_up.yearly_consumption_wh,
        "lat": details.lat,
        "lon": details.lon,
    }
    meter = details.cups[:METER]
    known = list_supply_points_of_meters(session, promoter_id=owner, meters=[meter])
    if count_supply_points_of_meter(session, promoter_id=owner, meter=meter) > len(known):
        # It is in a community that a manager does not see.
        raise KnownMeterError(details.cups)
    if not known:
        # Names and tax numbers stay sealed in the sign-up.
        code = f"web-{sign_up.id.hex[:_LONGEST_CODE]}"
        member = Member(promoter_id=owner, community_id=community.id, code=code)
        session.add(member)
        session.flush()
        point = SupplyPoint(promoter_id=owner, member_id=member.id, cups=details.cups, **declared)
        session.add(point)
        session.flush()
        return point
    members = map_members(
        session, promoter_id=owner, member_ids={point.member_id for point in known}
    )
    is_here = all(each.community_id == community.id for each in members.values())
    point = known[0]
    if (
        len(known) > 1
        or not is_here
        or is_sharing(session, promoter_id=owner, supply_point_id=point.id)
    ):
        raise KnownMeterError(details.cups)
    for name, value in declared.items():
        setattr(point, name, value)
    return point
