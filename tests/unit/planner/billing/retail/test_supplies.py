"""What a supply may say, and how demand beside the energy is billed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from planner.billing.retail.bill_lines import LineKind
from planner.billing.retail.billing_grid import ImpossibleGridError
from planner.billing.retail.bills import Bills, bill_supplies
from planner.billing.retail.contract import (
    ConstantPrice,
    Contract,
    ImpossibleSupplyError,
    IndexedPrice,
    PowerBands,
    PowerControl,
    ReactivePrice,
    RegulatedTerms,
    Supply,
)
from planner.billing.retail.demand import MeteredDemand, sum_squared_excess
from planner.billing.retail.energy_sums import DrawnEnergy
from planner.billing.retail.exact_cents import InexactFigureError, scale_figure
from tests.support.retail_bills import (
    HOME,
    HOME_POWER,
    LAW_2026,
    THREE,
    figures,
    make_grid,
    supply_home,
)

DAY = make_grid([date(2026, 1, 2), date(2026, 1, 3)])
DAYS = [date(2026, 1, 7), date(2026, 1, 9), date(2026, 1, 10)]
SIX_PERIODS = make_grid(DAYS, [date(2026, 1, 8)], tariff=THREE)
LAW_OF_SIX = RegulatedTerms(
    energy_tolls_eur_per_kwh=figures("0"),
    power_tolls_eur_per_kw_year=figures("0"),
    year_days=365,
    electricity_tax_share=Decimal(0),
    sales_tax_share=Decimal(0),
)
FREE = Contract(figures("0"), ConstantPrice(figures("0")))
TEN_KW = figures("10")


def draw_nothing(n_segments: int, n_periods: int) -> DrawnEnergy:
    sums = np.zeros((1, n_segments, n_periods))
    return DrawnEnergy(sums, np.zeros((1, n_segments)), *np.zeros((2, 1, n_segments, 0)))


@pytest.mark.parametrize(
    ("supply", "reason"),
    [
        (supply_home(replace(HOME, power_eur_per_kw=figures("1 2 3"))), "power price: 3 figures"),
        (supply_home(replace(HOME, energy=ConstantPrice(()))), "energy price: 0 figures"),
        (supply_home(replace(HOME, energy=IndexedPrice("pvpc"))), "price curve 'pvpc'"),
        (supply_home(replace(HOME, surplus=ConstantPrice(figures("1 2 3")))), "3 figures for 1"),
        (supply_home(law=replace(LAW_2026, year_days=0)), "a year of 0 days"),
        (
            supply_home(law=replace(LAW_2026, power_control=PowerControl.BANDS)),
            "bands of power belong",
        ),
        (
            supply_home(law=replace(LAW_2026, bands=PowerBands(*figures("1 1 1")))),
            "bands of power belong",
        ),
        (Supply((HOME, HOME), (LAW_2026,), (HOME_POWER,)), "2 terms for 1 segments"),
    ],
)
def test_a_supply_needs_a_figure_for_everything(supply: Supply, reason: str) -> None:
    with pytest.raises(ImpossibleSupplyError, match=reason):
        bill_supplies(DAY, [supply], draw_nothing(1, 3))


@pytest.mark.parametrize("text", ["0.0000000001", "NaN", "Infinity", "1e9", "-1e20"])
def test_figures_beyond_what_bills_reckon_with_are_refused(text: str) -> None:
    with pytest.raises(InexactFigureError, match="at most 9 decimals") as raised:
        scale_figure(Decimal(text), 9)
    assert str(raised.value.figure) == str(Decimal(text))
    assert raised.value.decimals == 9


def bill_six(law: RegulatedTerms, demand: MeteredDemand, *laws: RegulatedTerms) -> Bills:
    supply = Supply((FREE,), (law, *laws), (TEN_KW,))
    drawn = replace(draw_nothing(3, 6), grid_kwh=np.full((1, 3, 6), 100.0))
    return bill_supplies(SIX_PERIODS, [supply], drawn, demand)


def test_excess_by_maximeter_takes_each_days_price() -> None:
    dear = replace(
        LAW_OF_SIX, power_control=PowerControl.MAXIMETER, excess_eur_per_kw=figures("0.5")
    )
    cheap = replace(dear, excess_eur_per_kw=figures("0.25"))
    maxima = np.full((1, 2, 6), 9_000)
    maxima[0, :, 0] = 14_000, 10_500
    bills = bill_six(dear, MeteredDemand(maximeter_w=maxima), cheap, cheap)

    # 4 kW x 0.5 + 4 kW x 0.25, a day each; then half a kW x 0.25.
    assert bills.cents_of(LineKind.EXCESS_BY_MAXIMETER).tolist() == [[300, 13]]


def test_excess_by_quarter_hours_takes_the_root_of_the_squares_of_a_bill() -> None:
    law = replace(
        LAW_OF_SIX, power_control=PowerControl.QUARTER_HOURS, excess_eur_per_kw=figures("2")
    )
    demand_kw = np.full((1, 72), 8.0)
    # Hour 9 of the 7th and the 8th, which one bill joins: 3 and 4 kW above; then one of 1 kW.
    demand_kw[0, [9, 33, 57]] = 13.0, 14.0, 11.0
    squares = sum_squared_excess(SIX_PERIODS, demand_kw, np.full((1, 1, 6), 10.0))
    bills = bill_six(law, MeteredDemand(squared_excess_kw2=squares))

    assert bills.cents_of(LineKind.EXCESS_BY_QUARTER_HOURS).tolist() == [[1000, 200]]
    assert bills.list_lines(0, 0)[0].tariff_period == 1


def test_one_root_of_a_bill_is_shared_among_its_runs_by_their_squares() -> None:
    dear = replace(
        LAW_OF_SIX, power_control=PowerControl.QUARTER_HOURS, excess_eur_per_kw=figures("2")
    )
    cheap = replace(dear, excess_eur_per_kw=figures("1"))
    squares = np.zeros((1, 3, 6))
    squares[0, :, 0], squares[0, :, 1] = (9, 16, 1), (1, 1, 0)
    bills = bill_six(dear, MeteredDemand(squared_excess_kw2=squares), cheap, cheap)

    # P1: the root is 5 kW, 9/25 and 16/25 of it. P2: 1.414 kW, whose half is 0.707.
    excess = [line.quantity for line in bills.list_lines(0, 0) if line.unit == "kW"]
    assert excess == list(figures("1.8 0.707 3.2 0.707"))
    # 3.60 + 1.41 and 3.20 + 0.71; then 1 kW alone.
    assert bills.cents_of(LineKind.EXCESS_BY_QUARTER_HOURS).tolist() == [[892, 100]]


def test_days_of_another_control_add_no_squares() -> None:
    quarters = replace(
        LAW_OF_SIX, power_control=PowerControl.QUARTER_HOURS, excess_eur_per_kw=figures("2")
    )
    switch = replace(quarters, power_control=PowerControl.SWITCH)
    squares = np.zeros((1, 3, 6))
    squares[0, :, 0] = 9, 16, 1
    bills = bill_six(quarters, MeteredDemand(squared_excess_kw2=squares), switch, switch)

    assert bills.cents_of(LineKind.EXCESS_BY_QUARTER_HOURS).tolist() == [[600, 0]]


def test_a_switch_bills_no_excess() -> None:
    dear = replace(LAW_OF_SIX, excess_eur_per_kw=figures("2"))
    demand = MeteredDemand(
        maximeter_w=np.full((1, 2, 6), 50_000), squared_excess_kw2=np.ones((1, 3, 6))
    )

    assert bill_six(dear, demand).total_cents().tolist() == [[0, 0]]


def test_quarter_hours_need_six_periods_of_power() -> None:
    with pytest.raises(ImpossibleGridError, match="six periods of power"):
        sum_squared_excess(DAY, np.zeros((1, 24)), np.zeros((1, 1, 6)))


def test_reactive_energy_costs_more_below_a_power_factor_of_080() -> None:
    law = replace(LAW_OF_SIX, reactive=ReactivePrice(*figures("0.33 0.10 0.20")))
    reactive = np.zeros((1, 2, 6), np.int64)
    # Two segments of 100 kWh in the first bill: 150 kvarh are a factor of 0.80 still.
    reactive[0, 0] = 150_000, 151_000, 66_000, 0, 0, 151_000
    reactive[0, 1] = 33_000, 34_000, 0, 0, 0, 0
    bills = bill_six(law, MeteredDemand(reactive_varh=reactive))

    # (150 - 66) x 0.10 and (151 - 66) x 0.20; the last period is free. Then (34 - 33) x 0.10.
    assert bills.cents_of(LineKind.REACTIVE_ENERGY).tolist() == [[840 + 1700, 10]]
    line = bills.list_lines(0, 0)[0]
    assert (line.days.start, line.days.end) == (date(2026, 1, 7), date(2026, 1, 9))
    unpriced = bill_six(LAW_OF_SIX, MeteredDemand(reactive_varh=reactive))
    assert unpriced.total_cents().tolist() == [[0, 0]]


def test_scenarios_share_the_readings_of_demand() -> None:
    read = MeteredDemand(maximeter_w=np.arange(4).reshape(2, 1, 2))

    repeated = read.repeat(3)

    assert repeated.maximeter_w is not None
    assert repeated.maximeter_w.ravel().tolist() == [0, 1, 2, 3] * 3
    assert repeated.maximeter_w.shape == (6, 1, 2)
    assert (repeated.squared_excess_kw2, repeated.reactive_varh) == (None, None)
