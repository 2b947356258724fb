"""A bill on its way from ours to theirs: what follows from the figures that are replaced so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from planner.billing.checks.bill_terms import StatedLine, Term, TermKey, gather_terms
from planner.billing.checks.tax_figures import gather_tax
from planner.billing.checks.term_steps import round_cents

TAXES = (Term.ELECTRICITY_TAX, Term.SALES_TAX, Term.METER_TAX, Term.SERVICES_TAX)
BASE_OF_DISCOUNT = {Term.POWER_DISCOUNT: Term.POWER, Term.ENERGY_DISCOUNT: Term.ENERGY}

_FREE_OF_ELECTRICITY_TAX = (Term.METER_RENTAL, Term.SERVICES)
_TAXED_APART = {Term.METER_TAX: Term.METER_RENTAL, Term.SERVICES_TAX: Term.SERVICES}
_LIMIT = TermKey(Term.COMPENSATION_LIMIT)


@dataclass(frozen=True, slots=True)
class BillPart:
    """Days of a bill with the same taxes, as both bills state them.

    Attributes
    ----------
    ours, theirs : sequence of StatedLine
        Lines.
    cap_cents : int
        What compensation may reach in ours: the value of the energy from the grid [cents].
    """

    ours: Sequence[StatedLine]
    theirs: Sequence[StatedLine]
    cap_cents: int = 0


class TaxMode(Enum):
    """How a tax is told."""

    OURS = auto()
    THEIR_RATE = auto()
    STATED = auto()
    """By their rate of what they say that it is taken of."""
    SETTLED = auto()
    """The amount that they print."""


class BillState:
    """Amounts of a part of a bill; what depends on others follows them until it is settled.

    Attributes
    ----------
    terms : dict of TermKey to tuple of TermFigures or None
        Ours and theirs of all terms but taxes.
    cents : dict of TermKey to int
        What each amounts to so far [cents].
    kwh : dict of TermKey to Fraction
        Energy from the grid so far [kWh].
    settled : set of Term
        Discounts and limit that are theirs already.
    taxes : dict of Term to tuple of TaxFigures
        Ours and theirs.
    modes : dict of Term to TaxMode
        How each tax is told so far.
    bases, first_bases : dict of Term to int
        What each was last and at first taken of [cents].
    """

    def __init__(self, part: BillPart) -> None:
        gathered = gather_terms(part.ours, part.theirs)
        self.terms = {key: pair for key, pair in gathered.items() if key.term not in TAXES}
        self.terms.setdefault(_LIMIT, (None, None))
        self.cents = {key: pair[0].cents if pair[0] else 0 for key, pair in self.terms.items()}
        self.kwh = {
            key: (pair[0].quantity if pair[0] else None) or Fraction(0)
            for key, pair in self.terms.items()
            if key.term is Term.ENERGY
        }
        self.settled: set[Term] = set()
        self.taxes = {
            term: (gather_tax(part.ours, term), gather_tax(part.theirs, term)) for term in TAXES
        }
        self.modes = dict.fromkeys(TAXES, TaxMode.OURS)
        self.bases: dict[Term, int] = {}
        self._cap_cents = part.cap_cents
        self._first_cents, self._first_kwh = dict(self.cents), sum(self.kwh.values())
        self.first_bases: dict[Term, int] = {}
        self.sum_up()

    def sum_up(self) -> tuple[int, int]:
        """Tell what the bill amounts to, and how much of it are taxes [cents]."""
        cents = self._follow()
        taxed = sum(each for key, each in cents.items() if key.term not in _FREE_OF_ELECTRICITY_TAX)
        electricity = self.levy(Term.ELECTRICITY_TAX, taxed)
        apart = {
            tax: self._sum(cents, term)
            for tax, term in _TAXED_APART.items()
            if self.taxes[tax][0].n_lines
        }
        net = sum(cents.values())
        sales = self.levy(Term.SALES_TAX, net + electricity - sum(apart.values()))
        others = sum(self.levy(tax, apart.get(tax, 0)) for tax in _TAXED_APART)
        taxes = electricity + sales + others
        return net + taxes, taxes

    def levy(self, tax: Term, base_cents: int) -> int:
        """Tell what a tax is, and remember what it was taken of [cents]."""
        first = self.first_bases.setdefault(tax, base_cents)
        self.bases[tax] = base_cents
        ours, theirs = self.taxes[tax]
        mode = self.modes[tax]
        if mode is TaxMode.OURS:
            return ours.on(base_cents, first, self._energy_ratio())
        if mode is TaxMode.THEIR_RATE:
            return theirs.on_rate(base_cents)
        return theirs.stated_cents if mode is TaxMode.STATED else theirs.cents

    def _energy_ratio(self) -> Fraction:
        return sum(self.kwh.values()) / self._first_kwh if self._first_kwh else Fraction(1)

    def _follow(self) -> dict[TermKey, int]:
        """Tell every amount; discounts and the limit follow what they depend on."""
        cents = dict(self.cents)
        for key in self.terms:
            base = BASE_OF_DISCOUNT.get(key.term)
            if base and key.term not in self.settled:
                cents[key] = self._scale(self._first_cents[key], base)
        if Term.COMPENSATION_LIMIT not in self.settled:
            cents[_LIMIT] = self._limit()
        return cents

    def _limit(self) -> int:
        """Tell what compensation passes its limit by (RD 244/2019, article 14)."""
        relevant = (Term.ENERGY, Term.SURPLUS)
        if all(
            self._sum(self.cents, term) == self._sum(self._first_cents, term) for term in relevant
        ):
            return self._first_cents[_LIMIT]
        earned = -self._sum(self.cents, Term.SURPLUS)
        return max(0, earned - max(0, self._scale(self._cap_cents, Term.ENERGY)))

    def _scale(self, cents: int, term: Term) -> int:
        """Change an amount as a term has changed."""
        first = self._sum(self._first_cents, term)
        if not first:
            return cents
        return round_cents(Fraction(cents * self._sum(self.cents, term), first * 100))

    @staticmethod
    def _sum(cents: dict[TermKey, int], term: Term) -> int:
        return sum(each for key, each in cents.items() if key.term is term)
