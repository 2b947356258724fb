"""Winners and losers: a proposal beside the rules that people use instead of a plan."""

from enum import StrEnum
from typing import Any, Self

import strawberry

from api.graphql.enums import describe
from api.graphql.goals import RULE_MEANINGS
from api.graphql.scalars import Euro, Kwh
from api.graphql.settlements import read_euros


class ComparedRule(StrEnum):
    """What a proposal is compared with."""

    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"
    INVESTMENT = "investment"
    CURRENT = "current"
    HOURLY_BOUND = "hourly_bound"


describe(
    ComparedRule,
    "What a proposal is compared with.",
    **RULE_MEANINGS,
    HOURLY_BOUND="No rule: the lesser of generation and consumption, hour by hour.",
)


@strawberry.type(description="What a rule would bring in the same year.")
class RuleOutcome:
    """One line of the comparison."""

    rule: ComparedRule = strawberry.field(description="The rule.")
    self_consumed_kwh: Kwh = strawberry.field(description="Self-consumed energy [kWh].")
    savings_eur: Euro | None = strawberry.field(
        description="Savings [EUR]; null without prices and for the hourly bound."
    )


@strawberry.type(description="What a proposal changes against a rule; below zero is a loss.")
class OutcomeChange:
    """Of one member, or of all together."""

    self_consumed_kwh: Kwh = strawberry.field(description="Change of self-consumed energy [kWh].")
    savings_eur: Euro | None = strawberry.field(
        description="Change of savings [EUR]; null without prices."
    )
    self_sufficiency_share: float | None = strawberry.field(
        description="Change of the share of consumption that the plant covers; null without "
        "consumption."
    )

    @classmethod
    def read(cls, change: dict[str, Any]) -> Self:
        """Read a change of ``proposal.json``."""
        return cls(
            self_consumed_kwh=Kwh(change["self_consumed_kwh"]),
            savings_eur=read_euros(change["savings_eur"]),
            self_sufficiency_share=change["self_sufficiency_share"],
        )


@strawberry.type(description="What a proposal changes for one member against one rule.")
class ChangeAgainstRule:
    """One member and rule."""

    rule: ComparedRule = strawberry.field(description="The rule.")
    change: OutcomeChange = strawberry.field(description="What the proposal changes.")


@strawberry.type(description="How many members a change makes better or worse off.")
class Tally:
    """Members whose change is less than half a unit that people see are neither."""

    winners: int = strawberry.field(description="Better off.")
    losers: int = strawberry.field(description="Worse off.")


@strawberry.type(
    description="How evenly savings fall over members; null without prices, or where savings sum "
    "to no more than zero."
)
class Evenness:
    """Two indices."""

    gini: float | None = strawberry.field(description="Gini coefficient: 0 is the same for all.")
    jain: float | None = strawberry.field(description="Jain index: 1 is the same for all.")


@strawberry.type(description="A proposal against one rule.")
class RuleComparison:
    """One rule."""

    rule: ComparedRule = strawberry.field(description="The rule.")
    by_energy: Tally = strawberry.field(
        description="Members whose self-consumed energy changes by at least 0.0005 kWh."
    )
    by_savings: Tally | None = strawberry.field(
        description="Members whose saving changes by at least 0.005 EUR; null without prices."
    )
    change: OutcomeChange = strawberry.field(description="What it changes for all together.")
    evenness: Evenness = strawberry.field(description="How evenly savings fall under the rule.")


def read_comparisons(fairness: dict[str, Any]) -> list[RuleComparison]:
    """Read who wins and loses by ``proposal.json``."""
    return [
        RuleComparison(
            rule=ComparedRule(rule),
            by_energy=Tally(**against["by_energy"]),
            by_savings=against["by_savings"] and Tally(**against["by_savings"]),
            change=OutcomeChange.read(against["change"]),
            evenness=Evenness(**fairness["evenness"][rule]),
        )
        for rule, against in fairness["against"].items()
    ]
