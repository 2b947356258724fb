"""Retail bills computed by hand, line by line, and a printed one.

The arithmetic stands beside each amount. Figures of law are those of 2026: tolls of the CNMC's
resolution of 18 December 2025 and TED/1524/2025, electricity tax and VAT before and after RDL
7/2026.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from models.values.calendar import Zone
from models.values.invoicing import TaxKind
from models.values.period import Period
from planner.billing.retail.bill_lines import LineKind
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.bills import Bills, bill_supplies
from planner.billing.retail.contract import (
    ConstantPrice,
    Contract,
    Fee,
    IndexedPrice,
    Per,
    PowerBands,
    PowerControl,
    ReactivePrice,
    RegulatedTerms,
    Supply,
)
from planner.billing.retail.demand import MeteredDemand, sum_squared_excess, tell_reactive_excess
from planner.billing.retail.difference import Cause, explain_difference
from planner.billing.retail.energy_sums import DrawnEnergy, index_to_market, sum_shared_energy
from tests.support.retail_bills import (
    HOME,
    HOME_POWER,
    LAW_2026,
    LOW_TAXES,
    SIX,
    THREE,
    amounts,
    figures,
    local_hours,
    make_grid,
)

MARCH = [date(2026, 3, 1), date(2026, 4, 1)]
JANUARY = [date(2026, 1, 1), date(2026, 2, 1)]
TAX_CHANGE = date(2026, 3, 22)


# 2.0TD, March 2026 (743 hours): RDL 7/2026 lowers both taxes on the 22nd.
# Until the 21st: 15 working days (P1 8 h, P2 8 h, P3 8 h) and 6 days off (P3 24 h):
#   P1 120 h, P2 120 h, P3 264 h. From the 22nd: 7 working days and 3 days off, of which Sunday
#   the 29th has 23 hours: P1 56 h, P2 56 h, P3 127 h. The home draws 0.5 kWh an hour.
HOME_IN_MARCH = Supply((HOME,), (LAW_2026, LOW_TAXES), (HOME_POWER,))


def bill_home(noon_kwh: float, supply: Supply = HOME_IN_MARCH) -> tuple[Bills, Bills]:
    """Bill March without and with a plant that works from 12 to 13, all of it the member's."""
    grid = make_grid(MARCH, [TAX_CHANGE])
    sun = np.where(local_hours(grid) == 12, noon_kwh, 0.0)
    sums = sum_shared_energy(grid, np.ones(1), sun, np.full((1, 743), 0.5), {})
    without = bill_supplies(grid, [supply], sums.without_sharing())
    return without, bill_supplies(grid, [supply], sums.with_sharing())


def test_two_periods_across_a_change_of_taxes() -> None:
    without, _ = bill_home(2.5)

    assert amounts(without) == [
        ("power", 1, "7.33"),  # 4.6 x 27.704413 x 21 / 365 = 7.3322
        ("power", 2, "0.19"),  # 4.6 x 0.725423 x 21 / 365 = 0.1920
        ("power", 1, "3.49"),  # 4.6 x 27.704413 x 10 / 365 = 3.4915
        ("power", 2, "0.09"),  # 4.6 x 0.725423 x 10 / 365 = 0.0914
        ("energy", 1, "12.00"),  # 60 kWh x 0.20
        ("energy", 2, "9.00"),  # 60 kWh x 0.15
        ("energy", 3, "13.20"),  # 132 kWh x 0.10
        ("energy", 1, "5.60"),  # 28 kWh x 0.20
        ("energy", 2, "4.20"),  # 28 kWh x 0.15
        ("energy", 3, "6.35"),  # 63.5 kWh x 0.10
        ("social-bonus-financing", None, "0.40"),  # 6.979247 x 21 / 365 = 0.4015
        ("social-bonus-financing", None, "0.19"),  # 6.979247 x 10 / 365 = 0.1912
        ("electricity-tax", None, "2.15"),  # 42.12 x 5.11269632 % = 2.1535
        ("least-electricity-tax", None, "0.12"),  # 0.1195 MWh x 1, more than 19.92 x 0.5 % = 0.10
        ("meter-rental", None, "0.56"),  # 0.81 x 12 x 21 / 365 = 0.5592
        ("meter-rental", None, "0.27"),  # 0.81 x 12 x 10 / 365 = 0.2663
        ("sales-tax", None, "9.41"),  # (42.12 + 2.15 + 0.56) x 21 % = 9.4143
        ("sales-tax", None, "2.03"),  # (19.92 + 0.12 + 0.27) x 10 % = 2.031
    ]
    assert without.total_cents().tolist() == [[5424 + 2234]]


