"""Run the jobs that study the reserve pool and communities with several plants."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from api.services.communities.find_community import require_community
from api.services.communities.load_community_year import load_community_year
from api.services.jobs.progress import Progress
from api.services.jobs.run_jobs import RunningJob
from api.services.proposals.retail_year import read_retail_sources
from api.services.studies.assess_suitability import NobodySharesError, assess_suitability
from api.services.studies.describe_admission import state_admission
from api.services.studies.describe_growth import state_growth
from api.services.studies.describe_several import describe_several
from api.services.studies.describe_suitability import state_suitability
from api.services.studies.fill_vacancies import fill_vacancies
from api.services.studies.load_reserve_year import load_reserve_year
from api.services.studies.plan_several import plan_several
from api.services.studies.request_assignment import read_assignment_request
from api.services.studies.request_filling import read_fill_request
from api.services.studies.request_growth import read_growth_request
from api.services.studies.request_suitability import read_suitability_request
from api.services.studies.share_growth import share_growth
from loaders.records import CommunityYear, MemberRole
from models.session import read_session
from models.tables import CandidateSuitability, CapacitySharing, MemberAssignment, VacancyFilling
from models.values.calendar import LAW_CLOCK, local_day

_Study = VacancyFilling | CandidateSuitability | CapacitySharing | MemberAssignment


def run_filling(job: RunningJob) -> None:
    """Fill the vacancies that a job asks for, and store who should be admitted.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``fill_vacancies``.

    Raises
    ------
    UnknownInstallationError
        If the installation is gone.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    NoCandidatesError, UnknownCandidateError, PinnedIneligibleError, UnknownFigureError,
    MissingPricesError, MissingCoefficientsError, FreedSumError, InfeasibleBoundsError,
    EmptyGroupError, UnfillableGapsError
        If nobody can be admitted as asked: see ``fill_vacancies``.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    community, on = _load_plant_year(job), _find_day(job)
    filled = fill_vacancies(
        community=community,
        request=read_fill_request(job.arguments, on),
        progress=_report_part(job),
    )
    _store(job, on, VacancyFilling, state_admission(filled), installation_id=_plant_of(job))


def run_suitability(job: RunningJob) -> None:
    """Assess the candidate that a job names, and store what it would bring and get.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``assess_suitability``.

    Raises
    ------
    UnknownInstallationError
        If the installation is gone.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    UnknownCandidateError, NobodySharesError, UnknownFigureError, MissingPricesError,
    UnfillableGapsError
        If it cannot be assessed: see ``assess_suitability``.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    community, on = _load_plant_year(job), _find_day(job)
    assessed = assess_suitability(
        community=community,
        request=read_suitability_request(job.arguments, on),
        progress=_report_part(job),
    )
    _store(
        job,
        on,
        CandidateSuitability,
        state_suitability(assessed),
        installation_id=_plant_of(job),
        reserve_application_id=UUID(job.arguments["application_id"]),
    )


def run_growth(job: RunningJob) -> None:
    """Share what a plant gains as a job asks, and store who should get how much.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``share_capacity``.

    Raises
    ------
    UnknownInstallationError
        If the installation is gone.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    UnknownCandidateError, IneligibleCandidateError, UnknownFigureError, MissingCoefficientsError,
    CurrentSumError, ShrinkingPlantError, MissingPricesError, UnfillableGapsError
        If it cannot be shared: see ``share_growth``.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    community, on = _load_plant_year(job), _find_day(job)
    shared = share_growth(
        community=community,
        request=read_growth_request(job.arguments, on),
        progress=_report_part(job),
    )
    _store(job, on, CapacitySharing, state_growth(shared), installation_id=_plant_of(job))


def run_assignment(job: RunningJob) -> None:
    """Assign members to plants as a job asks, and store who should share where.

    Parameters
    ----------
    job : RunningJob
        Of the kind ``assign_members``.

    Raises
    ------
    UnknownCommunityError
        If the community is gone.
    MissingYearError, MissingMonthsError, MissingPricesError, MixedStepsError, DamagedMonthError
        If the year cannot be assembled.
    NobodySharesError
        If there is no member.
    TooFarError, NoRoomError, UnknownFigureError, MissingPricesError, InfeasiblePlanError,
    UnprovenError, UnfillableGapsError
        If there is no assignment: see ``plan_several``.
    LostClaimError
        If another worker took the job; nothing is stored.
    """
    job.report(0.0, "loading the year")
    community_id, on = UUID(job.arguments["community_id"]), _find_day(job)
    with read_session(job.engine) as session:
        community = load_community_year(
            session,
            promoter_id=job.promoter_id,
            community_id=community_id,
            year=job.arguments["year"],
            accepts_gaps=True,
        )
        sources = read_retail_sources(
            session,
            community=require_community(
                session, promoter_id=job.promoter_id, community_id=community_id
            ),
            members=community.members,
            year=community.year,
        )
    if not community.positions(MemberRole.MEMBER).size:
        raise NobodySharesError
    planned = plan_several(
        community=community,
        request=read_assignment_request(job.arguments),
        day=on,
        most_members=job.arguments["most_members"],
        sources=sources,
        progress=_report_part(job),
    )
    _store(job, on, MemberAssignment, describe_several(planned), community_id=community_id)


def _plant_of(job: RunningJob) -> UUID:
    return UUID(job.arguments["installation_id"])


def _load_plant_year(job: RunningJob) -> CommunityYear:
    """Assemble the year of the job's plant, with all who wait."""
    job.report(0.0, "loading the year")
    with read_session(job.engine) as session:
        return load_reserve_year(
            session,
            promoter_id=job.promoter_id,
            installation_id=_plant_of(job),
            year=job.arguments["year"],
        )


def _find_day(job: RunningJob) -> date:
    """Tell the day whose limits hold: the one that was named, or today where the law is made."""
    named: str | None = job.arguments["on"]
    return local_day(job.clock(), LAW_CLOCK) if named is None else date.fromisoformat(named)


def _report_part(job: RunningJob) -> Progress:
    """Count the use case as the work between loading and storing."""
    return lambda share, stage: job.report(0.1 + 0.8 * share, stage)


def _store(
    job: RunningJob,
    on: date,
    kind: Callable[..., _Study],
    result: dict[str, object],
    **subjects: UUID,
) -> None:
    """Keep a study with the end of its job."""
    job.report(0.95, "storing the result")
    study = kind(
        promoter_id=job.promoter_id,
        job_run_id=job.claim.job_id,
        year=job.arguments["year"],
        request=job.arguments | {"on": on.isoformat()},
        result=result,
        created_at=job.clock(),
        **subjects,
    )
    with job.storing() as session:
        session.add(study)
        session.flush()
        job.complete(session, result_id=study.id)
