"""Ask who should get how much of a plant that grows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_plant import check_study_dates, find_plant
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.listed_limits import FaultyWishError, WishFault
from api.services.studies.find_waiting import CandidateName, find_waiting, list_names
from api.services.studies.share_growth import GrowthRequest
from models.tables import JobRun
from models.values.power import to_kw
from planner.goal import Goal, Objective

_LARGEST_GROWTH = 100


@dataclass(frozen=True, slots=True)
class GrowthWish:
    """How far a caller's plant grows, and for whom.

    Attributes
    ----------
    installation : UUID or str
        Id or CAU of the plant.
    year : int
        Local year of readings to decide by.
    objective : str
        ``self-consumption`` or ``savings``.
    new_kw : float
        Inverter power after [kW].
    candidates : tuple of UUID or str
        Applications or CUPS of those of the reserve who may get a share too.
    on : date or None
        Local day whose limits hold; the day on which the job runs when None.
    """

    installation: UUID | str
    year: int
    objective: str
    new_kw: float
    candidates: tuple[CandidateName, ...] = ()
    on: date | None = None


def request_growth(
    session: Session,
    *,
    promoter_id: UUID,
    wish: GrowthWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that shares what a plant gains.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : GrowthWish
        What to share.
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
    NotWaitingError
        If one of the candidates does not wait.
    FaultyWishError
        If the plant does not grow, or beyond measure.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    check_study_dates(wish.year, wish.on)
    plant = find_plant(session, promoter_id=promoter_id, installation=wish.installation)
    old_kw = to_kw(plant.inverter_power_w)
    if not old_kw < wish.new_kw <= _LARGEST_GROWTH * old_kw:
        reason = (
            f"the plant has {old_kw:g} kW and is to have {wish.new_kw:g} kW: give more than it "
            f"has, and at most {_LARGEST_GROWTH} times as much"
        )
        raise FaultyWishError([WishFault(("new_kw",), reason)])
    names = list_names("candidates", wish.candidates)
    waiting = find_waiting(session, plant=plant, names=names)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.SHARE_CAPACITY,
        arguments={
            "installation_id": str(plant.id),
            "year": wish.year,
            "objective": wish.objective,
            "new_kw": wish.new_kw,
            "candidates": sorted({candidate.member_id for candidate in waiting}),
            "on": None if wish.on is None else wish.on.isoformat(),
        },
        idempotency_key=idempotency_key,
        now=now,
    )


def read_growth_request(arguments: dict[str, Any], on: date) -> GrowthRequest:
    """Read back what a job keeps.

    Parameters
    ----------
    arguments : dict
        As ``request_growth`` stored them.
    on : date
        Local day whose limits hold.

    Returns
    -------
    GrowthRequest
        What the use case takes.
    """
    return GrowthRequest(
        new_kw=arguments["new_kw"],
        on=on,
        candidates=tuple(arguments["candidates"]),
        goal=Goal(Objective(arguments["objective"])),
    )
