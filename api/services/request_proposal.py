"""Ask for a proposal of coefficients."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.plan_request import PlanRequest
from api.services.request_job import JobKind, request_job
from models.repositories.installations import find_installation, get_installation
from models.tables import JobRun, SelfConsumptionInstallation
from models.values.coefficient import format_coefficient
from models.values.errors import InvalidArgumentError, NotFoundError
from planner.coefficients.rules import Rule
from planner.goal import Objective

_YEARS = range(2000, 2100)


class UnknownInstallationError(NotFoundError):
    """The caller has no such installation."""

    def __init__(self, installation: UUID | str | None) -> None:
        super().__init__("there is no such installation")
        self.installation = installation


class PlanYearError(InvalidArgumentError):
    """A year that no meter can have recorded."""

    def __init__(self, year: int) -> None:
        super().__init__(f"year {year} is not between {_YEARS.start} and {_YEARS.stop - 1}")
        self.year = year


@dataclass(frozen=True, slots=True)
class ProposalWish:
    """What a caller wants proposed, in the names of the command line.

    Attributes
    ----------
    installation : UUID or str
        Id or CAU of the plant to share.
    year : int
        Local year of readings to plan with.
    objective : str
        ``self-consumption`` or ``savings``.
    floor_share : float or None
        Least share, 0 to 1, of the energy that the reference rule would give.
    reference : str
        Rule that the floor is measured against.
    min_millionths, max_millionths : int
        Least and greatest coefficient [millionths].
    """

    installation: UUID | str
    year: int
    objective: str
    floor_share: float | None
    reference: str
    min_millionths: int
    max_millionths: int

    def to_json(self, installation_id: UUID) -> dict[str, object]:
        """Give the wish as the JSON values that a job and a proposal keep."""
        return {
            "installation_id": str(installation_id),
            "year": self.year,
            "objective": self.objective,
            "floor": None if self.floor_share is None else str(self.floor_share),
            "reference": self.reference,
            "min_beta": format_coefficient(self.min_millionths),
            "max_beta": format_coefficient(self.max_millionths),
        }


def request_proposal(
    session: Session,
    *,
    promoter_id: UUID,
    wish: ProposalWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that plans coefficients.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : ProposalWish
        What to plan.
    idempotency_key : str or None
        The caller's own name for the request.
    now : datetime
        The present instant.

    Returns
    -------
    JobRun
        The job that stands for the request.

    Raises
    ------
    UnknownInstallationError
        If the caller has no such installation.
    PlanYearError
        If no meter can have recorded the year.
    OutOfRangeError
        If a limit makes no sense.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    if wish.year not in _YEARS:
        raise PlanYearError(wish.year)
    plant = _find_plant(session, promoter_id, wish.installation)
    arguments = wish.to_json(plant.id)
    read_plan_request(arguments)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.PROPOSE_COEFFICIENTS,
        arguments=arguments,
        idempotency_key=idempotency_key,
        now=now,
    )


def read_plan_request(arguments: dict[str, Any]) -> PlanRequest:
    """Read back what a job or a proposal keeps.

    Parameters
    ----------
    arguments : dict
        As ``ProposalWish.to_json`` gave them.

    Returns
    -------
    PlanRequest
        What the planner takes.

    Raises
    ------
    OutOfRangeError
        If a limit makes no sense.
    """
    floor = arguments["floor"]
    return PlanRequest(
        objective=Objective(arguments["objective"]),
        floor_share=None if floor is None else Decimal(floor),
        reference=Rule(arguments["reference"]),
        min_beta=Decimal(arguments["min_beta"]),
        max_beta=Decimal(arguments["max_beta"]),
    )


def _find_plant(
    session: Session, promoter_id: UUID, installation: UUID | str
) -> SelfConsumptionInstallation:
    """Find the plant by id or CAU."""
    if isinstance(installation, UUID):
        plant = get_installation(session, promoter_id=promoter_id, installation_id=installation)
    else:
        plant = find_installation(session, promoter_id=promoter_id, cau=installation)
    if plant is None:
        raise UnknownInstallationError(installation)
    return plant