def test_two_periods_with_surplus_across_a_change_of_taxes() -> None:
    # Every noon gives 2.5 kWh: 0.5 are used and 2.0 left over; 0.5 less come from the grid, in P1
    # on 15 and 7 working days, in P3 on 6 and 3 days off.
    without, sharing = bill_home(2.5)

    assert amounts(sharing) == [
        ("power", 1, "7.33"),
        ("power", 2, "0.19"),
        ("power", 1, "3.49"),
        ("power", 2, "0.09"),
        ("energy", 1, "10.50"),  # 52.5 kWh x 0.20
        ("energy", 2, "9.00"),
        ("energy", 3, "12.90"),  # 129 kWh x 0.10
        ("energy", 1, "4.90"),  # 24.5 kWh x 0.20
        ("energy", 2, "4.20"),
        ("energy", 3, "6.20"),  # 62 kWh x 0.10
        ("surplus", None, "-2.10"),  # 42 kWh x 0.05
        ("surplus", None, "-1.00"),  # 20 kWh x 0.05
        ("social-bonus-financing", None, "0.40"),
        ("social-bonus-financing", None, "0.19"),
        ("electricity-tax", None, "1.95"),  # 38.22 x 5.11269632 % = 1.9541
        ("least-electricity-tax", None, "0.11"),  # 0.1145 MWh x 1; 18.07 x 0.5 % = 0.09
        ("meter-rental", None, "0.56"),
        ("meter-rental", None, "0.27"),
        ("sales-tax", None, "8.55"),  # 40.73 x 21 % = 8.5533
        ("sales-tax", None, "1.85"),  # 18.45 x 10 % = 1.845, half away from zero
    ]
    assert sharing.total_cents().tolist() == [[4928 + 2030]]
    saved = explain_difference(without, sharing)
    assert saved.cents.tolist() == [[700]]
    assert {cause: int(cents[0, 0]) for cause, cents in saved.by_cause.items()} == {
        Cause.GRID_ENERGY: 265,  # 34.20 + 16.15 - 32.40 - 15.30
        Cause.COMPENSATION: 310,
        Cause.POWER: 0,
        Cause.SOCIAL_BONUS: 0,
        Cause.FEES_AND_DISCOUNTS: 0,
        Cause.ELECTRICITY_TAX: 21,  # 2.27 - 2.06
        Cause.SALES_TAX: 104,  # 11.44 - 10.40
    }


def test_two_periods_with_compensation_at_its_cap() -> None:
    # Every noon leaves 50 kWh: 52.50 and 25.00 EUR, against energy of 32.40 and 15.30 EUR.
    _, sharing = bill_home(50.5)
    lines = [line for line in amounts(sharing) if line[0] not in ("power", "energy")]

    assert lines == [
        ("surplus", None, "-52.50"),
        ("surplus", None, "-25.00"),
        ("compensation-limit", None, "20.10"),  # 52.50 - 32.40
        ("compensation-limit", None, "9.70"),  # 25.00 - 15.30
        ("social-bonus-financing", None, "0.40"),
        ("social-bonus-financing", None, "0.19"),
        ("electricity-tax", None, "0.40"),  # (7.52 + 0.40) x 5.11269632 % = 0.4049
        ("least-electricity-tax", None, "0.11"),
        ("meter-rental", None, "0.56"),
        ("meter-rental", None, "0.27"),
        ("sales-tax", None, "1.86"),  # (7.92 + 0.40 + 0.56) x 21 % = 1.8648
        ("sales-tax", None, "0.42"),  # (3.77 + 0.11 + 0.27) x 10 % = 0.415, half away from zero
    ]
    assert sharing.total_cents().tolist() == [[1074 + 457]]


