"""Each member's retail bills of the planned year: without sharing, as it is, and as proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from api.services.bills.metered_demand import measure_demand
from api.services.bills.remarks import Remark
from api.services.bills.used_figures import UNSURE, UsedFigure
from api.services.proposals.retail_year import RetailGroup, RetailYear
from planner.billing.retail.bills import bill_supplies
from planner.billing.retail.energy_sums import DrawnEnergy, stack_rows, sum_shared_energy
from planner.coefficients.problem import Shares
from planner.sharing_year import SharingYear

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class YearlyBills:
    """The bills of a year by calendar month, shape (n_members, 12) each [cents].

    Attributes
    ----------
    without_cents : ndarray of int64
        Without self-consumption.
    before_cents : ndarray of int64, or None
        Under the coefficients in force; None where there are none.
    after_cents : ndarray of int64
        Under the proposed ones.
    contracts : tuple of str, length n_members
        Names of the contracts.
    are_assumed : tuple of bool, length n_members
        Whether no contract was known, so that a default one was taken.
    law_year : int or None
        Year whose law was taken; None for each day's own.
    unsure_figures : tuple of UsedFigure
        Figures of law behind them that are recalled, or depend on a decision not known.
    remarks : tuple of Remark
        What they suppose or leave out.
    are_above_bonus : tuple of bool, length n_members
        Whether more is drawn under the proposal than the yearly limit of a social bonus covers.
    """

    without_cents: Whole
    before_cents: Whole | None
    after_cents: Whole
    contracts: tuple[str, ...]
    are_assumed: tuple[bool, ...]
    law_year: int | None
    unsure_figures: tuple[UsedFigure, ...]
    remarks: tuple[Remark, ...]
    are_above_bonus: tuple[bool, ...] = ()

    def scenarios(self) -> dict[str, Whole]:
        """Give what there is by name: ``without``, ``before`` and ``after`` [cents]."""
        known = {"without": self.without_cents, "after": self.after_cents}
        return known if self.before_cents is None else known | {"before": self.before_cents}


def bill_year(*, retail: RetailYear, year: SharingYear, proposed: Shares) -> YearlyBills:
    """Bill everybody's year without sharing, as it is, and as proposed.

    Parameters
    ----------
    retail : RetailYear
        Contracts and law of those who share.
    year : SharingYear
        Their energy, and the coefficients in force if there are any.
    proposed : ndarray, shape (n_members,) or (n_members, n_steps)
        Coefficients [1].

    Returns
    -------
    YearlyBills
        Exact, as ``simulate_bills`` makes them.

    Raises
    ------
    CommunityError
        If a bill cannot be made; see ``bill_supplies``.
    """
    scenarios = {"after": proposed}
    if year.current_beta is not None:
        scenarios["before"] = year.current_beta
    n_bills = retail.groups[0].grid.bill_starts.size
    shape = (retail.n_members, n_bills)
    cents = {name: np.zeros(shape, np.int64) for name in ("without", *scenarios)}
    above_bonus = np.zeros(retail.n_members, np.bool_)
    for group in retail.groups:
        billed, above_bonus[group.rows] = _bill_group(group, retail, year, scenarios)
        for name, of_group in billed.items():
            cents[name][group.rows] = of_group
    points = retail.points
    figures = dict.fromkeys(figure for point in points for figure in point.terms.figures)
    remarks = {remark for point in points for remark in point.remarks}
    return YearlyBills(
        without_cents=cents["without"],
        before_cents=cents.get("before"),
        after_cents=cents["after"],
        contracts=tuple(point.contract for point in points),
        are_assumed=tuple(Remark.DEFAULT_CONTRACT in point.remarks for point in points),
        law_year=retail.question.choice.year,
        unsure_figures=tuple(each for each in figures if each.certainty in UNSURE),
        remarks=tuple(remark for remark in Remark if remark in remarks),
        are_above_bonus=tuple(above_bonus.tolist()),
    )


def join_bills(parts: Sequence[YearlyBills]) -> YearlyBills:
    """Put the bills of several plants' members one after the other.

    Parameters
    ----------
    parts : sequence of YearlyBills
        At least one, of the same year and law.

    Returns
    -------
    YearlyBills
        Of all members; before only where every plant has coefficients in force.
    """
    before = [part.before_cents for part in parts if part.before_cents is not None]
    remarks = {remark for part in parts for remark in part.remarks}
    figures = dict.fromkeys(figure for part in parts for figure in part.unsure_figures)
    return YearlyBills(
        without_cents=np.concatenate([part.without_cents for part in parts]),
        before_cents=np.concatenate(before) if len(before) == len(parts) else None,
        after_cents=np.concatenate([part.after_cents for part in parts]),
        contracts=tuple(chain.from_iterable(part.contracts for part in parts)),
        are_assumed=tuple(chain.from_iterable(part.are_assumed for part in parts)),
        law_year=parts[0].law_year,
        unsure_figures=tuple(figures),
        remarks=tuple(remark for remark in Remark if remark in remarks),
        are_above_bonus=tuple(chain.from_iterable(part.are_above_bonus for part in parts)),
    )


def _bill_group(
    group: RetailGroup, retail: RetailYear, year: SharingYear, scenarios: dict[str, Shares]
) -> tuple[dict[str, Whole], NDArray[np.bool_]]:
    """Bill the members of one tariff in all scenarios at once; tell who passes its bonus."""
    consumption_kwh = year.consumption_kwh[group.rows]
    contracted_kw = [point.facts.contracted_kw for point in group.points]
    demand = measure_demand(group.grid, consumption_kwh, retail.step, contracted_kw)
    drawn: dict[str, DrawnEnergy] = {}
    for name, beta in scenarios.items():
        sums = sum_shared_energy(
            group.grid, beta[group.rows], year.generation_kwh, consumption_kwh, group.curves
        )
        drawn[name] = sums.with_sharing()
        drawn["without"] = sums.without_sharing()
    n_scenarios = len(drawn)
    bills = bill_supplies(
        group.grid,
        group.supplies * n_scenarios,
        stack_rows(list(drawn.values())),
        demand and demand.repeat(n_scenarios),
    )
    cents = bills.total_cents().reshape(n_scenarios, group.rows.size, -1)
    above = bills.find_above_bonus().reshape(n_scenarios, -1)
    return dict(zip(drawn, cents, strict=True)), above[list(drawn).index("after")]
