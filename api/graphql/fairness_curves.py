"""The price of fairness: what floors from 0 to 100 % cost."""

from typing import Any
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.context import Info
from api.graphql.goals import ReferenceRule
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Share
from api.services.communities.browse_records import WholeList
from models import tables
from models.values.coefficient import parse_coefficient


@strawberry.type(description="The best coefficients under one floor.")
class FairnessPoint:
    """Shows a point of the curve."""

    proposal_id: strawberry.Private[UUID]
    betas: strawberry.Private[dict[str, str]]

    floor: Share = strawberry.field(
        description="Least share of what the reference gives that every member keeps."
    )
    value: float = strawberry.field(description="What they bring, in the unit of the goal.")
    upper_bound: float = strawberry.field(
        description="What no coefficients above the floor pass, in the unit of the goal."
    )
    gap: float = strawberry.field(
        description="How far the value may lie below the bound, as a share of the bound."
    )
    gain_kept: float = strawberry.field(
        description="Share of what the best coefficients without a floor gain over the reference."
    )
    gini: float | None = strawberry.field(
        description="Gini coefficient of the savings; null without prices."
    )
    jain: float | None = strawberry.field(
        description="Jain index of the savings; null without prices."
    )
    least_ratio: float = strawberry.field(
        description="Self-consumed energy of the worst-off member over what the reference gives it."
    )

    @strawberry.field(description="The coefficients, in the order of the distributor's file.")
    async def coefficients(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DistributionCoefficient]:
        """Page through them; both lists are in the order of the file."""
        loaders = info.context.loaders
        stored: list[tables.ProposedCoefficient] = await loaders.rows(
            WholeList.COEFFICIENTS_OF_PROPOSAL, self.proposal_id
        )
        rows = [
            DistributionCoefficient(
                millionths=parse_coefficient(beta),
                supply_point_id=own.supply_point_id,
                position=own.position,
            )
            for own, beta in zip(stored, self.betas.values(), strict=True)
        ]
        return loaders.cut(rows, first, after)


@strawberry.type(description="A floor that the other limits leave no room for.")
class InfeasibleFloor:
    """One floor."""

    floor: Share = strawberry.field(description="The floor.")


@strawberry.type(description="What every floor costs.")
class FairnessCurve:
    """Shows the curve of ``proposal.json``."""

    proposal_id: strawberry.Private[UUID]
    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="Rule that floors are measured against.")
    def reference(self) -> ReferenceRule:
        """Read the curve."""
        return ReferenceRule(self.stated["reference"])

    @strawberry.field(description="What that rule brings, in the unit of the goal.")
    def reference_value(self) -> float:
        """Read the curve."""
        return float(self.stated["reference_value"])

    @strawberry.field(description="Its points, from no floor upwards.")
    def points(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[FairnessPoint]:
        """Page through them."""
        points: list[dict[str, Any]] = self.stated["points"]
        rows = [FairnessPoint(proposal_id=self.proposal_id, **row) for row in points]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="Floors that the other limits leave no room for.")
    def infeasible_floors(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[InfeasibleFloor]:
        """Page through them."""
        rows = [InfeasibleFloor(floor=Share(floor)) for floor in self.stated["infeasible_floors"]]
        return info.context.loaders.cut(rows, first, after)
