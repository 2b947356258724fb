"""Find the plant that a request is about, and check the dates that it is to be studied with."""

from datetime import date
from uuid import UUID

from sqlmodel import Session

from api.services.proposals.listed_limits import FaultyWishError, WishFault
from loaders.number_text import show_name
from models.regulation.dated_figures import UnknownFigureError
from models.regulation.distance_limits import distance_limit_on
from models.repositories.installations import find_installation, get_installation
from models.tables import SelfConsumptionInstallation
from models.values.errors import InvalidArgumentError, NotFoundError

_YEARS = range(2000, 2100)
_LONGEST_NAME = 60


class UnknownInstallationError(NotFoundError):
    """The caller has no such installation."""

    def __init__(self, installation: UUID | str | None) -> None:
        named = show_name(str(installation))[:_LONGEST_NAME]
        which = "" if installation is None else f": {named}"
        super().__init__(f"there is no such installation{which}")
        self.installation = installation


class PlanYearError(InvalidArgumentError):
    """A year that no meter can have recorded."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.first = _YEARS[0]
        self.last = _YEARS[-1]
        super().__init__(f"year {year} is not between {self.first} and {self.last}")


def find_plant(
    session: Session, *, promoter_id: UUID, installation: UUID | str
) -> SelfConsumptionInstallation:
    """Find a plant by its id or its CAU.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    installation : UUID or str
        Id or CAU.

    Returns
    -------
    SelfConsumptionInstallation
        The plant.

    Raises
    ------
    UnknownInstallationError
        If the promoter has no such plant.
    """
    if isinstance(installation, UUID):
        plant = get_installation(session, promoter_id=promoter_id, installation_id=installation)
    else:
        plant = find_installation(session, promoter_id=promoter_id, cau=installation)
    if plant is None:
        raise UnknownInstallationError(installation)
    return plant


def check_study_dates(year: int, on: date | None) -> None:
    """Make sure that meters can have recorded a year, and that limits of a day are known.

    Parameters
    ----------
    year : int
        Local calendar year.
    on : date or None
        Local day, if one is named.

    Raises
    ------
    PlanYearError
        If no meter can have.
    FaultyWishError
        If no limit of that day is known.
    """
    if year not in _YEARS:
        raise PlanYearError(year)
    try:
        if on is not None:
            distance_limit_on(on)
    except UnknownFigureError as error:
        raise FaultyWishError([WishFault(("on_day",), str(error))]) from error
