"""Everything that a supply point's bills are made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from api.services.bills.bill_question import BillQuestion
from api.services.bills.billed_days import BilledDays
from api.services.bills.billed_energy import BilledEnergy
from api.services.bills.contract_document import ContractWish, EnergyIndex
from api.services.bills.default_contract import choose_default_contract
from api.services.bills.law_terms import SupplyFacts
from api.services.bills.market_prices import kind_of_curve, name_curves
from api.services.bills.price_curves import PriceCurves
from api.services.bills.recorded_contracts import Agreed, Dated
from api.services.bills.remarks import Remark
from api.services.bills.segment_terms import SupplyTerms, join_terms, state_terms
from api.services.energy.find_shares import CoefficientBasis
from models.regulation.excess_power import ExcessRule, excess_rule_on
from models.regulation.social_bonus import Vulnerability
from models.regulation.supply_scopes import SupplyUse
from models.tables import SupplyPoint
from models.values.calendar import Step, Zone
from models.values.errors import CommunityError
from models.values.tariff import Tariff, check_contracted_power

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
    wishes : tuple of ContractWish
        Its contracts, one after the other.
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
    wishes: tuple[ContractWish, ...]
    terms: SupplyTerms
    curves: frozenset[str]
    remarks: tuple[Remark, ...]

    @property
    def contract(self) -> str:
        """Names of its contracts."""
        return ", ".join(dict.fromkeys(wish.name for wish in self.wishes))


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
    prices : PriceCurves
        What is stored of prices.
    agreed : Agreed
        What is recorded of contracts.
    """

    zone: Zone
    days: BilledDays
    question: BillQuestion
    prices: PriceCurves
    agreed: Agreed
    _defaults: dict[tuple[Tariff, Decimal], ContractWish] = field(default_factory=dict)
    _terms: dict[tuple[date, date, SupplyFacts, ContractWish], SupplyTerms] = field(
        default_factory=dict
    )

    def prepare(self, point: SupplyPoint, energy: BilledEnergy | CommunityError) -> BilledPoint:
        """Gather what the bills of a supply point are made from, or raise why it cannot be."""
        if isinstance(energy, CommunityError):
            raise energy
        check_contracted_power(point.tariff, point.contracted_power_w)
        contracts = self._list_contracts(point)
        wishes = tuple(wish for _, wish in contracts)
        terms = self._state_terms(point, energy.step, contracts)
        curves = name_curves(segment.contract for segment in terms.segments)
        for curve in curves:
            self.prices.curve(kind_of_curve(curve), energy.step)
        facts = self._gather_facts(point, energy.step, wishes[0])
        remarks = self._remark(energy, facts, wishes)
        return BilledPoint(point, energy, facts, wishes, terms, curves, remarks)

    def _list_contracts(self, point: SupplyPoint) -> Dated:
        """List what holds from which day on: what was asked for, what is recorded, the default."""
        given = self.question.contracts.find(point.cups, point.tariff)
        if given is not None:
            return ((self.days.start, given),)
        agreed = self.agreed.get(point.id, ())
        if agreed and agreed[0][0] == self.days.start:
            return agreed
        return ((self.days.start, self._choose_default(point.tariff, _give_kw(point))), *agreed)

    def _gather_facts(self, point: SupplyPoint, step: Step, wish: ContractWish) -> SupplyFacts:
        bonus = wish.social_bonus
        return SupplyFacts(
            tariff=point.tariff,
            zone=self.zone,
            contracted_kw=_give_kw(point),
            use=wish.use or _suppose_use(point.tariff),
            severely_vulnerable=bonus is not None and bonus.vulnerability is Vulnerability.SEVERE,
            has_quarter_hours=step is Step.QUARTER_HOUR,
            has_services=wish.services is not None,
        )

    def _choose_default(self, tariff: Tariff, contracted_kw: Decimal) -> ContractWish:
        key = tariff, contracted_kw
        if key not in self._defaults:
            law_day = self.question.choice.day_of_law(self.days.start)
            self._defaults[key] = choose_default_contract(*key, self.prices, law_day)
        return self._defaults[key]

    def _state_terms(self, point: SupplyPoint, step: Step, contracts: Dated) -> SupplyTerms:
        """State law and contracts, one after the other."""
        ends = [*(day for day, _ in contracts[1:]), self.days.end]
        stated = []
        for (start, wish), end in zip(contracts, ends, strict=True):
            key = start, end, self._gather_facts(point, step, wish), wish
            if key not in self._terms:
                self._terms[key] = state_terms(
                    start, end, facts=key[2], wish=wish, choice=self.question.choice
                )
            stated.append(self._terms[key])
        return stated[0] if len(stated) == 1 else join_terms(stated)

    def _remark(
        self, energy: BilledEnergy, facts: SupplyFacts, wishes: Sequence[ContractWish]
    ) -> tuple[Remark, ...]:
        """List what holds for a supply point, in the order of the remarks."""
        choice = self.question.choice
        has_other_law = choice.year is not None and set(self.days.years) != {choice.year}
        rule = excess_rule_on(choice.day_of_law(self.days.start), facts.contracted_kw)
        is_large = rule is not ExcessRule.SWITCH
        has_stored_tolls = any(
            wish.energy.follows is EnergyIndex.ENERGY and wish.energy.has_tolls for wish in wishes
        )
        holds = {
            Remark.DEFAULT_CONTRACT: any(wishes[0] is each for each in self._defaults.values()),
            Remark.LAW_OF_ANOTHER_YEAR: has_other_law,
            Remark.TOLLS_OF_STORED_PRICES: has_other_law and has_stored_tolls,
            Remark.NO_COEFFICIENTS: energy.basis is None,
            Remark.PUBLISHED_COEFFICIENTS: energy.basis is CoefficientBasis.PUBLISHED,
            Remark.TAXES_BY_DAYS: True,
            Remark.EXCESS_UNKNOWN: is_large and energy.step is not Step.QUARTER_HOUR,
            Remark.REACTIVE_UNKNOWN: is_large,
            Remark.USE_SUPPOSED: any(w.use is None for w in wishes) and facts.zone is Zone.CANARIAS,
        }
        return tuple(remark for remark, is_so in holds.items() if is_so)


def _give_kw(point: SupplyPoint) -> Decimal:
    return Decimal(point.contracted_power_w).scaleb(-_W_DECIMALS)


def _suppose_use(tariff: Tariff) -> SupplyUse:
    """Take the smallest supplies for dwellings."""
    is_small = tariff is Tariff.LOW_VOLTAGE_UP_TO_15_KW
    return SupplyUse.DWELLING if is_small else SupplyUse.OTHER
