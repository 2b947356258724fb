"""Data that a plan did not see: how much of its gain survives, and years drawn to plan for."""

from typing import Any, Self

import strawberry

from api.graphql.context import Info
from api.graphql.goals import RobustAim
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First


@strawberry.type(description="The 5th and the 95th percentile over trials.")
class TrialInterval:
    """Two ends."""

    low: float = strawberry.field(description="5th percentile.")
    high: float = strawberry.field(description="95th percentile.")


@strawberry.type(description="What remains of the gain over the reference on unseen data.")
class UnseenCheck:
    """One way to choose and to judge; gains are in the unit of the goal, for a year."""

    check: str = strawberry.field(description="What was chosen on what, and judged on what.")
    n_trials: int = strawberry.field(description="How many times it was judged.")
    n_infeasible: int = strawberry.field(
        description="Data sets on which the limits left nothing to choose."
    )
    promised_gain: float = strawberry.field(description="Gain where the coefficients were chosen.")
    kept_gain: float = strawberry.field(description="Gain where they were judged.")
    kept_interval: TrialInterval = strawberry.field(description="Of the single trials' kept gains.")
    share: float | None = strawberry.field(
        description="Kept over promised gain; null where hardly anything is promised."
    )
    share_interval: TrialInterval | None = strawberry.field(
        description="Of the single trials' shares."
    )

    @classmethod
    def read(cls, survival: dict[str, Any]) -> Self:
        """Read a check of ``proposal.json``."""
        share = survival["share_interval"]
        intervals = {
            "kept_interval": TrialInterval(**survival["kept_interval"]),
            "share_interval": share and TrialInterval(**share),
        }
        return cls(**(survival | intervals))


@strawberry.type(description="What the coefficients bring in one drawn year.")
class DrawnYear:
    """One year."""

    value: float = strawberry.field(description="In the unit of the goal.")


@strawberry.type(description="Years drawn from the weeks of the planned one, to plan for.")
class RobustPlan:
    """Shows the drawn years of ``proposal.json``."""

    stated: strawberry.Private[dict[str, Any]]

    @strawberry.field(description="What was made as large as possible.")
    def kind(self) -> RobustAim:
        """Read the plan."""
        return RobustAim(self.stated["kind"])

    @strawberry.field(description="What the coefficients bring, in the unit of the goal.")
    def value(self) -> float:
        """Read the plan."""
        return float(self.stated["value"])

    @strawberry.field(description="What no coefficients pass, in the unit of the goal.")
    def upper_bound(self) -> float:
        """Read the plan."""
        return float(self.stated["upper_bound"])

    @strawberry.field(
        description="How far the value may lie below the bound, as a share of the bound."
    )
    def gap(self) -> float:
        """Read the plan."""
        return float(self.stated["gap"])

    @strawberry.field(description="The drawn years.")
    def years(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[DrawnYear]:
        """Page through them."""
        rows = [DrawnYear(value=value) for value in self.stated["values"]]
        return info.context.loaders.cut(rows, first, after)