# January 2026, six periods in the peninsula: 20 working days (P1 9 h, P2 7 h, P6 8 h) and 11 days
# off, the 1st and the 6th among them (P6 24 h): P1 180 h, P2 140 h, P6 424 h.
SHOP_LAW = RegulatedTerms(
    energy_tolls_eur_per_kwh=figures("0.063352 0.038914 0.019279 0.009795 0.004706 0.002898"),
    power_tolls_eur_per_kw_year=figures("20.376927 10.617621 4.481534 3.886333 2.513851 1.442287"),
    year_days=365,
    electricity_tax_share=Decimal("0.0511269632"),
    electricity_tax_least_eur_per_mwh=Decimal("0.5"),
    sales_tax_share=Decimal("0.21"),
    social_bonus_financing=Fee(Decimal("6.979247"), Per.YEAR),
    power_control=PowerControl.MAXIMETER,
    excess_eur_per_kw=figures("0.171373 0.090584 0.028721 0.021891 0.006142 0.006142"),
)
SHOP = Contract(
    power_eur_per_kw=figures("0"),
    power_has_tolls=False,
    energy=ConstantPrice(figures("0.10")),
    energy_has_tolls=False,
    surplus=ConstantPrice(figures("0.04")),
    meter_rental=Fee(Decimal("1.36"), Per.MONTH),
)
SHOP_SUPPLY = Supply((SHOP,), (SHOP_LAW,), (figures("20 20 20 20 20 25"),))


def bill_shop(noon_kwh: float) -> Bills:
    """Bill 4 kWh an hour, and a maximum of 22 kW in P1."""
    grid = make_grid(JANUARY, tariff=THREE)
    sun = np.where(local_hours(grid) == 12, noon_kwh, 0.0)
    sums = sum_shared_energy(grid, np.array([0.5]), sun, np.full((1, 744), 4.0), {})
    maxima = np.array([[[22_000, 20_000, 0, 0, 0, 24_000]]])
    demand = MeteredDemand(maximeter_w=maxima)
    return bill_supplies(grid, [SHOP_SUPPLY], sums.with_sharing(), demand)


SHOP_POWER = [
    ("power-tolls", 1, "34.61"),  # 20 x 20.376927 x 31 / 365 = 34.6129
    ("power-tolls", 2, "18.04"),  # 20 x 10.617621 x 31 / 365 = 18.0354
    ("power-tolls", 3, "7.61"),  # 20 x 4.481534 x 31 / 365 = 7.6125
    ("power-tolls", 4, "6.60"),  # 20 x 3.886333 x 31 / 365 = 6.6014
    ("power-tolls", 5, "4.27"),  # 20 x 2.513851 x 31 / 365 = 4.2701
    ("power-tolls", 6, "3.06"),  # 25 x 1.442287 x 31 / 365 = 3.0624
    ("excess-by-maximeter", 1, "10.63"),  # (22 - 20) x 0.171373 x 31 = 10.6251
]


def test_six_periods_in_low_voltage_with_excess_by_maximeter() -> None:
    bills = bill_shop(0.0)

    assert amounts(bills) == [
        *SHOP_POWER,
        ("energy", 1, "72.00"),  # 720 kWh x 0.10
        ("energy", 2, "56.00"),  # 560 kWh x 0.10
        ("energy", 6, "169.60"),  # 1,696 kWh x 0.10
        ("energy-tolls", 1, "45.61"),  # 720 x 0.063352 = 45.6134
        ("energy-tolls", 2, "21.79"),  # 560 x 0.038914 = 21.7918
        ("energy-tolls", 6, "4.92"),  # 1,696 x 0.002898 = 4.9150
        ("social-bonus-financing", None, "0.59"),  # 6.979247 x 31 / 365 = 0.5928
        ("electricity-tax", None, "23.28"),  # 455.33 x 5.11269632 % = 23.2796
        ("meter-rental", None, "1.39"),  # 1.36 x 12 x 31 / 365 = 1.3861
        ("sales-tax", None, "100.80"),  # 480.00 x 21 %
    ]
    assert bills.total_cents().tolist() == [[58_080]]


