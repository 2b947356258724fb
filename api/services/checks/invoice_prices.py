"""Whether a distributor's prices are those of the law."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from api.services.checks.invoice_check import InvoiceCause, InvoiceDifference
from api.services.checks.invoice_sums import count_days, is_priced_by_day
from loaders.distributor_invoice.records import DistributorInvoice, InvoicedRow
from models.regulation.access_charges import AccessPrices, AccessTerm, access_prices_on
from models.regulation.assumptions import NOTHING
from models.regulation.power_year import days_of_power_year_on
from models.values.money import round_to_cents
from models.values.tariff import Tariff

TARIFF_CODES = {
    "018": Tariff.LOW_VOLTAGE_UP_TO_15_KW,
    "019": Tariff.LOW_VOLTAGE_ABOVE_15_KW,
    "020": Tariff.HIGH_VOLTAGE_1_TO_30_KV,
}
"""Tariffs by the market's codes [V gestionatr; 020 R]."""

_W_PER_KW = 1000


def find_wrong_prices(invoice: DistributorInvoice) -> Iterator[InvoiceDifference]:
    """Find prices of power and energy that are not those of the law.

    Parameters
    ----------
    invoice : DistributorInvoice
        Any.

    Yields
    ------
    InvoiceDifference
        As prices a kW and year and a kWh; what the printed decimals leave open is not told. Where
        the invoice has charges apart, its prices are tolls, else both together.

    Raises
    ------
    UnknownFigureError
        If the tables do not have its tariff or its days.
    """
    tariff = TARIFF_CODES.get(invoice.tariff_code)
    if tariff is None:
        return
    by_day = is_priced_by_day(invoice)
    for row in invoice.power.rows if invoice.power else ():
        yield from _compare_power(invoice, row, tariff, by_day=by_day)
    for row in invoice.energy.rows if invoice.energy else ():
        law = _state_law(invoice, row, tariff, AccessTerm.ENERGY)
        if law is not None and _is_other(row.price, law, _step(row.price)):
            eur = round_to_cents(row.quantity * (row.price - law))
            yield _tell(InvoiceCause.ENERGY_PRICE, row, law, row.price, "EUR/kWh", eur)


def _compare_power(
    invoice: DistributorInvoice, row: InvoicedRow, tariff: Tariff, *, by_day: bool
) -> Iterator[InvoiceDifference]:
    law = _state_law(invoice, row, tariff, AccessTerm.POWER)
    days = count_days(invoice, row)
    if law is None or not days:
        return
    first = (row.start or invoice.start) + timedelta(days=1)
    year = days_of_power_year_on(first, NOTHING).value
    times = _W_PER_KW * year / (1 if by_day else days)
    price = row.price * times
    if _is_other(price, law, _step(row.price) * times):
        eur = round_to_cents(row.quantity / _W_PER_KW * (price - law) * days / year)
        yield _tell(InvoiceCause.POWER_PRICE, row, law, price, "EUR/kW/year", eur)


def _state_law(
    invoice: DistributorInvoice, row: InvoicedRow, tariff: Tariff, term: AccessTerm
) -> Decimal | None:
    """Tell the law's price; none where it changes within the row, or for a foreign period."""
    first = (row.start or invoice.start) + timedelta(days=1)
    prices = [_take(invoice, day, tariff, term) for day in (first, row.end or invoice.end)]
    place = row.tariff_period - 1
    if prices[0] != prices[1] or place >= len(prices[0]):
        return None
    return prices[0][place]


def _take(
    invoice: DistributorInvoice, day: date, tariff: Tariff, term: AccessTerm
) -> tuple[Decimal, ...]:
    prices: AccessPrices = access_prices_on(day, tariff, term)
    return prices.totals if invoice.charges is None else prices.tolls.values


def _step(price: Decimal) -> Decimal:
    """Tell what the last printed decimal of a price is worth."""
    exponent = price.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


def _is_other(theirs: Decimal, ours: Decimal, step: Decimal) -> bool:
    return abs(theirs - ours) > step


def _tell(
    cause: InvoiceCause, row: InvoicedRow, ours: Decimal, theirs: Decimal, unit: str, eur: Decimal
) -> InvoiceDifference:
    return InvoiceDifference(cause, row.tariff_period, f"{ours:f}", f"{theirs:.6f}", unit, eur)
