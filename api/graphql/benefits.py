"""What sharing is good for over a year, and what it comes to for a whole promoter: gaps told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.enums import describe
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.scalars import PackedAmounts, SeriesAmounts
from api.policies import FEWEST_TOGETHER, choose_fewest
from api.services.energy import read_month_series
from api.services.energy.energy_question import Measure
from api.services.energy.find_energy_subjects import SubjectKind
from api.services.energy.month_energy import NANO
from api.services.energy.read_energy import CONSUMERS
from api.services.energy.read_month_series import Benefit, GapReason, SeriesQuestion
from models import tables
from models.values.resolution import Resolution

if TYPE_CHECKING:
    from api.graphql.communities import Community

describe(
    Benefit,
    "What sharing is good for.",
    SAVINGS="What it saved at the community's own prices [EUR], energy terms before tolls and "
    "taxes: what is used at once is not bought, and surplus earns in each month at most what the "
    "energy from the grid costs (RD 244/2019, article 14). Where that cap binds, each interval "
    "saves what its whole consumption would have cost.",
    AVOIDED_CO2="The CO2 that self-consumed energy avoided, by the factor of its day and zone "
    "[kg].",
)
describe(
    GapReason,
    "Why a community's month is not known, or not all of it.",
    NO_READINGS="Some of it was not read, or was erased with a person.",
    HOURLY_METERS="Some of its meters count by the hour, and quarters of an hour were asked for.",
    NO_PRICES="Some price of energy is not known, or one of surplus in a year that has some; "
    "surplus earns nothing in a year that has none.",
    TOO_FEW_MEMBERS=f"Fewer than {FEWEST_TOGETHER} members shared, or would be told of by this sum "
    "together with others (as where the cap on compensation binds for few): it would tell each of "
    "them about the others.",
)

_UNITS: dict[Benefit | Measure, tuple[str, str, int]] = {
    Benefit.SAVINGS: ("EUR", "0.0001 EUR", 100_000),
    Benefit.AVOIDED_CO2: ("kg", "g", 1_000_000),
}
"""Unit of values, of packed ones, and how many billionths of the former make one of the latter."""

_OF_ENERGY = ("kWh", "Wh", 1_000_000)

WhichBenefit = Annotated[Benefit, strawberry.argument(description="Which benefit.")]


@strawberry.type(description="A community's month that a series lacks, or of which it lacks some.")
class SeriesGap:
    """Shows a gap."""

    community_id: strawberry.Private[UUID]

    month: date = strawberry.field(description="Its first local day.")
    reason: GapReason = strawberry.field(description="Why it is not known.")

    @strawberry.field(description="The community.")
    async def community(
        self, info: Info
    ) -> Annotated["Community", strawberry.lazy("api.graphql.communities")]:
        """Find it."""
        return await info.context.loaders.record(tables.Community, self.community_id)


@strawberry.type(
    description="An amount of every interval of a local year, as far as it is known. It is made of "
    "months as they are exported: by what the distributor applied, or by the published agreement "
    "while nothing is recorded as applied."
)
class GappedSeries:
    """A column of amounts with what is needed to label it, and why some are not known."""

    found: strawberry.Private[Sequence[read_month_series.SeriesGap]]

    start: datetime = strawberry.field(
        description="Start of the first interval, on the community's clock."
    )
    step: str = strawberry.field(
        description="Length of an interval, ISO 8601: PT15M, PT1H, P1D, P1M or P1Y. Days, months "
        "and years are local."
    )
    unit: str = strawberry.field(description="Unit of the values: kWh, EUR or kg.")
    values: SeriesAmounts = strawberry.field(
        description="Amount of each interval in order, in `unit`; null where it is not known."
    )
    packed_unit: str = strawberry.field(
        description="Unit of the packed values: Wh, 0.0001 EUR or g."
    )
    packed: PackedAmounts = strawberry.field(
        description="The same in whole numbers of `packedUnit`, rounded; -2147483648 where it is "
        "not known."
    )

    @strawberry.field(
        description="Months of which something is not known, in order. Those of a promoter name "
        "the communities that its sums lack."
    )
    def gaps(
        self, info: Info, first: First = DEFAULT_PAGE, after: After = None
    ) -> Connection[SeriesGap]:
        """Page through them."""
        gaps = [
            SeriesGap(community_id=gap.community_id, month=gap.month, reason=gap.reason)
            for gap in self.found
        ]
        page: Connection[SeriesGap] = info.context.loaders.cut(gaps, first, after)
        return page


async def read_gapped_series(
    info: Info,
    kind: SubjectKind,
    key: UUID,
    quantity: Benefit | Measure,
    year: int,
    resolution: Resolution,
) -> GappedSeries | None:
    """Ask for a series together with all others that this request asks for."""
    fewest = 1 if kind in CONSUMERS else choose_fewest(info.context.principal.capabilities)
    question = SeriesQuestion(quantity, year, resolution, fewest)
    series = await info.context.loaders.month_series(kind, key, question)
    unit, packed_unit, nano = _UNITS.get(quantity, _OF_ENERGY)
    values = series.amounts.to_units()
    return GappedSeries(
        found=series.gaps,
        start=series.start,
        step=series.step,
        unit=unit,
        values=SeriesAmounts(values),
        packed_unit=packed_unit,
        packed=PackedAmounts(values * (NANO / nano)),
    )
