"""What a community shared month by month, fit to be seen by each of its members."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.pagination import Connection
from api.graphql.scalars import ExactKwh
from api.policies import FEWEST_TOGETHER, choose_fewest
from api.services.energy import read_shared_months

_MICRO = 1_000_000


class Withheld(StrEnum):
    """Why a sum is not told."""

    TOO_FEW_MEMBERS = "too few members"


describe(
    Withheld,
    "Why a sum is not told.",
    TOO_FEW_MEMBERS=f"Fewer than {FEWEST_TOGETHER} members shared: their sum would tell each of "
    "them about the others.",
)


@strawberry.type(description="What supply points got of a month.")
class SharedEnergy:
    """Shows sums."""

    energy: strawberry.Private[read_shared_months.SharedEnergy]

    @strawberry.field(description="What they used at once of what was allocated to them [kWh].")
    def self_consumed_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.energy.self_consumed_micro_wh)

    @strawberry.field(description="The rest of what was allocated to them [kWh].")
    def surplus_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.energy.surplus_micro_wh)


@strawberry.type(description="What all who share in a community got of a month, together.")
class CommunityShare:
    """Shows sums, to members of at least five."""

    share: strawberry.Private[read_shared_months.CommunityShare]

    @strawberry.field(description="How many supply points shared.")
    def supply_point_count(self) -> int:
        """Read the count."""
        return self.share.n_supply_points

    @strawberry.field(description="Net generation of all plants [kWh].")
    def generation_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.share.generation_wh * _MICRO)

    @strawberry.field(description="What they got, all together.")
    def total(self) -> SharedEnergy:
        """Show the sums."""
        return SharedEnergy(energy=self.share.energy)

    @strawberry.field(description="What a supply point got, on average; cut to whole µWh.")
    def mean(self) -> SharedEnergy:
        """Divide the sums."""
        return SharedEnergy(energy=self.share.mean)


@strawberry.type(description="One local month of all plants of a community.")
class SharedMonth:
    """Shows a month."""

    month: date = strawberry.field(description="Its first local day.")
    withheld: Withheld | None = strawberry.field(
        description="Why nothing is told of all together; null when it is."
    )
    together: CommunityShare | None = strawberry.field(
        description="What all got; null where it is withheld."
    )
    own: SharedEnergy | None = strawberry.field(
        description="What the caller's own supply points got; null for who has none that shared."
    )


async def page_shared_months(
    info: Info, key: UUID, year: int, first: int | None, after: str | None
) -> Connection[SharedMonth]:
    """Page through the months of a community."""
    loaders = info.context.loaders
    caller = info.context.principal
    found: list[read_shared_months.SharedMonth] = await loaders.shared_months(
        key,
        year,
        asking=caller.reach.member_ids or frozenset(),
        fewest=choose_fewest(caller.capabilities),
    )
    return loaders.cut([_show(each) for each in found], first, after)


def _show(found: read_shared_months.SharedMonth) -> SharedMonth:
    together, own = found.together, found.own
    return SharedMonth(
        month=found.month,
        withheld=Withheld.TOO_FEW_MEMBERS if together is None else None,
        together=None if together is None else CommunityShare(share=together),
        own=None if own is None else SharedEnergy(energy=own),
    )
