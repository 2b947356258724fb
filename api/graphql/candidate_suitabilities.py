"""Suitability of one candidate: what it brings, what it gets, which hours it fills, and why."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self
from uuid import UUID

import numpy as np
import strawberry

from api.graphql.context import Info
from api.graphql.node import shows
from api.graphql.pagination import DEFAULT_PAGE, After, Connection, First
from api.graphql.reasons import InLanguage, Reason, list_reasons
from api.graphql.scalars import Coefficient, Euro, EuroPerKwh, Kwh, KwhValues, Share
from api.graphql.settlements import read_money
from api.graphql.studies import Study
from models import tables
from models.values.coefficient import parse_coefficient
from models.values.language import Language

if TYPE_CHECKING:
    from api.graphql.installations import SelfConsumptionInstallation
    from api.graphql.reserve_pool import ReserveApplication

_YEAR, _BY_MONTH, _BY_HOUR = None, 1, 0


@strawberry.type(description="What the candidate was taken to pay.")
class PaymentModel:
    """Shows the payment that was asked about."""

    upfront_eur: Euro = strawberry.field(description="Paid once [EUR].")
    upfront_eur_per_kw: Euro = strawberry.field(
        description="Paid once for each kW of its share [EUR]."
    )
    annual_fee_eur: Euro = strawberry.field(description="Paid every year [EUR].")
    price_eur_per_self_consumed_kwh: EuroPerKwh = strawberry.field(
        description="Paid for the energy that it uses of its share [EUR/kWh]."
    )
    horizon_years: int = strawberry.field(description="Years that were looked at.")
    discount_rate: Share = strawberry.field(
        description="By how much a euro of the next year was worth less."
    )

    @classmethod
    def read(cls, stated: dict[str, str]) -> Self:
        """Read the payment of a request."""
        return cls(
            upfront_eur=Euro(Decimal(stated["upfront_eur"])),
            upfront_eur_per_kw=Euro(Decimal(stated["upfront_eur_per_kw"])),
            annual_fee_eur=Euro(Decimal(stated["annual_fee_eur"])),
            price_eur_per_self_consumed_kwh=EuroPerKwh(
                Decimal(stated["price_eur_per_self_consumed_kwh"])
            ),
            horizon_years=int(stated["horizon_years"]),
            discount_rate=Share(float(stated["discount_rate"])),
        )


@strawberry.type(description="What sharing would leave the candidate, every year like the first.")
class PaymentOutcome:
    """Shows the economics of a candidate."""

    saving_eur: Euro = strawberry.field(description="What a year saves on its bill [EUR].")
    yearly_net_eur: Euro = strawberry.field(
        description="What is left of that after the year's payments [EUR]."
    )
    upfront_eur: Euro = strawberry.field(description="What it pays once [EUR].")
    first_year_net_eur: Euro = strawberry.field(
        description="The first year's net less what is paid once [EUR]."
    )
    horizon_net_eur: Euro = strawberry.field(
        description="The years of the horizon, discounted, less what is paid once [EUR]."
    )
    payback_years: float | None = strawberry.field(
        description="Years until the yearly net has returned what was paid once; null if never."
    )

    @classmethod
    def read(cls, stated: dict[str, Any]) -> Self:
        """Read the economics of a result."""
        years = stated["payback_years"]
        amounts = {name: text for name, text in stated.items() if name != "payback_years"}
        return cls(
            **{name: Euro(Decimal(text)) for name, text in amounts.items()}, payback_years=years
        )


@strawberry.type(
    description="What becomes of the surplus that the members leave, in columns: of a year's "
    "months, of a day's hours, or of the hours of each month."
)
class FilledHours:
    """Shows the tables of twelve months by 24 hours."""

    stated: strawberry.Private[dict[str, Sequence[Sequence[float]]]]

    @strawberry.field(
        description="How much less surplus there is with the candidate, by hour of the day: 24 "
        "values, from midnight [kWh]. Below zero where there is more."
    )
    def used_by_hour_kwh(self) -> KwhValues:
        """Sum over the months."""
        return self._sum("used_kwh", _BY_HOUR)

    @strawberry.field(
        description="How much less surplus there is with the candidate, by month: 12 values [kWh]."
    )
    def used_by_month_kwh(self) -> KwhValues:
        """Sum over the hours."""
        return self._sum("used_kwh", _BY_MONTH)

    @strawberry.field(
        description="How much less surplus there is with the candidate, by month and hour: 24 "
        "values of January, then of February and so on, 288 [kWh]."
    )
    def used_kwh(self) -> KwhValues:
        """Give the whole table."""
        return self._sum("used_kwh", _YEAR)

    @strawberry.field(
        description="Surplus without the candidate, by hour of the day: 24 values [kWh]."
    )
    def former_surplus_by_hour_kwh(self) -> KwhValues:
        """Sum over the months."""
        return self._sum("former_surplus_kwh", _BY_HOUR)

    @strawberry.field(description="Surplus without the candidate, by month: 12 values [kWh].")
    def former_surplus_by_month_kwh(self) -> KwhValues:
        """Sum over the hours."""
        return self._sum("former_surplus_kwh", _BY_MONTH)

    @strawberry.field(
        description="Surplus without the candidate, by month and hour: 288 values [kWh]."
    )
    def former_surplus_kwh(self) -> KwhValues:
        """Give the whole table."""
        return self._sum("former_surplus_kwh", _YEAR)

    def _sum(self, name: str, axis: int | None) -> KwhValues:
        """Sum a table along one of its sides, or lay it out as it is."""
        table = np.array(self.stated[name])
        return KwhValues(table.ravel() if axis is None else table.sum(axis=axis).round(6))


@strawberry.type(
    description="What one of the reserve would bring those who share, if it alone joined them, and "
    "what it would get."
)
@shows(tables.CandidateSuitability)
class CandidateSuitability(Study):
    """Shows an assessment."""

    installation_id: strawberry.Private[UUID]
    reserve_application_id: strawberry.Private[UUID]

    @strawberry.field(description="The plant.")
    async def installation(
        self, info: Info
    ) -> Annotated["SelfConsumptionInstallation", strawberry.lazy("api.graphql.installations")]:
        """Find the installation."""
        table = tables.SelfConsumptionInstallation
        return await info.context.loaders.record(table, self.installation_id)

    @strawberry.field(description="The candidate.")
    async def application(
        self, info: Info
    ) -> Annotated["ReserveApplication", strawberry.lazy("api.graphql.reserve_pool")]:
        """Find the application."""
        table = tables.ReserveApplication
        return await info.context.loaders.record(table, self.reserve_application_id)

    @strawberry.field(description="Whether it meets the conditions of the day.")
    def eligible(self) -> bool:
        """Read the result."""
        return bool(self.result["eligible"])

    @strawberry.field(
        description="Whether it may be admitted, the community gains by it, and it does not pay "
        "more than it saves as far as that is known."
    )
    def recommended(self) -> bool:
        """Read the result."""
        return bool(self.result["recommended"])

    @strawberry.field(description="The coefficient that it would get.")
    def coefficient(self) -> Coefficient:
        """Read the result."""
        return Coefficient(parse_coefficient(self.result["beta"]))

    @strawberry.field(description="What the community would use more of its plant [kWh].")
    def marginal_kwh(self) -> Kwh:
        """Read the result."""
        return Kwh(self.result["marginal_kwh"])

    @strawberry.field(description="What the community would save more [EUR]; null without prices.")
    def marginal_eur(self) -> Euro | None:
        """Read the result."""
        return read_money(self.result["marginal_eur"])

    @strawberry.field(description="What it would use of its share in a year [kWh].")
    def self_consumed_kwh(self) -> Kwh:
        """Read the result."""
        return Kwh(self.result["self_consumed_kwh"])

    @strawberry.field(
        description="Share of its year that was measured; profiles of others stand in for the rest."
    )
    def known_share(self) -> Share:
        """Read the result."""
        return Share(self.result["known_share"])

    @strawberry.field(description="What it was taken to pay.")
    def payment(self) -> PaymentModel:
        """Read the request."""
        return PaymentModel.read(self.request["payment"])

    @strawberry.field(description="What sharing would leave it; null without prices.")
    def outcome(self) -> PaymentOutcome | None:
        """Read the result."""
        stated = self.result["economics"]
        return None if stated is None else PaymentOutcome.read(stated)

    @strawberry.field(description="Which hours it fills.")
    def filled_hours(self) -> FilledHours:
        """Hand the tables on."""
        return FilledHours(stated=self.result["filled"])

    @strawberry.field(description="Why it is recommended or not, and what it would mean.")
    def reasons(
        self,
        info: Info,
        language: InLanguage = Language.ENGLISH,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> Connection[Reason]:
        """Word them."""
        return list_reasons(info, self.result["reasons"], language, first, after)
