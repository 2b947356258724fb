"""What a community shared month by month, fit to be seen by each of its members."""

from asyncio import gather
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.dataloaders import Loaders
from api.graphql.enums import describe
from api.graphql.pagination import Connection
from api.graphql.scalars import Euro, ExactKwh
from api.policies import FEWEST_TOGETHER, choose_fewest
from api.services.energy import read_shared_months
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.read_month_series import Benefit, MonthSeries, SeriesQuestion
from api.services.energy.read_shared_months import Withheld
from models.values.money import from_nano_eur
from models.values.resolution import Resolution

_MICRO = 1_000_000


describe(
    Withheld,
    "Why a sum is not told.",
    TOO_FEW_MEMBERS=f"Fewer than {FEWEST_TOGETHER} members shared, or have a coefficient in a "
    "plant of which the month was not shared out: the sum would tell each of them about the "
    "others.",
    ERASED="Data of somebody who shared were erased: what is left is less than all got.",
)


@strawberry.type(description="What supply points got of a month.")
class SharedEnergy:
    """Shows sums."""

    energy: strawberry.Private[read_shared_months.SharedEnergy]
    save: strawberry.Private[Callable[[], Awaitable[int | None]]]

    @strawberry.field(description="What they used at once of what was allocated to them [kWh].")
    def self_consumed_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.energy.self_consumed_micro_wh)

    @strawberry.field(description="The rest of what was allocated to them [kWh].")
    def surplus_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.energy.surplus_micro_wh)

    @strawberry.field(
        description="What that saved them at the community's own prices [EUR], energy terms before "
        "tolls and taxes; null where a reading or a price is not known."
    )
    async def savings_eur(self) -> Euro | None:
        """Settle the month."""
        nano_eur = await self.save()
        return None if nano_eur is None else Euro(from_nano_eur(nano_eur))


@strawberry.type(description="What all who share in a community got of a month, together.")
class CommunityShare:
    """Shows sums, to members of at least five."""

    share: strawberry.Private[read_shared_months.CommunityShare]
    save: strawberry.Private[Callable[[], Awaitable[int | None]]]

    @strawberry.field(description="How many supply points shared.")
    def supply_point_count(self) -> int:
        """Read the count."""
        return self.share.n_supply_points

    @strawberry.field(description="Net generation of the plants whose month was shared out [kWh].")
    def generation_kwh(self) -> ExactKwh:
        """Read the sum."""
        return ExactKwh(self.share.generation_wh * _MICRO)

    @strawberry.field(description="What they got, all together.")
    def total(self) -> SharedEnergy:
        """Show the sums."""
        return SharedEnergy(energy=self.share.energy, save=self.save)

    @strawberry.field(description="What a supply point got, on average; cut to whole µWh.")
    def mean(self) -> SharedEnergy:
        """Divide the sums."""

        async def save() -> int | None:
            nano_eur = await self.save()
            return None if nano_eur is None else nano_eur // self.share.n_supply_points

        return SharedEnergy(energy=self.share.mean, save=save)


@strawberry.type(description="One local month of the plants of a community that shared it out.")
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
    own = caller.reach.member_ids or frozenset()
    fewest = choose_fewest(caller.capabilities)
    found: list[read_shared_months.SharedMonth] = await loaders.shared_months(
        key, year, asking=own, fewest=fewest
    )
    savings = _Savings(loaders, key, own, year, fewest)
    return loaders.cut([_show(each, savings) for each in found], first, after)


@dataclass(frozen=True)
class _Savings:
    """What the months of a year saved, reckoned when somebody asks for it, once for all months."""

    loaders: Loaders
    community_id: UUID
    own: frozenset[UUID]
    year: int
    fewest: int

    async def of_all(self, month: int) -> int | None:
        """Settle the whole community [1e-9 EUR]; None where that is not known, or not told."""
        return _pick(await self._of_community, month)

    async def of_own(self, month: int) -> int | None:
        """Settle the caller's own supply points [1e-9 EUR]; None where that is not known."""
        saved = [_pick(each, month) for each in await self._of_members if each is not None]
        return None if None in saved else sum(each for each in saved if each is not None)

    @cached_property
    def _of_community(self) -> Awaitable[MonthSeries]:
        question = SeriesQuestion(
            Benefit.SAVINGS, self.year, Resolution.MONTH, self.fewest, self.own
        )
        return self.loaders.shared_series(self.community_id, question)

    @cached_property
    def _of_members(self) -> Awaitable[list[MonthSeries]]:
        question = SeriesQuestion(Benefit.SAVINGS, self.year, Resolution.MONTH)
        return gather(
            *(
                self.loaders.month_series(SubjectKind.MEMBER, key, question)
                for key in sorted(self.own)
            )
        )


def _pick(series: MonthSeries, month: int) -> int | None:
    amounts = series.amounts
    return int(amounts.nano[month - 1]) if amounts.is_known[month - 1] else None


def _show(found: read_shared_months.SharedMonth, savings: _Savings) -> SharedMonth:
    together, own, month = found.together, found.own, found.month.month
    of_all, of_own = partial(savings.of_all, month), partial(savings.of_own, month)
    return SharedMonth(
        month=found.month,
        withheld=found.withheld,
        together=None if together is None else CommunityShare(share=together, save=of_all),
        own=None if own is None else SharedEnergy(energy=own, save=of_own),
    )
