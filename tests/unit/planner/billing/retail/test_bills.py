"""Retail bills against a slow oracle in fractions, and what holds of every bill."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.values.errors import InvalidDataError
from models.values.invoicing import TaxKind
from models.values.money import from_cents, round_to_cents
from planner.billing.retail.bill_lines import LineKind
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.bills import Bills, CompensationPeriodError, bill_supplies
from planner.billing.retail.contract import (
    CapBase,
    ConstantPrice,
    Contract,
    Fee,
    IndexedPrice,
    Per,
    PowerBands,
    PowerControl,
    RegulatedTerms,
    Supply,
)
from planner.billing.retail.demand import MeteredDemand
from planner.billing.retail.difference import explain_difference
from planner.billing.retail.energy_sums import EnergySums, stack_rows, sum_shared_energy
from planner.billing.retail.exact_cents import TooLargeBillError
from tests.support.retail_bills import (
    HOME,
    HOME_POWER,
    LAW_2026,
    THREE,
    TWO,
    amounts,
    figures,
    make_grid,
    recompute,
    supply_home,
)
from tests.support.retail_oracle import Hours, bill_slowly, split_hours

TWO_BILLS = [date(2026, 3, 20), date(2026, 3, 23), date(2026, 3, 25)]
CUTS = [date(2026, 3, 21), date(2026, 3, 22), date(2026, 3, 24)]
BANDS = PowerBands(*figures("0.85 1.05 2"))


@cache
def grids() -> st.SearchStrategy[BillingGrid]:
    tariffs, cuts = st.sampled_from([TWO, THREE]), st.sets(st.sampled_from(CUTS))
    return st.builds(lambda t, c: make_grid(TWO_BILLS, sorted(c), tariff=t), tariffs, cuts)


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False)


def fees() -> st.SearchStrategy[Fee]:
    return st.builds(Fee, decimals("0", "9", 6), st.sampled_from(Per))


@cache
def contracts(n_power: int, n_periods: int) -> st.SearchStrategy[Contract]:
    prices = st.tuples(*[decimals("-0.05", "0.4", 6)] * n_periods)
    surplus = decimals("-0.1", "0.9", 6)
    return st.builds(
        Contract,
        power_eur_per_kw=st.tuples(*[decimals("0", "40", 6)] * n_power),
        power_per=st.sampled_from(Per),
        power_has_tolls=st.booleans(),
        energy=st.one_of(
            st.builds(ConstantPrice, prices), st.builds(IndexedPrice, st.just("market"), prices)
        ),
        energy_has_tolls=st.booleans(),
        surplus=st.one_of(
            st.none(),
            st.builds(ConstantPrice, st.tuples(surplus)),
            st.builds(IndexedPrice, st.just("surplus"), st.tuples(surplus)),
        ),
        surplus_may_cost=st.booleans(),
        cap_base=st.sampled_from(CapBase),
        energy_discount_share=decimals("0", "0.5", 4),
        power_discount_share=decimals("0", "0.5", 4),
        fixed_discount=fees(),
        meter_rental=fees(),
        services=fees(),
        social_bonus_share=decimals("0", "0.6", 3),
        social_bonus_kwh_per_year=st.one_of(st.none(), decimals("0", "5000", 0)),
    )


@cache
def laws(n_power: int, n_periods: int) -> st.SearchStrategy[RegulatedTerms]:
    base = st.builds(
        RegulatedTerms,
        energy_tolls_eur_per_kwh=st.tuples(*[decimals("0", "0.1", 6)] * n_periods),
        power_tolls_eur_per_kw_year=st.tuples(*[decimals("0", "30", 6)] * n_power),
        year_days=st.sampled_from([365, 366]),
        electricity_tax_share=st.sampled_from(figures("0.0511269632 0.005 0.025")),
        electricity_tax_least_eur_per_mwh=st.sampled_from(figures("0 0.5 1")),
        sales_tax=st.sampled_from(TaxKind),
        sales_tax_share=st.sampled_from(figures("0.21 0.10 0.03 0")),
        meter_tax_share=st.one_of(st.none(), st.sampled_from(figures("0.07 0.04"))),
        services_tax_share=st.one_of(st.none(), st.sampled_from(figures("0.07 0.21"))),
        social_bonus_financing=fees(),
        excess_eur_per_kw=st.tuples(*[decimals("0", "1", 6)] * n_power),
    )
    controls = st.sampled_from(PowerControl)
    return st.builds(
        lambda law, control: replace(
            law, power_control=control, bands=BANDS if control is PowerControl.BANDS else None
        ),
        base,
        controls,
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[BillingGrid, Supply, dict]:
    """A grid, a supply that may change at every segment, and random readings by a seed."""
    grid = draw(grids())
    n_power, n_periods, n = grid.n_power_periods, grid.n_periods, grid.n_segments
    few_contracts = draw(st.lists(contracts(n_power, n_periods), min_size=1, max_size=2))
    few_laws = draw(st.lists(laws(n_power, n_periods), min_size=1, max_size=2))
    powers = st.tuples(*[decimals("0.1", "60", 3)] * n_power)
    few_powers = draw(st.lists(powers, min_size=1, max_size=2))
    supply = Supply(
        *(
            tuple(draw(st.lists(st.sampled_from(few), min_size=n, max_size=n)))
            for few in (few_contracts, few_laws, few_powers)
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    steps = grid.tariff_periods.size
    scale = draw(st.sampled_from([0, 300, 4000]))
    return grid, supply, {
        "consumption_wh": rng.integers(0, scale + 1, steps),
        "generation_wh": rng.integers(-50, 9000, steps) * rng.integers(0, 2, steps),
        "millionths": int(rng.integers(0, 1_000_001)),
        "market": [Decimal(int(x)).scaleb(-6) for x in rng.integers(-50_000, 300_000, steps)],
        "surplus": [Decimal(int(x)).scaleb(-6) for x in rng.integers(-50_000, 90_000, steps)],
        "maximeter_w": rng.integers(0, 70_000, (2, n_power)),
        "squared_excess_kw2": rng.integers(0, 900, (n, n_power)),
    }  # fmt: skip


def sum_case(grid: BillingGrid, read: dict) -> EnergySums:
    return sum_shared_energy(
        grid,
        np.array([read["millionths"] / 1e6]),
        read["generation_wh"] / 1000,
        read["consumption_wh"][np.newaxis] / 1000,
        {name: np.array([float(p) for p in read[name]]) for name in ("market", "surplus")},
    )


def make_pair(grid: BillingGrid, supply: Supply, read: dict) -> tuple[Bills, Bills]:
    sums = sum_case(grid, read)
    demand = MeteredDemand(
        maximeter_w=read["maximeter_w"][np.newaxis],
        squared_excess_kw2=read["squared_excess_kw2"][np.newaxis].astype(np.float64),
    )
    drawn = sums.without_sharing(), sums.with_sharing()
    without, sharing = (bill_supplies(grid, [supply], each, demand) for each in drawn)
    return without, sharing


def by_kind(bills: Bills, bill: int) -> dict[LineKind, int]:
    found = {kind: int(bills.cents_of(kind)[0, bill]) for kind in LineKind}
    return {kind: amount for kind, amount in found.items() if amount}


EXAMPLES = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@settings(EXAMPLES, max_examples=100)
@given(cases())
def test_bills_are_those_of_the_slow_oracle_to_the_cent(case: tuple) -> None:
    grid, supply, read = case
    without, sharing = make_pair(grid, supply, read)
    curves = {"market": read["market"], "surplus": read["surplus"]}
    maxima, squares = read["maximeter_w"].tolist(), read["squared_excess_kw2"].tolist()
    wanted, sun = read["consumption_wh"].tolist(), np.maximum(read["generation_wh"], 0).tolist()
    left = split_hours(wanted, sun, Fraction(read["millionths"], 10**6))
    alone = [Fraction(wh) for wh in wanted], [Fraction(0)] * len(wanted)
    for bills, (drawn, given_away) in ((without, alone), (sharing, left)):
        slow = bill_slowly(grid, supply, Hours(drawn, given_away, curves, maxima, squares))
        assert [by_kind(bills, bill) for bill in range(2)] == slow
        assert bills.total_cents().tolist() == [[sum(each.values()) for each in slow]]


@EXAMPLES
@given(cases())
def test_lines_sum_to_the_total_and_multiply_out(case: tuple) -> None:
    for bills in make_pair(*case):
        for bill in range(2):
            lines = bills.list_lines(0, bill)
            total = sum((line.amount_eur for line in lines), Decimal("0.00"))
            assert total == from_cents(int(bills.total_cents()[0, bill]))
            for line in lines:
                if line.unit_price is not None:
                    assert line.amount_eur == round_to_cents(recompute(line))


@EXAMPLES
@given(cases())
def test_compensation_never_passes_its_cap(case: tuple) -> None:
    grid, supply, _ = case
    _, sharing = make_pair(*case)
    kinds = LineKind.SURPLUS, LineKind.INDEXED_SURPLUS, LineKind.COMPENSATION_LIMIT
    compensation = -sharing.cents_of(*kinds)
    kinds = LineKind.ENERGY, LineKind.INDEXED_ENERGY, LineKind.ENERGY_TOLLS
    energy = sharing.cents_of(*kinds, LineKind.ENERGY_DISCOUNT)
    assert (compensation <= np.maximum(energy, 0)).all()
    last = [grid.bill_segments(bill)[-1] for bill in range(2)]
    may_cost = [supply.contracts[segment].surplus_may_cost for segment in last]
    assert (compensation >= 0)[0, ~np.array(may_cost)].all()


@EXAMPLES
@given(cases())
def test_causes_sum_to_what_is_saved(case: tuple) -> None:
    without, sharing = make_pair(*case)
    difference = explain_difference(without, sharing)

    saved = without.total_cents() - sharing.total_cents()
    assert (difference.cents == saved).all()
    assert (sum(difference.by_cause.values()) == saved).all()


@EXAMPLES
@given(st.lists(cases(), min_size=1, max_size=1), st.permutations(range(3)))
def test_a_member_is_billed_alike_in_any_company(case: list, order: list[int]) -> None:
    grid, supply, read = case[0]
    sums = sum_case(grid, read)
    drawn = [sums.without_sharing(), sums.with_sharing(), sums.without_sharing()]
    supplies = [supply, supply, replace(supply, contracts=(HOME,), regulated=(LAW_2026,))]
    if grid.n_periods == 6:
        supplies[2] = supply
    together = bill_supplies(grid, supplies, stack_rows(drawn)).total_cents()
    moved = bill_supplies(
        grid, [supplies[i] for i in order], stack_rows([drawn[i] for i in order])
    ).total_cents()

    assert (moved == together[order]).all()
    alone = bill_supplies(grid, supplies[:1], drawn[0]).total_cents()
    assert (alone == together[:1]).all()


@EXAMPLES
@given(cases())
def test_a_border_at_which_nothing_changes_changes_nothing(case: tuple) -> None:
    grid, supply, read = case
    fine = make_grid(TWO_BILLS, CUTS, tariff=TWO if grid.n_periods == 3 else THREE)
    held = [
        next(i for i, days in enumerate(grid.segments) if days.contains(segment.start))
        for segment in fine.segments
    ]
    cut = Supply(
        tuple(supply.contracts[i] for i in held),
        tuple(supply.regulated[i] for i in held),
        tuple(supply.contracted_power_kw[i] for i in held),
    )
    before, after = sum_case(grid, read), sum_case(fine, read)
    starts = [i for i, place in enumerate(held) if i == 0 or held[i - 1] != place]
    for name in ("consumption_kwh", "self_consumed_kwh", "allocated_kwh", "allocated_eur"):
        joined = np.add.reduceat(getattr(after, name), starts, axis=1)
        np.testing.assert_allclose(joined, getattr(before, name), atol=1e-9)
    squares = np.zeros((fine.n_segments, fine.n_power_periods), np.int64)
    squares[starts] = read["squared_excess_kw2"]
    cut_read = read | {"squared_excess_kw2": squares}
    for whole, parts in zip(make_pair(*case), make_pair(fine, cut, cut_read), strict=True):
        assert (whole.total_cents() == parts.total_cents()).all()
        assert whole.list_lines(0, 0) == parts.list_lines(0, 0)


def simple_case(grid: BillingGrid, beta: float = 1.0, sun: float = 2.0) -> EnergySums:
    steps = grid.tariff_periods.size
    return sum_shared_energy(
        grid, np.array([beta]), np.full(steps, sun), np.full((1, steps), 1.0), {}
    )


def test_surplus_is_compensated_over_a_month_at_most() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 2, 2)])

    with pytest.raises(CompensationPeriodError, match="bill of 32 days") as raised:
        bill_supplies(grid, [supply_home()], simple_case(grid).with_sharing())
    assert raised.value.days == 32
    bill_supplies(grid, [supply_home()], simple_case(grid).without_sharing())


def test_negative_surplus_costs_unless_the_contract_spares_it() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    costly = replace(HOME, surplus=ConstantPrice(figures("-0.01")))
    drawn = simple_case(grid).with_sharing()
    spared = replace(costly, surplus_may_cost=False)

    charged = amounts(bill_supplies(grid, [supply_home(costly)], drawn))
    assert ("surplus", None, "0.24") in charged
    assert "compensation-limit" not in {kind for kind, _, _ in charged}
    bills = bill_supplies(grid, [supply_home(spared)], drawn)
    assert ("compensation-limit", None, "-0.24") in amounts(bills)


def test_energy_of_less_than_no_value_compensates_nothing() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    paid = replace(HOME, energy=ConstantPrice(figures("-0.10")))
    sums = simple_case(grid, sun=0.0)
    bills = bill_supplies(grid, [supply_home(paid)], sums.with_sharing())

    assert bills.cents_of(LineKind.COMPENSATION_LIMIT).tolist() == [[0]]
    assert bills.cents_of(LineKind.ENERGY).tolist() == [[-240]]


def test_surplus_that_costs_is_charged_beside_energy_of_less_than_no_value() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    odd = replace(
        HOME, energy=ConstantPrice(figures("-0.10")), surplus=ConstantPrice(figures("-0.01"))
    )
    steps = np.arange(24)
    sums = sum_shared_energy(grid, np.ones(1), (steps < 12) * 2.0, np.ones((1, 24)), {})
    bills = bill_supplies(grid, [supply_home(odd)], sums.with_sharing())

    assert bills.cents_of(LineKind.SURPLUS).tolist() == [[12]]
    assert bills.cents_of(LineKind.COMPENSATION_LIMIT).tolist() == [[0]]


def test_energy_just_below_a_half_by_the_noise_of_floats_is_rounded_up() -> None:
    # Five times 0.7 Wh are 3.5 Wh, but less than that in floats.
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    consumption = np.zeros((1, 24))
    consumption[0, :5] = 0.0007
    assert np.vecdot(consumption[0], np.ones(24)) * 1000 < 3.5
    sums = sum_shared_energy(grid, np.zeros(1), np.zeros(24), consumption, {})
    line = bill_supplies(grid, [supply_home()], sums.without_sharing()).list_lines(0, 0)[2]

    assert (line.kind, line.quantity) == (LineKind.ENERGY, Decimal("0.004"))


def test_a_bill_too_large_for_whole_cents_is_refused() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    drawn = simple_case(grid).without_sharing()
    dear = replace(HOME, energy=ConstantPrice(figures("900000000")))
    huge = replace(drawn, grid_kwh=drawn.grid_kwh * 1e12)

    with pytest.raises(TooLargeBillError, match="bill shorter periods"):
        bill_supplies(grid, [supply_home(dear)], huge)
    with pytest.raises(TooLargeBillError, match="no number that a bill can hold"):
        bill_supplies(grid, [supply_home()], replace(drawn, grid_kwh=drawn.grid_kwh * np.nan))


@pytest.mark.parametrize(
    ("rows", "demand"),
    [
        (2, MeteredDemand()),
        (1, MeteredDemand(maximeter_w=np.zeros((1, 2, 2), np.int64))),
        (1, MeteredDemand(maximeter_w=np.full((1, 1, 2), -1))),
        (1, MeteredDemand(squared_excess_kw2=np.zeros((1, 1, 6)))),
        (1, MeteredDemand(reactive_varh=np.zeros((1, 1, 6), np.int64))),
    ],
)
def test_rows_and_readings_must_fit(rows: int, demand: MeteredDemand) -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])

    with pytest.raises(InvalidDataError, match="of shape"):
        bill_supplies(grid, [supply_home()] * rows, simple_case(grid).without_sharing(), demand)


def test_taxes_of_one_rate_are_one_line_over_a_change_of_power() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 2, 1)], [date(2026, 1, 11)])
    powers = HOME_POWER, figures("3.45 3.45")
    supply = Supply((HOME,), (LAW_2026,), powers)
    bills = bill_supplies(grid, [supply], simple_case(grid).without_sharing())
    days: dict[LineKind, list[int]] = {line.kind: [] for line in bills.list_lines(0, 0)}
    for line in bills.list_lines(0, 0):
        assert line.days.end is not None
        days[line.kind].append((line.days.end - line.days.start).days)

    assert days[LineKind.POWER] == [10, 10, 21, 21]
    assert days[LineKind.ELECTRICITY_TAX] == [31]
    assert days[LineKind.SALES_TAX] == [31]
    assert {line.sales_tax for line in bills.list_lines(0, 0)} == {None, TaxKind.VAT}


def test_taxes_are_apart_where_only_the_meters_or_the_services_rate_changes() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 2, 1)], [date(2026, 1, 11), date(2026, 1, 21)])
    served = replace(HOME, meter_rental=Fee(Decimal(1)), services=Fee(Decimal(2)))
    seven = replace(LAW_2026, meter_tax_share=Decimal("0.07"))
    laws = LAW_2026, seven, replace(seven, services_tax_share=Decimal("0.03"))
    supply = Supply((served,), laws, (HOME_POWER,))
    bills = bill_supplies(grid, [supply], simple_case(grid).without_sharing())
    taxed = [line for line in bills.list_lines(0, 0) if line.kind is LineKind.SALES_TAX]

    assert [line.days.start.day for line in taxed] == [1, 11, 21]
    # 10 and 11 days at 1.00 and 2.00 EUR.
    assert bills.cents_of(LineKind.METER_TAX).tolist() == [[70 + 77]]
    assert bills.cents_of(LineKind.SERVICES_TAX).tolist() == [[66]]


def test_the_social_bonus_discounts_a_charge_for_surplus_without_energy_too() -> None:
    grid = make_grid([date(2026, 1, 1), date(2026, 1, 2)])
    poor = replace(
        HOME,
        power_eur_per_kw=figures("0"),
        surplus=ConstantPrice(figures("-0.01")),
        social_bonus_share=Decimal("0.5"),
    )
    bills = bill_supplies(grid, [supply_home(poor)], simple_case(grid).with_sharing())

    assert bills.cents_of(LineKind.SURPLUS).tolist() == [[24]]
    assert bills.cents_of(LineKind.SOCIAL_BONUS_DISCOUNT).tolist() == [[-12]]


def test_the_social_bonus_covers_energy_up_to_a_limit() -> None:
    # 24 kWh in a day: 8 at 0.20, 8 at 0.15 and 8 at 0.10 make 3.60 EUR, of which 6 kWh in 24 are
    # covered: 2,190 kWh a year / 365. Half of 0.90 EUR.
    grid = make_grid([date(2026, 1, 2), date(2026, 1, 3)])
    poor = replace(
        HOME,
        power_eur_per_kw=figures("0"),
        social_bonus_share=Decimal("0.5"),
        social_bonus_kwh_per_year=Decimal(2190),
    )
    bills = bill_supplies(grid, [supply_home(poor)], simple_case(grid).without_sharing())

    assert bills.cents_of(LineKind.SOCIAL_BONUS_DISCOUNT).tolist() == [[-45]]
