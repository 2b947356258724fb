"""Ask about the reserve pool: who should be admitted, what a candidate brings, who gets more."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from api.graphql.context import Info
from api.graphql.errors import UserError
from api.graphql.jobs import JobRun
from api.graphql.plant_names import read_plant
from api.graphql.scalars import Coefficient, Kw
from api.graphql.study_inputs import (
    NO_SHARE,
    WHOLE,
    CandidateInput,
    PaymentModelInput,
    PlantStudyInput,
    SeniorityInput,
    VacanciesInput,
    queue_study,
    read_candidate,
    read_candidates,
)
from api.services.studies.request_filling import FillingWish, request_filling
from api.services.studies.request_growth import GrowthWish, request_growth
from api.services.studies.request_suitability import (
    PaymentWish,
    SuitabilityWish,
    request_suitability,
)


@strawberry.input(description="Which vacancies to fill, for what, and with whose wishes.")
class FillVacanciesInput(PlantStudyInput):
    """What to fill."""

    what: VacanciesInput = strawberry.field(description="Which vacancies.")
    min_beta: Coefficient = strawberry.field(
        default=NO_SHARE, description="Least coefficient of everybody; not with freed ones."
    )
    max_beta: Coefficient = strawberry.field(
        default=WHOLE, description="Greatest coefficient of everybody; not with freed ones."
    )
    pinned: list[CandidateInput] = strawberry.field(
        default_factory=list, description="Candidates who must be admitted."
    )
    excluded: list[CandidateInput] = strawberry.field(
        default_factory=list, description="Candidates who must not be admitted."
    )
    seniority: SeniorityInput | None = strawberry.field(
        default=None, description="What waiting counts for; by default it settles ties."
    )


@strawberry.input(description="Whom to assess, and by what.")
class CandidateSuitabilityInput(PlantStudyInput):
    """Whom to assess."""

    candidate: CandidateInput = strawberry.field(description="Who waits.")
    payment: PaymentModelInput | None = strawberry.field(
        default=None, description="What it would pay; nothing by default."
    )


@strawberry.input(description="How far a plant grows, and for whom.")
class ShareExtraCapacityInput(PlantStudyInput):
    """What to share."""

    new_kw: Kw = strawberry.field(
        description="Inverter power after [kW]; above the present one, at most 100 times as much."
    )
    candidates: list[CandidateInput] = strawberry.field(
        default_factory=list, description="Who of the reserve may get a share too."
    )


@strawberry.type(description="The job that fills vacancies, or why there is none.")
class FillVacanciesPayload:
    """Answer of ``fillVacancies``."""

    job: JobRun | None = strawberry.field(description="The job; its result is a VacancyFilling.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type(description="The job that assesses a candidate, or why there is none.")
class CandidateSuitabilityPayload:
    """Answer of ``candidateSuitability``."""

    job: JobRun | None = strawberry.field(
        description="The job; its result is a CandidateSuitability."
    )
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type(description="The job that shares what a plant gains, or why there is none.")
class ShareExtraCapacityPayload:
    """Answer of ``shareExtraCapacity``."""

    job: JobRun | None = strawberry.field(description="The job; its result is a CapacitySharing.")
    user_errors: list[UserError] = strawberry.field(description="What kept it from being queued.")


@strawberry.type
class ReserveMutations:
    """What can be asked about the reserve pool."""

    @strawberry.mutation(
        description="Find, in a job, who of the reserve should take the vacancies of a plant. "
        "Nothing changes by it."
    )
    async def fill_vacancies(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            FillVacanciesInput, strawberry.argument(description="What to fill.")
        ],
    ) -> FillVacanciesPayload:
        """Queue the job."""
        job, errors = await queue_study(info, request_filling, lambda: _read_filling(input), input)
        return FillVacanciesPayload(job=job, user_errors=errors)

    @strawberry.mutation(
        description="Work out, in a job, what one of the reserve would bring those who share, and "
        "get. Nothing changes by it."
    )
    async def candidate_suitability(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            CandidateSuitabilityInput, strawberry.argument(description="Whom to assess.")
        ],
    ) -> CandidateSuitabilityPayload:
        """Queue the job."""
        job, errors = await queue_study(
            info, request_suitability, lambda: _read_suitability(input), input
        )
        return CandidateSuitabilityPayload(job=job, user_errors=errors)

    @strawberry.mutation(
        description="Find, in a job, who should get how much of a plant that grows, so that "
        "nobody has less power than before. Nothing changes by it."
    )
    async def share_extra_capacity(
        self,
        info: Info,
        input: Annotated[  # noqa: A002
            ShareExtraCapacityInput, strawberry.argument(description="What to share.")
        ],
    ) -> ShareExtraCapacityPayload:
        """Queue the job."""
        job, errors = await queue_study(info, request_growth, lambda: _read_growth(input), input)
        return ShareExtraCapacityPayload(job=job, user_errors=errors)


def _read_filling(given: FillVacanciesInput) -> FillingWish:
    """Turn the input into the names of the use case."""
    what, seniority = given.what, given.seniority
    weight = seniority.value_per_year if seniority else None
    return FillingWish(
        installation=read_plant(given),
        year=given.year,
        objective=given.objective.value,
        vacancies=None if what.vacancies is UNSET else what.vacancies,
        freed=tuple(what.freed or ()),
        min_millionths=given.min_beta,
        max_millionths=given.max_beta,
        pinned=read_candidates(given.pinned),
        excluded=read_candidates(given.excluded),
        value_per_year=None if weight is UNSET else weight,
        on=given.on_day,
    )


def _read_suitability(given: CandidateSuitabilityInput) -> SuitabilityWish:
    """Turn the input into the names of the use case."""
    return SuitabilityWish(
        installation=read_plant(given),
        year=given.year,
        objective=given.objective.value,
        candidate=read_candidate(given.candidate),
        payment=_read_payment(given.payment or PaymentModelInput()),
        on=given.on_day,
    )


def _read_payment(given: PaymentModelInput) -> PaymentWish:
    """Turn the input into the names of the use case."""
    return PaymentWish(
        upfront_eur=given.upfront_eur,
        upfront_eur_per_kw=given.upfront_eur_per_kw,
        annual_fee_eur=given.annual_fee_eur,
        price_eur_per_self_consumed_kwh=given.price_eur_per_self_consumed_kwh,
        horizon_years=given.horizon_years,
        discount_rate=given.discount_rate,
    )


def _read_growth(given: ShareExtraCapacityInput) -> GrowthWish:
    """Turn the input into the names of the use case."""
    return GrowthWish(
        installation=read_plant(given),
        year=given.year,
        objective=given.objective.value,
        new_kw=given.new_kw,
        candidates=read_candidates(given.candidates),
        on=given.on_day,
    )
