"""Find the plant that a request is about, and check the year that it is to be studied with."""

from uuid import UUID

from sqlmodel import Session

from api.services.request_proposal import PlanYearError, UnknownInstallationError
from models.repositories.installations import find_installation, get_installation
from models.tables import SelfConsumptionInstallation

_YEARS = range(2000, 2100)


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


def check_study_year(year: int) -> None:
    """Make sure that meters can have recorded a year.

    Parameters
    ----------
    year : int
        Local calendar year.

    Raises
    ------
    PlanYearError
        If none can have.
    """
    if year not in _YEARS:
        raise PlanYearError(year)
