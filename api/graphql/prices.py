"""Prices of a community as they are stored."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.scalars import EuroPerKwhValues
from api.services.energy.read_prices import DayPrices, read_day_prices
from models.tables import MISSING_PRICE, PriceKind

_NANO = Decimal("1e-9")


@strawberry.type(description="Prices of every interval of a local day.")
class PriceSeries:
    """A column of values with what is needed to label it."""

    start: datetime = strawberry.field(
        description="Start of the first interval, on the community's clock."
    )
    step: str = strawberry.field(description="Length of an interval, ISO 8601: PT1H or PT15M.")
    unit: str = strawberry.field(description="Unit of the values: EUR/kWh.")
    values: EuroPerKwhValues = strawberry.field(
        description="Price of each interval in order [EUR/kWh]; null where none is known."
    )


async def read_prices(info: Info, key: UUID, kind: PriceKind, day: date) -> PriceSeries | None:
    """Read the prices of a day."""
    found: DayPrices | None = await info.context.read(
        read_day_prices, community_id=key, kind=kind, day=day
    )
    if found is None:
        return None
    values = [
        None if nano_eur == MISSING_PRICE else nano_eur * _NANO
        for nano_eur in found.nano_eur.tolist()
    ]
    return PriceSeries(
        start=found.start,
        step=found.step.value,
        unit="EUR/kWh",
        values=EuroPerKwhValues(values),
    )
