"""Months of plants, shared out by what the distributor applied."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import ExactKwh
from api.graphql.supply_points import SupplyPoint
from api.services.communities.browse_records import WholeList
from models import tables

_MICRO = 1_000_000

InYear = Annotated[int, strawberry.argument(description="Local calendar year, 2000 to 2099.")]


@strawberry.type(description="One supply point's part of a month.")
class AllocatedEnergy:
    """Shows a part."""

    supply_point_id: strawberry.Private[UUID]
    consumption_wh: strawberry.Private[int]
    allocated_micro_wh: strawberry.Private[int]
    self_consumed_micro_wh: strawberry.Private[int]

    @strawberry.field(description="Whose it is.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="What its meter took in [kWh].")
    def consumption_kwh(self) -> ExactKwh:
        """Read the column."""
        return ExactKwh(self.consumption_wh * _MICRO)

    @strawberry.field(description="Coefficient times generation, interval by interval [kWh].")
    def allocated_kwh(self) -> ExactKwh:
        """Read the column."""
        return ExactKwh(self.allocated_micro_wh)

    @strawberry.field(
        description="The lesser of allocated energy and consumption, interval by interval [kWh]."
    )
    def self_consumed_kwh(self) -> ExactKwh:
        """Read the column."""
        return ExactKwh(self.self_consumed_micro_wh)

    @strawberry.field(description="Allocated energy that was not used at once [kWh].")
    def surplus_kwh(self) -> ExactKwh:
        """Subtract what was used."""
        return ExactKwh(self.allocated_micro_wh - self.self_consumed_micro_wh)


@strawberry.type(description="One local month of a plant, shared out to the last digit.")
class MonthAllocation:
    """Shows the newest version of a month."""

    allocation: strawberry.Private[tables.MonthAllocation]

    month: date = strawberry.field(description="First local day of the month.")

    @strawberry.field(description="1, and one more whenever its readings or coefficients changed.")
    def version(self) -> int:
        """Read the column."""
        return self.allocation.version

    @strawberry.field(description="When this version was made.")
    def recorded_at(self) -> datetime:
        """Read the column."""
        return self.allocation.recorded_at

    @strawberry.field(description="Net generation of the plant [kWh].")
    def generation_kwh(self) -> ExactKwh:
        """Read the column."""
        return ExactKwh(self.allocation.generation_wh * _MICRO)

    @strawberry.field(
        description="Generation of intervals in which what was applied does not sum to one [kWh]."
    )
    def unallocated_kwh(self) -> ExactKwh:
        """Read the column."""
        return ExactKwh(self.allocation.unallocated_micro_wh)

    @strawberry.field(description="Everybody's part, by supply point.")
    async def parts(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[AllocatedEnergy]:
        """Page through them."""
        listing = WholeList.PARTS_OF_ALLOCATION
        return await info.context.loaders.whole(listing, self.allocation.id, first, after)
