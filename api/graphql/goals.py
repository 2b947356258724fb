"""What a plan aims at: its objective, what the parts of a mix count for, the CO2 factor."""

from enum import StrEnum
from typing import Any, Self

import strawberry

from api.graphql.enums import describe
from api.services.proposals.retail_question import PriceBasis

describe(
    PriceBasis,
    "Which prices a proposal counts euros by.",
    STORED="The community's own hourly prices: energy terms only, before taxes.",
    RETAIL="What a kWh changes on each member's retail bill, tolls and taxes included.",
)


class Objective(StrEnum):
    """What the coefficients should make as large as they can."""

    SELF_CONSUMPTION = "self-consumption"
    SAVINGS = "savings"
    CO2 = "co2"
    MIX = "mix"
    LEAST_SELF_SUFFICIENCY = "least-self-sufficiency"
    LEAST_SAVINGS = "least-savings"


class ReferenceRule(StrEnum):
    """A rule that floors, the curve and checks are measured against."""

    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"
    INVESTMENT = "investment"
    CURRENT = "current"


class HourClasses(StrEnum):
    """What hours have in common that share one set of coefficients."""

    MONTH = "month"
    SEASON_DAY = "season-day"
    HOUR = "hour"
    MONTH_HOUR_DAY = "month-hour-day"
    HOURLY = "hourly"


class RobustAim(StrEnum):
    """Over which years, drawn anew from the weeks of the planned one, the optimum is sought."""

    MEAN = "mean"
    WORST_TENTH = "worst-tenth"


RULE_MEANINGS = {
    "EQUAL": "The same for everybody.",
    "CONTRACTED_POWER": "In proportion to contracted power.",
    "CONSUMPTION": "In proportion to the year's consumption.",
    "INVESTMENT": "In proportion to what each paid for its part of the plant.",
    "CURRENT": "The coefficients in force when the proposal is made.",
}
describe(
    Objective,
    "What the coefficients should make as large as they can.",
    SELF_CONSUMPTION="Energy that members use of their own share [kWh].",
    SAVINGS="Money that members save, with the monthly compensation cap [EUR].",
    CO2="CO2 that members avoid by the energy they use of their own share [kg].",
    MIX="A weighted sum of kWh, EUR and kg of CO2; give `mix`.",
    LEAST_SELF_SUFFICIENCY="The least self-sufficiency share of any member first, then the next.",
    LEAST_SAVINGS="The least saving of any member first, then the next [EUR].",
)
describe(
    ReferenceRule,
    "A rule that floors, the curve and checks on unseen data are measured against.",
    **RULE_MEANINGS,
)
describe(
    HourClasses,
    "What hours have in common that share one set of coefficients.",
    MONTH="The month: 12 sets.",
    SEASON_DAY="The season, and working day or day of rest: 8 sets.",
    HOUR="The hour of the day: 24 sets.",
    MONTH_HOUR_DAY="The month, the hour, and working day or day of rest: 576 sets.",
    HOURLY="Nothing: every hour of the year has its own, 8,760 sets.",
)
describe(
    RobustAim,
    "What is made as large as possible over years drawn from the weeks of the planned one.",
    MEAN="The mean of the drawn years.",
    WORST_TENTH="The mean of the worst tenth of the drawn years.",
)


@strawberry.input(description="What the parts of the objective MIX count for; one is above 0.")
class MixInput:
    """Weights of the parts."""

    kwh: float = strawberry.field(default=0.0, description="What a kWh self-consumed counts for.")
    eur: float = strawberry.field(default=0.0, description="What a euro saved counts for.")
    kg: float = strawberry.field(default=0.0, description="What a kg of CO2 avoided counts for.")


@strawberry.input(description="What a kWh from the grid emits, and who says so.")
class CarbonFactorInput:
    """A labelled factor."""

    kg_per_kwh: float = strawberry.field(description="CO2 of a kWh [kg/kWh].")
    label: str = strawberry.field(description="Source of the figure, 1 to 200 characters.")


@strawberry.type(description="What the parts of a mix counted for.")
class MixWeights:
    """Weights of the parts."""

    kwh: float = strawberry.field(description="What a kWh self-consumed counted for.")
    eur: float = strawberry.field(description="What a euro saved counted for.")
    kg: float = strawberry.field(description="What a kg of CO2 avoided counted for.")


@strawberry.type(description="What a kWh from the grid was taken to emit.")
class CarbonFactor:
    """A labelled factor."""

    kg_per_kwh: float = strawberry.field(description="CO2 of a kWh [kg/kWh].")
    label: str = strawberry.field(description="Source of the figure.")


@strawberry.type(description="What was made as large as possible, and by which figures.")
class ProposalGoal:
    """Shows the goal of a proposal."""

    objective: Objective = strawberry.field(description="What it is.")
    unit: str = strawberry.field(
        description='What values, bounds and worths are counted in: "kWh", "EUR", "kg", "points" '
        'of a mix, or "1" for a share.'
    )
    mix: MixWeights | None = strawberry.field(description="Weights; null unless it is MIX.")
    carbon_factor: CarbonFactor | None = strawberry.field(
        description="CO2 factor; null unless CO2 counted."
    )
    prices: PriceBasis = strawberry.field(description="What euros were counted by.")

    @classmethod
    def read(cls, goal: dict[str, Any]) -> Self:
        """Read the goal of ``proposal.json``."""
        mix, carbon = goal["mix"], goal["carbon"]
        return cls(
            objective=Objective(goal["objective"]),
            unit=goal["unit"],
            mix=mix and MixWeights(**mix),
            carbon_factor=carbon and CarbonFactor(**carbon),
            prices=PriceBasis(goal.get("prices", PriceBasis.STORED)),
        )
