"""What a year brings under a proposal or a rule, month by month."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import numpy as np
import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.scalars import Euro, EuroValues, Kwh, KwhValues
from api.graphql.supply_points import SupplyPoint
from models import tables
from models.values.energy import from_micro_kwh
from models.values.money import CENT, from_micro_eur


class Scenario(StrEnum):
    """What is settled: the proposal itself or a rule to compare with."""

    PROPOSAL = "proposal"
    EQUAL = "equal"
    CONTRACTED_POWER = "contracted_power"
    CONSUMPTION = "consumption"
    INVESTMENT = "investment"
    CURRENT = "current"


describe(
    Scenario,
    "Coefficients under which a year is settled.",
    PROPOSAL="Those of the proposal.",
    EQUAL="The same for everybody.",
    CONTRACTED_POWER="In proportion to contracted power.",
    CONSUMPTION="In proportion to the year's consumption.",
    INVESTMENT="In proportion to what each paid for its part of the plant.",
    CURRENT="Those that were in force when the proposal was made.",
)

UnderScenario = Annotated[
    Scenario, strawberry.argument(description="Coefficients under which to settle.")
]


@strawberry.type(
    description="Energy and money of the twelve local months of a year, before taxes and tolls. "
    "Energy has at most six decimals and adds up to the last; money is kept as finely and each "
    "amount rounded to cents once, so that amounts on show can miss their sum by cents."
)
class MonthlySettlement:
    """Twelve values a field; money is null without prices."""

    months: strawberry.Private[Mapping[str, Sequence[int]]]

    @strawberry.field(description="What the boundary meters took in, by month [kWh].")
    def consumption_kwh(self) -> KwhValues:
        """Read the column."""
        return self._energy("consumption_micro_kwh")

    @strawberry.field(description="Coefficient times generation, by month [kWh].")
    def allocated_kwh(self) -> KwhValues:
        """Read the column."""
        return self._energy("allocated_micro_kwh")

    @strawberry.field(description="Allocated energy that was used at once, by month [kWh].")
    def self_consumed_kwh(self) -> KwhValues:
        """Read the column."""
        return self._energy("self_consumed_micro_kwh")

    @strawberry.field(description="Allocated energy that was not used at once, by month [kWh].")
    def surplus_kwh(self) -> KwhValues:
        """Read the column."""
        return self._energy("surplus_micro_kwh")

    @strawberry.field(description="Consumption that came from the grid, by month [kWh].")
    def grid_import_kwh(self) -> KwhValues:
        """Read the column."""
        return self._energy("grid_import_micro_kwh")

    @strawberry.field(description="Cost of energy without sharing, by month [EUR].")
    def cost_without_eur(self) -> EuroValues | None:
        """Read the column."""
        return self._money("cost_without_micro_eur")

    @strawberry.field(description="Cost of energy with sharing, by month [EUR].")
    def cost_with_eur(self) -> EuroValues | None:
        """Read the column."""
        return self._money("cost_with_micro_eur")

    @strawberry.field(
        description="What surplus earns by simplified compensation, capped, by month [EUR]."
    )
    def surplus_compensation_eur(self) -> EuroValues | None:
        """Read the column."""
        return self._money("surplus_compensation_micro_eur")

    @strawberry.field(description="Cost without less cost with sharing, by month [EUR].")
    def savings_eur(self) -> EuroValues | None:
        """Read the column."""
        return self._money("savings_micro_eur")

    @strawberry.field(description="Self-consumed energy of the year [kWh].")
    def year_self_consumed_kwh(self) -> Kwh:
        """Sum the column."""
        return Kwh(float(from_micro_kwh(np.array(self.months["self_consumed_micro_kwh"]).sum())))

    @strawberry.field(
        description="Savings of the year: the sum of its months, rounded to cents once [EUR]."
    )
    def year_savings_eur(self) -> Euro | None:
        """Sum the column."""
        amounts = self.months.get("savings_micro_eur")
        return None if amounts is None else Euro(from_micro_eur(sum(amounts)))

    def _energy(self, name: str) -> KwhValues:
        return KwhValues(from_micro_kwh(np.array(self.months[name], dtype=np.int64)))

    def _money(self, name: str) -> EuroValues | None:
        amounts = self.months.get(name)
        return None if amounts is None else EuroValues([from_micro_eur(each) for each in amounts])


@strawberry.type(description="One supply point's year under a proposal or a rule.")
class SupplyPointSettlement:
    """Shows a simulated year."""

    supply_point_id: strawberry.Private[UUID]
    months: strawberry.Private[dict[str, list[int]]]

    @strawberry.field(description="Whose year it is.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="Its months.")
    def settlement(self) -> MonthlySettlement:
        """Hand the months on."""
        return MonthlySettlement(months=self.months)


def sum_settlements(years: Sequence[tables.SimulatedYear]) -> MonthlySettlement | None:
    """Add the months of many supply points up; None when there are none."""
    if not years:
        return None
    names = years[0].months
    return MonthlySettlement(
        months={
            name: [sum(month) for month in zip(*(year.months[name] for year in years), strict=True)]
            for name in names
        }
    )


def read_money(text: object) -> Euro | None:
    """Read an amount that ``proposal.json`` states as text."""
    return Euro(Decimal(text)) if isinstance(text, str) else None


def read_euros(amount: float | None) -> Euro | None:
    """Read an amount that ``proposal.json`` states as a number."""
    return None if amount is None else Euro(Decimal(str(amount)))


def read_bound(text: object) -> Euro | None:
    """Read a proven bound, rounded up so that it stays proven."""
    if not isinstance(text, str):
        return None
    return Euro(Decimal(text).quantize(CENT, ROUND_CEILING))