def test_six_periods_in_low_voltage_with_surplus() -> None:
    # Half of 28 kWh every noon: 4 used, 10 left over; P1 on 20 working days, P6 on 11 days off.
    bills = bill_shop(28.0)

    assert amounts(bills) == [
        *SHOP_POWER,
        ("energy", 1, "64.00"),  # 640 kWh x 0.10
        ("energy", 2, "56.00"),
        ("energy", 6, "165.20"),  # 1,652 kWh x 0.10
        ("energy-tolls", 1, "40.55"),  # 640 x 0.063352 = 40.5453
        ("energy-tolls", 2, "21.79"),
        ("energy-tolls", 6, "4.79"),  # 1,652 x 0.002898 = 4.7875
        ("surplus", None, "-12.40"),  # 310 kWh x 0.04
        ("social-bonus-financing", None, "0.59"),
        ("electricity-tax", None, "21.75"),  # 425.34 x 5.11269632 % = 21.7463
        ("meter-rental", None, "1.39"),
        ("sales-tax", None, "94.18"),  # 448.48 x 21 % = 94.1808
    ]
    assert bills.total_cents().tolist() == [[54_266]]


# 6.1TD, January 2026: OMIE at 0.06 with losses of 6.7, 6.8 and 7.7 %, and 0.004 of margin.
FACTORY_LAW = replace(
    SHOP_LAW,
    energy_tolls_eur_per_kwh=figures("0.046274 0.026717 0.012928 0.006678 0.002619 0.001588"),
    power_tolls_eur_per_kw_year=figures("29.595368 15.514709 6.801881 5.393829 2.125113 1.004181"),
    power_control=PowerControl.QUARTER_HOURS,
    excess_eur_per_kw=figures("3.431797 1.818277 0.680379 0.478581 0.010172 0.008984"),
)
FACTORY = Contract(
    power_eur_per_kw=figures("0"),
    power_has_tolls=False,
    energy=IndexedPrice("omie", figures("0.004")),
    energy_has_tolls=False,
    surplus=IndexedPrice("surplus"),
)
FACTORY_SUPPLY = Supply((FACTORY,), (FACTORY_LAW,), (figures("500"),))


def bill_factory(noon_kwh: float) -> Bills:
    """Bill 400 kWh an hour, and two quarter-hours of P1 at 530 and 540 kW."""
    grid = make_grid(JANUARY, tariff=SIX)
    losses = [0.067, 0.068, 0.065, 0.065, 0.043, 0.077]
    omie = index_to_market(np.full(744, 0.06), losses, grid.tariff_periods)
    curves = {"omie": omie, "surplus": np.full(744, 0.05)}
    sun = np.where(local_hours(grid) == 12, noon_kwh, 0.0)
    sums = sum_shared_energy(grid, np.ones(1), sun, np.full((1, 744), 400.0), curves)
    demand_kw = np.full((1, 744), 400.0)
    demand_kw[0, np.flatnonzero(grid.tariff_periods == 1)[:2]] = 530.0, 540.0
    squares = sum_squared_excess(grid, demand_kw, np.full((1, 1, 6), 500.0))
    drawn = sums.with_sharing()
    return bill_supplies(grid, [FACTORY_SUPPLY], drawn, MeteredDemand(squared_excess_kw2=squares))


FACTORY_POWER = [
    ("power-tolls", 1, "1256.79"),  # 500 x 29.595368 x 31 / 365 = 1,256.7896
    ("power-tolls", 2, "658.84"),  # 500 x 15.514709 x 31 / 365 = 658.8438
    ("power-tolls", 3, "288.85"),  # 500 x 6.801881 x 31 / 365 = 288.8470
    ("power-tolls", 4, "229.05"),  # 500 x 5.393829 x 31 / 365 = 229.0530
    ("power-tolls", 5, "90.24"),  # 500 x 2.125113 x 31 / 365 = 90.2445
    ("power-tolls", 6, "42.64"),  # 500 x 1.004181 x 31 / 365 = 42.6433
    ("excess-by-quarter-hours", 1, "171.59"),  # root of 30² + 40² is 50; x 3.431797 = 171.5899
]


