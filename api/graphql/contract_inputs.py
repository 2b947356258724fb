"""Retail contracts as callers describe them: the parts of a contracts document."""

from collections.abc import Sequence
from dataclasses import fields
from enum import Enum
from typing import Any

import strawberry

from api.graphql.enums import describe
from api.services.bills.contract_document import (
    CapBase,
    ContractsDocument,
    EnergyIndex,
    Per,
    PowerIndex,
    SurplusIndex,
    parse_contracts,
)
from models.regulation.meter_rental import MeterKind
from models.regulation.social_bonus import Vulnerability
from models.regulation.supply_scopes import SupplyUse
from models.values.cups import Cups
from models.values.tariff import Tariff

describe(
    Per,
    "What a price of power or of time is for.",
    DAY="A day.",
    MONTH="The twelfth of a year.",
    YEAR="A year.",
)
describe(
    CapBase,
    "What counts as value of the energy from the grid, which compensation cannot pass.",
    ENERGY_TERM="The energy term, its tolls included.",
    WITHOUT_TOLLS="The energy without its tolls.",
)
describe(
    PowerIndex,
    "What the price of power may follow.",
    REGULATED="The margin of the regulated price, beside tolls and charges.",
)
describe(
    EnergyIndex,
    "Stored hourly prices that the price of energy may follow.",
    ENERGY="The community's energy prices, tolls in them, as in the regulated price.",
    DAY_AHEAD="The day-ahead market, raised by the losses on the way to the meter.",
)
describe(
    SurplusIndex,
    "Stored hourly prices that the price of surplus may follow.",
    SURPLUS="The community's surplus prices.",
    DAY_AHEAD="The day-ahead market.",
)
describe(
    MeterKind,
    "Kind of a meter that is rented.",
    SINGLE_PHASE="Single-phase.",
    THREE_PHASE="Three-phase.",
)
describe(
    Vulnerability,
    "How the law protects the holder of a supply who draws the social bonus.",
    VULNERABLE="Vulnerable.",
    SEVERE="Severely vulnerable, or at risk of exclusion.",
)
describe(
    SupplyUse,
    "What a supply serves, as taxes tell it apart.",
    DWELLING="A dwelling.",
    OTHER="Anything else.",
)

_EXACT = "as exact decimal text"
_DISCOUNT = "Discount on this term, 0 to 1, as exact decimal text."


@strawberry.input(description="What contracted power costs; exactly one of eurPerKw and follows.")
class PowerPriceInput:
    """A price of power."""

    eur_per_kw: list[str] | None = strawberry.field(
        default=None, description=f"Price [EUR/kW], one or one a power period, {_EXACT}."
    )
    follows: PowerIndex | None = strawberry.field(default=None, description="What it follows.")
    per: Per | None = strawberry.field(default=None, description="What it is for; a year.")
    includes_tolls: bool | None = strawberry.field(
        default=None, description="Whether tolls and charges are in it; they are by default."
    )
    discount_share: str | None = strawberry.field(default=None, description=_DISCOUNT)


@strawberry.input(
    description="What energy from the grid costs; exactly one of eurPerKwh and follows."
)
class EnergyPriceInput:
    """A price of energy."""

    eur_per_kwh: list[str] | None = strawberry.field(
        default=None, description=f"Price [EUR/kWh], one or one a tariff period, {_EXACT}."
    )
    follows: EnergyIndex | None = strawberry.field(default=None, description="What it follows.")
    margin_eur_per_kwh: list[str] | None = strawberry.field(
        default=None, description=f"Margin on what it follows [EUR/kWh], {_EXACT}."
    )
    includes_tolls: bool | None = strawberry.field(
        default=None,
        description="Whether tolls and charges are in it; by default in all but the market's.",
    )
    discount_share: str | None = strawberry.field(default=None, description=_DISCOUNT)


