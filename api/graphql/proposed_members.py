"""Those who share in a proposal: what each gets, wins, loses, and is worth to the plan."""

from typing import Any
from uuid import UUID

import strawberry

from api.graphql.comparisons import ChangeAgainstRule, ComparedRule, OutcomeChange
from api.graphql.context import Info
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Coefficient, Euro, Kwh, Share
from api.graphql.settlements import read_money
from api.graphql.supply_points import SupplyPoint
from api.graphql.yearly_bills import YearlyBill
from models import tables
from models.values.coefficient import parse_coefficient


@strawberry.type(description="One who shares in a proposal.")
class ProposedMember:
    """Shows a member of ``proposal.json``; what older proposals do not state is null."""

    proposal_id: strawberry.Private[UUID | None]
    """None in a study, which keeps no bills."""
    supply_point_id: strawberry.Private[UUID]
    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Where it takes its energy.")
    async def supply_point(self, info: Info) -> SupplyPoint:
        """Find the supply point."""
        return await info.context.loaders.record(tables.SupplyPoint, self.supply_point_id)

    @strawberry.field(description="Its coefficient.")
    def beta(self) -> Coefficient:
        """Read the member."""
        return Coefficient(parse_coefficient(self.stated["beta"]))

    @strawberry.field(description="Its coefficient times generation [kWh].")
    def allocated_kwh(self) -> Kwh:
        """Read the member."""
        return Kwh(self.stated["allocated_kwh"])

    @strawberry.field(description="Allocated energy that it uses at once [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the member."""
        return Kwh(self.stated["self_consumed_kwh"])

    @strawberry.field(description="Allocated energy that it does not use at once [kWh].")
    def surplus_kwh(self) -> Kwh:
        """Read the member."""
        return Kwh(self.stated["surplus_kwh"])

    @strawberry.field(description="Consumption that comes from the grid [kWh].")
    def grid_import_kwh(self) -> Kwh:
        """Read the member."""
        return Kwh(self.stated["grid_import_kwh"])

    @strawberry.field(description="What it saves in the year [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the member."""
        return read_money(self.stated["savings_eur"])

    @strawberry.field(
        description="Its year on the retailer's bills; null where they were not made, and in a "
        "study."
    )
    def yearly_bill(self) -> YearlyBill | None:
        """Read the member."""
        stated = self.stated.get("yearly_bill")
        if stated is None or self.proposal_id is None:
            return None
        return YearlyBill(
            stated=stated, proposal_id=self.proposal_id, supply_point_id=self.supply_point_id
        )

    @strawberry.field(
        description="Share of its consumption that the plant covers; null without consumption."
    )
    def self_sufficiency_share(self) -> Share | None:
        """Read the member."""
        share = self.stated.get("self_sufficiency_share")
        return None if share is None else Share(share)

    @strawberry.field(
        description="What one more percent of the plant would be worth to it, in the unit of the "
        "goal."
    )
    def worth_of_one_percent(self) -> float | None:
        """Read the member."""
        return self.stated.get("worth_of_one_percent")

    @strawberry.field(
        description="Where the worst-off are raised first: the level that it was raised to, in the "
        "unit of the goal."
    )
    def level(self) -> float | None:
        """Read the member."""
        return self.stated.get("level")

    @strawberry.field(description="Share of its year that was measured.")
    def known_share(self) -> Share | None:
        """Read the member."""
        share = self.stated.get("known_share")
        return None if share is None else Share(share)

    @strawberry.field(
        description="Profile that stands in for what was not measured; null if nothing does."
    )
    def profile(self) -> str | None:
        """Read the member."""
        return self.stated.get("profile")

    @strawberry.field(description="What that profile was scaled to.")
    def profile_scale(self) -> str | None:
        """Read the member."""
        return self.stated.get("profile_scale")

    @strawberry.field(description="What it wins or loses against each rule.")
    def changes(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[ChangeAgainstRule]:
        """Page through the rules."""
        changes: dict[str, Any] = self.stated.get("changes", {})
        rows = [
            ChangeAgainstRule(rule=ComparedRule(rule), change=OutcomeChange.read(change))
            for rule, change in changes.items()
        ]
        return info.context.loaders.cut(rows, first, after)
