"""The terms of a bill, whoever made it: lines of one purpose and tariff period put together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from planner.billing.retail.bill_lines import LineKind

_HALF = Fraction(1, 2)
CENTS = 100


class Term(StrEnum):
    """What lines of a bill are for; kinds that retailers print apart or together are one."""

    POWER = "power"
    POWER_DISCOUNT = "power-discount"
    EXCESS_POWER = "excess-power"
    ENERGY = "energy"
    ENERGY_DISCOUNT = "energy-discount"
    REACTIVE_ENERGY = "reactive-energy"
    SURPLUS = "surplus"
    COMPENSATION_LIMIT = "compensation-limit"
    SOCIAL_BONUS_DISCOUNT = "social-bonus-discount"
    SOCIAL_BONUS_FINANCING = "social-bonus-financing"
    FIXED_DISCOUNT = "fixed-discount"
    ELECTRICITY_TAX = "electricity-tax"
    METER_RENTAL = "meter-rental"
    SERVICES = "services"
    SALES_TAX = "sales-tax"
    METER_TAX = "meter-tax"
    SERVICES_TAX = "services-tax"


_SEVERAL = {
    LineKind.POWER_TOLLS: Term.POWER,
    LineKind.EXCESS_BY_MAXIMETER: Term.EXCESS_POWER,
    LineKind.EXCESS_BY_QUARTER_HOURS: Term.EXCESS_POWER,
    LineKind.INDEXED_ENERGY: Term.ENERGY,
    LineKind.ENERGY_TOLLS: Term.ENERGY,
    LineKind.INDEXED_SURPLUS: Term.SURPLUS,
    LineKind.LEAST_ELECTRICITY_TAX: Term.ELECTRICITY_TAX,
}
TERM_OF_KIND: Mapping[LineKind, Term] = MappingProxyType(
    {kind: _SEVERAL[kind] if kind in _SEVERAL else Term(kind.value) for kind in LineKind}
)
"""The term of every kind of line."""

_BY_PERIOD = (Term.POWER, Term.ENERGY)


class TermKey(NamedTuple):
    """A term, and its tariff period where both bills tell it."""

    term: Term
    tariff_period: int | None = None


@dataclass(frozen=True, slots=True)
class StatedLine:
    """A line as a bill states it; what it does not state is None.

    Attributes
    ----------
    kind : LineKind
        What it is for.
    cents : int
        Its amount [cents].
    tariff_period : int or None
        Which, counted from 1.
    quantity : Fraction or None
        Power [kW], energy [kWh, MWh of the least tax], or the amount that a share is taken of
        [EUR]; None of a fee for time.
    days : int or None
        Of what is charged for time.
    price : Fraction or None
        For a unit, and a day of what is charged for time [EUR]; of a share the share [1].
    price_step : Fraction
        What the last printed decimal of the price is worth, zero of an exact one.
    """

    kind: LineKind
    cents: int
    tariff_period: int | None = None
    quantity: Fraction | None = None
    days: int | None = None
    price: Fraction | None = None
    price_step: Fraction = Fraction(0)

    @property
    def units(self) -> Fraction:
        """By what the price is multiplied."""
        return (self.quantity if self.quantity is not None else Fraction(1)) * (
            self.days if self.days is not None else 1
        )

    @property
    def exact_eur(self) -> Fraction:
        """Quantity times price before rounding; the amount where there is no price [EUR]."""
        return Fraction(self.cents, CENTS) if self.price is None else self.units * self.price

    @property
    def slack_eur(self) -> Fraction:
        """How far the amount may be from the product of what is printed [EUR]."""
        if self.price is None:
            return Fraction(1, CENTS)
        return abs(self.units) * self.price_step * _HALF


@dataclass(frozen=True, slots=True)
class TermFigures:
    """What the lines of a term say together.

    Attributes
    ----------
    cents : int
        Amount [cents].
    exact_eur, slack_eur : Fraction
        Product of its figures, and how far printed prices leave that open [EUR].
    quantity, days : Fraction or None
        Mean power and days, or the sum of energy; None where a line does not state them.
    n_lines : int
        Lines, each rounded once.
    """

    cents: int
    exact_eur: Fraction
    slack_eur: Fraction
    quantity: Fraction | None
    days: Fraction | None
    n_lines: int


def gather_terms(
    ours: Sequence[StatedLine], theirs: Sequence[StatedLine]
) -> dict[TermKey, tuple[TermFigures | None, TermFigures | None]]:
    """Put the lines of two bills together, term by term.

    Parameters
    ----------
    ours, theirs : sequence of StatedLine
        Their lines.

    Returns
    -------
    dict of TermKey to tuple of TermFigures or None
        In the order of a bill. Power and energy are by tariff period where every such line of
        both bills has one, else in sum.

    Examples
    --------
    >>> line = StatedLine(LineKind.ENERGY, 1200, 1, Fraction(60), None, Fraction(1, 5))
    >>> list(gather_terms([line], []))
    [TermKey(term=<Term.ENERGY: 'energy'>, tariff_period=1)]
    """
    lines = (*ours, *theirs)
    apart = {
        term
        for term in _BY_PERIOD
        if all(line.tariff_period for line in lines if TERM_OF_KIND[line.kind] is term)
    }
    sides = [_sum_terms(side, apart) for side in (ours, theirs)]
    places = list(Term)
    keys = sorted(
        set().union(*sides), key=lambda key: (places.index(key.term), key.tariff_period or 0)
    )
    return {key: (sides[0].get(key), sides[1].get(key)) for key in keys}


def _sum_terms(lines: Iterable[StatedLine], apart: set[Term]) -> dict[TermKey, TermFigures]:
    groups: defaultdict[TermKey, list[StatedLine]] = defaultdict(list)
    for line in lines:
        term = TERM_OF_KIND[line.kind]
        groups[TermKey(term, line.tariff_period if term in apart else None)].append(line)
    return {key: _sum_lines(held) for key, held in groups.items()}


def _sum_lines(lines: Sequence[StatedLine]) -> TermFigures:
    # Tolls that are printed beside a price are for the same power or energy: it counts once.
    counted = [line for line in lines if line.kind is lines[0].kind]
    periods = len({line.tariff_period for line in counted})
    return TermFigures(
        cents=sum(line.cents for line in lines),
        exact_eur=sum((line.exact_eur for line in lines), Fraction(0)),
        slack_eur=sum((line.slack_eur for line in lines), Fraction(0)),
        quantity=_sum_quantities(counted),
        days=_sum_days(counted, periods),
        n_lines=len(lines),
    )


def _sum_quantities(lines: Sequence[StatedLine]) -> Fraction | None:
    """Sum energy or amounts; of power take the mean over its days."""
    if any(line.quantity is None for line in lines):
        return None
    total = sum((line.units for line in lines), Fraction(0))
    days = sum(line.days or 0 for line in lines)
    return total / days if days else total


def _sum_days(lines: Sequence[StatedLine], n_periods: int) -> Fraction | None:
    if any(line.days is None for line in lines):
        return None
    return Fraction(sum(line.days or 0 for line in lines), n_periods)
