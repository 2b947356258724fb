"""A retail bill made slowly, interval by interval in fractions, as the law tells it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import isqrt

from planner.billing.retail.bill_lines import LineKind as K
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.contract import (
    CapBase,
    ConstantPrice,
    Contract,
    Fee,
    Per,
    PowerControl,
    RegulatedTerms,
    Supply,
)


def half_up(amount: Fraction) -> int:
    """Round to whole units, halves away from zero."""
    size = int(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size


def cents(amount_eur: Fraction) -> int:
    return half_up(amount_eur * 100)


def at(figures: Sequence[Decimal], place: int) -> Fraction:
    return Fraction(figures[place] if len(figures) > 1 else figures[0])


@dataclass
class Hours:
    """One member's energy of every interval [Wh] and the price curves [EUR/kWh]."""

    grid_wh: list[Fraction]
    surplus_wh: list[Fraction]
    curves: dict[str, list[Decimal]] = field(default_factory=dict)
    maximeter_w: list[list[int]] | None = None
    squared_excess_kw2: list[list[int]] | None = None


def split_hours(
    consumption_wh: Sequence[int], generation_wh: Sequence[int], beta: Fraction
) -> tuple[list[Fraction], list[Fraction]]:
    """Split a plant's hours: what is left to draw, and what is left over."""
    shares = [beta * generation for generation in generation_wh]
    pairs = list(zip(shares, consumption_wh, strict=True))
    grid = [max(Fraction(wanted) - share, Fraction(0)) for share, wanted in pairs]
    return grid, [max(share - wanted, Fraction(0)) for share, wanted in pairs]


