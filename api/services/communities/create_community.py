"""Begin a community, and add installations to it, without a year of energy."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import UnknownCommunityError
from models.repositories.communities import find_community, lock_known_community
from models.repositories.installations import find_installation, group_installations
from models.tables import Community, SelfConsumptionInstallation
from models.values.calendar import Zone
from models.values.cau import Cau
from models.values.errors import ConflictError, InvalidArgumentError
from models.values.names import check_name
from models.values.power import to_watts

_LONGEST_CODE = 100
_LARGEST_LAT, _LARGEST_LON = 90.0, 180.0


class InvalidCodeError(InvalidArgumentError):
    """A promoter's own id of a community cannot be stored.

    Attributes
    ----------
    text : str
        The id that was offered.
    """

    def __init__(self, code: str) -> None:
        super().__init__(
            f"the code of a community needs 1 to {_LONGEST_CODE} printable characters, not the"
            f" {len(code)} of {code[:40]!r}"
        )
        self.text = code


class CommunityExistsError(ConflictError):
    """The promoter has a community of that code already.

    Attributes
    ----------
    text : str
        The code.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"there is a community {code} already: choose another code")
        self.text = code


class InstallationExistsError(ConflictError):
    """The promoter has an installation of that CAU already.

    Attributes
    ----------
    cau : str
        The code.
    """

    def __init__(self, cau: str) -> None:
        super().__init__(f"there is an installation {cau} already: a CAU belongs to one community")
        self.cau = cau


class PlaceError(InvalidArgumentError):
    """A place is not one on earth.

    Attributes
    ----------
    lat, lon : float
        Latitude and longitude [degrees].
    """

    def __init__(self, lat: float, lon: float) -> None:
        super().__init__(
            f"latitude {lat} and longitude {lon} are no place on earth: they go from -90 to 90 and"
            " from -180 to 180 degrees"
        )
        self.lat = lat
        self.lon = lon


def create_community(
    session: Session, *, promoter_id: UUID, code: str, name: str, zone: Zone, now: datetime
) -> Community:
    """Begin a community that has nothing yet.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    code : str
        The promoter's own id of it.
    name : str
        Its name.
    zone : Zone
        Tariff zone, whose clock makes its days and months.
    now : datetime
        The present instant.

    Returns
    -------
    Community
        The stored community.

    Raises
    ------
    InvalidCodeError
        If the code is blank, too long or cannot be printed.
    InvalidNameError
        If the name is.
    CommunityExistsError
        If the promoter has a community of that code.
    """
    if not code.strip() or len(code) > _LONGEST_CODE or not code.isprintable():
        raise InvalidCodeError(code)
    check_name("community", name)
    if find_community(session, promoter_id=promoter_id, code=code) is not None:
        raise CommunityExistsError(code)
    community = Community(
        promoter_id=promoter_id,
        code=code,
        name=name,
        timezone=zone.timezone,
        zone=zone,
        created_at=now,
    )
    session.add(community)
    session.flush()
    return community


def create_installation(
    session: Session,
    *,
    promoter_id: UUID,
    community_id: UUID,
    cau: Cau,
    inverter_kw: float,
    place: tuple[float, float] | None = None,
) -> SelfConsumptionInstallation:
    """Add an installation to a community, behind those that it has.

    Parameters
    ----------
    session : Session
        Open writing transaction.
    promoter_id : UUID
        The tenant.
    community_id : UUID
        The community.
    cau : Cau
        Its code.
    inverter_kw : float
        Power of its inverters [kW].
    place : tuple of float, optional
        Latitude and longitude [degrees].

    Returns
    -------
    SelfConsumptionInstallation
        The stored installation; nobody shares in it yet.

    Raises
    ------
    UnknownCommunityError
        If the promoter has no such community.
    InstallationExistsError
        If the promoter has an installation of that CAU, here or elsewhere.
    PlaceError
        If it stands nowhere on earth.
    InvalidDataError
        If its power is not at least a watt and below 2,147,483,647 W.
    """
    power_w = to_watts(inverter_kw)
    lat, lon = (None, None) if place is None else check_place(*place)
    community = lock_known_community(session, promoter_id=promoter_id, community_id=community_id)
    if community is None:
        raise UnknownCommunityError(community_id)
    if find_installation(session, promoter_id=promoter_id, cau=cau) is not None:
        raise InstallationExistsError(cau)
    others = group_installations(session, promoter_id=promoter_id, community_ids=[community_id])
    installation = SelfConsumptionInstallation(
        promoter_id=promoter_id,
        community_id=community_id,
        cau=str(cau),
        position=1 + max((each.position for each in others[community_id]), default=-1),
        inverter_power_w=power_w,
        lat=lat,
        lon=lon,
    )
    session.add(installation)
    session.flush()
    return installation


def check_place(lat: float, lon: float) -> tuple[float, float]:
    """Refuse a place that is nowhere on earth.

    Parameters
    ----------
    lat, lon : float
        Latitude and longitude [degrees].

    Returns
    -------
    tuple of float
        The same.

    Raises
    ------
    PlaceError
        If it is not one on earth.
    """
    if not (abs(lat) <= _LARGEST_LAT and abs(lon) <= _LARGEST_LON):
        raise PlaceError(lat, lon)
    return lat, lon
