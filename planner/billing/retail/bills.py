"""Retail bills of many supplies at once, and the exact lines of one of them.

Every line is rounded once, to whole cents, and everything above it is a sum of lines: so the
arrays and the lines on paper agree to the cent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidDataError
from models.values.money import from_cents
from models.values.period import Period
from planner.billing.retail.bill_lines import (
    FORMS,
    SALES_TAXES,
    BillLine,
    LineArrays,
    LineKind,
)
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.compensation import compensate, discount_social_bonus
from planner.billing.retail.contract import Per, Supply
from planner.billing.retail.demand import MeteredDemand
from planner.billing.retail.energy_sums import DrawnEnergy
from planner.billing.retail.exact_cents import Whole
from planner.billing.retail.line_arithmetic import price_days
from planner.billing.retail.rate_table import (
    NO_LIMIT,
    SALES_TAX_NAMES,
    RateTable,
    tabulate_supplies,
)
from planner.billing.retail.run_energy import measure_runs
from planner.billing.retail.runs import sum_bills, sum_runs
from planner.billing.retail.supply_lines import (
    Lines,
    price_energy,
    price_excess,
    price_power,
    price_reactive,
)
from planner.billing.retail.tax_lines import sum_lines, tax_lines

_LONGEST_DAYS = 31
_PERS = {(1, 0): Per.DAY, (12, 1): Per.MONTH, (1, 1): Per.YEAR}


class CompensationPeriodError(InvalidDataError):
    """Surplus is compensated over more than a month.

    Attributes
    ----------
    days : int
        Days of the bill.
    """

    def __init__(self, days: int) -> None:
        super().__init__(f"a bill of {days} days compensates surplus; the law allows a month")
        self.days = days


@dataclass(frozen=True, slots=True, eq=False)
class Bills:
    """Bills of many supplies.

    Attributes
    ----------
    grid : BillingGrid
        Bills, and the segments in which their lines stand.
    table : RateTable
        The figures behind them.
    lines : mapping of LineKind to LineArrays
        Every kind that occurs.
    """

    grid: BillingGrid
    table: RateTable
    lines: Mapping[LineKind, LineArrays]

    def total_cents(self) -> Whole:
        """Give what each bill amounts to [cents], shape (n_rows, n_bills)."""
        return sum_bills(sum_lines(dict(self.lines)), self.grid.bill_starts)

    def cents_of(self, *kinds: LineKind) -> Whole:
        """Give what the lines of some kinds amount to [cents], shape (n_rows, n_bills)."""
        total = np.zeros((len(self.table.run_starts), self.grid.bill_starts.size), np.int64)
        for kind in kinds:
            if kind in self.lines:
                by_segment = self.lines[kind].cents.sum(axis=2)
                total += sum_bills(by_segment, self.grid.bill_starts)
        return total

    def find_above_bonus(self) -> NDArray[np.bool_]:
        """Tell whose energy passes the limit of its social bonus somewhere, shape (n_rows,)."""
        kinds = LineKind.ENERGY, LineKind.INDEXED_ENERGY
        drawn_wh = sum(self.lines[kind].quantity.sum(axis=2) for kind in kinds)
        each = np.broadcast_to(self.grid.days, self.table.run_starts.shape)
        days, limit = sum_runs(each, self.table.run_starts), self.table.bonus_wh_per_year
        is_above = (limit != NO_LIMIT) & (drawn_wh * self.table.year_days > limit * days)
        above: NDArray[np.bool_] = (is_above & (self.table.bonus_discount != 0)).any(axis=1)
        return above

    def list_lines(self, row: int, bill: int) -> tuple[BillLine, ...]:
        """List the lines of one bill, in their order, but those of no quantity or price."""
        segments = self.grid.bill_segments(bill)
        return tuple(
            line
            for kind in LineKind
            if kind in self.lines
            for segment in segments
            for line in self._read_lines(kind, row, segment, segments.start)
        )

    def _read_lines(self, kind: LineKind, row: int, segment: int, first: int) -> Iterator[BillLine]:
        arrays, form = self.lines[kind], FORMS[kind]
        days = self._days_of(kind, row, segment, first)
        per = None if arrays.per is None else _PERS[tuple(arrays.per[row, segment].tolist())]
        is_sales_tax = kind in SALES_TAXES
        name = SALES_TAX_NAMES[self.table.sales_tax_name[row, segment]] if is_sales_tax else None
        has_line = arrays.quantity[row, segment] != 0
        if not kind.is_tax and form.price_decimals is not None:
            has_line &= arrays.price[row, segment] != 0
        for part in np.flatnonzero(has_line).tolist():
            place = row, segment, part
            price = arrays.price.item(place) if form.price_decimals is not None else None
            yield BillLine(
                kind=kind,
                tariff_period=part + 1 if form.has_periods else None,
                days=days,
                quantity=Decimal(arrays.quantity.item(place)).scaleb(-form.decimals),
                unit=form.unit,
                unit_price=None if price is None else _scale_down(price, form.price_decimals or 0),
                price_per=per,
                year_days=self.table.year_days.item(row, segment) if per else None,
                amount_eur=from_cents(arrays.cents.item(place)),
                sales_tax=name,
            )

    def _days_of(self, kind: LineKind, row: int, segment: int, first: int) -> Period:
        """Tell the days that a line in a segment is for."""
        starts = self.table.run_starts[row]
        if kind.is_tax:
            starts = self.table.tax_starts[row]
        elif kind is LineKind.REACTIVE_ENERGY:
            starts = np.arange(starts.size) == first
        begin = int(np.flatnonzero(starts[: segment + 1])[-1])
        return Period(self.grid.segments[begin].start, self.grid.segments[segment].end)


def _scale_down(whole: int, decimals: int) -> Decimal:
    """Express a whole number of last decimals, without zeros at the end."""
    figure = Decimal(whole).scaleb(-decimals)
    return figure.quantize(Decimal(1)) if figure == int(figure) else figure.normalize()


def bill_supplies(
    grid: BillingGrid,
    supplies: Sequence[Supply],
    drawn: DrawnEnergy,
    demand: MeteredDemand | None = None,
) -> Bills:
    """Make the retail bills of many supplies.

    Parameters
    ----------
    grid : BillingGrid
        Bills, their segments and the tariff periods.
    supplies : sequence of Supply, length n_rows
        Contract, law and contracted power of each row.
    drawn : DrawnEnergy
        Energy of each row; rows may be members, scenarios, or both (``stack_rows``).
    demand : MeteredDemand, optional
        Maximeter, quarter-hours above the contracted power, reactive energy.

    Returns
    -------
    Bills
        Lines in whole cents.

    Raises
    ------
    InvalidDataError
        If rows and supplies differ in number, or a shape of the demand does not fit.
    CompensationPeriodError
        If a bill of more than 31 days compensates surplus.
    """
    _check_rows(grid, len(supplies), drawn, demand or MeteredDemand())
    table = tabulate_supplies(supplies, grid, drawn.curves)
    energy = measure_runs(grid, table, drawn)
    days = sum_bills(energy.days, grid.bill_starts)
    compensated = sum_bills(energy.surplus_wh, grid.bill_starts) > 0
    if bool((compensated & (days > _LONGEST_DAYS)).any()):
        raise CompensationPeriodError(int(days.max()))
    read = demand or MeteredDemand()
    lines: Lines = price_power(grid, table, energy, read)
    lines |= price_excess(grid, table, energy, read)
    lines |= price_energy(table, energy)
    lines |= price_reactive(grid, table, energy, read)
    lines |= compensate(grid, table, energy, lines)
    lines |= discount_social_bonus(table, energy, lines)
    given = table.fixed_discount * np.array([-1, 1, 1])
    lines[LineKind.FIXED_DISCOUNT] = price_days(given, energy.days, table.year_days)
    return Bills(grid, table, lines | tax_lines(table, energy, lines))


def _check_rows(grid: BillingGrid, n_rows: int, drawn: DrawnEnergy, demand: MeteredDemand) -> None:
    """Make sure that everything speaks of the same rows and segments."""
    n_bills, n_power = grid.bill_starts.size, grid.n_power_periods
    expected = {
        "energy": (drawn.grid_kwh, (n_rows, grid.n_segments, grid.n_periods)),
        "surplus": (drawn.surplus_kwh, (n_rows, grid.n_segments)),
        "maximeter": (demand.maximeter_w, (n_rows, n_bills, n_power)),
        "excess": (demand.squared_excess_kw2, (n_rows, grid.n_segments, n_power)),
        "reactive energy": (demand.reactive_varh, (n_rows, n_bills, grid.n_periods)),
    }
    for name, (values, shape) in expected.items():
        if values is not None and (values.shape != shape or not n_rows or values.min() < 0):
            raise InvalidDataError(f"{name} of shape {values.shape} is not {shape}, from zero up")
