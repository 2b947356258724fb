"""Find a meter by its code, whichever kind of meter it is."""

from uuid import UUID

from sqlmodel import Session

from api.services.energy.find_energy_subjects import SubjectKind
from models.repositories.installations import find_installation
from models.repositories.supply_points import map_supply_points_by_cups
from models.values.errors import NotFoundError


class UnknownMeterError(NotFoundError):
    """The promoter has no supply point and no installation of a code.

    Attributes
    ----------
    text : str
        The code.
    """

    def __init__(self, text: str) -> None:
        super().__init__(f"there is no supply point and no installation {text!r}")
        self.text = text


def find_meter(session: Session, *, promoter_id: UUID, code: str) -> tuple[SubjectKind, UUID]:
    """Find a supply point by its CUPS, or an installation by its CAU.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    code : str
        The code as it is stored.

    Returns
    -------
    SubjectKind
        Which of them it is.
    UUID
        Its id.

    Raises
    ------
    UnknownMeterError
        If the promoter has neither.
    """
    points = map_supply_points_by_cups(session, promoter_id=promoter_id, cups=[code])
    if code in points:
        return SubjectKind.SUPPLY_POINT, points[code].id
    plant = find_installation(session, promoter_id=promoter_id, cau=code)
    if plant is None:
        raise UnknownMeterError(code)
    return SubjectKind.INSTALLATION, plant.id
