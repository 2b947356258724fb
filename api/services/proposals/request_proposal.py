"""Ask for a proposal of coefficients."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.services.communities.find_plant import check_study_dates, find_plant
from api.services.jobs.request_job import JobKind, request_job
from api.services.proposals.limits_document import LimitsDocument
from api.services.proposals.listed_limits import (
    FaultyWishError,
    ListedLimit,
    WishFault,
    collect_limits,
)
from api.services.proposals.plan_request import PlanRequest, Robust
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from loaders.records import MemberRecord, MemberRole
from models.regulation.dated_figures import UnknownFigureError
from models.repositories.communities import get_community
from models.repositories.members import map_members
from models.repositories.memberships import group_open_memberships
from models.repositories.supply_points import map_supply_points
from models.tables import JobRun, SelfConsumptionInstallation
from models.values.coefficient import format_coefficient
from models.values.cups import Cups
from models.values.power import to_kw
from planner.classes.step_classes import Classes
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, GoalError, Objective, Weights

_WEIGHTS = (1e-6, 1e6)
_KG_PER_KWH = (1e-6, 100.0)
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class MixWish:
    """What a kWh self-consumed, a euro saved and a kg of CO2 avoided are to count for."""

    kwh: float
    eur: float
    kg: float


@dataclass(frozen=True, slots=True)
class CarbonWish:
    """What a kWh from the grid emits [kg CO2], and where that figure comes from."""

    kg_per_kwh: float
    label: str


@dataclass(frozen=True, slots=True)
class ProposalWish:
    """What a caller wants proposed, in the names of the command line.

    Attributes
    ----------
    installation : UUID or str
        Id or CAU of the plant to share.
    year : int
        Local year of readings to plan with.
    objective : str
        Such as ``self-consumption`` or ``savings``.
    floor_share : float or None
        Least share, 0 to 1, of the energy that the reference rule would give.
    reference : str
        Rule that the floor, the curve and the check on unseen data are measured against.
    min_millionths, max_millionths : int
        Least and greatest coefficient [millionths].
    mix : MixWish or None
        What the parts of the objective ``mix`` count for.
    carbon : CarbonWish or None
        CO2 of a kWh from the grid; the dated figure of the community's zone if left out.
    limits : tuple of ListedLimit
        Everything else that the coefficients must keep.
    classes : str or None
        Kind of hours that get coefficients of their own, beside the constant ones.
    has_curve : bool
        Whether to trace the price of fairness.
    is_checked : bool
        Whether to judge the plan on data that it did not see.
    robust : str or None
        ``mean`` or ``worst-tenth`` of drawn years to plan for.
    fills_gaps : bool
        Whether consumption that was not measured is taken from profiles, not refused.
    prices : PriceBasis
        Which prices euros are counted by.
    retail : RetailQuestion or None
        Contracts and law that yearly bills are made from; what is known without.
    """

    installation: UUID | str
    year: int
    objective: str
    floor_share: float | None
    reference: str
    min_millionths: int
    max_millionths: int
    mix: MixWish | None = None
    carbon: CarbonWish | None = None
    limits: tuple[ListedLimit, ...] = ()
    classes: str | None = None
    has_curve: bool = False
    is_checked: bool = False
    robust: str | None = None
    fills_gaps: bool = False
    prices: PriceBasis = PriceBasis.STORED
    retail: RetailQuestion | None = None

    def to_json(self, installation_id: UUID, limits: LimitsDocument) -> dict[str, object]:
        """Give the wish, with its limits as a document, as a job and a proposal keep it.

        What is not asked for is left out: the same wish then makes the same JSON as ever.
        """
        extras: dict[str, object] = {
            "mix": self.mix and asdict(self.mix),
            "carbon": self.carbon and asdict(self.carbon),
            "limits": limits.model_dump(mode="json", exclude_defaults=True),
            "classes": self.classes,
            "curve": self.has_curve,
            "out_of_sample": self.is_checked,
            "robust": self.robust,
            "fill_gaps": self.fills_gaps,
            "prices": None if self.prices is PriceBasis.STORED else self.prices.value,
            "retail": self.retail and self.retail.to_json(),
        }
        return {
            "installation_id": str(installation_id),
            "year": self.year,
            "objective": self.objective,
            "floor": None if self.floor_share is None else str(self.floor_share),
            "reference": self.reference,
            "min_beta": format_coefficient(self.min_millionths),
            "max_beta": format_coefficient(self.max_millionths),
        } | {name: value for name, value in extras.items() if value}


def request_proposal(
    session: Session,
    *,
    promoter_id: UUID,
    wish: ProposalWish,
    idempotency_key: str | None,
    now: datetime,
) -> JobRun:
    """Queue the job that plans coefficients.

    Parameters
    ----------
    session : Session
        Open transaction.
    promoter_id : UUID
        The tenant.
    wish : ProposalWish
        What to plan.
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
    OutOfRangeError
        If the floor, the least or the greatest coefficient makes no sense.
    FaultyWishError
        If the mix, the CO2 factor or one of the limits makes no sense.
    TooManyLimitsError
        If there are more limits than one request may carry.
    IdempotencyKeyTooLongError, IdempotencyKeyReusedError
        If the key does not fit, or stands for another request.
    """
    check_study_dates(wish.year, None)
    plant = find_plant(session, promoter_id=promoter_id, installation=wish.installation)
    faults = [*_list_mix_faults(wish.mix), *_list_carbon_faults(wish.carbon)]
    if faults:
        raise FaultyWishError(faults)
    limits = collect_limits(
        wish.limits,
        members=_list_members(session, plant) if wish.limits else (),
        pv_kw=to_kw(plant.inverter_power_w),
    )
    arguments = wish.to_json(plant.id, limits)
    _check_goal(session, plant, read_plan_request(arguments), wish.year)
    return request_job(
        session,
        promoter_id=promoter_id,
        kind=JobKind.PROPOSE_COEFFICIENTS,
        arguments=arguments,
        idempotency_key=idempotency_key,
        now=now,
    )


def read_plan_request(arguments: dict[str, Any]) -> PlanRequest:
    """Read back what a job or a proposal keeps, of whatever age.

    Parameters
    ----------
    arguments : dict
        As ``ProposalWish.to_json`` gave them.

    Returns
    -------
    PlanRequest
        What the planner takes.

    Raises
    ------
    OutOfRangeError
        If a limit makes no sense.
    """
    floor, mix, carbon = (arguments.get(name) for name in ("floor", "mix", "carbon"))
    classes, robust = arguments.get("classes"), arguments.get("robust")
    return PlanRequest(
        objective=Objective(arguments["objective"]),
        mix=Weights(**mix) if mix else None,
        carbon=CarbonFactor(**carbon) if carbon else None,
        floor_share=None if floor is None else Decimal(floor),
        reference=Rule(arguments["reference"]),
        min_beta=Decimal(arguments["min_beta"]),
        max_beta=Decimal(arguments["max_beta"]),
        limits=LimitsDocument.model_validate(arguments.get("limits", {})),
        classes=Classes(classes) if classes else None,
        has_curve=arguments.get("curve", False),
        is_checked=arguments.get("out_of_sample", False),
        robust=Robust(robust) if robust else None,
        prices=PriceBasis(arguments.get("prices", PriceBasis.STORED)),
        retail=RetailQuestion.read(arguments["retail"]) if "retail" in arguments else None,
    )


def _list_mix_faults(mix: MixWish | None) -> list[WishFault]:
    """Refuse weights whose products floats cannot carry."""
    least, greatest = _WEIGHTS
    return [
        WishFault(("mix", name), f"{weight} is neither 0 nor from {least:f} to {greatest:,.0f}")
        for name, weight in (asdict(mix) if mix else {}).items()
        if weight != 0 and not least <= weight <= greatest
    ]


def _list_carbon_faults(carbon: CarbonWish | None) -> list[WishFault]:
    """Refuse factors that no kWh has, and those that come from nowhere."""
    if carbon is None:
        return []
    (least, greatest), faults = _KG_PER_KWH, []
    if not least <= carbon.kg_per_kwh <= greatest:
        reason = f"{carbon.kg_per_kwh} is not from {least:f} to {greatest:.0f} kg"
        faults.append(WishFault(("carbon_factor", "kg_per_kwh"), reason))
    if not 1 <= len(carbon.label.strip()) <= _LONGEST_LABEL:
        reason = f"name the source of the factor in 1 to {_LONGEST_LABEL} characters"
        faults.append(WishFault(("carbon_factor", "label"), reason))
    return faults


def _check_goal(
    session: Session, plant: SelfConsumptionInstallation, request: PlanRequest, year: int
) -> None:
    """Find out while the caller waits whether the objective has what it needs."""
    community = get_community(
        session, promoter_id=plant.promoter_id, community_id=plant.community_id
    )
    assert community is not None, "the database keeps the community of every installation"
    try:
        request.state_goal_in(community.zone, year)
    except GoalError as error:
        raise FaultyWishError([WishFault(("mix",), str(error))]) from error
    except UnknownFigureError as error:
        raise FaultyWishError([WishFault(("carbon_factor",), str(error))]) from error


def _list_members(session: Session, plant: SelfConsumptionInstallation) -> list[MemberRecord]:
    """List who shares in the plant today."""
    owner = plant.promoter_id
    rows = group_open_memberships(session, promoter_id=owner, installation_ids=[plant.id])
    ids = [row.supply_point_id for row in rows[plant.id]]
    points = map_supply_points(session, promoter_id=owner, supply_point_ids=ids)
    people = map_members(
        session, promoter_id=owner, member_ids={point.member_id for point in points.values()}
    )
    return [
        MemberRecord(
            member_id=people[point.member_id].code,
            role=MemberRole.MEMBER,
            cups=Cups(point.cups),
            tariff=point.tariff,
            contracted_kw=to_kw(point.contracted_power_w),
            kind=people[point.member_id].kind,
        )
        for point in (points[key] for key in ids)
    ]
