"""The proof of a proposal: bound, gap, and what its scarce goods are worth."""

from typing import Any

import strawberry

from api.graphql.context import Info
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First


@strawberry.type(description="What one more percent of a group's limit would be worth.")
class GroupWorth:
    """One group that is held back."""

    label: str = strawberry.field(description="Name of the limit.")
    worth_of_one_percent: float = strawberry.field(
        description="To all together, in the unit of the goal."
    )


@strawberry.type(description="A claim of the proposal that was found true again by other means.")
class RecheckedClaim:
    """One claim."""

    name: str = strawberry.field(description="Which claim.")


@strawberry.type(description="How good the coefficients are, and how that is known.")
class ProposalCertificate:
    """Shows the certificate of ``proposal.json``."""

    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(
        description='Unit of value, bound and worths: "kWh", "EUR", "kg", "points" or "1".'
    )
    def unit(self) -> str:
        """Read the certificate."""
        return str(self.stated["unit"])

    @strawberry.field(description="What the coefficients bring, in that unit.")
    def value(self) -> float:
        """Read the certificate."""
        return float(self.stated["value"])

    @strawberry.field(description="What no coefficients within the limits pass, in that unit.")
    def upper_bound(self) -> float:
        """Read the certificate."""
        return float(self.stated["upper_bound"])

    @strawberry.field(
        description="How far the value may lie below the bound, as a share of the bound."
    )
    def gap(self) -> float:
        """Read the certificate."""
        return float(self.stated["gap"])

    @strawberry.field(description="Whether the optimum was reached, rather than come near to.")
    def is_optimum(self) -> bool:
        """Read the certificate."""
        return bool(self.stated["is_optimum"])

    @strawberry.field(
        description="What one more percent of the plant would bring to all together, in that unit; "
        "null where the goal is no sum."
    )
    def worth_of_one_percent(self) -> float | None:
        """Read the certificate."""
        return _number(self.stated["worth_of_one_percent"])

    @strawberry.field(
        description="What one more percent of change in total would bring, in that unit; null "
        "where the goal is no sum."
    )
    def change(self) -> float | None:
        """Read the certificate."""
        return _number(self.stated["change"])

    @strawberry.field(
        description="Intervals in which surplus earns more than energy costs; the gap may stay "
        "wide for them."
    )
    def convex_steps(self) -> int:
        """Read the certificate."""
        return int(self.stated["convex_steps"])

    @strawberry.field(description="What one more percent of each group's limit would bring.")
    def groups(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[GroupWorth]:
        """Page through them."""
        worths: dict[str, float] = self.stated["groups"]
        rows = [
            GroupWorth(label=label, worth_of_one_percent=worth) for label, worth in worths.items()
        ]
        return info.context.loaders.cut(rows, first, after)

    @strawberry.field(description="What was found true again by other means.")
    def rechecked(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[RecheckedClaim]:
        """Page through them."""
        rows = [RecheckedClaim(name=name) for name in self.stated.get("rechecked", ())]
        return info.context.loaders.cut(rows, first, after)


def _number(value: float | None) -> float | None:
    """Read a number that may be missing."""
    return None if value is None else float(value)