def test_six_periods_in_high_voltage_by_the_market_with_excess_by_quarter_hours() -> None:
    bills = bill_factory(0.0)

    assert amounts(bills) == [
        *FACTORY_POWER,
        # 72,000 x 0.06402 + 56,000 x 0.06408 + 169,600 x 0.06462 = 19,157.472; margin
        # 297,600 x 0.004 = 1,190.40
        ("indexed-energy", None, "20347.87"),
        ("energy-tolls", 1, "3331.73"),  # 72,000 x 0.046274 = 3,331.728
        ("energy-tolls", 2, "1496.15"),  # 56,000 x 0.026717 = 1,496.152
        ("energy-tolls", 6, "269.32"),  # 169,600 x 0.001588 = 269.3248
        ("social-bonus-financing", None, "0.59"),
        ("electricity-tax", None, "1440.94"),  # 28,183.66 x 5.11269632 % = 1,440.9449
        ("sales-tax", None, "6221.17"),  # 29,624.60 x 21 % = 6,221.166
    ]
    assert bills.total_cents().tolist() == [[3_584_577]]


def test_six_periods_in_high_voltage_with_surplus_by_the_market() -> None:
    # 1,000 kWh every noon: 400 used, in P1 on 20 and in P6 on 11 days, and 600 left over.
    bills = bill_factory(1000.0)

    assert amounts(bills) == [
        *FACTORY_POWER,
        # 64,000 x 0.06402 + 56,000 x 0.06408 + 165,200 x 0.06462 = 18,360.984; margin
        # 285,200 x 0.004 = 1,140.80
        ("indexed-energy", None, "19501.78"),
        ("energy-tolls", 1, "2961.54"),  # 64,000 x 0.046274 = 2,961.536
        ("energy-tolls", 2, "1496.15"),
        ("energy-tolls", 6, "262.34"),  # 165,200 x 0.001588 = 262.3376
        ("indexed-surplus", None, "-930.00"),  # 18,600 x 0.05
        ("social-bonus-financing", None, "0.59"),
        ("electricity-tax", None, "1330.86"),  # 26,030.40 x 5.11269632 % = 1,330.8553
        ("sales-tax", None, "5745.86"),  # 27,361.26 x 21 % = 5,745.8646
    ]
    assert bills.total_cents().tolist() == [[3_310_712]]


def test_a_month_has_one_root_of_excess_across_a_change_of_taxes() -> None:
    # 3.0TD, March 2026, P1 and P2: before the change 15 quarter-hours 4 kW above in P1 (240 kW2)
    # and one 6 kW above in P2; after it one 7 kW above in P1 (49), and one 8 kW above in P2.
    # P1: the root of 289 is 17 kW, of which 240 / 289 are 14.118 and the rest 2.882 kW.
    # P2: the root of 36 + 64 is 10 kW, of which 3.6 and 6.4 kW.
    # A root a run would make 36.49 kW of these 27.
    grid = make_grid(MARCH, [TAX_CHANGE], tariff=SIX)
    law = replace(
        LAW_2026,
        energy_tolls_eur_per_kwh=figures("0"),
        power_tolls_eur_per_kw_year=figures("0"),
        power_control=PowerControl.QUARTER_HOURS,
        excess_eur_per_kw=figures("3.325715 1.75 0 0 0 0"),
    )
    lower = replace(law, electricity_tax_share=LOW_TAXES.electricity_tax_share)
    contract = replace(HOME, energy=ConstantPrice(figures("0")), power_eur_per_kw=figures("0"))
    squares = np.zeros((1, 2, 6))
    squares[0, 0, :2], squares[0, 1, :2] = (240, 36), (49, 64)
    drawn = DrawnEnergy(np.zeros((1, 2, 6)), np.zeros((1, 2)), *np.zeros((2, 1, 2, 0)))
    supply = Supply((contract,), (law, lower), (figures("60"),))
    bills = bill_supplies(grid, [supply], drawn, MeteredDemand(squared_excess_kw2=squares))

    excess = [line for line in bills.list_lines(0, 0) if line.unit == "kW"]
    assert [(line.tariff_period, line.quantity, line.amount_eur) for line in excess] == [
        (1, Decimal("14.118"), Decimal("46.95")),  # 14.118 x 3.325715 = 46.9524
        (2, Decimal("3.600"), Decimal("6.30")),  # 3.6 x 1.75
        (1, Decimal("2.882"), Decimal("9.58")),  # 2.882 x 3.325715 = 9.5847
        (2, Decimal("6.400"), Decimal("11.20")),  # 6.4 x 1.75
    ]
    # 17 x 3.325715 = 56.5372, 10 x 1.75 = 17.50; each line rounds, so that P1 is 56.53.
    assert bills.cents_of(LineKind.EXCESS_BY_QUARTER_HOURS).tolist() == [[7403]]


