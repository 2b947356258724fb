"""Share what a plant gains when it grows: among its members, and candidates who may join."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from api.services.communities.current_coefficients import read_current
from api.services.jobs.progress import Progress, tell_nobody
from api.services.proposals.complete_community import complete_community
from api.services.proposals.plan_coefficients import SeveralInstallationsError
from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.admission_reasons import word_reason
from api.services.studies.judge_candidates import find_candidates, judge_candidate
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.coefficient import MILLIONTHS
from models.values.errors import InvalidArgumentError
from models.values.language import Language
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.problem import Millionths
from planner.goal import Goal
from planner.reserve.eligibility import Eligibility
from planner.reserve.extra_capacity import ExtraCapacity, share_extra_capacity


class IneligibleCandidateError(InvalidArgumentError):
    """Somebody is to share who may not.

    Attributes
    ----------
    member_id : str
        Who.
    eligibility : Eligibility
        Why not.
    reasons : dict of Language to str
        Why not, in sentences.
    """

    def __init__(self, member_id: str, eligibility: Eligibility) -> None:
        reasons = [word_reason(reason, Language.ENGLISH) for reason in eligibility.reasons]
        super().__init__(f"{member_id} may not share: {' '.join(reasons)} Leave it out")
        self.member_id = member_id
        self.eligibility = eligibility
        self.reasons = {
            language: " ".join(word_reason(each, language) for each in eligibility.reasons)
            for language in Language
        }


@dataclass(frozen=True, slots=True)
class GrowthRequest:
    """How far the plant grows, and for whom.

    Attributes
    ----------
    new_kw : float
        Inverter power after [kW].
    on : date
        Local day whose limits hold for candidates.
    candidates : tuple of str
        Ids of those of the reserve who may get a share too.
    goal : Goal
        What to make as large as possible.
    """

    new_kw: float
    on: date
    candidates: tuple[str, ...] = ()
    goal: Goal = field(default_factory=Goal)


@dataclass(frozen=True, slots=True, eq=False)
class SharedGrowth:
    """The coefficients of the grown plant, and its year under them.

    Attributes
    ----------
    community : CommunityYear
        Whose plant grows, gaps filled; energy of the plant as it is.
    request : GrowthRequest
        What was asked for.
    group : tuple of MemberRecord, length n_group
        Members, then candidates, each in the order of the list.
    current : ndarray of int64, shape (n_group,)
        Coefficients in force; 0 for candidates [millionths].
    growth : ExtraCapacity
        Coefficients of the grown plant, with their proof.
    settled : Settlement
        The group's year with the grown plant, arrays of shape (n_group, n_months).
    """

    community: CommunityYear
    request: GrowthRequest
    group: tuple[MemberRecord, ...]
    current: Millionths
    growth: ExtraCapacity
    settled: Settlement

    @property
    def installation(self) -> InstallationRecord:
        """The plant as it is."""
        return self.community.installations[0]


def share_growth(
    *, community: CommunityYear, request: GrowthRequest, progress: Progress | None = None
) -> SharedGrowth:
    """Share what a plant gains, so that nobody has less of its power than before.

    Parameters
    ----------
    community : CommunityYear
        A year of a community with one installation; gaps in its consumption are filled.
    request : GrowthRequest
        New power, candidates and objective.
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    SharedGrowth
        Generation grows in proportion to the power; a candidate may end with nothing.

    Raises
    ------
    SeveralInstallationsError
        If the community has more than one installation.
    UnknownCandidateError
        If somebody named is not of the reserve.
    IneligibleCandidateError
        If somebody named may not share.
    UnknownFigureError
        If the distance limit of the day is not known.
    MissingCoefficientsError, CurrentSumError
        If the coefficients in force are not known, or do not sum to one.
    ShrinkingPlantError
        If the plant does not grow.
    UnfillableGapsError
        If consumption has gaps and nobody has a whole year to take a profile from.
    MissingPricesError
        If the goal counts savings and there are no prices.
    """
    report = progress or tell_nobody
    if len(community.installations) > 1:
        raise SeveralInstallationsError(tuple(str(i.cau) for i in community.installations))
    report(0.0, "judging the candidates")
    plant, joining = community.installations[0], find_candidates(community, request.candidates)
    for row in joining:
        _check_candidate(community.members[row], plant, request.on)
    members = community.positions(MemberRole.MEMBER)
    kept = read_current([community.members[row] for row in members])
    current = np.append(kept, np.zeros(len(joining), dtype=np.int64))
    report(0.1, "choosing coefficients")
    community, _ = complete_community(community)
    rows = np.append(members, np.array(joining, dtype=np.intp))
    year = build_sharing_year(community, rows)
    growth = share_extra_capacity(year, request.goal, current, plant.pv_kw, request.new_kw)
    report(0.9, "settling the year")
    settled = simulate_year(
        growth.choice.millionths / MILLIONTHS,
        year.generation_kwh * (request.new_kw / plant.pv_kw),
        year.consumption_kwh,
        year.month_starts,
        year.prices,
    )
    report(1.0, "shared")
    group = tuple(community.members[row] for row in rows)
    return SharedGrowth(community, request, group, current, growth, settled)


def _check_candidate(record: MemberRecord, plant: InstallationRecord, on: date) -> None:
    """Make sure that a candidate may share."""
    eligibility = judge_candidate(record, plant, on)
    if not eligibility.eligible:
        raise IneligibleCandidateError(record.member_id, eligibility)
