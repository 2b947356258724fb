"""What a plan is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from api.services.proposals.limits_document import LimitsDocument, cut_down, cut_up
from api.services.proposals.retail_question import PriceBasis, RetailQuestion
from loaders.records import CommunityYear, MemberRecord
from models.regulation.emission_factors import emission_factor_on
from models.values.calendar import Zone
from models.values.errors import InvalidArgumentError
from planner.classes.step_classes import Classes
from planner.coefficients.choose import Method
from planner.coefficients.limits import CoefficientRange, Floor, Limit
from planner.coefficients.rules import Rule
from planner.goal import CarbonFactor, Goal, Objective, Weights


class OutOfRangeError(InvalidArgumentError):
    """A limit lies outside of what it can mean.

    Attributes
    ----------
    name : str
        The limit.
    value : Decimal
        What was asked for.
    reason : str
        What is wrong with it.
    """

    def __init__(self, name: str, value: Decimal, reason: str) -> None:
        super().__init__(f"{name} is {value}: {reason}")
        self.name = name
        self.value = value
        self.reason = reason


class Robust(StrEnum):
    """Over which years, drawn anew from the weeks of the planned one, the optimum is sought."""

    MEAN = "mean"
    WORST_TENTH = "worst-tenth"


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to maximise, what to keep, and what else to work out.

    Attributes
    ----------
    objective : Objective
        What to make as large as possible.
    mix : Weights or None
        For the objective ``mix``: what a kWh, a euro and a kg of CO2 count for.
    carbon : CarbonFactor or None
        What a kWh from the grid emits; the dated figure of the community's zone if left out.
    floor_share : Decimal or None
        Least share, 0 to 1, of the energy that the reference rule would give.
    reference : Rule
        Rule that the floor, the curve and the check on unseen data are measured against.
    min_beta, max_beta : Decimal
        Least and greatest coefficient, 0 to 1.
    limits : LimitsDocument
        Everything else that the coefficients must keep.
    method : Method
        How to find the optimum.
    classes : Classes or None
        Kind of hours that get coefficients of their own, beside the constant ones.
    has_curve : bool
        Whether to trace the price of fairness.
    is_checked : bool
        Whether to judge the plan on data that it did not see.
    robust : Robust or None
        Whether to plan for many drawn years instead of the one that was.
    prices : PriceBasis
        Which prices euros are counted by.
    retail : RetailQuestion or None
        From what yearly bills are made. Left out, they are made from what is known if that is
        possible; otherwise their failure is the plan's.

    Raises
    ------
    OutOfRangeError
        If a limit is not between 0 and 1, or the least passes the greatest.
    """

    objective: Objective = Objective.SELF_CONSUMPTION
    mix: Weights | None = None
    carbon: CarbonFactor | None = None
    floor_share: Decimal | None = None
    reference: Rule = Rule.CONSUMPTION
    min_beta: Decimal = Decimal(0)
    max_beta: Decimal = Decimal(1)
    limits: LimitsDocument = field(default_factory=LimitsDocument)
    method: Method = Method.EXACT
    classes: Classes | None = None
    has_curve: bool = False
    is_checked: bool = False
    robust: Robust | None = None
    prices: PriceBasis = PriceBasis.STORED
    retail: RetailQuestion | None = None

    def __post_init__(self) -> None:
        limits = {"floor": self.floor_share, "min-beta": self.min_beta, "max-beta": self.max_beta}
        for name, value in limits.items():
            if value is not None and not (value.is_finite() and 0 <= value <= 1):
                raise OutOfRangeError(name, value, "must be between 0 and 1")
        if self.min_beta > self.max_beta:
            raise OutOfRangeError("min-beta", self.min_beta, f"above max-beta {self.max_beta}")

    @property
    def needs_bills(self) -> bool:
        """Whether a plan without yearly bills is none."""
        return self.retail is not None or self.prices is PriceBasis.RETAIL

    def state_goal(self, community: CommunityYear) -> Goal:
        """Give the objective with the CO2 factor of the community's zone and year.

        Raises
        ------
        GoalError
            If the mix lacks weights, or another objective has some.
        UnknownFigureError
            If CO2 counts and no factor is known for the year.
        """
        return self.state_goal_in(community.zone, community.year)

    def state_goal_in(self, zone: Zone, year: int) -> Goal:
        """Give the objective with the CO2 factor of a zone and a year.

        Raises
        ------
        GoalError
            If the mix lacks weights, or another objective has some.
        UnknownFigureError
            If CO2 counts and no factor is known for the year.
        """
        counts_carbon = self.objective is Objective.CO2 or (self.mix is not None and self.mix.kg)
        carbon = self.carbon
        if counts_carbon and carbon is None:
            figure = emission_factor_on(date(year, 12, 31), zone)
            carbon = CarbonFactor(float(figure.value), figure.source)
        return Goal(self.objective, self.mix, carbon if counts_carbon else None)

    def list_limits(self, members: Sequence[MemberRecord], pv_kw: float) -> list[Limit]:
        """Give all limits on the grid: the least rounded up, the greatest rounded down.

        Raises
        ------
        UnknownMembersError
            If a limit names somebody who does not share.
        LimitsDocumentError
            If the plant is not a whole number of blocks.
        """
        limits: list[Limit] = [CoefficientRange(cut_up(self.min_beta), cut_down(self.max_beta))]
        if self.floor_share is not None:
            limits.append(Floor(float(self.floor_share), self.reference))
        return [*limits, *self.limits.to_limits(members, pv_kw)]