class Run:
    """Days of a bill with one contract, one law and one power."""

    def __init__(self, grid: BillingGrid, segments: list[int], hours: Hours, terms: tuple) -> None:
        self.contract: Contract
        self.law: RegulatedTerms
        self.contract, self.law, self.powers = terms
        self.segments = segments
        self.days = sum(int(grid.days[segment]) for segment in segments)
        first, last = grid.segment_borders[segments[0]], grid.segment_borders[segments[-1] + 1]
        self.steps = range(int(first), int(last))
        self.n_power = grid.n_power_periods
        energy = [Fraction(0)] * grid.n_periods
        for step in self.steps:
            energy[grid.tariff_periods[step] - 1] += hours.grid_wh[step]
        self.kwh = [Fraction(half_up(wh), 1000) for wh in energy]
        self.surplus_kwh = Fraction(half_up(sum(hours.surplus_wh[s] for s in self.steps)), 1000)
        self.hours = hours
        self.lines: dict[K, int] = defaultdict(int)

    def fee(self, fee: Fee) -> Fraction:
        return Fraction(fee.eur) * self.days * self.times(fee.per)

    def times(self, per: Per) -> Fraction:
        year = Fraction(1, self.law.year_days)
        return {Per.DAY: Fraction(1), Per.MONTH: 12 * year, Per.YEAR: year}[per]

    def by_curve(self, name: str, energy_wh: list[Fraction]) -> Fraction:
        curve = self.hours.curves[name]
        exact = sum((energy_wh[s] * Fraction(curve[s]) / 1000 for s in self.steps), Fraction(0))
        return Fraction(half_up(exact * 10**9), 10**9)

    def add_power(self, maxima_w: list[int] | None) -> None:
        contract, law = self.contract, self.law
        for place in range(self.n_power):
            held = at(self.powers, place)
            billed = held
            read = held if maxima_w is None else Fraction(maxima_w[place], 1000)
            if law.power_control is PowerControl.BANDS and law.bands and maxima_w is not None:
                least, most, factor = (
                    law.bands.least_share,
                    law.bands.most_share,
                    law.bands.excess_factor,
                )
                above = max(read - Fraction(most) * held, Fraction(0)) * Fraction(factor)
                floor = Fraction(half_up(Fraction(least) * held * 1000), 1000)
                billed = max(read, floor) + Fraction(half_up(above * 1000), 1000)
            price = at(contract.power_eur_per_kw, place) * self.times(contract.power_per)
            self.lines[K.POWER] += cents(billed * price * self.days)
            if not contract.power_has_tolls:
                toll = at(law.power_tolls_eur_per_kw_year, place) * self.times(Per.YEAR)
                self.lines[K.POWER_TOLLS] += cents(billed * toll * self.days)
            if law.power_control is PowerControl.MAXIMETER:
                excess = max(read - held, Fraction(0)) * at(law.excess_eur_per_kw, place)
                self.lines[K.EXCESS_BY_MAXIMETER] += cents(excess * self.days)
        base = self.lines[K.POWER] + self.lines[K.POWER_TOLLS]
        share = Fraction(contract.power_discount_share)
        self.lines[K.POWER_DISCOUNT] = -half_up(base * share)

    def add_energy(self) -> None:
        contract, law = self.contract, self.law
        if isinstance(contract.energy, ConstantPrice):
            for place, kwh in enumerate(self.kwh):
                self.lines[K.ENERGY] += cents(kwh * at(contract.energy.eur_per_kwh, place))
        else:
            adders = contract.energy.adder_eur_per_kwh
            worth = self.by_curve(contract.energy.curve, self.hours.grid_wh)
            worth += sum(kwh * at(adders, place) for place, kwh in enumerate(self.kwh))
            self.lines[K.INDEXED_ENERGY] = cents(worth)
        tolls = [cents(kwh * at(law.energy_tolls_eur_per_kwh, p)) for p, kwh in enumerate(self.kwh)]
        if not contract.energy_has_tolls:
            self.lines[K.ENERGY_TOLLS] = sum(tolls)
        term = sum(self.lines[kind] for kind in (K.ENERGY, K.INDEXED_ENERGY, K.ENERGY_TOLLS))
        self.lines[K.ENERGY_DISCOUNT] = -half_up(term * Fraction(contract.energy_discount_share))
        self.energy = term + self.lines[K.ENERGY_DISCOUNT]
        without = contract.cap_base is CapBase.WITHOUT_TOLLS
        self.cap = self.energy - (sum(tolls) if without else 0)
        if isinstance(contract.surplus, ConstantPrice):
            self.earned = cents(self.surplus_kwh * at(contract.surplus.eur_per_kwh, 0))
            self.lines[K.SURPLUS] = -self.earned
        elif contract.surplus is not None:
            worth = self.by_curve(contract.surplus.curve, self.hours.surplus_wh)
            worth += self.surplus_kwh * at(contract.surplus.adder_eur_per_kwh, 0)
            self.earned = cents(worth)
            self.lines[K.INDEXED_SURPLUS] = -self.earned
        else:
            self.earned = 0

    def add_after_compensation(self, given: int) -> None:
        contract, law = self.contract, self.law
        self.lines[K.COMPENSATION_LIMIT] = self.earned - given
        power = sum(self.lines[kind] for kind in (K.POWER, K.POWER_TOLLS, K.POWER_DISCOUNT))
        left, drawn = self.energy - given, sum(self.kwh)
        if contract.social_bonus_kwh_per_year is not None and drawn:
            yearly_wh = Fraction(contract.social_bonus_kwh_per_year) * 1000 * self.days
            covered = Fraction(half_up(yearly_wh / law.year_days), 1000)
            left = half_up(left * min(covered, drawn) / drawn)
        share = Fraction(contract.social_bonus_share)
        self.lines[K.SOCIAL_BONUS_DISCOUNT] = -half_up(max(power + left, 0) * share)
        self.lines[K.SOCIAL_BONUS_FINANCING] = cents(self.fee(law.social_bonus_financing))
        self.lines[K.FIXED_DISCOUNT] = -cents(self.fee(contract.fixed_discount))


