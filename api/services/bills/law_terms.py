"""What the law says of a supply on a day: the tables' figures as the simulator takes them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from api.services.bills.used_figures import FigureBook
from models.regulation.access_charges import AccessTerm, access_prices_on
from models.regulation.assumptions import Assumptions
from models.regulation.consumption_taxes import Taxed, consumption_tax_of, consumption_tax_on
from models.regulation.electricity_tax import (
    electricity_tax_on,
    least_electricity_tax_on,
    taxed_use_of,
)
from models.regulation.excess_power import ExcessRule, excess_prices_on, excess_rule_on
from models.regulation.power_year import days_of_power_year_on
from models.regulation.social_bonus import bonus_financing_on
from models.regulation.supply_scopes import Supply, SupplyUse
from models.values.calendar import Zone
from models.values.tariff import Tariff
from planner.billing.retail.contract import Fee, PowerControl, RegulatedTerms

_NOTHING = (Decimal(0),)


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """What law and contract ask about a supply.

    Attributes
    ----------
    tariff : Tariff
        Access tariff.
    zone : Zone
        Tariff zone.
    contracted_kw : Decimal
        The greatest of its contracted powers [kW].
    use : SupplyUse
        What it serves.
    severely_vulnerable : bool
        Whether its holder draws the social bonus as such.
    has_quarter_hours : bool
        Whether its demand is known by the quarter of an hour, as billing its excess needs.
    has_services : bool
        Whether the bill charges services, which have their own tax.
    """

    tariff: Tariff
    zone: Zone
    contracted_kw: Decimal
    use: SupplyUse
    severely_vulnerable: bool = False
    has_quarter_hours: bool = False
    has_services: bool = False

    @property
    def scope(self) -> Supply:
        """The supply as taxes see it."""
        return Supply(self.contracted_kw, self.use, self.severely_vulnerable)


def state_law(
    book: FigureBook, *, day: date, law_day: date, facts: SupplyFacts, assumed: Assumptions
) -> RegulatedTerms:
    """State what the law says of a supply on a day.

    Parameters
    ----------
    book : FigureBook
        Where every figure is noted.
    day : date
        Local day that is billed; the days of its year count.
    law_day : date
        Local day whose law is taken.
    facts : SupplyFacts
        The supply.
    assumed : frozenset of Assumption
        What is assumed where the law is open.

    Returns
    -------
    RegulatedTerms
        As the simulator takes them.

    Raises
    ------
    UnknownFigureError
        If a table does not reach to the day.
    NoExcessPriceError
        If a supply of 2.0TD has more than 50 kW.

    Notes
    -----
    Every rule stands in docs/billing-rules.md.
    """
    access = {term: _take_access(book, law_day, facts.tariff, term) for term in AccessTerm}
    rates = _take_sales_taxes(book, law_day, facts, assumed)
    use = taxed_use_of(facts.tariff)
    control, excess = _state_excess(book, law_day, facts)
    return RegulatedTerms(
        energy_tolls_eur_per_kwh=access[AccessTerm.ENERGY],
        power_tolls_eur_per_kw_year=access[AccessTerm.POWER],
        year_days=_take_year_days(book, day, assumed),
        electricity_tax_share=book.take(
            "electricity tax", electricity_tax_on(law_day, assumed)
        ).value,
        electricity_tax_least_eur_per_mwh=book.take(
            "least electricity tax", least_electricity_tax_on(law_day, use)
        ).value,
        sales_tax=consumption_tax_of(facts.zone),
        sales_tax_share=rates[Taxed.ELECTRICITY],
        meter_tax_share=_tell_apart(rates, Taxed.METER),
        services_tax_share=_tell_apart(rates, Taxed.SERVICES),
        social_bonus_financing=Fee(
            book.take("financing of the social bonus", bonus_financing_on(law_day, assumed)).value
        ),
        power_control=control,
        excess_eur_per_kw=excess,
    )


def _take_access(
    book: FigureBook, day: date, tariff: Tariff, term: AccessTerm
) -> tuple[Decimal, ...]:
    """Take tolls and charges, and give both together."""
    prices = access_prices_on(day, tariff, term)
    book.take(f"tolls of {term}", prices.tolls)
    book.take(f"charges of {term}", prices.charges)
    return prices.totals


def _take_sales_taxes(
    book: FigureBook, day: date, facts: SupplyFacts, assumed: Assumptions
) -> dict[Taxed, Decimal]:
    """Take the rates of what is on the bill; the meter's only where it is a rate of its own."""
    name = consumption_tax_of(facts.zone).name
    figures = {
        taxed: consumption_tax_on(day, facts.zone, facts.scope, taxed, assumed)
        for taxed in Taxed
        if taxed is not Taxed.SERVICES or facts.has_services
    }
    apart = {
        taxed: figure
        for taxed, figure in figures.items()
        if taxed is Taxed.ELECTRICITY or figure != figures[Taxed.ELECTRICITY]
    }
    return {taxed: book.take(f"{name} on {taxed}", figure).value for taxed, figure in apart.items()}


def _take_year_days(book: FigureBook, day: date, assumed: Assumptions) -> int:
    """Take the days of the billed year; its end is the calendar's, not the law's."""
    end = book.end
    days = int(book.take("days of the year", days_of_power_year_on(day, assumed)).value)
    book.end = end
    return days


def _tell_apart(rates: dict[Taxed, Decimal], taxed: Taxed) -> Decimal | None:
    """Give a rate of its own; None where it is that of the electricity, or nothing is taxed."""
    rate = rates.get(taxed, rates[Taxed.ELECTRICITY])
    return None if rate == rates[Taxed.ELECTRICITY] else rate


def _state_excess(
    book: FigureBook, day: date, facts: SupplyFacts
) -> tuple[PowerControl, tuple[Decimal, ...]]:
    """Tell how excess power is billed; not at all where the demand is not known."""
    rule = excess_rule_on(day, facts.contracted_kw)
    if rule is ExcessRule.SWITCH or not facts.has_quarter_hours:
        return PowerControl.SWITCH, _NOTHING
    prices = excess_prices_on(day, facts.tariff, rule)
    return PowerControl(rule.value), book.take("price of excess power", prices).values
