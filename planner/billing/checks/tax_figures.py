"""A tax on a bill: what it would be on another amount, and how theirs differs from ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from planner.billing.checks.bill_terms import CENTS, TERM_OF_KIND, StatedLine, Term
from planner.billing.checks.term_steps import round_cents
from planner.billing.retail.bill_lines import LineKind

_NOTHING = Fraction(0)
_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class TaxFigures:
    """A tax as one bill states it.

    Attributes
    ----------
    cents : int
        Amount [cents].
    rated_eur, least_eur : Fraction
        Exact tax by the rate, and where it is the least one by energy [EUR].
    base_eur : Fraction or None
        What the rate is applied to [EUR]; None where a line does not state it.
    rate_step : Fraction
        What the last printed decimal of the rate is worth.
    rate : Fraction or None
        Mean rate; None where none is stated, and nothing to tell it from.
    n_lines : int
        Lines, each rounded once.
    """

    cents: int
    rated_eur: Fraction
    least_eur: Fraction
    base_eur: Fraction | None
    rate: Fraction | None
    rate_step: Fraction
    n_lines: int

    def on(self, base_cents: int, first_cents: int, energy_ratio: Fraction) -> int:
        """Tell what it is on an amount that once was another, and on other energy [cents]."""
        if base_cents == first_cents and energy_ratio == 1:
            return self.cents
        rated = (self.rate or _NOTHING) * base_cents / CENTS
        if first_cents and self.rated_eur:
            rated = self.rated_eur * Fraction(base_cents, first_cents)
        return round_cents(rated) + round_cents(self.least_eur * energy_ratio)

    def on_rate(self, base_cents: int) -> int:
        """Tell what its rate makes of an amount; what it is where it has none [cents]."""
        if self.rate is None:
            return self.cents
        return round_cents(self.rate * base_cents / CENTS + self.least_eur)

    def has_rate_of(self, theirs: "TaxFigures") -> bool:
        """Tell whether both have one rate, as exactly as theirs is printed."""
        if not self.n_lines or not theirs.n_lines:
            return self.cents == theirs.cents
        if self.rate is None or theirs.rate is None:
            return self.rate is theirs.rate
        return abs(self.rate - theirs.rate) <= theirs.rate_step * _HALF

    @property
    def stated_cents(self) -> int:
        """What its own base and rate make [cents]."""
        return round_cents(self.rated_eur + self.least_eur)


NO_TAX = TaxFigures(0, _NOTHING, _NOTHING, None, None, _NOTHING, 0)


def gather_tax(lines: Sequence[StatedLine], term: Term) -> TaxFigures:
    """Put the lines of one tax together.

    Parameters
    ----------
    lines : sequence of StatedLine
        All lines of a bill.
    term : Term
        The tax.

    Returns
    -------
    TaxFigures
        Zero where the bill does not have it.

    Examples
    --------
    >>> line = StatedLine(LineKind.SALES_TAX, 941, None, Fraction("44.83"), None, Fraction("0.21"))
    >>> gather_tax([line], Term.SALES_TAX).rate
    Fraction(21, 100)
    """
    held = [line for line in lines if TERM_OF_KIND[line.kind] is term]
    if not held:
        return NO_TAX
    least = [line for line in held if line.kind is LineKind.LEAST_ELECTRICITY_TAX]
    rated = [line for line in held if line.kind is not LineKind.LEAST_ELECTRICITY_TAX]
    base = _sum_bases(rated)
    rated_eur = sum((line.exact_eur for line in rated), _NOTHING)
    rate = _tell_rate(rated, rated_eur, base)
    return TaxFigures(
        cents=sum(line.cents for line in held),
        rated_eur=rated_eur,
        least_eur=sum((line.exact_eur for line in least), _NOTHING),
        base_eur=base,
        rate=rate,
        rate_step=_tell_step(rated, base),
        n_lines=len(held),
    )


def _sum_bases(rated: Sequence[StatedLine]) -> Fraction | None:
    if not rated or any(line.quantity is None for line in rated):
        return None
    return sum((line.quantity or _NOTHING for line in rated), _NOTHING)


def _tell_rate(
    rated: Sequence[StatedLine], rated_eur: Fraction, base: Fraction | None
) -> Fraction | None:
    """Tell the one rate that is stated, else the mean one."""
    rates = {line.price for line in rated}
    if len(rates) == 1 and None not in rates:
        return rates.pop()
    return rated_eur / base if base else None


def _tell_step(rated: Sequence[StatedLine], base: Fraction | None) -> Fraction:
    """Tell how exact the rate is: as it is printed, or as the amount tells it."""
    if base and any(line.price is None for line in rated):
        return 2 * Fraction(len(rated), CENTS) / abs(base)
    return max((line.price_step for line in rated), default=_NOTHING)
