"""Plan a community's year: choose its coefficients, and settle it under them and every rule."""

import time
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from api.services.progress import Progress, tell_nobody
from loaders.records import CommunityYear, InstallationRecord, MemberRecord, MemberRole
from models.values.calendar import month_starts
from models.values.coefficient import MILLIONTHS, format_coefficient
from models.values.errors import InfeasibleError, InvalidArgumentError
from planner.allocation import bound_hourly
from planner.billing.simulator import Settlement, simulate_year
from planner.coefficients.choose import Choice, Limits, Method, choose_coefficients
from planner.coefficients.problem import InfeasibleBoundsError, Millionths
from planner.coefficients.rules import Rule
from planner.goal import Goal, Objective
from planner.sharing_year import SharingYear

_GRID = Decimal("0.000001")

PROPOSAL = "proposal"
"""Name of the scenario in which the chosen coefficients apply."""


class OutOfRangeError(InvalidArgumentError):
    """A limit lies outside of what it can mean.

    Attributes
    ----------
    name : str
        The limit.
    value : Decimal
        What was asked for.
    """

    def __init__(self, name: str, value: Decimal, reason: str) -> None:
        super().__init__(f"{name} is {value}: {reason}")
        self.name = name
        self.value = value


class SeveralInstallationsError(InvalidArgumentError):
    """A plan shares one plant, and the community has several.

    Attributes
    ----------
    caus : tuple of str
        The installations' codes.
    """

    def __init__(self, caus: tuple[str, ...]) -> None:
        super().__init__(
            f"a plan shares one installation, and this community has {len(caus)}: "
            f"{', '.join(caus)}; give each its own folder, with the members that share in it"
        )
        self.caus = caus


