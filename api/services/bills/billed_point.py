"""Everything that a supply point's bills are made from."""

from dataclasses import dataclass, field
from decimal import Decimal

from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import BilledEnergy
from api.services.bills.contract_document import ContractWish, EnergyIndex
from api.services.bills.default_contract import choose_default_contract
from api.services.bills.law_terms import SupplyFacts
from api.services.bills.market_prices import kind_of_curve, name_curves
from api.services.bills.price_curves import StoredPrices
from api.services.bills.remarks import Remark
from api.services.bills.segment_terms import SupplyTerms, state_terms
from api.services.energy.find_shares import CoefficientBasis
from models.regulation.excess_power import ExcessRule, excess_rule_on
from models.regulation.social_bonus import Vulnerability
from models.regulation.supply_scopes import SupplyUse
from models.tables import SupplyPoint
from models.values.calendar import Step, Zone
from models.values.errors import CommunityError
from models.values.tariff import Tariff

_W_DECIMALS = 3


@dataclass(frozen=True, slots=True, eq=False)
class BilledPoint:
    """A supply point with its energy, contract and law.

    Attributes
    ----------
    point : SupplyPoint
        Whose bills.
    energy : BilledEnergy
        Its energy.
    facts : SupplyFacts
        What the law asks about it.
    wish : ContractWish
        Its contract.
    terms : SupplyTerms
        Contract and law by their days.
    curves : frozenset of str
        Price curves that the contract follows.
    remarks : tuple of Remark
        What is supposed or left out.
    """

    point: SupplyPoint
    energy: BilledEnergy
    facts: SupplyFacts
    wish: ContractWish
    terms: SupplyTerms
    curves: frozenset[str]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class PointPreparer:
    """Prepares the supply points of one community; alike ones share their terms.

    Attributes
    ----------
    zone : Zone
        Tariff zone.
    days : BilledDays
        The days.
    question : BillQuestion
        Contracts and law.
    prices : StoredPrices
        What is stored of prices.
    """

    zone: Zone
    days: BilledDays
    question: BillQuestion
    prices: StoredPrices
    _defaults: dict[tuple[Tariff, Decimal], ContractWish] = field(default_factory=dict)
    _terms: dict[tuple[SupplyFacts, ContractWish], SupplyTerms] = field(default_factory=dict)

    def prepare(self, point: SupplyPoint, energy: BilledEnergy | CommunityError) -> BilledPoint:
        """Gather what the bills of a supply point are made from, or raise why it cannot be."""
        if isinstance(energy, CommunityError):
            raise energy
        contracted_kw = Decimal(point.contracted_power_w).scaleb(-_W_DECIMALS)
        given = self.question.contracts.find(point.cups, point.tariff)
        wish = given or self._choose_default(point.tariff, contracted_kw)
        bonus = wish.social_bonus
        facts = SupplyFacts(
            tariff=point.tariff,
            zone=self.zone,
            contracted_kw=contracted_kw,
            use=wish.use or _suppose_use(point.tariff),
            severely_vulnerable=bonus is not None and bonus.vulnerability is Vulnerability.SEVERE,
            has_quarter_hours=energy.step is Step.QUARTER_HOUR,
            has_services=wish.services is not None,
        )
        terms = self._state_terms(facts, wish)
        curves = name_curves(segment.contract for segment in terms.segments)
        for curve in curves:
            self.prices.curve(kind_of_curve(curve), energy.step)
        remarks = self._remark(energy, facts, wish, is_default=given is None)
        return BilledPoint(point, energy, facts, wish, terms, curves, remarks)

    def _choose_default(self, tariff: Tariff, contracted_kw: Decimal) -> ContractWish:
        key = tariff, contracted_kw
        if key not in self._defaults:
            law_day = self.question.choice.day_of_law(self.days.start)
            self._defaults[key] = choose_default_contract(*key, self.prices, law_day)
        return self._defaults[key]

    def _state_terms(self, facts: SupplyFacts, wish: ContractWish) -> SupplyTerms:
        key = facts, wish
        if key not in self._terms:
            choice = self.question.choice
            self._terms[key] = state_terms(
                self.days.start, self.days.end, facts=facts, wish=wish, choice=choice
            )
        return self._terms[key]

    def _remark(
        self, energy: BilledEnergy, facts: SupplyFacts, wish: ContractWish, *, is_default: bool
    ) -> tuple[Remark, ...]:
        """List what holds for a supply point, in the order of the remarks."""
        choice = self.question.choice
        has_other_law = choice.year is not None and set(self.days.years) != {choice.year}
        rule = excess_rule_on(choice.day_of_law(self.days.start), facts.contracted_kw)
        is_large = rule is not ExcessRule.SWITCH
        has_stored_tolls = wish.energy.follows is EnergyIndex.ENERGY and wish.energy.has_tolls
        holds = {
            Remark.DEFAULT_CONTRACT: is_default,
            Remark.LAW_OF_ANOTHER_YEAR: has_other_law,
            Remark.TOLLS_OF_STORED_PRICES: has_other_law and has_stored_tolls,
            Remark.NO_COEFFICIENTS: energy.basis is None,
            Remark.PUBLISHED_COEFFICIENTS: energy.basis is CoefficientBasis.PUBLISHED,
            Remark.TAXES_BY_DAYS: True,
            Remark.EXCESS_UNKNOWN: is_large and energy.step is not Step.QUARTER_HOUR,
            Remark.REACTIVE_UNKNOWN: is_large,
            Remark.USE_SUPPOSED: wish.use is None and facts.zone is Zone.CANARIAS,
        }
        return tuple(remark for remark, is_so in holds.items() if is_so)


def _suppose_use(tariff: Tariff) -> SupplyUse:
    """Take the smallest supplies for dwellings."""
    is_small = tariff is Tariff.LOW_VOLTAGE_UP_TO_15_KW
    return SupplyUse.DWELLING if is_small else SupplyUse.OTHER
