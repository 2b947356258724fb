"""Ask what one of the reserve would bring those who share, and what it would get."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_plant import check_study_dates, find_plant
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.listed_limits import FaultyWishError, WishFault
from api.services.studies.assess_suitability import SuitabilityRequest
from api.services.studies.find_waiting import CandidateName, find_waiting
from models.tables import JobRun
from planner.goal import Goal, Objective
from planner.reserve.payment import PaymentModel, PaymentModelError

_YEARS = range(1, 101)


@dataclass(frozen=True, slots=True)
class PaymentWish:
    """What the candidate would pay: see ``PaymentModel``."""

    upfront_eur: Decimal = Decimal(0)
    upfront_eur_per_kw: Decimal = Decimal(0)
    annual_fee_eur: Decimal = Decimal(0)
    price_eur_per_self_consumed_kwh: Decimal = Decimal(0)
    horizon_years: int = 25
    discount_rate: float = 0.0

    def to_json(self) -> dict[str, str]:
        """Write every figure as exact text."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class SuitabilityWish:
    """Whom a caller wants assessed, and by what.

    Attributes
    ----------
    installation : UUID or str
        Id or CAU of the plant.
    year : int
        Local year of readings to decide by.
    objective : str
        ``self-consumption`` or ``savings``.
    candidate : UUID or str
        Application or CUPS.
    payment : PaymentWish
        What it would pay.
    on : date or None
        Local day whose limits hold; the day on which the job runs when None.
    """

    installation: UUID | str
    year: int
    objective: str
    candidate: CandidateName
    payment: PaymentWish
    on: date | None = None


def request_suitability(
    session: Session,
    *,
    promoter_id: UUID,
    wish: SuitabilityWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that assesses a candidate.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : SuitabilityWish
        Whom to assess.
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
        If the candidate does not wait.
    FaultyWishError
        If a figure of the payment makes no sense.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    check_study_dates(wish.year, wish.on)
    plant = find_plant(session, promoter_id=promoter_id, installation=wish.installation)
    (candidate,) = find_waiting(session, plant=plant, names={("candidate",): wish.candidate})
    payment = wish.payment.to_json()
    _check_payment(wish.payment)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.ASSESS_SUITABILITY,
        arguments={
            "installation_id": str(plant.id),
            "year": wish.year,
            "objective": wish.objective,
            "application_id": str(candidate.application_id),
            "candidate": candidate.member_id,
            "payment": payment,
            "on": None if wish.on is None else wish.on.isoformat(),
        },
        idempotency_key=idempotency_key,
        now=now,
    )


def read_suitability_request(arguments: dict[str, Any], on: date) -> SuitabilityRequest:
    """Read back what a job keeps.

    Parameters
    ----------
    arguments : dict
        As ``request_suitability`` stored them.
    on : date
        Local day whose limits hold.

    Returns
    -------
    SuitabilityRequest
        What the use case takes.

    Raises
    ------
    PaymentModelError
        If a figure of the payment makes no sense.
    """
    return SuitabilityRequest(
        candidate=arguments["candidate"],
        on=on,
        goal=Goal(Objective(arguments["objective"])),
        payment=_read_payment(arguments["payment"]),
    )


def _read_payment(figures: dict[str, str]) -> PaymentModel:
    """Read exact texts as the planner's numbers."""
    amounts = {name: float(text) for name, text in figures.items() if name != "horizon_years"}
    return PaymentModel(**amounts, horizon_years=int(figures["horizon_years"]))


def _check_payment(payment: PaymentWish) -> None:
    """Find out while the caller waits whether the payment makes sense."""
    if payment.horizon_years not in _YEARS:
        reason = f"{payment.horizon_years} is not from {_YEARS.start} to {_YEARS.stop - 1}"
        raise FaultyWishError([WishFault(("payment", "horizon_years"), reason)])
    try:
        _read_payment(payment.to_json())
    except PaymentModelError as error:
        raise FaultyWishError([WishFault(("payment", error.name), str(error))]) from error