class CrossedLimitsError(InfeasibleError):
    """Some members need more, to keep their floor, than anybody may have.

    Attributes
    ----------
    needs : dict of str to int
        By member id, the least coefficient that keeps its floor [millionths].
    """

    def __init__(self, needs: dict[str, int], most: int) -> None:
        listed = ", ".join(
            f"{member_id} {format_coefficient(need)}" for member_id, need in needs.items()
        )
        super().__init__(
            f"the greatest coefficient of {format_coefficient(most)} is too little for "
            f"{len(needs)} members, who need: {listed}; raise max-beta or lower the floor"
        )
        self.needs = needs


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to maximise, and what every member is sure of.

    Attributes
    ----------
    objective : Objective
        Self-consumed energy or savings.
    floor_share : Decimal or None
        Least share, 0 to 1, of the energy that the reference rule would give.
    reference : Rule
        Rule that the floor is measured against; not the current agreement.
    min_beta, max_beta : Decimal
        Least and greatest coefficient, 0 to 1.
    method : Method
        How to find the optimum.

    Raises
    ------
    OutOfRangeError
        If a limit is not between 0 and 1, or the least passes the greatest.
    """

    objective: Objective = Objective.SELF_CONSUMPTION
    floor_share: Decimal | None = None
    reference: Rule = Rule.CONSUMPTION
    min_beta: Decimal = Decimal(0)
    max_beta: Decimal = Decimal(1)
    method: Method = Method.EXACT

    def __post_init__(self) -> None:
        limits = {"floor": self.floor_share, "min-beta": self.min_beta, "max-beta": self.max_beta}
        for name, value in limits.items():
            if value is not None and not (value.is_finite() and 0 <= value <= 1):
                raise OutOfRangeError(name, value, "must be between 0 and 1")
        if self.min_beta > self.max_beta:
            raise OutOfRangeError("min-beta", self.min_beta, f"above max-beta {self.max_beta}")

    @property
    def limits(self) -> Limits:
        """The limits on the grid: the least rounded up, the greatest rounded down."""
        return Limits(
            floor_share=None if self.floor_share is None else float(self.floor_share),
            reference=self.reference,
            lower=int(self.min_beta.quantize(_GRID, ROUND_CEILING) * MILLIONTHS),
            upper=int(self.max_beta.quantize(_GRID, ROUND_FLOOR) * MILLIONTHS),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PlannedYear:
    """Coefficients with their proof, and the year under them and under every rule.

    Attributes
    ----------
    community : CommunityYear
        What was planned.
    request : PlanRequest
        What was asked for.
    members : tuple of MemberRecord, length n_members
        Those who share, in the order of the list.
    choice : Choice
        Coefficients, bound and gap.
    seconds : float
        Time spent on choosing and rounding [s].
    scenarios : dict of str to Settlement
        The proposal first, then every rule; arrays of shape (n_members, 12).
    hourly_bound_kwh : float
        Energy that no coefficients, not even hourly ones, can pass [kWh].
    """

    community: CommunityYear
    request: PlanRequest
    members: tuple[MemberRecord, ...]
    choice: Choice
    seconds: float
    scenarios: dict[str, Settlement]
    hourly_bound_kwh: float

    @property
    def installation(self) -> InstallationRecord:
        """The plant that is shared."""
        return self.community.installations[0]

    @property
    def millionths(self) -> Millionths:
        """The chosen coefficients, in the order of the members."""
        return self.choice.millionths

    @property
    def proposal(self) -> Settlement:
        """The year under the chosen coefficients."""
        return self.scenarios[PROPOSAL]


def plan_coefficients(
    *, community: CommunityYear, request: PlanRequest, progress: Progress | None = None
) -> PlannedYear:
    """Choose the best coefficients for those who share, and settle the year in every scenario.

    Parameters
    ----------
    community : CommunityYear
        A year of a community with one installation.
    request : PlanRequest
        Objective and limits.
    progress : callable, optional
        Told the share of the work that is done and the stage that begins.

    Returns
    -------
    PlannedYear
        Coefficients, proof and scenarios.

    Raises
    ------
    SeveralInstallationsError
        If the community has more than one installation.
    MissingPricesError
        If savings are asked for without prices.
    CrossedLimitsError, InfeasibleBoundsError
        If no coefficients keep the limits and sum to one.
    UnprovenError
        If the linear program ends without a certified gap.
    """
    report = progress or tell_nobody
    if len(community.installations) > 1:
        raise SeveralInstallationsError(tuple(str(i.cau) for i in community.installations))
    members, year = _select_sharing(community)
    report(0.1, "choosing coefficients")
    started = time.perf_counter()
    choice = _choose(members, year, request)
    seconds = time.perf_counter() - started
    report(0.7, "settling every scenario")
    shares = {PROPOSAL: choice.millionths / MILLIONTHS} | {
        rule.value: beta for rule, beta in year.rules().items()
    }
    scenarios = {
        name: simulate_year(
            beta, year.generation_kwh, year.consumption_kwh, year.month_starts, year.prices
        )
        for name, beta in shares.items()
    }
    report(1.0, "planned")
    return PlannedYear(
        community=community,
        request=request,
        members=members,
        choice=choice,
        seconds=seconds,
        scenarios=scenarios,
        hourly_bound_kwh=bound_hourly(year.generation_kwh, year.consumption_kwh),
    )


def _choose(members: tuple[MemberRecord, ...], year: SharingYear, request: PlanRequest) -> Choice:
    """Choose, and name the members where the planner can only count them."""
    try:
        return choose_coefficients(year, Goal(request.objective), request.limits, request.method)
    except InfeasibleBoundsError as error:
        if not error.needs:
            raise
        needs = {members[row].member_id: need for row, need in error.needs.items()}
        raise CrossedLimitsError(needs, request.limits.upper) from error


def _select_sharing(community: CommunityYear) -> tuple[tuple[MemberRecord, ...], SharingYear]:
    """Cut the sharing members out of the community, leaving the reserve aside."""
    rows = community.positions(MemberRole.MEMBER)
    members = tuple(community.members[row] for row in rows)
    current = [member.current_beta for member in members]
    has_current = any(beta is not None for beta in current)
    prices = None
    if community.energy_eur_per_kwh is not None and community.surplus_eur_per_kwh is not None:
        prices = (community.energy_eur_per_kwh, community.surplus_eur_per_kwh)
    year = SharingYear(
        generation_kwh=community.generation_kwh[0],
        consumption_kwh=np.ascontiguousarray(community.consumption_kwh[rows]),
        contracted_power_kw=np.array([member.contracted_kw for member in members]),
        precedence=np.argsort(np.argsort([member.cups for member in members])),
        month_starts=month_starts(community.year, community.timezone, community.step),
        current_beta=np.array([beta or 0.0 for beta in current]) if has_current else None,
        prices=prices,
    )
    return members, year
