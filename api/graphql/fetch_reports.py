"""What jobs that fetch found."""

from datetime import date

import strawberry


@strawberry.type(description="What became of asking Datadis about one supply point.")
class FetchedSupplyPoint:
    """One line of the report."""

    cups: str = strawberry.field(description="The supply point.")
    state: str = strawberry.field(
        description="`stored`, `asked_before` (within 24 hours) or `failed`."
    )
    accepted_count: int = strawberry.field(description="Values that were taken.")
    rejected_count: int = strawberry.field(description="Rows and values that were not taken.")
    reason: str | None = strawberry.field(description="Why nothing was stored; null if it was.")


@strawberry.type(description="What became of asking for the prices of one day.")
class FetchedDay:
    """One line of the report."""

    kind: str = strawberry.field(description="What the prices are paid for.")
    day: date = strawberry.field(description="The day.")
    is_published: bool = strawberry.field(description="Whether there were prices yet.")
    accepted_count: int = strawberry.field(description="Prices that were taken.")
