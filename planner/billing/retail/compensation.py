"""Simplified compensation of surplus, and the social bonus that comes after it."""

import numpy as np

from planner.billing.retail.bill_lines import LineArrays, LineKind
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.exact_cents import (
    PICO_EUR_PER_CENT,
    Whole,
    multiply_exactly,
    round_half_up,
)
from planner.billing.retail.line_arithmetic import price_days, price_units, take_share
from planner.billing.retail.rate_table import NO_CURVE, NO_LIMIT, RateTable
from planner.billing.retail.run_energy import RunEnergy
from planner.billing.retail.runs import sum_bills

Lines = dict[LineKind, LineArrays]

_ENERGY = (
    LineKind.ENERGY,
    LineKind.INDEXED_ENERGY,
    LineKind.ENERGY_TOLLS,
    LineKind.ENERGY_DISCOUNT,
)
_COMPENSATION = (
    LineKind.SURPLUS,
    LineKind.INDEXED_SURPLUS,
    LineKind.COMPENSATION_LIMIT,
)


def compensate(grid: BillingGrid, table: RateTable, energy: RunEnergy, lines: Lines) -> Lines:
    """Value the surplus, and take back what passes the value of the energy from the grid.

    Parameters
    ----------
    grid : BillingGrid
        Bills of the segments.
    table : RateTable
        Prices and the base of the cap.
    energy : RunEnergy
        Surplus.
    lines : dict of LineKind to LineArrays
        Those of the energy from the grid.

    Returns
    -------
    dict of LineKind to LineArrays
        The surplus at its price, and the limit of its compensation.

    Notes
    -----
    RD 244/2019, article 14: the sum over the bill, never hour by hour, and never more than the
    value of the energy from the grid, which counts as nothing where it is negative. Where the
    cap binds, every run's energy is compensated just as far as it is worth, so that no run pays
    tax on another's energy.
    """
    is_indexed = (table.surplus_curve != NO_CURVE).astype(np.int64)[..., np.newaxis]
    surplus_wh = energy.surplus_wh[..., np.newaxis]
    price = table.surplus_price[..., np.newaxis]
    fixed = price_units(surplus_wh * (1 - is_indexed), -price)
    worth = energy.surplus_pico_eur[..., np.newaxis] + multiply_exactly(surplus_wh, price)
    indexed = LineArrays(
        cents=-round_half_up(worth * is_indexed, PICO_EUR_PER_CENT),
        quantity=surplus_wh * is_indexed,
        price=np.zeros_like(worth),
    )
    earned = -(fixed.cents + indexed.cents)[..., 0]
    given = _limit(grid, table, earned, _value_grid_energy(table, energy, lines))
    taken_back = (earned - given)[..., np.newaxis]
    return {
        LineKind.SURPLUS: fixed,
        LineKind.INDEXED_SURPLUS: indexed,
        LineKind.COMPENSATION_LIMIT: LineArrays(taken_back, taken_back, np.ones_like(worth)),
    }


def _value_grid_energy(table: RateTable, energy: RunEnergy, lines: Lines) -> Whole:
    """Sum what compensation may reach in each run: the energy term, with tolls or without."""
    term = _sum_kinds(lines, *_ENERGY)
    tolls = price_units(energy.grid_wh, table.energy_toll).cents.sum(axis=2)
    value: Whole = term - tolls * (table.cap_has_tolls == 0)
    return value


def _limit(grid: BillingGrid, table: RateTable, earned: Whole, cap: Whole) -> Whole:
    """Tell what of each run's earnings the bill gives."""
    in_bill = grid.bill_of_segment
    last = np.append(grid.bill_starts[1:], grid.n_segments) - 1
    total = sum_bills(earned, grid.bill_starts)
    most = np.maximum(sum_bills(cap, grid.bill_starts), 0)
    is_capped = (total > most)[:, in_bill]
    is_floored = ((total < 0) & (table.surplus_may_cost[:, last] == 0))[:, in_bill]
    at_cap = np.where(is_capped & (most > 0)[:, in_bill], cap, 0)
    given: Whole = np.where(is_capped | is_floored, at_cap, earned)
    return given


def discount_social_bonus(table: RateTable, energy: RunEnergy, lines: Lines) -> Lines:
    """Take the social bonus off power and what energy is left after compensation.

    Parameters
    ----------
    table : RateTable
        Share, and the energy that it covers at most in a year.
    energy : RunEnergy
        Days and energy.
    lines : dict of LineKind to LineArrays
        Power, energy and compensation.

    Returns
    -------
    dict of LineKind to LineArrays
        The discount, and the financing that every supply pays.

    Notes
    -----
    RD 244/2019, article 14.6: compensation first. RD 897/2017: energy above the yearly limit,
    spread over days, is not discounted.
    """
    has_bonus = table.bonus_discount != 0
    power = _sum_kinds(lines, LineKind.POWER, LineKind.POWER_TOLLS, LineKind.POWER_DISCOUNT)
    left = _sum_kinds(lines, *_ENERGY, *_COMPENSATION) * has_bonus
    drawn = energy.grid_wh.sum(axis=2)
    yearly = multiply_exactly(table.bonus_wh_per_year, energy.days)
    covered = np.minimum(round_half_up(yearly, table.year_days), drawn)
    covered = np.where(table.bonus_wh_per_year == NO_LIMIT, drawn, covered)
    part = round_half_up(multiply_exactly(left, covered), np.maximum(drawn, 1))
    base = np.maximum(power + np.where(drawn > 0, part, left), 0) * has_bonus
    return {
        LineKind.SOCIAL_BONUS_DISCOUNT: take_share(base, -table.bonus_discount),
        LineKind.SOCIAL_BONUS_FINANCING: price_days(table.bonus_fee, energy.days, table.year_days),
    }


def _sum_kinds(lines: Lines, *kinds: LineKind) -> Whole:
    """Sum kinds over their parts, shape (n_rows, n_segments)."""
    total: Whole = np.sum([lines[kind].cents.sum(axis=2) for kind in kinds], axis=0)
    return total
