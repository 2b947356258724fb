"""Judge the reserve: who may be admitted on a day, who must be, who goes first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from api.services.studies.fill_request import FillRequest
from api.services.studies.find_reach import locate
from loaders.number_text import show_name
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.regulation.distance_limits import distance_limit_on
from models.values.errors import InvalidArgumentError, NotFoundError
from planner.reserve.candidacy import Candidacy, rank_by_seniority, weigh_seniority
from planner.reserve.eligibility import (
    AdmissionRules,
    Applicant,
    DistanceLimit,
    Eligibility,
    judge_eligibility,
)
from planner.reserve.reasons import Reason, ReasonCode


class NoCandidatesError(InvalidArgumentError):
    """Nobody waits for a vacancy."""

    def __init__(self) -> None:
        super().__init__("nobody waits: the members' list has no line with the role reserve")


class UnknownCandidateError(NotFoundError):
    """A request names somebody who is not in the reserve.

    Attributes
    ----------
    member_ids : tuple of str
        The ids.
    """

    def __init__(self, member_ids: tuple[str, ...]) -> None:
        super().__init__(
            f"not in the reserve: {', '.join(map(show_name, member_ids))}; name only candidates"
        )
        self.member_ids = member_ids


class PinnedIneligibleError(InvalidArgumentError):
    """Somebody must be admitted who may not be.

    Attributes
    ----------
    member_ids : tuple of str
        The ids.
    """

    def __init__(self, member_ids: tuple[str, ...]) -> None:
        super().__init__(
            f"pinned, but not eligible: {', '.join(member_ids)}; without the pin, the result "
            "says why"
        )
        self.member_ids = member_ids


@dataclass(frozen=True, slots=True, eq=False)
class CandidatePool:
    """The candidates as they were judged, in the order of the list.

    Attributes
    ----------
    rows : ndarray of int, shape (n_candidates,)
        Their positions in the members' list.
    judged : tuple of Eligibility, length n_candidates
        Conditions that hold or fail.
    candidacy : Candidacy
        What the planner needs to know.
    """

    rows: NDArray[np.intp]
    judged: tuple[Eligibility, ...]
    candidacy: Candidacy


def judge_candidates(community: CommunityYear, request: FillRequest) -> CandidatePool:
    """Hold every candidate against the conditions of the day and the wishes of the request.

    Parameters
    ----------
    community : CommunityYear
        Its reserve are the candidates.
    request : FillRequest
        Day, wishes, and what waiting counts for.

    Returns
    -------
    CandidatePool
        Excluded candidates are not eligible, and say so.

    Raises
    ------
    NoCandidatesError
        If nobody waits.
    UnknownCandidateError
        If a wish names nobody of the reserve.
    PinnedIneligibleError
        If somebody who is not eligible is pinned.
    UnknownFigureError
        If the distance limit of the day is not known.
    """
    rows = community.positions(MemberRole.RESERVE)
    if not rows.size:
        raise NoCandidatesError
    records = [community.members[row] for row in rows]
    ids = [record.member_id for record in records]
    find_candidates(community, (*request.pinned, *request.excluded))
    plant = community.installations[0]
    judged = tuple(_judge(record, plant, request) for record in records)
    eligible = np.array([each.eligible for each in judged])
    pinned = np.isin(ids, request.pinned)
    if (pinned & ~eligible).any():
        raise PinnedIneligibleError(tuple(np.array(ids)[pinned & ~eligible].tolist()))
    joined = [record.joined_on for record in records]
    bonus = weigh_seniority(joined, request.on, request.value_per_year or 0.0)
    return CandidatePool(
        rows, judged, Candidacy(eligible, pinned, rank_by_seniority(joined), bonus)
    )


def judge_candidate(record: MemberRecord, plant: InstallationRecord, on: date) -> Eligibility:
    """Hold one candidate against the conditions of a day.

    Parameters
    ----------
    record : MemberRecord
        Who would like to share.
    plant : InstallationRecord
        In what; photovoltaics through the network.
    on : date
        Local day whose limits hold.

    Returns
    -------
    Eligibility
        With every condition that fails.

    Raises
    ------
    UnknownFigureError
        If the distance limit of the day is not known.
    """
    limit = distance_limit_on(on)
    distance = DistanceLimit(float(limit.value), limit.source)
    rules = AdmissionRules(plant=locate(plant), distance=distance)
    return judge_eligibility(Applicant(locate(record), record.tariff), rules)


def find_candidates(community: CommunityYear, member_ids: Sequence[str]) -> list[int]:
    """Find those of the reserve who are named.

    Parameters
    ----------
    community : CommunityYear
        Its reserve are the candidates.
    member_ids : sequence of str
        Whom to find.

    Returns
    -------
    list of int, length n_named
        Positions in the members' list, each once, in the order of the list.

    Raises
    ------
    UnknownCandidateError
        If somebody who is named is not of the reserve.
    """
    rows = {
        community.members[row].member_id: row
        for row in community.positions(MemberRole.RESERVE).tolist()
    }
    unknown = [each for each in member_ids if each not in rows]
    if unknown:
        raise UnknownCandidateError(tuple(unknown))
    return sorted({rows[each] for each in member_ids})


def _judge(record: MemberRecord, plant: InstallationRecord, request: FillRequest) -> Eligibility:
    """Judge one candidate; an exclusion comes before every condition."""
    if record.member_id in request.excluded:
        return Eligibility(eligible=False, reasons=(Reason(ReasonCode.EXCLUDED),))
    return judge_candidate(record, plant, request.on)