def test_canarias_with_its_own_calendar_and_taxes() -> None:
    # July 2026, a dwelling of 4.6 kW: IGIC 0 %, 7 % on the meter. 23 working days: P1 184 h,
    # P2 184 h, P3 184 + 8 x 24 = 376 h. It draws 1 kWh an hour.
    grid = make_grid([date(2026, 7, 1), date(2026, 8, 1)], zone=Zone.CANARIAS)
    law = replace(
        LAW_2026,
        sales_tax=TaxKind.IGIC,
        sales_tax_share=Decimal(0),
        meter_tax_share=Decimal("0.07"),
        social_bonus_financing=Fee(Decimal("9.011295"), Per.YEAR),
    )
    supply = Supply((HOME,), (law,), (HOME_POWER,))
    sun = np.where(local_hours(grid, Zone.CANARIAS) == 12, 1.5, 0.0)
    sums = sum_shared_energy(grid, np.ones(1), sun, np.ones((1, 744)), {})

    assert amounts(bill_supplies(grid, [supply], sums.with_sharing())) == [
        ("power", 1, "10.82"),  # 4.6 x 27.704413 x 31 / 365 = 10.8237
        ("power", 2, "0.28"),  # 4.6 x 0.725423 x 31 / 365 = 0.2834
        ("energy", 1, "32.20"),  # (184 - 23) kWh x 0.20
        ("energy", 2, "27.60"),  # 184 kWh x 0.15
        ("energy", 3, "36.80"),  # (376 - 8) kWh x 0.10
        ("surplus", None, "-0.78"),  # 15.5 kWh x 0.05 = 0.775, half away from zero
        ("social-bonus-financing", None, "0.77"),  # 9.011295 x 31 / 365 = 0.7653
        ("electricity-tax", None, "5.51"),  # 107.69 x 5.11269632 % = 5.5059
        ("meter-rental", None, "0.83"),  # 0.81 x 12 x 31 / 365 = 0.8255
        ("sales-tax", None, "0.00"),
        ("meter-tax", None, "0.06"),  # 0.83 x 7 % = 0.0581
    ]


def test_the_retailers_example_of_five_members_is_compensated_as_it_says() -> None:
    # The guide's table, 20 kWh for each of five: (1) costs nothing, (2) costs the usual price,
    # (3) is taken off the bill. Here at 0.20 and 0.05 EUR/kWh, in one hour of P1.
    days = (Period(date(2026, 1, 2), date(2026, 1, 3)),)
    grid = BillingGrid(np.ones(1, np.uint8), 3, np.array([0, 1]), days, np.array([0]))
    consumption = np.array([[20.0], [40.0], [25.0], [15.0], [10.0]])
    sums = sum_shared_energy(grid, np.full(5, 0.2), np.array([100.0]), consumption, {})
    supply = Supply((HOME,), (LAW_2026,), (HOME_POWER,))
    bills = bill_supplies(grid, [supply] * 5, sums.with_sharing())

    assert bills.cents_of(LineKind.ENERGY)[:, 0].tolist() == [0, 400, 100, 0, 0]
    assert bills.cents_of(LineKind.SURPLUS)[:, 0].tolist() == [0, 0, 0, -25, -50]
    # C4 and C5 draw nothing that month, so nothing can be taken off.
    assert bills.cents_of(LineKind.COMPENSATION_LIMIT)[:, 0].tolist() == [0, 0, 0, 25, 50]


