"""A retail contract on a day: what it says, and the figures of law that it refers to."""

from datetime import date
from decimal import Decimal

from api.services.bills.contract_document import (
    BonusWish,
    ContractWish,
    EnergyIndex,
    EnergyWish,
    FeeWish,
    MeterWish,
    PowerWish,
    SurplusWish,
)
from api.services.bills.law_terms import SupplyFacts
from api.services.bills.used_figures import FigureBook
from models.regulation.loss_coefficients import loss_coefficients_on
from models.regulation.meter_rental import MeterKind, meter_rental_on
from models.regulation.regulated_price import regulated_margin_on, regulated_power_limit_on
from models.regulation.social_bonus import bonus_discount_on
from models.regulation.tariff_periods import count_periods
from models.values.errors import InvalidArgumentError
from models.values.tariff import Tariff
from planner.billing.retail.contract import (
    POWER_PERIODS,
    ConstantPrice,
    Contract,
    EnergyPrice,
    Fee,
    IndexedPrice,
    Per,
)

AT_THE_METER = "day-ahead at the meter"
"""Name of the market's prices raised by losses."""

_NOTHING = Decimal(0)
_CEDED = SurplusWish(eur_per_kwh=_NOTHING)


class UnfitContractError(InvalidArgumentError):
    """A contract has other tariff periods than the supply point, or is not for its power.

    Attributes
    ----------
    name : str
        The contract.
    reason : str
        What is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"contract {name!r} {reason}")
        self.name = name
        self.reason = reason


def state_contract(
    book: FigureBook, *, law_day: date, wish: ContractWish, facts: SupplyFacts
) -> Contract:
    """State what a contract says of a supply on a day.

    Parameters
    ----------
    book : FigureBook
        Where every figure of law is noted.
    law_day : date
        Local day whose law is taken.
    wish : ContractWish
        The contract.
    facts : SupplyFacts
        The supply.

    Returns
    -------
    Contract
        As the simulator takes it.

    Raises
    ------
    UnfitContractError
        If figures by period are not those of the tariff, or the supply has more power than the
        regulated price is for.
    UnknownFigureError
        If a table does not reach to the day.
    """
    check_contract_periods(wish, facts.tariff)
    if wish.power.follows is not None:
        _check_limit(book, law_day, wish, facts)
    bonus, surplus = wish.social_bonus, wish.surplus or _CEDED
    return Contract(
        power_eur_per_kw=_state_power(book, law_day, wish.power, facts.tariff),
        power_per=wish.power.per,
        power_has_tolls=wish.power.follows is None and wish.power.includes_tolls,
        power_discount_share=wish.power.discount_share,
        energy=_state_energy(book, law_day, wish.energy, facts.tariff),
        energy_has_tolls=wish.energy.has_tolls,
        energy_discount_share=wish.energy.discount_share,
        surplus=_state_surplus(surplus),
        surplus_may_cost=surplus.may_cost,
        cap_base=surplus.cap_base,
        fixed_discount=_state_fee(wish.fixed_discount),
        meter_rental=_state_meter(book, law_day, wish.meter),
        services=_state_fee(wish.services),
        social_bonus_share=_take_bonus(book, law_day, bonus) if bonus else _NOTHING,
        social_bonus_kwh_per_year=bonus.kwh_per_year if bonus else None,
    )


def check_contract_periods(wish: ContractWish, tariff: Tariff) -> None:
    """Check that a contract has figures for the periods of a tariff.

    Parameters
    ----------
    wish : ContractWish
        The contract.
    tariff : Tariff
        Access tariff of the supply.

    Raises
    ------
    UnfitContractError
        If figures by period are not those of the tariff.
    """
    n_energy = count_periods(tariff)
    figures = (
        ("energy", wish.energy.eur_per_kwh or wish.energy.margin_eur_per_kwh, n_energy),
        ("power", wish.power.eur_per_kw, POWER_PERIODS[n_energy]),
    )
    for name, given, wanted in figures:
        if given is not None and len(given) not in (1, wanted):
            reason = f"has {len(given)} figures of {name}; {tariff} has {wanted} periods"
            raise UnfitContractError(wish.name, reason)


def _check_limit(book: FigureBook, day: date, wish: ContractWish, facts: SupplyFacts) -> None:
    limit = book.take("power limit of the regulated price", regulated_power_limit_on(day)).value
    if facts.contracted_kw > limit:
        reason = f"is the regulated price, for at most {limit} kW, not {facts.contracted_kw} kW"
        raise UnfitContractError(wish.name, reason)


def _state_power(
    book: FigureBook, day: date, wish: PowerWish, tariff: Tariff
) -> tuple[Decimal, ...]:
    """Give the price of power; the margin of the regulated price is on P1 alone."""
    if wish.eur_per_kw is not None:
        return wish.eur_per_kw
    margin = book.take("margin of the regulated price", regulated_margin_on(day)).value
    return (margin, *[_NOTHING] * (POWER_PERIODS[count_periods(tariff)] - 1))


def _state_energy(book: FigureBook, day: date, wish: EnergyWish, tariff: Tariff) -> EnergyPrice:
    if wish.follows is None:
        return ConstantPrice(wish.eur_per_kwh or ())
    curve: str = wish.follows
    if wish.follows is EnergyIndex.DAY_AHEAD:
        book.take("losses on the way to the meter", loss_coefficients_on(day, tariff))
        curve = AT_THE_METER
    return IndexedPrice(curve, wish.margin_eur_per_kwh or (_NOTHING,))


def _state_surplus(wish: SurplusWish) -> EnergyPrice:
    if wish.follows is None:
        return ConstantPrice((wish.eur_per_kwh or _NOTHING,))
    return IndexedPrice(wish.follows, (wish.margin_eur_per_kwh or _NOTHING,))


def _state_fee(wish: FeeWish | None) -> Fee:
    return Fee(_NOTHING) if wish is None else Fee(wish.eur, wish.per)


def _state_meter(book: FigureBook, day: date, wish: MeterWish) -> Fee:
    if wish.eur is not None:
        return Fee(wish.eur, wish.per)
    kind = wish.kind or MeterKind.SINGLE_PHASE
    return Fee(book.take("rent of the meter", meter_rental_on(day, kind)).value, Per.MONTH)


def _take_bonus(book: FigureBook, day: date, wish: BonusWish) -> Decimal:
    figure = bonus_discount_on(day, wish.vulnerability)
    return book.take("discount of the social bonus", figure).value
