"""Retail contracts as a document: a TOML file of the command line, an input of the interface."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from loaders.typed_document import (
    UnreadableDocumentError,
    describe_faults,
    name_some,
    read_toml_file,
)
from models.regulation.meter_rental import MeterKind
from models.regulation.social_bonus import Vulnerability
from models.regulation.supply_scopes import SupplyUse
from models.values.cups import Cups
from models.values.errors import InvalidArgumentError, InvalidIdentifierError
from models.values.tariff import Tariff
from planner.billing.retail.contract import CapBase, Per

__all__ = [
    "BonusWish",
    "CapBase",
    "ContractDocumentError",
    "ContractWish",
    "ContractsDocument",
    "EnergyIndex",
    "EnergyWish",
    "FeeWish",
    "MeterWish",
    "Per",
    "PowerIndex",
    "PowerWish",
    "SurplusIndex",
    "SurplusWish",
    "parse_contracts",
    "read_contracts_file",
]

_COUNTS = (1, 2, 3, 6)
"""How many figures there may be: one for all, or one a period of power or energy."""

KwhPrice = Annotated[Decimal, Field(ge=-10, le=10, allow_inf_nan=False, decimal_places=9)]
KwPrice = Annotated[Decimal, Field(ge=0, le=10_000, allow_inf_nan=False, decimal_places=9)]
AsMany = BeforeValidator(
    lambda written: written if isinstance(written, list | tuple) else (written,)
)
"""One figure alone is that of all periods."""
KwhPrices = Annotated[tuple[KwhPrice, ...], AsMany, Field(min_length=1, max_length=6)]
KwPrices = Annotated[tuple[KwPrice, ...], AsMany, Field(min_length=1, max_length=6)]
Amount = Annotated[Decimal, Field(ge=0, le=100_000, allow_inf_nan=False, decimal_places=9)]
Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False, decimal_places=10)]
Energy = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False, decimal_places=3)]


class ContractDocumentError(InvalidArgumentError):
    """A contract document says what cannot be understood.

    Attributes
    ----------
    faults : tuple of str
        Where, and why, each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(f"contract: {name_some(faults, '; ')}")
        self.faults = tuple(faults)


class PowerIndex(StrEnum):
    """What the price of power may follow."""

    REGULATED = "regulated"
    """The margin of the regulated price, beside tolls and charges."""


class EnergyIndex(StrEnum):
    """Stored hourly prices that the price of energy may follow."""

    ENERGY = "energy"
    """The community's energy prices, tolls and charges in them, as in the regulated price."""
    DAY_AHEAD = "day-ahead"
    """The market, raised by the losses on the way to the meter."""


class SurplusIndex(StrEnum):
    """Stored hourly prices that the price of surplus may follow."""

    SURPLUS = "surplus"
    DAY_AHEAD = "day-ahead"