def compensate(runs: list[Run]) -> list[int]:
    """Give each run of a bill its compensation, the cap on the whole bill."""
    total, cap = sum(run.earned for run in runs), max(sum(run.cap for run in runs), 0)
    if total > cap:
        return [run.cap if cap else 0 for run in runs]
    if total < 0 and not runs[-1].contract.surplus_may_cost:
        return [0] * len(runs)
    return [run.earned for run in runs]


def add_excess(runs: list[Run], squares_kw2: list[list[int]]) -> None:
    """Give each run of a bill its part of the bill's one root, in whole watts of every period."""
    billed = [run.law.power_control is PowerControl.QUARTER_HOURS for run in runs]
    for place in range(runs[0].n_power):
        squares = [
            sum(squares_kw2[segment][place] for segment in run.segments) * is_billed
            for run, is_billed in zip(runs, billed, strict=True)
        ]
        total, reached, given = sum(squares), 0, 0
        root_w = (isqrt(4 * total * 10**6) + 1) // 2
        for run, square in zip(runs, squares, strict=True):
            reached += square
            watts = half_up(Fraction(root_w * reached, total or 1)) - given
            given += watts
            price = at(run.law.excess_eur_per_kw, place)
            run.lines[K.EXCESS_BY_QUARTER_HOURS] += cents(Fraction(watts, 1000) * price)


def tax(runs: list[Run]) -> dict[K, int]:
    """Tax the runs of a bill that have the same rates."""
    law = runs[0].law
    amount = sum(sum(run.lines.values()) for run in runs)
    mwh = sum((sum(run.kwh) for run in runs), Fraction(0)) / 1000
    rated = half_up(amount * Fraction(law.electricity_tax_share))
    least = cents(mwh * Fraction(law.electricity_tax_least_eur_per_mwh))
    meter = sum(cents(run.fee(run.contract.meter_rental)) for run in runs)
    services = sum(cents(run.fee(run.contract.services)) for run in runs)
    kind = K.LEAST_ELECTRICITY_TAX if least > rated else K.ELECTRICITY_TAX
    rest = amount + max(rated, least)
    lines = {kind: max(rated, least), K.METER_RENTAL: meter, K.SERVICES: services}
    for own, share, fee in (
        (K.METER_TAX, law.meter_tax_share, meter),
        (K.SERVICES_TAX, law.services_tax_share, services),
    ):
        if share is None:
            rest += fee
        else:
            lines[own] = half_up(fee * Fraction(share))
    return lines | {K.SALES_TAX: half_up(rest * Fraction(law.sales_tax_share))}


def tax_key(run: Run) -> tuple:
    law = run.law
    rates = law.electricity_tax_share, law.electricity_tax_least_eur_per_mwh
    own = law.meter_tax_share, law.services_tax_share
    return (*rates, law.sales_tax, law.sales_tax_share, *own)


def bill_slowly(grid: BillingGrid, supply: Supply, hours: Hours) -> list[dict[K, int]]:
    """Make every bill of one supply: cents by kind of line."""
    parts = supply.contracts, supply.regulated, supply.contracted_power_kw

    def terms_of(segment: int) -> tuple:
        return tuple(held[segment] if len(held) > 1 else held[0] for held in parts)

    bills = []
    for bill in range(grid.bill_starts.size):
        joined = groupby(grid.bill_segments(bill), terms_of)
        runs = [Run(grid, list(segments), hours, terms) for terms, segments in joined]
        for run in runs:
            run.add_power(None if hours.maximeter_w is None else hours.maximeter_w[bill])
            run.add_energy()
        if hours.squared_excess_kw2 is not None:
            add_excess(runs, hours.squared_excess_kw2)
        for run, given in zip(runs, compensate(runs), strict=True):
            run.add_after_compensation(given)
        total: dict[K, int] = defaultdict(int)
        for run in runs:
            for kind, amount in run.lines.items():
                total[kind] += amount
        for _, same in groupby(runs, tax_key):
            for kind, amount in tax(list(same)).items():
                total[kind] += amount
        bills.append({kind: amount for kind, amount in total.items() if amount})
    return bills
