"""How one term of a bill goes from our amount to theirs, cause by cause."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from planner.billing.checks.bill_terms import CENTS, Term, TermFigures

_HALF = Fraction(1, 2)


class BillCause(StrEnum):
    """Why a retailer's bill differs from ours, in the order in which causes are told."""

    LINE_SUM = "line-sum"
    """Their lines do not sum to their total: somebody typed one of them wrong."""
    DAYS = "days"
    POWER = "power"
    POWER_PRICE = "power-price"
    ENERGY = "energy"
    ENERGY_PRICE = "energy-price"
    SURPLUS = "surplus"
    SURPLUS_PRICE = "surplus-price"
    COMPENSATION_LIMIT = "compensation-limit"
    EXCESS_POWER = "excess-power"
    REACTIVE_ENERGY = "reactive-energy"
    DISCOUNT = "discount"
    SOCIAL_BONUS = "social-bonus"
    METER_RENTAL = "meter-rental"
    SERVICES = "services"
    ELECTRICITY_TAX_RATE = "electricity-tax-rate"
    SALES_TAX_RATE = "sales-tax-rate"
    TAX_BASE = "tax-base"
    ROUNDING = "rounding"
    UNEXPLAINED = "unexplained"


class _TermCauses(NamedTuple):
    """What a difference of quantity and of price is called; that of days is called days."""

    quantity: BillCause
    price: BillCause


def _one(cause: BillCause) -> _TermCauses:
    return _TermCauses(cause, cause)


CAUSES: Mapping[Term, _TermCauses] = MappingProxyType(
    {
        Term.POWER: _TermCauses(BillCause.POWER, BillCause.POWER_PRICE),
        Term.ENERGY: _TermCauses(BillCause.ENERGY, BillCause.ENERGY_PRICE),
        Term.SURPLUS: _TermCauses(BillCause.SURPLUS, BillCause.SURPLUS_PRICE),
        Term.COMPENSATION_LIMIT: _one(BillCause.COMPENSATION_LIMIT),
        Term.EXCESS_POWER: _one(BillCause.EXCESS_POWER),
        Term.REACTIVE_ENERGY: _one(BillCause.REACTIVE_ENERGY),
        Term.POWER_DISCOUNT: _one(BillCause.DISCOUNT),
        Term.ENERGY_DISCOUNT: _one(BillCause.DISCOUNT),
        Term.FIXED_DISCOUNT: _one(BillCause.DISCOUNT),
        Term.SOCIAL_BONUS_DISCOUNT: _one(BillCause.SOCIAL_BONUS),
        Term.SOCIAL_BONUS_FINANCING: _one(BillCause.SOCIAL_BONUS),
        Term.METER_RENTAL: _one(BillCause.METER_RENTAL),
        Term.SERVICES: _one(BillCause.SERVICES),
    }
)
"""Causes of every term but taxes."""


class TermStep(NamedTuple):
    """What a term amounts to once a cause is counted."""

    cause: BillCause
    cents: int


def walk_term(
    term: Term, ours: TermFigures | None, theirs: TermFigures | None
) -> tuple[TermStep, ...]:
    """Go from our amount of a term to theirs: days, then quantity, then price, then the rest.

    Parameters
    ----------
    term : Term
        No tax.
    ours, theirs : TermFigures or None
        None where a bill does not have it; not both.

    Returns
    -------
    tuple of TermStep
        Only causes that change something; the last amount is theirs.

    Notes
    -----
    A printed price is what it may have been rounded from: it differs from ours only where the
    two are further apart than half its last decimal, or the amounts say so. What stays is
    rounding up to a cent a line, above that a line that does not multiply out.

    Examples
    --------
    >>> def figures(cents, kwh, eur):
    ...     return TermFigures(cents, Fraction(eur), Fraction(0), Fraction(kwh), None, 1)
    >>> walk_term(Term.ENERGY, figures(1000, 50, "10"), figures(1250, 50, "12.5"))
    (TermStep(cause=<BillCause.ENERGY_PRICE: 'energy-price'>, cents=1250),)
    """
    if ours == theirs:
        return ()
    causes = CAUSES[term]
    if ours is None or theirs is None:
        cause = causes.quantity
        return (TermStep(cause, 0 if theirs is None else theirs.cents),)
    steps: list[TermStep] = []
    exact, cents = ours.exact_eur, ours.cents
    for cause, ratio in (
        (BillCause.DAYS, _divide(theirs.days, ours.days)),
        (causes.quantity, _divide(theirs.quantity, ours.quantity)),
    ):
        if ratio is not None and ratio != 1:
            exact *= ratio
            cents = round_cents(exact)
            steps.append(TermStep(cause, cents))
    charged = _tell_charged(theirs)
    most = max(ours.n_lines, theirs.n_lines)
    is_same_price = abs(exact - theirs.exact_eur) <= theirs.slack_eur
    if not is_same_price or abs(charged - cents) > most:
        cents = charged
        steps.append(TermStep(causes.price, cents))
    if cents != theirs.cents:
        steps.append(TermStep(name_rest(theirs.cents - cents, most), theirs.cents))
    return tuple(steps)


def _divide(theirs: Fraction | None, ours: Fraction | None) -> Fraction | None:
    """Tell by what a factor differs; not at all where one is not known or nothing."""
    return theirs / ours if theirs and ours else None


def _tell_charged(theirs: TermFigures) -> int:
    """Tell what their figures amount to: the amount, as long as it can be their product."""
    product = round_cents(theirs.exact_eur)
    open_cents = theirs.slack_eur * CENTS
    return theirs.cents if abs(theirs.cents - product) <= open_cents else product


def name_rest(cents: int, most: int, else_: BillCause = BillCause.UNEXPLAINED) -> BillCause:
    """Name what no figure explains.

    Parameters
    ----------
    cents : int
        How much it is.
    most : int
        How many cents rounding can make.
    else_ : BillCause
        What it is called when it is more.

    Returns
    -------
    BillCause
        Rounding, or else what it is called.

    Examples
    --------
    >>> name_rest(-1, 1), name_rest(2, 1)
    (<BillCause.ROUNDING: 'rounding'>, <BillCause.UNEXPLAINED: 'unexplained'>)
    """
    return BillCause.ROUNDING if abs(cents) <= most else else_


def round_cents(eur: Fraction) -> int:
    """Round an exact amount to cents, halves away from zero.

    Parameters
    ----------
    eur : Fraction
        Amount [EUR].

    Returns
    -------
    int
        Cents.

    Examples
    --------
    >>> round_cents(Fraction("-1.845")), round_cents(Fraction("7.3322"))
    (-185, 733)
    """
    size = int(abs(eur) * CENTS + _HALF)
    return size if eur >= 0 else -size