# A distributor's invoice of April 2017 (tariff 3.0A, 35 kW, maximeter), message F1 with fictitious
# names in gisce/gestionatr. It has three periods of power; prices by month stand here by day of 30.
READ_APRIL = {
    "power": figures("0.113135800 0.067881467 0.045254333 0 0 0"),
    "energy": figures("0.018762 0.012575 0.004670 0 0 0"),
}


def test_a_printed_invoice_with_power_billed_within_bands() -> None:
    law = RegulatedTerms(
        energy_tolls_eur_per_kwh=figures("0"),
        power_tolls_eur_per_kw_year=figures("0"),
        year_days=365,
        electricity_tax_share=Decimal(0),
        sales_tax_share=Decimal("0.21"),
        power_control=PowerControl.BANDS,
        bands=PowerBands(*figures("0.85 1.05 2")),
        reactive=ReactivePrice(*figures("0.33 0.041554 0.062332")),
    )
    contract = Contract(
        power_eur_per_kw=READ_APRIL["power"],
        power_per=Per.DAY,
        energy=ConstantPrice(READ_APRIL["energy"]),
        meter_rental=Fee(Decimal("0.345205")),
    )
    grid = BillingGrid(
        tariff_periods=np.ones(30, np.uint8),
        n_periods=6,
        segment_borders=np.array([0, 30]),
        segments=(Period(date(2017, 4, 1), date(2017, 5, 1)),),
        bill_starts=np.array([0]),
    )
    energy = np.array([[[2327.0, 5738.0, 1805.0, 0.0, 0.0, 0.0]]])
    drawn = DrawnEnergy(energy, np.zeros((1, 1)), *np.zeros((2, 1, 1, 0)))
    # What the invoice bills above 33 %: 15.55 and 714.46 kvarh (see the next test).
    reactive = np.array([[[767_910 + 15_550, 1_893_540 + 714_460, 0, 0, 0, 0]]])
    demand = MeteredDemand(
        maximeter_w=np.array([[[36_660, 37_780, 22_520, 0, 0, 0]]]), reactive_varh=reactive
    )
    powers = figures("35 35 35 0 0 0")
    bills = bill_supplies(grid, [Supply((contract,), (law,), (powers,))], drawn, demand)

    billed = [line.quantity for line in bills.list_lines(0, 0) if line.kind is LineKind.POWER]
    assert billed == [Decimal("36.660"), Decimal("39.840"), Decimal("29.750")]
    printed = {
        "245.95": (LineKind.POWER,),
        "124.25": (LineKind.ENERGY,),
        "30.34": (LineKind.REACTIVE_ENERGY,),
        "10.36": (LineKind.METER_RENTAL,),
        "86.29": (LineKind.SALES_TAX,),
    }
    for amount, kinds in printed.items():
        assert Decimal(int(bills.cents_of(*kinds)[0, 0])).scaleb(-2) == Decimal(amount)
    assert bills.total_cents().tolist() == [[49_719]]


@pytest.mark.parametrize(
    ("active", "reactive", "excess"),
    [
        ([1265, 3197, 1041], [433, 1460, 950], [15_550, 404_990, 0]),
        ([1062, 2541, 764], [347, 1148, 653], [0, 309_470, 0]),
    ],
)
def test_the_reactive_energy_of_that_invoice(
    active: list[int], reactive: list[int], excess: list[int]
) -> None:
    # Readings of 31 March to 17 April, and to 30 April: 404.99 + 309.47 = 714.46 kvarh.
    free = np.array([3_300_000_000])
    told = tell_reactive_excess(np.array(active) * 1000, np.array(reactive) * 1000, free)

    assert told.tolist() == excess


def test_a_published_example_of_the_power_term() -> None:
    # A cooperative's page: 4.5 kW x 31.949 EUR a year / 365 x 28 days = 11.03 EUR.
    grid = make_grid([date(2026, 2, 1), date(2026, 3, 1)])
    contract = replace(HOME, power_eur_per_kw=figures("31.949 0"))
    supply = Supply((contract,), (LAW_2026,), (figures("4.5 4.5"),))
    sums = sum_shared_energy(grid, np.ones(1), np.zeros(672), np.zeros((1, 672)), {})
    bills = bill_supplies(grid, [supply], sums.without_sharing())

    assert amounts(bills)[0] == ("power", 1, "11.03")
