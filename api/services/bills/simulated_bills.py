"""What the simulator answers of a supply point."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.services.bills.remarks import Remark
from api.services.bills.used_figures import UNSURE, UsedFigure
from api.services.energy.find_shares import CoefficientBasis
from models.tables import SupplyPoint
from models.values.period import Period
from planner.billing.retail.bill_lines import BillLine, LineKind
from planner.billing.retail.bills import Bills
from planner.billing.retail.difference import Cause, Difference
from planner.billing.retail.energy_sums import EnergySums
from planner.billing.retail.runs import sum_bills

__all__ = ["BillLine", "BillSheet", "Cause", "LineKind", "SimulatedBills"]

Energy = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BillSheet:
    """Bills of many supply points of one tariff, row by row.

    Attributes
    ----------
    without, sharing : Bills
        Without self-consumption, and with it.
    difference : Difference
        What sharing saves, by cause.
    sums : EnergySums
        The energy behind them.
    """

    without: Bills
    sharing: Bills
    difference: Difference
    sums: EnergySums


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedBills:
    """The bills of a supply point.

    Attributes
    ----------
    point : SupplyPoint
        Whose.
    contract : str
        Name of the contract.
    basis : CoefficientBasis or None
        Where the coefficients come from; None where none hold.
    figures : tuple of UsedFigure
        Every figure of law behind the bills.
    remarks : tuple of Remark
        What they suppose or leave out.
    sheet : BillSheet
        Where they stand.
    row : int
        The supply point's row there.
    """

    point: SupplyPoint
    contract: str
    basis: CoefficientBasis | None
    figures: tuple[UsedFigure, ...]
    remarks: tuple[Remark, ...]
    sheet: BillSheet
    row: int

    @property
    def unsure_figures(self) -> tuple[UsedFigure, ...]:
        """Figures that are recalled, or depend on a decision that is not known."""
        return tuple(each for each in self.figures if each.certainty in UNSURE)

    @property
    def bill_days(self) -> list[Period]:
        """Days of each bill."""
        grid = self.sheet.without.grid
        starts = [grid.segments[place].start for place in grid.bill_starts.tolist()]
        ends = [*starts[1:], grid.segments[-1].end]
        return [Period(start, end) for start, end in zip(starts, ends, strict=True)]

    @property
    def without_cents(self) -> Whole:
        """Bills without self-consumption [cents], shape (n_bills,)."""
        cents: Whole = self.sheet.without.total_cents()[self.row]
        return cents

    @property
    def sharing_cents(self) -> Whole:
        """Bills with self-consumption [cents], shape (n_bills,)."""
        cents: Whole = self.sheet.sharing.total_cents()[self.row]
        return cents

    @property
    def saved_cents(self) -> Mapping[Cause, Whole]:
        """What sharing saves on each bill by cause [cents], shape (n_bills,) each."""
        return {cause: cents[self.row] for cause, cents in self.sheet.difference.by_cause.items()}

    @property
    def energy_kwh(self) -> Mapping[str, Energy]:
        """Energy of each bill by its name, shape (n_bills,) each [kWh]."""
        sums, starts = self.sheet.sums, self.sheet.without.grid.bill_starts
        own = slice(self.row, self.row + 1)
        consumption = sum_bills(sums.consumption_kwh[own].sum(axis=2), starts)[0]
        allocated = sum_bills(sums.allocated_kwh[own], starts)[0]
        used = sum_bills(sums.self_consumed_kwh[own].sum(axis=2), starts)[0]
        return {
            "consumption_kwh": consumption,
            "allocated_kwh": allocated,
            "self_consumed_kwh": used,
            "surplus_kwh": np.maximum(allocated - used, 0.0),
            "grid_import_kwh": np.maximum(consumption - used, 0.0),
        }

    def list_lines(self, bill: int, *, sharing: bool = True) -> tuple[BillLine, ...]:
        """List the lines of a bill, with self-consumption or without."""
        bills = self.sheet.sharing if sharing else self.sheet.without
        return bills.list_lines(self.row, bill)