@strawberry.input(description="What surplus earns; exactly one of eurPerKwh and follows.")
class SurplusPriceInput:
    """A price of surplus."""

    eur_per_kwh: str | None = strawberry.field(
        default=None, description=f"Price [EUR/kWh], {_EXACT}."
    )
    follows: SurplusIndex | None = strawberry.field(default=None, description="What it follows.")
    margin_eur_per_kwh: str | None = strawberry.field(
        default=None, description=f"Margin on what it follows [EUR/kWh], {_EXACT}."
    )
    may_cost: bool | None = strawberry.field(
        default=None,
        description="Whether surplus that is worth less than nothing is charged; it is by default.",
    )
    cap_base: CapBase | None = strawberry.field(
        default=None, description="What limits the compensation; the energy term by default."
    )


@strawberry.input(description="What the meter costs; exactly one of kind and eur.")
class MeterPriceInput:
    """The rent of the law, or an amount."""

    kind: MeterKind | None = strawberry.field(
        default=None, description="Rented at the price of the law."
    )
    eur: str | None = strawberry.field(
        default=None, description=f"Amount [EUR], {_EXACT}; 0 for a meter of one's own."
    )
    per: Per | None = strawberry.field(default=None, description="What it is for; a month.")


@strawberry.input(description="An amount for time that passes.")
class FeeInput:
    """A fee or a discount."""

    eur: str = strawberry.field(description=f"Amount [EUR], {_EXACT}.")
    per: Per | None = strawberry.field(default=None, description="What it is for; a month.")


@strawberry.input(description="The social bonus of a vulnerable holder.")
class SocialBonusInput:
    """Its discount and its limit."""

    vulnerability: Vulnerability = strawberry.field(description="Which discount.")
    kwh_per_year: str | None = strawberry.field(
        default=None, description="Energy that it covers at most [kWh], as text; all by default."
    )


@strawberry.input(description="What a retailer and a member agreed on.")
class RetailContractInput:
    """A contract."""

    name: str = strawberry.field(description="How to call it, 1 to 100 characters.")
    power: PowerPriceInput = strawberry.field(description="What power costs.")
    energy: EnergyPriceInput = strawberry.field(description="What energy costs.")
    surplus: SurplusPriceInput | None = strawberry.field(
        default=None, description="What surplus earns; nothing by default."
    )
    meter: MeterPriceInput | None = strawberry.field(
        default=None, description="What the meter costs; a rented single-phase one by default."
    )
    services: FeeInput | None = strawberry.field(default=None, description="Further services.")
    fixed_discount: FeeInput | None = strawberry.field(default=None, description="Taken off.")
    social_bonus: SocialBonusInput | None = strawberry.field(
        default=None, description="Of a vulnerable holder."
    )
    use: SupplyUse | None = strawberry.field(
        default=None,
        description="What the supply serves; by default 2.0TD a dwelling, others not.",
    )


@strawberry.input(description="A contract, and of which supply points it is.")
class MemberContractInput:
    """The first that names a code goes first, then one of a tariff, then one of neither."""

    contract: RetailContractInput = strawberry.field(description="What was agreed on.")
    cups: list[Cups] | None = strawberry.field(
        default=None, description="Codes of its supply points."
    )
    tariffs: list[Tariff] | None = strawberry.field(
        default=None, description="Access tariffs whose supply points have it."
    )


def read_contracts(contracts: Sequence[MemberContractInput]) -> ContractsDocument:
    """Check contracts of several supply points as a document."""
    listed = [
        {
            **_to_values(each.contract),
            "cups": None if each.cups is None else [str(code) for code in each.cups],
            "tariffs": None if each.tariffs is None else [tariff.value for tariff in each.tariffs],
        }
        for each in contracts
    ]
    return parse_contracts({"contract": listed})


def read_contract(contract: RetailContractInput | None) -> ContractsDocument:
    """Check a contract as a document; none for the default one."""
    if contract is None:
        return ContractsDocument()
    return parse_contracts({"contract": [_to_values(contract)]})


def _to_values(part: Any) -> dict[str, Any]:
    """Give a part in the names of a contracts document, without what was left out."""
    given = {each.name: getattr(part, each.name) for each in fields(part)}
    return {name: _to_value(value) for name, value in given.items() if value is not None}


def _to_value(value: Any) -> Any:
    is_part = hasattr(value, "__dataclass_fields__")
    if isinstance(value, Enum):
        return value.value
    return _to_values(value) if is_part else value
