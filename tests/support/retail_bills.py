"""Supplies, contracts and figures of law for tests of retail bills, and grids to bill them on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from models.regulation.tariff_periods import count_periods, find_periods
from models.values.calendar import Step, Zone, local_midnight, local_times, year_steps
from models.values.tariff import Tariff
from planner.billing.retail.bill_lines import BillLine, LineKind
from planner.billing.retail.billing_grid import BillingGrid, cut_bills
from planner.billing.retail.bills import Bills
from planner.billing.retail.contract import (
    ConstantPrice,
    Contract,
    Fee,
    Per,
    RegulatedTerms,
    Supply,
)

TWO = Tariff.LOW_VOLTAGE_UP_TO_15_KW
THREE = Tariff.LOW_VOLTAGE_ABOVE_15_KW
SIX = Tariff.HIGH_VOLTAGE_1_TO_30_KV


def figures(*texts: str) -> tuple[Decimal, ...]:
    """Read decimals, also several in one text."""
    return tuple(Decimal(figure) for text in texts for figure in text.split())


def make_grid(
    bill_days: Sequence[date],
    changes: Sequence[date] = (),
    *,
    tariff: Tariff = TWO,
    zone: Zone = Zone.PENINSULA,
    step: Step = Step.HOUR,
) -> BillingGrid:
    """Cut days of one year into bills."""
    year = bill_days[0].year
    starts = year_steps(year, zone.timezone, step)
    first, end = (
        int(np.searchsorted(starts, local_midnight(day, zone.timezone)))
        for day in (bill_days[0], bill_days[-1])
    )
    local = local_times(year, zone.timezone, step)[first:end]
    periods = find_periods(local, zone, tariff)
    n_periods = count_periods(tariff)
    return cut_bills(starts[first:end], zone.timezone, periods, n_periods, bill_days, changes)


def local_hours(grid: BillingGrid, zone: Zone = Zone.PENINSULA) -> np.ndarray:
    """Tell the hour that the clock shows at every hour of a grid."""
    first = grid.segments[0].start
    starts = year_steps(first.year, zone.timezone, Step.HOUR)
    begin = int(np.searchsorted(starts, local_midnight(first, zone.timezone)))
    local = local_times(first.year, zone.timezone, Step.HOUR)
    local = local[begin : begin + grid.tariff_periods.size]
    return (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)


LAW_2026 = RegulatedTerms(
    energy_tolls_eur_per_kwh=figures("0.097553 0.029267 0.003292"),
    power_tolls_eur_per_kw_year=figures("27.704413 0.725423"),
    year_days=365,
    electricity_tax_share=Decimal("0.0511269632"),
    electricity_tax_least_eur_per_mwh=Decimal(1),
    sales_tax_share=Decimal("0.21"),
    social_bonus_financing=Fee(Decimal("6.979247"), Per.YEAR),
)
"""2.0TD in the first months of 2026."""

LOW_TAXES = replace(
    LAW_2026, electricity_tax_share=Decimal("0.005"), sales_tax_share=Decimal("0.10")
)
"""The same from 22 March to 31 May 2026."""

HOME = Contract(
    power_eur_per_kw=figures("27.704413 0.725423"),
    energy=ConstantPrice(figures("0.20 0.15 0.10")),
    surplus=ConstantPrice(figures("0.05")),
    meter_rental=Fee(Decimal("0.81"), Per.MONTH),
)
HOME_POWER = figures("4.6 4.6")


def supply_home(contract: Contract = HOME, law: RegulatedTerms = LAW_2026) -> Supply:
    """Supply a home of 4.6 kW."""
    return Supply((contract,), (law,), (HOME_POWER,))


def amounts(bills: Bills, row: int = 0, bill: int = 0) -> list[tuple[str, int | None, str]]:
    """List a bill's lines as kind, tariff period and amount."""
    lines = bills.list_lines(row, bill)
    return [(str(line.kind), line.tariff_period, str(line.amount_eur)) for line in lines]


def recompute(line: BillLine) -> Decimal:
    """Multiply a line out as its reader would, before rounding."""
    assert line.unit_price is not None
    amount = line.quantity * line.unit_price
    if line.kind in (LineKind.POWER, LineKind.POWER_TOLLS, LineKind.EXCESS_BY_MAXIMETER):
        assert line.days.end is not None
        amount *= (line.days.end - line.days.start).days
    if line.price_per in (Per.MONTH, Per.YEAR):
        assert line.year_days is not None
        amount *= 12 if line.price_per is Per.MONTH else 1
        amount /= line.year_days
    return amount
