"""The year that is shared: energy, prices and what the rules need to know of each member."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.coefficients.problem import Shares
from planner.coefficients.rules import Rule, share_equally, share_in_proportion

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SharingYear:
    """What the planner knows of those who share.

    Attributes
    ----------
    generation_kwh : ndarray, shape (n_steps,)
        Net generation [kWh].
    consumption_kwh : ndarray, shape (n_members, n_steps)
        Boundary meter readings [kWh].
    contracted_power_kw : ndarray, shape (n_members,)
        Contracted power [kW].
    precedence : ndarray of int, shape (n_members,)
        Order of the members' CUPS, which settles the last ties.
    month_starts : ndarray of int, shape (n_months,)
        First interval of each local month.
    current_beta : ndarray, shape (n_members,), or None
        Coefficients in force [1].
    investment_eur : ndarray, shape (n_members,), or None
        What each member paid for its part of the plant [EUR].
    prices : tuple of two ndarrays of shape (n_steps,), or None
        Price of energy and of surplus [EUR/kWh].
    """

    generation_kwh: Values
    consumption_kwh: Values
    contracted_power_kw: Values
    precedence: NDArray[np.intp]
    month_starts: NDArray[np.intp]
    current_beta: Shares | None = None
    investment_eur: Values | None = None
    prices: tuple[Values, Values] | None = None

    @property
    def n_members(self) -> int:
        """Number of those who share."""
        return len(self.consumption_kwh)

    def pick(self, rows: NDArray[np.intp]) -> "SharingYear":
        """Give the year of some of the members, in the order of the rows."""
        current, investment = self.current_beta, self.investment_eur
        return replace(
            self,
            consumption_kwh=self.consumption_kwh[rows],
            contracted_power_kw=self.contracted_power_kw[rows],
            precedence=self.precedence[rows],
            current_beta=None if current is None else current[rows],
            investment_eur=None if investment is None else investment[rows],
        )

    def share_by(self, rule: Rule) -> Shares:
        """Give the unrounded coefficients of a rule, shape (n_members,)."""
        return self.rules()[rule]

    def rules(self) -> dict[Rule, Shares]:
        """Give the unrounded coefficients of every rule that the data allows."""
        rules = {
            Rule.EQUAL: share_equally(self.n_members),
            Rule.CONTRACTED_POWER: share_in_proportion(self.contracted_power_kw),
            Rule.CONSUMPTION: share_in_proportion(self.consumption_kwh.sum(axis=1)),
        }
        if self.investment_eur is not None:
            rules[Rule.INVESTMENT] = share_in_proportion(self.investment_eur)
        if self.current_beta is not None:
            rules[Rule.CURRENT] = self.current_beta
        return rules
