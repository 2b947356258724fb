"""Advice on the contract: what each of several would have cost, and which is the cheapest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.values.errors import InvalidArgumentError
from planner.billing.retail.billing_grid import BillingGrid
from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.contract import Contract, Supply
from planner.billing.retail.demand import MeteredDemand
from planner.billing.retail.energy_sums import DrawnEnergy, stack_rows
from planner.billing.retail.exact_cents import Whole


@dataclass(frozen=True, slots=True, eq=False)
class ContractComparison:
    """Bills of every row under its own contract, and under each of several others.

    Attributes
    ----------
    current_cents : ndarray of int64, shape (n_rows, n_bills)
        Under the contracts in force [cents].
    cents : ndarray of int64, shape (n_contracts, n_rows, n_bills)
        Under each of the others [cents].
    """

    current_cents: Whole
    cents: Whole

    @property
    def saved_cents(self) -> Whole:
        """What each contract saves over all bills [cents], shape (n_contracts, n_rows)."""
        saved: Whole = self.current_cents.sum(axis=1) - self.cents.sum(axis=2)
        return saved

    @property
    def cheapest(self) -> NDArray[np.intp]:
        """The contract that saves most, the first of equals, shape (n_rows,)."""
        places: NDArray[np.intp] = np.argmax(self.saved_cents, axis=0)
        return places


def compare_contracts(
    grid: BillingGrid,
    supplies: Sequence[Supply],
    drawn: DrawnEnergy,
    contracts: Sequence[Contract],
    demand: MeteredDemand | None = None,
) -> ContractComparison:
    """Bill the same energy under several contracts.

    Parameters
    ----------
    grid : BillingGrid
        Bills, their segments and the tariff periods.
    supplies : sequence of Supply, length n_rows
        As they are: power and law stay, the contract is replaced.
    drawn : DrawnEnergy
        Energy of each row, summed by every curve that a contract follows.
    contracts : sequence of Contract, length n_contracts
        At least one.
    demand : MeteredDemand, optional
        Readings beside the energy.

    Returns
    -------
    ContractComparison
        Whole bills with all taxes.

    Raises
    ------
    InvalidArgumentError
        If there is no contract to compare with.
    """
    if not contracts:
        raise InvalidArgumentError("name at least one contract to compare with")
    n_scenarios = 1 + len(contracts)
    others = [replace(supply, contracts=(held,)) for held in contracts for supply in supplies]
    totals = bill_supplies(
        grid,
        [*supplies, *others],
        stack_rows([drawn] * n_scenarios),
        None if demand is None else _repeat(demand, n_scenarios),
    ).total_cents()
    by_scenario = totals.reshape(n_scenarios, len(supplies), -1)
    return ContractComparison(current_cents=by_scenario[0], cents=by_scenario[1:])


def _repeat(demand: MeteredDemand, times: int) -> MeteredDemand:
    """Give the same readings to every scenario."""
    maximeter, squares, reactive = (
        demand.maximeter_w,
        demand.squared_excess_kw2,
        demand.reactive_varh,
    )
    return MeteredDemand(
        maximeter_w=None if maximeter is None else np.tile(maximeter, (times, 1, 1)),
        squared_excess_kw2=None if squares is None else np.tile(squares, (times, 1, 1)),
        reactive_varh=None if reactive is None else np.tile(reactive, (times, 1, 1)),
    )
