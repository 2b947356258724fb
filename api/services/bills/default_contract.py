"""The contract that a supply point is taken to have while none is known."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from api.services.bills.contract_document import ContractWish
from api.services.bills.price_curves import PriceCurves
from models.regulation.regulated_price import regulated_power_limit_on
from models.tables import PriceKind
from models.values.tariff import Tariff


def choose_default_contract(
    tariff: Tariff, contracted_kw: Decimal, prices: PriceCurves, law_day: date
) -> ContractWish:
    """Choose the contract of a supply point of which none is known.

    Parameters
    ----------
    tariff : Tariff
        Access tariff.
    contracted_kw : Decimal
        The greatest of its contracted powers [kW].
    prices : PriceCurves
        What is stored of the billed days.
    law_day : date
        Day whose law tells who may have the regulated price.

    Returns
    -------
    ContractWish
        The regulated price where the supply point may have it and its hourly prices are stored,
        surplus at its stored price if there is one; else fixed prices, which are assumed.

    Raises
    ------
    UnknownFigureError
        If no limit of that day is known.
    """
    contracts = _read_contracts()
    is_small = contracted_kw <= regulated_power_limit_on(law_day).value
    if tariff is not Tariff.LOW_VOLTAGE_UP_TO_15_KW or not is_small:
        return contracts[tariff]
    if not prices.has(PriceKind.ENERGY):
        return contracts[tariff]
    regulated = contracts["regulated"]
    if prices.has(PriceKind.SURPLUS):
        return regulated
    return regulated.model_copy(update={"surplus": None})


@cache
def _read_contracts() -> dict[str, ContractWish]:
    text = files("api.services.bills").joinpath("default_contracts.toml").read_text("utf-8")
    return {name: ContractWish.model_validate(wish) for name, wish in tomllib.loads(text).items()}
