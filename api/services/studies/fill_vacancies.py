"""Fill vacancies from the reserve pool: with all coefficients chosen anew, or with freed ones."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.services.communities.current_coefficients import read_current
from api.services.jobs.progress import Progress, tell_nobody
from api.services.proposals.complete_community import complete_community
from api.services.proposals.plan_coefficients import SeveralInstallationsError
from api.services.proposals.sharing_year import build_sharing_year
from api.services.studies.fill_request import FillRequest
from api.services.studies.judge_candidates import CandidatePool, judge_candidates
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.coefficient import MILLIONTHS, format_coefficient
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.certificate import measure_gap
from planner.coefficients.choose import choose_within
from planner.coefficients.problem import Millionths
from planner.coefficients.region import Region
from planner.curves import ValueCurve
from planner.goal import YearCurves, measure_value
from planner.profiles import Completion
from planner.reserve.admission import AdmissionProblem, measure_marginals
from planner.reserve.best_set import choose_best_set
from planner.reserve.reasons import Reason, ReasonCode
from planner.reserve.vacancies import assign_vacancies, check_freed
from planner.sharing_year import SharingYear

_LEAST_KWH = 1e-3
_BY_BRANCHES = "branch and bound on the exact curves"
_BY_ASSIGNMENT = "assignment program"


@dataclass(frozen=True, slots=True)
class CandidateOutcome:
    """What became of one candidate.

    Attributes
    ----------
    record : MemberRecord
        Its line of the list.
    eligible, admitted : bool
        Whether it meets the conditions, and whether it got a place.
    marginal_kwh : float
        What the community gains when this candidate alone is added: optimum with it less
        optimum without, all coefficients chosen anew without limits [kWh].
    marginal_eur : float or None
        The same of the community's savings [EUR]; None without prices. Where savings are not
        concave, of their least concave majorants.
    completion : Completion
        How much of its year was measured, and what filled the rest.
    reasons : tuple of Reason
        Why.
    """

    record: MemberRecord
    eligible: bool
    admitted: bool
    marginal_kwh: float
    marginal_eur: float | None
    completion: Completion
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FilledVacancies:
    """The group with the admitted, its coefficients and their proof.

    Attributes
    ----------
    community : CommunityYear
        Whose vacancies were filled.
    request : FillRequest
        What was asked for.
    group : tuple of MemberRecord
        Members and admitted candidates, in the order of the list.
    millionths : ndarray of int64, shape (n_group,)
        Their coefficients; short of one by the freed ones that nobody took.
    value, upper_bound : float
        What they bring and what no other admission brings [unit of the objective]. Where years of
        waiting count, no admission brings more than the bound once the difference in their worth
        is taken off.
    settled : Settlement
        The group's year, arrays of shape (n_group, n_months).
    candidates : tuple of CandidateOutcome
        All of the reserve, in the order of the list.
    unfilled : tuple of int
        Freed coefficients that nobody took [millionths].
    method : str
        How the group was found.
    is_proven : bool
        Whether the search for the group ended by itself.
    """

    community: CommunityYear
    request: FillRequest
    group: tuple[MemberRecord, ...]
    millionths: Millionths
    value: float
    upper_bound: float
    settled: Settlement
    candidates: tuple[CandidateOutcome, ...]
    unfilled: tuple[int, ...]
    method: str
    is_proven: bool

    @property
    def gap(self) -> float:
        """``(upper_bound - value) / upper_bound``."""
        return measure_gap(self.upper_bound, self.value)

    @property
    def installation(self) -> InstallationRecord:
        """The plant that is shared."""
        return self.community.installations[0]

    @property
    def admitted_ids(self) -> list[str]:
        """Who got a place, in the order of the list."""
        return [each.record.member_id for each in self.candidates if each.admitted]


@dataclass(frozen=True, slots=True, eq=False)
class _Admission:
    """Who is admitted, with which coefficients; ``rows`` are those of the group."""

    rows: NDArray[np.intp]
    millionths: Millionths
    upper_bound: float
    unfilled: tuple[int, ...] = ()
    method: str = _BY_BRANCHES
    is_proven: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """The year of everybody on the list, who is a member, and who wants to become one."""

    community: CommunityYear
    completions: tuple[Completion, ...]
    year: SharingYear
    curves: YearCurves
    members: NDArray[np.intp]
    candidates: CandidatePool


def fill_vacancies(
    *, community: CommunityYear, request: FillRequest, progress: Progress | None = None
) -> FilledVacancies:
    """Admit the candidates of the reserve that bring the community most.

    Parameters
    ----------
    community : CommunityYear
        A year of a community with one installation, whose gaps are filled; its reserve are the
        candidates.
    request : FillRequest
        Vacancies or freed coefficients, objective, limits and wishes.
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    FilledVacancies
        With more vacancies than eligible candidates, all of these are admitted.

    Raises
    ------
    SeveralInstallationsError
        If the community has more than one installation.
    UnfillableGapsError
        If consumption has gaps and nobody has a whole year to take a profile from.
    NoCandidatesError
        If nobody waits.
    UnknownCandidateError, PinnedIneligibleError, TooManyPinnedError
        If a wish names nobody of the reserve, or cannot be granted.
    UnknownFigureError
        If the distance limit of the day is not known.
    MissingPricesError
        If savings are asked for without prices.
    MissingCoefficientsError, FreedSumError, InvalidVacancyError
        If freed coefficients do not fit those that stay.
    InfeasibleBoundsError, EmptyGroupError
        If no coefficients keep the limits and sum to one.
    """
    report = progress or tell_nobody
    if len(community.installations) > 1:
        raise SeveralInstallationsError(tuple(str(i.cau) for i in community.installations))
    report(0.0, "judging the candidates")
    pool = _gather(community, request)
    report(0.1, "measuring what each would bring")
    marginals = _measure(pool, request)
    report(0.5, "choosing whom to admit")
    admission = _assign(pool, request) if request.freed else _admit(pool, request)
    report(0.9, "settling the group's year")
    filled = _conclude(pool, request, admission, marginals)
    report(1.0, "filled")
    return filled


def _gather(community: CommunityYear, request: FillRequest) -> _Pool:
    """Fill the gaps, and judge who may be admitted."""
    community, completions = complete_community(community)
    year = build_sharing_year(community, np.arange(len(community.members)))
    return _Pool(
        community,
        completions,
        year,
        YearCurves(year),
        members=community.positions(MemberRole.MEMBER),
        candidates=judge_candidates(community, request),
    )


def _measure(pool: _Pool, request: FillRequest) -> list[tuple[float, float | None]]:
    """Measure what each candidate alone would bring, in kWh and, with prices, in EUR."""
    rows = pool.members, pool.candidates.rows
    freed = [millionths / MILLIONTHS for millionths in request.freed_millionths]

    def measure(curves: tuple[ValueCurve, ...]) -> list[float]:
        members, candidates = (_take(curves, each) for each in rows)
        if freed:
            return [max(map(curve.value_at, freed)) for curve in candidates]
        return [float(gain) for gain in measure_marginals(members, candidates)]

    energy = measure(pool.curves.energy)
    if pool.year.prices is None:
        return [(kwh, None) for kwh in energy]
    return list(zip(energy, measure(pool.curves.savings), strict=True))


def _take(curves: tuple[ValueCurve, ...], rows: NDArray[np.intp]) -> tuple[ValueCurve, ...]:
    return tuple(curves[row] for row in rows.tolist())


def _admit(pool: _Pool, request: FillRequest) -> _Admission:
    """Choose the best group, all coefficients anew, and put these on the grid."""
    least, greatest = request.limits
    curves, candidates = pool.curves.serve(request.goal), pool.candidates
    n_members = pool.members.size
    problem = AdmissionProblem(
        members=_take(curves, pool.members),
        candidates=_take(curves, candidates.rows),
        lower=np.full(n_members, least, dtype=np.int64),
        upper=np.full(n_members, greatest, dtype=np.int64),
        candidate_limits=request.limits,
    )
    ends_at = time.perf_counter() + request.time_limit_s
    best = choose_best_set(
        problem, candidates.candidacy, request.vacancies or 0, lambda: time.perf_counter() > ends_at
    )
    rows = np.sort(np.append(pool.members, candidates.rows[best.admitted]))
    limits = np.full((2, rows.size), [[least], [greatest]], dtype=np.int64)
    choice = choose_within(
        YearCurves(pool.year.pick(rows)), request.goal, Region(MILLIONTHS, *limits)
    )
    bonus = float(candidates.candidacy.bonus[best.admitted].sum())
    return _Admission(
        rows=rows,
        millionths=choice.millionths,
        upper_bound=best.upper_bound - bonus,
        method=f"{_BY_BRANCHES}; coefficients: {choice.method}",
        is_proven=best.is_proven,
    )


def _assign(pool: _Pool, request: FillRequest) -> _Admission:
    """Assign the freed coefficients while the members keep theirs."""
    kept = read_current([pool.community.members[row] for row in pool.members])
    freed = np.array(request.freed_millionths, dtype=np.int64)
    check_freed(kept, freed)
    curves, candidates = pool.curves.serve(request.goal), pool.candidates
    worth = np.array(
        [
            [curve.value_at(beta) for beta in (freed / MILLIONTHS).tolist()]
            for curve in _take(curves, candidates.rows)
        ]
    )
    assigned = assign_vacancies(worth, candidates.candidacy)
    taken = assigned.candidate_of >= 0
    admitted = assigned.candidate_of[taken]
    rows = np.append(pool.members, candidates.rows[admitted])
    order = np.argsort(rows)
    stays = sum(
        curve.value_at(beta)
        for curve, beta in zip(
            _take(curves, pool.members), (kept / MILLIONTHS).tolist(), strict=True
        )
    )
    bonus = float(candidates.candidacy.bonus[admitted].sum())
    return _Admission(
        rows=rows[order],
        millionths=np.append(kept, freed[taken])[order],
        upper_bound=stays + assigned.upper_bound - bonus,
        unfilled=tuple(freed[~taken].tolist()),
        method=_BY_ASSIGNMENT,
    )


def _conclude(
    pool: _Pool,
    request: FillRequest,
    admission: _Admission,
    marginals: list[tuple[float, float | None]],
) -> FilledVacancies:
    """Settle the group's year, and say of every candidate what became of it."""
    community = pool.community
    year, beta = pool.year.pick(admission.rows), admission.millionths / MILLIONTHS
    value = measure_value(year, request.goal, beta)
    shares = dict(zip(admission.rows.tolist(), admission.millionths.tolist(), strict=True))
    return FilledVacancies(
        community=community,
        request=request,
        group=tuple(community.members[row] for row in admission.rows),
        millionths=admission.millionths,
        value=value,
        upper_bound=max(admission.upper_bound, value),
        settled=simulate_year(
            beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
        ),
        candidates=tuple(
            CandidateOutcome(
                record=community.members[row],
                eligible=judged.eligible,
                admitted=row in shares,
                marginal_kwh=kwh,
                marginal_eur=eur,
                completion=pool.completions[row],
                reasons=(
                    *judged.reasons,
                    _explain_energy(pool, row, kwh),
                    *_explain_outcome(pool, request, admission, number, shares.get(row)),
                ),
            )
            for number, (row, judged, (kwh, eur)) in enumerate(
                zip(pool.candidates.rows.tolist(), pool.candidates.judged, marginals, strict=True)
            )
        ),
        unfilled=admission.unfilled,
        method=admission.method,
        is_proven=admission.is_proven,
    )


