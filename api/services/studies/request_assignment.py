"""Ask who of a community should share in which of its plants."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_community import require_community
from api.services.communities.find_plant import check_study_dates
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.listed_limits import FaultyWishError, WishFault
from api.services.proposals.plan_request import OutOfRangeError, PlanRequest
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from models.tables import JobRun
from models.values.coefficient import MILLIONTHS, format_coefficient
from planner.goal import Objective


@dataclass(frozen=True, slots=True)
class AssignmentWish:
    """What a caller wants of a community's plants.

    Attributes
    ----------
    community_id : UUID
        The community.
    year : int
        Local year of readings to decide by.
    objective : str
        ``self-consumption`` or ``savings``.
    min_millionths, max_millionths : int
        Least and greatest coefficient in every plant [millionths].
    most_members : int or None
        How many may share in one plant.
    on : date or None
        Local day whose distance limit holds; the day on which the job runs when None.
    prices : PriceBasis
        Which prices euros are counted by.
    retail : RetailQuestion or None
        From what yearly bills must be made.
    """

    community_id: UUID
    year: int
    objective: str
    min_millionths: int = 0
    max_millionths: int = MILLIONTHS
    most_members: int | None = None
    on: date | None = None
    prices: PriceBasis = PriceBasis.STORED
    retail: RetailQuestion | None = None

    def to_json(self) -> dict[str, object]:
        """Give the wish as a job keeps it; retail terms only where they are asked for."""
        extras: dict[str, object] = {
            "prices": None if self.prices is PriceBasis.STORED else self.prices.value,
            "retail": self.retail and self.retail.to_json(),
        }
        return {
            "community_id": str(self.community_id),
            "year": self.year,
            "objective": self.objective,
            "min_beta": format_coefficient(self.min_millionths),
            "max_beta": format_coefficient(self.max_millionths),
            "most_members": self.most_members,
            "on": None if self.on is None else self.on.isoformat(),
        } | {name: value for name, value in extras.items() if value}


def request_assignment(
    session: Session,
    *,
    promoter_id: UUID,
    wish: AssignmentWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that assigns members to plants.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : AssignmentWish
        What to assign.
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
    UnknownCommunityError
        If the caller has no such community.
    PlanYearError
        If no meter can have recorded the year.
    FaultyWishError
        If the limits cross, or nobody may share in a plant.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    check_study_dates(wish.year, wish.on)
    require_community(session, promoter_id=promoter_id, community_id=wish.community_id)
    if wish.most_members is not None and wish.most_members < 1:
        reason = f"{wish.most_members} members a plant: at least 1 must be able to share"
        raise FaultyWishError([WishFault(("most_members",), reason)])
    arguments = wish.to_json()
    try:
        read_assignment_request(arguments)
    except OutOfRangeError as error:
        raise FaultyWishError([WishFault(("min_beta",), str(error))]) from error
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.ASSIGN_MEMBERS,
        arguments=arguments,
        idempotency_key=idempotency_key,
        now=now,
    )


def read_assignment_request(arguments: dict[str, Any]) -> PlanRequest:
    """Read back what a job keeps.

    Parameters
    ----------
    arguments : dict
        As ``request_assignment`` stored them.

    Returns
    -------
    PlanRequest
        What the use case takes of every plant.

    Raises
    ------
    OutOfRangeError
        If the least coefficient passes the greatest.
    """
    return PlanRequest(
        objective=Objective(arguments["objective"]),
        min_beta=Decimal(arguments["min_beta"]),
        max_beta=Decimal(arguments["max_beta"]),
        prices=PriceBasis(arguments.get("prices", PriceBasis.STORED)),
        retail=RetailQuestion.read(arguments["retail"]) if "retail" in arguments else None,
    )
