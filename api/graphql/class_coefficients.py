"""Coefficients that differ by class of hours, beside the constant ones."""

from typing import Any
from uuid import UUID

import strawberry

from api.graphql.agreements import DistributionCoefficient
from api.graphql.context import Info
from api.graphql.goals import HourClasses
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import Euro, Kwh
from api.graphql.settlements import read_money
from api.graphql.yearly_bills import YearlyAmounts
from api.services.communities.browse_records import WholeList
from api.services.proposals.class_coefficients import name_stored_class, read_class_shares
from models import tables


@strawberry.type(description="One class of hours and its set of coefficients.")
class HourClass:
    """One class of a proposal."""

    proposal_id: strawberry.Private[UUID]

    number: int = strawberry.field(description="Its number, from 0.")
    name: str = strawberry.field(description='Its name, such as "month 3, 12:00, rest day".')

    @strawberry.field(description="The coefficients, in the order of the distributor's file.")
    async def coefficients(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DistributionCoefficient]:
        """Page through them."""
        loaders = info.context.loaders
        stored: list[tables.ClassCoefficients] = await loaders.rows(
            WholeList.CLASSES_OF_PROPOSAL, self.proposal_id
        )
        rows = [
            DistributionCoefficient(millionths=share, supply_point_id=key, position=position)
            for position, (key, share) in enumerate(read_class_shares(stored, self.number))
        ]
        return loaders.cut(rows, first, after)


@strawberry.type(description="A set of coefficients for every class of hours.")
class ClassPlan:
    """Shows the classes of ``proposal.json``."""

    proposal_id: strawberry.Private[UUID]
    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="What the hours of a class have in common.")
    def kind(self) -> HourClasses:
        """Read the classes."""
        return HourClasses(self.stated["kind"])

    @strawberry.field(description="What they bring, in the unit of the goal.")
    def value(self) -> float:
        """Read the classes."""
        return float(self.stated["value"])

    @strawberry.field(
        description="What no coefficients by class within the limits pass, in the unit of the goal."
    )
    def upper_bound(self) -> float:
        """Read the classes."""
        return float(self.stated["upper_bound"])

    @strawberry.field(
        description="How far the value may lie below the bound, as a share of the bound."
    )
    def gap(self) -> float:
        """Read the classes."""
        return float(self.stated["gap"])

    @strawberry.field(
        description="What they bring above the constant ones, in the unit of the goal."
    )
    def gain_over_constant(self) -> float:
        """Read the classes."""
        return float(self.stated["gain_over_constant"])

    @strawberry.field(description="Self-consumed energy of the year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the classes."""
        return Kwh(self.stated["self_consumed_kwh"])

    @strawberry.field(description="Self-consumed energy above that of the constant ones [kWh].")
    def gain_over_constant_kwh(self) -> Kwh:
        """Read the classes."""
        return Kwh(self.stated["gain_over_constant_kwh"])

    @strawberry.field(description="Savings of all who share [EUR]; null without prices.")
    def savings_eur(self) -> Euro | None:
        """Read the classes."""
        return read_money(self.stated["savings_eur"])

    @strawberry.field(
        description="Everybody's year on the retailers' bills under them; null where those were "
        "not made."
    )
    def bills(self) -> YearlyAmounts | None:
        """Read the classes; those of older versions do not speak of bills."""
        stated = self.stated.get("bills")
        return stated and YearlyAmounts(stated=stated)

    @strawberry.field(
        description="Intervals in which surplus earns more than energy costs; the gap may stay "
        "wide for them."
    )
    def convex_steps(self) -> int:
        """Read the classes."""
        return int(self.stated["convex_steps"])

    @strawberry.field(description="How the optimum was found.")
    def method(self) -> str:
        """Read the classes."""
        return str(self.stated["solver"]["method"])

    @strawberry.field(description="What found it.")
    def solver(self) -> str:
        """Read the classes."""
        return str(self.stated["solver"]["name"])

    @strawberry.field(description="The classes, each with its coefficients.")
    def classes(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[HourClass]:
        """Page through them."""
        rows = [
            HourClass(
                proposal_id=self.proposal_id,
                number=number,
                name=name_stored_class(self.stated["kind"], number),
            )
            for number in range(self.stated["n_classes"])
        ]
        return info.context.loaders.cut(rows, first, after)