def _explain_energy(pool: _Pool, row: int, marginal_kwh: float) -> Reason:
    """Say what a candidate alone would add."""
    if not pool.year.consumption_kwh[row].any():
        return Reason(ReasonCode.NEVER_CONSUMES)
    if marginal_kwh < _LEAST_KWH:
        return Reason(ReasonCode.ADDS_NO_ENERGY)
    return Reason(ReasonCode.ADDS_ENERGY, {"kwh": marginal_kwh})


def _explain_outcome(
    pool: _Pool, request: FillRequest, admission: _Admission, number: int, share: int | None
) -> list[Reason]:
    """Say why somebody eligible got a place, or none."""
    candidacy = pool.candidates.candidacy
    if not candidacy.eligible[number]:
        return []
    places = request.places
    if share is None:
        return [Reason(ReasonCode.OTHERS_BRING_MORE, {"places": str(places)})]
    figures = {"beta": format_coefficient(share)}
    if request.freed:
        code = ReasonCode.TAKES_VACANCY
    elif int(candidacy.eligible.sum()) <= places:
        code = ReasonCode.ROOM_FOR_ALL
    elif admission.is_proven:
        code = ReasonCode.IN_THE_BEST_GROUP
    else:
        code = ReasonCode.IN_THE_GROUP_FOUND
    pinned = [Reason(ReasonCode.PINNED)] if candidacy.pinned[number] else []
    return [*pinned, Reason(code, figures)]