class _Wish(BaseModel):
    """A part as it is written; unknown keys are refused, so that a slip is not lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Priced(_Wish):
    """A price of energy or surplus: a constant one, or one that follows stored prices."""

    @model_validator(mode="after")
    def _check_price(self) -> Self:
        constant, index, margin = (
            getattr(self, name) is not None
            for name in ("eur_per_kwh", "follows", "margin_eur_per_kwh")
        )
        if constant == index:
            raise ValueError("give exactly one of eur_per_kwh and follows")
        if margin and not index:
            raise ValueError("margin_eur_per_kwh goes with follows")
        return self


class PowerWish(_Wish):
    """What contracted power costs."""

    eur_per_kw: KwPrices | None = None
    follows: PowerIndex | None = None
    per: Per = Per.YEAR
    includes_tolls: bool = True
    discount_share: Share = Decimal(0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.eur_per_kw is None) == (self.follows is None):
            raise ValueError("give exactly one of eur_per_kw and follows")
        if self.follows and {"per", "includes_tolls"} & self.model_fields_set:
            raise ValueError("the regulated price is for a year, beside tolls and charges")
        _check_count(self.eur_per_kw or ())
        return self


class EnergyWish(_Priced):
    """What energy from the grid costs."""

    eur_per_kwh: KwhPrices | None = None
    follows: EnergyIndex | None = None
    margin_eur_per_kwh: KwhPrices | None = None
    includes_tolls: bool | None = None
    discount_share: Share = Decimal(0)

    @property
    def has_tolls(self) -> bool:
        """Whether tolls and charges are in the price, as they are but in that of the market."""
        if self.includes_tolls is None:
            return self.follows is not EnergyIndex.DAY_AHEAD
        return self.includes_tolls

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_count(self.eur_per_kwh or self.margin_eur_per_kwh or ())
        return self


class SurplusWish(_Priced):
    """What surplus earns, and what bounds it."""

    eur_per_kwh: KwhPrice | None = None
    follows: SurplusIndex | None = None
    margin_eur_per_kwh: KwhPrice | None = None
    may_cost: bool = True
    cap_base: CapBase = CapBase.ENERGY_TERM


class MeterWish(_Wish):
    """What the meter costs: the rent of the law, or an amount."""

    kind: MeterKind | None = None
    eur: Amount | None = None
    per: Per = Per.MONTH

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.kind is None) == (self.eur is None):
            raise ValueError("give exactly one of kind and eur; eur = 0 for a meter of one's own")
        return self


class FeeWish(_Wish):
    """An amount for time that passes."""

    eur: Amount
    per: Per = Per.MONTH


class BonusWish(_Wish):
    """The social bonus of a vulnerable holder."""

    vulnerability: Vulnerability
    kwh_per_year: Energy | None = None


class ContractWish(_Wish):
    """What a retailer and a member agreed on.

    Without ``tariffs`` and ``cups`` it is for every supply point that no other contract of the
    document names.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    tariffs: Annotated[tuple[Tariff, ...], Field(min_length=1, max_length=3)] | None = None
    cups: Annotated[tuple[str, ...], Field(min_length=1, max_length=100_000)] | None = None
    power: PowerWish
    energy: EnergyWish
    surplus: SurplusWish | None = None
    meter: MeterWish = MeterWish(kind=MeterKind.SINGLE_PHASE)
    services: FeeWish | None = None
    fixed_discount: FeeWish | None = None
    social_bonus: BonusWish | None = None
    use: SupplyUse | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"name {self.name!r} is no name; use letters, digits and spaces")
        for code in self.cups or ():
            try:
                Cups(code)
            except InvalidIdentifierError as error:
                raise ValueError(f"cups: {error}") from error
        return self


class ContractsDocument(_Wish):
    """Contracts of some supply points; those of nobody have the default contract."""

    contract: Annotated[tuple[ContractWish, ...], Field(max_length=10_000)] = ()

    def find(self, cups: str, tariff: Tariff) -> ContractWish | None:
        """Find the contract of a supply point.

        Parameters
        ----------
        cups : str
            Its code.
        tariff : Tariff
            Its access tariff.

        Returns
        -------
        ContractWish or None
            The first that names its code, else the first that names its tariff, else the first
            that names neither.
        """
        named = (each for each in self.contract if cups in (each.cups or ()))
        rest = [each for each in self.contract if each.cups is None]
        of_tariff = (each for each in rest if tariff in (each.tariffs or ()))
        of_all = (each for each in rest if each.tariffs is None)
        return next((each for group in (named, of_tariff, of_all) for each in group), None)


def _check_count(figures: Sequence[Decimal]) -> None:
    if figures and len(figures) not in _COUNTS:
        raise ValueError(f"{len(figures)} figures; give one, or one for each tariff period")


def read_contracts_file(path: Path) -> ContractsDocument:
    """Read a contracts document from a TOML file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    ContractsDocument
        Checked in form.

    Raises
    ------
    ContractDocumentError
        If there is no such file, it is not TOML, or a contract cannot be understood: with every
        fault.
    """
    try:
        document = read_toml_file(path)
    except UnreadableDocumentError as error:
        raise ContractDocumentError([error.reason]) from error
    return parse_contracts(document)


def parse_contracts(document: dict[str, Any]) -> ContractsDocument:
    """Check a contracts document.

    Parameters
    ----------
    document : dict
        As TOML or JSON gave it.

    Returns
    -------
    ContractsDocument
        Checked in form; whether its figures fit a tariff is checked when it is used.

    Raises
    ------
    ContractDocumentError
        With every fault: which contract, which key, and why.
    """
    try:
        return ContractsDocument.model_validate(document)
    except ValidationError as error:
        raise ContractDocumentError(describe_faults(error)) from error
