"""What a payment plan charges a member: energy, participation, fees and parts of savings."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.values.errors import InvalidArgumentError
from models.values.invoicing import BillingBasis
from models.values.money import CENT, round_to_cents
from models.values.period import Period, add_months

_WH_PER_KWH = 1000
_QUANTITY = Decimal("0.000001")


class SpanOutsideMonthError(InvalidArgumentError):
    """A span of days is open, or reaches over the end of its month.

    Attributes
    ----------
    period : Period
        The span.
    """

    def __init__(self, period: Period) -> None:
        super().__init__(f"the days {period.start} to {period.end} are not of one month")
        self.period = period


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one month in which nothing that a plan charges for changed.

    Attributes
    ----------
    period : Period
        The days, all of one month.
    self_consumed_wh, surplus_wh : int
        What the member used of its share, and what it left [Wh].
    participation_kw : Decimal
        Its part of the plant's power [kW].
    savings_eur : Decimal
        What it saved on its retailer's bill; below zero when it lost [EUR].

    Raises
    ------
    SpanOutsideMonthError
        If the days are not of one month.
    """

    period: Period
    self_consumed_wh: int = 0
    surplus_wh: int = 0
    participation_kw: Decimal = Decimal(0)
    savings_eur: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        end = self.period.end
        if end is None or end > add_months(self.period.start.replace(day=1), 1):
            raise SpanOutsideMonthError(self.period)

    @property
    def month_share(self) -> Fraction:
        """Its days as a part of the month's."""
        start, end = self.period.start, self.period.end
        assert end is not None, "a span is closed"
        return Fraction((end - start).days, monthrange(start.year, start.month)[1])


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of an invoice before tax.

    Attributes
    ----------
    quantity : Decimal
        How much, at most six decimals.
    unit : str
        Of what.
    price : Decimal
        Of one unit [EUR].
    net_eur : Decimal
        Quantity times price, so that what is printed multiplies; rounded once [EUR].
    """

    quantity: Decimal
    unit: str
    price: Decimal
    net_eur: Decimal


_UNITS = {
    BillingBasis.SELF_CONSUMED: "kWh",
    BillingBasis.SURPLUS: "kWh",
    BillingBasis.PARTICIPATION: "kW·month",
    BillingBasis.FIXED: "month",
    BillingBasis.SHARE_OF_SAVINGS: "EUR",
}


def charge_spans(basis: BillingBasis, price: Decimal, spans: Sequence[Span]) -> Charge:
    """Charge a price of a plan for the days on which it holds.

    Parameters
    ----------
    basis : BillingBasis
        What is charged for; an entry fee has no days, see ``charge_instalment``.
    price : Decimal
        Price of a unit of it [EUR].
    spans : sequence of Span
        The member's days under this price.

    Returns
    -------
    Charge
        A line; months are parts by days, and a loss takes nothing from a share of savings.

    Examples
    --------
    >>> from datetime import date
    >>> june = Span(Period(date(2026, 6, 1), date(2026, 6, 16)), self_consumed_wh=12_345)
    >>> charge_spans(BillingBasis.SELF_CONSUMED, Decimal("0.08"), [june])
    Charge(quantity=Decimal('12.345'), unit='kWh', price=Decimal('0.08'), net_eur=Decimal('0.99'))
    >>> charge_spans(BillingBasis.FIXED, Decimal("3"), [june]).net_eur
    Decimal('1.50')
    """
    exact = max(sum((_measure(basis, span) for span in spans), Fraction(0)), Fraction(0))
    quantity = _to_decimal(exact)
    return Charge(quantity, _UNITS[basis], price, round_to_cents(quantity * price))


def charge_instalment(fee: Decimal, instalments: int, number: int) -> Charge:
    """Charge one of the equal parts of an entry fee.

    Parameters
    ----------
    fee : Decimal
        The whole fee [EUR].
    instalments : int
        In how many parts it is paid.
    number : int
        Which part, from 1.

    Returns
    -------
    Charge
        A line; the parts sum to the fee, and the first ones have the cents that do not divide.

    Examples
    --------
    >>> [str(charge_instalment(Decimal("100"), 3, number).net_eur) for number in (1, 2, 3)]
    ['33.34', '33.33', '33.33']
    """
    cents, rest = divmod(int(round_to_cents(fee) / CENT), instalments)
    part = (cents + (number <= rest)) * CENT
    return Charge(Decimal(1), "instalment", part, part)


def _measure(basis: BillingBasis, span: Span) -> Fraction:
    """Tell how much of what is charged for lies in a span."""
    match basis:
        case BillingBasis.SELF_CONSUMED:
            return Fraction(span.self_consumed_wh, _WH_PER_KWH)
        case BillingBasis.SURPLUS:
            return Fraction(span.surplus_wh, _WH_PER_KWH)
        case BillingBasis.PARTICIPATION:
            return Fraction(span.participation_kw) * span.month_share
        case BillingBasis.FIXED:
            return span.month_share
        case BillingBasis.SHARE_OF_SAVINGS:
            return Fraction(span.savings_eur)
    raise InvalidArgumentError("an entry fee is charged by instalment, not by days")


def _to_decimal(exact: Fraction) -> Decimal:
    """Show a quantity with as many decimals as it needs, six at most."""
    shown = (Decimal(exact.numerator) / exact.denominator).quantize(_QUANTITY).normalize()
    return shown + Decimal(0)
