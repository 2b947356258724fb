"""Assess one candidate of the reserve: what it would bring the community, and what it would get."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from api.services.jobs.progress import Progress, tell_nobody
from api.services.proposals.complete_community import complete_community
from api.services.proposals.plan_coefficients import SeveralInstallationsError
from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.judge_candidates import find_candidates, judge_candidate
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.calendar import local_times
from models.values.errors import InvalidArgumentError
from planner.goal import Goal
from planner.profiles import Completion
from planner.reserve.eligibility import Eligibility
from planner.reserve.payment import PaymentModel
from planner.reserve.reasons import Reason
from planner.reserve.suitability import Suitability, assess_candidate


class NobodySharesError(InvalidArgumentError):
    """There is nobody whom the candidate could join."""

    def __init__(self) -> None:
        super().__init__("nobody shares yet: fill the vacancies first")


@dataclass(frozen=True, slots=True)
class SuitabilityRequest:
    """Whom to assess, and by what.

    Attributes
    ----------
    candidate : str
        Id of one of the reserve.
    on : date
        Local day whose limits hold.
    goal : Goal
        What the coefficients are chosen for, with and without the candidate.
    payment : PaymentModel
        What it would pay.
    """

    candidate: str
    on: date
    goal: Goal = field(default_factory=Goal)
    payment: PaymentModel = field(default_factory=PaymentModel)


@dataclass(frozen=True, slots=True, eq=False)
class AssessedCandidate:
    """What admitting one candidate would mean, and whether it may be admitted.

    Attributes
    ----------
    community : CommunityYear
        Whom it would join, gaps filled.
    request : SuitabilityRequest
        What was asked for.
    record : MemberRecord
        The candidate's line of the list.
    eligibility : Eligibility
        Conditions that hold or fail.
    suitability : Suitability
        What it would bring and get.
    completion : Completion
        How much of its year was measured, and what filled the rest.
    """

    community: CommunityYear
    request: SuitabilityRequest
    record: MemberRecord
    eligibility: Eligibility
    suitability: Suitability
    completion: Completion

    @property
    def installation(self) -> InstallationRecord:
        """The plant that it would share."""
        return self.community.installations[0]

    @property
    def is_recommended(self) -> bool:
        """Whether it may be admitted, and nobody loses by it as far as that is known."""
        return self.eligibility.eligible and self.suitability.recommended

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, the conditions first."""
        return (*self.eligibility.reasons, *self.suitability.reasons)


def assess_suitability(
    *, community: CommunityYear, request: SuitabilityRequest, progress: Progress | None = None
) -> AssessedCandidate:
    """Assess what one of the reserve would bring those who share, and what it would get.

    Parameters
    ----------
    community : CommunityYear
        A year of a community with one installation; gaps in its consumption are filled.
    request : SuitabilityRequest
        Candidate, day, objective and payment.
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    AssessedCandidate
        Figures for the candidate alone: nobody else of the reserve joins.

    Raises
    ------
    SeveralInstallationsError
        If the community has more than one installation.
    UnknownCandidateError
        If the candidate is not of the reserve.
    NobodySharesError
        If there is no member.
    UnfillableGapsError
        If consumption has gaps and nobody has a whole year to take a profile from.
    UnknownFigureError
        If the distance limit of the day is not known.
    MissingPricesError
        If the goal counts savings and there are no prices.
    """
    report = progress or tell_nobody
    if len(community.installations) > 1:
        raise SeveralInstallationsError(tuple(str(i.cau) for i in community.installations))
    report(0.0, "judging the candidate")
    (row,) = find_candidates(community, [request.candidate])
    members = community.positions(MemberRole.MEMBER)
    if not members.size:
        raise NobodySharesError
    community, completions = complete_community(community)
    plant, record = community.installations[0], community.members[row]
    eligibility = judge_candidate(record, plant, request.on)
    report(0.1, "choosing coefficients with and without the candidate")
    months, hours = _number_intervals(community)
    suitability = assess_candidate(
        build_sharing_year(community, np.append(members, row)),
        goal=request.goal,
        payment=request.payment,
        plant_kw=plant.pv_kw,
        months=months,
        hours=hours,
    )
    report(1.0, "assessed")
    return AssessedCandidate(
        community=community,
        request=request,
        record=record,
        eligibility=eligibility,
        suitability=suitability,
        completion=completions[row],
    )


def _number_intervals(community: CommunityYear) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give every interval its local month, from 0, and its hour by the clock on the wall."""
    local = local_times(community.year, community.timezone, community.step)
    months = local.astype("datetime64[M]").astype(np.intp) % 12
    hours = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.intp)
    return months, hours
