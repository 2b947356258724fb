"""Ask which of the reserve should take the vacancies of a plant."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from sqlmodel import Session

from api.services.communities.current_coefficients import map_current
from api.services.communities.find_plant import check_study_dates, find_plant
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.listed_limits import FaultyWishError, WishFault
from api.services.proposals.plan_request import OutOfRangeError
from api.services.studies.fill_request import FillRequest, FillRequestError
from api.services.studies.find_waiting import CandidateName, find_waiting, list_names
from models.tables import JobRun, SelfConsumptionInstallation
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.errors import InvalidArgumentError
from planner.goal import Goal, Objective
from planner.reserve.candidacy import NoVacancyError, TooManyPinnedError
from planner.reserve.vacancies import check_freed

MOST_FREED = 1_000
"""Freed coefficients that one request may name."""

_VALUE_PER_YEAR = 1e6
_OUT_OF_RANGE = {"min-beta": ("min_beta",), "max-beta": ("max_beta",)}
_FREED = ("what", "freed")


@dataclass(frozen=True, slots=True)
class FillingWish:
    """Which vacancies a caller wants filled, for what, and with whose wishes.

    Attributes
    ----------
    installation : UUID or str
        Id or CAU of the plant.
    year : int
        Local year of readings to decide by.
    objective : str
        ``self-consumption`` or ``savings``.
    vacancies : int or None
        Places to fill with all coefficients chosen anew; or else ``freed``.
    freed : tuple of int
        Coefficients to assign while the members keep theirs [millionths].
    min_millionths, max_millionths : int
        Least and greatest coefficient of everybody [millionths]; not with ``freed``.
    pinned, excluded : tuple of UUID or str
        Applications or CUPS of candidates who must, and who must not, be admitted.
    value_per_year : float or None
        What a year of waiting counts for [unit of the objective]; None: it settles ties only.
    on : date or None
        Local day whose limits hold; the day on which the job runs when None.
    """

    installation: UUID | str
    year: int
    objective: str
    vacancies: int | None = None
    freed: tuple[int, ...] = ()
    min_millionths: int = 0
    max_millionths: int = MILLIONTHS
    pinned: tuple[CandidateName, ...] = ()
    excluded: tuple[CandidateName, ...] = ()
    value_per_year: float | None = None
    on: date | None = None


def request_filling(
    session: Session,
    *,
    promoter_id: UUID,
    wish: FillingWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that fills vacancies.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : FillingWish
        What to fill.
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
        If somebody is pinned or excluded who does not wait.
    FaultyWishError
        If vacancies, limits or wishes make no sense, or freed coefficients do not fit the others.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    check_study_dates(wish.year, wish.on)
    plant = find_plant(session, promoter_id=promoter_id, installation=wish.installation)
    _check_sizes(wish)
    arguments = _write_arguments(session, plant, wish)
    try:
        _check_request(read_fill_request(arguments, now.date()))
        if wish.freed:
            _check_freed(session, plant, wish)
    except InvalidArgumentError as error:
        raise FaultyWishError([WishFault(_find_part(error), str(error))]) from error
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.FILL_VACANCIES,
        arguments=arguments,
        idempotency_key=idempotency_key,
        now=now,
    )


def read_fill_request(arguments: dict[str, Any], on: date) -> FillRequest:
    """Read back what a job keeps.

    Parameters
    ----------
    arguments : dict
        As ``request_filling`` stored them.
    on : date
        Local day whose limits hold.

    Returns
    -------
    FillRequest
        What the use case takes.

    Raises
    ------
    NoVacancyError, OutOfRangeError, FillRequestError
        If the request makes no sense.
    """
    return FillRequest(
        on=on,
        vacancies=arguments["vacancies"],
        freed=tuple(map(Decimal, arguments["freed"])),
        goal=Goal(Objective(arguments["objective"])),
        min_beta=Decimal(arguments["min_beta"]),
        max_beta=Decimal(arguments["max_beta"]),
        pinned=tuple(arguments["pinned"]),
        excluded=tuple(arguments["excluded"]),
        value_per_year=arguments["value_per_year"],
    )


def _write_arguments(
    session: Session, plant: SelfConsumptionInstallation, wish: FillingWish
) -> dict[str, Any]:
    """Give the wish as a job keeps it, candidates by the promoter's own keys."""
    pinned, excluded = (
        sorted({each.member_id for each in find_waiting(session, plant=plant, names=names)})
        for names in (list_names("pinned", wish.pinned), list_names("excluded", wish.excluded))
    )
    if both := sorted(set(pinned) & set(excluded)):
        reason = f"both pinned and excluded: {', '.join(both)}; choose one"
        raise FaultyWishError([WishFault(("excluded",), reason)])
    return {
        "installation_id": str(plant.id),
        "year": wish.year,
        "objective": wish.objective,
        "vacancies": wish.vacancies,
        "freed": [format_coefficient(share) for share in wish.freed],
        "min_beta": format_coefficient(wish.min_millionths),
        "max_beta": format_coefficient(wish.max_millionths),
        "pinned": pinned,
        "excluded": excluded,
        "value_per_year": wish.value_per_year,
        "on": None if wish.on is None else wish.on.isoformat(),
    }


def _check_sizes(wish: FillingWish) -> None:
    """Refuse lists and weights that nobody means."""
    faults = []
    if wish.vacancies is None and not 1 <= len(wish.freed) <= MOST_FREED:
        reason = f"{len(wish.freed)} freed coefficients: give 1 to {MOST_FREED:,}"
        faults.append(WishFault(_FREED, reason))
    if wish.value_per_year is not None and not 0 <= wish.value_per_year <= _VALUE_PER_YEAR:
        reason = f"{wish.value_per_year} is not from 0 to {_VALUE_PER_YEAR:,.0f}"
        faults.append(WishFault(("seniority", "value_per_year"), reason))
    if faults:
        raise FaultyWishError(faults)


def _check_request(request: FillRequest) -> None:
    """Make sure that there is a place for everybody who must be admitted."""
    if len(request.pinned) > request.places:
        raise TooManyPinnedError(len(request.pinned), request.places)


def _check_freed(session: Session, plant: SelfConsumptionInstallation, wish: FillingWish) -> None:
    """Hold the freed coefficients against those in force."""
    kept = list(map_current(session, plant).values())
    known = [share for share in kept if share is not None]
    if len(known) < len(kept):
        raise FillRequestError(
            f"freed coefficients leave the others as they are, but {len(kept) - len(known)} of "
            f"{len(kept)} who share have none in force: accept a proposal first, or give a number "
            "of vacancies"
        )
    check_freed(np.array(known, dtype=np.int64), np.array(wish.freed, dtype=np.int64))


def _find_part(error: InvalidArgumentError) -> tuple[str, ...]:
    """Name the part of the wish that an error is about."""
    match error:
        case NoVacancyError():
            return ("what", "vacancies")
        case TooManyPinnedError():
            return ("pinned",)
        case OutOfRangeError(name=name):
            return _OUT_OF_RANGE.get(name, _FREED)
        case _:
            return _FREED
