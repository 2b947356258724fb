"""The lines of a simulated and of a typed bill in one form, so that they can be held together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from api.services.checks.bill_document import SHAPES, LineShape, RetailBillDocument, TypedLine
from models.regulation.power_year import days_of_power_year_on
from models.values.money import to_cents
from planner.billing.checks.bill_terms import CENTS, TERM_OF_KIND, StatedLine, Term
from planner.billing.checks.term_steps import round_cents
from planner.billing.retail.bill_lines import BillLine, LineKind
from planner.billing.retail.contract import Per

_LARGEST_STEP = Fraction(1, 1000)
"""Prices typed with fewer decimals are taken for exact to this [EUR, 1 %]."""
_MONTHS = 12
_GIVEN = (
    LineKind.SURPLUS,
    LineKind.INDEXED_SURPLUS,
    LineKind.FIXED_DISCOUNT,
    LineKind.POWER_DISCOUNT,
    LineKind.ENERGY_DISCOUNT,
    LineKind.SOCIAL_BONUS_DISCOUNT,
)
"""Kinds whose prices have the sign of their amounts, however they are typed."""


def state_ours(line: BillLine) -> StatedLine:
    """State a line that was simulated.

    Parameters
    ----------
    line : BillLine
        Of our bill.

    Returns
    -------
    StatedLine
        Its exact figures.
    """
    shape = SHAPES[line.kind]
    price = None if line.unit_price is None else Fraction(line.unit_price)
    if price is not None and line.price_per is not None and line.year_days is not None:
        price *= _per_day(line.price_per, line.year_days)
    days = None
    if shape is LineShape.POWER and line.days.end is not None:
        days = (line.days.end - line.days.start).days
    elif shape is LineShape.FEE:
        days = int(line.quantity)
    return StatedLine(
        kind=line.kind,
        cents=to_cents(line.amount_eur),
        tariff_period=line.tariff_period,
        quantity=None if shape is LineShape.FEE else Fraction(line.quantity),
        days=days,
        price=price,
    )


def state_theirs(bill: RetailBillDocument, lines: Sequence[TypedLine]) -> list[StatedLine]:
    """State lines that were typed.

    Parameters
    ----------
    bill : RetailBillDocument
        The bill.
    lines : sequence of TypedLine
        Those to state.

    Returns
    -------
    list of StatedLine
        As they are printed. Surplus of which less was paid than quantity times price, with no
        line that says why, was limited: the rest becomes that line.
    """
    stated = [_state(bill, line) for line in lines]
    if any(line.kind is LineKind.COMPENSATION_LIMIT for line in stated):
        return stated
    return [each for line in stated for each in _split_limit(line)]


def _state(bill: RetailBillDocument, line: TypedLine) -> StatedLine:
    shape = SHAPES[line.kind]
    cents = to_cents(line.amount_eur)
    quantity, price, step = line.quantity, line.price, _step(line.price)
    days = None
    factor = Fraction(1)
    if shape in (LineShape.POWER, LineShape.FEE):
        days = (bill.end - bill.start).days if line.days is None else line.days
        factor = _per_day(line.per, _year_days(line.start or bill.start))
    elif shape is LineShape.SHARE:
        quantity, price, step = line.base_eur, line.percent, _step(line.percent)
        factor = Fraction(1, CENTS)
    exact = None if price is None else Fraction(price) * factor
    if exact is not None and line.kind in _GIVEN and exact * cents < 0:
        exact = -exact
    return StatedLine(
        kind=line.kind,
        cents=cents,
        tariff_period=line.period,
        quantity=None if quantity is None else Fraction(quantity),
        days=days,
        price=exact,
        price_step=step * factor,
    )


def _split_limit(line: StatedLine) -> list[StatedLine]:
    if TERM_OF_KIND[line.kind] is not Term.SURPLUS:
        return [line]
    worth = round_cents(line.exact_eur)
    taken_back = line.cents - worth
    if taken_back <= 1 + line.slack_eur * CENTS:
        return [line]
    limit = StatedLine(LineKind.COMPENSATION_LIMIT, taken_back)
    return [replace(line, cents=worth), limit]


def _per_day(per: Per, year_days: int) -> Fraction:
    """Tell by what a price for some time is multiplied to be one for a day."""
    if per is Per.DAY:
        return Fraction(1)
    return Fraction(_MONTHS if per is Per.MONTH else 1, year_days)


def _year_days(day: date) -> int:
    return int(days_of_power_year_on(day, frozenset()).value)


def _step(typed: Decimal | None) -> Fraction:
    """Tell what the last typed decimal is worth."""
    if typed is None:
        return Fraction(0)
    exponent = typed.as_tuple().exponent
    assert isinstance(exponent, int), "only finite numbers are typed"
    return min(Fraction(10) ** exponent, _LARGEST_STEP)
